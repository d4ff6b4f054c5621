import type { Node, RangeVar } from 'libpg-query';
import type { Catalogue } from '../catalogue.ts';
import { isFresh, isReference, locksOf } from '../lock-levels.ts';
import type { Step } from '../migration.ts';
import type { LintFile, Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { lastName, relationName, walk } from '../walk.ts';

/** Rows that a statement writes, as far as its text tells how many. */
interface Write {
  verb: string;
  table: string;
  /** The table was there before: others wait for its rows. */
  shared: boolean;
  /** By a key, or rows that stand in the statement: a few, whatever the table has. */
  few: boolean;
  /** By LIMIT: a batch. */
  limited: boolean;
}

/** A SELECT may write in its WITH; what a function's body would write is not written now. */
const WRITERS = ['SelectStmt', 'UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt', 'CreateTableAsStmt'];

function writesOf(step: Step): Write[] {
  const { tree, before } = step;
  if (!WRITERS.some((tag) => tag in tree)) return [];
  const found: Write[] = [];
  const add = (verb: string, target: RangeVar | undefined, few: boolean, limited: boolean): void => {
    const table = relationName(target);
    if (isReference(table, before.relations.get(table))) return;
    found.push({ verb, table, few, limited, shared: !isFresh(before, target) });
  };
  walk(
    { tree },
    {
      UpdateStmt: ({ relation, whereClause, fromClause, withClause }) => {
        const few = isPinned(whereClause, relation, before);
        add('update', relation, few, hasLimit([whereClause, fromClause, withClause]));
      },
      DeleteStmt: ({ relation, whereClause, usingClause, withClause }) => {
        const few = isPinned(whereClause, relation, before);
        add('delete', relation, few, hasLimit([whereClause, usingClause, withClause]));
      },
      InsertStmt: ({ relation, selectStmt }) =>
        add('insert', relation, !readsOf(selectStmt, before), isLimited(selectStmt)),
      MergeStmt: ({ relation, sourceRelation }) => add('merge', relation, false, hasLimit([sourceRelation])),
      CreateTableAsStmt: ({ into, query }) => {
        const few = into?.skipData === true || !readsOf(query, before);
        const table = relationName(into?.rel);
        found.push({ verb: 'copy', table, shared: false, few, limited: isLimited(query) });
      },
    },
  );
  return found;
}

/** Whether the WHERE clause compares every column of a unique key with something that is no column. */
function isPinned(where: Node | undefined, relation: RangeVar | undefined, before: Catalogue): boolean {
  const pinned = new Set<string>();
  for (const test of conjuncts(where)) {
    if (!('A_Expr' in test)) continue;
    const { kind, name, lexpr, rexpr } = test.A_Expr;
    const equals = ['AEXPR_OP', 'AEXPR_IN', 'AEXPR_OP_ANY'].includes(kind ?? '') && lastName(name) === '=';
    if (equals && lexpr && 'ColumnRef' in lexpr && !hasColumn(rexpr))
      pinned.add(lastName(lexpr.ColumnRef.fields));
  }
  const keys = before.relations.get(relationName(relation))?.keys ?? [];
  return keys.some((key) => key.every((column) => pinned.has(column)));
}

function conjuncts(where: Node | undefined): Node[] {
  if (!where) return [];
  if ('BoolExpr' in where && where.BoolExpr.boolop === 'AND_EXPR')
    return (where.BoolExpr.args ?? []).flatMap(conjuncts);
  return [where];
}

function hasColumn(node: unknown): boolean {
  let found = false;
  walk({ node }, { ColumnRef: () => (found = true) });
  return found;
}

/** Whether a query among these takes but so many rows. One value, (select ... limit 1), says nothing of how many rows it is for. */
function hasLimit(places: unknown[]): boolean {
  const values = new Set<unknown>();
  let found = false;
  walk(
    { places },
    {
      SubLink: ({ subLinkType, subselect }) => {
        if (subLinkType === 'EXPR_SUBLINK' && subselect && 'SelectStmt' in subselect)
          values.add(subselect.SelectStmt);
      },
      SelectStmt: (select) => {
        found ||= select.limitCount !== undefined && !values.has(select);
      },
    },
  );
  return found;
}

function isLimited(query: Node | undefined): boolean {
  if (!query || !('SelectStmt' in query)) return false;
  const { limitCount, fromClause, withClause } = query.SelectStmt;
  return limitCount !== undefined || hasLimit([fromClause, withClause]);
}

/** Whether a query reads a table that was there before. */
function readsOf(query: Node | undefined, before: Catalogue): boolean {
  let found = false;
  const own = new Set<string>();
  walk({ query }, { CommonTableExpr: (cte) => own.add(cte.ctename ?? '') });
  walk(
    { query },
    {
      RangeVar: (relation) => {
        const name = relationName(relation);
        if (own.has(name) || isFresh(before, relation)) return;
        found ||= !isReference(name, before.relations.get(name));
      },
    },
  );
  return found;
}

const BATCHES = `--! Message: whom sessions were proven for

--! no-transaction
do $$
begin
  loop
    update identity.session s
    set proven_for = s.tenant_id
    where s.ctid = any (array(
      select o.ctid
      from identity.session o
      where o.proven_for is null and o.tenant_id is not null
      limit 5000
      for update skip locked));
    exit when not found;
    commit;
  end loop;
end
$$;
-- rows of app are written tenant by tenant: see write-without-tenant`;

export const unbatchedWrite: Rule = {
  code: 'unbatched-write',
  reason:
    'One statement over a whole table locks each row it has written until it ends, doubles the table, and keeps VACUUM from what became free meanwhile; each write of a declared entity is an event besides. By a whole key, or with a LIMIT, it is a few rows.',
  lock: 'ROW EXCLUSIVE, and each row FOR UPDATE',
  manual: 'Explicit Locking, 13.3.2 Row-Level Locks; Routine Vacuuming, 24.1',
  safe: BATCHES,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? [])
      for (const { verb, table, shared, few, limited } of writesOf(step))
        if (shared && !few && !limited) yield findingAt(step, `${verb} of ${table} as a whole`);
  },
};

export const batchesInOneTransaction: Rule = {
  code: 'batches-in-one-transaction',
  reason:
    'Batches that commit together are one long write: every row stays locked until the last one is done. A DO block may commit only where "--! no-transaction" left the transaction out.',
  lock: 'ROW EXCLUSIVE, and each row FOR UPDATE',
  manual: 'PL/pgSQL, 41.8 Transaction Management',
  safe: BATCHES,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!step.block?.loops || (step.block.commits && !file.migration?.transaction)) continue;
      for (const { verb, table, shared, few, limited } of writesOf(step))
        if (shared && (few || limited)) yield findingAt(step, `a loop of ${verb} on ${table} commits once`);
    }
  },
};

export const writeWithoutTenant: Rule = {
  code: 'write-without-tenant',
  reason:
    'Row-level security is forced, so it binds the owner too: without a tenant in the context a migration sees no row of a declared table, changes none, and reports success.',
  manual: 'Row Security Policies, 5.9 (FORCE ROW LEVEL SECURITY)',
  safe: `--! Message: names of projects without blanks around them

--! no-transaction
do $$
declare
  tenant uuid;
begin
  for tenant in
    select p.tenant_id
    from identity.principal p
    where p.kind = 'system'
    order by p.tenant_id
  loop
    loop
      -- for one transaction, and 60 seconds
      perform platform.enter_as_system(tenant, 'migration: trim names');
      update app.project p
      set name = trim(p.name)
      where p.tenant_id = tenant
        and p.id in (
          select o.id
          from app.project o
          where o.tenant_id = tenant and o.name <> trim(o.name)
          limit 1000);
      exit when not found;
      commit;
    end loop;
  end loop;
end
$$;`,
  kinds: ['migration'],
  *check(file) {
    let entered = false;
    for (const step of file.migration?.steps ?? []) {
      entered ||= entersTenant(step);
      if (entered) continue;
      for (const { verb, table, shared } of writesOf(step))
        if (shared && table.startsWith('app.'))
          yield findingAt(step, `${verb} of ${table} reaches no row without a tenant`);
    }
  },
};

function entersTenant(step: Step): boolean {
  let found = false;
  if (!('SelectStmt' in step.tree)) return false;
  walk(step.tree, {
    FuncCall: (call) => {
      found ||= lastName(call.funcname) === 'enter_as_system';
    },
  });
  return found;
}

export const ddlWithBackfill: Rule = {
  code: 'ddl-with-backfill',
  reason:
    'The lock of a change to a table is held until the migration ends: while rows are copied or filled, whoever needs the table stands still.',
  lock: 'SHARE ROW EXCLUSIVE or ACCESS EXCLUSIVE, for as long as the rows take',
  manual: 'Explicit Locking, 13.3.1 Table-Level Locks',
  safe: `-- 010-invoice-reference.sql
alter table app.invoice add column reference uuid;
-- 020-fill-invoice-reference.sql, with --! no-transaction and in batches (see unbatched-write)`,
  kinds: ['migration'],
  *check(file) {
    if (!file.migration?.transaction) return;
    const locks = file.migration.steps.flatMap(locksOf);
    const [lock] = locks;
    if (!lock) return;
    for (const step of file.migration.steps)
      for (const { verb, table } of manyRows(step))
        yield findingAt(
          step,
          `${verb} of ${table} in one transaction with the lock on ${lock.relation} (${lock.mode})`,
        );
  },
};

/** Writes whose time grows with a table: also those into a new one that read an old one. */
function manyRows(step: Step): Write[] {
  return writesOf(step).filter(
    ({ few, limited, shared, verb }) =>
      !few && (!limited || step.block?.loops) && (shared || verb === 'insert' || verb === 'copy'),
  );
}

export const unreadableSql: Rule = {
  code: 'unreadable-sql',
  reason:
    'EXECUTE of a text that only the run knows is seen by no rule: a constant, format() of a constant, and constants joined by || are read.',
  safe: "execute format('alter table %s set (fillfactor = 90)', relation);",
  kinds: ['migration'],
  *check(file: LintFile) {
    for (const place of file.migration?.opaque ?? [])
      yield findingAt(place, 'EXECUTE of a text that cannot be read here');
  },
};
