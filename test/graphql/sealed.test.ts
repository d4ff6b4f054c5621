import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { keyring } from '../support/keyring.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database, 'acme');
const server = await startServer(database);
const admin = database.pool('admin');

const create = `mutation ($url: String!) {
  createWebhookEndpoint(input: {url: $url, eventTypes: ["project.*"]}) { createdWebhookEndpoint { id secret } }
}`;

async function createEndpoint(): Promise<{ id: string; secret: string }> {
  const { data, errors } = await server.query(tenant.apiKey, create, { url: 'https://receiver.example/' });
  expect(errors).toBeUndefined();
  return data.createWebhookEndpoint.createdWebhookEndpoint;
}

async function sealedKeys(endpoint: string): Promise<string[]> {
  const { rows } = await admin.query<{ sealed_key: string }>(
    'select sealed_key from app.webhook_signing_key where endpoint_id = $1 order by id',
    [endpoint],
  );
  return rows.map(({ sealed_key }) => sealed_key);
}

it('shows a secret of 32 random bytes once, and keeps it sealed', async () => {
  const endpoint = await createEndpoint();
  expect(endpoint.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const [sealed = '', ...others] = await sealedKeys(endpoint.id);
  expect(others).toEqual([]);
  expect(`whsec_${keyring.open(sealed).toString('base64')}`).toBe(endpoint.secret);
  const { rows } = await admin.query('select to_jsonb(e) as event from app.event e');
  const { rows: keys } = await admin.query('select to_jsonb(k) as key from app.webhook_signing_key k');
  expect(JSON.stringify([rows, keys])).not.toContain(endpoint.secret.slice(6, 30));
});

it('gives each of two endpoints of one operation a key of its own', async () => {
  const { data } = await server.query(
    tenant.apiKey,
    `mutation {
      a: createWebhookEndpoint(input: {url: "https://a.example/"}) { createdWebhookEndpoint { secret } }
      b: createWebhookEndpoint(input: {url: "https://b.example/"}) { createdWebhookEndpoint { secret } }
    }`,
  );
  const { a, b } = data;
  expect(a.createdWebhookEndpoint.secret).not.toBe(b.createdWebhookEndpoint.secret);
  expect((await createEndpoint()).secret).not.toBe((await createEndpoint()).secret);
});

it('takes no key from the caller', async () => {
  const { errors } = await server.query(
    tenant.apiKey,
    `mutation { createWebhookEndpoint(input: {url: "https://a.example/", signingKey: "fresh"}) { createdWebhookEndpoint { id } } }`,
  );
  expect(errors?.[0]?.extensions.code).toBe('invalid_document');
});

const rotate = `mutation ($id: UUID!, $scheme: String, $graceHours: Int) {
  rotateWebhookSigningKey(input: {endpointId: $id, scheme: $scheme, graceHours: $graceHours}) {
    rotatedWebhookSigningKey { id scheme secret publicKey formerExpiresAt }
  }
}`;
const keysOf = `query ($id: UUID!) { webhookEndpoint(id: $id) { signingKeys { nodes { id scheme publicKey expiresAt } } } }`;

it('rotates: the former key expires after the grace, the new one is shown once', async () => {
  const endpoint = await createEndpoint();
  const { data } = await server.query(tenant.apiKey, rotate, { id: endpoint.id });
  const rotated = data.rotateWebhookSigningKey.rotatedWebhookSigningKey;
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.secret).not.toBe(endpoint.secret);
  expect(rotated.publicKey).toBeNull();
  const hours = (Date.parse(rotated.formerExpiresAt) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThanOrEqual(24);
  const { data: shown } = await server.query(tenant.apiKey, keysOf, { id: endpoint.id });
  expect(shown.webhookEndpoint.signingKeys.nodes).toMatchObject([
    { scheme: 'v1', expiresAt: rotated.formerExpiresAt },
    { id: rotated.id, scheme: 'v1', expiresAt: null },
  ]);
});

it('adds an ed25519 key beside the secret, and shows its public half alone', async () => {
  const endpoint = await createEndpoint();
  const { data } = await server.query(tenant.apiKey, rotate, { id: endpoint.id, scheme: 'v1a' });
  const rotated = data.rotateWebhookSigningKey.rotatedWebhookSigningKey;
  expect(rotated).toMatchObject({ scheme: 'v1a', secret: null, formerExpiresAt: null });
  expect(rotated.publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
  const { data: shown } = await server.query(tenant.apiKey, keysOf, { id: endpoint.id });
  expect(shown.webhookEndpoint.signingKeys.nodes).toMatchObject([
    { scheme: 'v1', expiresAt: null },
    { scheme: 'v1a', expiresAt: null, publicKey: rotated.publicKey },
  ]);
});

it.each([
  [{ graceHours: -1 }, 'invalid_argument'],
  [{ graceHours: 169 }, 'invalid_argument'],
  [{ scheme: 'v2' }, 'invalid_argument'],
  [{ id: '00000000-0000-7000-8000-000000000000' }, 'not_found'],
])('refuses a rotation with %j', async (given, code) => {
  const endpoint = await createEndpoint();
  const { errors } = await server.query(tenant.apiKey, rotate, { id: endpoint.id, ...given });
  expect(errors?.[0]?.extensions.code).toBe(code);
  expect(await sealedKeys(endpoint.id)).toHaveLength(1);
});

it('lets at most four keys of a scheme sign, and ends all of them at once when there is no grace', async () => {
  const endpoint = await createEndpoint();
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < 4; i += 1) {
    const { errors } = await server.query(tenant.apiKey, rotate, { id: endpoint.id });
    codes.push(errors?.[0]?.extensions.code);
  }
  expect(codes).toEqual([undefined, undefined, undefined, 'immutable']);
  await server.query(tenant.apiKey, rotate, { id: endpoint.id, graceHours: 0 });
  const { rows } = await admin.query(
    `select from app.webhook_signing_key where endpoint_id = $1 and (expires_at is null or expires_at > now())`,
    [endpoint.id],
  );
  expect(rows).toHaveLength(1);
});

const setHeader = `mutation ($id: UUID!, $name: String!, $value: String!) {
  setWebhookHeader(input: {endpointId: $id, name: $name, value: $value}) { webhookHeader { name } }
}`;
const headersOf = `query ($id: UUID!) { webhookEndpoint(id: $id) { headers { nodes { name } } } }`;

it('keeps the value of a header sealed and shows its name', async () => {
  const endpoint = await createEndpoint();
  for (const value of ['Bearer former', 'Bearer present']) {
    const { errors } = await server.query(tenant.apiKey, setHeader, {
      id: endpoint.id,
      name: 'Authorization',
      value,
    });
    expect(errors).toBeUndefined();
  }
  const { rows } = await admin.query('select sealed_value from app.webhook_header where endpoint_id = $1', [
    endpoint.id,
  ]);
  expect(rows.map(({ sealed_value }) => keyring.open(sealed_value).toString())).toEqual(['Bearer present']);
  const { data } = await server.query(tenant.apiKey, headersOf, { id: endpoint.id });
  expect(data.webhookEndpoint.headers.nodes).toEqual([{ name: 'authorization' }]);
  await server.query(
    tenant.apiKey,
    `mutation ($id: UUID!) { removeWebhookHeader(input: {endpointId: $id, name: "AUTHORIZATION"}) { result } }`,
    { id: endpoint.id },
  );
  const { data: after } = await server.query(tenant.apiKey, headersOf, { id: endpoint.id });
  expect(after.webhookEndpoint.headers.nodes).toEqual([]);
});

it.each([
  ['webhook-signature', 'x', 'invalid_value'],
  ['Host', 'x', 'invalid_value'],
  ['content-length', 'x', 'invalid_value'],
  ['a b', 'x', 'invalid_value'],
  ['x: y', 'x', 'invalid_value'],
  ['', 'x', 'invalid_value'],
  ['x-ok', 'a\r\nhost: b', 'invalid_argument'],
  ['x-ok', 'x'.repeat(4_001), 'invalid_argument'],
  ['x-ok', 'ü', 'invalid_argument'],
])('refuses a header %j', async (name, value, code) => {
  const endpoint = await createEndpoint();
  const { errors } = await server.query(tenant.apiKey, setHeader, { id: endpoint.id, name, value });
  expect(errors?.[0]?.extensions.code).toBe(code);
});
