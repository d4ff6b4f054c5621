import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Problem } from './lint.ts';
import type { Rule } from './rule.ts';

/**
 * squawk's rules that are left on, as its own documentation explains them; .squawk.toml says which are off, and why. Each has
 * test/check/squawk/caught/<code>.sql and passes/<code>.sql.
 */
export const squawkRules: Omit<Rule, 'check'>[] = [
  {
    code: 'adding-required-field',
    reason:
      'A NOT NULL column without a default is refused for rows that are there, and for those that the old code goes on to insert.',
    safe: "alter table app.invoice add column memo text not null default '';",
  },
  {
    code: 'ban-drop-not-null',
    reason: 'Code that reads the column has never seen a null in it.',
    safe: '-- lint: allow ban-drop-not-null: no code reads the column since the last release\nalter table app.invoice alter column memo drop not null;',
  },
  {
    code: 'require-concurrent-reindex',
    reason: 'REINDEX reads the whole table while nobody can write to it, nor read through the index.',
    safe: '--! no-transaction\nreindex index concurrently app.invoice_due;',
    lock: 'SHARE on the table, ACCESS EXCLUSIVE on the index',
    manual: 'REINDEX, Rebuilding Indexes Concurrently',
  },
  {
    code: 'require-concurrent-partition-detach',
    reason: 'DETACH PARTITION stops every reader and writer of the parent, in all its partitions.',
    safe: '--! no-transaction\nalter table app.event detach partition app.event_2025 concurrently;',
    lock: 'ACCESS EXCLUSIVE; with CONCURRENTLY SHARE UPDATE EXCLUSIVE',
    manual: 'ALTER TABLE, DETACH PARTITION',
  },
  {
    code: 'require-enum-value-ordering',
    reason: 'A value that is added without a place goes to the end, whatever order is meant.',
    safe: "alter type platform.level add value 'low' before 'high';  -- and better no enum: see enum-type",
  },
  {
    code: 'ban-create-domain-with-constraint',
    reason:
      'A constraint of a domain cannot be changed beside the traffic: each table that uses it is read under its lock.',
    safe: 'a check of the column',
  },
  {
    code: 'ban-alter-domain-with-add-constraint',
    reason:
      'A new constraint of a domain is held against every row of every table that uses it, under their locks.',
    safe: 'a check of the column, NOT VALID and validated',
    manual: 'ALTER DOMAIN, Notes',
  },
  {
    code: 'ban-char-field',
    reason: 'character(n) is padded with blanks, which comparisons then disregard.',
    safe: 'text',
    manual: 'Character Types, 8.3',
  },
  {
    code: 'prefer-text-field',
    reason:
      'The length of a varchar is part of its type: to make it shorter is a rewrite. A check can be changed beside the traffic.',
    safe: 'title text not null check (length(title) <= 200)',
  },
  {
    code: 'prefer-timestamp-tz',
    reason: 'timestamp without time zone is no moment: it means another one in each time zone.',
    safe: 'timestamptz',
    manual: 'Date/Time Types, 8.5',
  },
  {
    code: 'prefer-identity',
    reason: 'A serial column is a column, a sequence, a default and a grant that have come apart before.',
    safe: 'id bigint generated always as identity',
  },
  {
    code: 'ban-truncate-cascade',
    reason: 'TRUNCATE ... CASCADE empties every table that refers to it, and those that refer to them.',
    safe: 'delete in batches, or drop a partition',
  },
  {
    code: 'ban-drop-database',
    reason: 'A database is never dropped by a migration.',
    safe: 'npm run db reset',
  },
  {
    code: 'identifier-too-long',
    reason: 'PostgreSQL cuts a name after 63 bytes, and the next one that begins alike is then refused.',
    safe: 'a shorter name',
    manual: 'Lexical Structure, 4.1.1 Identifiers and Key Words',
  },
  {
    code: 'transaction-nesting',
    reason: 'The migrator has begun a transaction already: COMMIT ends it half-way, and BEGIN does nothing.',
    safe: '-- none; or "--! no-transaction"',
  },
];

const program = fileURLToPath(new URL('../../node_modules/.bin/squawk', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Report {
  file: string;
  line: number;
  message: string;
  rule_name: string;
}

/** What squawk says about files. @throws Error when it does not start, or says what cannot be read */
export function runSquawk(paths: string[]): Problem[] {
  if (paths.length === 0) return [];
  const { error, stdout, stderr } = spawnSync(program, ['--reporter', 'json', ...paths], {
    // .squawk.toml is looked for here
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`squawk did not start: ${error.message}. Run npm ci.`);
  try {
    const reports = JSON.parse(stdout) as Report[];
    // its lines count from 0
    return reports.map(({ file, line, message, rule_name: code }) => ({
      path: file,
      line: line + 1,
      code,
      message,
    }));
  } catch {
    throw new Error(`squawk failed: ${stderr || stdout}`);
  }
}
