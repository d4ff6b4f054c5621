import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { startServer, type TestServer } from '../graphql/server.ts';
import { createTenant } from '../graphql/tenants.ts';
import { asApiKey, asTenant, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import { readToEnd, untilShown } from '../support/feed.ts';
import { runNode } from '../support/process.ts';
import { createTenant as createMembers } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';
import { openStream, readStream, subscription } from './reader.ts';

/* How streams end. No worker runs: what comes is found by looking, as it is when nobody tells. */
const database = await createTestDatabase();
const server = await startServer(database, { streams: { pollMs: 100, perTenant: 2, most: 5 } });
const patience = 60_000;

const rename = (apiKey: string, name: string) =>
  asApiKey(database, apiKey, (client) => client.query('update app.project set name = $1', [name]));
const lineOf = (its: TestServer, key: string, value: unknown) =>
  waitUntil(`there is a line with ${key} ${value}`, () =>
    its.lines.find((line) => line.operation === 'Live' && line[key] === value),
  );

it('what nobody tells of is found by looking', { timeout: patience }, async () => {
  const tenant = await createTenant(database, 'untold', 1);
  const stream = await openStream(server.url, tenant.apiKey);
  await rename(tenant.apiKey, 'untold');
  await waitUntil('it came', () => stream.names().includes('untold'), patience);
});

it('a key that is revoked reads no more, and its stream ends', { timeout: patience }, async () => {
  const tenant = await createTenant(database, 'revoked', 1);
  const stream = await openStream(server.url, tenant.apiKey);
  await rename(tenant.apiKey, 'seen');
  await waitUntil('it came', () => stream.names().includes('seen'), patience);
  await asApiKey(database, tenant.apiKey, (client) =>
    client.query('select app.revoke_api_key($1)', [tenant.apiKeyId]),
  );
  expect(await stream.ended(patience)).toBe('unauthenticated');
  expect(stream.messages.at(-1)?.event).toBe('complete');
  expect(await lineOf(server, 'error_code', 'unauthenticated')).toMatchObject({
    event: 'stream',
    route: '/graphql',
    status_code: 200,
    tenant_id: tenant.id,
  });
});

it('a key that may not read events is told so, and not left waiting', { timeout: patience }, async () => {
  const tenant = await createTenant(database, 'few', 1);
  const { rows } = await asApiKey(database, tenant.apiKey, (client) =>
    client.query(`select (app.create_api_key('few', '{project:read}')).secret`),
  );
  const stream = await openStream(server.url, rows[0].secret);
  expect(await stream.ended(patience)).toBe('permission_denied');
});

it('there are so many of a tenant, and of a server, and no more', { timeout: patience }, async () => {
  const tenants = [];
  for (const slug of ['many', 'more', 'most']) tenants.push(await createTenant(database, slug, 1));
  const keys = tenants.map(({ apiKey }) => apiKey);
  const [many = '', more = '', most = ''] = keys;
  const first = await openStream(server.url, many);
  await openStream(server.url, many);
  const third = await openStream(server.url, many);
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5']);
  first.close();
  await waitUntil('there is a place again', async () => (await openStream(server.url, many)).status === 200);
  await openStream(server.url, more);
  await openStream(server.url, more);
  await openStream(server.url, most);
  expect((await openStream(server.url, most)).status).toBe(429);
  await lineOf(server, 'error_code', 'too_many_streams');
});

it('one that has been open for long enough ends, and goes on where it was', {
  timeout: patience,
}, async () => {
  const brief = await startServer(database, { streams: { pollMs: 20, lifetimeMs: 500 } });
  const tenant = await createTenant(database, 'brief', 1);
  await untilShown(database, tenant.apiKey);
  const stream = await openStream(brief.url, tenant.apiKey);
  await rename(tenant.apiKey, 'first');
  expect(await stream.ended(patience)).toBe('stream_expired');
  await rename(tenant.apiKey, 'meanwhile');
  const again = await openStream(brief.url, tenant.apiKey, { after: stream.cursor() });
  await waitUntil('it came', () => again.names().includes('meanwhile'), patience);
  expect([...stream.names(), ...again.names()]).toEqual(['first', 'meanwhile']);
});

it('a client that does not read is cut off, and goes on where it was', {
  timeout: patience,
}, async () => {
  const impatient = await startServer(database, { streams: { pollMs: 20, slowMs: 300 } });
  const tenant = await createTenant(database, 'slow', 20);
  const much = Array.from({ length: 25 }, (_, n) => `d${n}: data`).join(' ');
  const query = `subscription Live { event { node { ${much} id type } } }`;
  const { hostname, port } = new URL(impatient.url);
  const sent = request({
    hostname,
    port,
    path: '/graphql',
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${tenant.apiKey}`,
    },
  });
  onTestFinished(() => void sent.destroy());
  sent.on('error', () => {});
  sent.end(JSON.stringify({ query }));
  const [answer] = await once(sent, 'response');
  answer.pause();
  // Sockets hold up to 10 MB in the loopback's buffers.
  const line = await waitUntil(
    'the stream was ended',
    async () => {
      await rename(tenant.apiKey, `again ${performance.now()}`);
      return impatient.lines.find((its) => its.error_code === 'client_too_slow');
    },
    40_000,
  );
  expect(line).toMatchObject({ operation: 'Live', status_code: 200, level: 'info' });
  let text = '';
  answer.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  answer.on('error', () => {});
  answer.resume();
  await waitUntil('all that was under way is read', () => answer.closed, 20_000);
  const whole = text.slice(0, text.lastIndexOf('\n\n'));
  const seen = [...whole.matchAll(/"id":"([^"]+)","type":"project.updated"/g)].map(([, id]) => id);
  const after = [...whole.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];
  const again = await openStream(impatient.url, tenant.apiKey, { after });
  const context = await resolveContext(database, 'api_key', tenant.apiKey);
  const all = (await readToEnd(database, context)).map(({ id }) => id);
  const next = await waitUntil(
    'it goes on',
    () => again.messages.find(({ event }) => event === 'next'),
    patience,
  );
  const from = all.indexOf(seen[0] as string);
  expect([...seen, next.data.data.event.node.id]).toEqual(all.slice(from, from + seen.length + 1));
});

it('a server that stops ends them, with word of where to go on, and ends itself', {
  timeout: patience,
}, async () => {
  const port = await freePort();
  const process = runNode(['server/main.ts'], { env: { ...database.environment, PORT: String(port) } });
  await process.printed(/the server is ready/);
  const tenant = await createTenant(database, 'stopped', 1);
  const stream = await openStream(`http://127.0.0.1:${port}`, tenant.apiKey);
  expect(stream.status).toBe(200);
  process.signal('SIGTERM');
  expect(await stream.ended(patience)).toBe('server_stopping');
  expect(await process.closed).toBe(0);
  const { rowCount } = await database
    .pool('admin')
    .query('select from platform.event_watch where tenant_id = $1', [tenant.id]);
  expect(rowCount).toBe(0);
  expect(process.output()).not.toMatch(/"level":"(error|fatal)"/);
});

it('a member who is suspended reads no more, and other sites open none with their cookie', {
  timeout: patience,
}, async () => {
  const tenant = await createMembers(database, { members: ['admin'] });
  const session = tenant.members.get('admin')?.session ?? '';
  const open = (headers: Record<string, string>) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        cookie: `__Host-freehold_session=${session}`,
        ...headers,
      },
      body: JSON.stringify({ query: subscription }),
    });
  expect((await open({ origin: 'https://elsewhere.example' })).status).toBe(403);
  // as EventSource would, from another site
  const byGet = (headers: Record<string, string>) =>
    fetch(`${server.url}/graphql?documentId=none`, {
      headers: { accept: 'text/event-stream', cookie: `__Host-freehold_session=${session}`, ...headers },
    });
  expect((await byGet({ origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await byGet({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  const stream = readStream(await open({ origin: server.url }), () => {});
  expect(stream.status).toBe(200);
  await asTenant(database, tenant, (client) =>
    client.query('select app.suspend_membership($1)', [tenant.members.get('admin')?.id]),
  );
  expect(await stream.ended(patience)).toMatch(/unauthenticated|not_a_member/);
});

it('a client that goes away gives its place back at once, and nobody is at fault', {
  timeout: patience,
}, async () => {
  const patient = await startServer(database, { streams: { pollMs: 600_000, perTenant: 1 } });
  const tenant = await createTenant(database, 'gone', 1);
  for (let times = 0; times < 3; times += 1) {
    const stream = await waitUntil('there is a place', async () => {
      const opened = await openStream(patient.url, tenant.apiKey);
      return opened.status === 200 ? opened : undefined;
    });
    stream.close();
  }
  const line = await waitUntil('it has its line', () =>
    patient.lines.find(({ event }) => event === 'stream'),
  );
  expect(line).toMatchObject({ status_code: 200, error_code: null, operation: 'Live', tenant_id: tenant.id });
});
