import type { ClientBase } from 'pg';
import type { Piece, ReferenceTable } from '../dump.ts';
import { inSnapshot, readPieces, referenceTables } from '../dump.ts';

/** Rows of a reference table: literals by column, found by the text of their key. */
export interface Rows {
  table: ReferenceTable;
  byKey: Map<string, string[]>;
}

/** `key` is the text, but for a table without the order of its columns: one that comes back stands last. */
export interface Known extends Piece {
  key: string;
}

/** All that a migration can change of a database, but the rows of its users. */
export interface Catalog {
  /** By their key. */
  pieces: Map<string, Known>;
  rows: Map<string, Rows>;
}

/** As an administrator, who sees every row. */
export async function readCatalog(client: ClientBase): Promise<Catalog> {
  return await inSnapshot(client, async () => {
    const pieces = (await readPieces(client)).filter(({ schema }) => schema !== '');
    const rows = new Map<string, Rows>();
    for (const table of await referenceTables(client))
      rows.set(table.relation, await readRows(client, table));
    const known = pieces.map((piece) => ({ ...piece, key: keyOfPiece(piece) }));
    return { pieces: new Map(known.map((piece) => [piece.key, piece])), rows };
  });
}

async function readRows(client: ClientBase, table: ReferenceTable): Promise<Rows> {
  const literals = table.columns.map((name) => `quote_nullable("${name}")`);
  const { rows } = await client.query<{ cells: string[] }>(
    `select array[${literals.join(', ')}] as cells from ${table.relation}`,
  );
  return { table, byKey: new Map(rows.map(({ cells }) => [keyOf(table, cells).join(', '), cells])) };
}

/** The literals of the key; of a table without one, of the whole row. */
export function keyOf({ columns, key }: ReferenceTable, cells: readonly string[]): string[] {
  return cells.filter((_, index) => (key ?? columns).includes(columns[index] ?? ''));
}

function keyOfPiece({ kind, part, text }: Piece): string {
  return kind === 'table' && part === 'create' ? text.split(/,?\n/).sort().join('\n') : text;
}
