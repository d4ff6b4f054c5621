import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonSchema } from './contract.ts';
import type { Problem, ProblemDetail } from './problem.ts';

/** Mistakes of one body that are told at most. */
const maximumErrors = 20;

// The schemas are the database's own: holding the first one against the meta-schema took 100 ms.
const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true, validateSchema: false });
addFormats.default(ajv);
// Bounds of the integers say the same, with a better message.
ajv.addFormat('int32', true);
ajv.addFormat('int64', true);

/** What is wrong with a value, each with the place: a JSON pointer (RFC 6901). Empty when nothing is. */
export type Validate = (value: unknown) => readonly ProblemDetail[];

/** Compiles a schema once, for many values. */
export function validatorOf(schema: JsonSchema): Validate {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    // Compiling all of them takes a second at start, which few of them are worth.
    compiled ??= ajv.compile(schema);
    if (compiled(value)) return [];
    return (compiled.errors ?? []).slice(0, maximumErrors).map(detailOf);
  };
}

function detailOf({ instancePath, keyword, params, message }: ErrorObject): ProblemDetail {
  switch (keyword) {
    case 'required':
      return {
        pointer: `${instancePath}/${escaped(params.missingProperty)}`,
        code: 'required',
        detail: 'is missing',
      };
    case 'additionalProperties':
      return {
        pointer: `${instancePath}/${escaped(params.additionalProperty)}`,
        code: 'unknown_field',
        detail: 'is not known here',
      };
    case 'enum':
      return {
        pointer: instancePath,
        code: keyword,
        detail: `is none of ${params.allowedValues.join(', ')}`,
      };
    default:
      return { pointer: instancePath, code: keyword, detail: message ?? 'is not acceptable' };
  }
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** A body that is well formed and says what cannot be. */
export const invalidBody = (errors: readonly ProblemDetail[]): Problem => ({
  code: 'invalid_body',
  status: 422,
  message: 'The body is not acceptable.',
  remedy: 'Correct what errors points at.',
  errors,
});
