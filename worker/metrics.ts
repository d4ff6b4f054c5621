import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { type Reading, readTogether } from '../runtime/telemetry/instruments.ts';

const described = {
  freehold_queue_depth:
    'What waits: deliveries and jobs that are due, events of the identity provider, people who follow them.',
  freehold_oldest_due_delivery_seconds: 'For how long the delivery that is due longest has been.',
  freehold_relay_lag_seconds: 'How long ago the moment was up to which all events are counted.',
  freehold_events: 'Events, each counted once, by the plan of their tenant. The same from every worker.',
  freehold_monthly_recurring_revenue:
    'What the subscriptions come to in a month, in minor units of the currency.',
  freehold_active_tenants: 'Active tenants.',
  freehold_seats: 'Active members.',
};

/** The gauges read all tenants and members: no more often than this. Milliseconds. */
const GAUGES_EVERY_MS = 60_000;

type Readings = Partial<Record<keyof typeof described, Reading[]>>;

/** Metrics that PostgreSQL holds, asked for when somebody asks for the worker's: they are the same from every worker. */
export function readMetrics(pool: Pool, log: Logger): void {
  let gauges: Readings = {};
  let readAt = Number.NEGATIVE_INFINITY;
  readTogether(described, ['freehold_events'], async () => {
    try {
      await pool.query('select platform.count_events()');
      if (performance.now() - readAt > GAUGES_EVERY_MS) {
        gauges = await readGauges(pool);
        readAt = performance.now();
      }
      return { ...(await readQueues(pool)), ...(await readEvents(pool)), ...gauges };
    } catch (error) {
      log.warn({ err: error }, 'metrics could not be read');
      return {};
    }
  });
}

const one = (value: unknown): Reading[] => [{ value: Number(value), attributes: {} }];

async function readQueues(pool: Pool): Promise<Readings> {
  const { rows } = await pool.query<Record<string, string>>(
    `select d.*, i.*,
       (select count(*) from graphile_worker.jobs j where j.run_at <= now() and j.locked_at is null and j.attempts < j.max_attempts) as jobs
     from platform.queue_metrics() d cross join identity.queue_metrics() i`,
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
    freehold_relay_lag_seconds: one(row.relay_lag_seconds),
  };
}

async function readEvents(pool: Pool): Promise<Readings> {
  const { rows } = await pool.query<{ type: string; plan: string; count: string }>(
    'select type, plan, count from platform.event_totals()',
  );
  return {
    freehold_events: rows.map(({ type, plan, count }) => ({
      value: Number(count),
      attributes: { type, plan },
    })),
  };
}

async function readGauges(pool: Pool): Promise<Readings> {
  const { rows } = await pool.query<{
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
