import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { isNoTransactionDefined } from 'graphile-migrate/dist/header.js';
import { compileIncludes, compilePlaceholders, parseMigrationText } from 'graphile-migrate/dist/migration.js';
import { parseSettings } from 'graphile-migrate/dist/settings.js';
import { loadModule, parseSync } from 'libpg-query';
import { Failure } from '../../runtime/failure.ts';
import { withDatabase } from '../urls.ts';

/** A statement of a migration, with where it was written: in the migration, or in a file that it includes. */
export interface Statement {
  sql: string;
  path: string;
  line: number;
  /** Codes that "-- lint: allow <code>: <reason>" before it excuses, with the reason. */
  allowed: ReadonlyMap<string, string>;
}

export interface Migration {
  /** File name. */
  name: string;
  /** False for a file that begins with "--! no-transaction". */
  transaction: boolean;
  statements: Statement[];
}

/**
 * Compiles a migration as graphile-migrate does (its own functions: headers, includes, placeholders) and splits it with PostgreSQL's
 * own grammar, so that `begin atomic` and dollar quotes need no guessing.
 * @param path in migrations/current or migrations/committed of `folder`
 * @param ownerUrl names the database and its owner, for placeholders
 * @throws Failure migration_unreadable
 */
export async function readMigration(path: string, folder: string, ownerUrl: string): Promise<Migration> {
  await loadModule();
  const text = readFileSync(path, 'utf8');
  const { body } = parseMigrationText(path, text, false);
  const settings = await parseSettings({
    connectionString: ownerUrl,
    rootConnectionString: withDatabase(ownerUrl, 'postgres'),
    databaseOwner: 'freehold_owner',
    migrationsFolder: folder,
  });
  const committed = basename(join(path, '..')) === 'committed';
  // What was committed holds its includes already, and graphile-migrate refuses to see their marks again.
  const included = committed ? body : await compileIncludes(settings, body, new Set([path]));
  const sql = compilePlaceholders(settings, included);
  const skipped = text.slice(0, text.indexOf(body.trimEnd())).split('\n').length - 1;
  const places = committed
    ? sql.split('\n').map((_, index) => ({ path, line: skipped + index + 1 }))
    : placesOf(sql, path, folder, skipped);
  const transaction = !isNoTransactionDefined(sql);
  const pieces = split(sql, path);
  const statements = (transaction ? pieces : joined(pieces)).map(({ text: piece, from }) => {
    const { comments, statement } = withoutComments(piece);
    const line = sql.slice(0, from + comments.length).split('\n').length;
    const place = places[line - 1] ?? { path, line };
    return {
      sql: statement,
      path: relative(process.cwd(), place.path),
      line: place.line,
      allowed: allowances(comments),
    };
  });
  return { name: basename(path), transaction, statements };
}

interface Piece {
  text: string;
  /** Where it begins, in characters. */
  from: number;
}

function split(sql: string, path: string): Piece[] {
  const bytes = Buffer.from(sql);
  try {
    // The parser's statements begin at their first word: from the end of the one before, the comments are ours to read.
    let end = 0;
    return (parseSync(sql).stmts ?? []).map(({ stmt_location: at = 0, stmt_len: length }) => {
      const from = end;
      const to = length ? at + length : bytes.length;
      end = to + 1; // the semicolon
      return {
        text: bytes.subarray(from, to).toString(),
        from: bytes.subarray(0, from).toString().length,
      };
    });
  } catch (error) {
    throw new Failure(
      'migration_unreadable',
      `${basename(path)} is not SQL that PostgreSQL understands: ${(error as Error).message}.`,
      'Correct it.',
      { cause: error },
    );
  }
}

/** Without a transaction the file is sent as one message, as graphile-migrate does: two statements in it are one implicit transaction. */
function joined(pieces: Piece[]): Piece[] {
  const [first] = pieces;
  return first ? [{ text: pieces.map(({ text }) => text).join(';'), from: first.from }] : [];
}

/** The comments before a statement, and the statement. */
function withoutComments(text: string): { comments: string; statement: string } {
  const comments = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? '';
  return { comments, statement: text.slice(comments.length).trim() };
}

function allowances(comments: string): Map<string, string> {
  const found = comments.matchAll(/--\s*lint:\s*allow\s+([\w-]+)\s*:\s*(\S.*)$/gm);
  return new Map([...found].map(([, code = '', reason = '']) => [code, reason]));
}

/** File and line of each line of a compiled draft, by the marks that graphile-migrate leaves around what it includes. */
function placesOf(
  sql: string,
  path: string,
  folder: string,
  skipped: number,
): { path: string; line: number }[] {
  const stack = [{ path, line: skipped }];
  return sql.split('\n').map((text) => {
    const top = stack.at(-1) as { path: string; line: number };
    const begun = /^--! Included (.*\.sql)$/.exec(text)?.[1];
    if (/^--! EndIncluded /.test(text)) stack.pop();
    else top.line += 1;
    if (begun) stack.push({ path: join(folder, 'fixtures', begun), line: 0 });
    return { ...top };
  });
}
