import { hash } from 'node:crypto';
import type { Request, Response } from 'express';

/**
 * Sends the answer to a GET so that its client may keep it, and must ask before it uses it again. No `max-age`: what a caller may see can end with any
 * statement, and a kept answer would outlive that; asking again costs the query and saves the way. `private` and `Vary` keep shared
 * caches from giving it to somebody else.
 */
export function sendCached(request: Request, response: Response, text: string, isKept: boolean): void {
  response.setHeader('vary', 'Accept, Authorization, Cookie');
  // A page that takes the address for a script or an image is given neither.
  response.setHeader('x-content-type-options', 'nosniff');
  if (isKept) {
    const tag = `"${hash('sha256', text, 'base64url')}"`;
    response.setHeader('cache-control', 'private, no-cache');
    response.setHeader('etag', tag);
    if (names(request.headers['if-none-match'], tag)) {
      response.statusCode = 304;
      response.removeHeader('content-type');
      response.end();
      return;
    }
  } else {
    response.setHeader('cache-control', 'no-store');
  }
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

/** Whether If-None-Match names the answer. Compared weakly: proxies that compress make tags weak (RFC 9110, section 13.1.2). */
function names(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((given) => given.trim().replace(/^W\//, '') === tag);
}
