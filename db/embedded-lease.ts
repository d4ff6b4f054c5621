import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Failure } from '../runtime/failure.ts';
import { explainOutput } from './embedded-explain.ts';
import type { Installation } from './embedded-install.ts';
import { isRunning, outputSinceLaunch, readState, runningServer } from './embedded-process.ts';

// Keys of advisory locks in the database `postgres` of an embedded server.
const IN_USE = 7_100_001;
const START = 7_100_002;

/** Refused for now: the server is starting, recovering or stopping. */
const notNow = new Set(['57P01', '57P03', 'ECONNREFUSED', 'ECONNRESET']);

/** A connection of this process, and the server that it reached. */
export interface Lease {
  client: Client;
  pid: number;
  port: number;
}

/**
 * Connects as soon as the server answers. Undefined when it is stopping, or went away.
 * Of two launched at once the loser ends, and both processes use the winner: `launched` is only whom to watch.
 * Recovery after a crash may take long: the limit is five minutes, with a line of progress.
 */
export async function connectWhenReady(
  place: Installation,
  launched: number,
  progress: (line: string) => void,
): Promise<Lease | undefined> {
  const started = Date.now();
  let told = false;
  for (;;) {
    const server = runningServer(place);
    if (server && server.port > 0) {
      const client = await tryToConnect(place, server.port);
      if (client) return { client, ...server };
    }
    if (!server && !isRunning(launched, place)) {
      const output = outputSinceLaunch(place);
      if (/FATAL|PANIC|error while loading/.test(output))
        throw explainOutput(output, place.directory, place.log);
      return undefined;
    }
    const waited = Date.now() - started;
    if (waited > 300_000) {
      throw new Failure(
        'embedded_timeout',
        'The embedded PostgreSQL did not answer in five minutes.',
        `See ${place.log}.`,
      );
    }
    if (waited > 1_000 && !told) {
      told = true;
      progress('waiting for PostgreSQL, which recovers from an unclean stop');
    }
    await pause(10);
  }
}

/** Undefined while the server refuses for now. @throws Failure foreign_server */
async function tryToConnect(place: Installation, port: number): Promise<Client | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: readState(place).password,
    database: 'postgres',
    application_name: `freehold ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const { code, message } = error as { code?: string; message: string };
    if (code === '28P01') {
      throw new Failure(
        'foreign_server',
        `Port ${port} is answered by another PostgreSQL than the one in ${place.directory}.`,
        `Stop it, or delete ${place.directory} and start again.`,
      );
    }
    if (notNow.has(code ?? '') || /terminated|timeout/.test(message)) return undefined;
    throw error;
  }
}

/** Enters this process among the users of the server; false when its last user is about to stop it. */
export async function shareServer(lease: Client): Promise<boolean> {
  const { rows } = await lease.query<{ shared: boolean }>(
    'select pg_catalog.pg_try_advisory_lock_shared($1) as shared',
    [IN_USE],
  );
  return rows[0]?.shared === true;
}

/** Leaves the users of the server; true when there is no other, and then nobody can enter any more. */
export async function wantsToStop(lease: Client): Promise<boolean> {
  try {
    await lease.query('select pg_catalog.pg_advisory_unlock_shared($1)', [IN_USE]);
    const { rows } = await lease.query<{ last: boolean }>(
      'select pg_catalog.pg_try_advisory_lock($1) as last',
      [IN_USE],
    );
    return rows[0]?.last === true;
  } catch {
    // The connection is gone, and with it our lock. Whoever stopped the server needs no help.
    return false;
  }
}

/** Only one `npm start` per directory. @throws Failure already_running, naming the other process */
export async function takeStart(lease: Client): Promise<void> {
  const { rows } = await lease.query<{ taken: boolean }>(
    'select pg_catalog.pg_try_advisory_lock($1) as taken',
    [START],
  );
  if (rows[0]?.taken) return;
  const { rows: holders } = await lease.query<{ name: string }>(
    `select a.application_name as name
       from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.objid = $1 and l.granted`,
    [START],
  );
  const other = /\d+/.exec(holders[0]?.name ?? '')?.[0];
  await lease.query('select pg_catalog.pg_advisory_unlock_shared($1)', [IN_USE]);
  await lease.end();
  throw new Failure(
    'already_running',
    `npm start is already running in this directory${other ? ` (process ${other})` : ''}.`,
    `Use what it serves, or stop it${other ? ` (kill ${other})` : ''} and start again.`,
  );
}
