import { expect, it } from 'vitest';
import { seed } from '../../db/seed.ts';
import { asSystem } from '../../worker/context.ts';
import { startServer } from '../graphql/server.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const [acme, globex] = await seed(database.urls.owner, 'reports');
if (!acme || !globex) throw new Error('the seed made no tenants');
const server = await startServer(database);

const get = (id: string, key: string) =>
  fetch(`${server.url}/reports/${id}/content`, { headers: { authorization: `Bearer ${key}` } });

async function exported(kind: string): Promise<string> {
  const { data } = await server.query(
    acme?.apiKey,
    `mutation ($kind: String!) { createReport(input: { report: { kind: $kind } }) { report { id status } } }`,
    { kind },
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
