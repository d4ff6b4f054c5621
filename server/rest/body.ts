import type { Request } from 'express';
import { readBody } from '../http/body.ts';
import type { Operation } from './operations.ts';
import { type Problem, ProblemError } from './problem.ts';
import { invalidBody, type Validate } from './validate.ts';

/** Bytes of a body at most. */
const maximumBody = 100_000;

const json = /^application\/(json|merge-patch\+json)\s*(;|$)/i;

const unsupported: Problem = {
  code: 'unsupported_media_type',
  status: 415,
  message: 'The body must be application/json.',
  remedy: 'Send JSON, with Content-Type: application/json.',
};

export interface Body {
  /** As it came: what the fingerprint of an idempotency key is of. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Reads and checks the body of an operation. Of one that takes none, nothing but an empty object may come.
 * @throws ProblemError with all that is wrong
 */
export async function readJsonBody(
  request: Request,
  operation: Operation,
  validate: Validate,
): Promise<Body> {
  const text = await new Promise<string>((resolve, reject) => {
    readBody(request, maximumBody, (tooLarge, read) =>
      tooLarge ? reject(new ProblemError(tooLarge)) : resolve(read),
    );
  });
  const { 'content-type': type } = request.headers;
  if (text !== '' && !json.test(type ?? '')) throw new ProblemError(unsupported);
  if (text === '' && !operation.body) return { text, value: undefined };
  const value = parse(text);
  const errors = validate(value);
  if (errors.length > 0) throw new ProblemError(invalidBody(errors));
  return { text, value: value as Body['value'] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError({
      code: 'invalid_json',
      status: 400,
      message: text === '' ? 'The body is missing.' : 'The body is not JSON.',
      remedy: 'Send a JSON object (RFC 8259).',
    });
  }
}
