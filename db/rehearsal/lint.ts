import type { Client } from 'pg';
import { connected } from '../connect.ts';
import { committedFiles } from '../migration-files.ts';
import { loginUrls, withDatabase } from '../urls.ts';
import { ensureBase } from './base.ts';
import type { Migration, Statement } from './migrations.ts';
import { readMigration } from './migrations.ts';
import type { Place } from './place.ts';
import { cloneDatabase, dropDatabase, requireSuperuser, takePlace } from './place.ts';
import type { Profile } from './profile.ts';
import { readProfile } from './profile.ts';
import { observeMigrations } from './quiet.ts';
import type { Finding, Rule, Seen } from './rules.ts';
import { judge, ruleOf } from './rules.ts';

/** What the static rules report too, so that both can be printed as one list. */
export interface DynamicProblem {
  path: string;
  line: number;
  code: string;
  message: string;
  reason: string;
  safe: string;
}

export interface LintOptions {
  place: Place;
  /** With committed/, current/ and fixtures/. */
  folder: string;
  /** What the copy is populated with; `small` when absent. */
  profile?: Profile;
  say?: (line: string) => void;
}

/**
 * Runs migrations on a populated copy of the schema before them, and reports what they were seen to do: db/rehearsal/rules.ts. Reads what no
 * parser knows: what a function, a DO block or a declaration does inside.
 * "-- lint: allow <code>: <reason>" before a statement excuses it, as with the static rules. One that excuses nothing here
 * is no problem: it may be meant for a larger table.
 * @param files drafts, or the newest committed migrations, in their order
 * @throws Failure superuser_needed, rehearsal_busy, migration_unreadable, migration_failed
 */
export async function lintDynamically(
  files: readonly string[],
  { place, folder, profile = readProfile('small'), say = () => {} }: LintOptions,
): Promise<DynamicProblem[]> {
  const before = committedFiles(folder).filter((path) => !files.includes(path));
  return await connected(place.adminUrl, async (admin) => {
    await requireSuperuser(admin);
    await takePlace(admin);
    const base = await ensureBase(place, admin, before, profile, say);
    const { migrations, seen } = await observeCopy(admin, { place, base, files, folder });
    return migrations.flatMap((migration, index) => problemsOf(migration, seen[index] ?? [], profile.limits));
  });
}

/** Observes these migrations on a copy of the base that lasts as long as it takes. */
export async function observeCopy(
  admin: Client,
  { place, base, files, folder }: { place: Place; base: string; files: readonly string[]; folder: string },
): Promise<{ migrations: Migration[]; seen: Seen[][] }> {
  const name = `${base}_quiet`;
  const adminUrl = withDatabase(place.adminUrl, name);
  const { owner } = loginUrls(adminUrl, place.roles.secret, place.roles.passwords);
  const migrations: Migration[] = [];
  for (const file of files) migrations.push(await readMigration(file, folder, owner));
  await cloneDatabase(admin, name, base);
  try {
    return { migrations, seen: await observeMigrations(owner, adminUrl, migrations) };
  } finally {
    await dropDatabase(admin, name);
  }
}

function problemsOf(
  { statements, transaction }: Migration,
  seen: readonly Seen[],
  limits: Profile['limits'],
): DynamicProblem[] {
  const judged = judge(seen, limits, transaction);
  return statements.flatMap((statement, index) => {
    // What a commit says belongs to no statement, and is told at the last.
    const findings = index === statements.length - 1 ? judged.slice(index).flat() : (judged[index] ?? []);
    const { standing } = excuse(statement, findings);
    return standing.map(({ code, message }) => problem(statement, ruleOf(code), message));
  });
}

/** Divides the findings of a statement by what its comments allow. */
export function excuse(
  { allowed }: Statement,
  findings: readonly Finding[],
): { standing: Finding[]; excused: Finding[] } {
  return {
    standing: findings.filter(({ code }) => !allowed.has(code)),
    excused: findings.filter(({ code }) => allowed.has(code)),
  };
}

function problem({ path, line }: Statement, { code, reason, safe }: Rule, message: string): DynamicProblem {
  return { path, line, code, message, reason, safe };
}
