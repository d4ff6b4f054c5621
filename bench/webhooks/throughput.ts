import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runMigrations } from 'graphile-worker';
import { startChild } from '../support/child.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer, FreshDatabase } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, ratioOfRounds } from '../support/measure.ts';
import { meter } from './cpu.ts';
import { drainBacklog, product } from './drain.ts';
import type { Receiver, Site } from './site.ts';
import { withAdmin } from './site.ts';

/**
 * perfTest of graphile-worker 0.18 runs four processes of 24 jobs each. With fewer cores than those and PostgreSQL need, more processes do
 * less: on two cores one gave 560 to 1,250 jobs/s where four gave 400 to 630. The peer gets what is best for it.
 */
const recipe = {
  processes: Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))),
  concurrency: 24,
};
/** As WORKER_CONCURRENCY by default. */
const concurrency = 10;
const naiveSql = fileURLToPath(new URL('../peers/naive.sql', import.meta.url));

/** Deliveries a second against graphile-worker's jobs that do nothing, and against one job and one fetch a delivery. */
export async function throughput(
  server: BenchServer,
  receiver: Receiver,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const deliveries = smoke ? 400 : 10_000;
  const jobs = await openJobs(server);
  const measured: Record<string, number[]> = { product: [], jobs: [], naive: [] };
  const spent: Record<string, Record<string, number>[]> = { product: [], jobs: [], naive: [] };
  const arms = {
    product: () => drainBacklog(server, receiver, { name: 'product', profile, deliveries, ...product }),
    jobs: () => runJobs(server, jobs, smoke ? 500 : 20_000),
    naive: () =>
      drainBacklog(server, receiver, {
        name: 'naive',
        profile,
        deliveries: smoke ? 100 : 3_000,
        prepare: prepareNaive,
        start: ({ urls }) =>
          startChild('peers/naive.ts', { DATABASE_URL: urls.admin, CONCURRENCY: String(concurrency) }),
        empty: 'not exists (select from graphile_worker._private_jobs)',
      }),
  };
  try {
    for (let r = 0; r < (smoke ? 1 : 5); r++) {
      const names = Object.keys(arms) as (keyof typeof arms)[];
      for (const name of r % 2 ? names : names.reverse()) {
        const { rate, cpu } = await arms[name]();
        measured[name]?.push(rate);
        spent[name]?.push(cpu.each);
      }
    }
  } finally {
    await jobs.drop();
  }
  for (const [name, values] of Object.entries(measured)) {
    const cpu = Object.keys(spent[name]?.[0] ?? {}).map(
      (part) => `${part} ${median((spent[name] ?? []).map((each) => each[part] ?? 0)).toFixed(0)}`,
    );
    say(`throughput, ${name}: ${median(values).toFixed(0)}/s, CPU ${cpu.join(', ')} µs each`);
  }
  const vs = (name: string) => round(ratioOfRounds(measured.product ?? [], measured[name] ?? []));
  return [
    { name: 'throughput.vs_worker', value: vs('jobs'), unit: 'ratio', target: '≥ 0.25' },
    { name: 'throughput.vs_naive', value: vs('naive'), unit: 'ratio', target: '≥ 3' },
  ];
}

/** graphile-worker alone in a database of its own, as perfTest makes it. */
export async function openJobs(server: BenchServer): Promise<FreshDatabase> {
  const database = await server.fresh('jobs');
  await runMigrations({ connectionString: database.urls.admin });
  return database;
}

/** perfTest, unbatched: the jobs are added at once, then the processes begin. Their start is not counted. */
async function runJobs(server: BenchServer, { urls }: FreshDatabase, count: number) {
  await withAdmin(urls, async (admin) => {
    await admin.query('truncate graphile_worker._private_jobs');
    await admin.query(
      `select graphile_worker.add_jobs(array(
         select row('log_if_999', json_build_object('id', i), null, null, null, null, null, null)::graphile_worker.job_spec
         from generate_series(1, ${count}) i))`,
    );
    // Without statistics the planner sorts the whole table for each job.
    await admin.query('vacuum analyze');
  });
  const processes = await Promise.all(
    Array.from({ length: recipe.processes }, () =>
      startChild('peers/jobs.ts', { DATABASE_URL: urls.admin, NO_LOG_SUCCESS: '1' }),
    ),
  );
  try {
    await Promise.all(processes.map((each) => each.ask('connect', recipe.concurrency)));
    const cpu = meter(server, { workers: processes.map(({ pid }) => pid) });
    const start = performance.now();
    await Promise.all(processes.map((each) => each.ask('once', recipe.concurrency)));
    return { rate: (count * 1_000) / (performance.now() - start), cpu: cpu(count) };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
}

async function prepareNaive({ urls, endpoints }: Site): Promise<void> {
  await withAdmin(urls, async (admin) => {
    await admin.query(readFileSync(naiveSql, 'utf8'));
    for (const { id, key } of endpoints) {
      await admin.query(`insert into naive.secret values ($1, decode($2, 'base64'))`, [id, key]);
    }
  });
}
