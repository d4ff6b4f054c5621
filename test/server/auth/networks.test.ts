import { beforeAll, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import type { Tenant } from '../../graphql/tenants.ts';
import { createTenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { sha256 } from '../../support/sha256.ts';

const database = await createTestDatabase();
// Tests come from 127.0.0.1.
const server = await startServer(database);
let acme: Tenant;
beforeAll(async () => {
  acme = await createTenant(database, 'acme');
});

const CREATE = `mutation ($networks: [CidrAddress]) {
  createApiKey(input: { name: "key", scopes: ["project:read"], allowedNetworks: $networks }) { createdApiKey { id secret } }
}`;
const UPDATE = `mutation ($id: UUID!, $networks: [CidrAddress]) {
  updateApiKey(input: { id: $id, patch: { allowedNetworks: $networks } }) { apiKey { allowedNetworks } }
}`;

async function keyFor(networks: string[] | undefined): Promise<{ id: string; secret: string }> {
  const { data, errors } = await server.query(acme.apiKey, CREATE, { networks });
  expect(errors).toBeUndefined();
  return data.createApiKey.createdApiKey;
}

const status = async (secret: string, headers?: Record<string, string>) =>
  (await server.query(secret, '{ projects { totalCount } }', {}, { headers: headers ?? {} })).status;

it('a key without networks is good from anywhere', async () => {
  expect(await status((await keyFor(undefined)).secret)).toBe(200);
  expect(await status((await keyFor([])).secret)).toBe(200);
});

it.each([
  [['127.0.0.1/32'], 200],
  [['203.0.113.0/24', '127.0.0.0/8'], 200],
  [['203.0.113.0/24'], 401],
  [['::/0'], 401],
])('a key for %j answers %i from here, whatever a header says of the address', async (networks, expected) => {
  const { secret } = await keyFor(networks);
  expect(await status(secret)).toBe(expected);
  expect(await status(secret, { 'x-forwarded-for': '203.0.113.7' })).toBe(expected);
});

it('a change of the networks holds from the next request on, for a context that is kept too', async () => {
  const { id, secret } = await keyFor(['127.0.0.0/8']);
  expect(await status(secret)).toBe(200);
  const changed = await server.query(acme.apiKey, UPDATE, { id, networks: ['203.0.113.0/24'] });
  expect(changed.data.updateApiKey.apiKey).toEqual({ allowedNetworks: ['203.0.113.0/24'] });
  const after = await server.query(secret, '{ projects { totalCount } }');
  expect(after.data?.projects ?? null).toBeNull();
  expect(after.errors?.[0]?.extensions.code).toBe('unauthenticated');
  await server.query(acme.apiKey, UPDATE, { id, networks: [] });
  expect(await status(secret)).toBe(200);
});

it('knows IPv6, and nothing of an address that is not told', async () => {
  const { secret } = await keyFor(['2001:db8::/32', '10.0.0.0/8']);
  const resolved = async (request: object) => {
    const answer = database
      .pool('gate')
      .query(`select from identity.resolve('api_key', $1, $2)`, [sha256(secret), JSON.stringify(request)]);
    return answer.then(
      () => 'good',
      (error: { code: string }) => error.code,
    );
  };
  expect(await resolved({ ip: '2001:db8::7' })).toBe('good');
  expect(await resolved({ ip: '10.9.8.7' })).toBe('good');
  expect(await resolved({ ip: '2001:db9::7' })).toBe('ZF001');
  expect(await resolved({ ip: '' })).toBe('ZF001');
  expect(await resolved({})).toBe('ZF001');
});

it('what is no network is refused with the reason', async () => {
  const { errors } = await server.query(acme.apiKey, CREATE, { networks: ['203.0.113.7/24'] });
  expect(errors?.[0]?.extensions.code).toBe('invalid_input');
  const many = await server.query(acme.apiKey, CREATE, {
    networks: Array.from({ length: 51 }, (_, n) => `10.0.${n}.0/24`),
  });
  expect(many.errors?.[0]?.extensions.code).toBe('invalid_value');
});
