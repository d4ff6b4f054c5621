import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startWorkerProcess } from './support/process.ts';
import { createTenant } from './support/tenant.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

/** What the crontab does each minute or day. */
const runNow = (task: string) => database.pool('worker').query('select graphile_worker.add_job($1)', [task]);

const jobsDone = () =>
  waitUntil(
    'no job is left',
    async () => (await admin.query('select from graphile_worker._private_jobs')).rowCount === 0,
  );

it('lets expire what is due, in every tenant, and leaves the rest', async () => {
  const tenants = [await createTenant(database), await createTenant(database)];
  for (const tenant of tenants) {
    await tenant.run(
      `insert into app.invitation (email, role) values ('late@x.example', 'member'), ('early@x.example', 'member')`,
    );
  }
  await admin.query(`update app.invitation set expires_at = now() - interval '1 s' where email like 'late%'`);
  await startWorkerProcess(database);
  await runNow('run_due');
  for (const tenant of tenants) {
    const expired = await waitUntil('the invitation expired', async () => {
      const rows = await tenant.run<{ email: string }>(
        `select email from app.invitation where status = 'expired'`,
      );
      return rows.length > 0 ? rows : undefined;
    });
    expect(expired).toEqual([{ email: 'late@x.example' }]);
    const events = await tenant.run(`select actor_type from app.event where type = 'invitation.expired'`);
    expect(events).toEqual([{ actor_type: 'system' }]);
  }
  const { rows } = await admin.query(
    `select distinct reason from platform.system_entry where reason like '%time has come'`,
  );
  expect(rows).toEqual([{ reason: 'expire invitation: its time has come' }]);
});

it('takes further what is due although another row cannot be', async () => {
  const tenant = await createTenant(database);
  await tenant.run(
    `insert into app.invitation (email, role) values ('stuck@x.example', 'member'), ('fine@x.example', 'member')`,
  );
  await admin.query(`
    create function public.stick() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$;
    grant usage on schema public to public;
    create trigger _250_stick before update on app.invitation for each row
      when (new.email = 'stuck@x.example' and new.status = 'expired') execute function public.stick()`);
  await admin.query(
    `update app.invitation set expires_at = now() - interval '1 s' where email in ('stuck@x.example', 'fine@x.example')`,
  );
  const worker = await startWorkerProcess(database);
  await runNow('run_due');
  await worker.printed(/a due row could not be taken further/);
  await waitUntil('the other expired', async () => {
    const rows = await tenant.run(
      `select from app.invitation where email = 'fine@x.example' and status = 'expired'`,
    );
    return rows.length === 1;
  });
  await admin.query(
    'drop trigger _250_stick on app.invitation; drop function public.stick(); delete from graphile_worker._private_jobs',
  );
});

it('makes a report that its tenant asked for, once', async () => {
  const [tenant, other] = [await createTenant(database), await createTenant(database)];
  await tenant.createProjects(3, 'Ours');
  await other.createProjects(1, 'Theirs');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const [report] = await tenant.run<{ id: string }>(
    `insert into app.report (kind) values ('events') returning id`,
    [],
    {
      traceparent,
    },
  );
  await startWorkerProcess(database);
  await waitUntil('the report is exported', async () => {
    const rows = await tenant.run(`select from app.report where status = 'exported'`);
    return rows.length === 1;
  });
  const told = await tenant.run(
    `select type, traceparent from app.event where entity = 'report' order by id`,
  );
  expect(told).toEqual(
    ['report.requested', 'report.started', 'report.exported'].map((type) => ({ type, traceparent })),
  );
  const chunks = await tenant.run<{ content: string }>('select content from app.report_content($1)', [
    report?.id,
  ]);
  const lines = chunks
    .flatMap(({ content }) => content.trimEnd().split('\n'))
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ type }) => type === 'project.created')).toHaveLength(3);
  expect(JSON.stringify(lines)).not.toContain('Theirs');
  const [delivery] = await waitUntil('the task is recorded', async () => {
    const rows = await tenant.deliveries();
    return rows[0]?.status === 'succeeded' ? rows : undefined;
  });
  expect(delivery).toMatchObject({ task: 'export_report', attempt_count: 1, endpoint_id: null });

  // The same job again, as after a crash between the work and the end of the job.
  await database
    .pool('worker')
    .query(
      `select graphile_worker.add_job('export_report', json_build_object('tenant', $1::uuid, 'delivery', $2::uuid))`,
      [tenant.id, delivery?.id],
    );
  await jobsDone();
  expect(await tenant.run(`select from app.event where type = 'report.started'`)).toHaveLength(1);
});

it('makes the partitions that are missing', async () => {
  const partitions = async () =>
    (
      await admin.query(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'app.event'::regclass order by 1`,
      )
    ).rows;
  const before = await partitions();
  await admin.query(`drop table ${before.at(-1)?.name}`);
  await startWorkerProcess(database);
  await runNow('keep_partitions');
  await jobsDone();
  expect(await partitions()).toEqual(before);
});

it('has a crontab of tasks that exist', async () => {
  const worker = await startWorkerProcess(database, { env: { LOG_LEVEL: 'debug' } });
  const [line] = await worker.printed(/task names: '[^"]*'/);
  const text = await readFile(new URL('../../worker/crontab', import.meta.url), 'utf8');
  const tasks = [...text.matchAll(/^(?:[\d*/,-]+ ){5}(\w+)/gm)].map(([, task]) => task);
  expect(tasks.length).toBeGreaterThan(0);
  for (const task of tasks) expect(line).toContain(`'${task}'`);
});
