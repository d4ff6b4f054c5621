import type { ColumnDef } from 'libpg-query';
import { alterationsOf, newColumnsOf } from '../alterations.ts';
import { constraintsOfColumn, fullType } from '../catalogue.ts';
import { isFresh } from '../lock-levels.ts';
import type { Corpus, Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { lastName, nameParts, relationName, typeName, walk } from '../walk.ts';

/** Functions of PostgreSQL 18 that give each row a value of its own (provolatile = 'v'); now() and its like are stable. */
const VOLATILE = new Set(
  `array_sample array_shuffle clock_timestamp currval gen_random_uuid lastval nextval random random_normal setval
   timeofday txid_status uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4`.split(/\s+/),
);

const ALTER_TABLE = 'ALTER TABLE, Notes';

export const volatileDefault: Rule = {
  code: 'volatile-default',
  reason:
    'A default that differs from row to row (uuidv7(), clock_timestamp(), nextval()) is written into every row at once: the table and all its indexes are built anew. A constant, and now(), which is the same for a whole transaction, are not.',
  lock: 'ACCESS EXCLUSIVE',
  manual: ALTER_TABLE,
  safe: `-- one migration: new rows have the default, and old ones null
alter table app.invoice add column reference uuid;
alter table app.invoice alter column reference set default uuidv7();
-- the next fills the others in batches (see unbatched-write), and one more makes it NOT NULL (see not-null-scans)`,
  kinds: ['migration'],
  *check(file, corpus) {
    for (const { step, table, column } of newColumnsOf(file)) {
      for (const constraint of constraintsOfColumn(column)) {
        const called =
          constraint.contype === 'CONSTR_DEFAULT' ? volatileCall(constraint.raw_expr, corpus) : undefined;
        if (called)
          yield findingAt(
            step,
            `${table} is rewritten, for ${called}() gives each row its own ${column.colname}`,
          );
      }
    }
  },
};

function volatileCall(expression: unknown, corpus: Corpus): string | undefined {
  let found: string | undefined;
  walk(
    { expression },
    {
      FuncCall: (call) => {
        const name = nameParts(call.funcname).join('.');
        const ours = corpus.routines.get(name);
        if (ours ? ours.some((it) => it.volatility === 'volatile') : VOLATILE.has(lastName(call.funcname)))
          found ??= name;
      },
    },
  );
  return found;
}

export const storedGenerated: Rule = {
  code: 'stored-generated',
  reason:
    'A STORED generated column is computed for every row while the table is written anew. A virtual one, the default of PostgreSQL 18, is computed when it is read.',
  lock: 'ACCESS EXCLUSIVE',
  manual: `Generated Columns, 5.4; ${ALTER_TABLE}`,
  safe: 'alter table app.invoice add column net bigint generated always as (total - tax);',
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, column } of newColumnsOf(file))
      if (
        constraintsOfColumn(column).some(
          (it) => it.contype === 'CONSTR_GENERATED' && it.generated_kind === 's',
        )
      )
        yield findingAt(step, `${table} is rewritten, for ${column.colname} is stored`);
    for (const { step, table, command } of alterationsOf(file)) {
      if (command.subtype !== 'AT_SetExpression') continue;
      const known = step.before.relations.get(table)?.columns.get(command.name ?? '');
      if (known?.generated !== 'virtual')
        yield findingAt(step, `${table} is rewritten, for ${command.name} is computed anew`);
    }
  },
};

export const identityColumn: Rule = {
  code: 'identity-column',
  reason:
    'An identity or serial column numbers every row that is there: the table and all its indexes are built anew.',
  lock: 'ACCESS EXCLUSIVE',
  manual: `Identity Columns, 5.3; ${ALTER_TABLE}`,
  safe: `-- outside app, where nothing counts over all tenants (see sequence-in-app)
create sequence platform.entry_number;
alter table platform.entry add column number bigint;
alter table platform.entry alter column number set default nextval('platform.entry_number');`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, column } of newColumnsOf(file)) {
      const counts =
        constraintsOfColumn(column).some((it) => it.contype === 'CONSTR_IDENTITY') ||
        /(^|\.)(small|big)?serial\d?$/.test(typeName(column.typeName));
      if (counts) yield findingAt(step, `${table} is rewritten, for ${column.colname} numbers its rows`);
    }
  },
};

export const columnType: Rule = {
  code: 'column-type',
  reason:
    'Another type writes every row and builds every index anew. Not so varchar to a longer one or to text, a wider numeric of the same scale, a finer timestamp, cidr to inet; the type that the column has now is known from the migrations.',
  lock: 'ACCESS EXCLUSIVE',
  manual: `ALTER TABLE, SET DATA TYPE; ${ALTER_TABLE}`,
  safe: `-- expand: a second column, which a trigger fills for those that write the first
alter table app.invoice add column total_amount bigint;
-- then a backfill in batches, then code that reads the new one, then "--! Phase: contract"
alter table app.invoice drop column total;`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, command } of alterationsOf(file)) {
      if (command.subtype !== 'AT_AlterColumnType' || !command.def || !('ColumnDef' in command.def)) continue;
      const name = command.name ?? '';
      const next = command.def.ColumnDef;
      const type = step.before.relations.get(table)?.columns.get(name)?.type ?? '';
      if (!isWidening(type, fullType(next)) || next.collClause || !isPlain(next, name))
        yield findingAt(
          step,
          `${table} is rewritten to make ${name} ${fullType(next)}${type && ` of ${type}`}`,
        );
    }
  },
};

/** Whether USING is absent, or is the column itself or a cast of it to the new type. */
function isPlain(definition: ColumnDef, column: string): boolean {
  const using = definition.raw_default;
  if (!using) return true;
  if ('ColumnRef' in using) return lastName(using.ColumnRef.fields) === column;
  if (!('TypeCast' in using) || !using.TypeCast.arg || !('ColumnRef' in using.TypeCast.arg)) return false;
  const target = fullType(using.TypeCast.typeName ? { typeName: using.TypeCast.typeName } : {});
  return lastName(using.TypeCast.arg.ColumnRef.fields) === column && target === fullType(definition);
}

/** Each was tried on PostgreSQL 18: the file of the table stays the same. An index on the column is kept as well. */
function isWidening(from: string, to: string): boolean {
  const [old, next] = [parts(from), parts(to)];
  if (from === '' || from.endsWith('[]') || to.endsWith('[]')) return from !== '' && from === to;
  if (`${old.name} ${next.name}` === 'varchar text' || `${old.name} ${next.name}` === 'cidr inet')
    return true;
  if (`${old.name} ${next.name}` === 'text varchar') return next.sizes.length === 0;
  if (old.name !== next.name) return false;
  const [size, scale] = old.sizes;
  const [nextSize, nextScale] = next.sizes;
  if (nextSize === undefined)
    return ['varchar', 'varbit', 'numeric', ...CLOCKS, 'interval'].includes(old.name) || from === to;
  if (size === undefined) return false;
  if (old.name === 'numeric') return nextSize >= size && (nextScale ?? 0) === (scale ?? 0);
  return ['varchar', 'varbit', ...CLOCKS].includes(old.name) ? nextSize >= size : from === to;
}

const CLOCKS = ['timestamp', 'timestamptz', 'time', 'timetz'];

function parts(type: string): { name: string; sizes: number[] } {
  const [name = '', sizes = ''] = type.replace(')', '').split('(');
  return { name, sizes: sizes === '' ? [] : sizes.split(',').map(Number) };
}

export const rewritesTable: Rule = {
  code: 'rewrites-table',
  reason:
    'VACUUM FULL, CLUSTER, SET LOGGED, SET UNLOGGED, SET ACCESS METHOD and SET TABLESPACE copy the whole table while nobody can read or write it.',
  lock: 'ACCESS EXCLUSIVE',
  manual: 'VACUUM, FULL; CLUSTER; ALTER TABLE, SET LOGGED',
  safe: '-- vacuum (analyze) app.invoice; or a tool that copies beside the traffic, such as pg_repack',
  kinds: ['migration'],
  *check(file) {
    const copies: Record<string, string> = {
      AT_SetLogged: 'set logged',
      AT_SetUnLogged: 'set unlogged',
      AT_SetAccessMethod: 'set access method',
      AT_SetTableSpace: 'set tablespace',
    };
    for (const { step, table, command } of alterationsOf(file)) {
      const words = copies[command.subtype ?? ''];
      if (words) yield findingAt(step, `${table} is copied: ${words}`);
    }
    for (const step of file.migration?.steps ?? []) {
      if ('ClusterStmt' in step.tree && !isFresh(step.before, step.tree.ClusterStmt.relation))
        yield findingAt(
          step,
          `${relationName(step.tree.ClusterStmt.relation) || 'every table'} is copied: cluster`,
        );
      if ('VacuumStmt' in step.tree && isFull(step.tree.VacuumStmt.options))
        yield findingAt(step, 'a table is copied: vacuum full');
    }
  },
};

function isFull(options: unknown): boolean {
  let full = false;
  walk(options, {
    DefElem: ({ defname, arg }) => {
      full ||=
        defname === 'full' && !(arg && 'String' in arg && /^(false|off|no|0)$/i.test(arg.String.sval ?? ''));
    },
  });
  return full;
}
