import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { afterAll } from 'vitest';
import type { Config } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/log.ts';
import type { TokenIssuer } from '../../runtime/token-issuers.ts';
import type { WorkosSettings } from '../../runtime/workos.ts';
import { createApp } from '../../server/app.ts';
import { createPool } from '../../server/database/pool.ts';
import { answerClientErrors } from '../../server/http/client-errors.ts';
import type { RateLimitStore } from '../../server/rest/rate-limits.ts';
import { type StreamLimits, Streams, streamTiming } from '../../server/streams/streams.ts';
import type { TestDatabase } from '../support/database.ts';
import { keyring } from '../support/keyring.ts';
import { watchOutput } from '../support/leaks.ts';

/** An answer to a GraphQL request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  readonly data: any;
  readonly errors:
    | { message: string; path?: (string | number)[]; extensions: Record<string, string> }[]
    | undefined;
}

export interface TestServer {
  readonly url: string;
  /** Every log line, parsed. */
  readonly lines: Record<string, unknown>[];
  query(
    key: string | undefined,
    query: string,
    variables?: Record<string, unknown>,
    init?: RequestInit,
  ): Promise<Answer>;
}

/** The real server on a free port, in this process, until the file ends. */
export async function startServer(
  database: TestDatabase,
  options: {
    production?: boolean;
    developmentKey?: string | undefined;
    tokenIssuers?: readonly TokenIssuer[];
    workos?: WorkosSettings;
    workosWebhookSecret?: string | undefined;
    graphql?: Partial<Config['graphql']>;
    streams?: Partial<StreamLimits>;
    /** Default: any that is free. */
    port?: number | undefined;
    rateLimitStore?: (gate: Pool) => RateLimitStore;
    /** Origins of frontends besides the server's own. */
    origins?: readonly string[];
  } = {},
): Promise<TestServer> {
  const lines: Record<string, unknown>[] = [];
  const written: string[] = [];
  watchOutput(() => written.join(''));
  const log = createLogger({ level: 'info', format: 'json' }, 'server', {
    write(line) {
      written.push(line);
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  });
  const pool = (login: 'gate' | 'app', max: number) =>
    createPool(
      {
        connectionString: database.urls[login],
        max,
        statementTimeoutMs: 5_000,
        name: login,
      },
      log,
    );
  const pools = { gate: pool('gate', 2), app: pool('app', 8) };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const deployed = { version: 'test', env: 'test' };
  const streams = new Streams({
    pool: pools.app,
    url: database.urls.app,
    log,
    limits: { ...streamTiming, most: 1_000, perTenant: 100, ...options.streams },
  });
  const app = await createApp({
    ...pools,
    streams,
    log,
    deployed,
    production: options.production ?? true,
    trustProxy: 0,
    developmentKey: options.developmentKey,
    graphql: {
      documents: undefined,
      trustedOnly: false,
      introspection: !(options.production ?? true),
      ...options.graphql,
    },
    health: { draining: false },
    tokenIssuers: options.tokenIssuers ?? [],
    workos: options.workos,
    workosWebhookSecret: options.workosWebhookSecret,
    publicUrl: url,
    origins: [url, ...(options.origins ?? [])],
    keyring,
    rateLimitStore: options.rateLimitStore?.(pools.gate) ?? { kind: 'memory' },
  });
  server.on('request', app);
  answerClientErrors(server, log, deployed);
  afterAll(async () => {
    await streams.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Promise.all(Object.values(pools).map((p) => p.end()));
  });
  return {
    url,
    lines,
    async query(key, query, variables, init) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        body: JSON.stringify({ query, variables }),
        ...init,
        headers: {
          'content-type': 'application/json',
          ...(key && { authorization: `Bearer ${key}` }),
          ...(init?.headers as Record<string, string> | undefined),
        },
      });
      const body = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
      return { status: response.status, headers: response.headers, data: body.data, errors: body.errors };
    },
  };
}
