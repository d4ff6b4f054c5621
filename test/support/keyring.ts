import { createHash } from 'node:crypto';
import { createKeyring, freshKey } from '../../runtime/sealing.ts';
import { plant } from './leaks.ts';

/** FREEHOLD_SECRET_KEY of every process that a test starts. */
export const secretKey = createHash('sha256').update('the key of tests').digest();

plant(secretKey.toString('base64'), 'FREEHOLD_SECRET_KEY');

export const keyring = createKeyring([secretKey]);

/** The argument signing_key, as the server makes it for each call. */
export const newSigningKey = (): string => freshKey(keyring);

/** What the API shows of a secret: `whsec_` and base64. */
export const shownSecret = (sealed: string): string =>
  `whsec_${plant(keyring.open(sealed).toString('base64'), 'a signing key')}`;
