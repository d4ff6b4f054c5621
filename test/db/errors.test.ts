import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every SQL file that makes functions, with its path. */
function sources(): { path: string; text: string }[] {
  return ['db', 'migrations'].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      // written from the database, and roles exist before there are errors
      .filter(
        (path) =>
          !path.endsWith('db/schema.sql') && !path.includes('/db/roles/') && !path.includes('/fixtures/'),
      )
      .map((path) => ({ path: path.slice(root.length), text: readFileSync(path, 'utf8') })),
  );
}

const listed = async (): Promise<string[]> => {
  const { rows } = await database.pool('app').query('select sqlstate from platform.error_vocabulary()');
  return rows.map(({ sqlstate }) => sqlstate);
};

describe('the error vocabulary', () => {
  it('lists every code that is raised', async () => {
    const codes = await listed();
    const raised = sources().flatMap(({ path, text }) =>
      [...text.matchAll(/errcode\s*=\s*'+([^']+)'/gi)].map(([, code]) => ({ path, code: code ?? '' })),
    );
    expect(raised.length).toBeGreaterThan(40);
    expect(raised.filter(({ code }) => !codes.includes(code))).toEqual([]);
  });

  it('is spoken by every exception: none is raised without a code', () => {
    const without = sources().flatMap(({ path, text }) =>
      [...text.matchAll(/raise exception (?!using)[^;]*;/gi)]
        .filter(([statement]) => !/errcode/i.test(statement))
        .map(([statement]) => ({ path, statement })),
    );
    expect(without).toEqual([]);
  });

  it('lists no code twice', () => {
    const text = readFileSync(`${root}/db/platform/errors.sql`, 'utf8');
    const codes = [...text.matchAll(/^ {2}\('([0-9A-Z]{5})', '/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes).toEqual([...new Set(codes)]);
  });

  it('lists no code of ours that nothing raises', async () => {
    const text = sources()
      .filter(({ path }) => !path.endsWith('errors.sql'))
      .map((source) => source.text)
      .join('\n');
    const unused = (await listed()).filter((code) => code.startsWith('ZF') && !text.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });

  it('has for each code a name, a status, a sentence and a remedy', async () => {
    const { rows } = await database.pool('app').query('select * from platform.error_vocabulary()');
    for (const error of rows) {
      expect(error).toEqual({
        sqlstate: expect.stringMatching(/^[0-9A-Z]{5}$/),
        code: expect.stringMatching(/^[a-z_]+$/),
        http_status: expect.any(Number),
        message: expect.stringMatching(/^[A-Z].*\.$/),
        remedy: expect.stringMatching(/^[A-Z].*\.$/),
      });
    }
    // one name has one status, or clients could not rely on it
    const statuses = new Map(rows.map(({ code, http_status }) => [code, http_status]));
    expect(rows.filter(({ code, http_status }) => statuses.get(code) !== http_status)).toEqual([]);
  });
});
