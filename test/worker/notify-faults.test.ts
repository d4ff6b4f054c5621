import { expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';
import { createEndpoint, disableAsSystem, emailOf, HUSH, taskDelivery } from './support/endpoint.ts';
import { certificateFile, startMailServer } from './support/mail-server.ts';
import { startWorkerProcess } from './support/process.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

const smtp = (url: string) => ({ SMTP_URL: url, MAIL_FROM: 'no-reply@freehold.example' });

it('a mail waits for a mail server that is down, and arrives when it is up', async () => {
  const port = await freePort();
  const worker = await startWorkerProcess(database, { env: smtp(`smtp://127.0.0.1:${port}`) });
  const tenant = await createTenant(database, { members: ['admin'] });
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  const waiting = await taskDelivery(database, tenant, ({ attempt_count }) => attempt_count === 1);
  expect(waiting).toMatchObject({
    status: 'pending',
    last_error: '2 of 2 could not be told: the mail server cannot be reached',
  });
  await worker.printed(/ECONNREFUSED/);
  const server = await startMailServer({ port });
  const done = await taskDelivery(database, tenant);
  expect(done).toMatchObject({ last_error: null });
  expect(server.mails).toHaveLength(2);
});

it('who was reached is not told again when another could not be at first', async () => {
  let deferred = 0;
  const tenant = await createTenant(database, { members: ['admin'] });
  // The first of them, so that a later one is told in spite of it.
  const first = await emailOf(database, tenant, 'owner');
  const server = await startMailServer({
    refuse(address) {
      if (address !== first || deferred > 0) return undefined;
      deferred += 1;
      return 450;
    },
  });
  await startWorkerProcess(database, { env: smtp(`smtp://127.0.0.1:${server.port}`) });
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  expect(await taskDelivery(database, tenant)).toMatchObject({ attempt_count: 2 });
  const recipients = server.mails.map(({ recipients }) => recipients.join());
  expect(recipients).toEqual([await emailOf(database, tenant, 'admin'), first]);
});

it('one address that is refused for good keeps no other from being told, and ends with the first attempt', async () => {
  const tenant = await createTenant(database, { members: ['admin'] });
  const refused = await emailOf(database, tenant, 'owner');
  const server = await startMailServer({ refuse: (address) => (address === refused ? 550 : undefined) });
  const worker = await startWorkerProcess(database, { env: smtp(`smtp://127.0.0.1:${server.port}`) });
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  expect(await taskDelivery(database, tenant)).toMatchObject({ attempt_count: 1 });
  expect(server.mails.map(({ recipients }) => recipients)).toEqual([
    [await emailOf(database, tenant, 'admin')],
  ]);
  await worker.printed(/a member cannot be told by mail/);
});

it('a worker that died after a mail sends it again under the same Message-ID', async () => {
  const server = await startMailServer();
  const tenant = await createTenant(database);
  await startWorkerProcess(database, { env: smtp(`smtp://127.0.0.1:${server.port}`) });
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  const { id } = await taskDelivery(database, tenant);
  // As it would be found: the mail was taken, and nothing written down.
  await admin.query(`delete from platform.notice where tenant_id = $1`, [tenant.id]);
  await admin.query(`update app.delivery set status = 'pending' where id = $1`, [id]);
  await database
    .pool('worker')
    .query(
      `select graphile_worker.add_job('notify_endpoint_owners', json_build_object('tenant', $1::uuid, 'delivery', $2::uuid))`,
      [tenant.id, id],
    );
  await waitUntil('the second mail', () => server.mails.length === 2);
  await taskDelivery(database, tenant, (delivery) => delivery.status === 'succeeded');
  expect(server.mails[0]?.parsed.messageId).toBe(server.mails[1]?.parsed.messageId);
});

it('logs in over TLS at a server whose certificate is trusted', async () => {
  const server = await startMailServer({ security: 'tls' });
  const tenant = await createTenant(database);
  const worker = await startWorkerProcess(database, {
    env: {
      ...smtp(`smtps://freehold:p%40ss%2Fw@localhost:${server.port}`),
      NODE_EXTRA_CA_CERTS: certificateFile,
      LOG_LEVEL: 'trace',
    },
  });
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  await taskDelivery(database, tenant);
  expect(server.mails).toHaveLength(1);
  expect(server.logins).toEqual(['freehold:p@ss/w']);
  expect(worker.output()).not.toMatch(/p@ss|p%40ss/);
});

it('without a mail server, development prints the mail', async () => {
  const worker = await startWorkerProcess(database);
  const tenant = await createTenant(database);
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  await taskDelivery(database, tenant);
  const [line] = await worker.printed(/^.*a mail, printed because SMTP_URL is not set.*$/m);
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    mail: {
      to: await emailOf(database, tenant, 'owner'),
      text: expect.stringContaining('hooks.example.com'),
    },
  });
  expect(worker.output()).not.toContain(HUSH);
});

it('without a mail server, a worker in production starts, warns once, and says of each notice that nobody was told', async () => {
  const worker = await startWorkerProcess(database, { env: { NODE_ENV: 'production' } });
  const tenant = await createTenant(database);
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  const failed = await taskDelivery(database, tenant, ({ status }) => status === 'failed');
  expect(failed).toMatchObject({
    attempt_count: 1,
    last_error: expect.stringMatching(
      /nobody was told ".*webhook endpoint disabled \(hooks\.example\.com\)"/,
    ),
  });
  // It would not help to repeat the job, which is one that failed all the same.
  const [job] = await worker.printed(/^.*"event":"job".*"error_code":"gave_up".*$/m);
  expect(JSON.parse(job)).toMatchObject({ level: 'error', tenant_id: tenant.id, attempt: 1 });
  const lines = worker
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const warnings = lines.filter(({ level }) => level === 'warn');
  expect(warnings.filter(({ msg }) => msg.startsWith('SMTP_URL is not set'))).toHaveLength(1);
  expect(warnings.filter((line) => line.tenant_id === tenant.id)).toEqual([
    expect.objectContaining({
      msg: 'a task failed',
      err: expect.objectContaining({ message: failed.last_error }),
    }),
  ]);
});
