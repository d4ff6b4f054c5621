import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** A JSON Schema of the catalogue. */
export type Schema = Record<string, unknown>;

/** What is wrong with a value, in words; empty when nothing is. */
export type Validator = (value: unknown) => string[];

/** Strict: a schema with a keyword or a format that would pass unseen is refused. */
const ajv = new Ajv2020({ strict: true, strictRequired: true, allErrors: true });
formats.default(ajv);

// By text: the types of an entity have one schema, and each compilation takes 3 ms.
const compiled = new Map<string, Validator>();

/** @throws when the schema itself is wrong */
export function validatorOf(schema: Schema): Validator {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known) return known;
  const validator = wordsOf(ajv.compile(schema));
  compiled.set(text, validator);
  return validator;
}

/** For the data of an event: all that the schema says, and no field that it does not tell of. */
export function dataValidator(schema: Schema): Validator {
  return validatorOf({ ...schema, additionalProperties: false });
}

/** For the former values of an event: some of its fields, each as the schema says. */
export function previousValidator(schema: Schema): Validator {
  return validatorOf({ ...schema, required: [], additionalProperties: false });
}

function wordsOf(validate: ValidateFunction): Validator {
  return (value) => {
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const more = params.additionalProperty ?? params.allowedValues;
      return [instancePath || '/', message, more].filter(Boolean).join(' ');
    });
  };
}
