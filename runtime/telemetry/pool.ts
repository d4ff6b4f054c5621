import type { Pool, PoolClient } from 'pg';
import { poolGauges } from './instruments.ts';
import { beginSpan, isTraced } from './trace.ts';
import { beginStatement, currentWork } from './work.ts';

/**
 * Watches a pool: how many connections it has, who waits for one, and how many statements each request or job sends.
 * @param name gate, app or worker
 */
export function observePool(pool: Pool, name: string): Pool {
  poolGauges(pool, name);
  pool.on('connect', countStatements);
  const connect = pool.connect.bind(pool) as (callback?: Callback) => Promise<PoolClient> | undefined;
  pool.connect = ((callback?: Callback) => {
    // A connection that is free is had at once: only who waits has something to tell.
    if (pool.idleCount > 0 || pool.totalCount < pool.options.max || !isTraced()) return connect(callback);
    const span = beginSpan('wait for a connection', {
      layer: 'pool',
      attributes: { 'db.client.connection.pool.name': name, 'freehold.pool.waiting': pool.waitingCount },
    });
    if (!callback) return connect()?.finally(() => span.end());
    return connect((error, client, done) => {
      span.end();
      callback(error, client, done);
    });
  }) as Pool['connect'];
  return pool;
}

type Callback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: boolean) => void,
) => void;

type Query = (...args: unknown[]) => unknown;

/** What pg's query takes first when it is neither text nor its description: a Submittable. */
interface Submittable {
  submit?: unknown;
  /** It notes its own begin and end: a callback put around its own one doubled what garbage collection took of a page of 50. */
  countsItself?: boolean;
  callback?: (...results: unknown[]) => void;
}

function countStatements(client: PoolClient): void {
  const its = client.query as Query & { __original?: Query };
  const query: Query = (...args) => its.apply(client, args);
  // Past the instrumentation of pg, which would make of a Submittable a span without a text that never ends: who sends one makes its own (server/database/run.ts).
  const submit: Query = (...args) => (its.__original ?? its).apply(client, args);
  client.query = ((...args: unknown[]) => {
    const work = currentWork();
    const first = args[0] as Submittable | null;
    const send = typeof first === 'object' && first?.submit ? submit : query;
    if (!work || (typeof first === 'object' && first?.countsItself)) return send(...args);
    const done = beginStatement(work);
    const last = args.at(-1);
    if (typeof last === 'function') {
      args[args.length - 1] = (...results: unknown[]) => {
        done();
        last(...results);
      };
    } else if (typeof first === 'object' && first?.callback) {
      const { callback } = first;
      first.callback = (...results) => {
        done();
        callback(...results);
      };
    } else {
      const result = query(...args) as Promise<unknown> | undefined;
      result?.then?.(done, done);
      return result;
    }
    return send(...args);
  }) as PoolClient['query'];
}
