import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/**
 * Encryption of what must be read back: the keys that sign webhooks, header values that owners give. AES-256-GCM (NIST SP 800-38D) with a
 * random nonce of 96 bits under a key of the configuration; PostgreSQL stores the result and cannot open it.
 *
 * A sealed text is `<key id>.<base64url of nonce, tag and ciphertext>`. The key id says which key opens it, so that keys can be changed:
 * the first key of the ring seals, all of them open.
 */
export interface Keyring {
  /** Of the key that seals; undefined when there is none. */
  keyId: string | undefined;
  /** @returns a sealed text, another one each time */
  seal(plain: Buffer): string;
  /** @throws SealError when no key of the ring opens it, or it was changed */
  open(sealed: string): Buffer;
  /** Keys of 32 bytes for another purpose, one for each of the ring: the first signs, all of them verify. */
  derive(purpose: string): readonly Buffer[];
}

/** A sealed text cannot be opened. The message names the key id and nothing of the content. */
export class SealError extends Error {
  override name = 'SealError';
}

const nonceBytes = 12;
const tagBytes = 16;

/** @param keys of 32 bytes each; the first one seals. With none, sealing fails: a process that was started without. */
export function createKeyring(keys: readonly Buffer[]): Keyring {
  const ring = new Map(keys.map((key) => [keyId(key), key]));
  const [current] = ring;
  return {
    keyId: current?.[0],
    seal(plain) {
      if (!current) throw new SealError('there is no key to seal with: FREEHOLD_SECRET_KEY is not set');
      const [id, key] = current;
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return `${id}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
    derive: (purpose) => keys.map((key) => createHmac('sha256', key).update(`freehold ${purpose}`).digest()),
    open(sealed) {
      const [id = '', content = ''] = sealed.split('.');
      const key = ring.get(id);
      if (!key) {
        throw new SealError(
          `the key ${id} is not known: give it in FREEHOLD_FORMER_SECRET_KEYS until all is sealed anew`,
        );
      }
      const bytes = Buffer.from(content, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
      } catch {
        throw new SealError(`what was sealed with key ${id} was changed`);
      }
    },
  };
}

/** Names a key without telling of it. */
function keyId(key: Buffer): string {
  return createHash('sha256').update('freehold key id').update(key).digest('hex').slice(0, 8);
}

/** The prefix of a DER PKCS #8 ed25519 private key (RFC 8410), before its 32 bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An ed25519 private key (RFC 8032) of its 32 bytes. */
export function ed25519PrivateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes of the public key. */
export function ed25519PublicKey(seed: Buffer): Buffer {
  const der = createPublicKey(ed25519PrivateKey(seed)).export({ format: 'der', type: 'spki' });
  return der.subarray(der.length - 32);
}

/**
 * A new signing key as platform.fresh_key: 32 random bytes, sealed, and after a second dot the public key that they have as an ed25519 key.
 * The same bytes serve either scheme; whoever stores them says which.
 */
export function freshKey(keyring: Keyring): string {
  const seed = randomBytes(32);
  return `${keyring.seal(seed)}.${ed25519PublicKey(seed).toString('base64')}`;
}
