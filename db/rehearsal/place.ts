import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import type { Config } from '../../runtime/config.ts';
import { serverOf } from '../../runtime/config.ts';
import { Failure } from '../../runtime/failure.ts';
import type { ClusterOptions } from '../cluster.ts';
import { startEmbedded } from '../embedded.ts';
import { withDatabase } from '../urls.ts';

/** A server for rehearsals. */
export interface Place {
  /** A superuser's URL of the maintenance database. */
  adminUrl: string;
  roles: ClusterOptions;
  close(): Promise<void>;
}

/**
 * The server of DATABASE_URL, or an embedded one of its own in .freehold/rehearsal, with durable commits: how long a migration
 * takes says nothing without them.
 * @throws Failure
 */
export async function openPlace(config: Config, say: (line: string) => void): Promise<Place> {
  const { admin, roleSecret, passwords, appStatementTimeoutMs, workerStatementTimeoutMs } = config.database;
  const roles = { passwords, appStatementTimeoutMs, workerStatementTimeoutMs };
  if (admin)
    return {
      adminUrl: withDatabase(admin, 'postgres'),
      roles: { secret: roleSecret ?? serverOf(admin), ...roles },
      close: async () => {},
    };
  const server = await startEmbedded({
    directory: `${config.stateDirectory}/rehearsal`,
    // For volume: the defaults write each page of a growing index many times. And the log of a server that has a replica: with less,
    // a rewrite and an index are not logged at all.
    settings: {
      wal_level: 'replica',
      max_wal_senders: '2',
      max_connections: '300',
      shared_buffers: '2GB',
      max_wal_size: '8GB',
      maintenance_work_mem: '512MB',
    },
    onProgress: say,
  });
  return {
    adminUrl: server.url,
    roles: { secret: roleSecret ?? new URL(server.url).password, ...roles },
    close: async () => {
      await server.stop();
    },
  };
}

/** @throws Failure superuser_needed */
export async function requireSuperuser(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ super: boolean }>(
    'select rolsuper as super from pg_catalog.pg_roles where rolname = current_user',
  );
  if (rows[0]?.super) return;
  throw new Failure(
    'superuser_needed',
    'A rehearsal fills tables with triggers and row-level security off, which a superuser alone may.',
    'Give DATABASE_URL a superuser of a server for rehearsals, or unset it for an embedded one.',
  );
}

// Rehearsals share the base databases of a server, and each has copies of them: one at a time.
const REHEARSAL_LOCK = 7_100_060;

/** Held as long as the connection. @throws Failure rehearsal_busy */
export async function takePlace(admin: Client): Promise<void> {
  try {
    // one that was killed a moment ago may still be on its way out
    await admin.query(`set lock_timeout = '3s'`);
    await admin.query('select pg_advisory_lock($1)', [REHEARSAL_LOCK]);
    await admin.query('reset lock_timeout');
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    throw new Failure(
      'rehearsal_busy',
      'Another rehearsal is at work on this server.',
      'Wait for it: both would slow each other, and neither report would be true.',
      { cause: error },
    );
  }
}

export async function databaseExists(admin: Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('select from pg_catalog.pg_database where datname = $1', [name]);
  return Boolean(rowCount);
}

export async function dropDatabase(admin: Client, name: string): Promise<void> {
  await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
}

/**
 * Copies a database that nobody is connected to. On a file system that shares blocks until they are written to, such as XFS or btrfs, nothing is copied: 7.4 GB
 * in 0.35 s, where reading and writing them took 21. Elsewhere file_copy takes 2 to 4.5 s for 1.9 GB, and wal_log 21. Grants on a database are not copied with it.
 */
export async function cloneDatabase(admin: Client, name: string, template: string): Promise<void> {
  const copy = escapeIdentifier(name);
  await dropDatabase(admin, name);
  await admin.query(`set file_copy_method = 'clone'`).catch((error: { code?: string }) => {
    // of a PostgreSQL that was built without
    if (error.code !== '22023') throw error;
  });
  await admin.query(
    `create database ${copy} template ${escapeIdentifier(template)} strategy file_copy owner freehold_owner`,
  );
  await admin.query(`revoke all on database ${copy} from public`);
  await admin.query(
    `grant connect on database ${copy} to freehold_gate, freehold_app, freehold_worker, freehold_owner`,
  );
}
