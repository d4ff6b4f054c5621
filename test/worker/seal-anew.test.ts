import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { keyring, secretKey } from '../support/keyring.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import { startReceiver, verify } from './support/receiver.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

const keyIds = async () => {
  const { rows } = await admin.query<{ id: string }>(
    `select distinct split_part(sealed, '.', 1) as id
     from (select sealed_key as sealed from app.webhook_signing_key union all select sealed_value from app.webhook_header) s order by 1`,
  );
  return rows.map(({ id }) => id);
};

it('seals everything with a new key, and the former can be forgotten', async () => {
  const receiver = await startReceiver();
  const tenants = [await createTenant(database), await createTenant(database)];
  const secrets: string[] = [];
  for (const tenant of tenants) {
    const { id, secret } = await tenant.createEndpoint(receiver.url, ['project.*']);
    secrets.push(secret);
    await tenant.run('select app.set_webhook_header($1, $2, $3)', [
      id,
      'authorization',
      keyring.seal(Buffer.from(`Bearer ${tenant.id}`)),
    ]);
  }
  const [former] = await keyIds();
  const next = randomBytes(32).toString('base64');
  const worker = await startWorkerProcess(database, {
    env: { FREEHOLD_SECRET_KEY: next, FREEHOLD_FORMER_SECRET_KEYS: secretKey.toString('base64') },
  });
  // Without being asked: it was started with former keys.
  await worker.printed(/secrets were sealed anew/);
  await worker.printed(/all secrets are sealed with FREEHOLD_SECRET_KEY/);
  const ids = await keyIds();
  expect(ids).toHaveLength(1);
  expect(ids).not.toContain(former);
  worker.signal('SIGTERM');
  await worker.ended;

  await startWorkerProcess(database, { env: { FREEHOLD_SECRET_KEY: next } });
  for (const tenant of tenants) await tenant.createProjects(1);
  await waitUntil('both have come', () => receiver.requests.length === 2);
  for (const [n, tenant] of tenants.entries()) {
    const received = receiver.requests.find(({ body }) => body.tenant === tenant.id);
    expect(received?.headers.authorization).toBe(`Bearer ${tenant.id}`);
    verify(secrets[n] as string, received as NonNullable<typeof received>);
  }
  await receiver.close();
});

it('leaves what no key opens as it is, says so, and seals the rest', async () => {
  const tenant = await createTenant(database);
  await tenant.createEndpoint('https://receiver.example/', ['project.*']);
  await admin.query('update app.webhook_header set sealed_value = $1', [`0badc0de.${'A'.repeat(60)}`]);
  const worker = await startWorkerProcess(database, {
    env: {
      FREEHOLD_SECRET_KEY: randomBytes(32).toString('base64'),
      FREEHOLD_FORMER_SECRET_KEYS: secretKey.toString('base64'),
    },
  });
  await worker.printed(/secrets were sealed anew/);
  expect(await keyIds()).toContain('0badc0de');
  expect(worker.output()).toMatch(/the key 0badc0de is not known/);
  expect(worker.output()).not.toMatch(/all secrets are sealed/);
});
