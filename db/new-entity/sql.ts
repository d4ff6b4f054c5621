import type { Entity } from './entity.ts';
import { type Field, typeOf } from './fields.ts';
import { concealedOf, initialOf, meaningOf, type Verb } from './lifecycle.ts';
import { capital, participle, plainPlural, spoken, withArticle } from './words.ts';

/** migrations/current/NNN-task.sql: what has state, once. */
export function migration({ name, plural, fields, parents: above, lifecycle }: Entity): string {
  const parents = above.map((parent) => parent.name);
  const states = lifecycle.states.map((state) => `  "${state}": "${meaningOf(lifecycle, state)}"`);
  const columns = [
    'tenant_id uuid not null default platform.tenant_id()',
    'id uuid not null default uuidv7()',
    ...parents.map((parent) => `${parent}_id uuid not null`),
    ...fields.map(column),
    `status text not null default '${initialOf(lifecycle)}' references app.${name}_status`,
    'version integer not null default 1',
    'created_at timestamptz not null default now()',
    'updated_at timestamptz not null default now()',
    'primary key (tenant_id, id)',
    ...parents.map(
      (parent) => `foreign key (tenant_id, ${parent}_id) references app.${parent} (tenant_id, id)`,
    ),
  ];
  const indexes = parents.map(
    (parent) => `create index ${name}_${parent} on app.${name} (tenant_id, ${parent}_id, id);\n`,
  );
  return `--! Message: ${spoken(name)}

-- ${capital(spoken(plural))}: the table. What is said and decided about it is in db/${name}/${name}.sql.

select platform.declare_states('app.${name}_status', '{
${states.join(',\n')}
}');

create table app.${name} (
  ${columns.join(',\n  ')}
);
${indexes.join('')}
--!include ${name}/${name}.sql
`;
}

function column(field: Field): string {
  const check = typeOf(field).check?.(field.name);
  return [
    field.name,
    field.type,
    ...(field.required ? ['not null'] : []),
    ...(check ? [`check (${check})`] : []),
  ].join(' ');
}

/** db/task/task.sql: comments, the declaration, and room for rules; it may run again after a change. */
export function declaration({ name, plural, fields, parents: above, lifecycle }: Entity): string {
  const parents = above.map((parent) => parent.name);
  const { verbs } = lifecycle;
  const row = withArticle(name);
  const concealed = concealedOf(lifecycle);
  const permissions = [
    ['read', 'viewer'],
    ['create', 'member'],
    ['update', 'member'],
    ...verbs.map((verb) => [verb.name, roleOf(verb)]),
  ].map(([verb, role]) => `"${verb}": "${role}"`);
  const descriptions = [
    ['created', 'created'],
    ['updated', 'changed'],
    ...verbs.map((verb) => [participle(verb.name), spoken(participle(verb.name))]),
  ].map(([event, told]) => `    "${name}.${event}": "${capital(row)} was ${told}."`);
  const resource = plural === plainPlural(name) ? '' : `,\n  resource => '{"name": "${plural}"}'`;
  return `-- ${capital(spoken(plural))}${owners(parents)}.

comment on table app.${name} is '${capital(row)}${owners(parents)}.';
${[...parents.map((parent) => told(name, `${parent}_id`, `The ${spoken(parent)} that it belongs to.`)), ...fields.map((field) => toldField(name, field))].join('\n')}

select platform.declare_entity(
  'app.${name}',
  permissions => '{${permissions.join(', ')}}',
  lifecycle => '{
    "initial": "${initialOf(lifecycle)}",${concealed.length > 0 ? `\n    "concealed": ${JSON.stringify(concealed)},` : ''}
    "transitions": {
${verbs.map((verb) => transition(name, verb)).join(',\n')}
    }
  }',
  events => '{"descriptions": {
${descriptions.join(',\n')}
  }}'${resource}
);

-- Rules of its own stand here: a trigger for what holds on every path, a function for a verb with arguments (docs/extending.md).
`;
}

/** Who ends things for good is an admin, as for projects. */
const roleOf = ({ name }: Verb): string => (name === 'delete' ? 'admin' : 'member');

function owners(parents: string[]): string {
  return parents.length > 0 ? ` of ${parents.map(withArticle).join(' and ')}` : ' of the tenant';
}

function transition(entity: string, { name, from, to }: Verb): string {
  return `      "${name}": {"from": [${from.map((state) => `"${state}"`).join(', ')}], "to": "${to}", "event": "${entity}.${participle(name)}"}`;
}

const told = (entity: string, name: string, text: string): string =>
  `comment on column app.${entity}.${name} is ${text.includes('\n') ? `E'${text.replaceAll('\n', '\\n')}'` : `'${text}'`};`;

function toldField(entity: string, field: Field): string {
  const { told: limits, example } = typeOf(field);
  const sentence = [
    capital(spoken(field.name)),
    ...(limits ? [limits] : []),
    ...(field.required ? [] : ['if known']),
  ];
  return told(
    entity,
    field.name,
    `${example ? `@example ${example(field.name)}\n` : ''}${sentence.join(', ')}.`,
  );
}
