import type { PoolClient } from 'pg';
import { insertAnyRow } from '../support/any-row.ts';
import type { TestDatabase } from '../support/database.ts';

/** A lifecycle as the catalog has it. */
export interface Lifecycle {
  entity: string;
  states: string[];
  initial: string[];
  verbs: string[];
  transitions: Transition[];
}

export interface Transition {
  name: string;
  from: string;
  to: string;
  event: string;
}

export interface Row {
  id: string;
  status: string;
  version: number;
}

export async function lifecycles(database: TestDatabase): Promise<Lifecycle[]> {
  const { rows } = await database.pool('admin').query(
    `select e.name as entity,
       array(select jsonb_object_keys(s.declaration) order by 1) as states,
       case jsonb_typeof(e.declaration #> '{lifecycle,initial}')
         when 'array' then array(select jsonb_array_elements_text(e.declaration #> '{lifecycle,initial}'))
         else array[e.declaration #>> '{lifecycle,initial}'] end as initial,
       array(select distinct t.name from platform.transition t where t.entity = e.name order by 1) as verbs,
       (select jsonb_agg(jsonb_build_object('name', t.name, 'from', t.from_state, 'to', t.to_state, 'event', t.event))
        from platform.transition t where t.entity = e.name) as transitions
     from platform.entity e
     join platform.entity s on s.name = e.name || '_status'
     where e.kind = 'entity' and e.declaration ? 'lifecycle'
     order by 1`,
  );
  return rows;
}

/**
 * How a row begins, where a sample of each column is not enough. Run inside a tenant, by a superuser: requests may not make them all.
 */
const beginnings: Record<string, string> = {
  api_key: `insert into app.api_key (name, prefix, scopes) values ('key', 'fh_test_', '{project:read}') returning id`,
  invitation: `insert into app.invitation (email, role) values (uuidv7() || '@example.com', 'viewer') returning id`,
  invoice: `insert into app.invoice (subscription_id, currency, period_start, period_end)
    select id, 'EUR', current_period_start, current_period_end from app.subscription where tenant_id = platform.tenant_id() limit 1 returning id`,
  membership: `insert into app.membership (person_id, email, name, role)
    values (identity.ensure_person('test', uuidv7()::text, 'new@example.com', 'new'), 'new@example.com', 'new', 'viewer') returning id`,
  report: `insert into app.report (kind) values ('members') returning id`,
  subscription: `with former as (
      select app.cancel_subscription(id) from app.subscription where tenant_id = platform.tenant_id() and status <> 'canceled')
    select (app.start_subscription('business')).id from former`,
  webhook_replay: `with endpoint as (
      insert into app.webhook_endpoint (url, event_types) values ('https://example.com/', '{*}') returning id)
    insert into app.webhook_replay (endpoint_id, since) select id, now() - interval '1 h' from endpoint returning id`,
  webhook_endpoint: `insert into app.webhook_endpoint (url, event_types) values ('https://example.com/', '{*}') returning id`,
};

/** A new row of the entity in its first state. */
export async function begin(client: PoolClient, entity: string): Promise<Row> {
  if (entity === 'tenant') {
    // the only row of a tenant of its own
    const { rows } = await client.query('select uuidv7() as id');
    await client.query(`select platform.add_principal($1, $1, 'system')`, [rows[0].id]);
    await client.query(`select platform.enter_as_system($1, 'test')`, [rows[0].id]);
    await client.query(`insert into app.tenant (tenant_id, id, name, slug) values ($1, $1, 'new', 'new')`, [
      rows[0].id,
    ]);
    return find(client, entity, rows[0].id);
  }
  const sql = beginnings[entity];
  const id = sql ? (await client.query(sql)).rows[0].id : await insertAnyRow(client, `app.${entity}`);
  return find(client, entity, id);
}

/** A row of the entity in the state, brought there by its verbs on the shortest way. Nothing when no way leads there. */
export async function bring(
  client: PoolClient,
  lifecycle: Lifecycle,
  state: string,
): Promise<Row | undefined> {
  let row = await begin(client, lifecycle.entity);
  const way = shortestWay(lifecycle, row.status, state);
  for (const verb of way ?? []) row = (await call(client, lifecycle.entity, verb, row.id)) as Row;
  return way && row;
}

function shortestWay({ transitions }: Lifecycle, from: string, to: string): string[] | undefined {
  const ways = new Map<string, string[]>([[from, []]]);
  for (const [state, way] of ways) {
    if (state === to) return way;
    for (const next of transitions) {
      if (next.from === state && !ways.has(next.to)) ways.set(next.to, [...way, next.name]);
    }
  }
  return undefined;
}

/** Calls the verb's function. Null when it says that there was nothing to do. */
export async function call(
  client: PoolClient,
  entity: string,
  verb: string,
  id: string,
  version?: number,
): Promise<Row | null> {
  const more = version === undefined ? '' : `, expected_version => ${version}`;
  // accepting answers with the membership that came of it
  if (entity === 'invitation' && verb === 'accept') {
    await client.query(`select app.accept_invitation($1, 'test', $2, 'new')`, [id, id]);
    return find(client, entity, id);
  }
  const rest = entity === 'report' && verb === 'fail' ? `, 'no reason'` : '';
  const { rows } = await client.query(
    `select id, status, version from app.${verb}_${entity}($1${rest}${more})`,
    [id],
  );
  return rows[0].id === null ? null : rows[0];
}

export async function find(client: PoolClient, entity: string, id: string): Promise<Row> {
  const { rows } = await client.query(`select id, status, version from app.${entity} where id = $1`, [id]);
  return rows[0];
}

/** Events of one row, in the order of its versions. */
export async function eventsOf(
  client: PoolClient,
  id: string,
): Promise<{ type: string; entity_version: number; data: { status: string }; previous: object | null }[]> {
  const { rows } = await client.query(
    `select type, entity_version, data, previous from app.event where entity_id = $1 order by entity_version, id`,
    [id],
  );
  return rows;
}

/** What the detail of ZF005 says of a state. */
export function legalFrom({ transitions }: Lifecycle, state: string): string {
  const legal = transitions
    .filter(({ from }) => from === state)
    .map(({ name, to }) => `${name} (to ${to})`)
    .sort();
  return `Legal from ${state}: ${legal.length > 0 ? legal.join(', ') : 'nothing, it is a final state'}.`;
}
