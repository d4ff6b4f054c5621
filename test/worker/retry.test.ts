import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from './support/process.ts';
import type { Answer, Receiver } from './support/receiver.ts';
import { accept, cut, flood, hang, redirect, refuse, stall, startReceiver } from './support/receiver.ts';
import type { DeliveryRow, TestTenant } from './support/tenant.ts';
import { createTenant, passTime } from './support/tenant.ts';

const database = await createTestDatabase();
let receiver: Receiver;
let tenant: TestTenant;

/** One for all tests: each has a tenant and a receiver of its own. */
const worker = runWorker(database, { env: { WEBHOOK_TIMEOUT_MS: '3000' } });
beforeAll(() => worker.printed(/the worker is ready/));
afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
});

beforeEach(async () => {
  receiver = await startReceiver(refuse);
  tenant = await createTenant(database);
  return async () => {
    // What it was to get must not come to the next receiver on this port.
    await database.pool('admin').query('truncate platform.delivery_queue');
    await receiver.close();
  };
});

/** The only delivery of the tenant, as soon as `attempts` were recorded. */
async function afterAttempt(attempts: number): Promise<DeliveryRow> {
  return waitUntil(`attempt ${attempts} is recorded`, async () => {
    const [delivery] = await tenant.deliveries();
    return delivery?.attempt_count === attempts ? delivery : undefined;
  });
}

const minutes = 60;
const hours = 3_600;
const schedule = [
  5,
  5 * minutes,
  30 * minutes,
  2 * hours,
  5 * hours,
  10 * hours,
  14 * hours,
  20 * hours,
  24 * hours,
];

it('is tried ten times on the schedule, under one webhook-id, then has failed and can be resent', async () => {
  await tenant.createEndpoint(receiver.url, ['project.*']);
  const [id] = await tenant.createProjects(1);
  for (const [index, seconds] of schedule.entries()) {
    const delivery = await afterAttempt(index + 1);
    expect(delivery).toMatchObject({ status: 'pending', last_error: 'HTTP 500' });
    const [due] = await tenant.run<{ seconds: number }>(
      'select extract(epoch from next_attempt_at - updated_at)::float as seconds from app.delivery',
    );
    expect(due?.seconds).toBeGreaterThanOrEqual(seconds * 0.8);
    expect(due?.seconds).toBeLessThanOrEqual(seconds * 1.2);
    await passTime(database);
  }
  const failed = await afterAttempt(10);
  expect(failed).toMatchObject({ status: 'failed', next_attempt_at: null });
  expect(receiver.requests).toHaveLength(10);
  expect([...receiver.ids()]).toEqual([id]);
  const attempts = await tenant.run(
    'select attempt, status_code, error, response_excerpt from app.delivery_attempt order by id',
  );
  expect(attempts).toEqual(
    Array.from({ length: 10 }, (_, i) => ({
      attempt: i + 1,
      status_code: 500,
      error: 'HTTP 500',
      response_excerpt: 'no',
    })),
  );

  receiver.answer = accept;
  await tenant.run('select app.resend_delivery($1)', [failed.id]);
  expect(await afterAttempt(11)).toMatchObject({
    status: 'succeeded',
    last_error: null,
    next_attempt_at: null,
  });
  expect([...receiver.ids()]).toEqual([id]);
});

it('comes back by itself after five seconds', async () => {
  await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.createProjects(1);
  await afterAttempt(1);
  receiver.answer = accept;
  expect(await afterAttempt(2)).toMatchObject({ status: 'succeeded' });
});

it('is sent now when its owner does not want to wait', async () => {
  await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.createProjects(1);
  await afterAttempt(1);
  await passTime(database);
  const waiting = await afterAttempt(2);
  receiver.answer = accept;
  await tenant.run('select app.resend_delivery($1)', [waiting.id]);
  expect(await afterAttempt(3)).toMatchObject({ status: 'succeeded' });
});

const dirty: Answer = (response) => response.writeHead(400).end(Buffer.from([0, 0xff, 0x41]));

it.each([
  ['a redirect', redirect, { last_error: 'HTTP 307' }, { status_code: 307 }],
  ['no answer', hang, { last_error: 'no complete answer within 3 s' }, { status_code: null }],
  ['half an answer', stall, { last_error: 'no complete answer within 3 s' }, { status_code: 200 }],
  ['a cut connection', cut, { last_error: 'the connection was cut' }, { status_code: null }],
  ['50 MB', flood, { last_error: 'HTTP 500' }, { status_code: 500, response_excerpt: 'x'.repeat(16_384) }],
  [
    'bytes that are no text',
    dirty,
    { last_error: 'HTTP 400' },
    { status_code: 400, response_excerpt: '\ufffdA' },
  ],
])('takes %s for a failure', async (_, answer, delivery, attempt) => {
  receiver.answer = answer;
  await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.createProjects(1);
  expect(await afterAttempt(1)).toMatchObject({ status: 'pending', ...delivery });
  expect(await tenant.run('select * from app.delivery_attempt')).toMatchObject([attempt]);
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/']);
});

const busy =
  (status: number, retryAfter: string): Answer =>
  (response) =>
    response.writeHead(status, { 'retry-after': retryAfter }).end();

/** Seconds from the attempt to the next. */
async function waitsFor(): Promise<number> {
  await afterAttempt(1);
  const [due] = await tenant.run<{ seconds: number }>(
    'select extract(epoch from next_attempt_at - updated_at)::float as seconds from app.delivery',
  );
  return due?.seconds ?? Number.NaN;
}

it.each([
  ['seconds', 429, '120', [120, 120]],
  ['seconds', 503, '7', [7, 7]],
  ['a date', 502, new Date(Date.now() + 3_600_000).toUTCString(), [3_400, 3_600]],
  ['less than the schedule', 504, '1', [4, 6]],
  ['more than a day', 503, '9999999', [86_400, 86_400]],
  ['nonsense', 503, 'soon', [4, 6]],
  ['a date that is past', 503, new Date(0).toUTCString(), [4, 6]],
  ['seconds, but no reason to ask', 500, '120', [4, 6]],
] as const)('honours a Retry-After of %s with %i', async (_, status, asked, [least, most]) => {
  receiver.answer = busy(status, asked);
  await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.createProjects(1);
  const seconds = await waitsFor();
  expect(seconds).toBeGreaterThanOrEqual(least);
  expect(seconds).toBeLessThanOrEqual(most + 0.001);
});

it('follows the delays of its endpoint, and begins them anew when it is resent', async () => {
  const { id } = await tenant.createEndpoint(receiver.url, ['project.*']);
  await tenant.run(`update app.webhook_endpoint set retry_delays = '{100}' where id = $1`, [id]);
  await tenant.createProjects(1);
  expect(await waitsFor()).toBeGreaterThanOrEqual(80);
  await passTime(database);
  const failed = await afterAttempt(2);
  expect(failed.status).toBe('failed');
  await tenant.run('select app.resend_delivery($1)', [failed.id]);
  expect(await afterAttempt(3)).toMatchObject({ status: 'pending' });
  await passTime(database);
  expect(await afterAttempt(4)).toMatchObject({ status: 'failed' });
});
