import type { RequestHandler } from 'express';
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

/** What is mounted under /v1, around the guard that knows who is calling. */
export type Rest = (guard: (refuse: Gateway['refuse']) => RequestHandler) => RequestHandler;

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
    download: downloadReport(pool),
  });
  const termsOf = createTermsOf(pool);
  const count = createRateLimits(rateLimitStore, log);

  const pages = publicPages(description, `${publicUrl}/v1`);

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
  // One handler, and not a router in a router: of the CPU of a request by id, two of them took a tenth.
  return (guard) => {
    const guarded = guard(gateway.refuse);
    return (request, response, next) => {
      const { path } = request;
      if (path === '/openapi.json' || path.startsWith('/docs')) return pages(request, response, next);
      gateway.match(request, response, () =>
        guarded(request, response, () =>
          admit(request, response, () => gateway.serve(request, response, next)),
        ),
      );
    };
  };
}
