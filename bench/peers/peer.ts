import type { IncomingHttpHeaders } from 'node:http';
import type { Express } from 'express';
import { Pool } from 'pg';
import { Contexts } from '../../server/auth/contexts.ts';
import { readApiKey } from '../../server/auth/credential.ts';
import { resolveContext } from '../../server/auth/resolve.ts';
import type { Context } from '../../server/database/context.ts';

/** The pools of a peer: the same logins and sizes as the product's. */
export function pools(): { gate: Pool; app: Pool } {
  return {
    gate: new Pool({ connectionString: process.env.GATE_DATABASE_URL, max: 4 }),
    app: new Pool({ connectionString: process.env.APP_DATABASE_URL, max: 10, idleTimeoutMillis: 0 }),
  };
}

/** Turns the headers of a request into its context, through the product's own cache. */
export function callerOf(gate: Pool): (headers: IncomingHttpHeaders) => Promise<Context> {
  const contexts = new Contexts({
    resolve: async (credential, facts) => (await resolveContext(gate, credential, facts)).context,
  });
  return async (headers) => {
    const credential = readApiKey(headers);
    if (!credential) throw new Error('the request has no key');
    return await contexts.get(credential, { ip: '' });
  };
}

/** Listens on PORT, and tells the bench that it does. */
export function serve(app: Express): void {
  app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
  process.on('disconnect', () => process.exit());
}
