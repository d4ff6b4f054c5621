import { subjects } from './lint.ts';
import type { Rule } from './rule.ts';
import { squawkRules } from './squawk.ts';

const introduction = `# What the SQL lint knows

Written by \`npm run -s db -- lint --rules > docs/migration-lint.md\` from \`check/sql\`; \`npm run check\` fails when it is not what the rules say.

    npm run db lint                  # the drafts in migrations/current
    npm run db lint FILE.sql …       # these: what is not below db/ is read as a migration
    npm run -s db -- lint --rules    # this page

A finding is \`path:line: code: message\`, followed at the first of its code by why it matters and what to write instead; the exit code is 1 when there is
one. A migration is followed as it will run: through DO blocks, the text of EXECUTE, \`platform.execute_as\` and included files (a finding there stands at
the line of the \`--!include\`). What the tables are like is known from the migrations before. A table that the migration itself has made is nobody else's yet:
no rule about locks, rewrites or rows is for it. Committed migrations are history, and looked at only when they are named.

The lint reads. What it cannot tell from a text, and takes for old and large or does not see: tables and functions that functions make, the size of a table, whether a check
was validated by hand.

## Headers

    --! Message: index of invoices by due date
    --! Phase: contract

    --! no-transaction

\`Phase\` is \`expand\` (when it is not given: old code serves on, before and after) or \`contract\` (no process of the old code is left). Headers are the first lines of the file;
\`no-transaction\` is no header but the first line after them, and such a migration holds one statement.

## Excuses

    -- lint: allow unbatched-write: 40 rows
    update platform.setting set value = 'on';

An excuse names one rule, gives its reason, and covers the statement or \`--!include\` that follows. One that covers nothing is reported.
`;

/** The list of all rules in Markdown: docs/migration-lint.md. */
export function writeHandbook(): string {
  const own = subjects.map(({ title, rules }) => `## ${title}\n\n${rules.map(entry).join('\n')}`);
  const others = `## squawk\n\n[squawk](https://squawkhq.com) looks at single statements of a file. These of its rules are on; .squawk.toml says why others are not.\n\n${squawkRules.map(entry).join('\n')}`;
  return `${[introduction, ...own, others].join('\n').trimEnd()}\n`;
}

function entry({ code, reason, safe, lock, manual, kinds }: Omit<Rule, 'check'>): string {
  const ofMigrations = kinds?.join() === 'migration';
  // a form of several lines, or a word on what to do
  const form = ofMigrations || safe.includes('\n') ? `\n\`\`\`sql\n${safe}\n\`\`\`\n` : '';
  const facts = [
    ...(ofMigrations ? ['- In migrations'] : []),
    ...(lock ? [`- Lock: ${lock}`] : []),
    ...(manual ? [`- PostgreSQL: ${manual}`] : []),
    ...(form ? [] : [`- Instead: ${/[(_=]/.test(safe) ? `\`${safe}\`` : safe}`]),
  ];
  return `### ${code}\n\n${reason}\n${facts.length > 0 ? `\n${facts.join('\n')}\n` : ''}${form}`;
}
