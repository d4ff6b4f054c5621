import type { AlterTableCmd, Constraint, Node, RangeVar } from 'libpg-query';
import type { Catalogue, Relation } from './catalogue.ts';
import { constraintsOfColumn, objectName } from './catalogue.ts';
import type { Step } from './migration.ts';
import { declaredBy } from './migration.ts';
import { nameParts, relationName } from './walk.ts';

/** Table locks that keep writers or more waiting, in the order of their strength. https://www.postgresql.org/docs/18/explicit-locking.html */
export type Mode = 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'EXCLUSIVE' | 'ACCESS EXCLUSIVE';

export interface Lock {
  relation: string;
  mode: Mode;
}

/** Subcommands of ALTER TABLE that readers and writers do not feel: SHARE UPDATE EXCLUSIVE. */
const WEAK = new Set(
  'ValidateConstraint SetStatistics SetOptions ResetOptions ClusterOn DropCluster SetRelOptions ResetRelOptions'
    .split(' ')
    .map((name) => `AT_${name}`),
);

/** Whether nobody waits for a lock on it: made in this migration, or temporary. */
export function isFresh(catalogue: Catalogue, relation: RangeVar | undefined): boolean {
  if (relation?.relpersistence === 't' || relation?.schemaname === 'pg_temp') return true;
  return catalogue.relations.get(relationName(relation))?.fresh === true;
}

/** A state or reference table: while the product serves, nobody writes to it. */
export function isReference(name: string, known: Relation | undefined): boolean {
  return known?.reference === true || /^app\.\w+_status$/.test(name);
}

/** The locks that a statement takes on what others use and holds to the end of the transaction, as far as its text tells. */
export function locksOf(step: Step): Lock[] {
  return takenBy(step.tree).filter(({ relation, mode }) => {
    const known = step.before.relations.get(relation);
    const harmless = mode === 'SHARE ROW EXCLUSIVE' && isReference(relation, known);
    return relation !== '' && known?.fresh !== true && !relation.startsWith('pg_temp.') && !harmless;
  });
}

function takenBy(tree: Node): Lock[] {
  const on = (relation: RangeVar | undefined, mode: Mode): Lock => ({
    relation: relationName(relation),
    mode,
  });
  if ('AlterTableStmt' in tree) {
    const { relation, cmds, objtype } = tree.AlterTableStmt;
    if (objtype !== 'OBJECT_TABLE') return [];
    return (cmds ?? []).flatMap((node) =>
      'AlterTableCmd' in node ? ofCommand(relation, node.AlterTableCmd) : [],
    );
  }
  if ('CreateStmt' in tree) {
    const { partbound, inhRelations, tableElts } = tree.CreateStmt;
    const parents = (partbound ? (inhRelations ?? []) : []).flatMap((node) =>
      'RangeVar' in node ? [on(node.RangeVar, 'ACCESS EXCLUSIVE')] : [],
    );
    return [...parents, ...foreignKeys(tableElts)];
  }
  if ('CreateTrigStmt' in tree) return [on(tree.CreateTrigStmt.relation, 'SHARE ROW EXCLUSIVE')];
  if ('IndexStmt' in tree) return tree.IndexStmt.concurrent ? [] : [on(tree.IndexStmt.relation, 'SHARE')];
  if ('RenameStmt' in tree && tree.RenameStmt.renameType !== 'OBJECT_INDEX' && tree.RenameStmt.relation)
    return [on(tree.RenameStmt.relation, 'ACCESS EXCLUSIVE')];
  if ('AlterObjectSchemaStmt' in tree && tree.AlterObjectSchemaStmt.relation)
    return [on(tree.AlterObjectSchemaStmt.relation, 'ACCESS EXCLUSIVE')];
  if ('TruncateStmt' in tree)
    return (tree.TruncateStmt.relations ?? []).flatMap((node) =>
      'RangeVar' in node ? [on(node.RangeVar, 'ACCESS EXCLUSIVE')] : [],
    );
  if ('DropStmt' in tree) return ofDrop(tree.DropStmt);
  if ('LockStmt' in tree) {
    const mode = LOCK_MODES[tree.LockStmt.mode ?? 0];
    return (tree.LockStmt.relations ?? []).flatMap((node) =>
      mode && 'RangeVar' in node ? [on(node.RangeVar, mode)] : [],
    );
  }
  return declaredBy(tree).map((relation) => ({ relation, mode: 'ACCESS EXCLUSIVE' }));
}

/** By the number that the parser gives to LOCK TABLE ... IN ... MODE. */
const LOCK_MODES: Record<number, Mode> = {
  5: 'SHARE',
  6: 'SHARE ROW EXCLUSIVE',
  7: 'EXCLUSIVE',
  8: 'ACCESS EXCLUSIVE',
};

function ofCommand(relation: RangeVar | undefined, command: AlterTableCmd): Lock[] {
  const table = relationName(relation);
  const { subtype = '', def } = command;
  if (WEAK.has(subtype)) return [];
  if (/^AT_(Enable|Disable)(Trig|Always|Replica)/.test(subtype))
    return [{ relation: table, mode: 'SHARE ROW EXCLUSIVE' }];
  if (
    subtype === 'AT_AddConstraint' &&
    def &&
    'Constraint' in def &&
    def.Constraint.contype === 'CONSTR_FOREIGN'
  )
    return [{ relation: table, mode: 'SHARE ROW EXCLUSIVE' }, referenced(def.Constraint)];
  if (subtype === 'AT_AddColumn')
    return [{ relation: table, mode: 'ACCESS EXCLUSIVE' }, ...foreignKeys(def && [def])];
  if (subtype === 'AT_AttachPartition' && def && 'PartitionCmd' in def)
    return [{ relation: relationName(def.PartitionCmd.name), mode: 'ACCESS EXCLUSIVE' }];
  if (subtype === 'AT_DetachPartition' && def && 'PartitionCmd' in def && def.PartitionCmd.concurrent)
    return [];
  return [{ relation: table, mode: 'ACCESS EXCLUSIVE' }];
}

function foreignKeys(elements: Node[] | undefined): Lock[] {
  return (elements ?? [])
    .flatMap((node): Constraint[] =>
      'Constraint' in node
        ? [node.Constraint]
        : 'ColumnDef' in node
          ? constraintsOfColumn(node.ColumnDef)
          : [],
    )
    .filter((constraint) => constraint.contype === 'CONSTR_FOREIGN')
    .map(referenced);
}

function referenced(constraint: Constraint): Lock {
  return { relation: relationName(constraint.pktable), mode: 'SHARE ROW EXCLUSIVE' };
}

function ofDrop(drop: { removeType?: string; objects?: Node[]; concurrent?: boolean }): Lock[] {
  const objects = drop.objects ?? [];
  if (drop.concurrent) return [];
  if (['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'].includes(drop.removeType ?? '')) {
    return objects.map((object) => ({
      relation: 'List' in object ? nameParts(object.List.items).slice(0, -1).join('.') : '',
      mode: 'ACCESS EXCLUSIVE',
    }));
  }
  if (drop.removeType !== 'OBJECT_TABLE') return [];
  return objects.map((object) => ({ relation: objectName(object), mode: 'ACCESS EXCLUSIVE' }));
}
