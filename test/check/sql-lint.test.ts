import { readdirSync, readFileSync } from 'node:fs';
import { loadModule, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeHandbook } from '../../check/sql/handbook.ts';
import { lint, rules } from '../../check/sql/lint.ts';

/*
 * Each rule has files beside this one: sql/caught/<code>.sql, where each line that ends in "-- caught" must be reported and no other, and
 * sql/passes/<code>.sql, which shows the safe form and must be clean under every rule; more of each as <code>.<variant>.sql. Those of
 * rules for migrations are migrations, which find sql/before.sql done and include files of sql/included.
 */
const fixtures = new URL('sql/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, fixtures), 'utf8');
const history = [{ path: 'before.sql', text: read('before.sql') }];
const include = (path: string): string => read(`included/${path}`);
const lintText = (text: string, chosen = rules, path = 'db/note/note.sql') =>
  lint([{ path, text }], { rules: chosen, history, include });
const filesOf = (folder: string, code: string): string[] =>
  readdirSync(new URL(folder, fixtures)).filter((name) => name.startsWith(`${code}.`));

beforeAll(loadModule);

describe.each(rules)('the rule $code', (rule) => {
  const path = rule.kinds?.join() === 'migration' ? 'migrations/current/100-note.sql' : undefined;

  it.each(filesOf('caught', rule.code))('reports what it is about, and that alone: %s', (name) => {
    const text = read(`caught/${name}`);
    const marked = text.split('\n').flatMap((line, index) => {
      const mark = /-- caught(?: line (-\d+))?$/.exec(line);
      return mark ? [index + 1 + Number(mark[1] ?? 0)] : [];
    });
    expect(marked.length).toBeGreaterThan(0);
    expect(lintText(text, [rule], path).map((problem) => problem.line)).toEqual(marked);
  });

  it.each(filesOf('passes', rule.code))('accepts the safe form, as all other rules do: %s', (name) => {
    expect(lintText(read(`passes/${name}`), rules, path)).toEqual([]);
  });

  it('says why and what to write instead', () => {
    expect(rule.reason).toMatch(/\.$/);
    expect(rule.safe).not.toBe('');
    // what a migration is to hold can be copied
    if (path) expect(() => parseSync(rule.safe)).not.toThrow();
  });
});

describe('the linter', () => {
  it.each(['caught', 'passes'])('has a fixture in %s for each rule, and none without one', (folder) => {
    const codes = readdirSync(new URL(folder, fixtures)).map((name) => name.split('.')[0]);
    expect([...new Set(codes)].sort()).toEqual(rules.map((rule) => rule.code).sort());
  });

  it('is what docs/migration-lint.md says', () => {
    const page = new URL('../../docs/migration-lint.md', import.meta.url);
    expect(readFileSync(page, 'utf8')).toBe(writeHandbook());
  });

  it('finds in an included file what a migration runs, and says so at the include', () => {
    const text = '--! Message: declared anew\n\n--!include label/rest.sql\n';
    const problems = lintText(text, rules, 'migrations/current/100-note.sql');
    expect(problems).toMatchObject([
      { line: 3, code: 'many-locks', message: expect.stringContaining('(db/label/rest.sql:2)') },
    ]);
    const excuse = '-- lint: allow many-locks: both are small\n--!include label/rest.sql';
    expect(
      lintText(text.replace('--!include label/rest.sql', excuse), rules, 'migrations/current/100-note.sql'),
    ).toEqual([]);
  });

  it('knows in a draft what the drafts before it did', () => {
    const drafts = [
      '--! Message: a\n\nalter table app.note add constraint note_body_given check (body is not null) not valid;',
      '--! Message: b\n\nalter table app.note validate constraint note_body_given;',
      '--! Message: c\n\nalter table app.note alter column body set not null;',
    ].map((text, index) => ({ path: `migrations/current/${index + 1}.sql`, text }));
    expect(lint(drafts, { history })).toEqual([]);
    expect(lint(drafts.slice(2), { history })).toMatchObject([{ code: 'not-null-scans' }]);
  });

  it('takes findings of another linter under its excuses', () => {
    const path = 'migrations/current/100-note.sql';
    const found = { path, line: 2, code: 'theirs', message: 'a finding' };
    const withExcuse = (text: string) =>
      lint([{ path, text }], { history, others: { problems: [found], codes: ['theirs', 'unused'] } });
    expect(withExcuse('-- lint: allow theirs: a reason\nselect 1;')).toEqual([]);
    expect(withExcuse('-- lint: allow unused: a reason\nselect 1;')).toMatchObject([
      { code: 'lint-allow' },
      found,
    ]);
  });

  it('names the line of a syntax error', () => {
    const [problem] = lintText('select 1;\n\ncreate tabel app.x ();');
    expect(problem).toMatchObject({ code: 'syntax', line: 3 });
  });

  it('names the line of an error inside a function body', () => {
    const body =
      "create function app.f() returns void language plpgsql set search_path = '' as $$\nbegin\n  selec 1;\nend\n$$;";
    expect(lintText(`select 1;\n${body}`)).toMatchObject([{ code: 'syntax' }]);
  });

  it('counts lines right behind characters of several bytes', () => {
    const problems = lintText("select 'Zürich — größer 😀';\nselect '…';\ntruncate app.note;");
    expect(problems).toMatchObject([{ code: 'truncate-statement', line: 3 }]);
  });

  it('reads a migration with placeholders', () => {
    expect(lintText('grant connect on database :DATABASE_NAME to freehold_app;\nselect 1::text;')).toEqual(
      [],
    );
  });

  it('accepts an excuse with a reason, for the statement that follows', () => {
    expect(lintText('-- lint: allow truncate-statement: a table of the test\ntruncate\n  app.note;')).toEqual(
      [],
    );
  });

  it('refuses an excuse without a reason, and one that excuses nothing', () => {
    expect(lintText('-- lint: allow truncate-statement\ntruncate app.note;')).toMatchObject([
      { code: 'lint-allow' },
    ]);
    expect(lintText('-- lint: allow truncate-statement: was here\nselect 1;')).toMatchObject([
      { code: 'lint-allow' },
    ]);
  });

  it('lets an excuse inside a body reach no further than the next line', () => {
    const body = (excuse: string, between: string) =>
      `create function app.f() returns void language plpgsql set search_path = '' as $$\nbegin\n${excuse}\n${between}  truncate app.note;\nend\n$$;\ncomment on function app.f() is 'f';`;
    const excuse = '  -- lint: allow truncate-statement: a test';
    expect(lintText(body(excuse, ''))).toEqual([]);
    expect(
      lintText(body(excuse, '  perform 1;\n'))
        .map((problem) => problem.code)
        .sort(),
    ).toEqual(['lint-allow', 'truncate-statement']);
  });

  it('looks in the schema dump at the functions that no file writes, and at nothing else', () => {
    const definer = (name: string) =>
      `CREATE FUNCTION ${name}() RETURNS integer LANGUAGE sql SECURITY DEFINER\nRETURN 1;`;
    const dump = `create table app.note (id uuid);\n${definer('app.written')}\n${definer('generated.note_guard')}`;
    const source = `${definer('app.written').toLowerCase()}\ncomment on function app.written() is 'Written.';`;
    const problems = lint([
      { path: 'db/note/note.sql', text: source },
      { path: 'db/schema.sql', text: dump },
    ]);
    expect(problems.map(({ path, line, code }) => `${path}:${line} ${code}`)).toEqual([
      'db/note/note.sql:1 definer-without-path',
      'db/schema.sql:4 definer-without-path',
    ]);
  });
});
