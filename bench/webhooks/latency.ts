import { Pool } from 'pg';
import type { Child } from '../support/child.ts';
import { clock, startChild } from '../support/child.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, quantile, ratioOfRounds } from '../support/measure.ts';
import { startWorker } from '../support/worker.ts';
import { meter } from './cpu.ts';
import type { Receiver } from './site.ts';
import { openSite } from './site.ts';
import { openJobs } from './throughput.ts';
import type { Change, Writers } from './writers.ts';
import { atRate, openWriters } from './writers.ts';

const tenants = 10;
const perSecond = 100;

/** From the COMMIT to the request at the receiver, against graphile-worker's own: from the COMMIT of add_job to the task. */
export async function latency(
  server: BenchServer,
  receiver: Receiver,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const seconds = smoke ? 0.5 : 5;
  const rounds = smoke ? 1 : 5;
  const site = await openSite(server, {
    name: 'latency',
    profile,
    tenants,
    each: 1,
    port: () => receiver.port,
  });
  const jobs = await openJobs(server);
  const writers = await openWriters(site, 16);
  const adders = new Pool({ connectionString: jobs.urls.admin, max: 16, idleTimeoutMillis: 0 });
  let added = 0;
  const watcher = await startChild('peers/jobs.ts', { DATABASE_URL: jobs.urls.admin, NO_LOG_SUCCESS: '1' });
  const worker = await startWorker(site.urls);
  const measured: Record<'product' | 'jobs', number[][]> = { product: [], jobs: [] };
  try {
    await watcher.ask('watch', 10);
    const cpu: string[] = [];
    const arms = {
      product: async () => {
        await receiver.expect(site.endpoints, true);
        const spent = meter(server, { worker: [worker.pid], receiver: [receiver.pid] });
        const changes = await renameAtRate(writers, tenants, perSecond, seconds);
        if (!(await receiver.until(changes.length, 60)))
          throw new Error('not every message came in a minute');
        cpu.push(spent(changes.length).text);
        return await latenciesOf(receiver, changes);
      },
      jobs: async () => {
        return await startedAfter(watcher, await atRate(perSecond, seconds, () => addJob(adders, ++added)));
      },
    };
    for (let r = -1; r < rounds; r++) {
      for (const name of r % 2 ? (['product', 'jobs'] as const) : (['jobs', 'product'] as const)) {
        const taken = await arms[name]();
        if (r >= 0) measured[name].push(taken);
      }
    }
    say(`latency: one delivery at ${perSecond} events/s: ${cpu.at(-1)}`);
  } finally {
    await worker.stop();
    await watcher.stop();
    await writers.close();
    await adders.end();
    await jobs.drop();
    await site.drop();
  }
  const of = (name: 'product' | 'jobs', q: number) => measured[name].map((round) => quantile(round, q));
  for (const name of ['product', 'jobs'] as const) {
    say(
      `latency, ${name}: p50 ${median(of(name, 0.5)).toFixed(2)} ms, p99 ${median(of(name, 0.99)).toFixed(2)} ms`,
    );
  }
  return [
    {
      name: 'latency.p50_vs_worker',
      value: round(ratioOfRounds(of('product', 0.5), of('jobs', 0.5))),
      unit: 'ratio',
      target: '≤ 2',
    },
    { name: 'latency.p50', value: round(median(of('product', 0.5)), 2), unit: 'ms' },
    { name: 'latency.p99', value: round(median(of('product', 0.99)), 2), unit: 'ms' },
  ];
}

/** Renames that come at random, in every tenant alike. */
export function renameAtRate(
  writers: Writers,
  tenants: number,
  perSecond: number,
  seconds: number,
): Promise<Change[]> {
  let turn = 0;
  return atRate(perSecond, seconds, () => writers.rename(turn++ % tenants));
}

/** Milliseconds from the COMMIT of each change to its first request; of those that have not come, until now. */
export async function latenciesOf(receiver: Receiver, changes: readonly Change[]): Promise<number[]> {
  const { times, changes: told } = await receiver.report();
  const arrived = new Map(told.map((change, n) => [change, times[n] as number]));
  const now = clock();
  return changes.map(({ tenant, entity, version, at }) => {
    return (arrived.get(`/${tenant}/0 ${entity} ${version}`) ?? now) - at;
  });
}

interface Added {
  id: number;
  /** When the COMMIT was sent. */
  at: number;
}

/** Adds a job in a transaction. */
async function addJob(pool: Pool, id: number): Promise<Added> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: 'add',
      text: `select graphile_worker.add_job('latency', json_build_object('id', $1::int))`,
      values: [id],
    });
    const at = clock();
    await client.query('commit');
    return { id, at };
  } finally {
    client.release();
  }
}

/** Milliseconds from the COMMIT of each job to its start. */
async function startedAfter(watcher: Child, added: readonly Added[]): Promise<number[]> {
  const started = new Map<number, number>();
  for (const end = clock() + 60_000; started.size < added.length; ) {
    if (clock() > end) throw new Error('not every job was started in a minute');
    for (const [id, at] of await watcher.ask<[number, number][]>('started')) started.set(id, at);
  }
  return added.map(({ id, at }) => (started.get(id) as number) - at);
}
