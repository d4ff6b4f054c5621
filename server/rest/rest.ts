import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import type { Keyring } from '../../runtime/sealing.ts';
import type { Caller } from '../database/context.ts';
import type { Vocabulary } from '../errors/vocabulary.ts';
import { downloadReport } from '../reports.ts';
import { readDescription } from './contract.ts';
import { admitOrigin } from './cors.ts';
import { createCursors } from './cursor.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { publicPages } from './pages.ts';
import { createRateLimits, type RateLimitStore } from './rate-limits.ts';
import { createTermsOf } from './terms.ts';

export interface RestOptions {
  /** Login freehold_app. */
  pool: Pool;
  vocabulary: Vocabulary;
  log: Logger;
  keyring: Keyring;
  /** Of this installation: pages of these may call it for every tenant. */
  origins: readonly string[];
  publicUrl: string;
  rateLimitStore: RateLimitStore;
}

/** What is mounted under /v1: `open` before the guard, `guarded` behind it. */
export interface Rest {
  readonly open: RequestHandler;
  readonly guarded: RequestHandler;
  readonly refuse: Gateway['refuse'];
}

/** The REST API, from the contract as the database describes it now. */
export async function createRest(options: RestOptions): Promise<Rest> {
  const { pool, vocabulary, log, keyring, origins, publicUrl, rateLimitStore } = options;
  const description = await readDescription(pool);
  const cursors = createCursors(keyring.derive('cursor'));
  const gateway = createGateway({
    pool,
    vocabulary,
    log,
    keyring,
    cursors,
    contracts: description.contracts,
  });
  const termsOf = createTermsOf(pool);
  const count = createRateLimits(rateLimitStore, log);

  const open = express.Router();
  open.use(publicPages(description, `${publicUrl}/v1`));
  open.use(gateway.match);

  /** Behind the guard: on the terms of the tenant. */
  const admit: RequestHandler = (request, response, next) => {
    const caller = request.call.caller as Caller;
    const enter = async (): Promise<void> => {
      const terms = await termsOf(caller);
      admitOrigin(request, response, terms, origins);
      await count(caller.context, terms, response);
    };
    enter().then(
      () => next(),
      (error: unknown) => gateway.fail(request, response, error),
    );
  };
  const guarded = express.Router();
  guarded.use(admit);
  guarded.get('/reports/:id/content', downloadReport(pool));
  guarded.use(gateway.serve);
  const onError: ErrorRequestHandler = (error, request, response, _next) =>
    gateway.fail(request, response, error);
  guarded.use(onError);
  return { open, guarded, refuse: gateway.refuse };
}
