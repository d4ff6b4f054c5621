import { describe, expect, it } from 'vitest';
import { newApiKey } from '../support/api-key.ts';
import { createTestDatabase } from '../support/database.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const [acme, globex] = [await createTenant(database, 'acme'), await createTenant(database, 'globex')];
const server = await startServer(database);
const query = server.query;
const allProjects = '{ projects { totalCount nodes { id name version status } pageInfo { endCursor } } }';
const unknownId = '01999999-0000-7000-8000-000000000000';

describe('who may ask', () => {
  it('refuses a request without a credential, in the shape of GraphQL', async () => {
    const answer = await query(undefined, allProjects);
    expect(answer.status).toBe(401);
    expect(answer.errors?.[0]?.extensions.code).toBe('unauthenticated');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses an unknown key, a malformed one and a foreign scheme', async () => {
    const unknown = newApiKey();
    for (const authorization of [
      `Bearer ${unknown}`,
      'Bearer fh_test_0000',
      'Bearer nonsense',
      'Basic YTpi',
      'Bearer ',
    ]) {
      const answer = await query(undefined, allProjects, {}, { headers: { authorization } });
      expect(answer.status, authorization).toBe(401);
    }
  });

  it('shows each tenant its own rows, by list, by id and by cursor', async () => {
    const mine = await query(acme.apiKey, allProjects);
    const theirs = await query(globex.apiKey, allProjects);
    expect(mine.data.projects.nodes.every((p: { name: string }) => p.name.startsWith('acme '))).toBe(true);
    expect(theirs.data.projects.totalCount).toBe(5);
    const id = theirs.data.projects.nodes[0].id;
    const foreign = await query(acme.apiKey, 'query($id: UUID!) { project(id: $id) { id } }', { id });
    expect(foreign.data.project).toBeNull();
    const cursor = theirs.data.projects.pageInfo.endCursor;
    expect(Buffer.from(cursor, 'base64').toString()).not.toContain(globex.id);
    const after = await query(acme.apiKey, 'query($c: Cursor) { projects(after: $c) { nodes { name } } }', {
      c: cursor,
    });
    for (const { name } of after.data.projects.nodes) expect(name).toMatch(/^acme /);
  });

  it('cannot tell a foreign row from one that does not exist', async () => {
    const theirs = await query(globex.apiKey, allProjects);
    const update =
      'mutation($id: UUID!) { updateProject(input: {id: $id, patch: {name: "mine"}}) { project { id } } }';
    const archive = 'mutation($id: UUID!) { archiveProject(input: {id: $id}) { project { id } } }';
    for (const mutation of [update, archive]) {
      const foreign = await query(acme.apiKey, mutation, { id: theirs.data.projects.nodes[0].id });
      const missing = await query(acme.apiKey, mutation, { id: unknownId });
      expect(foreign.errors?.[0]?.extensions.code).toBe('not_found');
      expect(foreign.errors?.[0]?.message).toBe(missing.errors?.[0]?.message);
    }
  });

  it('goes on with a new context after the key was changed, and ends when it is revoked', async () => {
    const tenant = await createTenant(database, 'initech');
    expect((await query(tenant.apiKey, allProjects)).data.projects.totalCount).toBe(5);
    const admin = database.pool('admin');
    await admin.query('update identity.principal set version = version + 1 where tenant_id = $1', [
      tenant.id,
    ]);
    expect((await query(tenant.apiKey, allProjects)).data.projects.totalCount).toBe(5);
    await admin.query('update identity.principal set version = version + 1 where tenant_id = $1', [
      tenant.id,
    ]);
    const created = await query(
      tenant.apiKey,
      'mutation { createProject(input: {project: {name: "x"}}) { project { name } } }',
    );
    expect(created.data.createProject.project.name).toBe('x');
    const revoked = await query(
      tenant.apiKey,
      'mutation($id: UUID!) { revokeApiKey(input: {id: $id}) { apiKey { status } } }',
      {
        id: tenant.apiKeyId,
      },
    );
    expect(revoked.errors).toBeUndefined();
    const refused = await query(tenant.apiKey, allProjects);
    expect(refused.status).toBe(401);
    expect(refused.errors?.[0]?.extensions.code).toBe('unauthenticated');
    expect((await query(tenant.apiKey, allProjects)).status).toBe(401);
  });
});

describe('GraphQL over HTTP', () => {
  const send = (init: RequestInit & { headers?: Record<string, string> }) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      body: '{"query":"{ __typename }"}',
      ...init,
      headers: {
        authorization: `Bearer ${acme.apiKey}`,
        'content-type': 'application/json',
        ...init.headers,
      },
    });

  it.each([
    ['another method', { method: 'GET', body: null }, 405],
    ['a body that a form could send', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a body that is not JSON', { body: '{' }, 400],
    ['a batch', { body: '[]' }, 400],
    ['a query that is not text', { body: '{"query":1}' }, 400],
    ['variables that are not an object', { body: '{"query":"{ __typename }","variables":[1]}' }, 400],
    [
      'a body above the limit',
      { body: JSON.stringify({ query: `{ __typename } #${'x'.repeat(100_000)}` }) },
      413,
    ],
    ['an answer type that we do not have', { headers: { accept: 'text/html' } }, 406],
    ['a document with a mistake', { body: '{"query":"{ nothing }"}' }, 400],
    ['a document that is not GraphQL', { body: '{"query":"}{"}' }, 400],
  ])('refuses %s', async (_name, init, status) => {
    const response = await send(init as RequestInit & { headers?: Record<string, string> });
    expect(response.status).toBe(status);
    const body = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(body.errors[0]?.extensions.code).toBeTruthy();
    expect(JSON.stringify(body)).not.toMatch(/node_modules|at \w+ \(/);
  });

  it('answers 200 to a wrong document when only application/json is accepted', async () => {
    expect(
      (await send({ body: '{"query":"{ nothing }"}', headers: { accept: 'application/json' } })).status,
    ).toBe(200);
  });

  it('takes over a sane request id, and makes one otherwise', async () => {
    const given = await send({ headers: { 'x-request-id': 'a-sane-request-id' } });
    expect(given.headers.get('x-request-id')).toBe('a-sane-request-id');
    const evil = await send({ headers: { 'x-request-id': 'x {"level":"fatal"}' } });
    expect(evil.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs one line for a request, with tenant and operation', async () => {
    await query(acme.apiKey, 'query Named { projects { totalCount } }');
    const line = server.lines.findLast((entry) => entry.operation === 'Named');
    expect(line).toMatchObject({
      event: 'request',
      status_code: 200,
      route: '/graphql',
      tenant_id: acme.id,
      actor_type: 'api_key',
    });
  });

  it('does not suggest names of the schema in production', async () => {
    const answer = await query(acme.apiKey, '{ projecs { nodes { id } } }');
    expect(answer.errors?.[0]?.message).toBe('Cannot query field "projecs" on type "Query".');
    expect(answer.errors?.[0]?.extensions.code).toBe('invalid_document');
    const variable = await query(
      acme.apiKey,
      'query($o: [ProjectOrderBy!]) { projects(orderBy: $o) { totalCount } }',
      { o: ['ID_ASCC'] },
    );
    expect(variable.status).toBe(400);
    expect(JSON.stringify(variable.errors)).not.toMatch(/did you mean/i);
  });

  it('has a page for developers outside production only', async () => {
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('application/problem+json');
    const development = await startServer(database, { production: false });
    const ruru = await fetch(development.url, { headers: { accept: 'text/html' } });
    expect(ruru.status).toBe(200);
    expect(await ruru.text()).toContain('Ruru');
  });
});
