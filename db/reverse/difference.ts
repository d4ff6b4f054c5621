import type { Piece } from '../dump.ts';
import type { Catalog, Known, Rows } from './catalog.ts';
import { keyOf } from './catalog.ts';
import { inverse } from './inverse.ts';
import { revertTable } from './table.ts';

/** A statement of the way back, and the role that must run it when that is not the owner of the schema. */
export interface Step {
  sql: string;
  role?: string;
}

export interface Difference {
  steps: Step[];
  /** Tables and columns whose rows would go. */
  loses: string[];
}

const objectOf = ({ schema, kind, name }: Piece): string => [schema, kind, name].join('\0');

/** What two catalogs do not share, a line each: empty when a database is again what it was. */
export function unlike(then: Catalog, now: Catalog): string[] {
  const only = (a: Catalog, b: Catalog, mark: string): string[] => [
    ...[...a.pieces.keys()].filter((text) => !b.pieces.has(text)).map((text) => `${mark} ${text}`),
    ...[...a.rows].flatMap(([relation, { byKey }]) =>
      [...byKey]
        .filter(([id, cells]) => b.rows.get(relation)?.byKey.get(id)?.join() !== cells.join())
        .map(([id]) => `${mark} row ${id} of ${relation}`),
    ),
  ];
  return [...only(then, now, '-'), ...only(now, then, '+')];
}

/**
 * What would make `now` what `then` was. Steps are in an order that suits most: what is taken away before what is made. Whatever an object that goes
 * takes with it is left out.
 */
export function difference(then: Catalog, now: Catalog): Difference {
  const loses: string[] = [];
  const madeThen = createsOf(then);
  const madeNow = createsOf(now);
  const owners = ownersOf(then);
  const steps: Step[] = [];
  const change = (sql: string | undefined, piece: Piece) => {
    if (!sql) return;
    const role = piece.kind === 'routine' ? owners.get(objectOf(piece)) : undefined;
    steps.push({ sql, ...(role && role !== 'freehold_owner' && !sql.startsWith('drop ') && { role }) });
  };
  const goes = (piece: Piece): boolean => !madeThen.has(objectOf(piece)) || !madeThen.has(schemaKey(piece));
  const stays = (piece: Piece): boolean => madeNow.has(objectOf(piece));

  // Rows first: their tables still have all their columns, and what goes needs no row.
  steps.push(...revertRows(then, now));
  for (const piece of dropOrder(now)) {
    if (then.pieces.has(piece.key)) continue;
    if (goes(piece)) {
      if (piece.part !== 'create') continue;
      if (piece.kind !== 'schema' && !madeThen.has(schemaKey(piece))) continue;
      change(inverse(piece), piece);
      if (piece.kind === 'table') loses.push(`the rows of ${piece.schema}.${piece.name}`);
      if (piece.kind === 'schema') loses.push(`schema ${piece.name}`);
    } else if (piece.part === 'create') {
      const before = madeThen.get(objectOf(piece)) as Piece;
      if (piece.kind === 'table' && partitioning(before) === partitioning(piece)) {
        const lost = (what: string) => loses.push(what);
        const name = `${piece.schema}.${piece.name}`;
        for (const sql of revertTable(name, before.text, piece.text, lost)) change(sql, piece);
      } else if (piece.kind === 'routine') change(before.text, before);
      else {
        // A view, a type or a table of another kind is made anew, in a later round with all that hung on it.
        change(inverse(piece), piece);
        if (piece.kind === 'table') loses.push(`the rows of ${piece.schema}.${piece.name}`);
      }
    } else if (piece.part === 'comment' || piece.part.startsWith('comment')) {
      const successor = commentOf(then, piece);
      change(successor ?? inverse(piece), piece);
    } else change(inverse(piece), piece);
  }
  for (const piece of makeOrder(then)) {
    if (now.pieces.has(piece.key)) continue;
    if (piece.part === 'create' && stays(piece)) continue;
    change(piece.text, piece);
  }
  return { steps: unique(steps), loses };
}

/** A table becomes partitioned, or stops to be, as another table alone. */
const partitioning = ({ text }: Piece): string => /\n\) partition by .*/.exec(text)?.[0] ?? '';

function createsOf({ pieces }: Catalog): Map<string, Piece> {
  return new Map(
    [...pieces.values()].filter(({ part }) => part === 'create').map((piece) => [objectOf(piece), piece]),
  );
}

function ownersOf({ pieces }: Catalog): Map<string, string> {
  return new Map(
    [...pieces.values()]
      .filter(({ part }) => part === 'owner')
      .map((piece) => [objectOf(piece), / owner to (\S+);$/.exec(piece.text)?.[1] ?? '']),
  );
}

const schemaKey = ({ schema }: Piece): string => [schema, 'schema', schema].join('\0');

const DROP_ORDER = ['view', 'table', 'routine', 'sequence', 'type', 'schema'];
const PART_ORDER = [
  'grants',
  'triggers',
  'policies',
  'row security',
  'indexes',
  'settings',
  'create',
  'owner',
];

function dropOrder({ pieces }: Catalog): Known[] {
  const rank = ({ kind, part }: Piece) =>
    DROP_ORDER.indexOf(kind) * 20 +
    (PART_ORDER.includes(part) ? PART_ORDER.indexOf(part) : PART_ORDER.length);
  return [...pieces.values()].sort((a, b) => rank(a) - rank(b) || (a.text < b.text ? -1 : 1));
}

const MAKE_ORDER = ['schema', 'type', 'sequence', 'table', 'routine', 'view'];
const MAKE_PARTS = [
  'create',
  'owner',
  'settings',
  'indexes',
  'row security',
  'policies',
  'triggers',
  'grants',
  'comment',
];

function makeOrder({ pieces }: Catalog): Known[] {
  const rank = ({ kind, part }: Piece) =>
    MAKE_ORDER.indexOf(kind) * 20 +
    (MAKE_PARTS.includes(part) ? MAKE_PARTS.indexOf(part) : MAKE_PARTS.length);
  return [...pieces.values()].sort((a, b) => rank(a) - rank(b) || (a.text < b.text ? -1 : 1));
}

/** The comment that the same thing had. */
function commentOf(then: Catalog, { text }: Piece): string | undefined {
  const head = /^comment on (?:.*?) is (?=E?')/s.exec(text)?.[0] ?? text;
  for (const piece of then.pieces.values()) if (piece.text.startsWith(head)) return piece.text;
  return undefined;
}

function unique(steps: readonly Step[]): Step[] {
  const seen = new Set<string>();
  return steps.filter(({ sql }) => !seen.has(sql) && seen.add(sql));
}

function revertRows(then: Catalog, now: Catalog): Step[] {
  const steps: Step[] = [];
  for (const [relation, before] of then.rows) {
    const present = now.rows.get(relation);
    if (!present) continue;
    steps.push(...revertTableRows(before, present));
  }
  return steps;
}

function revertTableRows(then: Rows, now: Rows): Step[] {
  const { relation, columns, key } = then.table;
  const steps: Step[] = [];
  const keyed = key ?? columns;
  // By name: the two may have their columns in another order, or not all of them.
  const cellsThen = (cells: readonly string[]) => new Map(columns.map((name, index) => [name, cells[index]]));
  const gone: string[][] = [];
  for (const [id, cells] of now.byKey) if (!then.byKey.has(id)) gone.push(keyOf(now.table, cells));
  if (gone.length > 0)
    steps.push({
      sql: `delete from ${relation} where (${keyed.join(', ')}) in (${gone.map((cells) => `(${cells.join(', ')})`).join(', ')});`,
    });
  for (const [id, cells] of then.byKey) {
    const before = cellsThen(cells);
    const present = now.byKey.get(id);
    if (!present) {
      steps.push({ sql: `insert into ${relation} (${columns.join(', ')}) values (${cells.join(', ')});` });
      continue;
    }
    const after = new Map(now.table.columns.map((name, index) => [name, present[index]]));
    const changed = columns.filter((name) => before.get(name) !== after.get(name));
    if (changed.length === 0) continue;
    const set = changed.map((name) => `${name} = ${before.get(name)}`).join(', ');
    const where = keyed.map((name) => `${name} = ${before.get(name)}`).join(' and ');
    steps.push({ sql: `update ${relation} set ${set} where ${where};` });
  }
  return steps;
}
