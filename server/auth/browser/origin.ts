import type { IncomingMessage } from 'node:http';
import type { PublicError } from '../../errors/public-error.ts';

/**
 * Whether a request that changes something comes from a page of ours. A browser sends its cookie with requests that other sites make too: SameSite=Lax
 * keeps it from most, and this from those of sibling hosts. `Sec-Fetch-Site` and `Origin` cannot be set by a page; a request with neither is no browser's.
 * @param origins of our frontends, such as https://app.example.com
 */
export function isOwnPage(
  { headers }: Pick<IncomingMessage, 'headers'>,
  origins: readonly string[],
): boolean {
  if (headers['sec-fetch-site'] === 'same-origin') return true;
  return headers.origin !== undefined && origins.includes(headers.origin);
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
export const isSafe = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

export const crossOrigin: PublicError = {
  code: 'cross_origin',
  status: 403,
  message: 'With a session cookie, changes are accepted from pages of this application alone.',
  remedy: 'Add the origin of your frontend to APP_ORIGINS, or send an API key or an access token.',
};

/**
 * Where a browser may be sent after a sign-in: a path here, or a page of one of our origins. Read as a browser would, for which //evil.example and
 * /\evil.example are other hosts.
 * @param publicUrl what a path is relative to
 * @returns the whole URL; undefined for everywhere else
 */
export function allowedReturn(
  value: string,
  publicUrl: string,
  origins: readonly string[],
): string | undefined {
  if (value.length > 500 || !URL.canParse(value, `${publicUrl}/`)) return undefined;
  const url = new URL(value, `${publicUrl}/`);
  // Its origin is null for other schemes (javascript:, data:); a user name would be shown to the reader as the host.
  return origins.includes(url.origin) && url.username === '' && url.password === '' ? url.href : undefined;
}
