import type { Lock } from '../lock-levels.ts';
import { isFresh, locksOf } from '../lock-levels.ts';
import type { Step } from '../migration.ts';
import type { Finding, Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { relationName } from '../walk.ts';

const LOCKING = 'Explicit Locking, 13.3.1 Table-Level Locks';

export const attachPartition: Rule = {
  code: 'attach-partition',
  reason:
    'ATTACH PARTITION reads the whole table under its lock to see that each row belongs there, unless a validated check says so already; and the default partition, if there is one.',
  lock: 'ACCESS EXCLUSIVE on the table that is attached and on the default partition, SHARE UPDATE EXCLUSIVE on the parent',
  manual: 'ALTER TABLE, ATTACH PARTITION; Table Partitioning, 5.12.2.2 Partition Maintenance',
  safe: `-- one migration
alter table app.event_2027 add constraint event_2027_bounds
  check (id is not null and id >= '01900000-…' and id < '01a00000-…') not valid;
-- the next
alter table app.event_2027 validate constraint event_2027_bounds;
-- and the next; an empty table is better made in the migration that attaches it
-- lint: allow attach-partition: event_2027_bounds is validated
alter table app.event attach partition app.event_2027 for values from ('01900000-…') to ('01a00000-…');`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('AlterTableStmt' in step.tree) || step.tree.AlterTableStmt.objtype !== 'OBJECT_TABLE') continue;
      for (const node of step.tree.AlterTableStmt.cmds ?? []) {
        if (!('AlterTableCmd' in node) || node.AlterTableCmd.subtype !== 'AT_AttachPartition') continue;
        const { def } = node.AlterTableCmd;
        if (!def || !('PartitionCmd' in def) || isFresh(step.before, def.PartitionCmd.name)) continue;
        yield findingAt(step, `${relationName(def.PartitionCmd.name)} is read whole while it is attached`);
      }
    }
  },
};

export const partitionOf: Rule = {
  code: 'partition-of',
  reason:
    'CREATE TABLE ... PARTITION OF stops every reader and writer of the parent, in all its partitions; a table of its own that is attached afterwards does not.',
  lock: 'ACCESS EXCLUSIVE on the parent',
  manual: 'CREATE TABLE, PARTITION OF; ALTER TABLE, ATTACH PARTITION',
  safe: `create table app.event_2027 (like app.event including all);
alter table app.event attach partition app.event_2027 for values from ('01900000-…') to ('01a00000-…');`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('CreateStmt' in step.tree) || !step.tree.CreateStmt.partbound) continue;
      const parent = step.tree.CreateStmt.inhRelations?.[0];
      if (!parent || !('RangeVar' in parent) || isFresh(step.before, parent.RangeVar)) continue;
      yield findingAt(step, `a partition made in place stops ${relationName(parent.RangeVar)}`);
    }
  },
};

export const refreshMaterializedView: Rule = {
  code: 'refresh-materialized-view',
  reason:
    'REFRESH computes the whole view while nobody can read it; with CONCURRENTLY it computes it twice as long, and readers go on.',
  lock: 'ACCESS EXCLUSIVE; EXCLUSIVE with CONCURRENTLY',
  manual: 'REFRESH MATERIALIZED VIEW',
  safe: 'refresh materialized view concurrently platform.totals;  -- in a task of the worker; it needs a unique index',
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('RefreshMatViewStmt' in step.tree)) continue;
      const { concurrent, skipData, relation } = step.tree.RefreshMatViewStmt;
      if (!concurrent && !skipData && !isFresh(step.before, relation))
        yield findingAt(step, `${relationName(relation)} cannot be read while it is refreshed`);
    }
  },
};

export const lockTable: Rule = {
  code: 'lock-table',
  reason: 'LOCK TABLE keeps everybody waiting until the migration ends, whatever else it still has to do.',
  lock: 'the one that is named; ACCESS EXCLUSIVE when none is',
  manual: LOCKING,
  safe: '-- let the statement take the lock that it needs; for one migration at a time there is an advisory lock already',
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('LockStmt' in step.tree)) continue;
      for (const { relation, mode } of locksOf(step)) yield findingAt(step, `${relation} is locked ${mode}`);
    }
  },
};

/** What .gmrc sets for every migration; a little more may be needed, ten times as much may not. */
const LONGEST_WAIT_MS = 10_000;

export const lockTimeoutOff: Rule = {
  code: 'lock-timeout-off',
  reason:
    'Whoever waits for a lock makes all that come later wait behind it: without a limit, one long report and one migration stop the product.',
  manual: 'Client Connection Defaults, 19.11.1 lock_timeout',
  safe: "set local lock_timeout = '5s';  -- which .gmrc does for every migration; the migrator tries again",
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('VariableSetStmt' in step.tree)) continue;
      const { name, kind, args } = step.tree.VariableSetStmt;
      if (name !== 'lock_timeout') continue;
      const value = args?.[0] && 'A_Const' in args[0] ? args[0].A_Const : undefined;
      const wait =
        kind === 'VAR_SET_VALUE' ? milliseconds(value?.sval?.sval ?? String(value?.ival?.ival ?? 0)) : 0;
      if (wait === 0 || wait > LONGEST_WAIT_MS)
        yield findingAt(
          step,
          wait === 0 ? 'lock_timeout is switched off' : 'lock_timeout is over ten seconds',
        );
    }
  },
};

function milliseconds(text: string): number {
  const match = /^\s*(\d+)\s*(ms|s|min|h|d)?\s*$/.exec(text);
  const unit = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? 'ms'] ?? 1;
  return match ? Number(match[1]) * unit : Number.POSITIVE_INFINITY;
}

/** The first strong lock on each table, in the order of taking. */
function firstLocks(steps: Step[]): { step: Step; lock: Lock }[] {
  const found = new Map<string, { step: Step; lock: Lock }>();
  for (const step of steps)
    for (const lock of locksOf(step)) if (!found.has(lock.relation)) found.set(lock.relation, { step, lock });
  return [...found.values()];
}

export const manyLocks: Rule = {
  code: 'many-locks',
  reason:
    'A lock is held until the migration ends: the first table stands still while it waits for the second, and a transaction that takes them in the other order is a deadlock. A declaration takes one too: it writes the policies anew.',
  lock: 'SHARE, SHARE ROW EXCLUSIVE or ACCESS EXCLUSIVE on more than one table that is in use',
  manual: 'Explicit Locking, 13.3.4 Deadlocks',
  safe: `-- 010-invoice-note.sql
alter table app.invoice add column note text;
-- 020-project-note.sql
alter table app.project add column note text;`,
  kinds: ['migration'],
  *check(file) {
    const locks = firstLocks((file.migration?.steps ?? []).filter((step) => !isTrigger(step)));
    const second = locks.find(({ step }) => step !== locks[0]?.step) ?? locks[2];
    if (!second || !file.migration?.transaction) return;
    yield findingAt(
      second.step,
      `${locks.map(({ lock }) => lock.relation).join(', ')} are locked one after the other, and all until the end`,
    );
  },
};

function isTrigger(step: Step): boolean {
  return 'CreateTrigStmt' in step.tree;
}

export const triggerNotAlone: Rule = {
  code: 'trigger-not-alone',
  reason:
    'CREATE TRIGGER waits for every writer of the table and stops the next ones, to the end of the migration: harmless for a moment and on its own, not while another table is waited for or rows are worked on.',
  lock: 'SHARE ROW EXCLUSIVE',
  manual: 'CREATE TRIGGER; Explicit Locking, 13.3.1 Table-Level Locks',
  safe: `-- a migration of its own, in which nothing else touches a table in use
create or replace trigger _200_check
before insert on app.invoice
for each row execute function app.check_invoice();`,
  kinds: ['migration'],
  *check(file) {
    const steps = file.migration?.steps ?? [];
    const trigger = steps.find((step) => isTrigger(step) && locksOf(step).length > 0);
    if (!trigger) return;
    const [table] = locksOf(trigger);
    const others = firstLocks(steps).filter(({ lock }) => lock.relation !== table?.relation);
    if (others.length === 0) return;
    const first: Finding = findingAt(
      trigger,
      `a trigger on ${table?.relation}, in one transaction with a lock on ${others.map(({ lock }) => lock.relation).join(', ')}`,
    );
    yield first;
  },
};
