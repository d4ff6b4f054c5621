import { beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const server = await startServer(database, { graphql: { introspection: true } });
let key: string;
beforeAll(async () => {
  key = (await createTenant(database, 'limits', 3)).apiKey;
});

/** The codes of the answer's errors; empty when there are none. */
async function codesOf(query: string, variables?: Record<string, unknown>): Promise<string[]> {
  const { errors = [] } = await server.query(key, query, variables);
  return errors.map(({ extensions }) => extensions.code ?? '');
}

const doubling = (depth: number, spread = (name: string) => `...${name}`) =>
  `{ ${spread('F0')} } ${Array.from({ length: depth }, (_, n) => `fragment F${n} on Query { ${spread(`F${n + 1}`)} ${spread(`F${n + 1}`)} }`).join(' ')} fragment F${depth} on Query { __typename }`;

describe('a document that is small as text and large as an operation', () => {
  it('is refused before it is planned, however often its fragments double', async () => {
    for (const document of [
      doubling(30),
      doubling(200),
      doubling(30, (name) => `... on Query { ...${name} }`),
    ]) {
      const began = performance.now();
      expect(await codesOf(document)).toContain('too_large');
      // an hour, if it were expanded
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    expect(await codesOf(doubling(3))).toEqual([]);
  });

  it('counts its root fields through fragments in fragments', async () => {
    const fields = (prefix: string) =>
      Array.from({ length: 11 }, (_, n) => `${prefix}${n}: plans(first: 1) { nodes { key } }`).join(' ');
    const document = `{ ...A } fragment A on Query { ...B ...C } fragment B on Query { ${fields('b')} } fragment C on Query { ${fields('c')} }`;
    expect(await codesOf(document)).toEqual(['too_large']);
  });

  it('counts its aliases wherever they stand, fragments where they are spread', async () => {
    const aliases = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `a${from + n}: name`).join(' ');
    const projects = (selection: string) => `{ projects(first: 1) { nodes { ${selection} } } }`;
    expect(await codesOf(projects(aliases(0, 30)))).toEqual([]);
    expect(await codesOf(projects(aliases(0, 31)))).toEqual(['too_large']);
    const spread = (times: number) =>
      `{ ${Array.from({ length: times }, (_, n) => `p${n}: projects(first: 1) { nodes { ...F } }`).join(' ')} } fragment F on Project { ${aliases(0, 9)} }`;
    expect(await codesOf(spread(3))).toEqual([]);
    expect(await codesOf(spread(4))).toEqual(['too_large']);
    // each operation has its own
    expect(await codesOf(`query A ${projects(aliases(0, 30))} query B ${projects(aliases(0, 30))}`)).toEqual([
      'invalid_input',
    ]);
  });

  it('may be twelve levels deep, and no list in lists in lists', async () => {
    const deep = (levels: number): string =>
      levels === 0 ? 'id' : `deliveries(first: 1) { nodes { event { ${deep(levels - 1)} } } }`;
    expect(await codesOf(`{ events(first: 1) { nodes { ${deep(1)} } } }`)).toEqual([]);
    const codes = await codesOf(`{ events(first: 1) { nodes { ${deep(5)} } } }`);
    expect(new Set(codes)).toEqual(new Set(['too_large']));
  });

  it('may be as large as what explorers send', async () => {
    const { getIntrospectionQuery } = await import('postgraphile/graphql');
    expect(await codesOf(getIntrospectionQuery())).toEqual([]);
  });
});

describe('the cost of an operation', () => {
  const nested = (outer: string, inner: string) =>
    `events(${outer}) { nodes { deliveries(${inner}) { nodes { attempts(${inner}) { nodes { id } } } } } }`;

  it('takes the default of a variable for its value', async () => {
    expect(await codesOf(`query ($n: Int = 100) { ${nested('first: $n', 'first: $n')} }`)).toEqual([
      'too_large',
    ]);
    expect(await codesOf(`query ($n: Int = 2) { ${nested('first: $n', 'first: $n')} }`)).toEqual([]);
  });

  it('takes the larger of first and last, in whatever order they stand', async () => {
    for (const both of ['first: 100, last: 1', 'last: 1, first: 100'])
      expect(await codesOf(`{ ${nested(both, both)} }`)).toEqual(['too_large']);
  });

  it('counts what the database must count', async () => {
    const counts = Array.from({ length: 25 }, (_, n) => `c${n}: deliveries { totalCount }`).join(' ');
    expect(await codesOf(`{ events(first: 100) { nodes { ${counts} } } }`)).toEqual(['too_large']);
    expect(await codesOf('{ projects(first: 100) { totalCount nodes { id } } }')).toEqual([]);
  });
});

describe('what a client gets wrong', () => {
  it.each([
    ['a list 4,000 deep', `{ projects(filter: ${'['.repeat(4_000)}${']'.repeat(4_000)}) { totalCount } }`],
    [
      'an object 3,000 deep',
      `{ projects(filter: ${'{a:'.repeat(3_000)}1${'}'.repeat(3_000)}) { totalCount } }`,
    ],
    ['a subscription', 'subscription { __typename }'],
  ])('%s is told as an invalid document', async (_, document) => {
    const codes = await codesOf(document);
    expect(new Set(codes)).toEqual(new Set(['invalid_document']));
  });

  it('a selection 2,000 deep is told as invalid, and as too large too where the stack holds it', async () => {
    const codes = new Set(await codesOf(`${'{a'.repeat(2_000)}${'}'.repeat(2_000)}`));
    // how deep that is depends on what V8 has compiled by then
    codes.delete('too_large');
    expect(codes).toEqual(new Set(['invalid_document']));
  });

  it('a filter that is not chosen filters nothing', async () => {
    const count = async (filter: string, variables?: Record<string, unknown>) => {
      const { data, errors } = await server.query(
        key,
        `query ($f: ProjectFilter, $s: ProjectStatus) { projects(filter: ${filter}) { totalCount } used: projects(filter: $f) { totalCount } also: projects(filter: { status: { equalTo: $s } }) { totalCount } }`,
        variables,
      );
      expect(errors).toBeUndefined();
      return data.projects.totalCount;
    };
    for (const filter of ['null', '{}', '{ id: null }', '{ id: {} }', '{ id: { equalTo: null } }'])
      expect([filter, await count(filter)]).toEqual([filter, 3]);
    expect(await count('$f', { f: null })).toBe(3);
  });

  it('variables that no text can hold, or that never end, are refused', async () => {
    const create =
      'mutation ($p: ProjectInput!) { createProject(input: { project: $p }) { project { id } } }';
    expect(await codesOf(create, { p: { name: '\ud800' } })).toEqual(['invalid_request']);
    const deep = await server.query(key, '', undefined, {
      body: `{"query":"query ($c: Cursor) { projects(after: $c) { totalCount } }","variables":{"c":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`,
    });
    expect(deep.errors?.[0]?.extensions.code).toBe('invalid_request');
    const { status, errors } = await server.query(key, '', undefined, {
      body: Buffer.concat([
        Buffer.from('{"query":"{ __typename } #'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
    });
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'invalid_input']);
  });

  it('an address that cannot be decoded is the client’s mistake', async () => {
    const answer = await fetch(`${server.url}/reports/%E0%A4%A/content`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_request' }),
    ]);
  });
});
