import { beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import type { Answer, Receiver } from './support/receiver.ts';
import { accept, refuse, startReceiver } from './support/receiver.ts';
import type { TestTenant } from './support/tenant.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
let receiver: Receiver;
let tenant: TestTenant;

beforeEach(async () => {
  receiver = await startReceiver();
  tenant = await createTenant(database);
  return () => receiver.close();
});

const gone: Answer = (response) => response.writeHead(410).end('gone');

const endpointOf = async (id: string) => {
  const [endpoint] = await tenant.run<{ status: string; disabled_reason: string | null }>(
    'select status, disabled_reason from app.webhook_endpoint where id = $1',
    [id],
  );
  return endpoint;
};

const events = (type: string) =>
  tenant.run<{ data: Record<string, unknown>; actor_type: string }>(
    'select data, actor_type from app.event where type = $1 order by id',
    [type],
  );

/** As if its failures had begun, and the last one been, so many hours ago. */
async function failFor(endpoint: string, hours: number, failures = 20): Promise<void> {
  await admin.query(
    `insert into platform.endpoint_flow (tenant_id, endpoint_id, failures, failing_since, last_failure_at)
     values ($1, $2, $4, now() - make_interval(hours => $3), now())
     on conflict (tenant_id, endpoint_id) do update
       set failures = excluded.failures, failing_since = excluded.failing_since, last_failure_at = excluded.last_failure_at`,
    [tenant.id, endpoint, hours, failures],
  );
}

async function judge(): Promise<void> {
  await database
    .pool('worker')
    .query(`select graphile_worker.add_job('judge_endpoints', job_key => 'judge_endpoints')`);
  await waitUntil('it has judged', async () => {
    const { rowCount } = await admin.query(
      `select from graphile_worker.jobs where task_identifier = 'judge_endpoints'`,
    );
    return rowCount === 0;
  });
}

it('disables an endpoint that answers 410 Gone, and sends it nothing more', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  receiver.answer = gone;
  await startWorkerProcess(database);
  await tenant.createProjects(1);
  await waitUntil('it is disabled', async () => (await endpointOf(id))?.status === 'disabled');
  expect(await endpointOf(id)).toEqual({ status: 'disabled', disabled_reason: 'gone' });
  expect(await events('webhook_endpoint.disabled')).toMatchObject([
    { actor_type: 'system', data: { id, status: 'disabled', disabled_reason: 'gone' } },
  ]);
  const [delivery] = await tenant.deliveries();
  expect(delivery).toMatchObject({ status: 'failed', last_error: 'HTTP 410', attempt_count: 1 });
  const sent = receiver.requests.length;

  receiver.answer = accept;
  await tenant.run('select app.enable_webhook_endpoint($1)', [id]);
  expect(await endpointOf(id)).toEqual({ status: 'enabled', disabled_reason: null });
  await tenant.run('select app.resend_delivery($1)', [delivery?.id]);
  await waitUntil('it arrived after all', () => receiver.requests.length > sent);
  await judge();
  expect((await endpointOf(id))?.status).toBe('enabled');
});

it('warns once after half of the time, and disables after all of it', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database);
  await failFor(id, 59);
  await judge();
  expect(await events('webhook_endpoint.failing')).toEqual([]);

  await failFor(id, 61);
  await judge();
  await judge();
  const warnings = await events('webhook_endpoint.failing');
  expect(warnings).toMatchObject([{ actor_type: 'system', data: { id, url: receiver.url } }]);
  const { failing_since, disables_at } = (warnings[0]?.data ?? {}) as Record<string, unknown>;
  expect(Date.parse(String(disables_at)) - Date.parse(String(failing_since))).toBe(120 * 3_600_000);
  expect((await endpointOf(id))?.status).toBe('enabled');

  await failFor(id, 121);
  await judge();
  expect(await endpointOf(id)).toEqual({ status: 'disabled', disabled_reason: 'failing' });
  expect(await events('webhook_endpoint.disabled')).toHaveLength(1);
});

it('neither warns nor disables for few failures, however long ago the first was', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database);
  await failFor(id, 500, 4);
  await judge();
  expect((await endpointOf(id))?.status).toBe('enabled');
  expect(await events('webhook_endpoint.failing')).toEqual([]);
});

it('takes clock and rule from the configuration', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database, {
    env: { WEBHOOK_DISABLE_AFTER_HOURS: '2', WEBHOOK_DISABLE_AFTER_FAILURES: '3' },
  });
  await failFor(id, 3, 3);
  await judge();
  expect(await endpointOf(id)).toEqual({ status: 'disabled', disabled_reason: 'failing' });
});

it('forgets all failures with one success', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await startWorkerProcess(database);
  receiver.answer = refuse;
  const [event] = await tenant.createProjects(1);
  await waitUntil('its failure is counted', async () => {
    const { rows } = await admin.query('select failures from platform.endpoint_flow where endpoint_id = $1', [
      id,
    ]);
    return rows[0]?.failures === 1;
  });
  await failFor(id, 121);
  receiver.answer = accept;
  await tenant.createProjects(1);
  await waitUntil('it succeeded', () => receiver.requests.some((request) => request.id !== event));
  await waitUntil('nothing is held against it', async () => {
    const { rows } = await admin.query(
      'select from platform.endpoint_flow where endpoint_id = $1 and failing_since is not null',
      [id],
    );
    return rows.length === 0;
  });
  await judge();
  expect((await endpointOf(id))?.status).toBe('enabled');
});
