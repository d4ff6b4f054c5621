import 'postgraphile/graphile-build-pg';
import type { PgCodecAttribute } from '@dataplan/pg';

/**
 * The tag `@deprecated` of a column also where it is written. PostGraphile says it of fields alone; a required input cannot be deprecated
 * (https://spec.graphql.org/draft/#sec--deprecated).
 */
export const DeprecationPlugin: GraphileConfig.Plugin = {
  name: 'DeprecationPlugin',
  version: '1.0.0',
  schema: {
    hooks: {
      GraphQLInputObjectType_fields_field(field, build, { scope }) {
        const { pgAttribute } = scope as { pgAttribute?: PgCodecAttribute };
        const reason = pgAttribute?.extensions?.tags?.deprecated;
        if (!reason || build.graphql.isNonNullType(field.type)) return field;
        return { ...field, deprecationReason: Array.isArray(reason) ? reason.join('\n') : String(reason) };
      },
    },
  },
};
