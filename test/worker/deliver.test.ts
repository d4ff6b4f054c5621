import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { asSystem } from '../../worker/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { keyring, newSigningKey, secretKey, shownSecret } from '../support/keyring.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import type { Receiver } from './support/receiver.ts';
import { startReceiver, verifiesWith, verify } from './support/receiver.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  return () => receiver.close();
});

it('delivers each event of its tenant, signed, and nothing of another', async () => {
  const [acme, globex] = [await createTenant(database), await createTenant(database)];
  const endpoint = await acme.createEndpoint(`${receiver.url}acme`, ['project.*']);
  const other = await globex.createEndpoint(`${receiver.url}globex`, ['project.*']);
  await startWorkerProcess(database);

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const [project] = await acme.run<{ id: string }>(
    `insert into app.project (name) values ('Rocket') returning id`,
    [],
    { traceparent },
  );
  await acme.run('select app.archive_project($1)', [project?.id]);
  await waitUntil('both events arrived', () => receiver.requests.length >= 2);

  const events = await acme.run<{ id: string; type: string; data: object }>(
    `select id, type, data from app.event where entity = 'project' order by id`,
  );
  expect(receiver.ids()).toEqual(new Set(events.map(({ id }) => `evt_${id}`)));
  for (const request of receiver.requests) {
    verify(endpoint.secret, request);
    expect(() => verify(other.secret, request)).toThrow();
    expect(request.path).toBe('/acme');
    expect(request.headers['content-type']).toBe('application/json');
    const event = events.find(({ id }) => `evt_${id}` === request.id);
    expect(request.body).toMatchObject({
      id: request.id,
      type: event?.type,
      tenant: acme.id,
      entity: 'project',
      entity_id: project?.id,
      data: event?.data,
    });
  }
  const created = receiver.requests.find(({ body }) => body.type === 'project.created');
  expect(created?.headers.traceparent).toBe(traceparent);
  expect(created?.body.entity_version).toBe(1);

  await waitUntil('the deliveries are recorded', async () =>
    (await acme.deliveries()).every(({ status }) => status === 'succeeded'),
  );
  const attempts = await acme.run('select * from app.delivery_attempt');
  expect(attempts).toHaveLength(2);
  expect(attempts[0]).toMatchObject({ attempt: 1, status_code: 204, error: null });
  expect(await globex.deliveries()).toEqual([]);
  expect(await globex.run('select * from app.delivery_attempt')).toEqual([]);
});

it('writes a delivery only for who asked for the type, and is enabled', async () => {
  const tenant = await createTenant(database);
  const exact = await tenant.createEndpoint(receiver.url, ['project.archived']);
  const entity = await tenant.createEndpoint(receiver.url, ['invoice.*', 'project.*']);
  const disabled = await tenant.createEndpoint(receiver.url, ['*']);
  await tenant.run('select app.disable_webhook_endpoint($1)', [disabled.id]);
  const before = (await tenant.deliveries()).length;
  const [project] = await tenant.run<{ id: string }>(
    `insert into app.project (name) values ('x') returning id`,
  );
  await tenant.run('select app.archive_project($1)', [project?.id]);
  const written = (await tenant.deliveries()).slice(before).map((d) => d.endpoint_id);
  expect(written.toSorted()).toEqual([exact.id, entity.id, entity.id].toSorted());
});

it('writes no delivery when the transaction is rolled back', async () => {
  const tenant = await createTenant(database);
  await tenant.createEndpoint(receiver.url, ['project.*']);
  const refused = asSystem(database.pool('worker'), tenant.id, 'test', async (client) => {
    await client.query(`insert into app.project (name) values ('never')`);
    const { rows } = await client.query('select id from app.delivery');
    expect(rows).toHaveLength(1);
    throw new Error('changed my mind');
  });
  await expect(refused).rejects.toThrow('changed my mind');
  await startWorkerProcess(database);
  const [later] = await tenant.createProjects(1);
  await waitUntil('the later event arrived', () => receiver.requests.length > 0);
  expect([...receiver.ids()]).toEqual([later]);
});

it('gives up what an endpoint was to get when it is disabled meanwhile', async () => {
  const tenant = await createTenant(database);
  const endpoint = await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.createProjects(1);
  await tenant.run('select app.disable_webhook_endpoint($1)', [endpoint.id]);
  await startWorkerProcess(database);
  const [delivery] = await waitUntil('it is given up', async () => {
    const rows = await tenant.deliveries();
    return rows[0]?.status === 'failed' ? rows : undefined;
  });
  expect(delivery).toMatchObject({ last_error: 'the endpoint is disabled', next_attempt_at: null });
  expect(receiver.requests).toHaveLength(0);
  await expect(tenant.run('select app.resend_delivery($1)', [delivery?.id])).rejects.toMatchObject({
    code: 'ZF005',
  });
  await tenant.run('select app.enable_webhook_endpoint($1)', [endpoint.id]);
  await tenant.run('select app.resend_delivery($1)', [delivery?.id]);
  await waitUntil('it arrived after all', () => receiver.requests.length === 1);
});

it('signs with both keys while a rotation lasts, with ed25519 beside, and sends the headers of the owner', async () => {
  const tenant = await createTenant(database);
  const { id, secret } = await tenant.createEndpoint(receiver.url, ['project.*']);
  const rotate = async (scheme: string, hours: number) => {
    const [key] = await tenant.run<{ secret: string; public_key: string }>(
      'select k.secret, k.public_key from app.rotate_webhook_signing_key($1, $2, $3, $4) k',
      [id, scheme, hours, newSigningKey()],
    );
    return key as { secret: string; public_key: string };
  };
  const { public_key: publicKey } = await rotate('v1a', 24);
  const second = shownSecret((await rotate('v1', 24)).secret);
  await tenant.run('select app.set_webhook_header($1, $2, $3)', [
    id,
    'authorization',
    keyring.seal(Buffer.from('Bearer of the owner')),
  ]);
  await startWorkerProcess(database);
  await tenant.createProjects(1);
  const during = await waitUntil('it arrived', () => receiver.requests[0]);
  for (const known of [secret, second]) verify(known, during);
  expect(verifiesWith(publicKey, during)).toBe(true);
  expect(during.headers.authorization).toBe('Bearer of the owner');

  const third = shownSecret((await rotate('v1', 0)).secret);
  await tenant.createProjects(1);
  const after = await waitUntil('the next arrived', () => receiver.requests[1]);
  verify(third, after);
  for (const gone of [secret, second]) expect(() => verify(gone, after)).toThrow();
  expect(verifiesWith(publicKey, after)).toBe(true);
  expect(String(after.headers['webhook-signature']).split(' ')).toHaveLength(2);
});

it('says so when a key cannot be opened, and delivers when it can again', async () => {
  const tenant = await createTenant(database);
  await tenant.createEndpoint(receiver.url, ['project.*']);
  const stranger = await startWorkerProcess(database, {
    env: { FREEHOLD_SECRET_KEY: randomBytes(32).toString('base64') },
  });
  await tenant.createProjects(1);
  const [delivery] = await waitUntil('the attempt failed', async () => {
    const rows = await tenant.deliveries();
    return rows[0]?.last_error ? rows : undefined;
  });
  expect(delivery).toMatchObject({
    status: 'pending',
    last_error: expect.stringMatching(/^the key \w{8} is not known/),
  });
  stranger.signal('SIGTERM');
  await stranger.ended;
  await startWorkerProcess(database, {
    env: {
      FREEHOLD_SECRET_KEY: randomBytes(32).toString('base64'),
      FREEHOLD_FORMER_SECRET_KEYS: secretKey.toString('base64'),
    },
  });
  await tenant.run('select app.resend_delivery($1)', [delivery?.id]);
  await waitUntil('it arrived', () => receiver.requests.length === 1);
});

it('satisfies the example receiver', async () => {
  const tenant = await createTenant(database);
  await startWorkerProcess(database);
  const file = fileURLToPath(new URL('../../examples/webhook-receiver/main.ts', import.meta.url));
  const child = spawn(process.execPath, [file, '--count', '3', '--timeout', '20'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  await waitUntil('the receiver listens', () => lines.length > 0);
  const { secret } = await tenant.createEndpoint(lines[0]?.listening as string, ['project.*']);
  child.stdin.write(`${secret}\n`);
  const expected = await tenant.createProjects(3);
  expect(await ended).toBe(0);
  expect(new Set(lines.slice(1).map(({ event }) => event))).toEqual(new Set(expected));
});
