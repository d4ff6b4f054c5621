import './environment.ts';
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection';
import type { Pool } from 'pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter';
import type { Keyring } from '../../runtime/sealing.ts';
import type { SetUpOrganization } from '../auth/organization.ts';
import { createWithPgClient } from './adaptor.ts';
import { ChangeFeedPlugin } from './change-feed.ts';
import { DeprecationPlugin } from './deprecation.ts';
import { MissingRowsPlugin } from './missing-rows.ts';
import { NamesPlugin } from './names.ts';
import { organizationPlugin } from './organization.ts';
import { PagesPlugin } from './pages.ts';
import { ScalarsPlugin } from './scalars.ts';
import { sealedPlugin } from './sealed.ts';
import { SubscriptionTypePlugin } from './subscription.ts';
import { SurfacePlugin } from './surface.ts';
import { TenantViewPlugin } from './tenant-view.ts';

/** Schemas that are exposed, each by its grants to freehold_user. */
export const exposedSchemas = ['app', 'catalog'];

/**
 * How the GraphQL schema follows from the database. Nothing here names an entity: what is special about one
 * stands in the comments and grants of its own folder in db/.
 */
export function schemaPreset(
  pool: Pool,
  keyring: Keyring,
  setUpOrganization?: SetUpOrganization,
): GraphileConfig.Preset {
  const service = makePgService({
    pool,
    schemas: exposedSchemas,
    pubsub: false,
    // The API is what this role may do (PgRBACPlugin).
    pgSettingsForIntrospection: { role: 'freehold_user' },
  });
  return {
    extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
    plugins: [
      TenantViewPlugin,
      NamesPlugin,
      SurfacePlugin,
      PagesPlugin,
      MissingRowsPlugin,
      ScalarsPlugin,
      DeprecationPlugin,
      sealedPlugin(keyring),
      ChangeFeedPlugin,
      SubscriptionTypePlugin,
      organizationPlugin(setUpOrganization),
    ],
    disablePlugins: [
      // A conflict of names must fail the boot.
      'SwallowErrorsPlugin',
      // server/graphql/endpoint.ts gives each request its own access to the database.
      'PgContextPlugin',
      // No global node ids: `id` is a uuid, and half of the schema would repeat the other half.
      'NodePlugin',
      'AddNodeInterfaceToSuitableTypesPlugin',
      'RegisterQueryNodePlugin',
      'NodeIdCodecBase64JSONPlugin',
      'NodeIdCodecPipeStringPlugin',
      'PgTableNodePlugin',
      'PgNodeIdAttributesPlugin',
      'QueryQueryPlugin',
      // A mutation answers with what it made. Its `query` would be a second operation beneath the first, past the limits of both.
      'MutationPayloadQueryPlugin',
      // A mutation answers with the row; where it belongs in a list is the client's business.
      'PgMutationPayloadEdgePlugin',
      // `filter` says all that `condition` does.
      'PgConditionArgumentPlugin',
      'PgConditionCustomFieldsPlugin',
      // and, or, not nest without end and defeat an index; the fields of a filter are combined by "and".
      'PgConnectionArgFilterLogicalOperatorsPlugin',
      // Filters through relations, functions and composites cannot be held to an index.
      'PgConnectionArgFilterBackwardRelationsPlugin',
      'PgConnectionArgFilterForwardRelationsPlugin',
      'PgConnectionArgFilterComputedAttributesPlugin',
      'PgConnectionArgFilterCompositeTypeAttributesPlugin',
      'PgConnectionArgFilterRecordFunctionsPlugin',
    ],
    pgServices: [{ ...service, adaptor: { createWithPgClient, makePgService } as never }],
    gather: { pgStrictFunctions: true },
    schema: {
      pgForbidSetofFunctionsToReturnNull: true,
      defaultBehavior: '-delete -list -nodeId',
      connectionFilterArrays: false,
      // "No filter" is what a frontend sends while nothing is chosen: it filters nothing.
      connectionFilterAllowNullInput: true,
      connectionFilterAllowEmptyObjectInput: true,
      connectionFilterSetofFunctions: false,
      // Each of these is leakproof for the types of surface.ts.
      connectionFilterAllowedOperators: [
        'isNull',
        'equalTo',
        'notEqualTo',
        'in',
        'lessThan',
        'lessThanOrEqualTo',
        'greaterThan',
        'greaterThanOrEqualTo',
      ],
    },
    grafast: {
      // Milliseconds. A statement has its own limit; this ends an operation of many.
      timeouts: { planning: 2_000, execution: 15_000 },
    },
  } as GraphileConfig.Preset;
}
