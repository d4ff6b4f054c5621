import type { JobHelpers } from 'graphile-worker';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createWorkos } from '../../runtime/workos.ts';
import { pollIdentity } from '../../worker/tasks/poll-identity.ts';
import { createTestDatabase } from '../support/database.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
const { standIn, sdk, tenants, workos } = await startSite(database, { webhooks: false });
const { directory: provider } = standIn;

const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const task = pollIdentity(database.pool('worker'), log, createWorkos(workos));
const poll = () => task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);

const inbox = async (where: string) =>
  (await admin.query(`select * from identity.inbox where ${where} order by occurred_at`)).rows;
const memberOf = async (email: string) =>
  (
    await admin.query('select status from app.membership where tenant_id = $1 and email = $2', [
      tenants.acme,
      email,
    ])
  ).rows[0];

it('is a job of the worker, which takes in what no webhook brought', async () => {
  await startWorkerProcess(database, {
    env: { WORKOS_API_KEY: workos.apiKey, WORKOS_CLIENT_ID: workos.clientId, WORKOS_API_URL: workos.apiUrl },
  });
  const { id } = provider.createDirectory({ organization_id: 'org_acme' });
  const user = provider.createDirectoryUser({
    directory_id: id,
    email: 'kurt@acme.example',
    first_name: 'Kurt',
  });
  await admin.query(`select graphile_worker.add_job('poll_identity')`);
  await waitUntil('he is a member', async () => (await memberOf('kurt@acme.example'))?.status === 'active');
  provider.updateDirectoryUser({ directory_user_id: user.id, state: 'inactive' });
  await admin.query(`select graphile_worker.add_job('poll_identity')`);
  await waitUntil(
    'he is locked out',
    async () => (await memberOf('kurt@acme.example'))?.status === 'suspended',
  );
});

it('reads page by page from where it was, and asks for the events that somebody listens to', async () => {
  for (let n = 0; n < 120; n += 1) provider.createUser({ email: `many${n}@people.example` });
  await sdk.auditLogs.createSchema({ action: 'x.y', targets: [{ type: 'x' }] });
  await poll();
  expect(await inbox(`data ->> 'email' like 'many%'`)).toHaveLength(120);
  expect((await inbox('true')).map(({ status }) => status)).not.toContain('ignored');
  const { rows } = await admin.query('select after from identity.event_cursor');
  const newest = (await sdk.events.listEvents({ events: ['user.created'], order: 'desc', limit: 1 })).data[0];
  expect(rows).toEqual([{ after: newest?.id }]);
});

it('goes on where it was after a webhook of something later: those before it may be lost', async () => {
  const lost = provider.createUser({ email: 'lost@people.example' });
  provider.createUser({ email: 'told@people.example' });
  const [told] = (await sdk.events.listEvents({ events: ['user.created'], order: 'desc', limit: 1 })).data;
  await database.pool('gate').query(`select identity.receive_event($1, $2, 'webhook')`, [
    workos.issuer,
    JSON.stringify({
      id: told?.id,
      event: 'user.created',
      data: { id: 'user_told' },
      created_at: told?.createdAt,
    }),
  ]);
  await poll();
  expect(await inbox(`data ->> 'id' = '${lost.id}'`)).toMatchObject([{ source: 'poll', status: 'applied' }]);
  expect(await inbox(`id = '${told?.id}'`)).toMatchObject([{ source: 'webhook' }]);
});

it('gives up what failed long enough, however often that was, and goes on with the rest', async () => {
  await admin.query(
    `insert into identity.inbox (id, issuer, event, data, occurred_at, source, status, attempts)
     values ('event_a_bad', $1, 'user.created', '{"email": "no id"}', now(), 'poll', 'deferred', 5000),
       ('event_b_good', $1, 'user.created', '{"id": "user_behind"}', now(), 'poll', 'deferred', 1)`,
    [workos.issuer],
  );
  await poll();
  expect(await inbox(`id in ('event_a_bad', 'event_b_good')`)).toMatchObject([
    { status: 'failed', error: 'ZF010 the user has no id' },
    { status: 'applied' },
  ]);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'an event of the identity provider was given up', id: 'event_a_bad' }),
  );
});

it('reads everything again when its position is no more, and takes in nothing twice', async () => {
  const before = (await inbox('true')).length;
  await admin.query(`update identity.event_cursor set after = 'event_gone'`);
  await poll();
  expect(lines).toContainEqual(
    expect.objectContaining({
      msg: expect.stringContaining('is no more: all are read again'),
      after: 'event_gone',
    }),
  );
  expect((await inbox('true')).length).toBe(before);
});

it('says so when the provider does not answer, and applies what waits nevertheless', async () => {
  await standIn.close();
  // It came while others were applied, and its webhook did not wait any longer.
  await admin.query(
    `insert into identity.inbox (id, issuer, event, data, occurred_at, source)
     values ('event_w', $1, 'user.created', '{"id": "user_w", "email": "w@people.example"}', now(), 'webhook')`,
    [workos.issuer],
  );
  await poll();
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'the identity provider could not be asked for its events' }),
  );
  expect(await inbox(`id = 'event_w'`)).toMatchObject([{ status: 'applied', attempts: 1 }]);
});
