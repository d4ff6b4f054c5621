import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { createTenant } from '../graphql/tenants.ts';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';
import { startWorkerProcess } from '../worker/support/process.ts';

/* docs/openapi.json and docs/partner-journey.arazzo.yaml, looked at by Redocly. */
const redocly = fileURLToPath(new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));
const env = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

async function run(args: readonly string[]): Promise<string> {
  const program = runNode([redocly, ...args], { env });
  const code = await program.closed;
  expect(code, program.output()).toBe(0);
  return program.output();
}

it('the OpenAPI document and the workflow are clean', async () => {
  await run(['lint', 'docs/openapi.json', 'docs/partner-journey.arazzo.yaml']);
});

it('the journey of a partner runs as the workflow says', { timeout: 180_000 }, async () => {
  const database = await createTestDatabase();
  const server = await startServer(database);
  const tenant = await createTenant(database, 'arazzo', 1);
  await startWorkerProcess(database);
  const output = await run([
    'respect',
    'docs/partner-journey.arazzo.yaml',
    ...['--server', `freehold=${server.url}/v1`],
    ...['--input', `apiKey=${tenant.apiKey}`, '--input', `key=${randomUUID()}`],
    ...['--input', `webhookUrl=http://127.0.0.1:9/`],
  ]);
  expect(output).not.toContain(tenant.apiKey);
  const { rows } = await database
    .pool('admin')
    .query(`select type from app.event where tenant_id = $1 and actor_id = $2`, [tenant.id, tenant.apiKeyId]);
  expect(rows.map(({ type }) => type)).toContain('report.downloaded');
});
