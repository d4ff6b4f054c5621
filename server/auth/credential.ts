import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * What came with a request, reduced to what the database knows of it: the secret itself goes no further than
 * here.
 */
export interface Credential {
  readonly kind: 'api_key' | 'session';
  /** SHA-256 of the raw secret. */
  readonly hash: Buffer;
}

/** Takes a credential out of the headers. `undefined`: none of this reader's sort; it may be another's. */
export type CredentialReader = (headers: IncomingHttpHeaders) => Credential | undefined;

// The one-shot form: a third of createHash's time for such short texts.
const sha256 = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const bearer = /^Bearer +(fh_(?:test|live)_[0-9A-Za-z_-]{1,200})$/i;

/** `Authorization: Bearer fh_test_…` or `fh_live_…`. */
export const readApiKey: CredentialReader = ({ authorization }) => {
  const key = authorization && bearer.exec(authorization)?.[1];
  return key ? { kind: 'api_key', hash: sha256(key) } : undefined;
};

/** The name of the session cookie; with its prefix a browser sends it only over TLS and only to this host. */
export const sessionCookie = (production: boolean): string =>
  production ? '__Host-freehold_session' : 'freehold_session';

/** An opaque session cookie. */
export function sessionReader(cookieName: string): CredentialReader {
  const pattern = new RegExp(`(?:^|; *)${cookieName}=([0-9A-Za-z_.~-]{16,200})(?:;|$)`);
  return ({ cookie }) => {
    const token = cookie && pattern.exec(cookie)?.[1];
    return token ? { kind: 'session', hash: sha256(token) } : undefined;
  };
}
