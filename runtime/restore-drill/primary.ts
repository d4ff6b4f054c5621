import { readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { archiveSettings, makeArchive } from '../../db/backup/wal-archive.ts';
import { prepareCluster } from '../../db/cluster.ts';
import { connectOrExplain } from '../../db/connect.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { install } from '../../db/embedded-install.ts';
import { migrate } from '../../db/migrate.ts';
import { type LoginUrls, withDatabase } from '../../db/urls.ts';
import { Failure } from '../failure.ts';

/** The server that is going to be lost. */
export interface Primary {
  admin: Client;
  urls: LoginUrls;
  /** Its data directory. */
  data: string;
  /** The time of its clock, and the segment that is being written. */
  now(): Promise<{ at: number; segment: string }>;
  /** Resolves when the archive holds this segment. */
  archived(segment: string): Promise<void>;
  /** kill -9, and the disk is gone. Nobody has stopped it: what was not archived is lost. */
  destroy(): Promise<void>;
  /** Stops it in order, if it is there still. */
  stop(): Promise<void>;
}

/** A PostgreSQL of its own with durable commits, every migration, and an archive of its log. */
export async function startPrimary(options: {
  directory: string;
  archive: string;
  archiveTimeoutSeconds: number;
  secret: string;
}): Promise<Primary> {
  const { directory, archive, archiveTimeoutSeconds, secret } = options;
  makeArchive(archive, install(directory).user);
  const server = await startEmbedded({
    directory,
    settings: { ...archiveSettings(archive, archiveTimeoutSeconds), max_connections: '100' },
  });
  try {
    const url = withDatabase(server.url, 'freehold');
    const urls = await prepareCluster(url, { secret });
    await migrate(urls.owner, { drafts: true });
    const admin = await connectOrExplain(url, 'the drill');
    const { rows } = await admin.query<{ data: string }>(`select current_setting('data_directory') as data`);
    const data = rows[0]?.data as string;
    return {
      admin,
      urls,
      data,
      async now() {
        const { rows: read } = await admin.query<{ at: number; segment: string }>(
          `select extract(epoch from clock_timestamp())::float8 * 1000 as at, pg_walfile_name(pg_current_wal_insert_lsn()) as segment`,
        );
        return read[0] as { at: number; segment: string };
      },
      archived: (segment) => archived(admin, segment),
      async destroy() {
        process.kill(server.pid, 'SIGKILL');
        await admin.end().catch(() => {});
        await untilGone(data);
        await server.stop();
        await rm(data, { recursive: true });
      },
      async stop() {
        await admin.end().catch(() => {});
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** @throws Failure not_archived */
async function archived(admin: Client, segment: string): Promise<void> {
  for (let turn = 0; turn < 1_200; turn += 1) {
    const { rows } = await admin.query<{ last: string | null; failed: string }>(
      `select last_archived_wal as last, failed_count::text as failed from pg_stat_archiver`,
    );
    if ((rows[0]?.last ?? '') >= segment) return;
    await pause(50);
  }
  throw new Failure(
    'not_archived',
    `Segment ${segment} was not archived within a minute.`,
    'See postgres.log of the drill, and whether its disk is full.',
  );
}

/** Its children see that it is gone, and end themselves. */
async function untilGone(data: string): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    const left = readdirSync('/proc').some((name) => {
      try {
        return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === data;
      } catch {
        return false;
      }
    });
    if (!left) return;
    await pause(50);
  }
  throw new Failure(
    'not_gone',
    'Processes of the killed PostgreSQL are still there.',
    `See who works in ${data}.`,
  );
}
