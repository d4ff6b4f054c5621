import 'postgraphile/graphile-build-pg';
import type { PgCodec, PgRegistry } from '@dataplan/pg';
import type { PgAttribute } from 'postgraphile/graphile-build-pg/pg-introspection';

/**
 * Types whose comparison is leakproof. Row-level security evaluates any other operator after the policy, row
 * by row: an index on such a column is not used (measured 100 to 200 times slower), and its errors could tell
 * of other tenants' rows. `select proname from pg_proc where proleakproof`.
 */
const leakproof = new Set([
  'uuid',
  'text',
  'varchar',
  'bool',
  'int2',
  'int',
  'int4',
  'bigint',
  'int8',
  'date',
  'timestamp',
  'timestamptz',
]);

function isLeakproof(codec: PgCodec): boolean {
  // An enum table's codec is text to PostgreSQL; domains compare as what they are made of.
  if (codec.extensions?.isEnumTableEnum) return true;
  return codec.domainOfCodec ? isLeakproof(codec.domainOfCodec) : leakproof.has(codec.name);
}

/** Whether the column leads an index of the whole table, the tenant aside. What has no index of its own says so by the tag @isIndexed. */
function leadsIndex(attribute: PgAttribute): boolean {
  const indexes = attribute.getClass()?.getIndexes() ?? [];
  return indexes.some((index) => !index.indpred && index.getKeys()[0]?.attname === attribute.attname);
}

/**
 * Whether rows can be taken page by page in the order of this column. @dataplan/pg 1.1 loses rows at the border of a page where it is null,
 * and takes it for unique where it merely leads a unique key of several columns.
 */
function pagesSafely(codec: PgCodec, name: string, registry: PgRegistry): boolean {
  if (!codec.attributes?.[name]?.notNull) return false;
  const keys = Object.values(registry.pgResources)
    .filter((resource) => resource.codec === codec && !resource.parameters)
    .flatMap((resource) => resource.uniques);
  const leading = keys.filter(({ attributes }) => attributes[0] === name);
  return leading.length === 0 || leading.some(({ attributes }) => attributes.length === 1);
}

/**
 * What of the catalogue is offered, beyond what grants (PgRBACPlugin) and indexes (PgIndexBehaviorsPlugin)
 * already decide: rows are read and updated by their primary key, read by other keys of one column, and never
 * deleted; filters and orders need a leakproof type.
 */
export const SurfacePlugin: GraphileConfig.Plugin = {
  name: 'SurfacePlugin',
  version: '1.0.0',
  after: ['TenantViewPlugin', 'PgIndexBehaviorsPlugin'],
  gather: {
    hooks: {
      // PgIndexBehaviorsPlugin is content with any place in an index, and asks neither views nor partitioned tables.
      pgCodecs_attribute(_info, { attribute, pgAttribute }) {
        if (!leadsIndex(pgAttribute)) attribute.extensions = { ...attribute.extensions, isIndexed: false };
      },
    },
  },
  schema: {
    entityBehavior: {
      pgResourceUnique: {
        inferred: {
          after: ['inferred'],
          provides: ['postInferred'],
          callback(behavior, [, unique]) {
            if (unique.attributes.length > 1) return [behavior, '-single', '-update', '-delete'];
            return unique.isPrimary ? behavior : [behavior, '-update', '-delete'];
          },
        },
      },
      pgCodecAttribute: {
        inferred: {
          after: ['inferred'],
          provides: ['postInferred'],
          callback(behavior, [codec, name], build) {
            const attribute = codec.attributes[name];
            if (attribute && !isLeakproof(attribute.codec)) return [behavior, '-filterBy', '-orderBy'];
            return pagesSafely(codec, name, build.input.pgRegistry) ? behavior : [behavior, '-orderBy'];
          },
        },
      },
    },
  },
};
