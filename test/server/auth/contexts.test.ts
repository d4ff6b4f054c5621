import { describe, expect, it } from 'vitest';
import { Contexts } from '../../../server/auth/contexts.ts';
import { type Credential, readApiKey, sessionReader } from '../../../server/auth/credential.ts';
import { RefusedError } from '../../../server/auth/refused.ts';
import type { Context } from '../../../server/database/context.ts';
import { newApiKey } from '../../support/api-key.ts';

const credential = (name: string): Credential => ({ kind: 'api_key', hash: Buffer.from(name) });
const facts = { ip: '127.0.0.1' };

function setUp(options: { limit?: number; lifeMs?: number } = {}) {
  let now = 0;
  const asked: string[] = [];
  const failures: Error[] = [];
  const contexts = new Contexts({
    now: () => now,
    ...(options.limit !== undefined && { limit: options.limit }),
    async resolve({ hash }) {
      asked.push(hash.toString());
      const failure = failures.shift();
      if (failure) throw failure;
      return {
        claims: `${hash} ${asked.length}`,
        expiresAt: new Date(now + (options.lifeMs ?? 60_000)),
      } as Context;
    },
  });
  return { contexts, asked, failures, pass: (ms: number) => (now += ms) };
}

describe('contexts', () => {
  it('are asked for once by requests that arrive together', async () => {
    const { contexts, asked } = setUp();
    const got = await Promise.all(Array.from({ length: 50 }, () => contexts.get(credential('a'), facts)));
    expect(new Set(got).size).toBe(1);
    expect(asked).toEqual(['a']);
  });

  it('are kept until a second before they expire', async () => {
    const { contexts, asked, pass } = setUp();
    await contexts.get(credential('a'), facts);
    pass(58_999);
    await contexts.get(credential('a'), facts);
    expect(asked).toHaveLength(1);
    pass(2);
    await contexts.get(credential('a'), facts);
    expect(asked).toHaveLength(2);
  });

  it('differ by address: an allow-list may say no to one of them', async () => {
    const { contexts, asked } = setUp();
    await contexts.get(credential('a'), facts);
    await contexts.get(credential('a'), { ip: '192.0.2.1' });
    expect(asked).toHaveLength(2);
  });

  it('that were refused are asked for again at the next request', async () => {
    const { contexts, asked, failures } = setUp();
    failures.push(new Error('refused'));
    await expect(contexts.get(credential('a'), facts)).rejects.toThrow('refused');
    await contexts.get(credential('a'), facts);
    expect(asked).toHaveLength(2);
  });

  it('are renewed once for all who held the refused one', async () => {
    const { contexts, asked } = setUp();
    const old = await contexts.get(credential('a'), facts);
    const renewed = await Promise.all(
      Array.from({ length: 20 }, () => contexts.renew(credential('a'), facts, old)),
    );
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(old);
    expect(asked).toHaveLength(2);
    expect(await contexts.renew(credential('a'), facts, old)).toBe(renewed[0]);
    expect(asked).toHaveLength(2);
  });

  it('are bounded in number; the least recently used goes first', async () => {
    const { contexts, asked } = setUp({ limit: 2 });
    await contexts.get(credential('a'), facts);
    await contexts.get(credential('b'), facts);
    await contexts.get(credential('a'), facts);
    await contexts.get(credential('c'), facts);
    await contexts.get(credential('a'), facts);
    expect(asked).toEqual(['a', 'b', 'c']);
    await contexts.get(credential('b'), facts);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});

describe('credentials', () => {
  it('are reduced to their hash', () => {
    const found = readApiKey({ authorization: `Bearer ${newApiKey('live')}` });
    expect(found?.hash.toString('hex')).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(found)).not.toContain('fh_live');
  });

  it.each([
    '',
    'Bearer',
    'Bearer fh_prod_x',
    'Bearer fh_test_',
    `Bearer fh_test_${'x'.repeat(300)}`,
    'bearer fh_test_a b',
    'fh_test_a',
  ])('are not found in "%s"', (authorization) => {
    expect(readApiKey({ authorization })).toBeUndefined();
  });

  it.each([
    newApiKey().replace('_test_', '_live_'),
    newApiKey().slice(0, -1),
    `${newApiKey()}0`,
    `fh_test_${'x'.repeat(54)}`,
    'fh_live_abc123',
  ])('are refused before anybody is asked when the checksum is wrong: %s', (key) => {
    expect(() => readApiKey({ authorization: `Bearer ${key}` })).toThrow(RefusedError);
  });

  it('are found in a cookie among others, by its whole name', () => {
    const read = sessionReader('freehold_session');
    const token = 'a'.repeat(64);
    expect(read({ cookie: `x=1; freehold_session=${token}; y=2` })?.kind).toBe('session');
    expect(read({ cookie: `not_freehold_session=${token}` })).toBeUndefined();
    expect(() => read({ cookie: 'freehold_session=short' })).toThrow(RefusedError);
  });
});
