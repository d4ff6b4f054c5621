import { expect, it } from 'vitest';
import { seed } from '../../db/seed.ts';
import { asSystem } from '../../worker/context.ts';
import { startServer } from '../graphql/server.ts';
import { asOperator } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const [acme, globex] = await seed(database.urls.owner, 'reports');
if (!acme || !globex) throw new Error('the seed made no tenants');
const server = await startServer(database);

const get = (id: string, key: string) =>
  fetch(`${server.url}/reports/${id}/content`, { headers: { authorization: `Bearer ${key}` } });

async function exported(kind: string, format = 'ndjson'): Promise<string> {
  const { data } = await server.query(
    acme?.apiKey,
    `mutation ($kind: String!, $format: String) { createReport(input: { report: { kind: $kind, format: $format } }) { report { id status } } }`,
    { kind, format },
  );
  const { id, status } = data.createReport.report as { id: string; status: string };
  expect(status).toBe('requested');
  for (const verb of ['start', 'finish']) {
    await asSystem(database.pool('worker'), acme?.id as string, 'test', (client) =>
      client.query(`select app.${verb}_report($1)`, [id]),
    );
  }
  return id;
}

it('a report is downloaded as one JSON object a line, and the download is an event', async () => {
  const id = await exported('events');
  const answer = await get(id, acme.apiKey);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const rows = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; tenant_id: string });
  expect(rows.map((row) => row.type)).toContain('tenant.created');
  expect(new Set(rows.map((row) => row.tenant_id))).toEqual(new Set([acme.id]));
  expect(rows[0]).not.toHaveProperty('xid');
  const { rows: events } = await database
    .pool('admin')
    .query(`select actor_type from app.event where type = 'report.downloaded' and entity_id = $1`, [id]);
  expect(events).toEqual([{ actor_type: 'api_key' }]);
});

it('a report of another tenant, an unknown one and one that is not ready are not found', async () => {
  const id = await exported('members');
  const { data } = await server.query(
    acme.apiKey,
    'mutation { createReport(input: { report: { kind: "events" } }) { report { id status } } }',
  );
  expect(data.createReport.report.status).toBe('requested');
  for (const [report, key] of [
    [data.createReport.report.id, acme.apiKey],
    [id, globex.apiKey],
    ['00000000-0000-7000-8000-000000000000', acme.apiKey],
  ] as const) {
    const answer = await get(report, key);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'not_found' });
  }
});

it('a malformed id and a missing key are told apart', async () => {
  const malformed = await get('nonsense', acme.apiKey);
  expect(malformed.status).toBe(400);
  expect(await malformed.json()).toMatchObject({ code: 'invalid_input' });
  const anonymous = await fetch(`${server.url}/reports/nonsense/content`);
  expect(anonymous.status).toBe(401);
  expect(await anonymous.json()).toMatchObject({ code: 'unauthenticated' });
});

it('the audit trail is CSV that a spreadsheet reads and does not run: who did what, with every name', async () => {
  await server.query(
    acme.apiKey,
    'mutation ($name: String!) { createProject(input: { project: { name: $name } }) { project { id } } }',
    {
      name: '=HYPERLINK("http://evil.example","x"), and a "quote"\nand a line',
    },
  );
  const id = await exported('audit', 'csv');
  const answer = await get(id, acme.apiKey);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="report-${id}.csv"`);
  const table = parseCsv(await answer.text());
  const [header = [], ...rows] = table;
  expect(header.slice(0, 9)).toEqual([
    'occurred_at',
    'type',
    'entity',
    'entity_id',
    'entity_version',
    'actor_type',
    'actor_id',
    'actor_name',
    'actor_email',
  ]);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]));
  const of = (row: string[], name: string) => row[header.indexOf(name)] ?? '';
  const made = rows.filter((row) => of(row, 'type') === 'project.created').at(-1) ?? [];
  expect([of(made, 'actor_type'), of(made, 'actor_name')]).toEqual(['api_key', 'Development']);
  expect(JSON.parse(of(made, 'data')).name).toMatch(/^=HYPERLINK/);
  const { rows: reports } = await database
    .pool('admin')
    .query('select row_count::int from app.report where id = $1', [id]);
  expect(reports).toEqual([{ row_count: rows.length }]);
});

it('a text that a spreadsheet would run is given a quote in CSV', async () => {
  await asOperator(database, acme.id, (client) =>
    client.query(
      `update app.membership set name = '=1+1' where role = 'viewer' and tenant_id = platform.tenant_id()`,
    ),
  );
  const id = await exported('members', 'csv');
  const [header = [], ...rows] = parseCsv(await (await get(id, acme.apiKey)).text());
  const names = rows.map((row) => row[header.indexOf('name')]);
  expect(names).toContain("'=1+1");
  expect(names).not.toContain('=1+1');
});

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}
