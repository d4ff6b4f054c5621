import { escapeIdentifier } from 'pg';
import type { Sql } from '../database/one-sync.ts';
import type { ApiFunction, Resource } from './contract.ts';
import { type ListQuery, operators } from './list-query.ts';
import type { RowPlan } from './rows.ts';
import type { Selection } from './selection.ts';

/*
 * The statements of the gateway. Each is one round trip, and its answer is JSON that PostgreSQL made: what a type looks like is decided in one place,
 * for REST as for events. Texts depend on names of the contract and on the shape of a request alone; values are parameters.
 */

const quoted = escapeIdentifier;
const viewOf = ({ schema, name }: Resource): string => `${quoted(schema)}.${quoted(name)}`;

/** Collects the tables that a selection joins, and tells what it shows of each. */
class Joins {
  text = '';
  #count = 0;

  /** The columns of a row, for a select list. */
  columns(alias: string, selection: Selection): string {
    const shown = selection.columns.map((name) => `${alias}.${quoted(name)}`);
    for (const [name, { reference, resource, selection: inner }] of selection.expanded) {
      const joined = `e${++this.#count}`;
      // Rows that the caller may not see are not joined, and shown as null.
      this.text += ` left join ${viewOf(resource)} ${joined} on ${joined}.${quoted(resource.key[0] as string)} = ${alias}.${quoted(reference.column)}`;
      const row = inner.whole ? joined : `(select o from (select ${this.columns(joined, inner)}) o)`;
      shown.push(
        `case when ${joined}.${quoted(resource.key[0] as string)} is not null then ${row} end as ${quoted(name)}`,
      );
    }
    return shown.join(', ');
  }
}

/** A page and one row more: of each the columns of the plan, and the values of the order as texts. */
export function listSql(
  resource: Resource,
  { limit, filters, order }: ListQuery,
  { columns, joins }: RowPlan,
  after: readonly (string | null)[] | undefined,
): Sql {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = filters.map(({ column, operator, value }) => {
    const left = `t.${quoted(column)}`;
    if (operator === 'null') return value === 'true' ? `${left} is null` : `${left} is not null`;
    if (operator === 'in') return `${left} = any (${parameter(value)})`;
    return `${left} ${operators[operator]} ${parameter(value)}`;
  });
  const keys = order.columns.map((name) => `t.${quoted(name)}`);
  if (after) {
    const places = after.map(parameter).join(', ');
    const comparison = order.descending ? '<' : '>';
    conditions.push(
      keys.length === 1
        ? `${keys[0]} ${comparison} ${places}`
        : `(${keys.join(', ')}) ${comparison} (${places})`,
    );
  }
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
  const direction = order.descending ? ' desc' : '';
  const places = keys.map((key) => `${key}::text`).join(', ');
  // The limit is no parameter: of one that it does not know PostgreSQL expects more rows, and plans each page anew (986 µs instead of 387).
  return {
    text: `select ${columns}${columns && ', '}${places} from ${viewOf(resource)} t${joins}${where} order by ${keys.map((key) => key + direction).join(', ')} limit ${limit + 1}`,
    values,
  };
}

/** One resource by its key: its JSON, and its version. */
export function itemSql(resource: Resource, selection: Selection, key: string): Sql {
  const joins = new Joins();
  const shown = joins.columns('t', selection);
  const json = selection.whole ? 'row_to_json(t)' : `(select row_to_json(o) from (select ${shown}) o)`;
  return {
    text: `select ${json}::text, ${versionOf(resource, 't')} from ${viewOf(resource)} t${joins.text} where t.${quoted(resource.key[0] as string)} = $1`,
    values: [key],
  };
}

/** A resource as it is, where a change names nothing: its JSON, version and key. */
export function unchangedSql(resource: Resource, key: string): Sql {
  const column = `t.${quoted(resource.key[0] as string)}`;
  return {
    text: `select row_to_json(t)::text, ${versionOf(resource, 't')}, ${column}::text from ${viewOf(resource)} t where ${column} = $1`,
    values: [key],
  };
}

const versionOf = ({ columns }: Resource, alias: string): string =>
  columns.some(({ name }) => name === 'version') ? `${alias}.version` : 'null::integer';

/** Makes a resource: its JSON, version and key, as each statement that changes something answers. Columns that are not given keep their defaults. */
export function insertSql(resource: Resource, given: Readonly<Record<string, unknown>>): Sql {
  const names = Object.keys(given).sort();
  const columns =
    names.length === 0
      ? 'default values'
      : `(${names.map(quoted).join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')})`;
  return {
    text: `insert into ${viewOf(resource)} as t ${columns} returning row_to_json(t)::text, ${versionOf(resource, 't')}, t.${quoted(resource.key[0] as string)}::text`,
    values: names.map((name) => parameterOf(given[name], typeOf(resource, name))),
  };
}

/** Changes a resource, if it has the version that is expected: its JSON, version and key. */
export function updateSql(
  resource: Resource,
  key: string,
  given: Readonly<Record<string, unknown>>,
  expectedVersion: string | undefined,
): Sql {
  const names = Object.keys(given).sort();
  const values: unknown[] = [key, ...names.map((name) => parameterOf(given[name], typeOf(resource, name)))];
  const assignments = names.map((name, n) => `${quoted(name)} = $${n + 2}`);
  // A version in the SET list is the expected one: the guard of the table compares, and counts on.
  if (expectedVersion !== undefined) assignments.push(`version = $${values.push(expectedVersion)}`);
  return {
    text: `update ${viewOf(resource)} as t set ${assignments.join(', ')} where t.${quoted(resource.key[0] as string)} = $1 returning row_to_json(t)::text, ${versionOf(resource, 't')}, t.${quoted(resource.key[0] as string)}::text`,
    values,
  };
}

const typeOf = (resource: Resource, name: string): string =>
  resource.columns.find((column) => column.name === name)?.type ?? 'text';

/** Calls a function: what it returned as JSON, its key and version where it is a resource; of a page, its data, whether there is more, and where to go on. */
export function callSql(
  { schema, name, arguments: declared, returns }: ApiFunction,
  given: ReadonlyMap<string, unknown>,
  returned: Resource | undefined,
): Sql {
  const passed = declared.filter((argument) => given.has(argument.name));
  const list = passed.map((argument, n) => `${quoted(argument.name)} => $${n + 1}`).join(', ');
  const call = `${quoted(schema)}.${quoted(name)}(${list})`;
  const values = passed.map((argument) => parameterOf(given.get(argument.name), argument.type));
  const also = (returns.also ?? []).map((beside) => `f.${quoted(beside.name)}`);
  if (returns.page) {
    const json =
      also.length > 0 ? `(select row_to_json(o) from (select ${also.join(', ')}) o)::text` : `'{}'`;
    return { text: `select to_json(f.data)::text, f.has_more, f.next::text, ${json} from ${call} f`, values };
  }
  if (returns.value)
    return { text: `select to_json(f)::text, null::integer, null::text from ${call} f`, values };
  if (returns.resource && returns.also) {
    const beside = returns.also.map(({ name: key }) => `'${key}', f.${quoted(key)}`).join(', ');
    return {
      text: `select (jsonb_build_object('id', f.id) || coalesce(to_jsonb(f.resource), '{}') || jsonb_build_object(${beside}))::text, ${returned ? versionOf(returned, '(f.resource)') : 'null::integer'}, f.id::text from ${call} f`,
      values,
    };
  }
  const key = returned
    ? `${versionOf(returned, 'f')}, f.${quoted(returned.key[0] as string)}::text`
    : 'null::integer, null::text';
  return { text: `select row_to_json(f)::text, ${key} from ${call} f`, values };
}

/** A value of JSON as PostgreSQL reads it. pg makes arrays of arrays, and of null null. */
function parameterOf(value: unknown, type: string): unknown {
  if (type === 'json' || type === 'jsonb') return value === null ? null : JSON.stringify(value);
  return value;
}
