import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Pool } from 'pg';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import type { Keyring } from '../runtime/sealing.ts';
import type { Deployed } from '../runtime/telemetry/line.ts';
import type { TokenIssuer } from '../runtime/token-issuers.ts';
import { createWorkos, type WorkosSettings } from '../runtime/workos.ts';
import { createAttempts } from './auth/attempts.ts';
import type { BrowserOptions } from './auth/browser/browser.ts';
import { createCookies } from './auth/browser/cookies.ts';
import { browserRoutes } from './auth/browser/routes.ts';
import { createSessions } from './auth/browser/sessions.ts';
import { createSessionTokens, type SessionTokens } from './auth/browser/tokens.ts';
import { Contexts, type ContextsOptions } from './auth/contexts.ts';
import { readApiKey, readToken, sessionCookie, sessionReader } from './auth/credential.ts';
import { guard } from './auth/guard.ts';
import { createSetUpOrganization } from './auth/organization.ts';
import { RefusedError } from './auth/refused.ts';
import { type Resolved, resolveContext } from './auth/resolve.ts';
import { createTokenVerifier } from './auth/token.ts';
import { workosWebhook } from './auth/workos-webhook.ts';
import { type PublicError, publicError } from './errors/public-error.ts';
import { readVocabulary } from './errors/vocabulary.ts';
import { createGraphql, graphqlPath } from './graphql/server.ts';
import { type Health, livez, readyz } from './health.ts';
import { answerGraphqlError, answerProblem, maskedError } from './http/answer.ts';
import { beginCall, nameRoute } from './http/call.ts';
import { logRequests } from './http/log.ts';
import { downloadReport } from './reports.ts';
import type { RateLimitStore } from './rest/rate-limits.ts';
import { createRest } from './rest/rest.ts';
import type { Streams } from './streams/streams.ts';

export interface AppOptions {
  /** Login freehold_gate. */
  gate: Pool;
  /** Login freehold_app. */
  app: Pool;
  log: Logger;
  /** For each line about a request. */
  deployed: Deployed;
  production: boolean;
  /** Proxies in front of the server whose X-Forwarded-For is believed. */
  trustProxy: number;
  health: Health;
  keyring: Keyring;
  /** Whose access tokens are let in. */
  tokenIssuers: readonly TokenIssuer[];
  /** Who signs people in; absent: nobody can with a browser. */
  workos?: WorkosSettings | undefined;
  /** Of its webhooks; absent: none are taken, and its events come by poll alone. */
  workosWebhookSecret?: string | undefined;
  publicUrl: string;
  /** Where requests to the REST API are counted. */
  rateLimitStore: RateLimitStore;
  /** Of the frontends, publicUrl's included. */
  origins: readonly string[];
  /** An API key for the explorer. Development only. */
  developmentKey?: string | undefined;
  /** Of events. */
  streams: Streams;
  /** Which documents are trusted, and whether the schema is told. */
  graphql: Config['graphql'];
}

/**
 * The whole HTTP application. Reads error vocabulary and schema from the database; rejects when they cannot
 * be had.
 */
export async function createApp(options: AppOptions): Promise<Express> {
  const { gate, app: pool, log, production } = options;
  const vocabulary = await readVocabulary(pool);
  const browser = options.workos && createBrowser(options.workos, options);
  const graphql = await createGraphql({
    pool,
    keyring: options.keyring,
    setUpOrganization: browser && createSetUpOrganization(browser.workos, gate, options.publicUrl),
    vocabulary,
    log,
    suggests: options.graphql.introspection,
    documents: options.graphql,
    streams: options.streams,
    ruru: options.graphql.introspection ? { key: options.developmentKey } : undefined,
  });
  const rest = await createRest({
    pool,
    vocabulary,
    log,
    keyring: options.keyring,
    origins: options.origins,
    publicUrl: options.publicUrl,
    rateLimitStore: options.rateLimitStore,
  });
  const contexts = new Contexts({ resolve: createResolver(options, browser?.tokens) });
  const session = sessionReader(sessionCookie(production));
  const readers = [readApiKey, readToken, session];
  const common = { contexts, attempts: createAttempts(), vocabulary, log, origins: options.origins };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', options.trustProxy);
  app.get('/livez', livez);
  app.get('/readyz', readyz(options.health, { gate, app: pool }));
  app.use(beginCall, logRequests(log, options.deployed));
  app.use(
    '/v1',
    rest((refuse) => guard({ ...common, readers, refuse })),
  );
  app.use(graphqlPath, nameRoute(graphqlPath));
  app.use(graphqlPath, guard({ ...common, readers, refuse: answerGraphqlError }), graphql.endpoint);
  app.get('/reports/:id/content', guard({ ...common, readers, refuse: answerProblem }), downloadReport(pool));
  if (browser) {
    const guarded: BrowserOptions['guarded'] = (refuse) => guard({ ...common, readers: [session], refuse });
    app.use(browserRoutes({ ...options, ...browser, ...common, guarded }));
    if (options.workosWebhookSecret) {
      const { workos } = browser;
      app.post('/webhooks/workos', workosWebhook({ workos, gate, log, secret: options.workosWebhookSecret }));
    }
  }
  if (graphql.ruru) app.use(graphql.ruru);
  app.use((request, response) => {
    answerProblem(request, response, {
      code: 'no_such_page',
      status: 404,
      message: 'There is nothing at this address.',
    });
  });
  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const known = publicError(error, vocabulary) ?? malformedRequest(error);
    if (!known) log.error({ err: error }, 'an unknown error was masked');
    answerProblem(request, response, known ?? maskedError(request.call.requestId));
  };
  app.use(onError);
  return app;
}

function createBrowser(settings: WorkosSettings, { gate, production, keyring, log }: AppOptions) {
  const workos = createWorkos(settings);
  const sessions = createSessions(gate);
  return {
    workos,
    sessions,
    cookies: createCookies(production),
    tokens: createSessionTokens({ sessions, workos, keyring, log }),
  };
}

/** From a credential to a context: a token is verified before, and a session whose provider should be asked again is asked. */
function createResolver(
  { gate, tokenIssuers }: AppOptions,
  sessions: SessionTokens | undefined,
): ContextsOptions['resolve'] {
  const tokens = createTokenVerifier(tokenIssuers);
  return async (credential, facts) => {
    const token = credential.kind === 'token' ? await tokens.verify(credential.token) : undefined;
    const resolve = () => resolveContext(gate, credential, { ...facts, ...(token && { token }) });
    if (!sessions) return (await resolve()).context;
    let resolved: Resolved | undefined;
    let unconfirmed: RefusedError | undefined;
    try {
      resolved = await resolve();
      if (!resolved.refreshDue) return resolved.context;
    } catch (error) {
      // The provider has not been asked for an hour: nobody was there, or it does not answer, and only asking tells.
      if (!(error instanceof RefusedError && error.sqlstate === 'ZF016')) throw error;
      unconfirmed = error;
    }
    const refreshed = await sessions.refresh(credential.hash, facts);
    if (refreshed === 'ended')
      throw new RefusedError('ZF001', { cause: new Error('the identity provider has ended the session') });
    if (refreshed === 'kept') return (await resolve()).context;
    if (!resolved) throw unconfirmed;
    return resolved.context;
  };
}

/** What express and its parsers of bodies refuse, as they tell it: the status and the kind, and never the message, which quotes the body. */
function malformedRequest(error: unknown): PublicError | undefined {
  if (error instanceof URIError)
    return { code: 'invalid_request', status: 400, message: 'The address is not well formed.' };
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large')
    return { code: 'too_large', status: 413, message: 'The body is too large.' };
  if (typeof type === 'string' && typeof status === 'number' && status >= 400 && status < 500)
    return { code: 'invalid_request', status, message: 'The body cannot be read.' };
  return undefined;
}
