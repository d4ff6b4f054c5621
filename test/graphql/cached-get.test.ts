import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const [acme, globex] = [await createTenant(database, 'acme'), await createTenant(database, 'globex')];
const directory = mkdtempSync(join(tmpdir(), 'freehold-documents-'));
afterAll(() => rmSync(directory, { recursive: true }));

const list = 'query List($first: Int) { projects(first: $first) { nodes { name } } }';
const create =
  'mutation Create($name: String!) { createProject(input: {project: {name: $name}}) { project { name } } }';
const both = `${list} ${create}`;
const path = join(directory, 'documents.json');
writeFileSync(
  path,
  JSON.stringify(Object.fromEntries([list, both].map((text) => [hash('sha256', text), text]))),
);
const server = await startServer(database, { graphql: { documents: path, trustedOnly: true } });

const get = (parameters: Record<string, string>, headers: Record<string, string> = {}, key = acme.apiKey) =>
  fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
const documentId = `sha256:${hash('sha256', list)}`;
const variables = JSON.stringify({ first: 3 });
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

describe('a trusted query by GET', () => {
  it('is answered as by POST, and may be kept by nobody but its client', async () => {
    const answer = await get({ documentId, variables, operationName: '' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(answer.headers.get('vary')).toBe('Accept, Authorization, Cookie');
    expect(answer.headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    const posted = await server.query(acme.apiKey, list, { first: 3 });
    expect(((await answer.json()) as { data: unknown }).data).toEqual(posted.data);
  });

  it('is not sent again while nothing has changed, and is when something has', async () => {
    const etag = (await get({ documentId, variables })).headers.get('etag') ?? '';
    for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const unchanged = await get({ documentId, variables }, { 'if-none-match': sent });
      expect([unchanged.status, await unchanged.text(), unchanged.headers.get('etag')]).toEqual([
        304,
        '',
        etag,
      ]);
      expect(unchanged.headers.get('cache-control')).toBe('private, no-cache');
    }
    for (const sent of ['"other"', 'nonsense', '""']) {
      expect((await get({ documentId, variables }, { 'if-none-match': sent })).status).toBe(200);
    }
    // a tag of another's answer is none of mine
    expect((await get({ documentId, variables }, { 'if-none-match': etag }, globex.apiKey)).status).toBe(200);
    const { data } = await server.query(
      acme.apiKey,
      both,
      { name: 'new' },
      { body: JSON.stringify({ query: both, operationName: 'Create', variables: { name: 'new' } }) },
    );
    expect(data.createProject.project.name).toBe('new');
    const more = JSON.stringify({ first: 100 });
    const before = (await get({ documentId, variables: more })).headers.get('etag') ?? '';
    await server.query(
      acme.apiKey,
      '',
      {},
      { body: JSON.stringify({ query: both, operationName: 'Create', variables: { name: 'newer' } }) },
    );
    const changed = await get({ documentId, variables: more }, { 'if-none-match': before });
    expect([changed.status, await changed.text()]).toEqual([200, expect.stringContaining('newer')]);
  });

  it('is taken by the extension of Apollo too', async () => {
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash('sha256', list) } });
    const answer = await get({ extensions, variables });
    expect([answer.status, answer.headers.has('etag')]).toEqual([200, true]);
  });

  it('is refused without a credential, and its errors are not kept', async () => {
    const none = await fetch(`${server.url}/graphql?${new URLSearchParams({ documentId })}`);
    expect([none.status, none.headers.get('etag')]).toEqual([401, null]);
    const wrong = await get({ documentId, variables: JSON.stringify({ first: 101 }) });
    expect([wrong.status, wrong.headers.get('etag'), wrong.headers.get('cache-control')]).toEqual([
      200,
      null,
      'no-store',
    ]);
    const unknown = await get({ documentId: 'sha256:0' });
    expect([unknown.status, unknown.headers.get('cache-control')]).toEqual([400, 'no-store']);
  });
});

describe('GET', () => {
  it('changes nothing: mutations are refused before they run', async () => {
    const count = async () =>
      (await server.query(acme.apiKey, list, { first: 100 })).data.projects.nodes.length;
    const before = await count();
    const answer = await get({
      documentId: `sha256:${hash('sha256', both)}`,
      operationName: 'Create',
      variables: JSON.stringify({ name: 'by a link' }),
    });
    expect([answer.status, answer.headers.get('allow'), await codeOf(answer)]).toEqual([
      405,
      'POST',
      'method_not_allowed',
    ]);
    expect(await count()).toBe(before);
  });

  it('runs no text that stands in the address', async () => {
    for (const parameters of [{ query: list }, { query: list, documentId }, {}, { documentId: '' }]) {
      const answer = await get(parameters as Record<string, string>);
      expect([405, 400]).toContain(answer.status);
    }
    expect((await get({ query: list })).headers.get('allow')).toBe('GET, POST');
  });

  it('tells what is wrong with its parameters', async () => {
    for (const parameters of [
      { documentId, variables: '{' },
      { documentId, variables: '[1]' },
      { documentId, extensions: 'x' },
    ]) {
      const answer = await get(parameters);
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'invalid_request']);
    }
  });
});
