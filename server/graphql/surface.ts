import 'postgraphile/graphile-build-pg';
import type { PgCodec } from '@dataplan/pg';

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

/**
 * What of the catalogue is offered, beyond what grants (PgRBACPlugin) and indexes (PgIndexBehaviorsPlugin)
 * already decide: rows are read and updated by their primary key, read by other keys of one column, and never
 * deleted; filters and orders need a leakproof type.
 */
export const SurfacePlugin: GraphileConfig.Plugin = {
  name: 'SurfacePlugin',
  version: '1.0.0',
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
          callback(behavior, [codec, name]) {
            const attribute = codec.attributes[name];
            return attribute && !isLeakproof(attribute.codec)
              ? [behavior, '-filterBy', '-orderBy']
              : behavior;
          },
        },
      },
    },
  },
};
