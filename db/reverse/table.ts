/** A column or constraint of a CREATE TABLE as the dump writes it: name, and what follows it. */
interface Parts {
  columns: Map<string, string>;
  constraints: Map<string, string>;
  options: string;
}

/** Takes the dump's CREATE TABLE apart: one column or constraint begins a line with two spaces. */
function partsOf(text: string): Parts {
  const body = text.slice(text.indexOf('(\n') + 2, text.lastIndexOf('\n)'));
  const parts: Parts = { columns: new Map(), constraints: new Map(), options: '' };
  for (const line of body.replace(/^ {2}/, '').split(/,\n {2}(?=\S)/)) {
    const constraint = /^constraint ("(?:[^"]|"")+"|\w+) ([\s\S]*)$/.exec(line);
    const [, name = '', rest = ''] = constraint ?? /^("(?:[^"]|"")+"|\w+) ([\s\S]*)$/.exec(line) ?? [];
    (constraint ? parts.constraints : parts.columns).set(name, rest);
  }
  parts.options = / with \((.*)\);$/.exec(text)?.[1] ?? '';
  return parts;
}

interface Column {
  type: string;
  /** Of a default. */
  fallback: string;
  /** Of a generated column: "generated always as (…) stored". */
  generated: string;
  notNull: boolean;
}

/** "text default 'x' not null" as its parts. */
function columnOf(definition: string): Column {
  const notNull = /(?: constraint \S+)? not null(?: not valid)?$/;
  const generated = / generated always as .*? (?:stored|virtual)(?=$| )/s;
  const rest = definition.replace(notNull, '').replace(generated, '');
  const [type = '', ...fallback] = rest.split(/ default (.*)$/s);
  return {
    type: type.trim(),
    fallback: fallback.join('').trim(),
    generated: generated.exec(definition)?.[0].trim() ?? '',
    notNull: notNull.test(definition),
  };
}

/**
 * Statements that make a table what `before` says out of what `after` says: first those that only take away.
 * @param loses is told of columns that go
 */
export function revertTable(
  relation: string,
  before: string,
  after: string,
  loses: (what: string) => void,
): string[] {
  const [then, now] = [partsOf(before), partsOf(after)];
  const alter = (what: string) => `alter table ${relation} ${what};`;
  const statements: string[] = [];
  for (const [name, definition] of now.constraints) {
    if (then.constraints.get(name) !== definition) statements.push(alter(`drop constraint ${name}`));
  }
  for (const name of now.columns.keys()) {
    if (then.columns.has(name)) continue;
    statements.push(alter(`drop column ${name}`));
    loses(`${relation}.${name}`);
  }
  for (const [name, definition] of then.columns) {
    const present = now.columns.get(name);
    if (present === undefined) statements.push(alter(`add column ${name} ${definition}`));
    else if (present !== definition) statements.push(...revertColumn(alter, name, definition, present));
  }
  for (const [name, definition] of then.constraints) {
    if (now.constraints.get(name) !== definition)
      statements.push(alter(`add constraint ${name} ${definition}`));
  }
  if (then.options !== now.options) {
    const names = now.options.split(', ').map((option) => option.split('=')[0]);
    if (now.options) statements.push(alter(`reset (${names.join(', ')})`));
    if (then.options) statements.push(alter(`set (${then.options})`));
  }
  return statements;
}

function revertColumn(
  alter: (what: string) => string,
  name: string,
  before: string,
  after: string,
): string[] {
  const [then, now] = [columnOf(before), columnOf(after)];
  const column = `alter column ${name}`;
  const statements: string[] = [];
  if (then.generated && !now.generated)
    return [alter(`drop column ${name}`), alter(`add column ${name} ${before}`)];
  if (now.generated && !then.generated) statements.push(alter(`${column} drop expression`));
  else if (then.generated !== now.generated)
    statements.push(alter(`${column} set expression as ${/\(.*\)/s.exec(then.generated)?.[0]}`));
  if (then.type !== now.type)
    statements.push(alter(`${column} type ${then.type} using ${name}::${then.type}`));
  if (then.fallback !== now.fallback)
    statements.push(
      alter(then.fallback ? `${column} set default ${then.fallback}` : `${column} drop default`),
    );
  if (then.notNull !== now.notNull)
    statements.push(alter(`${column} ${then.notNull ? 'set' : 'drop'} not null`));
  return statements;
}
