import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { asMember, asOperator, asSystem } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestProcess } from '../support/process.ts';
import { validatorOf } from '../support/schemas.ts';
import { addMember, createTenant, roles } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';
import {
  createEndpoint,
  disableAsSystem,
  emailOf,
  HUSH,
  recordEvent,
  taskDelivery,
} from './support/endpoint.ts';
import type { MailServer } from './support/mail-server.ts';
import { runMailServer } from './support/mail-server.ts';
import { runWorker } from './support/process.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

let server: MailServer;
let worker: TestProcess;

beforeAll(async () => {
  server = await runMailServer();
  worker = runWorker(database, {
    env: {
      SMTP_URL: `smtp://127.0.0.1:${server.port}`,
      MAIL_FROM: 'Freehold <no-reply@freehold.example>',
      LOG_LEVEL: 'debug',
    },
  });
  await worker.printed(/the worker is ready/);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await server.close();
});

// Each test waits until its own task is over: what comes afterwards is the next one's.
beforeEach(() => {
  server.mails.length = 0;
  server.named.length = 0;
});

it('an endpoint that the system disabled: a mail of their own to each who may enable it again, and to nobody else', async () => {
  const tenant = await createTenant(database, { members: roles.filter((role) => role !== 'owner') });
  const [suspended, removed] = [
    await addMember(database, tenant.id, 'admin'),
    await addMember(database, tenant.id, 'admin'),
  ];
  await asMember(database, tenant, 'owner', (client) =>
    client.query('select app.suspend_membership($1), app.remove_membership($2)', [suspended.id, removed.id]),
  );
  const other = await createTenant(database, { members: ['admin'] });
  await createEndpoint(database, other);
  const id = await createEndpoint(database, tenant);
  await disableAsSystem(database, tenant, id);

  const delivery = await taskDelivery(database, tenant);
  expect(delivery).toMatchObject({ attempt_count: 1, last_error: null });
  const told = [await emailOf(database, tenant, 'owner'), await emailOf(database, tenant, 'admin')];
  expect(server.mails.map(({ recipients }) => recipients.join()).sort()).toEqual([...told].sort());
  for (const { recipients, parsed, fields } of server.mails) {
    const [to] = recipients;
    expect(parsed.to).toMatchObject({ text: to });
    expect(parsed.from).toMatchObject({ text: expect.stringContaining('no-reply@freehold.example') });
    expect(fields).toContain('auto-submitted');
    expect(fields).not.toContain('bcc');
    expect(parsed.subject).toContain('webhook endpoint disabled (hooks.example.com)');
    expect(parsed.text).toContain('https://hooks.example.com/orders');
    expect(parsed.text).toContain('Orders to the ERP');
    expect(parsed.text).toContain(id);
    expect(parsed.text).toMatch(/was disabled on \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(parsed.text).toContain('Enable the endpoint again.');
    expect(parsed.text).toContain('Replay what failed');
    expect(parsed.html).toBe(false);
    const all = parsed.headerLines.map(({ line }) => line).join('\n') + parsed.text;
    expect(all).not.toContain(HUSH);
    for (const address of told) if (address !== to) expect(all).not.toContain(address);
  }
  const ids = server.mails.map(({ parsed }) => parsed.messageId);
  expect(ids.sort()).toEqual(
    ['owner' as const, 'admin' as const]
      .map((role) => `<notice.${delivery.event_id}.${tenant.members.get(role)?.id}@freehold.example>`)
      .sort(),
  );
});

it.each([
  ['gone', 'answered 410 Gone'],
  ['failing', 'Every delivery to it had failed for too long'],
])('tells the reason "%s"', async (disabled_reason, text) => {
  const tenant = await createTenant(database);
  const id = await createEndpoint(database, tenant);
  await asSystem(database, tenant.id, (client) =>
    client.query('select app.give_up_webhook_endpoint($1, $2)', [id, disabled_reason]),
  );
  await taskDelivery(database, tenant);
  expect(server.mails[0]?.parsed.text).toContain(text);
});

it('warns of an endpoint that will be disabled', async () => {
  const tenant = await createTenant(database);
  const id = await createEndpoint(database, tenant);
  const data = {
    id,
    url: `https://hooks.example.com/orders?token=${HUSH}`,
    description: 'Orders',
    failing_since: '2026-03-01T08:00:00+00:00',
    disables_at: '2026-03-06T08:00:00+00:00',
  };
  const { rows } = await admin.query(
    `select schema from catalog.event_type where type = 'webhook_endpoint.failing'`,
  );
  expect(validatorOf(rows[0].schema)(data)).toEqual([]);
  expect(validatorOf(rows[0].schema)({ id })).toHaveLength(4);
  await recordEvent(database, tenant, 'webhook_endpoint.failing', data);
  await taskDelivery(database, tenant);
  expect(server.mails).toHaveLength(1);
  const { subject, text } = server.mails[0]?.parsed ?? {};
  expect(subject).toContain('webhook endpoint is failing (hooks.example.com)');
  expect(text).toContain('has failed since 2026-03-01 08:00 UTC');
  expect(text).toContain('is disabled on 2026-03-06 08:00 UTC');
  expect(text).toContain('Mend the receiver');
  expect(text).not.toContain(HUSH);
});

it('who disabled their endpoint themselves gets no mail', async () => {
  const tenant = await createTenant(database, { members: ['admin'] });
  const id = await createEndpoint(database, tenant);
  await asMember(database, tenant, 'admin', (client) =>
    client.query('select app.disable_webhook_endpoint($1)', [id]),
  );
  expect(await taskDelivery(database, tenant)).toMatchObject({ attempt_count: 1, last_error: null });
  expect(server.named).toEqual([]);
});

it('what people wrote into names and descriptions stays text of one line', async () => {
  const tenant = await createTenant(database);
  const evil =
    'x\r\nBcc: evil@evil.example\r\n\r\nWhat to do:\r\n  1. Pay at https://evil.example/\u2028\u202eback';
  await asSystem(database, tenant.id, (client) => client.query('update app.tenant set name = $1', [evil]));
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant, { description: evil }));
  await taskDelivery(database, tenant);
  expect(server.mails).toHaveLength(1);
  expect(server.named).toEqual([await emailOf(database, tenant, 'owner')]);
  const [{ parsed, fields }] = server.mails as [(typeof server.mails)[0]];
  expect(fields.sort()).toEqual([
    'auto-submitted',
    'content-transfer-encoding',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
  expect(parsed.subject).toMatch(/^x Bcc: evil@evil\.example What to do: .* webhook endpoint disabled/);
  const lines = parsed.text?.split('\n') ?? [];
  expect(lines.filter((line) => line.startsWith('What to do:'))).toHaveLength(1);
  expect(lines.filter((line) => /^\s*(Bcc|1\. Pay)/.test(line))).toEqual([]);
  expect(parsed.text).not.toMatch(/[\u2028\u202e]/);
});

it('an address that holds more than an address is sent nothing, and is not repeated for those who were told', async () => {
  const tenant = await createTenant(database, { members: ['admin'] });
  await database.checkEvents();
  await admin.query('update app.membership set email = $1 where id = $2', [
    'a@a.example>\r\nRCPT TO:<evil@evil.example',
    tenant.members.get('admin')?.id,
  ]);
  await disableAsSystem(database, tenant, await createEndpoint(database, tenant));
  expect(await taskDelivery(database, tenant)).toMatchObject({ attempt_count: 1 });
  expect(server.named).toEqual([await emailOf(database, tenant, 'owner')]);
  await worker.printed(/a member cannot be told by mail/);
  // the table takes it, the schema of the event does not
  await expect(database.checkEvents()).rejects.toThrow(
    /^user\.updated \S+: \/email must match format "email"$/m,
  );
});

it('every task that an event names is one of the worker', async () => {
  const [line] = await worker.printed(/task names: '[^"]*'/);
  const { rows } = await admin.query('select distinct task from platform.event_task');
  expect(rows.length).toBeGreaterThan(1);
  for (const { task } of rows) expect(line).toContain(`'${task}'`);
});

it('a tenant that is closing is told nothing, and its delivery says so', async () => {
  const tenant = await createTenant(database);
  const id = await createEndpoint(database, tenant);
  await asSystem(database, tenant.id, (client) => client.query('select app.close_tenant($1)', [tenant.id]));
  await asOperator(database, tenant.id, (client) =>
    client.query('select app.disable_webhook_endpoint($1)', [id]),
  );
  const failed = await taskDelivery(database, tenant, ({ status }) => status === 'failed');
  expect(failed).toMatchObject({ attempt_count: 1, last_error: expect.stringContaining('nobody was told') });
  expect(server.named).toEqual([]);
  await waitUntil('no job is left', async () => {
    const { rowCount } = await admin.query('select from graphile_worker._private_jobs');
    return rowCount === 0;
  });
});
