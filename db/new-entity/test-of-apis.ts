import type { Entity } from './entity.ts';
import { type Field, typeOf } from './fields.ts';
import { initialOf, type Lifecycle, type Verb } from './lifecycle.ts';
import { camel, pascal } from './words.ts';

/** A verb that a new row can take, and one that it cannot take after it. */
function story(lifecycle: Lifecycle): { verb: Verb; illegal: Verb | undefined } {
  const legal = lifecycle.verbs.filter(({ from }) => from.includes(initialOf(lifecycle)));
  const verb = legal.find(({ name }) => name !== 'delete') ?? (legal[0] as Verb);
  const illegal = lifecycle.verbs.filter(({ from }) => !from.includes(verb.to));
  return { verb, illegal: illegal.find(({ name }) => name === verb.name) ?? illegal[0] };
}

/** GraphQL's numbers of 64 bits are texts. */
const inGraphql = ({ name, type }: Field): string =>
  `${camel(name)}: ${type === 'bigint' ? `String(given.${name})` : `given.${name}`}`;

export function overGraphql(entity: Entity): string {
  const { name, plural, fields, parents, lifecycle } = entity;
  const [one, many, type] = [camel(name), camel(plural), pascal(name)];
  const { verb, illegal } = story(lifecycle);
  const shown = ['id', ...fields.map((field) => camel(field.name)), 'status', 'version'].join(' ');
  const ask = (verbName: string) =>
    `\`mutation ($id: UUID!) { ${camel(`${verbName}_${name}`)}(input: { id: $id }) { ${one} { status version } } }\``;
  const [parent] = parents;
  return `it('are made, read, listed and taken further over GraphQL', async () => {
  const ${one}Input = { ${[...parents.map((each) => `${camel(`${each.name}_id`)}: given.${each.name}_id`), ...fields.map(inGraphql)].join(', ')} };
  const made = await server.query(
    key,
    \`mutation ($made: ${type}Input!) { create${type}(input: { ${one}: $made }) { ${one} { ${shown} } } }\`,
    { made: ${one}Input },
  );
  expect(made.errors).toBeUndefined();
  const ${one} = made.data.create${type}.${one};
  expect(${one}).toMatchObject({ ${fields.map((field) => `${camel(field.name)}: ${one}Input.${camel(field.name)}`).join(', ')}, status: '${initialOf(lifecycle)}', version: 1 });
  const { id } = ${one};

  const read = \`query ($id: UUID!) { ${one}(id: $id) { ${shown}${parent ? ` ${camel(parent.name)} { ${many}(first: 100) { nodes { id } } }` : ''} } ${many}(first: 100) { nodes { id } } }\`;
  const { data } = await server.query(key, read, { id });
  expect(data.${one}).toMatchObject(${one});
  expect(data.${many}.nodes).toContainEqual({ id });
${parent ? `  expect(data.${one}.${camel(parent.name)}.${many}.nodes).toContainEqual({ id });\n` : ''}  const seen = await server.query(strangersKey, read, { id });
  expect(seen.data).toMatchObject({ ${one}: null, ${many}: { nodes: [] } });

  const taken = await server.query(key, ${ask(verb.name)}, { id });
${
  verb.name === 'delete'
    ? `  expect(taken.errors).toBeUndefined();
  expect((await server.query(key, read, { id })).data.${one}).toBeNull();`
    : `  expect(taken.data.${camel(`${verb.name}_${name}`)}.${one}).toEqual({ status: '${verb.to}', version: 2 });`
}
${
  illegal
    ? `  const refused = await server.query(key, ${ask(illegal.name)}, { id });
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'illegal_transition' });\n`
    : ''
}});
`;
}

export function overRest({ name, plural, fields, parents, lifecycle }: Entity): string {
  const { verb, illegal } = story(lifecycle);
  const above = parents.find(({ resource }) => resource);
  const [first] = fields.filter(({ required }) => required);
  const required = [
    ...parents.map((each) => `${each.name}_id`),
    ...fields.filter((field) => field.required).map((field) => field.name),
  ]
    .map((column) => `'/${column}'`)
    .sort();
  const call = (each: Verb) =>
    each.name === 'delete' ? `rest('DELETE', path)` : `rest('POST', \`\${path}/${each.name}\`)`;
  const second = first && `{ ${first.name}: ${typeOf(first).second(first.name)} }`;
  return `it('are made, read, changed, listed and taken further over REST', async () => {
  const rest = restAs(server, key);
  const made = await rest('POST', '/${plural}', { body: given });
  expect([made.status, made.body]).toMatchObject([201, { ...given, status: '${initialOf(lifecycle)}', version: 1 }]);
  const path = \`/${plural}/\${made.body.id}\`;
  expect(made.headers.get('location')).toBe(\`/v1\${path}\`);
  expect((await rest('GET', path)).body).toEqual(made.body);

  const change = { body: ${second}, headers: { 'if-match': '"1"' } };
  expect((await rest('PATCH', path, change)).body).toMatchObject({ ...change.body, version: 2 });
  expect((await rest('PATCH', path, change)).body).toMatchObject({ status: 412, code: 'precondition_failed' });
  const list = await rest('GET', ${above ? `\`/${above.resource}/\${given.${above.name}_id}/${plural}?limit=100\`` : `'/${plural}?limit=100'`});
  expect(list.body.data).toContainEqual(expect.objectContaining({ id: made.body.id, ...change.body }));

${
  verb.name === 'delete'
    ? `  expect((await ${call(verb)}).status).toBe(204);
  expect((await rest('GET', path)).status).toBe(404);`
    : `  expect((await ${call(verb)}).body).toMatchObject({ status: '${verb.to}', version: 3 });`
}
${illegal ? `  expect((await ${call(illegal)}).body).toMatchObject({ status: 409, code: 'illegal_transition' });\n` : ''}});

it('are told over REST what is wrong, and nothing of others', async () => {
  const rest = restAs(server, key);
  const missing = await rest('POST', '/${plural}', { body: {} });
  expect(missing.status).toBe(422);
  expect(missing.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([${required.join(', ')}]);
  const { id } = await create();
  const reader = restAs(server, await apiKeyOf(database, tenant, ['${name}:read']));
  expect((await reader('GET', \`/${plural}/\${id}\`)).status).toBe(200);
  expect((await reader('PATCH', \`/${plural}/\${id}\`, { body: ${second} })).body).toMatchObject({ status: 403, code: 'permission_denied' });
  const stranger = restAs(server, strangersKey);
  expect((await stranger('GET', \`/${plural}/\${id}\`)).status).toBe(404);
  expect((await stranger('GET', '/${plural}')).body.data).toEqual([]);
});
`;
}
