import { escapeIdentifier as quoted } from 'pg';
import type { Resource } from './contract.ts';
import type { Selection } from './selection.ts';

/*
 * Rows of a list become JSON here, and not in PostgreSQL: of a page of 50 with what it refers to, row_to_json took 165 µs of 450 there. The rarer types, whose form is
 * not plain, are written by PostgreSQL all the same. A list shows what one resource shows (test/server/rest/rows.test.ts).
 */

type Row = readonly unknown[];

/** What is read of the tables that a selection touches, and how rows of it become JSON. */
export interface RowPlan {
  /** For a select list. */
  readonly columns: string;
  /** Joins of what is expanded, behind the table t. */
  readonly joins: string;
  /** How many columns there are. */
  readonly width: number;
  /** The JSON of rows whose first columns these are, with commas between them. */
  readonly write: (rows: readonly Row[]) => string;
}

interface Field {
  readonly name: string;
  /** What JSON.stringify writes. */
  readonly show: (row: Row) => unknown;
  /** JSON already, from PostgreSQL; JSON.rawJSON takes no objects, and parsing them would round their numbers. */
  readonly raw?: (row: Row) => string;
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** How a column is read, and what of it is shown; nothing for what PostgreSQL writes as JSON. */
function shownAs(type: string, column: string): { expression: string; show?: (value: unknown) => unknown } {
  switch (type) {
    case 'uuid':
    case 'text':
    case 'smallint':
    case 'integer':
    case 'boolean':
      return { expression: column, show: (value) => value };
    case 'bigint':
      // as text, for JavaScript cannot hold all of them
      return { expression: column, show: (value) => rawJSON(String(value)) };
    case 'date':
      return { expression: `${column}::text`, show: (value) => value };
    case 'timestamp with time zone':
      return { expression: `${column}::text`, show: timestamp };
    default:
      return { expression: `to_json(${column})::text` };
  }
}

/** 2026-01-31 12:00:00.5+00 as ISO 8601 has it, and as to_json writes it in UTC. */
function timestamp(value: unknown): string {
  const text = String(value);
  // What is far from today, or infinite, has another form.
  if (text.charCodeAt(10) !== 32 || !text.endsWith('+00'))
    return text.replace(' ', 'T').replace('+00', '+00:00');
  return `${text.slice(0, 10)}T${text.slice(11)}:00`;
}

/** Works out what a selection of a resource reads. */
export function planRows(resource: Resource, selection: Selection): RowPlan {
  const expressions: string[] = [];
  let joins = '';
  let tables = 0;
  const read = (expression: string): number => expressions.push(expression) - 1;

  const fieldsOf = (own: Resource, alias: string, { columns, expanded }: Selection): Field[] => {
    const fields = columns.map((name): Field => {
      const type = own.columns.find((column) => column.name === name)?.type ?? '';
      const { expression, show } = shownAs(type, `${alias}.${quoted(name)}`);
      const at = read(expression);
      return show
        ? { name, show: (row) => (row[at] === null ? null : show(row[at])) }
        : { name, show: (row) => row[at], raw: (row) => String(row[at]) };
    });
    for (const [name, { reference, resource: target, selection: inner }] of expanded) {
      const joined = `e${++tables}`;
      const key = `${joined}.${quoted(target.key[0] as string)}`;
      // Rows that the caller may not see are not joined, and shown as null.
      joins += ` left join ${quoted(target.schema)}.${quoted(target.name)} ${joined} on ${key} = ${alias}.${quoted(reference.column)}`;
      const there = read(`${key} is not null`);
      const within = fieldsOf(target, joined, inner);
      const show = (row: Row) => (row[there] === true ? objectOf(within, row) : null);
      const raw = (row: Row) => (row[there] === true ? textOf(within, row) : 'null');
      fields.push(within.some((field) => field.raw) ? { name, show, raw } : { name, show });
    }
    return fields;
  };
  const fields = fieldsOf(resource, 't', selection);
  // One call of JSON.stringify for all rows: pieces of text, put together row by row, took 60 µs more of a page.
  const write: RowPlan['write'] = fields.some((field) => field.raw)
    ? (rows) => rows.map((row) => textOf(fields, row)).join(',')
    : (rows) => JSON.stringify(rows.map((row) => objectOf(fields, row))).slice(1, -1);
  return { columns: expressions.join(', '), joins, width: expressions.length, write };
}

function objectOf(fields: readonly Field[], row: Row): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const { name, show } of fields) shown[name] = show(row);
  return shown;
}

function textOf(fields: readonly Field[], row: Row): string {
  const parts = fields.map(
    ({ name, show, raw }) => `${JSON.stringify(name)}:${raw ? raw(row) : JSON.stringify(show(row))}`,
  );
  return `{${parts.join(',')}}`;
}
