import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../db/transaction.ts';
import type { Logger } from '../runtime/log.ts';
import { countUnread, type Reading, readTogether } from '../runtime/telemetry/instruments.ts';

const described = {
  freehold_queue_depth:
    'What waits: deliveries and jobs that are due, events of the identity provider, people who follow them.',
  freehold_oldest_due_delivery_seconds:
    'For how long the delivery that is due longest has been, of those that no worker holds.',
  freehold_oldest_due_job_seconds:
    'For how long the job that is due longest has been, of those that could begin.',
  freehold_relay_lag_seconds: 'How long ago the moment was up to which all events are counted.',
  freehold_events: 'Events, each counted once, by the plan of their tenant. The same from every worker.',
  freehold_monthly_recurring_revenue:
    'What the subscriptions come to in a month, in minor units of the currency.',
  freehold_active_tenants: 'Active tenants.',
  freehold_seats: 'Active members.',
};

/** The gauges read all tenants and members: no more often than this. Milliseconds. */
const GAUGES_EVERY_MS = 60_000;

/** A reading that takes longer is given up: Prometheus waits for 10 s, and the other metrics with it. */
const LONGEST_READING_MS = 3_000;

type Readings = Partial<Record<keyof typeof described, Reading[]>>;

const groups = ['events', 'queues', 'business'] as const;

/** Metrics that PostgreSQL holds, asked for when somebody asks for the worker's: they are the same from every worker. */
export function readMetrics(pool: Pool, log: Logger): void {
  for (const group of groups) countUnread(group, 0);
  let gauges: Readings = {};
  let readAt = Number.NEGATIVE_INFINITY;
  const readers: Record<(typeof groups)[number], (client: PoolClient) => Promise<Readings>> = {
    async events(client) {
      await client.query('select platform.count_events()');
      return readEvents(client);
    },
    queues: readQueues,
    async business(client) {
      if (performance.now() - readAt > GAUGES_EVERY_MS) {
        gauges = {};
        gauges = await readGauges(client);
        readAt = performance.now();
      }
      return gauges;
    },
  };
  // Each by itself: of one that cannot be read, the others are known all the same.
  const readGroup = async (group: (typeof groups)[number]): Promise<Readings> => {
    try {
      return await inTransaction(pool, async (client) => {
        await client.query(`select set_config('statement_timeout', $1, true)`, [`${LONGEST_READING_MS}ms`]);
        return readers[group](client);
      });
    } catch (error) {
      countUnread(group);
      log.warn({ err: error, group }, 'metrics could not be read');
      return {};
    }
  };
  const readAll = async (): Promise<Readings> => {
    const readings: Readings = {};
    for (const group of groups) Object.assign(readings, await readGroup(group));
    return readings;
  };
  // Who asks while somebody is at it gets the same answer, and no connection.
  let reading: Promise<Readings> | undefined;
  readTogether(described, ['freehold_events'], () => {
    reading ??= readAll().finally(() => {
      reading = undefined;
    });
    return reading;
  });
}

const one = (value: unknown): Reading[] => [{ value: Number(value), attributes: {} }];

async function readQueues(client: PoolClient): Promise<Readings> {
  const { rows } = await client.query<Record<string, string>>(
    `select d.*, i.*,
       j.jobs, extract(epoch from statement_timestamp() - coalesce(j.due_at, statement_timestamp())) as oldest_job_seconds
     from platform.queue_metrics() d cross join identity.queue_metrics() i
     cross join (
       -- one in a queue waits for the one before it
       select count(*) as jobs, min(j.run_at) filter (where j.queue_name is null) as due_at
       from graphile_worker.jobs j
       where j.run_at <= statement_timestamp() and j.locked_at is null and j.attempts < j.max_attempts) j`,
  );
  const row = rows[0] ?? {};
  const depth = (queue: string, value: unknown) => ({ value: Number(value), attributes: { queue } });
  return {
    freehold_queue_depth: [
      depth('deliveries', row.deliveries),
      depth('jobs', row.jobs),
      depth('identity_events', row.events),
      depth('people', row.people),
    ],
    freehold_oldest_due_delivery_seconds: one(row.oldest_due_seconds),
    freehold_oldest_due_job_seconds: one(row.oldest_job_seconds),
    freehold_relay_lag_seconds: one(row.relay_lag_seconds),
  };
}

async function readEvents(client: PoolClient): Promise<Readings> {
  const { rows } = await client.query<{ type: string; plan: string; count: string }>(
    'select type, plan, count from platform.event_totals()',
  );
  return {
    freehold_events: rows.map(({ type, plan, count }) => ({
      value: Number(count),
      attributes: { type, plan },
    })),
  };
}

async function readGauges(client: PoolClient): Promise<Readings> {
  const { rows } = await client.query<{
    metric: keyof typeof described;
    plan: string;
    currency: string | null;
    value: string;
  }>('select metric, plan, currency, value from platform.business_gauges()');
  const readings: Readings = {};
  for (const { metric, plan, currency, value } of rows) {
    readings[metric] ??= [];
    readings[metric].push({ value: Number(value), attributes: { plan, ...(currency && { currency }) } });
  }
  return readings;
}
