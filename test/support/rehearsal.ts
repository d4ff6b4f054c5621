import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { connected } from '../../db/connect.ts';
import { migrationsFolder } from '../../db/migration-files.ts';
import { dropBases } from '../../db/rehearsal/base.ts';
import type { Place } from '../../db/rehearsal/place.ts';
import type { Profile } from '../../db/rehearsal/profile.ts';
import { readProfile } from '../../db/rehearsal/profile.ts';

/** The server of the tests, for rehearsals. */
export function testPlace(): Place {
  const { adminUrl, secret } = inject('testCluster');
  return { adminUrl, roles: { secret }, close: async () => {} };
}

/** The small profile with little traffic and limits of time that a busy machine keeps: tests judge by what was seen, not by the clock. */
export function patientProfile(changes: Partial<Profile> = {}): Profile {
  const profile = readProfile('small');
  return {
    ...profile,
    traffic: { perSecond: 10, connections: 4, writes: 0.3, longReadMs: 50, beforeSeconds: 0.5 },
    limits: { ...profile.limits, lockMs: 60_000, waitMs: 60_000, slowMs: 60_000 },
    ...changes,
  };
}

/** A folder of migrations with the committed ones and these drafts. */
export function folderWith(drafts: Record<string, string>): { folder: string; files: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'freehold-drafts-'));
  mkdirSync(join(folder, 'current'));
  cpSync(join(migrationsFolder, 'committed'), join(folder, 'committed'), { recursive: true });
  symlinkSync(join(migrationsFolder, '..', 'db'), join(folder, 'fixtures'));
  const files = Object.entries(drafts).map(([name, text]) => {
    const path = join(folder, 'current', name);
    writeFileSync(path, text);
    return path;
  });
  return { folder, files };
}

/** Drops what rehearsals keep. Call it once in a file. */
export function dropBasesAfterwards(): void {
  afterAll(() => connected(testPlace().adminUrl, (admin) => dropBases(admin, () => {})));
}
