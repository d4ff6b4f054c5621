import type { Constraint } from 'libpg-query';
import { alterationsOf } from '../alterations.ts';
import { constraintsOfColumn } from '../catalogue.ts';
import { locksOf } from '../lock-levels.ts';
import type { Step } from '../migration.ts';
import type { LintFile, Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { nameParts, relationName } from '../walk.ts';

interface Added {
  step: Step;
  table: string;
  constraint: Constraint;
  /** Set when it comes with a new column: whose rows then all hold null, or the default. */
  column: string | undefined;
  filled: boolean;
}

/** Every constraint that is added to a table that was there before. */
function* added(file: LintFile): Generator<Added> {
  for (const { step, table, command } of alterationsOf(file)) {
    const { subtype, def } = command;
    if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def)
      yield { step, table, constraint: def.Constraint, column: undefined, filled: true };
    if (subtype !== 'AT_AddColumn' || !def || !('ColumnDef' in def)) continue;
    const own = constraintsOfColumn(def.ColumnDef);
    const filled = own.some((it) => ['CONSTR_DEFAULT', 'CONSTR_GENERATED'].includes(it.contype ?? ''));
    for (const constraint of own) yield { step, table, constraint, column: def.ColumnDef.colname, filled };
  }
}

/** A constraint that PostgreSQL holds against every row that is there. */
function isChecked(constraint: Constraint): boolean {
  return constraint.skip_validation !== true && constraint.is_enforced === true;
}

export const checkScans: Rule = {
  code: 'check-scans',
  reason: 'A new CHECK is held against every row while nobody can read or write the table.',
  lock: 'ACCESS EXCLUSIVE; VALIDATE CONSTRAINT SHARE UPDATE EXCLUSIVE',
  manual: 'ALTER TABLE, ADD table_constraint [NOT VALID] and Notes',
  safe: `-- one migration
alter table app.invoice add constraint invoice_total_check check (total >= 0) not valid;
-- the next
alter table app.invoice validate constraint invoice_total_check;`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, constraint } of added(file))
      if (constraint.contype === 'CONSTR_CHECK' && isChecked(constraint))
        yield findingAt(
          step,
          `every row of ${table} is read for check ${constraint.conname ?? ''}`.trimEnd(),
        );
  },
};

export const foreignKeyScans: Rule = {
  code: 'foreign-key-scans',
  reason:
    'A new foreign key looks up every row while nobody can write to either table. One that comes with a new column without a default has nothing to look up.',
  lock: 'SHARE ROW EXCLUSIVE on both tables; VALIDATE CONSTRAINT SHARE UPDATE EXCLUSIVE and ROW SHARE',
  manual: 'ALTER TABLE, ADD table_constraint [NOT VALID] and Notes',
  safe: `-- one migration
alter table app.invoice add constraint invoice_project_fkey
  foreign key (tenant_id, project_id) references app.project (tenant_id, id) not valid;
-- the next
alter table app.invoice validate constraint invoice_project_fkey;`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, constraint, filled } of added(file))
      if (constraint.contype === 'CONSTR_FOREIGN' && isChecked(constraint) && filled)
        yield findingAt(step, `every row of ${table} is looked up in ${relationName(constraint.pktable)}`);
  },
};

export const keyBuildsIndex: Rule = {
  code: 'key-builds-index',
  reason:
    'UNIQUE and PRIMARY KEY build their index while nobody can read or write the table; built before, it is only given a name. EXCLUDE has no such form: it belongs into a new table.',
  lock: 'ACCESS EXCLUSIVE',
  manual: 'ALTER TABLE, ADD table_constraint_using_index',
  safe: `-- one migration, with --! no-transaction
create unique index concurrently invoice_number on app.invoice (tenant_id, number);
-- the next; the columns of a primary key must be NOT NULL before, or they are scanned
alter table app.invoice add constraint invoice_number unique using index invoice_number;`,
  kinds: ['migration'],
  *check(file) {
    const kinds: Record<string, string> = {
      CONSTR_UNIQUE: 'unique key',
      CONSTR_PRIMARY: 'primary key',
      CONSTR_EXCLUSION: 'exclusion constraint',
    };
    for (const { step, table, constraint } of added(file)) {
      const kind = kinds[constraint.contype ?? ''];
      if (kind && !constraint.indexname)
        yield findingAt(step, `the index of a ${kind} of ${table} is built under its lock`);
    }
  },
};

export const notNullScans: Rule = {
  code: 'not-null-scans',
  reason:
    'SET NOT NULL reads the whole table while nobody can read or write it, unless a valid CHECK says already that no value is null. PostgreSQL 18 takes NOT NULL itself as NOT VALID.',
  lock: 'ACCESS EXCLUSIVE; VALIDATE CONSTRAINT SHARE UPDATE EXCLUSIVE',
  manual: 'ALTER TABLE, SET NOT NULL and Notes',
  safe: `-- one migration
alter table app.invoice add constraint invoice_due_at_not_null not null due_at not valid;
-- the next: the column is NOT NULL then
alter table app.invoice validate constraint invoice_due_at_not_null;`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, command } of alterationsOf(file)) {
      const known = step.before.relations.get(table);
      const { subtype, def, name = '' } = command;
      const columns =
        subtype === 'AT_SetNotNull'
          ? [name]
          : subtype === 'AT_AddConstraint' && def && 'Constraint' in def && isNotNull(def.Constraint)
            ? nameParts(def.Constraint.keys)
            : [];
      for (const column of columns) {
        const proven = [...(known?.constraints.values() ?? [])].some(
          (it) => it.valid && it.notNull === column,
        );
        if (!proven && known?.columns.get(column)?.notNull !== true)
          yield findingAt(step, `every row of ${table} is read to see that ${column} is never null`);
      }
    }
  },
};

function isNotNull(constraint: Constraint): boolean {
  return constraint.contype === 'CONSTR_NOTNULL' && constraint.skip_validation !== true;
}

export const validateUnderLock: Rule = {
  code: 'validate-under-lock',
  reason:
    'VALIDATE CONSTRAINT reads the whole table and stops nobody; but a lock that was taken before in the same migration is held meanwhile, and NOT VALID was for nothing.',
  lock: 'what ADD CONSTRAINT took: ACCESS EXCLUSIVE, or SHARE ROW EXCLUSIVE for a foreign key',
  manual: 'ALTER TABLE, Notes; Explicit Locking, 13.3.1 Table-Level Locks',
  safe: `-- 010-invoice-total.sql
alter table app.invoice add constraint invoice_total_check check (total >= 0) not valid;
-- 020-invoice-total-valid.sql
alter table app.invoice validate constraint invoice_total_check;`,
  kinds: ['migration'],
  *check(file) {
    for (const { step, table, command } of alterationsOf(file)) {
      if (command.subtype !== 'AT_ValidateConstraint' || !file.migration) continue;
      const { steps } = file.migration;
      const held = steps.slice(0, steps.indexOf(step) + 1).flatMap(locksOf);
      if (held.length === 0) continue;
      const locked = [...new Set(held.map((lock) => `${lock.relation} (${lock.mode})`))].join(', ');
      yield findingAt(step, `${table} is read whole, under the locks on ${locked}`);
    }
  },
};
