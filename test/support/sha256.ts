import { createHash } from 'node:crypto';

/** What the database keeps of a secret. */
export const sha256 = (secret: string): Buffer => createHash('sha256').update(secret).digest();
