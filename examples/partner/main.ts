/**
 * What a partner does with an API key, from first to last: creates a project and sends the same request again, pages through all invoices, subscribes a webhook
 * and verifies what it brings, polls the change feed, and downloads a report.
 *
 *   FREEHOLD_URL=http://localhost:5678 FREEHOLD_KEY=fh_test_... node examples/partner/main.ts
 *
 * Prints one line of JSON for each step. Exit codes: 0 when all was done; 1 when a step was not, with the problem.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFreehold, dataOf, ProblemError, rowsOf } from '../../clients/typescript/src/rest/client.ts';
import { verify } from '../webhook-verification/verify.ts';

const { FREEHOLD_URL = 'http://localhost:5678', FREEHOLD_KEY = '' } = process.env;
const api = createFreehold({ baseUrl: `${FREEHOLD_URL}/v1`, apiKey: FREEHOLD_KEY });
const say = (step: object): void => console.log(JSON.stringify(step));

/** Asks again and again until there is something, for a minute. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what}: not within a minute`);
}

/** Receives webhooks, as a partner's own server would: verified by the secret once that is known. */
function receive() {
  const messages: { body: Buffer; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      messages.push({ body: Buffer.concat(chunks), headers: request.headers });
      response.statusCode = 204;
      response.end();
    });
  });
  return { messages, server };
}

async function journey(): Promise<void> {
  // 1. A project, and the same request again, as after an answer that was lost.
  const headers = { 'Idempotency-Key': crypto.randomUUID() };
  const create = () =>
    api.POST('/projects', { body: { name: 'Partner project' }, params: { header: headers } });
  const first = await create();
  const again = await create();
  const project = await dataOf(Promise.resolve(first));
  say({
    step: 'project',
    id: project.id,
    same: again.data?.id === project.id,
    replayed: again.response.headers.get('idempotency-replayed') === 'true',
  });

  // 2. Every invoice.
  let invoices = 0;
  const seen = new Set<string>();
  const pages = rowsOf((cursor) =>
    api.GET('/invoices', { params: { query: { limit: 100, sort: 'id', ...cursor } } }),
  );
  for await (const invoice of pages) {
    invoices += 1;
    seen.add(invoice.id);
  }
  say({ step: 'invoices', count: invoices, distinct: seen.size });

  // 3. The place in the change feed from which on to poll.
  let cursor: string | undefined;
  for (let more = true; more; ) {
    const page = await dataOf(
      api.GET('/events', { params: { query: { limit: 100, ...(cursor && { cursor }) } } }),
    );
    cursor = page.next_cursor ?? cursor;
    more = page.has_more;
  }

  // 4. A webhook, and what it brings.
  const { messages, server } = receive();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const endpoint = await dataOf(
    api.POST('/webhook_endpoints', { body: { url, event_types: ['project.*'] } }),
  );
  await dataOf(api.POST('/projects/{id}/archive', { params: { path: { id: project.id } } }));
  const message = await until('the webhook', async () => messages[0]);
  const event = verify(message.body, message.headers, [endpoint.secret ?? '']) as {
    type: string;
    entity_id: string;
  };
  say({ step: 'webhook', type: event.type, ofProject: event.entity_id === project.id });
  server.close();

  // 5. The same in the feed.
  const types: string[] = [];
  await until('the feed', async () => {
    const page = await dataOf(
      api.GET('/events', {
        params: { query: { limit: 100, types: ['project.*'], ...(cursor && { cursor }) } },
      }),
    );
    cursor = page.next_cursor ?? cursor;
    for (const { type, entity_id } of page.data) if (entity_id === project.id) types.push(type);
    return types.includes('project.archived') ? true : undefined;
  });
  say({ step: 'feed', types });

  // 6. A report.
  const report = await dataOf(api.POST('/reports', { body: { kind: 'invoices', format: 'csv' } }));
  await until('the report', async () => {
    const { status } = await dataOf(api.GET('/reports/{id}', { params: { path: { id: report.id } } }));
    if (status === 'failed') throw new Error('the report failed');
    return status === 'exported' ? true : undefined;
  });
  const content = await fetch(`${FREEHOLD_URL}/v1/reports/${report.id}/content`, {
    headers: { authorization: `Bearer ${FREEHOLD_KEY}` },
  });
  const lines = (await content.text()).trimEnd().split('\n');
  say({ step: 'report', type: content.headers.get('content-type'), rows: lines.length - 1 });
  await dataOf(api.POST('/webhook_endpoints/{id}/disable', { params: { path: { id: endpoint.id } } }));
}

try {
  await journey();
} catch (error) {
  console.error(error instanceof ProblemError ? JSON.stringify(error.problem) : error);
  process.exitCode = 1;
}
