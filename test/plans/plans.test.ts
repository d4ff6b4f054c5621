import { beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { fillTables } from './many-rows.ts';

/*
 * The hot queries as PostgreSQL plans them under row-level security, on 100,000 projects and events: one tenant with
 * half of them, the rest in two hundred. An index that leads with the tenant serves each, and no table is read from end to end.
 */
const database = await createTestDatabase();
const admin = database.pool('admin');
let large: FullTenant;
let small: FullTenant;
let contexts: Record<'large' | 'small', TestContext>;
/** Tables of more than a page or two. */
let filled: string[];

beforeAll(async () => {
  [large, small] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
  await fillTables(admin, large, small);
  const contextOf = (tenant: FullTenant) =>
    resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');
  const { rows } = await admin.query(`select relname from pg_class where relkind = 'r' and reltuples > 1000`);
  filled = rows.map(({ relname }) => relname);
  expect(filled.length).toBeGreaterThanOrEqual(7);
  contexts = { large: await contextOf(large), small: await contextOf(small) };
}, 60_000);

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How each table of tenants is reached: by which index, and under which condition. */
async function pathsOf(context: TestContext, sql: string, values: unknown[] = []): Promise<Node[]> {
  return asContext(
    database,
    context,
    async (client) => {
      const { rows } = await client.query(`explain (format json, costs off) ${sql}`, values);
      return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
    },
    { rollback: true },
  );
}

function expectIndexed(nodes: Node[], index: RegExp): void {
  const scans = nodes.filter(
    (node) => /Scan/.test(node['Node Type']) && !/Bitmap Heap|Subquery|CTE/.test(node['Node Type']),
  );
  const sequential = scans
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name']);
  // a table of a page or two is best read whole
  expect(sequential.filter((name) => filled.includes(name ?? ''))).toEqual([]);
  const used = scans.filter((node) => index.test(node['Index Name'] ?? ''));
  expect(scans.map((node) => node['Index Name'])).toContainEqual(expect.stringMatching(index));
  for (const node of used) expect(node['Index Cond']).toContain('tenant_id = ');
}

const hot: [name: string, sql: string, index: RegExp, values: (of: FullTenant) => unknown[]][] = [
  [
    'a row by its id',
    'select * from app.project where id = $1',
    /^project_(pkey|by_status)$/,
    (of) => [of.ids.project],
  ],
  [
    'the newest 50',
    'select id, name from app.project order by id desc limit 50',
    /^project_(pkey|by_status)$/,
    () => [],
  ],
  [
    'the newest 50 of a state',
    `select id, name from app.project where status = $1 order by id desc limit 50`,
    /^project_by_status$/,
    () => ['archived'],
  ],
  [
    'the page after a cursor',
    `select id, name from app.project where id < $1 order by id desc limit 50`,
    /^project_(pkey|by_status)$/,
    (of) => [of.ids.project],
  ],
  ['a count', 'select count(*) from app.project', /^project_(by_status|lead)$/, () => []],
  [
    'a count of a state',
    'select count(*) from app.project where status = $1',
    /^project_by_status$/,
    () => ['active'],
  ],
  [
    'the projects that a member leads',
    'select id from app.project where lead_id = $1',
    /^project_lead$/,
    (of) => [of.members.get('viewer')?.id],
  ],
  [
    'projects with their lead',
    'select p.id, m.name from app.project p left join app.membership m on m.tenant_id = p.tenant_id and m.id = p.lead_id order by p.id desc limit 50',
    /^project_(pkey|by_status)$/,
    () => [],
  ],
  [
    'the events of an entity',
    'select id, type, data from app.event where entity_id = $1 order by entity_version',
    /entity_id_entity_version/,
    (of) => [of.ids.project],
  ],
  ['the newest events', 'select id, type from app.event order by id desc limit 50', /event_.*pkey/, () => []],
  [
    'the deliveries of an endpoint',
    'select id from app.delivery where endpoint_id = $1 order by id desc limit 50',
    /^delivery_\d+.*endpoint_id_id/,
    (of) => [of.ids.webhook_endpoint],
  ],
  [
    'the lines of an invoice',
    'select * from app.invoice_line where invoice_id = $1',
    /^invoice_line_invoice$/,
    (of) => [of.ids.invoice],
  ],
  [
    'invoices of a state',
    `select id from app.invoice where status = 'draft' order by id limit 50`,
    /^invoice_by_status$/,
    () => [],
  ],
  [
    'invoices of a subscription',
    'select id from app.invoice where subscription_id = $1',
    /^invoice_subscription$/,
    (of) => [of.ids.subscription],
  ],
  [
    'pending invitations that expire',
    `select id from app.invitation where status = 'pending' and expires_at < now()`,
    /^invitation_due$/,
    () => [],
  ],
];

describe.each(['large', 'small'] as const)('in a %s tenant', (size) => {
  it.each(hot)('%s uses its index', async (_, sql, index, values) => {
    const tenant = size === 'large' ? large : small;
    // of a hundred rows any index of the table that leads with the tenant will do
    const any = new RegExp(`${index.source}|^${/from app\.(\w+)/.exec(sql)?.[1]}`);
    expectIndexed(await pathsOf(contexts[size], sql, values(tenant)), size === 'large' ? index : any);
  });

  it('a transition finds its row by the key', async () => {
    const tenant = size === 'large' ? large : small;
    const nodes = await pathsOf(contexts[size], `update app.project set name = 'x' where id = $1`, [
      tenant.ids.project,
    ]);
    expectIndexed(nodes, /^project_(pkey|by_status)$/);
  });
});

describe('a prepared statement', () => {
  it('keeps to the index when its plan has become generic', async () => {
    await asContext(database, contexts.small, async (client) => {
      await client.query(
        'prepare newest (int) as select id, name from app.project order by id desc limit $1',
      );
      for (let n = 0; n < 7; n += 1) await client.query('execute newest (50)');
      const { rows } = await client.query('explain (format json) execute newest (50)');
      expectIndexed(nodesOf(rows[0]['QUERY PLAN'][0].Plan), /^project_(pkey|by_status)$/);
      await client.query('deallocate newest');
    });
  });

  it('serves the tenant of each transaction, never that of the one before', async () => {
    const client = await database.pool('app').connect();
    const seen: string[][] = [];
    try {
      for (let n = 0; n < 14; n += 1) {
        const context = n % 2 === 0 ? contexts.large : contexts.small;
        await client.query('begin');
        await client.query(
          `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true),
             set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true)`,
          [context.tenantId, context.claims, context.signature],
        );
        const { rows } = await client.query({
          name: 'tenants',
          text: 'select distinct tenant_id from (select tenant_id from app.project order by id limit 100) p',
        });
        seen.push(rows.map(({ tenant_id }) => tenant_id));
        await client.query('commit');
      }
    } finally {
      client.release();
    }
    expect(seen).toEqual(seen.map((_, n) => [n % 2 === 0 ? large.id : small.id]));
  });
});

describe.each(['large', 'small'] as const)('the change feed of a %s tenant', (size) => {
  /** The query in the body of a function, with parameters in the place of its variables. */
  const queryOf = async (name: string): Promise<string> => {
    const { rows } = await admin.query(
      `select coalesce(substring(prosrc from 'return query(.*);\\s*end'), prosrc) as body from pg_proc
       where pronamespace = 'app'::regnamespace and proname = $1`,
      [name],
    );
    return rows[0].body
      .replace(/--.*$/gm, '')
      .replace('place.xid', '$1::xid8')
      .replace('place.id', '$2::uuid')
      .replace(/\bfirst\b/g, '$3::integer')
      .replace(/\btypes\b/g, '$4::text[]');
  };

  it('is a range of its index in each partition, in a plan that knows no argument too', async () => {
    for (const name of ['change_feed', 'change_feed_end', 'change_feed_held_since']) {
      const query = await queryOf(name);
      const given = name === 'change_feed';
      await asContext(
        database,
        contexts[size],
        async (client) => {
          await client.query('set local plan_cache_mode = force_generic_plan');
          await client.query(`prepare feed as ${query}`);
          const { rows } = await client.query(
            `explain (format json) execute feed ${given ? `('3', '00000000-0000-0000-0000-000000000000', 101, '{*}')` : ''}`,
          );
          await client.query('deallocate feed');
          const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
          expectIndexed(nodes, /_tenant_id_xid_id_idx$/);
          // a handful of rows may as well be sorted, and empty partitions read whole
          if (size === 'small') return;
          expect(nodes.filter((node) => /Sort$/.test(node['Node Type']))).toEqual([]);
          const partitions = nodes.filter((node) => node['Relation Name']?.startsWith('event'));
          expect(partitions.length).toBeGreaterThan(3);
          for (const { 'Index Cond': condition } of partitions) {
            expect(condition).toMatch(/xid (<|>=) pg_snapshot_xmin/);
            if (given) expect(condition).toMatch(/ROW\(xid, id\) > ROW\(/);
          }
        },
        { rollback: true },
      );
    }
  });
});

describe('what the worker asks over all tenants', () => {
  it('finds due rows by the indexes of what is due', async () => {
    const { rows: actions } = await admin.query(
      `select d.due_column, d.states, e.relation from platform.due_action d join platform.entity e on e.name = d.entity
       where e.relation in ('app.invitation', 'app.api_key')`,
    );
    expect(actions).toHaveLength(2);
    for (const { due_column, states, relation } of actions) {
      const client = await admin.connect();
      try {
        await client.query('begin; set local role freehold_janitor');
        const { rows } = await client.query(
          `explain (format json) select tenant_id, id from ${relation}
           where ${due_column} <= statement_timestamp() and status = any ('{${states}}') order by ${due_column} limit 1000`,
        );
        const scans = nodesOf(rows[0]['QUERY PLAN'][0].Plan).filter(
          (node) => node['Relation Name'] || node['Index Name'],
        );
        expect(scans.map((node) => node['Index Name']).filter(Boolean)).toContainEqual(
          expect.stringMatching(/_due$/),
        );
        expect(scans.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
      } finally {
        await client.query('rollback');
        client.release();
      }
    }
  });

  it('finds due deliveries in the order of time, however many there are', async () => {
    await admin.query(
      `insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
       select now() + (n - 10000) * interval '1 second', uuidv7(), $1, $2, 1 from generate_series(1, 20000) n`,
      [large.id, large.ids.webhook_endpoint],
    );
    await admin.query('analyze platform.delivery_queue');
    const { rows } = await admin.query(
      `explain (format json) select ctid from platform.delivery_queue where due_at <= statement_timestamp()
       order by due_at, delivery_id limit 1000 for update skip locked`,
    );
    const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
    expect(nodes.map((node) => node['Index Name']).filter(Boolean)).toEqual(['delivery_queue_pkey']);
    expect(nodes.filter((node) => /Sort|Seq Scan/.test(node['Node Type']))).toEqual([]);
  });
});
