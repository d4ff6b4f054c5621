import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant, type TestMember } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { startObservedSite, untilLine } from './site.ts';

const database = await createTestDatabase();
const rename = `mutation Rename($id: UUID!, $name: String!) {
  updateProject(input: {id: $id, patch: {name: $name}}) { project { id } }
}`;

it('what a request comes to is in its line, its metrics and its span: refused, slow, aborted, ours', async () => {
  const site = await startObservedSite(database, { APP_STATEMENT_TIMEOUT_MS: '3000' });
  const tenant = await createTenant(database, { plan: 'enterprise', members: ['viewer'] });
  const owner = tenant.members.get('owner') as TestMember;
  const viewer = tenant.members.get('viewer') as TestMember;
  const made = await site.ask(
    owner,
    'mutation Create { createProject(input: {project: {name: "x"}}) { project { id } } }',
  );
  const { id } = made.data.createProject.project;

  // by row-level security
  await site.ask(viewer, rename, { id, name: 'y' }, { 'x-request-id': 'refused-by-rls' });
  expect(await untilLine(site, 'server', { request_id: 'refused-by-rls' })).toMatchObject({
    status_code: 200,
    error_code: 'permission_denied',
    level: 'info',
    actor_type: 'member',
    user_id: viewer.id,
  });

  // somebody else holds the row: whoever looks at the database is led to the trace
  const holder = await database.pool('admin').connect();
  await holder.query('begin');
  await holder.query('select from app.project where id = $1 for update', [id]);
  const traceId = 'dddddddddddddddddddddddddddddddd';
  const blocked = site.ask(
    owner,
    rename,
    { id, name: 'z' },
    { 'x-request-id': 'was-held-up', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  );
  await waitUntil('it is seen in pg_stat_activity', async () => {
    const { rows } = await database
      .pool('admin')
      .query(
        `select application_name from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update%'`,
      );
    return rows.some(({ application_name }) => application_name.startsWith(`freehold app ${traceId}-`));
  });
  await blocked;
  expect(await untilLine(site, 'server', { request_id: 'was-held-up' })).toMatchObject({
    trace_id: traceId,
    error_code: 'timeout',
    level: 'error',
  });
  const statement = await waitUntil('its statement is told', () =>
    site.collector.spans.find((span) => span.traceId === traceId && span.name === 'update app.project'),
  );
  expect(statement.status).toMatchObject({ code: 2, message: expect.stringContaining('timeout') });

  // the client goes away
  const { host, port } = new URL(site.url.replace('localhost', '127.0.0.1'));
  const body = JSON.stringify({ query: rename, variables: { id, name: 'w' } });
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncookie: freehold_session=${owner.session}\r\norigin: ${site.url}\r\nx-request-id: gone-away\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await waitUntil('it waits for the row, for 300 ms', async () => {
    const { rows } = await database.pool('admin').query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update%'
         and clock_timestamp() - query_start > interval '300 milliseconds'`,
    );
    return rows.length > 0;
  });
  socket.destroy();
  const gone = await untilLine(site, 'server', { request_id: 'gone-away' });
  expect(gone).toMatchObject({ aborted: true, status_code: 499, route: '/graphql' });
  // it was the database that it waited for, and waits yet
  expect(gone.db_ms).toBeGreaterThan(300);
  await holder.query('rollback');
  holder.release();

  // nothing is there, and nobody is known
  await fetch(`${site.url}/nothing/here?secret=1`, { headers: { 'x-request-id': 'nothing-there' } });
  expect(await untilLine(site, 'server', { request_id: 'nothing-there' })).toMatchObject({
    route: null,
    status_code: 404,
    error_code: 'no_such_page',
  });

  // what is no HTTP has the line of a request, and a count
  const garbage = connect(Number(port), '127.0.0.1');
  garbage.end('no HTTP at all\r\n\r\n');
  const malformed = await untilLine(site, 'server', { error_code: 'invalid_request' });
  expect(malformed).toMatchObject({
    event: 'request',
    status_code: 400,
    request_id: null,
    version: 'v-test',
  });
  expect(Object.keys(malformed).sort()).toEqual(Object.keys(gone).sort());

  const outcomes = async (outcome: string) =>
    (await site.samples('server', 'http_server_request_duration_seconds_count'))
      .filter(({ labels }) => labels.outcome === outcome)
      .reduce((sum, { value }) => sum + value, 0);
  expect(await outcomes('server_error')).toBe(1);
  expect(await outcomes('client_error')).toBeGreaterThanOrEqual(3);
  const errors = await site.samples('server', 'freehold_errors_total');
  expect(errors.map(({ labels }) => labels.code).sort()).toEqual(
    expect.arrayContaining(['invalid_request', 'no_such_page', 'permission_denied', 'timeout']),
  );
  const refusals = await site.samples('server', 'freehold_rls_refusals_total');
  expect(Object.fromEntries(refusals.map(({ labels, value }) => [labels.reason, value]))).toEqual({
    context: 0,
    permission: 1,
    policy: 0,
  });
});

it('neither clients nor tenants can make more series than there is room for', async () => {
  const site = await startObservedSite(database, { OTEL_LOGS_EXPORTER: 'none' });
  const tenant = await createTenant(database);
  const owner = tenant.members.get('owner') as TestMember;
  for (let n = 0; n < 130; n += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        site.ask(owner, `query Name${n + i} { tenants { nodes { id } } }`),
      ),
    );
  // nor longer ones, nor names of nothing
  await site.ask(owner, `query ${'N'.repeat(5_000)} { tenants { nodes { id } } }`);
  await fetch(`${site.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: `freehold_session=${owner.session}`,
      origin: site.url,
      'x-request-id': 'names-nothing',
    },
    body: JSON.stringify({ query: 'query Real { tenants { nodes { id } } }', operationName: 'Ghost' }),
  });
  expect(await untilLine(site, 'server', { request_id: 'names-nothing' })).toMatchObject({ operation: null });
  for (let n = 0; n < 20; n += 1) await fetch(`${site.url}/path-${n}/${crypto.randomUUID()}`);
  const samples = await site.samples('server', 'http_server_request_duration_seconds_count');
  const operations = new Set(samples.map(({ labels }) => labels.graphql_operation_name));
  expect(operations.size).toBeLessThanOrEqual(102);
  expect(samples.find(({ labels }) => labels.graphql_operation_name === 'other')?.value).toBe(31);
  const text = await (await fetch(site.metrics.server)).text();
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(500);
  expect(new Set(samples.map(({ labels }) => labels.http_route))).toEqual(new Set(['/graphql', 'none']));
  expect(text).not.toContain(tenant.id);
  expect(text).not.toContain(owner.id);
});
