import type { AlterTableCmd, ColumnDef } from 'libpg-query';
import { isFresh } from './lock-levels.ts';
import type { Step } from './migration.ts';
import type { LintFile } from './rule.ts';
import { relationName } from './walk.ts';

export interface Alteration {
  step: Step;
  table: string;
  command: AlterTableCmd;
}

/** Each subcommand of each ALTER TABLE of a migration, of tables that were there before. */
export function* alterationsOf(file: LintFile): Generator<Alteration> {
  for (const step of file.migration?.steps ?? []) {
    if (!('AlterTableStmt' in step.tree)) continue;
    const { relation, cmds, objtype } = step.tree.AlterTableStmt;
    if (objtype !== 'OBJECT_TABLE' || isFresh(step.before, relation)) continue;
    for (const node of cmds ?? [])
      if ('AlterTableCmd' in node) yield { step, table: relationName(relation), command: node.AlterTableCmd };
  }
}

/** Each column that a migration adds to a table that was there before. */
export function* newColumnsOf(file: LintFile): Generator<{ step: Step; table: string; column: ColumnDef }> {
  for (const { step, table, command } of alterationsOf(file))
    if (command.subtype === 'AT_AddColumn' && command.def && 'ColumnDef' in command.def)
      yield { step, table, column: command.def.ColumnDef };
}
