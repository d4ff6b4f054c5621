import { Failure } from '../../runtime/failure.ts';
import { type Field, readFields } from './fields.ts';
import { type Lifecycle, readLifecycle } from './lifecycle.ts';
import { hasSql, reservedWords, resourceOf, type Tree, takenInGraphql } from './taken.ts';
import { pluralize, singularize } from './words.ts';

/** What is asked for, as it came on the command line. */
export interface Asked {
  name: string;
  fields?: string | undefined;
  belongsTo?: string | undefined;
  lifecycle?: string | undefined;
}

/** What a row belongs to, by its id. */
export interface Parent {
  name: string;
  /** As REST calls its list; nothing where REST has none. */
  resource: string | undefined;
}

export interface Entity {
  name: string;
  plural: string;
  fields: Field[];
  parents: Parent[];
  lifecycle: Lifecycle;
}

export const defaults = { fields: 'name:text', lifecycle: 'active archive archived restore active' };

const longest = 30;
const ownColumns = ['tenant_id', 'id', 'status', 'version', 'created_at', 'updated_at'];
const ownVerbs = ['create', 'read', 'update'];

/**
 * The entity that is asked for, if the tree has room for it.
 * @throws Failure entity_unacceptable, with everything that is wrong
 */
export function readEntity(asked: Asked, tree: Tree): Entity {
  const { name } = asked;
  const wrong: string[] = [];
  const fields = readFields(asked.fields ?? defaults.fields, wrong);
  const lifecycle = readLifecycle(asked.lifecycle ?? defaults.lifecycle, wrong);
  const above = asked.belongsTo?.split(',').map((parent) => parent.trim()) ?? [];
  const parents = above.map((parent) => ({ name: parent, resource: resourceOf(tree, parent) }));
  const entity = { name, plural: pluralize(name), fields, parents, lifecycle };
  wrong.unshift(...wrongName(name, tree));
  wrong.push(...wrongParents(above, tree), ...wrongFields(entity), ...wrongLifecycle(entity, tree));
  if (wrong.length === 0) return entity;
  throw new Failure(
    'entity_unacceptable',
    `There can be no entity "${name}" like this: ${wrong.join('; ')}.`,
    'Correct that, and run the command again; nothing was written.',
  );
}

function wrongShape(what: string, word: string): string[] {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(word))
    return [`${what} "${word}" is not in lower case with underscores, such as line_item`];
  return word.length > longest ? [`${what} ${word} is longer than ${longest} characters`] : [];
}

/** What is wrong with a word as a name of a table or column. */
function wrongWord(what: string, word: string): string[] {
  return reservedWords.has(word) ? [`${what} ${word} is a word of SQL`] : wrongShape(what, word);
}

function wrongName(name: string, tree: Tree): string[] {
  const wrong = wrongWord('the name', name);
  if (wrong.length > 0) return wrong;
  const plural = pluralize(name);
  if (singularize(name) !== name)
    return [`an entity is named in the singular: ${singularize(name)} instead of ${name}`];
  if (plural === name) return [`${name} has no plural, by which its list would be called`];
  if (hasSql(tree, 'table', `app.${name}`)) return [`there is an entity ${name}`];
  return [
    ...(hasSql(tree, 'view', `api_v1.${plural}`) ? [`the REST API has ${plural} already`] : []),
    ...takenInGraphql(tree, name).map((taken) => `GraphQL has ${taken} already`),
  ];
}

function wrongParents(parents: string[], tree: Tree): string[] {
  return parents.flatMap((parent, n) => {
    if (parents.indexOf(parent) !== n) return [`it belongs to ${parent} twice`];
    return hasSql(tree, 'table', `app.${parent}`) ? [] : [`there is no entity ${parent} to belong to`];
  });
}

function wrongFields({ fields, parents }: Entity): string[] {
  const names = fields.map(({ name }) => name);
  const taken = [...ownColumns, ...parents.map((parent) => `${parent.name}_id`)];
  return names.flatMap((name, n) => [
    ...wrongWord('the field', name),
    ...(names.indexOf(name) === n ? [] : [`there are two fields ${name}`]),
    ...(taken.includes(name) ? [`the field ${name} is there by itself`] : []),
  ]);
}

function wrongLifecycle({ name, lifecycle: { states, verbs } }: Entity, tree: Tree): string[] {
  return [
    ...states.flatMap((state) => wrongShape('the state', state)),
    ...verbs.flatMap((verb) => [
      ...wrongShape('the verb', verb.name),
      ...(ownVerbs.includes(verb.name) ? [`the verb ${verb.name} is there by itself`] : []),
      ...(hasSql(tree, 'function', `app.${verb.name}_${name}`)
        ? [`there is a function app.${verb.name}_${name}`]
        : []),
    ]),
  ];
}
