import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RefusedError } from './refused.ts';

/**
 * What came with a request, reduced to what the database knows of it. A secret goes no further than here; a token does, because its issuer's key
 * verifies it (token.ts).
 */
export type Credential = {
  /** SHA-256 of the raw secret or token. */
  readonly hash: Buffer;
} & ({ readonly kind: 'api_key' | 'session' } | { readonly kind: 'token'; readonly token: string });

/** Takes a credential out of the headers. `undefined`: none of this reader's sort; it may be another's. Throws RefusedError for one that cannot be good. */
export type CredentialReader = (headers: IncomingHttpHeaders) => Credential | undefined;

// The one-shot form: a third of createHash's time for such short texts.
export const sha256 = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const bearer = /^Bearer +(fh_(?:test|live)_[0-9A-Za-z_-]{1,200})$/i;

/** As app.create_api_key() makes them: 48 hexadecimal digits, and 6 more that begin the SHA-256 of all before. */
const wholeKey = /^(fh_(?:test|live)_[0-9a-f]{48})([0-9a-f]{6})$/;

/**
 * `Authorization: Bearer fh_test_…` or `fh_live_…`.
 * @throws RefusedError for a key that was mistyped or made up, which the database is not asked about
 */
export const readApiKey: CredentialReader = ({ authorization }) => {
  const key = authorization && bearer.exec(authorization)?.[1];
  if (!key) return undefined;
  const [, body = '', checksum] = wholeKey.exec(key) ?? [];
  if (checksum !== hash('sha256', body).slice(0, 6)) {
    throw new RefusedError('ZF001', {
      cause: new Error('the checksum of the API key is wrong: it was mistyped or made up'),
    });
  }
  return { kind: 'api_key', hash: sha256(key) };
};

/** Three parts in base64url, the form of every signed token (RFC 7515, section 7.1). Longer ones than these are no access tokens. */
const signedToken = /^Bearer +([0-9A-Za-z_-]{1,4000}\.[0-9A-Za-z_-]{1,12000}\.[0-9A-Za-z_-]{0,2000})$/i;

/** `Authorization: Bearer` and an access token of one of the configured issuers. */
export const readToken: CredentialReader = ({ authorization }) => {
  const token = authorization && signedToken.exec(authorization)?.[1];
  return token ? { kind: 'token', hash: sha256(token), token } : undefined;
};

/** The name of the session cookie; with its prefix a browser sends it only over TLS and only to this host. */
export const sessionCookie = (production: boolean): string =>
  production ? '__Host-freehold_session' : 'freehold_session';

/** The first cookie of this name. Undefined when there is none. */
export function readCookie({ cookie }: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** 32 bytes in base64url are 43 characters; those of the development data are longer. */
const sessionToken = /^[0-9A-Za-z_-]{36,200}$/;

/** Whether it has the form of a session cookie: the database is asked of no other. */
export const isSessionToken = (text: string): boolean => sessionToken.test(text);

/**
 * An opaque session cookie.
 * @throws RefusedError for a cookie that was never one of ours, which the database is not asked about
 */
export function sessionReader(cookieName: string): CredentialReader {
  return (headers) => {
    const token = readCookie(headers, cookieName);
    if (!token) return undefined;
    if (!isSessionToken(token))
      throw new RefusedError('ZF001', { cause: new Error('the session cookie has not the form of one') });
    return { kind: 'session', hash: sha256(token) };
  };
}
