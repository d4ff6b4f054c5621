import { expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant, type TestMember } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { accept, refuse, startReceiver } from '../../worker/support/receiver.ts';
import { clearQueues, passTime } from '../../worker/support/tenant.ts';
import { type ObservedSite, startObservedSite, untilLine } from './site.ts';

const database = await createTestDatabase();

const hook = `mutation Hook($url: String!) {
  createWebhookEndpoint(input: {url: $url, eventTypes: ["project.created"]}) { createdWebhookEndpoint { id } }
}`;
const create =
  'mutation Create($name: String!) { createProject(input: {project: {name: $name}}) { project { id } } }';

const traceOf = (traceparent: unknown) => String(traceparent).split('-')[1];
const posts = (site: ObservedSite) => site.collector.spans.filter(({ name }) => name === 'POST webhook');

it('a first attempt goes on with the trace of its event, a repetition has one of its own that is linked to it', async () => {
  const site = await startObservedSite(database);
  const tenant = await createTenant(database, { plan: 'enterprise' });
  const owner = tenant.members.get('owner') as TestMember;
  const receiver = await startReceiver(refuse);
  await site.ask(owner, hook, { url: receiver.url });
  const traceId = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
  await site.ask(owner, create, { name: 'x' }, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  await waitUntil('the first attempt came', () => receiver.requests.length === 1);
  receiver.answer = accept;
  await waitUntil('the repetition came', async () => {
    await passTime(database);
    return receiver.requests.length === 2;
  });
  const [first, second] = receiver.requests.map(({ headers }) => traceOf(headers.traceparent));
  expect(first).toBe(traceId);
  expect(second).not.toBe(traceId);
  const spans = await waitUntil('both are told', () => {
    const its = posts(site);
    return its.length === 2 ? its : undefined;
  });
  const repetition = spans.find((span) => span.traceId === second);
  expect(repetition).toMatchObject({
    attributes: { 'freehold.attempt': 2 },
    links: [{ traceId, spanId: expect.any(String) }],
  });
  // the job that made it too
  const job = await waitUntil('the job is told of', () =>
    site.collector.spans.find(({ name, traceId: its }) => name === 'job deliver' && its === second),
  );
  expect(job).toMatchObject({ spanId: repetition?.parentSpanId, links: [{ traceId }] });
  await receiver.close();
});

it('several traces that are delivered together each go on, linked to the job', async () => {
  const site = await startObservedSite(database, { WORKER_CONCURRENCY: '1' });
  const tenant = await createTenant(database, { plan: 'enterprise' });
  const owner = tenant.members.get('owner') as TestMember;
  const receiver = await startReceiver();
  await site.ask(owner, hook, { url: receiver.url });
  await clearQueues(database);
  // One transaction for both: the dispatcher finds them together.
  const traces = ['b', 'c'].map((digit) => digit.repeat(32));
  const client = await database.pool('worker').connect();
  await client.query('begin');
  await client.query(`select platform.enter_as_system($1, 'test')`, [tenant.id]);
  await client.query('set local role freehold_user');
  for (const trace of traces) {
    await client.query(`select set_config('freehold.traceparent', $1, true)`, [
      `00-${trace}-00f067aa0ba902b7-01`,
    ]);
    await client.query('insert into app.project (name) values ($1)', [trace]);
  }
  await client.query('commit');
  client.release();
  await waitUntil('both came', () => receiver.requests.length === 2);
  expect(receiver.requests.map(({ headers }) => traceOf(headers.traceparent)).sort()).toEqual(traces);
  const spans = await waitUntil('both are told', () => {
    const its = posts(site);
    return its.length === 2 ? its : undefined;
  });
  const job = await waitUntil('the job is told of', () =>
    site.collector.spans.find(({ name }) => name === 'job deliver'),
  );
  expect(job.links.map(({ traceId }) => traceId).sort()).toEqual(traces);
  for (const span of spans)
    expect(span).toMatchObject({
      parentSpanId: '00f067aa0ba902b7',
      links: [{ traceId: job.traceId, spanId: job.spanId }],
    });
  await receiver.close();
});

it('a trace that is not kept has an id all the same, and no spans, whatever the client wants', async () => {
  const site = await startObservedSite(database, { TRACES_RATIO: '0' });
  const tenant = await createTenant(database, { plan: 'enterprise' });
  const owner = tenant.members.get('owner') as TestMember;
  const receiver = await startReceiver();
  await site.ask(owner, hook, { url: receiver.url }, { 'x-request-id': 'without-a-trace' });
  const theirs = 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee';
  await site.ask(
    owner,
    create,
    { name: 'x' },
    { traceparent: `00-${theirs}-00f067aa0ba902b7-01`, 'x-request-id': 'with-a-trace' },
  );
  await waitUntil('the webhook came', () => receiver.requests.length === 1);
  expect(receiver.requests[0]?.headers.traceparent).toMatch(new RegExp(`^00-${theirs}-[0-9a-f]{16}-00$`));
  expect(await untilLine(site, 'server', { request_id: 'with-a-trace' })).toMatchObject({ trace_id: theirs });
  // zeros name no trace (W3C): one is begun
  const zeros = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
  await site.ask(owner, create, { name: 'y' }, { traceparent: zeros, 'x-request-id': 'with-zeros' });
  expect((await untilLine(site, 'server', { request_id: 'with-zeros' })).trace_id).toMatch(
    /^(?!0{32})[0-9a-f]{32}$/,
  );
  expect(await untilLine(site, 'server', { request_id: 'without-a-trace' })).toMatchObject({
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    db_queries: expect.any(Number),
  });
  await untilLine(site, 'worker', { event: 'job', operation: 'deliver', trace_id: theirs });
  site.server.signal('SIGTERM');
  site.worker.signal('SIGTERM');
  await Promise.all([site.server.ended, site.worker.ended]);
  expect(site.collector.spans).toEqual([]);
  await receiver.close();
});
