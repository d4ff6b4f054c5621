import { createHash, randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const last = { time: 0, random: 0n };

/** A new id such as `user_01J…`: a ULID, and each is greater than the one before, also within a millisecond. */
export function newId(prefix: string): string {
  const time = Math.max(Date.now(), last.time);
  // 79 of the 80 bits are drawn, so that counting up never overflows.
  const random = time === last.time ? last.random + 1n : BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
  Object.assign(last, { time, random });
  return `${prefix}_${base32(BigInt(time), 10)}${base32(random, 16)}`;
}

function base32(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest >>= 5n) text = alphabet[Number(rest & 31n)] + text;
  return text;
}

/** A secret that nobody guesses: 256 bits, for codes and tokens. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** How a secret is kept, so that the file of the state is not a list of them. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
