import type { Cause } from '../../../worker/context.ts';
import { asSystem } from '../../../worker/context.ts';
import type { TestDatabase } from '../../support/database.ts';
import { newSigningKey, shownSecret } from '../../support/keyring.ts';
import { waitUntil } from '../../support/wait.ts';

export interface TestTenant {
  id: string;
  /** One transaction in the tenant; the rows of the last statement. */
  run<T = Record<string, unknown>>(sql: string, values?: unknown[], cause?: Cause): Promise<T[]>;
  createEndpoint(url: string, eventTypes?: string[]): Promise<{ id: string; secret: string }>;
  /** Creates projects, one transaction each, and returns the webhook-ids of their events. */
  createProjects(count: number, name?: string): Promise<string[]>;
  deliveries(): Promise<DeliveryRow[]>;
}

export interface DeliveryRow {
  id: string;
  event_id: string;
  endpoint_id: string | null;
  task: string | null;
  status: string;
  attempt_count: number;
  next_attempt_at: Date | null;
  last_error: string | null;
}

let made = 0;

/** A new tenant on the largest plan. */
export async function createTenant(database: TestDatabase): Promise<TestTenant> {
  made += 1;
  const slug = `tenant-${made}`;
  const pool = database.pool('worker');
  const { rows } = await pool.query<{ id: string }>(
    `select platform.create_tenant($1, $1, $2, $1, 'test', $1, 'enterprise') as id`,
    [slug, `owner@${slug}.example`],
  );
  const id = (rows[0] as { id: string }).id;
  const run = async <T>(sql: string, values: unknown[] = [], cause: Cause = {}): Promise<T[]> =>
    asSystem(pool, id, 'test', async (client) => (await client.query(sql, values)).rows as T[], cause);
  return {
    id,
    run,
    async createEndpoint(url, eventTypes = ['*']) {
      const [endpoint] = await run<{ id: string; secret: string }>(
        'select c.id, c.secret from app.create_webhook_endpoint($1, $2, signing_key => $3) c',
        [url, eventTypes, newSigningKey()],
      );
      const { id, secret } = endpoint as { id: string; secret: string };
      return { id, secret: shownSecret(secret) };
    },
    async createProjects(count, name = 'Project') {
      const ids: string[] = [];
      for (let i = 0; i < count; i += 1) {
        const [project] = await run<{ id: string }>(
          `insert into app.project (name) values ($1) returning id`,
          [`${name} ${i}`],
        );
        ids.push(project?.id as string);
      }
      const events = await run<{ id: string }>(
        `select id from app.event where type = 'project.created' and entity_id = any ($1::uuid[])`,
        [ids],
      );
      return events.map((event) => `evt_${event.id}`);
    },
    deliveries: () => run<DeliveryRow>('select * from app.delivery order by id'),
  };
}

/**
 * Forgets all that waits or is under way. Once more after a deadlock: a worker that was killed may have left a transaction that locks the same tables in
 * another order, and is about to end.
 */
export async function clearQueues(database: TestDatabase): Promise<void> {
  await waitUntil('the queues are empty', () =>
    database
      .pool('admin')
      .query(
        'truncate platform.delivery_queue, platform.lane_queue, platform.endpoint_flow, platform.delivery_batch',
      )
      .then(
        () => true,
        (error: { code?: string }) => {
          if (error.code !== '40P01') throw error;
          return false;
        },
      ),
  );
}

/** Makes every waiting attempt due now, as if its time had passed. */
export async function passTime(database: TestDatabase): Promise<void> {
  await database.pool('admin').query(
    `with moved as (update platform.delivery_queue set due_at = statement_timestamp() returning delivery_id, due_at)
     update app.delivery d set next_attempt_at = m.due_at from moved m where d.id = m.delivery_id`,
  );
  await database
    .pool('admin')
    .query(`update platform.endpoint_flow set not_before = '-infinity' where laned`);
  await database.pool('admin').query('notify freehold_delivery');
}
