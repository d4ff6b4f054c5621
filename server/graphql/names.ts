import 'postgraphile/graphile-build';
import 'postgraphile/graphile-build-pg';
import { subscriptionRoot } from './subscription.ts';

/**
 * Names as a frontend expects them: `id` is the row's id, and a type is called after its table, whatever
 * schema that is in. (Two tables of one name would fail the boot.) The `clientMutationId` of Relay 1 is left
 * out.
 */
export const NamesPlugin: GraphileConfig.Plugin = {
  name: 'NamesPlugin',
  version: '1.0.0',
  after: ['PgSimplifyInflectionPlugin'],
  inflection: {
    replace: {
      // PostGraphile keeps `id` for the global node id, which we do not have: a uuid is global already.
      _attributeName(previous, _options, details) {
        return previous?.({ ...details, skipRowId: true }) ?? details.attributeName;
      },
      _schemaPrefix: () => '',
      // The domain has a type called Subscription.
      builtin(previous, _options, name) {
        return name === 'Subscription' ? subscriptionRoot : (previous?.(name) ?? name);
      },
      // Internally a table of another schema keeps its prefix: app may have a function of the same name.
      tableResourceName(previous, _options, details) {
        const name = previous?.(details) ?? details.pgClass.relname;
        const schema = details.pgClass.getNamespace()?.nspname;
        return schema === 'app' ? name : `${schema}_${name}`;
      },
      _resourceName(previous, _options, resource) {
        const isTable = resource.codec.attributes && !resource.parameters;
        return isTable ? this._codecName(resource.codec) : (previous?.(resource) ?? resource.name);
      },
      // `archiveProject { project }`, as update and create have it, where PostGraphile says `result`.
      functionMutationResultFieldName(previous, _options, details) {
        const { codec, isUnique } = details.resource;
        return isUnique && codec.attributes && !codec.isAnonymous
          ? this.camelCase(this.tableType(codec))
          : (previous?.(details) ?? 'result');
      },
    },
  },
  schema: {
    hooks: {
      GraphQLInputObjectType_fields: {
        after: ['default'],
        callback: (fields) => withoutClientMutationId(fields),
      },
      GraphQLObjectType_fields: {
        after: ['default'],
        callback: (fields) => withoutClientMutationId(fields),
      },
    },
  },
};

function withoutClientMutationId<T extends Record<string, unknown>>(fields: T): T {
  delete fields.clientMutationId;
  return fields;
}
