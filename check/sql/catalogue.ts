import type {
  AlterTableCmd,
  ColumnDef,
  Constraint,
  CreateStmt,
  IndexStmt,
  Node,
  RangeVar,
} from 'libpg-query';
import { lastName, nameParts, relationName, typeName, walk } from './walk.ts';

/** A column as far as a rule needs it. `type` has its modifiers: "varchar(20)"; "" when nobody can tell. */
export interface Column {
  type: string;
  notNull: boolean;
  generated: 'stored' | 'virtual' | undefined;
}

interface Known {
  columns: string[];
  valid: boolean;
  kind: string;
  /** The column of which a check says that it is not null. */
  notNull: string | undefined;
}

/** A table, view or index before a statement runs. */
export interface Relation {
  kind: 'table' | 'view' | 'index';
  /** Made by the migration that is looked at: nobody else has seen it, and no lock on it keeps anybody waiting. */
  fresh: boolean;
  partitioned: boolean;
  /** Of an index: its table. */
  table: string;
  /** Its rows are part of the schema (@reference, @enum): a few of them. */
  reference: boolean;
  columns: ReadonlyMap<string, Column>;
  constraints: ReadonlyMap<string, Known>;
  /** Columns of each unique key. */
  keys: readonly string[][];
}

/** What is there, by schema.name, with functions and types as "function app.f". A value: a statement makes a new one. */
export interface Catalogue {
  relations: ReadonlyMap<string, Relation>;
  /** Functions, types, schemas … that the migration itself made. */
  made: ReadonlySet<string>;
}

export const emptyCatalogue: Catalogue = { relations: new Map(), made: new Set() };

const emptyRelation: Relation = {
  kind: 'table',
  fresh: true,
  partitioned: false,
  table: '',
  reference: false,
  columns: new Map(),
  constraints: new Map(),
  keys: [],
};

/** At the begin of the next migration, all that is there is known to others. */
export function settle(before: Catalogue): Catalogue {
  const relations = [...before.relations].map(([name, it]) => [name, { ...it, fresh: false }] as const);
  return { relations: new Map(relations), made: new Set() };
}

const FOLLOWED =
  `CreateStmt CreateTableAsStmt ViewStmt IndexStmt AlterTableStmt RenameStmt DropStmt CommentStmt CreateFunctionStmt CreateDomainStmt
   CreateEnumStmt CompositeTypeStmt CreateSchemaStmt CreateSeqStmt`.split(/\s+/);

/** What is there after a statement. What it cannot follow it leaves as it was: a rule must take what it does not know for old and large. */
export function afterStatement(before: Catalogue, tree: Node): Catalogue {
  if (!FOLLOWED.some((tag) => tag in tree)) return before;
  const relations = new Map(before.relations);
  const made = new Set(before.made);
  const put = (name: string, change: Partial<Relation>): void => {
    relations.set(name, { ...emptyRelation, ...relations.get(name), ...change });
  };
  if ('CreateStmt' in tree) relations.set(relationName(tree.CreateStmt.relation), newTable(tree.CreateStmt));
  if ('CreateTableAsStmt' in tree) {
    const kind = tree.CreateTableAsStmt.objtype === 'OBJECT_MATVIEW' ? 'view' : 'table';
    put(relationName(tree.CreateTableAsStmt.into?.rel), { kind });
  }
  if ('ViewStmt' in tree && !relations.has(relationName(tree.ViewStmt.view)))
    put(relationName(tree.ViewStmt.view), { kind: 'view' });
  if ('IndexStmt' in tree) addIndex(relations, tree.IndexStmt);
  if ('AlterTableStmt' in tree) {
    const name = relationName(tree.AlterTableStmt.relation);
    let table = relations.get(name);
    for (const command of tree.AlterTableStmt.cmds ?? [])
      if (table && 'AlterTableCmd' in command) table = afterCommand(table, command.AlterTableCmd);
    if (table) relations.set(name, table);
  }
  if ('RenameStmt' in tree) rename(relations, tree.RenameStmt);
  if ('DropStmt' in tree)
    for (const object of tree.DropStmt.objects ?? []) relations.delete(objectName(object));
  if ('CommentStmt' in tree && tree.CommentStmt.object && tree.CommentStmt.objtype === 'OBJECT_TABLE') {
    const name = objectName(tree.CommentStmt.object);
    const reference = /@(reference|enum)\b/.test(tree.CommentStmt.comment ?? '');
    if (relations.has(name)) put(name, { reference });
  }
  for (const object of madeBy(tree)) made.add(object);
  return { relations, made };
}

/** The schema.name of what DROP, COMMENT and ALTER name, whichever way the parser writes it. */
export function objectName(object: Node): string {
  if ('List' in object) return nameParts(object.List.items).join('.');
  if ('ObjectWithArgs' in object) return nameParts(object.ObjectWithArgs.objname).join('.');
  if ('TypeName' in object) return typeName(object.TypeName);
  return 'String' in object ? (object.String.sval ?? '') : '';
}

function* madeBy(tree: Node): Generator<string> {
  if ('CreateFunctionStmt' in tree) yield `function ${nameParts(tree.CreateFunctionStmt.funcname).join('.')}`;
  if ('CreateDomainStmt' in tree) yield `type ${nameParts(tree.CreateDomainStmt.domainname).join('.')}`;
  if ('CreateEnumStmt' in tree) yield `type ${nameParts(tree.CreateEnumStmt.typeName).join('.')}`;
  if ('CompositeTypeStmt' in tree) yield `type ${relationName(tree.CompositeTypeStmt.typevar)}`;
  if ('CreateSchemaStmt' in tree) yield `schema ${tree.CreateSchemaStmt.schemaname}`;
  if ('CreateSeqStmt' in tree) yield `sequence ${relationName(tree.CreateSeqStmt.sequence)}`;
}

function newTable(tree: CreateStmt): Relation {
  let table: Relation = { ...emptyRelation, partitioned: tree.partspec !== undefined };
  for (const element of tree.tableElts ?? []) {
    if ('ColumnDef' in element) table = withColumn(table, element.ColumnDef);
    if ('Constraint' in element) table = withConstraint(table, element.Constraint);
  }
  return table;
}

function withColumn(table: Relation, definition: ColumnDef): Relation {
  const name = definition.colname ?? '';
  const own = constraintsOfColumn(definition);
  const generated = own.find((it) => it.contype === 'CONSTR_GENERATED');
  const column: Column = {
    type: fullType(definition),
    notNull: own.some((it) =>
      ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'].includes(it.contype ?? ''),
    ),
    generated: generated && (generated.generated_kind === 's' ? 'stored' : 'virtual'),
  };
  let result: Relation = { ...table, columns: new Map(table.columns).set(name, column) };
  for (const constraint of own) result = withConstraint(result, constraint, name);
  return result;
}

function withConstraint(table: Relation, constraint: Constraint, column?: string): Relation {
  const kind = constraint.contype ?? '';
  const columns = column === undefined ? nameParts(constraint.keys) : [column];
  if (kind === 'CONSTR_NOTNULL' && !constraint.skip_validation) return withNotNull(table, columns);
  const known: Known = {
    kind,
    columns,
    valid: !constraint.skip_validation,
    notNull: kind === 'CONSTR_NOTNULL' ? columns[0] : columnThatIsNotNull(constraint),
  };
  const constraints = new Map(table.constraints).set(
    constraint.conname ?? `${columns.join('_')}_${table.constraints.size}`,
    known,
  );
  const key = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE'].includes(kind) && columns.length > 0;
  const result = { ...table, constraints, keys: key ? [...table.keys, columns] : table.keys };
  return kind === 'CONSTR_PRIMARY' ? withNotNull(result, columns) : result;
}

function withNotNull(table: Relation, names: string[]): Relation {
  const columns = new Map(table.columns);
  for (const name of names) {
    const column = columns.get(name);
    if (column) columns.set(name, { ...column, notNull: true });
  }
  return { ...table, columns };
}

/** check (x is not null), or such a part of what is and-ed: with it valid, SET NOT NULL needs no scan. */
function columnThatIsNotNull(constraint: Constraint): string | undefined {
  const tests = [constraint.raw_expr].flatMap((node): (Node | undefined)[] =>
    node && 'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' ? (node.BoolExpr.args ?? []) : [node],
  );
  for (const test of tests) {
    if (!test || !('NullTest' in test) || test.NullTest.nulltesttype !== 'IS_NOT_NULL') continue;
    const column = test.NullTest.arg;
    if (column && 'ColumnRef' in column) return lastName(column.ColumnRef.fields);
  }
  return undefined;
}

function afterCommand(table: Relation, command: AlterTableCmd): Relation {
  const { subtype, name = '', def } = command;
  const column = table.columns.get(name);
  const changed = (change: Partial<Column>): Relation =>
    column ? { ...table, columns: new Map(table.columns).set(name, { ...column, ...change }) } : table;
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) return withColumn(table, def.ColumnDef);
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def)
    return withConstraint(table, def.Constraint);
  if (subtype === 'AT_AlterColumnType' && def && 'ColumnDef' in def)
    return changed({ type: fullType(def.ColumnDef) });
  if (subtype === 'AT_SetNotNull') return changed({ notNull: true });
  if (subtype === 'AT_DropNotNull') return changed({ notNull: false });
  if (subtype === 'AT_ValidateConstraint') {
    const known = table.constraints.get(name);
    if (!known) return table;
    const valid = { ...table, constraints: new Map(table.constraints).set(name, { ...known, valid: true }) };
    return known.kind === 'CONSTR_NOTNULL' ? withNotNull(valid, known.columns) : valid;
  }
  if (subtype === 'AT_DropConstraint') {
    const constraints = new Map(table.constraints);
    constraints.delete(name);
    return { ...table, constraints };
  }
  if (subtype === 'AT_DropColumn') {
    const columns = new Map(table.columns);
    columns.delete(name);
    return { ...table, columns, keys: table.keys.filter((key) => !key.includes(name)) };
  }
  return table;
}

function addIndex(relations: Map<string, Relation>, index: IndexStmt): void {
  const table = relationName(index.relation);
  const owner = relations.get(table);
  const columns = (index.indexParams ?? []).map((node) =>
    'IndexElem' in node ? (node.IndexElem.name ?? '') : '',
  );
  if (owner && index.unique && !index.whereClause && columns.every(Boolean))
    relations.set(table, { ...owner, keys: [...owner.keys, columns] });
  // An index lives in the schema of its table.
  const schema = index.relation?.schemaname;
  const name = [schema, index.idxname].filter(Boolean).join('.');
  if (index.idxname)
    relations.set(name, { ...emptyRelation, kind: 'index', table, partitioned: owner?.partitioned ?? false });
}

function rename(
  relations: Map<string, Relation>,
  statement: { renameType?: string; relation?: RangeVar; subname?: string; newname?: string },
): void {
  const name = relationName(statement.relation);
  const relation = relations.get(name);
  if (!relation || !statement.newname) return;
  if (statement.renameType === 'OBJECT_COLUMN') {
    const columns = new Map(
      [...relation.columns].map(([key, it]) => [
        key === statement.subname ? (statement.newname ?? key) : key,
        it,
      ]),
    );
    relations.set(name, { ...relation, columns });
  } else if (['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_INDEX'].includes(statement.renameType ?? '')) {
    relations.delete(name);
    relations.set([statement.relation?.schemaname, statement.newname].filter(Boolean).join('.'), relation);
  }
}

export function constraintsOfColumn(column: ColumnDef): Constraint[] {
  return (column.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}

/** "pg_catalog.varchar" and a modifier become "varchar(20)", arrays "text[]". */
export function fullType(column: ColumnDef): string {
  const type = column.typeName;
  const modifiers: number[] = [];
  for (const node of type?.typmods ?? [])
    walk({ node }, { A_Const: (constant) => modifiers.push(constant.ival?.ival ?? 0) });
  const name = typeName(type).replace(/^pg_catalog\./, '');
  const array = (type?.arrayBounds ?? []).length > 0 ? '[]' : '';
  return `${name}${modifiers.length > 0 ? `(${modifiers.join(',')})` : ''}${array}`;
}
