import type { JobHelpers } from 'graphile-worker';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerAuditSchemas } from '../../runtime/onboarding/audit-schemas.ts';
import { createWorkos } from '../../runtime/workos.ts';
import { streamAuditLog } from '../../worker/tasks/stream-audit-log.ts';
import { openBrowser, pick } from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';

const database = await createTestDatabase();
const worker = database.pool('worker');
const site = await startSite(database, { webhooks: false });
const { sdk, standIn, tenants, workos, inAcme } = site;
const provider = createWorkos(workos);

const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const task = streamAuditLog(worker, log, provider);
const run = () => task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);

/** What the provider's audit log has, as its administrator exports it. */
async function audited(): Promise<string> {
  const { id } = await sdk.auditLogs.createExport({
    organizationId: 'org_acme',
    rangeStart: new Date(Date.now() - 3_600_000),
    rangeEnd: new Date(Date.now() + 3_600_000),
  });
  const { url } = await waitUntil('the export is ready', async () => {
    const made = await sdk.auditLogs.getExport(id);
    return made.state === 'ready' ? made : undefined;
  });
  return (await fetch(url as string)).text();
}
const count = (text: string, what: string) => text.split(what).length - 1;
/** The feed shows what no running transaction could still precede. */
const settled = () =>
  waitUntil('the feed shows all', async () => {
    const [row] = await inAcme<{ all: boolean }>('select app.change_feed_held_since() is null as all');
    return row?.all;
  });

describe('the audit log of the identity provider', () => {
  beforeAll(async () => {
    expect(await registerAuditSchemas(worker, provider)).toBeGreaterThan(50);
  });

  it('is told of every kind of event once', async () => {
    expect(await registerAuditSchemas(worker, provider)).toBe(0);
  });

  it('has nothing of a tenant that does not want it', async () => {
    await run();
    expect(count(await audited(), 'project.created')).toBe(0);
  });

  it('has what happens from when a tenant wants it, each event once, with who did it', async () => {
    await inAcme(`update app.tenant set stream_audit_log = true`);
    await settled();
    await run();
    await inAcme(`insert into app.project (name) select 'P' || n from generate_series(1, 3) n`);
    await settled();
    await run();
    await run();
    const log = await audited();
    expect(count(log, 'project.created')).toBe(3);
    // from before
    expect(count(log, 'tenant.created')).toBe(0);
    expect(log).toContain('system');
  });

  it('names who did it, and support who acted as them, with the reason', async () => {
    const browser = openBrowser();
    const begun = await browser.get(`${site.server.url}/auth/login?organization=org_acme`);
    const impersonator = { impersonator_email: 'help@vendor.example', reason: 'Ticket 4711' };
    await browser.get(await pick(begun.location, { user_id: 'user_ada', ...impersonator }));
    const made = await site.ask(
      browser,
      'mutation { createProject(input: {project: {name: "By support"}}) { project { id } } }',
    );
    await settled();
    await run();
    const line = (await audited())
      .split('\n')
      .find((row) => row.includes(made.data.createProject.project.id));
    for (const part of ['Ada Example', 'help@vendor.example', 'Ticket 4711']) expect(line).toContain(part);
  });

  it('has an event once when it is sent again, after a worker that died before it noted so', async () => {
    await inAcme(`insert into app.project (name) values ('again')`);
    await settled();
    const { rows } = await database.pool('admin').query('select after from identity.audit_position');
    await run();
    await database.pool('admin').query('update identity.audit_position set after = $1', [rows[0].after]);
    await run();
    expect(count(await audited(), 'project.created')).toBe(5);
  });

  it('has no gap: what it refuses stops the stream, which says so, and goes on when it is mended', async () => {
    await database
      .pool('admin')
      .query(
        `select platform.declare_event('project.praised', 'project', 'Praise.', '{"type": "object", "properties": {"id": {"type": "string", "description": "The project."}}}')`,
      );
    const admin = await database.pool('admin').connect();
    await admin.query('begin');
    await admin.query(`select platform.enter_as_system($1, 'test')`, [tenants.acme]);
    await admin.query(`select platform.record_event('project.praised', 'project', uuidv7(), '{"id": "x"}')`);
    await admin.query('commit');
    admin.release();
    await inAcme(`insert into app.project (name) values ('after the praise')`);
    await settled();
    await run();
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'the audit log of a tenant was not sent on', tenant: tenants.acme }),
    );
    expect(count(await audited(), 'project.created')).toBe(5);
    expect(await registerAuditSchemas(worker, provider)).toBe(1);
    await run();
    const log = await audited();
    expect([count(log, 'project.praised'), count(log, 'project.created')]).toEqual([1, 6]);
    await database.checkEvents();
  });

  it('does not keep the worker from its work when it does not answer', async () => {
    await inAcme(`insert into app.project (name) values ('unheard')`);
    await settled();
    await standIn.close();
    await expect(run()).resolves.toBeUndefined();
  });
});
