import '../../server/graphql/environment.ts';
import express from 'express';
import { pino } from 'pino';
import { createKeyring } from '../../runtime/sealing.ts';
import { createAttempts } from '../../server/auth/attempts.ts';
import { Contexts } from '../../server/auth/contexts.ts';
import type { CredentialReader } from '../../server/auth/credential.ts';
import { readApiKey, readToken, sessionCookie, sessionReader } from '../../server/auth/credential.ts';
import { guard } from '../../server/auth/guard.ts';
import { resolveContext } from '../../server/auth/resolve.ts';
import type { Context } from '../../server/database/context.ts';
import { readVocabulary } from '../../server/errors/vocabulary.ts';
import { createGraphql, graphqlPath } from '../../server/graphql/server.ts';
import { answerGraphqlError } from '../../server/http/answer.ts';
import { beginCall, goneSignal } from '../../server/http/call.ts';
import { logRequests } from '../../server/http/log.ts';
import { pools, serve } from './peer.ts';

/*
 * The product's GraphQL with three ways to know who calls: `cached` as the product does, `uncached` with a question to the database for each request, and
 * `none`, where every request is the same caller's and nothing is read of it. VARIANT says which, KEY is the caller's.
 */
const { gate, app: pool } = pools();
const log = pino({ level: 'warn' });
const vocabulary = await readVocabulary(pool);
const graphql = await createGraphql({
  pool,
  keyring: createKeyring([]),
  vocabulary,
  log,
  suggests: false,
  ruru: undefined,
});
const readers: CredentialReader[] = [readApiKey, readToken, sessionReader(sessionCookie(true))];
const resolve: ConstructorParameters<typeof Contexts>[0]['resolve'] = async (credential, facts) =>
  (await resolveContext(gate, credential, facts)).context;

/** Keeps nothing. */
class NoContexts extends Contexts {
  override get: Contexts['get'] = (credential, facts) => resolve(credential, facts);
}

async function authentication(): Promise<express.RequestHandler> {
  if (process.env.VARIANT !== 'none') {
    const contexts =
      process.env.VARIANT === 'cached' ? new Contexts({ resolve }) : new NoContexts({ resolve });
    const attempts = createAttempts();
    return guard({ contexts, attempts, readers, vocabulary, log, origins: [], refuse: answerGraphqlError });
  }
  const credential = readApiKey({ authorization: `Bearer ${process.env.KEY}` });
  if (!credential) throw new Error('KEY is no key');
  let context: Context = await resolve(credential, { ip: '' });
  setInterval(() => {
    resolve(credential, { ip: '' }).then(
      (renewed) => {
        context = renewed;
      },
      (error: unknown) => log.error({ err: error }, 'the context was not renewed'),
    );
  }, 20_000).unref();
  return (request, response, next) => {
    const { call } = request;
    call.who = context;
    call.caller = {
      context,
      requestId: call.requestId,
      traceparent: call.traceparent,
      signal: goneSignal(response),
    };
    next();
  };
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(beginCall, logRequests(log, { version: 'bench', env: 'bench' }));
app.use(graphqlPath, await authentication(), graphql.endpoint);
serve(app);
