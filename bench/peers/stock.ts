import '../../server/graphql/environment.ts';
import express from 'express';
import { Pool } from 'pg';
import { makeSchema } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/express/v4';
import { createKeyring } from '../../runtime/sealing.ts';
import type { Context } from '../../server/database/context.ts';
import { exposedSchemas, schemaPreset } from '../../server/graphql/preset.ts';
import { callerOf, pools, serve } from './peer.ts';

// The same schema and context as the product, on PostGraphile's own adaptor and endpoint.
const { gate, app: pool } = pools();
const caller = callerOf(gate);
const product = schemaPreset(new Pool({ connectionString: process.env.APP_DATABASE_URL }), createKeyring([]));
const preset: GraphileConfig.Preset = {
  ...product,
  disablePlugins: (product.disablePlugins ?? []).filter((name) => name !== 'PgContextPlugin'),
  grafserv: { graphqlPath: '/graphql', graphiql: false },
  pgServices: [
    makePgService({
      pool,
      schemas: exposedSchemas,
      pubsub: false,
      pgSettingsForIntrospection: { role: 'freehold_user' },
      pgSettings: (request) => {
        const { tenantId, claims, signature } = contexts.get(request.expressv4?.req as object) as Context;
        return {
          role: 'freehold_user',
          'freehold.tenant_id': tenantId,
          'freehold.claims': claims,
          'freehold.signature': signature,
          'freehold.request_id': 'bench',
          'freehold.traceparent': '',
          application_name: 'freehold app',
        };
      },
    }),
  ],
};
const contexts = new WeakMap<object, Context>();
const { schema, resolvedPreset } = await makeSchema(preset);
const app = express();
app.use((request, _response, next) => {
  caller(request.headers).then((context) => {
    contexts.set(request, context);
    next();
  }, next);
});
await grafserv({ schema, preset: resolvedPreset }).addTo(app, null, false);
serve(app);
