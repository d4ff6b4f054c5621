import type { Node, ScanToken } from 'libpg-query';
import { parseSync, scanSync } from 'libpg-query';

/** A statement of a file. `line` is its first word's, `last` its last word's; both count from 1. */
export interface Statement {
  tree: Node;
  line: number;
  last: number;
  text: string;
}

/**
 * What is not below db/ is a migration. Migrations change state once; definitions are run again and again; generated is db/schema.sql, of which only the routines count
 * that declarations wrote.
 */
export type SourceKind = 'migration' | 'definition' | 'generated';

/** One SQL file, parsed. */
export interface Source {
  path: string;
  kind: SourceKind;
  text: string;
  statements: Statement[];
  tokens: ScanToken[];
  /** The line of a position that the parser gave: a byte of the UTF-8 text. */
  lineAt(byte: number | undefined): number;
}

/** A file that PostgreSQL's own grammar refuses. */
export class SyntaxProblem extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const COMMENT_TOKENS = new Set(['SQL_COMMENT', 'C_COMMENT']);

/**
 * Parses a file with PostgreSQL 18's grammar. `libpg-query` must be loaded. Placeholders count as names, and positions stay true.
 * @throws SyntaxProblem with the line
 */
export function readSource(path: string, original: string): Source {
  const text = withoutPlaceholders(original);
  const starts = lineStarts(text);
  const lineAt = (byte: number | undefined): number => lineOf(starts, byte ?? 0);
  const bytes = Buffer.from(text);
  try {
    const tokens = scanSync(text).tokens;
    const words = tokens.filter((token) => !COMMENT_TOKENS.has(token.tokenName));
    let next = 0;
    const statements = (parseSync(text).stmts ?? []).flatMap((raw): Statement[] => {
      if (!raw.stmt) return [];
      const from = raw.stmt_location ?? 0;
      const to = raw.stmt_len ? from + raw.stmt_len : bytes.length;
      while ((words[next]?.start ?? to) < from) next += 1;
      const first = words[next];
      while ((words[next + 1]?.end ?? to + 1) <= to) next += 1;
      const last = words[next];
      return [
        {
          tree: raw.stmt,
          line: lineAt(first?.start ?? from),
          last: lineAt(last?.end ?? to),
          text: bytes.subarray(from, to).toString(),
        },
      ];
    });
    return { path, kind: kindOf(path), text, statements, tokens, lineAt };
  } catch (error) {
    throw new SyntaxProblem(error instanceof Error ? error.message : String(error), lineAt(cursorOf(error)));
  }
}

/** graphile-migrate's `:PLACEHOLDER`s as names of the same length. */
export function withoutPlaceholders(text: string): string {
  return text.replaceAll(/(?<![:\w]):([A-Z][A-Z_]+)\b/g, (_, name: string) => `p${name.toLowerCase()}`);
}

export function kindOf(path: string): SourceKind {
  if (path.endsWith('db/schema.sql')) return 'generated';
  return path.startsWith('db/') ? 'definition' : 'migration';
}

/** Where the parser stopped: it counts characters from 0, near enough to a byte to name the line. */
function cursorOf(error: unknown): number {
  const details = (error as { sqlDetails?: { cursorPosition?: number } }).sqlDetails;
  return details?.cursorPosition ?? 0;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  const bytes = Buffer.from(text);
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: number[], byte: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= byte) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
