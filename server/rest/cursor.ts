import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Bytes of the signature in a cursor: 128 bits of an HMAC (NIST SP 800-107, section 5.3.3). */
const signatureBytes = 16;

/**
 * Cursors are places in a list: the values of its order in the last row that was shown. They are opaque and signed, for this tenant and this list with
 * these filters in this order: a cursor that was changed, or is of another list, would skip rows without a word.
 */
export interface Cursors {
  sign(scope: string, values: readonly (string | null)[]): string;
  /** The values of a cursor; undefined for one that was not given for this scope. */
  open(scope: string, cursor: string): readonly (string | null)[] | undefined;
}

/** @param secrets the first one signs, all of them verify */
export function createCursors(secrets: readonly Buffer[]): Cursors {
  const keys = secrets.map((secret) => createSecretKey(secret));
  const signatureOf = (key: KeyObject, scope: string, content: Buffer): Buffer =>
    createHmac('sha256', key).update(scope).update('\0').update(content).digest().subarray(0, signatureBytes);
  return {
    sign(scope, values) {
      const [key] = keys;
      if (!key) throw new Error('there is no key to sign cursors with');
      const content = Buffer.from(JSON.stringify(values));
      return Buffer.concat([signatureOf(key, scope, content), content]).toString('base64url');
    },
    open(scope, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= signatureBytes) return undefined;
      const content = bytes.subarray(signatureBytes);
      const given = bytes.subarray(0, signatureBytes);
      return keys.some((key) => timingSafeEqual(given, signatureOf(key, scope, content)))
        ? (JSON.parse(content.toString()) as (string | null)[])
        : undefined;
    },
  };
}
