import { rm } from 'node:fs/promises';
import type { Client } from 'pg';
import { layOut } from '../../db/backup/base-backup.ts';
import { verify, verifyPages } from '../../db/backup/verify.ts';
import { restoreSettings } from '../../db/backup/wal-archive.ts';
import { connectOrExplain } from '../../db/connect.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { install } from '../../db/embedded-install.ts';
import { type LoginUrls, loginUrls, withDatabase } from '../../db/urls.ts';

/** Where recovery ends: PostgreSQL's own settings. None: where the archive does. */
export type Target = Record<'recovery_target_time' | 'recovery_target_name', string> | object;

export interface Restored {
  admin: Client;
  urls: LoginUrls;
  /** Until the files lay there, and until PostgreSQL let somebody in. */
  seconds: { files: number; log: number };
  /** Until db verify had read everything, amcheck included. */
  verifySeconds: number;
  /** What that finds. */
  wrong: string[];
  /** And removes it. Safe to call twice. */
  stop(): Promise<void>;
}

interface RestoreOptions {
  directory: string;
  backup: string;
  archive: string;
  target: Target;
  secret: string;
}

/** A server of its own from the backup and the archive, up to a point, and what db verify says of it. */
export async function restore({
  directory,
  backup,
  archive,
  target,
  secret,
}: RestoreOptions): Promise<Restored> {
  const began = performance.now();
  const place = install(directory);
  await layOut(backup, place.data, place.user);
  const laidOut = performance.now();
  const server = await startEmbedded({
    directory,
    settings: { ...restoreSettings(archive), ...target, max_connections: '100' },
  });
  const open = performance.now();
  try {
    const adminUrl = withDatabase(server.url, 'freehold');
    const admin = await connectOrExplain(adminUrl, 'the restored server');
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      await admin.end();
      await server.stop();
      await rm(place.data, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    };
    const findings = [...(await verify(admin)), await verifyPages(admin)];
    return {
      admin,
      urls: loginUrls(adminUrl, secret),
      seconds: { files: (laidOut - began) / 1_000, log: (open - laidOut) / 1_000 },
      verifySeconds: (performance.now() - open) / 1_000,
      wrong: findings.flatMap(({ check, problems }) => problems.map((line) => `${check}: ${line}`)),
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
