/**
 * A reason to stop before the work has begun: what is wrong, in one line, and what to do about it.
 * `code` is stable, for tests and for supervisors; the message is for people.
 */
export class Failure extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(`${reason} ${remedy}`.replace(/\s*\n\s*/g, ' '), options);
    this.name = 'Failure';
    this.code = code;
    this.remedy = remedy;
  }
}

/** The one line that a person should read, whatever was thrown. */
export function explain(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(explain).join('; ');
  }
  return error instanceof Error ? error.message.split('\n')[0] || error.name : String(error);
}
