import { createHmac, createSecretKey, type KeyObject, sign as signWith } from 'node:crypto';
import { ed25519PrivateKey, type Keyring } from '../../runtime/sealing.ts';

/** A signing key, opened. */
export type SigningKey = { scheme: 'v1'; secretKey: KeyObject } | { scheme: 'v1a'; privateKey: KeyObject };

/**
 * Standard Webhooks 1.0, "Signature scheme", over `id.timestamp.body`: v1 is HMAC-SHA256, v1a is ed25519, both in base64.
 * @param timestamp of the attempt, in seconds
 * @param body the very text that is sent
 */
export function sign(key: SigningKey, id: string, timestamp: number, body: string): string {
  const content = `${id}.${timestamp}.${body}`;
  return key.scheme === 'v1'
    ? `v1,${createHmac('sha256', key.secretKey).update(content).digest('base64')}`
    : `v1a,${signWith(null, Buffer.from(content), key.privateKey).toString('base64')}`;
}

/**
 * The headers that a receiver verifies. `id` is the same on every attempt, `timestamp` the attempt's own. One signature for each key:
 * while keys are rotated, a receiver that knows any one of them can verify.
 */
export function signedHeaders(
  keys: readonly SigningKey[],
  id: string,
  timestamp: number,
  body: string,
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': keys.map((key) => sign(key, id, timestamp, body)).join(' '),
  };
}

/** @param seed the 32 bytes of the key */
export function signingKey(scheme: string, seed: Buffer): SigningKey {
  return scheme === 'v1a'
    ? { scheme, privateKey: ed25519PrivateKey(seed) }
    : { scheme: 'v1', secretKey: createSecretKey(seed) };
}

/** Keys and header values that were opened: each is sealed once and used for thousands of messages. */
const maximumOpened = 10_000;

export interface Opener {
  /** @throws SealError */
  key(schemeAndSealed: string): SigningKey;
  /** @throws SealError */
  header(nameAndSealed: string): [name: string, value: string];
}

/** Opens what platform.load_deliveries returns, and remembers it: by the sealed text, so that a new key is a new entry. */
export function createOpener(keyring: Keyring): Opener {
  const remember = <T>(open: (label: string, plain: Buffer) => T) => {
    const opened = new Map<string, T>();
    return (text: string): T => {
      const known = opened.get(text);
      if (known !== undefined) return known;
      const space = text.indexOf(' ');
      const value = open(text.slice(0, space), keyring.open(text.slice(space + 1)));
      if (opened.size >= maximumOpened) opened.delete(opened.keys().next().value as string);
      opened.set(text, value);
      return value;
    };
  };
  return {
    key: remember(signingKey),
    header: remember((name, plain) => [name, plain.toString('utf8')] as [string, string]),
  };
}
