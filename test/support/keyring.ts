import { createHash } from 'node:crypto';
import { createKeyring, freshKey } from '../../runtime/sealing.ts';

/** FREEHOLD_SECRET_KEY of every process that a test starts. */
export const secretKey = createHash('sha256').update('the key of tests').digest();

export const keyring = createKeyring([secretKey]);

/** The argument signing_key, as the server makes it for each call. */
export const newSigningKey = (): string => freshKey(keyring);

/** What the API shows of a secret: `whsec_` and base64. */
export const shownSecret = (sealed: string): string => `whsec_${keyring.open(sealed).toString('base64')}`;
