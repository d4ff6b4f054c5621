import { basename } from 'node:path';
import type { Client } from 'pg';
import { Failure } from '../../runtime/failure.ts';
import { connected } from '../connect.ts';
import { committedFiles, draftFiles } from '../migration-files.ts';
import { loginUrls, withDatabase } from '../urls.ts';
import { ensureBase } from './base.ts';
import { observeCopy } from './lint.ts';
import { migrateLive } from './live.ts';
import type { Place } from './place.ts';
import { cloneDatabase, dropDatabase, requireSuperuser, takePlace } from './place.ts';
import type { Profile } from './profile.ts';
import type { Report } from './report.ts';
import { makeReport } from './report.ts';

export interface RehearseOptions {
  place: Place;
  /** With committed/, current/ and fixtures/. */
  folder: string;
  profile: Profile;
  /** As the report names it. */
  profileName: string;
  /** The first committed migration to rehearse, such as 000031; drafts alone when absent. */
  from?: string | undefined;
  say: (line: string) => void;
}

/**
 * Rehearses migrations at the volume of the profile: first alone on a copy, where what each statement does can be told exactly, then on
 * another under traffic, where it can be told who waits. What a quiet run shows to fail is not run again.
 * @throws Failure nothing_to_rehearse, superuser_needed, rehearsal_busy, traffic_refused, migration_failed
 */
export async function rehearse(options: RehearseOptions): Promise<Report> {
  const { place, folder, profile, profileName, say } = options;
  const { before, files } = choose(folder, options.from);
  return await connected(place.adminUrl, async (admin) => {
    await requireSuperuser(admin);
    await takePlace(admin);
    const name = await ensureBase(place, admin, before, profile, say);
    const bytes = await sizeOf(admin, name);
    say('alone, on a copy');
    const { migrations, seen } = await observeCopy(admin, { place, base: name, files, folder });
    const base = { name, profile: profileName, bytes };
    const fails = seen.flat().some((one) => 'error' in one);
    if (fails) return makeReport({ base, migrations, seen, limits: profile.limits });
    say('under traffic, on another copy');
    const copy = `${name}_live`;
    await cloneDatabase(admin, copy, name);
    try {
      const adminUrl = withDatabase(place.adminUrl, copy);
      const urls = loginUrls(adminUrl, place.roles.secret, place.roles.passwords);
      const live = await migrateLive({ ...urls, admin: adminUrl }, migrations, profile, say);
      return makeReport({ base, migrations, seen, live, limits: profile.limits });
    } finally {
      await dropDatabase(admin, copy);
    }
  });
}

function choose(folder: string, from: string | undefined): { before: string[]; files: string[] } {
  const committed = committedFiles(folder);
  const drafts = draftFiles(folder);
  const first =
    from === undefined ? committed.length : committed.findIndex((path) => basename(path).startsWith(from));
  const files = [...committed.slice(first < 0 ? committed.length : first), ...drafts];
  if (first >= 0 && files.length > 0) return { before: committed.slice(0, first), files };
  throw new Failure(
    'nothing_to_rehearse',
    first < 0 ? `There is no committed migration ${from}.` : 'There are no drafts in migrations/current.',
    'Name the first committed migration to rehearse: --from 000031.',
  );
}

async function sizeOf(admin: Client, name: string): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>('select pg_catalog.pg_database_size($1) as bytes', [
    name,
  ]);
  return Number(rows[0]?.bytes);
}
