import type { ClientBase } from 'pg';
import { Failure } from '../../runtime/failure.ts';
import { committedMigrations, databaseState, requireCurrent } from '../state.ts';
import { danglingReferences } from './foreign-keys.ts';
import { recordProblems } from './record-proof.ts';
import { plainText } from './text.ts';

/** One thing that was looked at. */
export interface Finding {
  check: string;
  problems: string[];
}

type Check = (client: ClientBase) => Promise<string[]>;

/** SQL that gives a line for each problem. */
const lines =
  (sql: string): Check =>
  async (client) =>
    (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line);

const ours = `('app', 'api_v1', 'identity', 'platform', 'catalog', 'generated', 'graphile_worker', 'graphile_migrate')`;

const checks: Record<string, Check> = {
  'migrations are those of this code': async (client) => {
    try {
      requireCurrent(await databaseState(client, committedMigrations()));
      return [];
    } catch (error) {
      if (error instanceof Failure) return [error.message];
      throw error;
    }
  },
  'the rules of the catalogue hold': async (client) =>
    (await client.query<Record<string, string>>('select * from platform.violations()')).rows.map((row) =>
      Object.values(row).filter(Boolean).join(' | '),
    ),
  'every constraint is validated': lines(
    `select k.conrelid::regclass || ': ' || k.conname || case when k.convalidated then ' is not enforced' else ' was never validated' end as line
       from pg_catalog.pg_constraint k
      where k.connamespace::regnamespace::text in ${ours} and not (k.convalidated and k.conenforced)
      order by 1`,
  ),
  'every index is valid': lines(
    `select i.indexrelid::regclass || ' is left over from a CREATE INDEX CONCURRENTLY that failed: drop it, or REINDEX' as line
       from pg_catalog.pg_index i
       join pg_catalog.pg_class c on c.oid = i.indexrelid
      where c.relnamespace::regnamespace::text in ${ours} and not (i.indisvalid and i.indisready and i.indislive)
      order by 1`,
  ),
  'every trigger is enabled': lines(
    `select g.tgrelid::regclass || ': ' || g.tgname || ' is disabled' as line
       from pg_catalog.pg_trigger g
       join pg_catalog.pg_class c on c.oid = g.tgrelid
      where c.relnamespace::regnamespace::text in ${ours} and g.tgenabled <> 'O'
      order by 1`,
  ),
  'no page failed its checksum': lines(
    `select datname || ': ' || checksum_failures || ' pages, the last at ' || checksum_last_failure as line
       from pg_catalog.pg_stat_database where datname = pg_catalog.current_database() and checksum_failures > 0`,
  ),
  'sequences are ahead of their columns': sequenceProblems,
  'every reference leads somewhere': (client) => danglingReferences(client),
  'rows and events tell the same': (client) => recordProblems(client),
  // of a logical copy: see db/backup/feed-order.ts
  'no event is of the future': lines(
    `select count(*) || ' events have transaction ids that this server has not come to: the change feed hides them, and will show what is written meanwhile before them' as line
       from app.event e
      where e.xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
     having count(*) > 0`,
  ),
  'every key is of a tenant': lines(
    `select count(*) || ' principals are of tenants that do not exist' as line
       from identity.principal p where not exists (select from app.tenant t where t.id = p.tenant_id)
     having count(*) > 0`,
  ),
};

async function sequenceProblems(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{
    sequence: string;
    relation: string;
    attribute: string;
    last: string;
  }>(
    `select s.seqrelid::regclass::text as sequence, d.refobjid::regclass::text as relation, pg_catalog.quote_ident(a.attname) as attribute,
            coalesce(pg_catalog.pg_sequence_last_value(s.seqrelid), 0)::text as last
       from pg_catalog.pg_sequence s
       join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.seqrelid and d.deptype in ('a', 'i') and d.refobjsubid > 0
       join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
       join pg_catalog.pg_class c on c.oid = d.refobjid
      where c.relnamespace::regnamespace::text in ${ours}
      order by 1`,
  );
  const found: string[] = [];
  for (const { sequence, relation, attribute, last } of rows) {
    const { rows: most } = await client.query<{ most: string | null }>(
      `select max(${attribute})::text as most from ${relation}`,
    );
    if (BigInt(most[0]?.most ?? 0) > BigInt(last))
      found.push(`${sequence} is at ${last}, and ${relation}.${attribute} at ${most[0]?.most}`);
  }
  return found;
}

/**
 * Looks at everything that a restored database must hold to be trusted. Reads every row, in one snapshot, and writes nothing.
 * @param client a superuser, or who has BYPASSRLS and may read everything
 * @throws Failure database_not_migrated
 */
export async function verify(client: ClientBase): Promise<Finding[]> {
  const state = await databaseState(client, committedMigrations());
  // nothing to look at
  if (state.state === 'empty') requireCurrent(state);
  await client.query(`begin transaction isolation level repeatable read read only; ${plainText}`);
  try {
    const findings: Finding[] = [];
    for (const [check, look] of Object.entries(checks))
      findings.push({ check, problems: await look(client) });
    return findings;
  } finally {
    await client.query('rollback');
  }
}

/**
 * Every page of every table and B-tree of ours, by PostgreSQL's own amcheck: what a disk has changed, or a newer C library has sorted otherwise. Where the extension is
 * not installed, it is for this transaction alone, which is rolled back.
 * @param client a superuser
 * @throws Failure amcheck_missing
 */
export async function verifyPages(client: ClientBase): Promise<Finding> {
  await client.query('begin');
  try {
    await client.query('create extension if not exists amcheck').catch((error: Error) => {
      throw new Failure(
        'amcheck_missing',
        `amcheck cannot be used here: ${error.message}.`,
        'Install PostgreSQL’s contrib modules, or leave --amcheck out.',
        { cause: error },
      );
    });
    const { rows } = await client.query<{ schema: string }>(
      `select extnamespace::regnamespace::text as schema from pg_catalog.pg_extension where extname = 'amcheck'`,
    );
    const amcheck = rows[0]?.schema ?? 'public';
    const { rows: relations } = await client.query<{ oid: number; name: string; kind: string }>(
      `select c.oid, c.oid::regclass::text as name, c.relkind as kind
         from pg_catalog.pg_class c
         left join pg_catalog.pg_am m on m.oid = c.relam
        where c.relnamespace::regnamespace::text in ${ours} and (c.relkind = 'r' or c.relkind = 'i' and m.amname = 'btree')
          and c.relpersistence <> 't'
        order by 2`,
    );
    const problems: string[] = [];
    for (const { oid, name, kind } of relations)
      problems.push(...(await pageProblems(client, amcheck, oid, name, kind)));
    return { check: 'every page and index is sound (amcheck)', problems };
  } finally {
    await client.query('rollback');
  }
}

async function pageProblems(
  client: ClientBase,
  amcheck: string,
  oid: number,
  name: string,
  kind: string,
): Promise<string[]> {
  if (kind === 'r') {
    const { rows } = await client.query<{ msg: string }>(`select msg from ${amcheck}.verify_heapam($1)`, [
      oid,
    ]);
    return rows.map(({ msg }) => `${name}: ${msg}`);
  }
  await client.query('savepoint one');
  try {
    // every row of the heap has its entry; and where the index is unique, only one
    await client.query(`select ${amcheck}.bt_index_check($1, true, true)`, [oid]);
    return [];
  } catch (error) {
    await client.query('rollback to one');
    return [`${name}: ${(error as Error).message}`];
  }
}
