import { resolve } from 'node:path';
import type { Config } from '../../runtime/config.ts';
import { Failure } from '../../runtime/failure.ts';
import { readArguments } from '../cli/arguments.ts';
import { connected } from '../connect.ts';
import { migrationsFolder } from '../migration-files.ts';
import { dropBases } from './base.ts';
import { openPlace, takePlace } from './place.ts';
import { printReport } from './print.ts';
import { readProfile } from './profile.ts';
import { rehearse } from './rehearse.ts';
import { isBad } from './rules.ts';

const usage =
  'npm run db -- rehearse [--profile small|full|FILE] [--from NNNNNN] [--migrations FOLDER] [--json], or --drop to remove the kept databases.';

const known = {
  options: {
    profile: { type: 'string', default: 'small' },
    from: { type: 'string' },
    migrations: { type: 'string' },
    json: { type: 'boolean', default: false },
    drop: { type: 'boolean', default: false },
  },
} as const;

/** `db rehearse`. Exit code 1 when a migration should not be deployed as it is. */
export async function rehearseCommand(config: Config, args: readonly string[]): Promise<void> {
  if (config.production)
    throw new Failure(
      'refused',
      'A rehearsal fills and breaks databases, and makes a load.',
      'Run it on a server for rehearsals, with NODE_ENV unset.',
    );
  const options = readArguments(args, known, usage).values;
  // what is printed on standard output is the report alone
  const say = (line: string) => console.error(line);
  const place = await openPlace(config, say);
  try {
    if (options.drop) {
      await connected(place.adminUrl, async (admin) => {
        await takePlace(admin);
        await dropBases(admin, say);
      });
      return;
    }
    const report = await rehearse({
      place,
      folder: options.migrations ? resolve(options.migrations) : migrationsFolder,
      profile: readProfile(options.profile),
      profileName: options.profile,
      from: options.from,
      say,
    });
    console.log(options.json ? JSON.stringify(report, null, 2) : printReport(report));
    if (isBad(report.verdict)) process.exitCode = 1;
  } finally {
    await place.close();
  }
}
