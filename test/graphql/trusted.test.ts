import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';
import { startServer, type TestServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database, 'acme');
const directory = mkdtempSync(join(tmpdir(), 'freehold-documents-'));
afterAll(() => rmSync(directory, { recursive: true }));

const idOf = (text: string) => hash('sha256', text);
const list = 'query List($first: Int) { projects(first: $first) { nodes { name } } }';
const create =
  'mutation Create($name: String!) { createProject(input: {project: {name: $name}}) { project { name } } }';
const several = 'query Some { projects { totalCount } } query Others { plans { totalCount } }';

let files = 0;
function write(content: unknown): string {
  const path = join(directory, `${++files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const documents = write(Object.fromEntries([list, create, several].map((text) => [idOf(text), text])));
const open = await startServer(database, { graphql: { documents } });
const closed = await startServer(database, { graphql: { documents, trustedOnly: true } });

/** Status, data and codes of a request with this body. */
async function post(server: TestServer, body: object, headers: Record<string, string> = {}) {
  const answer = await server.query(tenant.apiKey, '', undefined, { body: JSON.stringify(body), headers });
  return { ...answer, codes: answer.errors?.map(({ extensions }) => extensions.code) };
}

describe.each([
  ['where others run too', open],
  ['where no others run', closed],
])('a trusted document, %s', (_, server) => {
  it.each([
    ['the id of GraphQL over HTTP', { documentId: `sha256:${idOf(list)}` }],
    ['the bare hash, as the manifest has it', { documentId: idOf(list) }],
    ['the extension of Apollo', { extensions: { persistedQuery: { version: 1, sha256Hash: idOf(list) } } }],
    ['its own text', { query: list }],
  ])('is run by %s', async (_name, body) => {
    const { data, errors, status } = await post(server, { ...body, variables: { first: 2 } });
    expect([status, errors, data.projects.nodes.length]).toEqual([200, undefined, 2]);
    expect(server.lines.findLast(({ event }) => event === 'request')).toMatchObject({ operation: 'List' });
  });

  it('may hold several operations, and be a mutation', async () => {
    const documentId = `sha256:${idOf(several)}`;
    expect(
      (await post(server, { documentId, operationName: 'Others' })).data.plans.totalCount,
    ).toBeGreaterThan(0);
    expect((await post(server, { documentId })).status).toBe(400);
    const made = await post(server, { documentId: idOf(create), variables: { name: 'made' } });
    expect(made.data.createProject.project.name).toBe('made');
  });

  it('that is not known is told by one error', async () => {
    const documentId = `sha256:${idOf('{ __typename }')}`;
    expect(await post(server, { documentId })).toMatchObject({ status: 400, codes: ['unknown_document'] });
    expect(await post(server, { documentId: '__proto__' })).toMatchObject({ codes: ['unknown_document'] });
    const apollo = await post(server, { extensions: { persistedQuery: { version: 1, sha256Hash: 'f00' } } });
    // by which Apollo's clients know that they are to send the text
    expect(apollo.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  it('is named by an id or a text, and by nothing else', async () => {
    for (const body of [
      { documentId: idOf(list), query: list },
      { documentId: 7 },
      { documentId: [idOf(list)] },
      { extensions: { persistedQuery: { sha256Hash: { a: 1 } } } },
      { extensions: 'x' },
      {},
    ])
      expect([body, await post(server, body)]).toMatchObject([
        body,
        { status: 400, codes: ['invalid_request'] },
      ]);
  });
});

describe('any other document', () => {
  it('runs beside the trusted ones, by its text and with the hash of Apollo', async () => {
    const query = '{ projects { totalCount } }';
    expect((await post(open, { query })).errors).toBeUndefined();
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(query) } };
    expect((await post(open, { query, extensions })).errors).toBeUndefined();
  });

  it('is refused where trusted ones run alone, whatever hash it claims', async () => {
    const query = '{ projects { totalCount } }';
    expect(await post(closed, { query })).toMatchObject({ status: 400, codes: ['document_not_trusted'] });
    for (const sha256Hash of [idOf(query), 'x']) {
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      expect(await post(closed, { query, extensions })).toMatchObject({ codes: ['document_not_trusted'] });
    }
    for (const text of [`${list} `, `${list}#`, '{ __typename }', '}{'])
      expect(await post(closed, { query: text })).toMatchObject({ codes: ['document_not_trusted'] });
  });
});

describe('a file of trusted documents', () => {
  it('that does not fit the schema keeps the server from starting, with every mistake told', async () => {
    const nothing = 'query Nothing { nothing }';
    const many = `query Many { ${Array.from({ length: 31 }, (_, n) => `a${n}: __typename`).join(' ')} }`;
    const path = write({
      [idOf(nothing)]: nothing,
      [idOf(many)]: many,
      [idOf('}{')]: '}{',
      sha1: list,
      x: 7,
    });
    const failure = await startServer(database, { graphql: { documents: path } }).catch((error) => error);
    expect(failure.code).toBe('untrustworthy_documents');
    for (const told of [
      path,
      'Cannot query field "nothing"',
      'more than 30 aliases',
      'Syntax Error',
      'sha1: this is not the SHA-256 of its document',
      'x: the document is no text',
    ])
      expect(failure.message).toContain(told);
  });

  it('that cannot be read is told by the server process, which ends', async () => {
    for (const [content, reason] of [
      ['[]', 'no JSON object'],
      ['{', 'cannot be read'],
    ] as const) {
      const server = runNode(['server/main.ts'], {
        env: { ...database.environment, GRAPHQL_DOCUMENTS: write(content), PORT: '5999' },
      });
      expect(await server.closed).toBe(1);
      expect(server.output()).toContain('GRAPHQL_DOCUMENTS');
      expect(server.output()).toContain(reason);
    }
  });
});
