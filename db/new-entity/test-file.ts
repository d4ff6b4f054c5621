import type { Entity } from './entity.ts';
import { typeOf } from './fields.ts';
import { initialOf, legalFrom, wayTo } from './lifecycle.ts';
import { overGraphql, overRest } from './test-of-apis.ts';
import { camel, capital, participle, pascal, spoken, withArticle } from './words.ts';

/** test/task/task.test.ts: what a reader should know of the entity, on the real parts. Formatted by biome after it is written. */
export function testFile(entity: Entity): string {
  const { name } = entity;
  const parents = entity.parents.map((parent) => parent.name);
  const type = pascal(name);
  const hasParents = parents.length > 0;
  const columns = [...parents.map((parent) => `${parent}_id`), ...entity.fields.map((field) => field.name)];
  return `import { describe, expect, it } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { asMember, ${hasParents ? 'asOperator, ' : ''}asTenant, refusalOf } from '../support/actors.ts';
${hasParents ? `import { anyRow } from '../support/any-row.ts';\n` : ''}import { apiKeyOf } from '../support/api-key-of.ts';
import { createTestDatabase } from '../support/database.ts';
import { restAs } from '../support/rest.ts';
import { createTenant, type Role } from '../support/tenants.ts';

/*
 * ${capital(spoken(entity.plural))}: their verbs, their events, who may, and both APIs. What holds for every entity (isolation, each pair of states, schemas of
 * events) is tested from the catalog, in test/isolation and test/lifecycle.
 */
const database = await createTestDatabase();
const tenant = await createTenant(database, { members: ['admin', 'member', 'viewer'] });
const other = await createTenant(database);
const server = await startServer(database);
const key = await apiKeyOf(database, tenant);
const strangersKey = await apiKeyOf(database, other);
${parents.map((parent) => `const ${camel(parent)}Id = await asOperator(database, tenant.id, (client) => anyRow(client, 'app.${parent}'));\n`).join('')}
/** What ${withArticle(name)} is made of. */
const given = { ${[...parents.map((parent) => `${parent}_id: ${camel(parent)}Id`), ...entity.fields.map((field) => `${field.name}: ${typeOf(field).first(field.name)}`)].join(', ')} };

interface ${type} {
  id: string;
  status: string;
  version: number;
}

/** A new one, as a request makes it. */
const create = (role: Role = 'member', changed: Partial<Record<keyof typeof given, unknown>> = {}) =>
  asMember(database, tenant, role, async (client) => {
    const { rows } = await client.query<${type}>(
      'insert into app.${name} (${columns.join(', ')}) values (${columns.map((_, n) => `$${n + 1}`).join(', ')}) returning id, status, version',
      Object.values({ ...given, ...changed }),
    );
    return rows[0] as ${type};
  });

/** Takes one through verbs; resolves to it as the last of them left it. */
const take = (id: string, verbs: readonly string[], role: Role = 'admin') =>
  asMember(database, tenant, role, async (client) => {
    let last: ${type} | undefined;
    for (const verb of verbs) {
      const { rows } = await client.query<${type}>(\`select id, status, version from app.\${verb}_${name}($1)\`, [id]);
      last = rows[0];
    }
    return last;
  });

const eventsOf = async (id: string) => {
  const { rows } = await database.pool('admin').query(
    'select type, entity_version, data, previous from app.event where entity_id = $1 order by entity_version',
    [id],
  );
  return rows;
};

${life(entity)}
${access(entity)}
describe('${spoken(entity.plural)} in the APIs', () => {
${overGraphql(entity)}
${overRest(entity)}});
`;
}

function life({ name, fields, parents, lifecycle }: Entity): string {
  const [field] = fields.filter(({ required }) => required);
  const changed = field && { name: field.name, value: typeOf(field).second(field.name) };
  const initial = initialOf(lifecycle);
  const ways = (state: string) => JSON.stringify(wayTo(lifecycle, state) ?? []).replaceAll('"', "'");
  const legal = lifecycle.verbs.flatMap(({ name: verb, from, to }) =>
    from.map((state) => `['${verb}', '${state}', ${ways(state)}, '${to}', '${name}.${participle(verb)}']`),
  );
  // one of each state: test/lifecycle tries all
  const illegal = lifecycle.states.flatMap((state) =>
    lifecycle.verbs
      .filter(({ from }) => !from.includes(state))
      .slice(0, 1)
      .map(({ name: verb }) => `['${verb}', '${state}', ${ways(state)}, '${legalFrom(lifecycle, state)}']`),
  );
  const bad = [
    ...parents.map((parent) => `['${parent.name}_id', null, '23502']`),
    ...fields.flatMap((each) => [
      ...(each.required ? [`['${each.name}', null, '23502']`] : []),
      ...(typeOf(each).wrong ? [`['${each.name}', ${typeOf(each).wrong}, '23514']`] : []),
    ]),
  ];
  return `describe('${withArticle(name)}', () => {
  it('begins as ${initial}, with an event that shows all of it', async () => {
    const made = await create();
    expect(made).toMatchObject({ status: '${initial}', version: 1 });
    expect(await eventsOf(made.id)).toMatchObject([
      { type: '${name}.created', entity_version: 1, data: { ...given, status: '${initial}' }, previous: null },
    ]);
  });

  it('tells by its event what was changed, and what it was before', async () => {
    const { id } = await create();
    await asMember(database, tenant, 'member', (client) =>
      client.query('update app.${name} set ${changed?.name} = $1 where id = $2', [${changed?.value}, id]),
    );
    expect((await eventsOf(id))[1]).toMatchObject({
      type: '${name}.updated',
      entity_version: 2,
      data: { ...given, ${changed?.name}: ${changed?.value} },
      previous: { ${changed?.name}: given.${changed?.name} },
    });
  });

  // the verb, the state, the verbs that lead there, what follows
  it.each([
    ${legal.join(',\n    ')},
  ])('can %s when it is %s', async (verb, from, way, to, event) => {
    const { id } = await create();
    await take(id, way);
    expect(await take(id, [verb])).toEqual({ id, status: to, version: way.length + 2 });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: event,
      entity_version: way.length + 2,
      data: { ...given, status: to },
      previous: { status: from },
    });
  });
${
  illegal.length > 0
    ? `
  it.each([
    ${illegal.join(',\n    ')},
  ])('refuses to %s when it is %s, and nothing happens', async (verb, _from, way, detail) => {
    const { id } = await create();
    await take(id, way);
    expect(await refusalOf(take(id, [verb]))).toMatchObject({ code: 'ZF005', detail });
    expect(await eventsOf(id)).toHaveLength(way.length + 1);
  });
`
    : ''
}
  it.each([
    ${bad.join(',\n    ')},
  ])('is not made with the %s %o', async (column, value, code) => {
    expect((await refusalOf(create('member', { [column]: value }))).code).toBe(code);
  });
});
`;
}

function access({ name, plural, fields, parents, lifecycle }: Entity): string {
  const [verb] = lifecycle.verbs.filter(({ from }) => from.includes(initialOf(lifecycle)));
  const deletes = lifecycle.verbs.find((each) => each.name === 'delete');
  const [field] = fields.filter(({ required }) => required);
  const changed = field && `${field.name} = ${typeOf(field).second(field.name).replaceAll('"', "'")}`;
  return `describe('${spoken(plural)}', () => {
  it('are read by a viewer, who changes none', async () => {
    const { id } = await create();
    await asMember(database, tenant, 'viewer', async (client) => {
      expect((await client.query('select id from app.${name} where id = $1', [id])).rows).toEqual([{ id }]);
      expect((await client.query(\`update app.${name} set ${changed} where id = $1\`, [id])).rowCount).toBe(0);
    });
    expect((await refusalOf(create('viewer'))).code).toBe('42501');
    expect((await refusalOf(take(id, ['${verb?.name}'], 'viewer'))).code).toBe('ZF003');
  });
${
  deletes
    ? `
  it('are deleted by an admin, and by no member', async () => {
    const { id } = await create();
    await take(id, ${JSON.stringify(wayTo(lifecycle, deletes.from[0] as string) ?? []).replaceAll('"', "'")});
    expect((await refusalOf(take(id, ['delete'], 'member'))).code).toBe('ZF003');
    await take(id, ['delete'], 'admin');
    const { rows } = await asTenant(database, tenant, (client) =>
      client.query('select id from app.${name} where id = $1', [id]),
    );
    expect(rows).toEqual([]);
  });
`
    : ''
}
  it('are not there for another tenant, whatever it may', async () => {
    const { id } = await create();
    await asTenant(database, other, async (client) => {
      expect((await client.query('select from app.${name}')).rowCount).toBe(0);
      expect((await client.query(\`update app.${name} set ${changed} where id = $1\`, [id])).rowCount).toBe(0);
    });
    const taken = asTenant(database, other, (client) => client.query('select app.${verb?.name}_${name}($1)', [id]));
    expect((await refusalOf(taken)).code).toBe('ZF004');
${
  parents.length > 0
    ? `    const beneath = asTenant(database, other, (client) =>
      client.query('insert into app.${name} (${[...parents.map((parent) => `${parent.name}_id`), ...fields.map((each) => each.name)].join(', ')}) values (${[...parents, ...fields].map((_, n) => `$${n + 1}`).join(', ')})', Object.values(given)),
    );
    expect((await refusalOf(beneath)).code).toBe('23503');
`
    : ''
}  });
});
`;
}
