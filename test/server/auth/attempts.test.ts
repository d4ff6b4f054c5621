import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAttempts, TooManyAttemptsError } from '../../../server/auth/attempts.ts';
import { startServer } from '../../graphql/server.ts';
import { newApiKey } from '../../support/api-key.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFullTenants } from '../../support/every-table.ts';

const database = await createTestDatabase();
const [tenant] = await createFullTenants(database, 1);
const query = '{ tenants { nodes { slug } } }';

/** Keys that begin alike, with a checksum that is right: only the database can tell that they are none. */
const guess = (start: string) => newApiKey('test', start);

describe('credentials that are not good', () => {
  it('are answered with 429 after twenty of one key, and the database is not asked any more; its holder goes on', async () => {
    const server = await startServer(database);
    const key = tenant?.apiKey ?? '';
    expect((await server.query(key, query)).status).toBe(200);
    const start = key.slice(8, 14);
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await server.query(guess(start), query)).status);
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    const refused = await server.query(guess(start), query);
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'too_many_attempts',
      remedy: expect.stringMatching(/\d+ seconds/),
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.query(key, query)).status).toBe(200);
    // another one of the same office is not told so
    expect((await server.query(guess('abcdef'), query)).status).toBe(401);
    expect(server.lines).toContainEqual(
      expect.objectContaining({ event: 'request', status_code: 429, error_code: 'too_many_attempts' }),
    );
  });

  it('of all kinds together: after a hundred from one address', async () => {
    const server = await startServer(database);
    const bad = [
      () => server.query(newApiKey().slice(0, -1), query),
      () => server.query('a.b.c', query),
      () =>
        server.query(
          undefined,
          query,
          {},
          {
            headers: {
              cookie: `__Host-freehold_session=${randomBytes(32).toString('base64url')}`,
              origin: server.url,
            },
          },
        ),
      () => server.query(guess(randomBytes(3).toString('hex')), query),
    ];
    for (let n = 0; n < 100; n += 1) expect((await bad[n % bad.length]?.())?.status).toBe(401);
    for (const attempt of bad) expect((await attempt()).status).toBe(429);
    // who comes with nothing guesses nothing
    expect((await server.query(undefined, query)).status).toBe(401);
  });
});

it('an address is a /64 of IPv6, however it is written', async () => {
  const attempts = createAttempts({ address: 2, key: 2 });
  await attempts.failed('2001:db8:0:1::1', undefined);
  await attempts.failed('2001:db8:0:1:ffff::', undefined);
  await expect(attempts.check('2001:db8:0:1:2:3:4:5', undefined)).rejects.toBeInstanceOf(
    TooManyAttemptsError,
  );
  await expect(attempts.check('2001:db8:0:2::1', undefined)).resolves.toBeUndefined();
  await expect(attempts.check('203.0.113.7', undefined)).resolves.toBeUndefined();
});
