import 'postgraphile/graphile-build-pg';
import type { Introspection, PgClass, PgConstraint } from 'postgraphile/graphile-build-pg/pg-introspection';

const hiddenColumn = 'tenant_id';

/**
 * Shows PostGraphile the database as a tenant sees it. Row-level security holds every table of the tenant's
 * schemas to one tenant_id, so within a request the column is a constant: it is taken out of tables, keys,
 * references and indexes before anything is built from them.
 *
 * `primary key (tenant_id, id)` becomes `(id)`, `foreign key (tenant_id, project_id)` becomes `(project_id)`:
 * names, inputs, relations and cursors come out clean by PostGraphile's own rules, with no smart
 * tag and nothing per entity. Each statement still uses the indexes that lead with tenant_id, because the
 * policy adds the condition (test/plans).
 */
export const TenantViewPlugin: GraphileConfig.Plugin = {
  name: 'TenantViewPlugin',
  version: '1.0.0',
  // Smart tags name the database's own columns.
  after: ['smart-tags', 'PgFakeConstraintsPlugin'],
  gather: {
    hooks: {
      pgIntrospection_introspection(_info, { introspection }) {
        showAsTenant(introspection);
      },
      // A row that goes back to the database, as the argument of a function over it, has its place for the column.
      pgCodecs_PgCodec(_info, { pgCodec, pgClass }) {
        const place = pgClass && hiddenPlaces.get(pgClass);
        if (place === undefined) return;
        if (place !== 1) throw new Error(`${hiddenColumn} is not the first column of ${pgClass?.relname}`);
        const toPg = pgCodec.toPg;
        pgCodec.toPg = (row) => `(,${String(toPg(row)).slice(1)}`;
      },
    },
  },
};

/** Number of the hidden column. */
const hiddenPlaces = new WeakMap<PgClass, number>();

function showAsTenant(introspection: Introspection): void {
  /** Number of the hidden column by table. */
  const hidden = new Map<string, number>();
  for (const table of introspection.classes) {
    const column = table.getAttributes().find((attribute) => attribute.attname === hiddenColumn);
    if (!column || !isTable(table)) continue;
    hidden.set(table._id, column.attnum);
    hiddenPlaces.set(table, column.attnum);
  }
  const gone = new Set<string>();
  for (const constraint of introspection.constraints) {
    hideFromConstraint(constraint, hidden.get(constraint.conrelid));
    // What is left of a key over tenant_id alone is no key.
    if (constraint.conkey?.length === 0) gone.add(constraint._id);
  }
  // The lists are shared with the lookups behind getAttributes() and the like: they are changed in place.
  removeWhere(introspection.constraints, ({ _id }) => gone.has(_id));
  for (const table of introspection.classes) {
    removeWhere(table.getConstraints(), ({ _id }) => gone.has(_id));
    removeWhere(table.getForeignConstraints(), ({ _id }) => gone.has(_id));
    if (!hidden.has(table._id)) continue;
    removeWhere(table.getAttributes(), ({ attname }) => attname === hiddenColumn);
    for (const index of table.getIndexes()) {
      const keys = index.getKeys().filter((key) => key?.attname !== hiddenColumn);
      index.getKeys = () => keys;
    }
  }
  removeWhere(introspection.attributes, ({ attrelid, attnum }) => hidden.get(attrelid) === attnum);
}

function hideFromConstraint(constraint: PgConstraint, attnum: number | undefined): void {
  const { conkey, confkey } = constraint;
  if (attnum === undefined || !conkey?.includes(attnum)) return;
  const isKept = (_: unknown, position: number): boolean => conkey[position] !== attnum;
  const attributes = constraint.getAttributes()?.filter(isKept);
  constraint.getAttributes = () => attributes;
  if (confkey) {
    const foreign = constraint.getForeignAttributes()?.filter(isKept);
    constraint.getForeignAttributes = () => foreign;
    constraint.confkey = confkey.filter(isKept);
  }
  constraint.conkey = conkey.filter(isKept);
}

const isTable = (table: PgClass): boolean => ['r', 'p', 'v', 'm', 'f'].includes(table.relkind);

function removeWhere<T>(list: T[], test: (item: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) {
    if (test(list[i] as T)) list.splice(i, 1);
  }
}
