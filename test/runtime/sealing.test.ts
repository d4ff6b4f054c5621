import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyring, freshKey, SealError } from '../../runtime/sealing.ts';

const [first, second] = [randomBytes(32), randomBytes(32)];

it('opens what it sealed, and seals the same text differently each time', () => {
  const ring = createKeyring([first]);
  const plain = Buffer.from('Grüße 🚀');
  expect(ring.open(ring.seal(plain))).toEqual(plain);
  expect(ring.seal(plain)).not.toBe(ring.seal(plain));
  expect(ring.open(ring.seal(Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
});

it('opens with a former key and seals with the present one', () => {
  const sealed = createKeyring([first]).seal(Buffer.from('x'));
  const ring = createKeyring([second, first]);
  expect(ring.open(sealed).toString()).toBe('x');
  expect(
    createKeyring([second])
      .open(ring.seal(Buffer.from('y')))
      .toString(),
  ).toBe('y');
});

it('names the key that is missing, and nothing of the content', () => {
  const sealed = createKeyring([first]).seal(Buffer.from('x'));
  const [id] = sealed.split('.');
  expect(() => createKeyring([second]).open(sealed)).toThrow(
    new SealError(
      `the key ${id} is not known: give it in FREEHOLD_FORMER_SECRET_KEYS until all is sealed anew`,
    ),
  );
});

it('refuses what was changed, byte by byte', () => {
  const ring = createKeyring([first]);
  const sealed = ring.seal(Buffer.from('secret'));
  const [id, content = ''] = sealed.split('.');
  const bytes = Buffer.from(content, 'base64url');
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] as number) ^ 1;
    expect(() => ring.open(`${id}.${changed.toString('base64url')}`)).toThrow(SealError);
  }
  for (const wrong of ['', id, `${id}.`, `${id}.AAAA`])
    expect(() => ring.open(wrong as string)).toThrow(SealError);
});

it('cannot seal without a key', () => {
  expect(() => createKeyring([]).seal(Buffer.from('x'))).toThrow(/FREEHOLD_SECRET_KEY/);
});

it('makes a new key each time', () => {
  const ring = createKeyring([first]);
  const keys = Array.from({ length: 3 }, () => freshKey(ring));
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}\.[\w-]{38,}\.[A-Za-z0-9+/]{43}=$/);
  const seeds = keys.map((key) => ring.open(key.split('.').slice(0, 2).join('.')).toString('hex'));
  expect(new Set(seeds).size).toBe(3);
  expect(seeds.every((seed) => seed.length === 64)).toBe(true);
});
