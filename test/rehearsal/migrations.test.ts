import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { committedFiles, migrationsFolder } from '../../db/migration-files.ts';
import { readMigration } from '../../db/rehearsal/migrations.ts';
import { readProfile } from '../../db/rehearsal/profile.ts';
import { folderWith } from '../support/rehearsal.ts';

const owner = 'postgres://freehold_owner:secret@localhost/freehold';

describe('a migration that is read', () => {
  it('is split as PostgreSQL would, with the place where each statement was written', async () => {
    const text = [
      '--! Message: a test',
      '',
      '-- why',
      'create function app.f() returns integer language sql begin atomic select 1; select 2; end;',
      '-- lint: allow table-rewrite: it is small',
      `select 'é;'; do $$ begin perform 1; end $$;`,
      '--!include roles/check.sql',
      'select :DATABASE_OWNER;',
      '',
    ].join('\n');
    const { folder, files } = folderWith({ '010-test.sql': text });
    const { statements, transaction, name } = await readMigration(files[0] ?? '', folder, owner);
    expect([name, transaction]).toEqual(['010-test.sql', true]);
    const places = statements.map(({ path, line, sql }) => [basename(path), line, sql.slice(0, 20)]);
    expect(places.slice(0, 3)).toEqual([
      ['010-test.sql', 4, 'create function app.'],
      ['010-test.sql', 6, `select 'é;'`],
      ['010-test.sql', 6, 'do $$ begin perform '],
    ]);
    expect(places[3]?.[0]).toBe('check.sql');
    expect(places.at(-1)).toEqual(['010-test.sql', 8, 'select freehold_owne']);
    expect(statements.map(({ allowed }) => [...allowed])).toEqual(
      statements.map((_, index) => (index === 1 ? [['table-rewrite', 'it is small']] : [])),
    );
  });

  it('without a transaction is one message, as graphile-migrate sends it', async () => {
    const text = '--! Message: x\n\n--! no-transaction\nselect 1;\nselect 2;\n';
    const { folder, files } = folderWith({ '010-two.sql': text });
    const { statements, transaction } = await readMigration(files[0] ?? '', folder, owner);
    expect([transaction, statements.length, statements[0]?.line]).toEqual([false, 1, 4]);
  });

  it('names lines of the file itself when it is committed', async () => {
    const path = committedFiles(migrationsFolder).at(-1) ?? '';
    const { statements } = await readMigration(path, migrationsFolder, owner);
    const { path: named, line = 0, sql = '' } = statements[0] ?? {};
    expect(named).toBe(relative(process.cwd(), path));
    // the first line of its text stands there
    const code = sql.split('\n').find((text) => text.trim() !== '' && !text.startsWith('--')) ?? 'none';
    expect(readFileSync(path, 'utf8').split('\n')[line - 1]).toBe(code);
  });
});

describe('a profile', () => {
  it('is refused with every mistake and where it stands', () => {
    const { files } = folderWith({ 'profile.json': '{"tenants": 0, "rows": {"event": "many"}}' });
    expect(() => readProfile(files[0] ?? '')).toThrow(/tenants: .*rows\.event: .*limits: /);
    expect(() => readProfile('/nowhere.json')).toThrow(/cannot be read/);
    expect(readProfile('full').rows).toMatchObject({ event: 25_000_000, invoice: 25_000_000 });
  });
});
