import { escapeIdentifier } from 'pg';
import type { Sql } from '../database/one-sync.ts';
import type { ApiFunction, Resource } from './contract.ts';
import { type ListQuery, operators } from './list-query.ts';
import type { RowPlan } from './rows.ts';

/*
 * The statements of the gateway. Each is one round trip, and the JSON of one resource is PostgreSQL's own: what a type looks like is decided there,
 * for REST as for events; rows.ts follows it. Texts depend on names of the contract and on the shape of a request alone; values are parameters.
 */

const quoted = escapeIdentifier;
const viewOf = ({ schema, name }: Resource): string => `${quoted(schema)}.${quoted(name)}`;

/** The column by which one of a resource is found. */
const keyOf = ({ key }: Resource, alias: string): string => `${alias}.${quoted(key[0] as string)}`;

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

/** A part of one resource by its key: the columns of the plan, and its version. */
export function partSql(resource: Resource, { columns, joins }: RowPlan): string {
  return `select ${columns}${columns && ', '}${versionOf(resource, 't')} from ${viewOf(resource)} t${joins} where ${keyOf(resource, 't')} = $1`;
}

/** One resource by its key: its JSON, version and key. */
export function wholeSql(resource: Resource): string {
  return `select row_to_json(t)::text, ${versionOf(resource, 't')}, ${keyOf(resource, 't')}::text from ${viewOf(resource)} t where ${keyOf(resource, 't')} = $1`;
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
    text: `insert into ${viewOf(resource)} as t ${columns} returning row_to_json(t)::text, ${versionOf(resource, 't')}, ${keyOf(resource, 't')}::text`,
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
    text: `update ${viewOf(resource)} as t set ${assignments.join(', ')} where ${keyOf(resource, 't')} = $1 returning row_to_json(t)::text, ${versionOf(resource, 't')}, ${keyOf(resource, 't')}::text`,
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
    ? `${versionOf(returned, 'f')}, ${keyOf(returned, 'f')}::text`
    : 'null::integer, null::text';
  return { text: `select row_to_json(f)::text, ${key} from ${call} f`, values };
}

/** A value of JSON as PostgreSQL reads it. pg makes arrays of arrays, and of null null. */
function parameterOf(value: unknown, type: string): unknown {
  if (type === 'json' || type === 'jsonb') return value === null ? null : JSON.stringify(value);
  return value;
}
