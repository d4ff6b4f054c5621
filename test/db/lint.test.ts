import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runNode } from '../support/process.ts';

/* npm run db lint, as it is called. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'freehold-lint-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function dbLint(...args: string[]) {
  const child = runNode(['db/main.ts', 'lint', '--static', ...args], { cwd: root });
  const code = await child.closed;
  return { code, output: child.output() };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('npm run db lint', () => {
  it('says for each finding where, what, why and what instead, and fails', async () => {
    const path = file(
      'busy.sql',
      `--! Message: busy

-- an excuse for a rule of squawk's
-- lint: allow ban-drop-not-null: nothing reads it
alter table app.invoice alter column due_at drop not null;
alter table app.invoice alter column number type text;
alter table app.invoice alter column total type text;
create index invoice_issued on app.invoice (tenant_id, issued_at);
create index invoice_paid on app.invoice (tenant_id, paid_at);
alter table app.invoice add column memo text not null;
`,
    );
    const { code, output } = await dbLint(
      path,
      file('quiet.sql', '--! Message: quiet\n\nalter table app.invoice add column remark text;\n'),
    );
    expect(code).toBe(1);
    const found = [...output.matchAll(/^\S*busy\.sql:(\d+): ([\w-]+): .+$/gm)].map(
      ([, line, rule]) => `${line} ${rule}`,
    );
    // number is text already: the migrations before say so
    expect(found).toEqual([
      '7 column-type',
      '8 index-not-concurrent',
      '9 index-not-concurrent',
      '10 adding-required-field',
    ]);
    expect(output).toMatch(/^2 files, .*: 4 problems$/m);
    expect(output).not.toContain('quiet.sql:');
    expect(output.match(/^ {4}lock: SHARE; with CONCURRENTLY SHARE UPDATE EXCLUSIVE$/gm)).toHaveLength(1);
    expect(output).toMatch(
      /safe: --! Message: index of invoices by due date\n\s+--! no-transaction\n\s+create index concurrently/,
    );
  });
});
