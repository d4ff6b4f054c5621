import { beforeAll, expect, it } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { createTenant, type Tenant } from '../graphql/tenants.ts';
import { asOperator } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import { watchOutput } from '../support/leaks.ts';
import { runNode } from '../support/process.ts';
import { startWorkerProcess } from '../worker/support/process.ts';

/* The examples of the typed clients as their users run them: processes of their own against a real server and a real worker. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: Tenant;

/** Invoices of a tenant that was a customer for long, each with its event. */
const invoices = 10_000;

beforeAll(async () => {
  tenant = await createTenant(database, 'partner', 1);
  await asOperator(database, tenant.id, async (client) => {
    await client.query(
      `insert into app.invoice (subscription_id, currency, period_start, period_end)
       select s.id, 'EUR', now() - interval '1 month', now() from app.subscription s, generate_series(2, $1::int)
       where s.tenant_id = platform.tenant_id()`,
      [invoices],
    );
  });
}, 120_000);

async function run(file: string): Promise<Record<string, unknown>[]> {
  const program = runNode([file], { env: { FREEHOLD_URL: server.url, FREEHOLD_KEY: tenant.apiKey } });
  watchOutput(() => program.output());
  const code = await program.closed;
  expect(code, program.output()).toBe(0);
  return program
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('a partner with a key and the document creates, repeats, pages, subscribes, verifies, polls and downloads', {
  timeout: 180_000,
}, async () => {
  await startWorkerProcess(database);
  const steps = await run('examples/partner/main.ts');
  expect(steps).toEqual([
    { step: 'project', id: expect.any(String), same: true, replayed: true },
    { step: 'invoices', count: invoices, distinct: invoices },
    { step: 'webhook', type: 'project.archived', ofProject: true },
    { step: 'feed', types: ['project.archived'] },
    { step: 'report', type: expect.stringContaining('text/csv'), rows: invoices },
  ]);
  // and nothing of it is unknown to the audit trail
  const { rows } = await database
    .pool('admin')
    .query('select type from app.event where tenant_id = $1 and actor_id = $2 order by id', [
      tenant.id,
      tenant.apiKeyId,
    ]);
  expect(rows.map(({ type }) => type)).toEqual([
    'project.created',
    'webhook_endpoint.created',
    'project.archived',
    'report.requested',
    'report.downloaded',
    'webhook_endpoint.disabled',
  ]);
});

it('a frontend with typed documents creates a project and lists the latest', async () => {
  const [made, latest] = await run('examples/frontend/main.ts');
  expect(made).toEqual({ created: { id: expect.any(String), name: 'From the frontend', version: 1 } });
  expect(latest).toMatchObject({ name: 'From the frontend', status: 'active', lead: null });
});
