import type { ColumnDef, Constraint, CreateStmt } from 'libpg-query';
import { declaredBy } from '../migration.ts';
import type { Finding, LintFile, Rule } from '../rule.ts';
import { findingAt, isTenantTable, statementsOf } from '../rule.ts';
import { nameParts, relationName, typeName, walk } from '../walk.ts';

interface Declared {
  table: string;
  line: number;
  constraint: Constraint;
  /** Set when the constraint stands on a column. */
  column: string | undefined;
}

/** Every constraint that a file puts on a table of `app`, from CREATE TABLE or ALTER TABLE. */
function constraintsOf(file: LintFile): Declared[] {
  const found: Declared[] = [];
  const add = (table: string, line: number, constraint: Constraint, column?: string): void => {
    found.push({ table, line, constraint, column });
  };
  for (const { body } of statementsOf(file, 'CreateStmt')) {
    if (!isTenantTable(body.relation)) continue;
    const table = relationName(body.relation);
    for (const element of body.tableElts ?? []) {
      if ('Constraint' in element)
        add(table, file.source.lineAt(element.Constraint.location), element.Constraint);
      if (!('ColumnDef' in element)) continue;
      for (const constraint of element.ColumnDef.constraints ?? []) {
        if (!('Constraint' in constraint)) continue;
        const line = file.source.lineAt(constraint.Constraint.location);
        add(table, line, constraint.Constraint, element.ColumnDef.colname);
      }
    }
  }
  for (const { body, line } of statementsOf(file, 'AlterTableStmt')) {
    if (!isTenantTable(body.relation)) continue;
    walk(body.cmds, {
      Constraint: (constraint) =>
        add(
          relationName(body.relation),
          constraint.location ? file.source.lineAt(constraint.location) : line,
          constraint,
        ),
    });
  }
  return found;
}

function columnsOf(table: CreateStmt): ColumnDef[] {
  return (table.tableElts ?? []).flatMap((element) => ('ColumnDef' in element ? [element.ColumnDef] : []));
}

/** A table that has the columns of another one: a partition that is to be attached. */
function isLikeTenantTable(table: CreateStmt): boolean {
  return (table.tableElts ?? []).some(
    (element) => 'TableLikeClause' in element && isTenantTable(element.TableLikeClause.relation),
  );
}

export const tableWithoutTenant: Rule = {
  code: 'table-without-tenant',
  reason: 'Every table of schema app belongs to a tenant; what is global lives in another schema.',
  safe: 'tenant_id uuid not null default platform.tenant_id()',
  *check(file) {
    for (const { body, line } of statementsOf(file, 'CreateStmt')) {
      if (!isTenantTable(body.relation) || body.partbound || isLikeTenantTable(body)) continue;
      const column = columnsOf(body).find((candidate) => candidate.colname === 'tenant_id');
      const required = column?.constraints?.some(
        (constraint) => 'Constraint' in constraint && constraint.Constraint.contype === 'CONSTR_NOTNULL',
      );
      if (!column || !required || !/(^|\.)uuid$/.test(typeName(column.typeName))) {
        yield { line, message: `${relationName(body.relation)} has no "tenant_id uuid not null"` };
      }
    }
  },
};

export const undeclaredTable: Rule = {
  code: 'undeclared-table',
  reason:
    'A declaration enables and forces row-level security, writes the policies, the grants and the triggers that keep tenant and version: a table of app without one is open to nobody at best, and to every tenant at worst.',
  manual: 'Row Security Policies, 5.9',
  safe: `--! Message: note

create table app.note (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  primary key (tenant_id, id)
);
comment on table app.note is 'A note.';
--!include note/note.sql
-- in which stands, as platform.declare_entity or
select platform.declare_record('app.note', permissions => '{"read": "viewer"}');`,
  kinds: ['migration'],
  *check(file) {
    const steps = file.migration?.steps ?? [];
    const declared = new Set(steps.flatMap((step) => declaredBy(step.tree)));
    const attached = new Set<string>();
    walk(
      steps.map((step) => step.tree),
      { PartitionCmd: (command) => attached.add(relationName(command.name)) },
    );
    for (const step of steps) {
      if (!('CreateStmt' in step.tree)) continue;
      const { relation, partbound } = step.tree.CreateStmt;
      const name = relationName(relation);
      if (!isTenantTable(relation) || partbound || attached.has(name) || declared.has(name)) continue;
      if (file.migration?.after.relations.has(name))
        yield findingAt(step, `nothing declares ${name} in the migration that makes it`);
    }
  },
};

export const keyWithoutTenant: Rule = {
  code: 'key-without-tenant',
  reason:
    'A unique key over all tenants tells one tenant what another has (23505 is an existence oracle), and cannot be distributed.',
  safe: 'primary key (tenant_id, id), unique (tenant_id, name)',
  *check(file) {
    for (const { table, line, constraint, column } of constraintsOf(file)) {
      const keyed = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'].includes(
        constraint.contype ?? '',
      );
      if (!keyed || constraint.indexname) continue;
      if (firstKey(constraint, column) !== 'tenant_id')
        yield { line, message: `a key of ${table} does not lead with tenant_id` };
    }
    for (const { body, line } of statementsOf(file, 'IndexStmt')) {
      const first = body.indexParams?.[0];
      const leads = first && 'IndexElem' in first && first.IndexElem.name === 'tenant_id';
      if (isTenantTable(body.relation) && !leads) {
        yield {
          line,
          message: `index ${body.idxname ?? ''} on ${relationName(body.relation)} does not lead with tenant_id`,
        };
      }
    }
  },
};

function firstKey(constraint: Constraint, column: string | undefined): string | undefined {
  if (column !== undefined) return column;
  let first = nameParts(constraint.keys)[0];
  if (constraint.contype === 'CONSTR_EXCLUSION') {
    walk(constraint.exclusions?.[0], {
      IndexElem: (element) => {
        first ??= element.name;
      },
    });
  }
  return first;
}

export const foreignKeyWithoutTenant: Rule = {
  code: 'foreign-key-without-tenant',
  reason:
    'Foreign-key checks bypass row-level security: a key of one column can point at the row of another tenant.',
  safe: 'foreign key (tenant_id, project_id) references app.project',
  *check(file) {
    for (const { table, line, constraint, column } of constraintsOf(file)) {
      if (constraint.contype !== 'CONSTR_FOREIGN' || !isTenantTable(constraint.pktable)) continue;
      const columns = column === undefined ? nameParts(constraint.fk_attrs) : [column];
      if (!columns.includes('tenant_id')) {
        yield { line, message: `${table} references ${relationName(constraint.pktable)} without tenant_id` };
      }
    }
  },
};

export const onDeleteSetNull: Rule = {
  code: 'on-delete-set-null',
  reason:
    'SET NULL or SET DEFAULT on a composite key also clears tenant_id, and no event records the change.',
  safe: 'no action, restrict or cascade; or set the column in the transition that ends the other row',
  *check(file) {
    for (const entry of file.entries) {
      const found: Finding[] = [];
      walk(entry.statement.tree, {
        Constraint: (constraint) => {
          if (constraint.contype !== 'CONSTR_FOREIGN') return;
          if (
            !['n', 'd'].includes(constraint.fk_del_action ?? '') &&
            !['n', 'd'].includes(constraint.fk_upd_action ?? '')
          )
            return;
          found.push({
            line: file.source.lineAt(constraint.location),
            message: 'a foreign key sets columns to null or their default',
          });
        },
      });
      yield* found;
    }
  },
};

export const sequenceInApp: Rule = {
  code: 'sequence-in-app',
  reason: 'A sequence is shared by all tenants: its gaps tell one how busy the others are.',
  safe: 'id uuid not null default uuidv7(); numbers a person reads are counted per tenant in a row of their own',
  *check(file) {
    for (const { body, line } of statementsOf(file, 'CreateSeqStmt')) {
      if (body.sequence?.schemaname === 'app')
        yield { line, message: `sequence ${relationName(body.sequence)}` };
    }
    for (const { body } of statementsOf(file, 'CreateStmt')) {
      if (!isTenantTable(body.relation)) continue;
      for (const column of columnsOf(body)) {
        const identity = column.constraints?.some(
          (c) => 'Constraint' in c && c.Constraint.contype === 'CONSTR_IDENTITY',
        );
        if (!identity && !/(^|\.)(small|big)?serial\d?$/.test(typeName(column.typeName))) continue;
        const line = file.source.lineAt(column.location);
        yield { line, message: `${relationName(body.relation)}.${column.colname} counts over all tenants` };
      }
    }
  },
};
