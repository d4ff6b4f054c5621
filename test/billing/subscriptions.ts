import type { PoolClient } from 'pg';
import { asOperator, asSystem, asTenant, refusal } from '../support/actors.ts';
import type { TestDatabase } from '../support/database.ts';
import type { TenantOptions, TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';

export interface Subscription {
  id: string;
  plan: string;
  next_plan: string | null;
  status: string;
  version: number;
  period: number;
  current_period_start: Date;
  current_period_end: Date;
}

/** What the tests of subscriptions do with one: have one, call its verbs, move it in time and look. */
export function subscriptions(database: TestDatabase) {
  const subscribed = (options: TenantOptions): Promise<TestTenant> => createTenant(database, options);

  async function subscriptionOf(tenant: TestTenant): Promise<Subscription> {
    const { rows } = await database
      .pool('admin')
      .query(`select * from app.subscription where tenant_id = $1 order by id desc limit 1`, [tenant.id]);
    return rows[0];
  }

  /** Calls a verb of the living subscription as its owner. */
  const verb = (tenant: TestTenant, sql: string) =>
    asTenant(database, tenant, (client) =>
      client.query(`select app.${sql} from app.subscription where status <> 'canceled'`),
    );
  const refusedVerb = (tenant: TestTenant, sql: string) =>
    asTenant(database, tenant, (client) => refusal(client, `select app.${sql} from app.subscription`));
  const systemVerb = (tenant: TestTenant, sql: string) =>
    asSystem(database, tenant.id, (client) =>
      client.query(`select app.${sql} from app.subscription where status <> 'canceled'`),
    );

  /** Moves the current period, so that this much of it is over, and it lasts 40 days. */
  const shift = (tenant: TestTenant, past: string, lasts = '40 days') =>
    asOperator(database, tenant.id, (client: PoolClient) =>
      client.query(
        `update app.subscription set anchor = now() - $1::interval, current_period_start = now() - $1::interval,
           current_period_end = now() - $1::interval + $2::interval where tenant_id = platform.tenant_id()`,
        [past, lasts],
      ),
    );

  async function linesOf(tenant: TestTenant): Promise<[string, number][][]> {
    const { rows } = await database.pool('admin').query(
      `select array_agg(l.description || '=' || l.amount order by l.id) as lines from app.invoice i
       join app.invoice_line l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
       where i.tenant_id = $1 group by i.id order by i.id`,
      [tenant.id],
    );
    return rows.map(({ lines }) =>
      lines.map((line: string) => [line.split('=')[0], Number(line.split('=')[1])] as [string, number]),
    );
  }

  async function eventsOf(tenant: TestTenant): Promise<string[]> {
    const { rows } = await database
      .pool('admin')
      .query(
        `select type from app.event where tenant_id = $1 and entity = 'subscription' order by entity_version`,
        [tenant.id],
      );
    return rows.map(({ type }) => type);
  }

  return { subscribed, subscriptionOf, verb, refusedVerb, systemVerb, shift, linesOf, eventsOf };
}
