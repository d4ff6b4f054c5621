import { buildSchema, GraphQLEnumType, GraphQLObjectType } from 'postgraphile/graphql';
import { describe, expect, it } from 'vitest';
import { describeSchema } from '../../server/graphql/server.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const text = await describeSchema(database.pool('app'));
const schema = buildSchema(text);

describe('the GraphQL schema', () => {
  it('is the committed one (npm run openapi writes it anew)', async () => {
    await expect(text).toMatchFileSnapshot('../../docs/schema.graphql');
  });

  it('has no tenantId, in no input, no output and no name', () => {
    const names = Object.values(schema.getTypeMap()).flatMap((type) => [
      type.name,
      ...('getFields' in type
        ? Object.values(type.getFields()).flatMap((field) => [
            field.name,
            ...('args' in field ? (field.args as { name: string }[]).map((arg) => arg.name) : []),
          ])
        : []),
    ]);
    expect(names.filter((name) => /tenant_?id/i.test(name))).toEqual([]);
  });

  it('fetches an entity by its id, and changes it by its id and a patch', () => {
    const query = schema.getQueryType()?.getFields();
    expect(query?.project?.args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual(['id: UUID!']);
    expect(printInput('UpdateProjectInput')).toEqual(['id: UUID!', 'patch: ProjectPatch!']);
    expect(printInput('ArchiveProjectInput')).toEqual(['expectedVersion: Int', 'id: UUID!']);
  });

  it('shows a state as an enum with its descriptions', () => {
    const enums = Object.values(schema.getTypeMap())
      .filter((type): type is GraphQLEnumType => type instanceof GraphQLEnumType)
      .filter(({ name }) => name.endsWith('Status'));
    expect(enums.length).toBeGreaterThan(8);
    const undescribed = enums.flatMap((type) =>
      type
        .getValues()
        .filter(({ description }) => !description)
        .map(({ name }) => `${type.name}.${name}`),
    );
    expect(undescribed).toEqual([]);
  });

  it('deletes by the verbs of lifecycles alone, and offers no unlimited list', async () => {
    const { rows } = await database
      .pool('admin')
      .query<{ verb: string }>(
        `select distinct initcap(name || '_' || entity) as verb from platform.transition`,
      );
    const verbs = rows.map(({ verb }) => verb.replaceAll('_', '').toLowerCase());
    const deletions = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((name) =>
      /delete|truncate|purge/i.test(name),
    );
    expect(deletions).toContain('deleteProject');
    expect(deletions.filter((name) => !verbs.includes(name.toLowerCase()))).toEqual([]);
    const lists = Object.values(schema.getTypeMap())
      .filter((type): type is GraphQLObjectType => type instanceof GraphQLObjectType)
      .flatMap((type) => Object.values(type.getFields()))
      .filter((field) => field.args.some((arg) => arg.name === 'filter' || arg.name === 'orderBy'));
    expect(lists.length).toBeGreaterThan(5);
    for (const field of lists) expect(field.args.map((arg) => arg.name)).toContain('first');
    for (const field of lists) expect(field.args.map((arg) => arg.name)).not.toContain('offset');
  });

  it('filters by leakproof operators alone', () => {
    const operators = new Set(
      Object.keys(schema.getTypeMap())
        .filter((name) => /^(UUID|String|Int|BigInt|Datetime|Boolean|Date|.*Status)Filter$/.test(name))
        .flatMap((name) => printInput(name).map((line) => line.split(':')[0])),
    );
    expect([...operators].sort()).toEqual([
      'equalTo',
      'greaterThan',
      'greaterThanOrEqualTo',
      'in',
      'isNull',
      'lessThan',
      'lessThanOrEqualTo',
      'notEqualTo',
    ]);
  });

  it('shows no secret and nothing of the mechanism', () => {
    expect(
      Object.keys(schema.getTypeMap()).filter((name) => /hash|secret$|principal|context|session/i.test(name)),
    ).toEqual([]);
    expect(text).not.toMatch(/^ +\w*(password|signature|tokenHash)\w*:/im);
  });
});

function printInput(name: string): string[] {
  const type = schema.getType(name);
  if (!type || !('getFields' in type)) return [];
  return Object.values(type.getFields())
    .map((field) => `${field.name}: ${field.type}`)
    .sort();
}
