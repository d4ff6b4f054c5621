import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';
import type { Figures } from './figures.ts';
import { operations, type Session, UnexpectedError } from './operations.ts';

export interface LoadOptions {
  url: string;
  apiKey: string;
  /** Each keeps its connection, and has one request under way. */
  connections: number;
  /** Requests, of all together; fewer when answers are slow. */
  perSecond: number;
  figures: Figures;
}

export interface Load {
  /** From now on GraphQL calls a project's name so. */
  call(field: Session['field']): void;
  /** Resolves when so many requests were answered. */
  until(requests: number): Promise<void>;
  stop(): Promise<void>;
}

const table = Object.entries(operations);
const wholeShare = table.reduce((sum, [, { share }]) => sum + share, 0);

function choose(): (typeof table)[number] {
  let left = Math.random() * wholeShare;
  const found = table.find(([, { share }]) => {
    left -= share;
    return left < 0;
  });
  return found ?? (table[0] as (typeof table)[number]);
}

/** Clients that each change projects of their own and know what every answer must be. Resolves when each has begun. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { connections, perSecond, figures } = options;
  const stopping = new AbortController();
  const everyMs = (connections * 1_000) / perSecond;
  const sessions = Array.from({ length: connections }, () => openSession(options));
  const running = sessions.map(async ({ session, client }, n) => {
    await pause((everyMs * n) / connections);
    while (!stopping.signal.aborted) {
      const [name, operation] = session.projects.length === 0 ? first : choose();
      const next = performance.now() + everyMs;
      await measure(figures, name, () => operation.run(session), session);
      const left = next - performance.now();
      if (left > 0) await pause(left, undefined, { signal: stopping.signal }).catch(() => {});
    }
    await client.close();
  });
  return {
    call(field) {
      for (const { session } of sessions) session.field = field;
    },
    async until(requests) {
      while (figures.requests < requests) await pause(100);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

const first: (typeof table)[number] = [
  'graphql create',
  operations['graphql create'] as (typeof table)[number][1],
];

function openSession({ url, apiKey, figures }: LoadOptions): { session: Session; client: Client } {
  const client = new Client(url, { pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });
  const session: Session = {
    field: 'name',
    projects: [],
    async send({ method, path, headers = {}, body }) {
      const { phase } = figures;
      const began = performance.now();
      const answer = await client.request({
        method,
        path,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      figures.count(phase, performance.now() - began);
      return { status: answer.statusCode, headers: answer.headers, text };
    },
  };
  return { session, client };
}

/** Whatever fails: how a project looks now is not known, and it is left alone from then on. */
async function measure(
  figures: Figures,
  name: string,
  run: () => Promise<void>,
  session: Session,
): Promise<void> {
  const { phase } = figures;
  try {
    await run();
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    const reason = error instanceof UnexpectedError ? message : `${code ?? ''} ${message}`.trim();
    figures.fail(phase, name, reason);
    session.projects = [];
  }
}
