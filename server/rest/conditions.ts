import type { IncomingHttpHeaders } from 'node:http';
import { type Problem, ProblemError } from './problem.ts';

/** The entity tag of a version (RFC 9110, section 8.8.3). */
export const etagOf = (version: unknown): string => `"${String(version)}"`;

/** Whether a client has this already (RFC 9110, section 13.1.2): weak or strong is the same there. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === etag);
}

const tagsOf = (list: string): string[] => list.match(/(?:W\/)?"[^"]*"/g) ?? [];

/**
 * The version that If-Match expects (RFC 9110, section 13.1.1); undefined for any.
 * @throws ProblemError 428 where one is required and none came, 412 for what can be no version of ours
 */
export function expectedVersionOf(
  { 'if-match': given }: IncomingHttpHeaders,
  required: boolean,
): string | undefined {
  if (given === undefined) {
    if (required) throw new ProblemError(preconditionRequired);
    return undefined;
  }
  if (given.trim() === '*') return undefined;
  const tags = tagsOf(given);
  const [, version] = /^"(\d{1,9})"$/.exec(tags[0] ?? '') ?? [];
  // Of several, one would have to match: a resource has one version, and a client one that it read.
  if (tags.length !== 1 || version === undefined) throw new ProblemError(preconditionFailed());
  return version;
}

const preconditionRequired: Problem = {
  code: 'precondition_required',
  status: 428,
  message: 'This is changed only in the version that you have read.',
  remedy: 'Send its ETag as If-Match.',
};

/** The resource has another version than If-Match says. */
export const preconditionFailed = (detail?: string): Problem => ({
  code: 'precondition_failed',
  status: 412,
  message: 'The resource was changed by somebody else.',
  ...(detail && { detail }),
  remedy: 'Read it again, and repeat with its present ETag as If-Match.',
});
