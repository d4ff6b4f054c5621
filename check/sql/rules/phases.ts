import type { Node } from 'libpg-query';
import { objectName } from '../catalogue.ts';
import { isFresh } from '../lock-levels.ts';
import type { Step } from '../migration.ts';
import type { Rule } from '../rule.ts';
import { findingAt } from '../rule.ts';
import { relationName } from '../walk.ts';

export const phaseHeader: Rule = {
  code: 'phase-header',
  reason:
    'The migrator runs "--! Phase: contract" only when no process of the old code is left. It reads the lines at the very top: in another place, or misspelled, the line is a comment, and the migration runs while old code serves.',
  safe: `--! Message: drop note of an invoice
--! Phase: contract

alter table app.invoice drop column note;`,
  kinds: ['migration'],
  *check(file) {
    const lines = file.source.text.split('\n');
    const line = lines.findIndex((text) => /^--\s*!?\s*phase\b/i.test(text)) + 1;
    if (line === 0) return;
    const value = file.migration?.headers.get('Phase');
    if (value === undefined) yield { line, message: 'a phase that is no header of the migration' };
    else if (!['expand', 'contract'].includes(value))
      yield { line, message: `phase "${value}": there are expand and contract` };
  },
};

const DROPPED: Record<string, string> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'function',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'function',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_EXTENSION: 'extension',
};

/** Made by this migration, or temporary: nobody uses it. */
function isOwn(step: Step, kind: string, name: string): boolean {
  return (
    step.before.relations.get(name)?.fresh === true ||
    step.before.made.has(`${kind} ${name}`) ||
    name.startsWith('pg_temp.')
  );
}

export const dropOutsideContract: Rule = {
  code: 'drop-outside-contract',
  reason:
    'Processes of the release before serve on while a migration runs and after it: they use what they know. What nobody uses any more is dropped by a contract migration, after the last of them has gone. A function with another signature is a second function; the first is dropped later.',
  lock: 'ACCESS EXCLUSIVE',
  manual: 'DROP TABLE; ALTER TABLE, DROP COLUMN; DROP FUNCTION',
  safe: `--! Message: drop note of an invoice
--! Phase: contract

alter table app.invoice drop column note;`,
  kinds: ['migration'],
  *check(file) {
    if (file.migration?.phase === 'contract') return;
    for (const step of file.migration?.steps ?? []) {
      if ('DropStmt' in step.tree) {
        const kind = DROPPED[step.tree.DropStmt.removeType ?? ''];
        for (const object of kind ? (step.tree.DropStmt.objects ?? []) : []) {
          const name = objectName(object);
          if (kind && !isOwn(step, kind, name))
            yield findingAt(step, `${kind} ${name} is dropped while code that knows it serves`);
        }
      }
      if (!('AlterTableStmt' in step.tree) || isFresh(step.before, step.tree.AlterTableStmt.relation))
        continue;
      const table = relationName(step.tree.AlterTableStmt.relation);
      for (const node of step.tree.AlterTableStmt.cmds ?? []) {
        const { subtype, name = '' } = 'AlterTableCmd' in node ? node.AlterTableCmd : {};
        if (subtype === 'AT_DropColumn')
          yield findingAt(step, `column ${table}.${name} is dropped while code that knows it serves`);
      }
    }
  },
};

const RENAMED: Record<string, string> = {
  OBJECT_COLUMN: 'column',
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'function',
  OBJECT_ROUTINE: 'function',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_ATTRIBUTE: 'attribute',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
};

export const renameOutsideContract: Rule = {
  code: 'rename-outside-contract',
  reason:
    'A new name is a drop of the old one: the code that serves asks for the old one until it is gone, and the new code asks for the new one before that. For a while both must be there.',
  lock: 'ACCESS EXCLUSIVE',
  manual: 'ALTER TABLE, RENAME',
  safe: `-- expand: the new name beside the old one
alter table app.invoice add column memo text;
-- a trigger keeps both alike, a backfill in batches fills the new one, the new code uses it; then "--! Phase: contract"
alter table app.invoice drop column note;`,
  kinds: ['migration'],
  *check(file) {
    if (file.migration?.phase === 'contract') return;
    for (const step of file.migration?.steps ?? []) {
      const renamed = renamedBy(step.tree);
      if (renamed && !isOwn(step, renamed.kind === 'column' ? 'table' : renamed.kind, renamed.name))
        yield findingAt(
          step,
          `${renamed.kind} ${renamed.shown} changes its name while code that knows it serves`,
        );
    }
  },
};

/** `name` is what it belongs to: of a column its table. */
function renamedBy(tree: Node): { kind: string; name: string; shown: string } | undefined {
  if ('AlterEnumStmt' in tree && tree.AlterEnumStmt.oldVal) {
    const name = objectName({ List: { items: tree.AlterEnumStmt.typeName ?? [] } });
    return { kind: 'type', name, shown: `${name} (${tree.AlterEnumStmt.oldVal})` };
  }
  const body =
    'RenameStmt' in tree
      ? { ...tree.RenameStmt, kind: tree.RenameStmt.renameType }
      : 'AlterObjectSchemaStmt' in tree
        ? { ...tree.AlterObjectSchemaStmt, kind: tree.AlterObjectSchemaStmt.objectType, subname: undefined }
        : undefined;
  const kind = RENAMED[body?.kind ?? ''];
  if (!body || !kind) return undefined;
  const name = body.relation
    ? relationName(body.relation)
    : body.object
      ? objectName(body.object)
      : (body.subname ?? '');
  return { kind, name, shown: kind === 'column' || kind === 'attribute' ? `${name}.${body.subname}` : name };
}
