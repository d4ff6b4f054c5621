import { beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from '../worker/support/process.ts';
import { accept, refuse, startReceiver } from '../worker/support/receiver.ts';
import { startServer } from './server.ts';
import type { Tenant } from './tenants.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const server = await startServer(database);
const receiver = await startReceiver();
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  [tenant, other] = [await createTenant(database, 'acme'), await createTenant(database, 'globex')];
  return () => receiver.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape.
async function ask(query: string, variables: Record<string, unknown> = {}, as = tenant): Promise<any> {
  const { data, errors } = await server.query(as.apiKey, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

const create = `mutation ($url: String!, $types: [String]) {
  createWebhookEndpoint(input: {
    url: $url, eventTypes: $types, description: "of a test", channels: [], ordered: false, rateLimit: 100, concurrency: 5, retryDelays: [1]
  }) { createdWebhookEndpoint { id secret } }
}`;

const createProject = `mutation ($name: String!) { createProject(input: {project: {name: $name}}) { project { id } } }`;

const log = `query ($id: UUID!, $status: DeliveryStatus) {
  webhookEndpoint(id: $id) {
    status ordered rateLimit concurrency retryDelays channels disabledReason
    statistics(hours: 1) { attempts succeeded successRate latencyP50Ms latencyP95Ms backlog failed failingSince resumesAt }
    deliveries(filter: {status: {equalTo: $status}}) {
      nodes { status attemptCount lastError event { type } attempts { nodes { attempt succeeded statusCode latencyMs responseExcerpt error } } }
    }
  }
}`;

it('shows an owner all of an endpoint: settings, deliveries by status with their attempts, statistics', async () => {
  const made = await ask(create, { url: receiver.url, types: ['project.*'] });
  const { id } = made.createWebhookEndpoint.createdWebhookEndpoint;
  await startWorkerProcess(database);
  await ask(createProject, { name: 'good' });
  await waitUntil('one arrived', () => receiver.requests.length === 1);
  receiver.answer = refuse;
  await ask(createProject, { name: 'bad' });
  const shown = await waitUntil(
    'the other was given up',
    async () => {
      const { webhookEndpoint } = await ask(log, { id, status: 'failed' });
      return webhookEndpoint.deliveries.nodes.length === 1 ? webhookEndpoint : undefined;
    },
    20_000,
  );
  receiver.answer = accept;
  expect(shown).toMatchObject({
    status: 'enabled',
    ordered: false,
    rateLimit: 100,
    concurrency: 5,
    retryDelays: [1],
    channels: [],
    disabledReason: null,
  });
  const attempt = { succeeded: false, statusCode: 500, responseExcerpt: 'no', error: 'HTTP 500' };
  expect(shown.deliveries.nodes).toMatchObject([
    {
      attemptCount: 2,
      lastError: 'HTTP 500',
      event: { type: 'project.created' },
      attempts: {
        nodes: [
          { attempt: 1, ...attempt },
          { attempt: 2, ...attempt },
        ],
      },
    },
  ]);
  expect(shown.statistics).toMatchObject({
    attempts: 3,
    succeeded: 1,
    backlog: 0,
    failed: 1,
    resumesAt: null,
  });
  expect(shown.statistics.successRate).toBeCloseTo(1 / 3);
  expect(shown.statistics.latencyP95Ms).toBeGreaterThanOrEqual(shown.statistics.latencyP50Ms);
  expect(Date.parse(shown.statistics.failingSince)).toBeGreaterThan(Date.now() - 60_000);
  const { webhookEndpoint } = await ask(log, { id, status: 'succeeded' });
  expect(webhookEndpoint.deliveries.nodes).toHaveLength(1);

  const { data } = await server.query(other.apiKey, log, { id });
  expect(data.webhookEndpoint).toBeNull();
});

it('changes, disables and enables an endpoint, replays and sends a test event', async () => {
  const made = await ask(create, { url: receiver.url, types: ['project.*'] });
  const { id } = made.createWebhookEndpoint.createdWebhookEndpoint;
  const { updateWebhookEndpoint } = await ask(
    `mutation ($id: UUID!) { updateWebhookEndpoint(input: {id: $id, patch: {ordered: true, rateLimit: null, channels: ["project:1"]}}) {
      webhookEndpoint { ordered rateLimit channels version } } }`,
    { id },
  );
  expect(updateWebhookEndpoint.webhookEndpoint).toEqual({
    ordered: true,
    rateLimit: null,
    channels: ['project:1'],
    version: 2,
  });
  const verb = async (name: string) =>
    (
      await ask(
        `mutation ($id: UUID!) { ${name}WebhookEndpoint(input: {id: $id}) { webhookEndpoint { status } } }`,
        { id },
      )
    )[`${name}WebhookEndpoint`].webhookEndpoint.status;
  expect(await verb('disable')).toBe('disabled');
  const refused = await server.query(
    tenant.apiKey,
    `mutation ($id: UUID!) { sendTestEvent(input: {endpointId: $id}) { delivery { id } } }`,
    { id },
  );
  expect(refused.errors?.[0]?.extensions.code).toBe('illegal_transition');
  expect(await verb('enable')).toBe('enabled');
  const { sendTestEvent } = await ask(
    `mutation ($id: UUID!) { sendTestEvent(input: {endpointId: $id, message: "hello"}) { delivery { status event { type data } } } }`,
    { id },
  );
  expect(sendTestEvent.delivery).toMatchObject({
    status: 'pending',
    event: { type: 'webhook_endpoint.tested', data: { id, message: 'hello' } },
  });
  const { createWebhookReplay } = await ask(
    `mutation ($id: UUID!, $since: Datetime!) {
      createWebhookReplay(input: {webhookReplay: {endpointId: $id, since: $since, failedOnly: true}}) {
        webhookReplay { id status queued failedOnly endpoint { id } } } }`,
    { id, since: new Date(Date.now() - 3_600_000).toISOString() },
  );
  const { webhookReplay } = createWebhookReplay;
  expect(webhookReplay).toMatchObject({ status: 'running', queued: '0', failedOnly: true, endpoint: { id } });
  const { cancelWebhookReplay } = await ask(
    `mutation ($id: UUID!) { cancelWebhookReplay(input: {id: $id}) { webhookReplay { status } } }`,
    { id: webhookReplay.id },
  );
  expect(cancelWebhookReplay.webhookReplay.status).toBe('canceled');
});

it.each([
  ['rateLimit: 0', 'invalid_value'],
  ['concurrency: 101', 'invalid_value'],
  ['retryDelays: [0]', 'invalid_value'],
  ['retryDelays: [604801]', 'invalid_value'],
  ['eventTypes: ["nothing.*"]', 'invalid_argument'],
])('refuses %s', async (given, code) => {
  const { errors } = await server.query(
    tenant.apiKey,
    `mutation { createWebhookEndpoint(input: {url: "https://x.example/", ${given}}) { createdWebhookEndpoint { id } } }`,
  );
  expect(errors?.[0]?.extensions.code).toBe(code);
});
