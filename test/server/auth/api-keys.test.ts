import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import type { Tenant } from '../../graphql/tenants.ts';
import { createTenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { waitUntil } from '../../support/wait.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
const server = await startServer(database);
let acme: Tenant;
let globex: Tenant;
beforeAll(async () => {
  acme = await createTenant(database, 'acme');
  globex = await createTenant(database, 'globex');
});

const CREATE = `mutation ($scopes: [String!]!, $expiresAt: Datetime) {
  createApiKey(input: { name: "import", scopes: $scopes, expiresAt: $expiresAt, allowedNetworks: ["127.0.0.0/8"] }) {
    createdApiKey { id secret }
  }
}`;
const ROTATE = `mutation ($id: UUID!, $graceHours: Int, $expiresAt: Datetime) {
  rotateApiKey(input: { id: $id, graceHours: $graceHours, expiresAt: $expiresAt }) { createdApiKey { id secret } }
}`;
const READ = `query ($id: UUID!) {
  apiKey(id: $id) { name scopes status expiresAt allowedNetworks lastUsedAt }
}`;

interface Made {
  id: string;
  secret: string;
}

async function create(scopes = ['project:read'], expiresAt?: string): Promise<Made> {
  const { data, errors } = await server.query(acme.apiKey, CREATE, { scopes, expiresAt });
  expect(errors).toBeUndefined();
  return data.createApiKey.createdApiKey;
}

const rotate = (id: string, more: { graceHours?: number; expiresAt?: string } = {}, by = acme.apiKey) =>
  server.query(by, ROTATE, { id, ...more });

const read = async (id: string) => (await server.query(acme.apiKey, READ, { id })).data.apiKey;

const works = async (secret: string) => {
  const { data } = await server.query(secret, '{ projects { totalCount } }');
  return data?.projects?.totalCount === 5;
};

describe('a key that is rotated', () => {
  it('has a successor that may do the same, and is good for a day more', async () => {
    const former = await create();
    const { data } = await rotate(former.id);
    const made: Made = data.rotateApiKey.createdApiKey;
    expect(made.secret).toMatch(/^fh_test_[0-9a-f]{54}$/);
    expect([await works(former.secret), await works(made.secret)]).toEqual([true, true]);
    const [before, after] = [await read(former.id), await read(made.id)];
    expect(after).toMatchObject({
      name: 'import',
      scopes: ['project:read'],
      status: 'active',
      expiresAt: null,
      allowedNetworks: ['127.0.0.0/8'],
    });
    const hours = (new Date(before.expiresAt).getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('opens nothing any more, its kept context neither, when there is no grace', async () => {
    const former = await create();
    expect(await works(former.secret)).toBe(true);
    const { data } = await rotate(former.id, { graceHours: 0 });
    expect(await works(former.secret)).toBe(false);
    expect(await works(data.rotateApiKey.createdApiKey.secret)).toBe(true);
    expect(await read(former.id)).toMatchObject({ status: 'revoked' });
  });

  it('opens nothing once its grace is over', async () => {
    const former = await create();
    await rotate(former.id, { graceHours: 1 });
    expect(await works(former.secret)).toBe(true);
    // An hour later.
    await admin.query(`update app.api_key set expires_at = now() - interval '1 s' where id = $1`, [
      former.id,
    ]);
    await admin.query('update identity.principal set version = version + 1 where id = $1', [former.id]);
    expect(await works(former.secret)).toBe(false);
  });

  it('ends when it would have, if that is sooner, and so does its successor, unless another end is asked for', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const former = await create(['project:read'], soon);
    const same = await rotate(former.id, { graceHours: 48 });
    expect(new Date((await read(former.id)).expiresAt)).toEqual(new Date(soon));
    expect(new Date((await read(same.data.rotateApiKey.createdApiKey.id)).expiresAt)).toEqual(new Date(soon));
    const late = new Date(Date.now() + 90 * 86_400_000).toISOString();
    const other = await rotate(former.id, { expiresAt: late });
    expect(new Date((await read(other.data.rotateApiKey.createdApiKey.id)).expiresAt)).toEqual(
      new Date(late),
    );
  });

  it.each([
    ['another tenant', async () => rotate((await create()).id, {}, globex.apiKey), 'not_found'],
    [
      'a key that may not make keys',
      async () => rotate((await create()).id, {}, (await create()).secret),
      'permission_denied',
    ],
    [
      'a key that does not hold what it holds',
      async () => rotate((await create()).id, {}, (await create(['api_key:create'])).secret),
      'permission_denied',
    ],
    ['too long a grace', async () => rotate((await create()).id, { graceHours: 169 }), 'invalid_argument'],
    [
      'a revoked key',
      async () => {
        const { id } = await create();
        await rotate(id, { graceHours: 0 });
        return rotate(id);
      },
      'illegal_transition',
    ],
  ])('is refused to %s', async (_, ask, code) => {
    const { errors } = await ask();
    expect(errors?.[0]?.extensions.code).toBe(code);
  });
});

describe('when a key was last used', () => {
  it('is shown to the minute, and written once a minute', async () => {
    const { id, secret } = await create();
    expect((await read(id)).lastUsedAt).toBeNull();
    expect(await works(secret)).toBe(true);
    const first = (await read(id)).lastUsedAt;
    expect(Math.abs(new Date(first).getTime() - Date.now())).toBeLessThan(30_000);
    const resolve = () =>
      database
        .pool('gate')
        .query(
          `select from identity.resolve('api_key', sha256(convert_to($1, 'UTF8')), '{"ip": "127.0.0.1"}')`,
          [secret],
        );
    await Promise.all(Array.from({ length: 4 }, resolve));
    expect((await read(id)).lastUsedAt).toBe(first);
    await admin.query(
      `update identity.api_key_secret set last_used_at = now() - interval '61 s' where api_key_id = $1`,
      [id],
    );
    await resolve();
    await waitUntil('it is written again', async () => (await read(id)).lastUsedAt > first);
  });

  it('is not written by a use that was refused', async () => {
    const { id, secret } = await create();
    await database
      .pool('gate')
      .query(
        `select from identity.resolve('api_key', sha256(convert_to($1, 'UTF8')), '{"ip": "203.0.113.7"}')`,
        [secret],
      )
      .catch(() => {});
    expect((await read(id)).lastUsedAt).toBeNull();
  });
});
