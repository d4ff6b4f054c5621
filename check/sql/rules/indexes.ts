import type { IndexStmt } from 'libpg-query';
import { objectName } from '../catalogue.ts';
import { isFresh } from '../lock-levels.ts';
import type { Step } from '../migration.ts';
import type { Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { relationName, walk } from '../walk.ts';

export const indexNotConcurrent: Rule = {
  code: 'index-not-concurrent',
  reason:
    'CREATE INDEX reads the whole table while nobody can write to it. A partitioned table knows no CONCURRENTLY: its index is made with ONLY, one on each partition concurrently, and these are attached.',
  lock: 'SHARE; with CONCURRENTLY SHARE UPDATE EXCLUSIVE',
  manual: 'CREATE INDEX, Building Indexes Concurrently',
  safe: `--! Message: index of invoices by due date

--! no-transaction
create index concurrently invoice_due on app.invoice (tenant_id, due_at);

-- of a partitioned table, in migrations of their own:
create index event_kind on only app.event (tenant_id, type, id);
create index concurrently event_2027_kind on app.event_2027 (tenant_id, type, id);
alter index app.event_kind attach partition app.event_2027_kind;`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('IndexStmt' in step.tree)) continue;
      const index: IndexStmt = step.tree.IndexStmt;
      if (isFresh(step.before, index.relation)) continue;
      const table = relationName(index.relation);
      const partitioned = step.before.relations.get(table)?.partitioned === true;
      const only = index.relation?.inh !== true;
      if (index.concurrent) {
        if (partitioned)
          yield findingAt(step, `${table} is partitioned: PostgreSQL refuses CONCURRENTLY there`);
      } else if (!partitioned || !only) {
        yield findingAt(step, `writers of ${table} wait until ${index.idxname ?? 'the index'} is built`);
      }
    }
  },
};

export const dropIndexNotConcurrent: Rule = {
  code: 'drop-index-not-concurrent',
  reason:
    'DROP INDEX waits for every reader of the table, and stops those that come later. It cannot be concurrent for the index of a partitioned table, nor for one that a constraint owns.',
  lock: 'ACCESS EXCLUSIVE on the table; with CONCURRENTLY SHARE UPDATE EXCLUSIVE',
  manual: 'DROP INDEX',
  safe: `--! Message: drop invoice_due

--! no-transaction
drop index concurrently app.invoice_due;`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if (!('DropStmt' in step.tree)) continue;
      const { removeType, concurrent, objects } = step.tree.DropStmt;
      if (removeType !== 'OBJECT_INDEX' || concurrent) continue;
      for (const object of objects ?? []) {
        const index = step.before.relations.get(objectName(object));
        if (index?.fresh || step.before.relations.get(index?.table ?? '')?.fresh) continue;
        yield findingAt(step, `whoever uses the table waits for the end of index ${objectName(object)}`);
      }
    }
  },
};

/** What PostgreSQL refuses to do inside a transaction, as the statement's first words. */
function outsideOnly(step: Step): string | undefined {
  const { tree } = step;
  if ('IndexStmt' in tree && tree.IndexStmt.concurrent) return 'create index concurrently';
  if ('DropStmt' in tree && tree.DropStmt.concurrent) return 'drop index concurrently';
  if ('VacuumStmt' in tree && tree.VacuumStmt.is_vacuumcmd) return 'vacuum';
  let found: string | undefined;
  if ('ReindexStmt' in tree) {
    walk(tree.ReindexStmt.params, {
      DefElem: (option) => {
        if (option.defname === 'concurrently') found = 'reindex concurrently';
      },
    });
  }
  if ('AlterTableStmt' in tree) {
    walk(tree.AlterTableStmt.cmds, {
      PartitionCmd: (command) => {
        if (command.concurrent) found = 'detach partition concurrently';
      },
    });
  }
  return found;
}

export const concurrentlyInTransaction: Rule = {
  code: 'concurrently-in-transaction',
  reason:
    'CONCURRENTLY and VACUUM commit on the way, so PostgreSQL refuses them in a transaction or a DO block. graphile-migrate leaves the transaction out when the first line after the headers is "--! no-transaction".',
  manual: 'CREATE INDEX, Building Indexes Concurrently; VACUUM, Notes',
  safe: `--! Message: index of invoices by due date

--! no-transaction
create index concurrently invoice_due on app.invoice (tenant_id, due_at);`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      const words = outsideOnly(step);
      if (words && (file.migration?.transaction || step.block))
        yield findingAt(step, `${words} runs inside ${step.block ? 'a DO block' : 'a transaction'}`);
    }
  },
};

export const noTransactionAlone: Rule = {
  code: 'no-transaction-alone',
  reason:
    'What is sent in one message is one transaction: a second statement brings back what "--! no-transaction" took away, and a failure leaves the first half done. In any other place than right after the headers the line is a comment.',
  manual: 'Frontend/Backend Protocol, 54.2.2.1 Multiple Statements in a Simple Query',
  safe: `--! Message: index of invoices by due date

--! no-transaction
create index concurrently invoice_due on app.invoice (tenant_id, due_at);`,
  kinds: ['migration'],
  *check(file) {
    const { migration, source, entries } = file;
    if (!migration) return;
    const line = source.text.split('\n').findIndex((text) => /^--!\s*no-transaction\b/.test(text)) + 1;
    if (line > 0 && migration.transaction)
      yield { line, message: '"no-transaction" is not the first line after the headers: nobody reads it' };
    if (line > 0 && /^--!\s*[A-Z]/m.test(source.text.split('\n').slice(line).join('\n')))
      yield { line, message: '"no-transaction" stands before a header, which is then no header' };
    const second = migration.steps.find((step) => !step.block && step.tree !== entries[0]?.statement.tree);
    if (!migration.transaction && second)
      yield findingAt(second, 'a second statement in a migration without a transaction');
  },
};

export const concurrentlyIfNotExists: Rule = {
  code: 'concurrently-if-not-exists',
  reason:
    'A concurrent build that fails leaves an INVALID index, which every write keeps up and no query uses. With IF NOT EXISTS the next run finds it, and reports success.',
  manual: 'CREATE INDEX, Building Indexes Concurrently',
  safe: `-- two migrations, each with --! no-transaction
drop index concurrently if exists app.invoice_due;
create index concurrently invoice_due on app.invoice (tenant_id, due_at);`,
  kinds: ['migration'],
  *check(file) {
    for (const step of file.migration?.steps ?? []) {
      if ('IndexStmt' in step.tree && step.tree.IndexStmt.concurrent && step.tree.IndexStmt.if_not_exists)
        yield findingAt(
          step,
          `an invalid ${step.tree.IndexStmt.idxname ?? 'index'} would be taken for a good one`,
        );
    }
  },
};
