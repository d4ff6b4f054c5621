import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { draftFiles } from '../migration-files.ts';
import { camel, pascal, plainPlural, pluralize } from './words.ts';

/** Words of SQL that are no names without quotes: pg_get_keywords() with catcode R or T, PostgreSQL 18. */
export const reservedWords = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross
  current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false
  fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some
  symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with`.split(
    /\s+/,
  ),
);

/** What there is, read from the files of the tree: db/schema.sql and docs/schema.graphql are what the database and GraphQL show, and drafts are not in them yet. */
export interface Tree {
  root: string;
  schema: string;
  /** The schema with the drafts. */
  sql: string;
  graphql: string;
}

export function readTree(root: string): Tree {
  const drafts = draftFiles(join(root, 'migrations')).map((path) => readFileSync(path, 'utf8'));
  const schema = readFileSync(join(root, 'db/schema.sql'), 'utf8');
  return {
    root,
    schema,
    sql: [schema, ...drafts].join('\n'),
    graphql: readFileSync(join(root, 'docs/schema.graphql'), 'utf8'),
  };
}

/** Whether there is such a table, type, view or function: names come with their schema. */
export const hasSql = ({ sql }: Tree, kind: 'table' | 'view' | 'function', name: string): boolean =>
  new RegExp(`^create (or replace )?${kind} ${name.replace('.', '\\.')}[ (]`, 'im').test(sql);

/** How REST calls the list of an entity, if it shows it. */
export function resourceOf({ schema }: Tree, entity: string): string | undefined {
  // a draft is called by the rule
  if (!schema.includes(`\ncreate table app.${entity} (`)) return plainPlural(entity);
  return new RegExp(`^create view api_v1\\.(\\w+) [^;]* FROM app\\.${entity} t;`, 'm').exec(schema)?.[1];
}

/** What GraphQL would have twice. */
export function takenInGraphql({ graphql }: Tree, name: string): string[] {
  const query = /^type Query\b[^{]*\{(.*?)^\}/ms.exec(graphql)?.[1] ?? '';
  const types = ['', 'Input', 'Patch', 'Filter', 'Status', 'Connection', 'Edge', 'OrderBy'].map(
    (end) => pascal(name) + end,
  );
  const fields = [camel(name), camel(pluralize(name))];
  return [
    ...types.filter(
      (type) =>
        ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type) ||
        new RegExp(`^(type|input|enum|scalar|interface|union) ${type}\\b`, 'm').test(graphql),
    ),
    ...fields.filter((field) => new RegExp(`^  ${field}[(:]`, 'm').test(query)),
  ];
}
