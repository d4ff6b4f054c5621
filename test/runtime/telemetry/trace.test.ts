import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { openStream } from '../../streams/reader.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant, type TestMember } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { startReceiver } from '../../worker/support/receiver.ts';
import type { CollectedSpan } from './collector.ts';
import { type ObservedSite, startObservedSite, untilLine } from './site.ts';

const database = await createTestDatabase();

/** deploy/metrics.yaml */
interface Metric {
  name: string;
  type: string;
  process: string[];
  labels?: Record<string, 'any' | string[]>;
  buckets?: number[];
}
const contract: Metric[] = parse(readFileSync('deploy/metrics.yaml', 'utf8')).metrics;

const fields = [
  'event',
  'request_id',
  'trace_id',
  'span_id',
  'tenant_id',
  'user_id',
  'actor_type',
  'operation',
  'method',
  'route',
  'status_code',
  'duration_ms',
  'db_ms',
  'db_queries',
  'error_code',
  'aborted',
  'version',
  'env',
  'entity',
  'entity_id',
  'transition',
  'events',
].sort();
/** What pino adds to each line. */
const frame = ['level', 'time', 'pid', 'name', 'msg'];
const fieldsOf = (line: Record<string, unknown>) =>
  Object.keys(line)
    .filter((key) => !frame.includes(key))
    .sort();

const upgrade = `mutation Upgrade($id: UUID!) {
  upgradeSubscription(input: {id: $id, plan: "business"}) { subscription { plan } }
}`;

async function subscriptionOf(site: ObservedSite, member: TestMember): Promise<string> {
  const { data } = await site.ask(member, '{ subscriptions { nodes { id } } }');
  return data.subscriptions.nodes[0].id;
}

const upgradesCounted = async (site: ObservedSite) =>
  (await site.samples('worker', 'freehold_events_total')).find(
    ({ labels }) => labels.type === 'subscription.upgraded',
  )?.value ?? 0;

it('one trace, one line each and one count tell of an upgrade, from the client to the webhook', async () => {
  const site = await startObservedSite(database);
  const tenant = await createTenant(database, { plan: 'team', paid: true });
  const owner = tenant.members.get('owner') as TestMember;
  const receiver = await startReceiver();
  await site.ask(
    owner,
    'mutation Hook($url: String!) { createWebhookEndpoint(input: {url: $url, eventTypes: ["subscription.upgraded"]}) { createdWebhookEndpoint { id } } }',
    { url: receiver.url },
  );
  const id = await subscriptionOf(site, owner);
  const before = await upgradesCounted(site);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await site.ask(
    owner,
    upgrade,
    { id },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'the-upgrade' },
  );
  expect(answer).toEqual({
    status: 200,
    data: { upgradeSubscription: { subscription: { plan: 'business' } } },
  });

  // the webhook
  await waitUntil('the webhook came', () => receiver.requests.length > 0);
  const sent = String(receiver.requests[0]?.headers.traceparent);
  expect(sent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

  // the event
  const { rows } = await database
    .pool('admin')
    .query(`select traceparent, request_id from app.event where type = 'subscription.upgraded'`);
  expect(rows).toEqual([
    { request_id: 'the-upgrade', traceparent: expect.stringMatching(`^00-${traceId}-[0-9a-f]{16}-01$`) },
  ]);

  // the lines
  const request = await untilLine(site, 'server', { event: 'request', request_id: 'the-upgrade' });
  expect(fieldsOf(request)).toEqual(fields);
  expect(request).toMatchObject({
    trace_id: traceId,
    tenant_id: tenant.id,
    user_id: owner.id,
    actor_type: 'member',
    operation: 'Upgrade',
    method: 'POST',
    route: '/graphql',
    status_code: 200,
    db_queries: 1,
    error_code: null,
    aborted: false,
    version: 'v-test',
    env: 'test',
    entity: 'subscription',
    entity_id: id,
    events: expect.arrayContaining(['subscription.upgraded']),
  });
  expect(request.db_ms).toBeGreaterThan(0);
  expect(request.db_ms).toBeLessThanOrEqual(Number(request.duration_ms));
  const job = await untilLine(site, 'worker', { event: 'job', operation: 'deliver', trace_id: traceId });
  expect(fieldsOf(job)).toEqual([...fields, 'attempt'].sort());
  expect(job).toMatchObject({
    request_id: 'the-upgrade',
    tenant_id: tenant.id,
    entity: 'subscription',
    entity_id: id,
    events: null,
  });
  const all = [...site.lines('server'), ...site.lines('worker')];
  expect(all.filter(({ trace_id, event }) => event && trace_id === traceId)).toHaveLength(2);

  // the count: a transaction anywhere in the cluster holds it back, those of other tests too
  await waitUntil('it is counted', async () => (await upgradesCounted(site)) > before);
  expect(await upgradesCounted(site)).toBe(before + 1);

  // the spans
  const spans = await waitUntil('the trace is whole', () => {
    const its = site.collector.spans.filter((span) => span.traceId === traceId);
    const names = ['job deliver', 'POST webhook', 'POST /graphql'];
    return names.every((name) => its.some((span) => span.name === name)) ? its : undefined;
  });
  const named = (name: string): CollectedSpan => {
    const its = spans.filter((span) => span.name === name);
    expect([name, its.length]).toEqual([name, 1]);
    return its[0] as CollectedSpan;
  };
  const http = named('POST /graphql');
  expect(http).toMatchObject({
    service: 'freehold-server',
    parentSpanId: '00f067aa0ba902b7',
    attributes: {
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'freehold.tenant_id': tenant.id,
      'freehold.actor_id': owner.id,
      'freehold.request_id': 'the-upgrade',
      'graphql.operation.name': 'Upgrade',
    },
  });
  const mutation = named('graphql mutation');
  const statement = named('select app.upgrade_subscription');
  const job_ = named('job deliver');
  const post = named('POST webhook');
  expect([mutation.parentSpanId, named('graphql plan').parentSpanId, statement.parentSpanId]).toEqual([
    http.spanId,
    mutation.spanId,
    mutation.spanId,
  ]);
  expect(statement.attributes['db.system.name']).toBe('postgresql');
  for (const span of [mutation, named('graphql plan'), statement, job_, post])
    expect([
      span.name,
      span.attributes['freehold.tenant_id'],
      span.attributes['freehold.request_id'],
    ]).toEqual([span.name, tenant.id, 'the-upgrade']);
  expect(statement.attributes).toMatchObject({
    'freehold.actor_id': owner.id,
    'freehold.operation': 'Upgrade',
  });
  // what goes on with a trace is linked to the event that it answers
  for (const span of [job_, post]) expect(span.links).toMatchObject([{ traceId, spanId: http.spanId }]);
  const [dispatched, taken] = [named('wait for the dispatcher'), named('wait for the worker')];
  expect([dispatched, taken, job_, post].map(({ parentSpanId }) => parentSpanId)).toEqual([
    http.spanId,
    http.spanId,
    http.spanId,
    job_.spanId,
  ]);
  expect(taken.startNs).toBe(dispatched.endNs);
  expect(sent).toContain(post.spanId);

  // and the lines are with them
  await waitUntil(
    'the lines came',
    () => site.collector.lines.filter((line) => line.traceId === traceId).length >= 2,
  );
  await receiver.close();

  // a stream shows what happened from there on
  const { data } = await site.ask(owner, '{ changeFeed(first: 1) { pageInfo { endCursor } } }');
  const stream = await openStream(site.url, '', {
    after: data.changeFeed.pageInfo.endCursor,
    headers: { cookie: `freehold_session=${owner.session}`, origin: site.url },
  });
  await waitUntil('events came', () => stream.messages.length > 0);
  stream.close();
  const streamed = await untilLine(site, 'server', { event: 'stream', operation: 'Live' });
  expect(fieldsOf(streamed)).toEqual(fields);
  expect(streamed).toMatchObject({
    tenant_id: tenant.id,
    user_id: owner.id,
    status_code: 200,
    error_code: null,
  });

  // and what the two expose is what is written down, for rules and dashboards
  await fetch(`${site.url}/nothing`);
  for (const process of ['server', 'worker'] as const) {
    const text = await (await fetch(site.metrics[process])).text();
    for (const metric of contract.filter((its) => its.process.includes(process))) {
      const name = metric.type === 'histogram' ? `${metric.name}_count` : metric.name;
      const samples = await site.samples(process, name);
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      expect([process, metric.name, samples.length > 0, [...labels].sort()]).toEqual([
        process,
        metric.name,
        true,
        Object.keys(metric.labels ?? {}).sort(),
      ]);
      expect(text).toContain(`# TYPE ${metric.name} ${metric.type}\n`);
      for (const [label, values] of Object.entries(metric.labels ?? {}))
        if (values !== 'any') for (const sample of samples) expect(values).toContain(sample.labels[label]);
      if (metric.buckets) {
        const buckets = await site.samples(process, `${metric.name}_bucket`);
        const bounds = new Set(buckets.map((sample) => sample.labels.le));
        expect([...bounds]).toEqual([...metric.buckets.map(String), '+Inf']);
      }
    }
    const ours = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name));
    expect(
      ours.filter((name) => !/^(nodejs|v8js)_/.test(name) && !contract.some((its) => its.name === name)),
    ).toEqual([]);
  }
});
