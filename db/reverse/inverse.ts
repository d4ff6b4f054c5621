import type { Piece } from '../dump.ts';

/** The statement that takes away what a statement of the dump made; undefined for what is changed and never taken away (an owner). */
export function inverse({ schema, kind, name, part, text }: Piece): string | undefined {
  // Named by its arguments, which the text holds with their defaults.
  if (kind === 'routine' && part === 'create') return `drop routine ${schema}.${name};`;
  for (const [form, undo] of FORMS) {
    const match = form.exec(text);
    if (match) return undo(...(match.slice(1) as [string, string, string]));
  }
  return undefined;
}

/** A name, quoted or not, with its schema or without. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|[\w$])+(?:\.(?:"(?:[^"]|"")+"|[\w$])+)?`;
const form = (text: string): RegExp => new RegExp(text.replaceAll('NAME', `(${NAME})`), 's');

// The forms of db/dump/*.sql and of the catalog's own printers.
const FORMS: [RegExp, (a: string, b: string, c: string) => string][] = [
  [form('^create (?:unlogged )?table NAME '), (name) => `drop table ${name};`],
  [form('^create schema NAME '), (name) => `drop schema ${name} cascade;`],
  [
    form('^create (domain|type|sequence) NAME '),
    (kind, name) => `drop ${kind === 'domain' ? 'domain' : kind} ${name};`,
  ],
  [form('^create (materialized view|view) NAME '), (kind, name) => `drop ${kind} ${name};`],
  [
    form(`^CREATE (?:UNIQUE )?INDEX NAME ON (?:ONLY )?NAME `),
    (name, table) => `drop index ${schemaOf(table)}.${name};`,
  ],
  [form('^CREATE STATISTICS NAME '), (name) => `drop statistics ${name};`],
  [form('^create policy NAME on NAME'), (name, table) => `drop policy ${name} on ${table};`],
  [
    form(
      `^CREATE (?:CONSTRAINT )?TRIGGER NAME .*? ON NAME (?:FROM|NOT|DEFERRABLE|INITIALLY|REFERENCING|FOR|WHEN|EXECUTE)`,
    ),
    (name, table) => `drop trigger ${name} on ${table};`,
  ],
  [
    form('^alter table NAME (?:enable|disable)(?: always| replica)? trigger NAME;'),
    (table, name) => `alter table ${table} enable trigger ${name};`,
  ],
  [
    form('^alter table NAME enable row level security'),
    (name) => `alter table ${name} disable row level security;`,
  ],
  [
    form('^alter table NAME force row level security'),
    (name) => `alter table ${name} no force row level security;`,
  ],
  [
    form('^alter table NAME alter column NAME set statistics'),
    (table, column) => `alter table ${table} alter column ${column} set statistics default;`,
  ],
  [form('^alter table NAME replica identity'), (table) => `alter table ${table} replica identity default;`],
  [
    /^grant (.*) on (.*) to (\S+?)(?: with grant option)?;$/s,
    (rights, what, whom) => `revoke ${rights} on ${what} from ${whom};`,
  ],
  [/^revoke (.*) on (.*) from (\S+);$/s, (rights, what, whom) => `grant ${rights} on ${what} to ${whom};`],
  [/^comment on (.*?) is (?:E?'|NULL)/s, (what) => `comment on ${what} is null;`],
];

function schemaOf(relation: string): string {
  return /^((?:"(?:[^"]|"")+"|[^.])+)\./.exec(relation)?.[1] ?? 'public';
}
