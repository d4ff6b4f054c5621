import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import { createTenant, type Tenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type Rest, restAs } from '../../support/rest.ts';

/* Resources of the contract over HTTP: made, read, changed, ended, and what is wrong told. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: Tenant;
let other: Tenant;
let rest: Rest;
let strange: Rest;

beforeAll(async () => {
  tenant = await createTenant(database, 'rest', 5);
  other = await createTenant(database, 'other', 2);
  rest = restAs(server, tenant.apiKey);
  strange = restAs(server, other.apiKey);
});

const create = async (name: string, more: object = {}) =>
  (await rest('POST', '/projects', { body: { name, ...more } })).body;

describe('a project', () => {
  it('is created with what is not said left to the database, and is found where Location says', async () => {
    const made = await rest('POST', '/projects', { body: { name: 'Rocket' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'Rocket',
      description: '',
      status: 'active',
      version: 1,
      lead_id: null,
    });
    expect(made.body).not.toHaveProperty('tenant_id');
    expect(made.headers.get('location')).toBe(`/v1/projects/${made.body.id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    const found = await rest('GET', `/projects/${made.body.id}`);
    expect(found.status).toBe(200);
    expect(found.body).toEqual(made.body);
    expect(found.headers.get('etag')).toBe('"1"');
    expect(found.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('is shown as its events show it', async () => {
    const made = await create('As in events');
    const { rows } = await database
      .pool('admin')
      .query('select data from app.event where entity_id = $1', [made.id]);
    expect(rows[0].data).toEqual(made);
  });

  it('is changed in what is named alone, and counts its versions', async () => {
    const made = await create('Before', { description: 'stays' });
    const changed = await rest('PATCH', `/projects/${made.id}`, { body: { name: 'After' } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'After', description: 'stays', version: 2 });
    expect(changed.headers.get('etag')).toBe('"2"');
    const merged = await rest('PATCH', `/projects/${made.id}`, {
      body: { description: '' },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(merged.body).toMatchObject({ name: 'After', description: '', version: 3 });
    // nothing is named: nothing happens
    expect((await rest('PATCH', `/projects/${made.id}`, { body: {} })).body).toEqual(merged.body);
  });

  it('is changed only in the version that If-Match says', async () => {
    const made = await create('Versioned');
    const patch = (name: string, etag: string) =>
      rest('PATCH', `/projects/${made.id}`, { body: { name }, headers: { 'if-match': etag } });
    expect((await patch('second', '"1"')).status).toBe(200);
    const stale = await patch('third', '"1"');
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({
      code: 'precondition_failed',
      status: 412,
      detail: 'Current version: 2.',
    });
    expect((await patch('third', 'W/"2"')).status).toBe(412);
    expect((await patch('third', '"x"')).status).toBe(412);
    expect((await patch('third', '*')).status).toBe(200);
    const archive = (etag: string) =>
      rest('POST', `/projects/${made.id}/archive`, { headers: { 'if-match': etag } });
    expect((await archive('"2"')).status).toBe(412);
    expect((await archive('"3"')).body).toMatchObject({ status: 'archived', version: 4 });
  });

  it('is archived, restored and deleted by its transitions, each in its state alone', async () => {
    const { id } = await create('Lived');
    const archived = await rest('POST', `/projects/${id}/archive`);
    expect(archived.status).toBe(200);
    expect(archived.body).toMatchObject({ id, status: 'archived', version: 2 });
    expect(archived.headers.get('etag')).toBe('"2"');
    const again = await rest('POST', `/projects/${id}/archive`, { body: {} });
    expect(again.status).toBe(409);
    expect(again.body.code).toBe('illegal_transition');
    expect((await rest('POST', `/projects/${id}/restore`)).body.status).toBe('active');
    const deleted = await rest('DELETE', `/projects/${id}`);
    expect(deleted.status).toBe(204);
    expect(deleted.body).toBeUndefined();
    expect((await rest('GET', `/projects/${id}`)).status).toBe(404);
    expect((await rest('DELETE', `/projects/${id}`)).body.code).toBe('illegal_transition');
  });

  it('is not sent again to who has it', async () => {
    const { id } = await create('Known');
    const known = await rest('GET', `/projects/${id}`, { headers: { 'if-none-match': '"7", W/"1"' } });
    expect(known.status).toBe(304);
    expect(known.body).toBeUndefined();
    expect(known.headers.get('etag')).toBe('"1"');
    expect((await rest('GET', `/projects/${id}`, { headers: { 'if-none-match': '"2"' } })).status).toBe(200);
    const head = await rest('HEAD', `/projects/${id}`);
    expect(head.status).toBe(200);
    expect(head.body).toBeUndefined();
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
  });

  it('of another tenant is as if it were not', async () => {
    const { id } = await create('Mine');
    for (const [method, path, body] of [
      ['GET', `/projects/${id}`],
      ['PATCH', `/projects/${id}`, { name: 'theirs' }],
      ['DELETE', `/projects/${id}`],
      ['POST', `/projects/${id}/archive`],
    ] as const) {
      const there = await strange(method, path, { body });
      const nowhere = await strange(method, path.replace(id, randomUUID()), { body });
      expect(there.status).toBe(404);
      const told = (answer: typeof there) => ({ ...answer.body, request_id: '', detail: '' });
      expect(told(there)).toEqual(told(nowhere));
    }
    const stolen = await strange('POST', '/projects', { body: { name: 'x', lead_id: id } });
    expect(stolen.status).toBe(422);
    expect((await rest('GET', `/projects/${id}`)).body.name).toBe('Mine');
  });
});

describe('what is wrong with a body', () => {
  it('is told all at once, each with its place', async () => {
    const { status, headers, body } = await rest('POST', '/projects', {
      body: { name: '', lead_id: 'x', tenant_id: other.id, 'a/b': 1 },
      headers: { 'x-request-id': 'a-request-of-mine' },
    });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('x-request-id')).toBe('a-request-of-mine');
    expect(body).toMatchObject({
      type: 'about:blank',
      status: 422,
      code: 'invalid_body',
      request_id: 'a-request-of-mine',
    });
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]).sort(),
    ).toEqual([
      ['/a~1b', 'unknown_field'],
      ['/lead_id', 'format'],
      ['/name', 'minLength'],
      ['/tenant_id', 'unknown_field'],
    ]);
    expect((await rest('POST', '/projects', { body: {} })).body.errors).toEqual([
      { pointer: '/name', code: 'required', detail: 'is missing' },
    ]);
  });

  it('is told of what only the database knows, with the place and without the name of a constraint', async () => {
    const { status, body } = await rest('POST', '/projects', { body: { name: 'x', lead_id: randomUUID() } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'reference_not_found', errors: [{ pointer: '/lead_id' }] });
    expect(JSON.stringify(body)).not.toContain('fkey');
  });

  it.each([
    ['no JSON', '{', {}, 400, 'invalid_json'],
    ['nothing', undefined, {}, 400, 'invalid_json'],
    ['a list', '[]', {}, 422, 'invalid_body'],
    ['another type', '{"name":"x"}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['too much', JSON.stringify({ name: 'x'.repeat(100_001) }), {}, 413, 'too_large'],
    ['NUL', '{"name":"a\\u0000b"}', {}, 400, 'invalid_input'],
  ] as const)('%s is refused', async (_what, body, headers, status, code) => {
    const answer = await rest('POST', '/projects', { body, headers });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status,
      code,
      request_id: expect.any(String),
      title: expect.any(String),
    });
  });
});

describe('an address', () => {
  it('takes the methods that Allow lists', async () => {
    const wrong = await rest('PUT', '/projects', { body: {} });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    const options = await rest('OPTIONS', `/projects/${randomUUID()}`);
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PATCH');
  });

  it('that is none is not found, whoever asks', async () => {
    for (const path of ['/nothing', '/projects/x/y/z', '/', '/projects/%']) {
      const { status, body } = await restAs(server, undefined)('GET', path);
      expect([path, status, body.code]).toEqual([path, 404, 'no_such_page']);
    }
    expect((await rest('GET', '/projects/not-a-uuid')).body.code).toBe('not_found');
  });

  it('answers in JSON or not at all', async () => {
    const { status, body } = await rest('GET', '/projects', { headers: { accept: 'text/html' } });
    expect([status, body.code]).toEqual([406, 'not_acceptable']);
    expect((await rest('GET', '/projects', { headers: { accept: 'application/*' } })).status).toBe(200);
  });

  it('is closed to who is not known', async () => {
    const { status, headers, body } = await restAs(server, undefined)('GET', '/projects');
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body.request_id).toBe(headers.get('x-request-id'));
  });
});

describe('what the caller may not do', () => {
  it('is told with the permission that is lacking, and is not an empty list', async () => {
    const { body: made } = await rest('POST', '/api_keys', {
      body: { name: 'reader', scopes: ['project:read'] },
    });
    expect(made).toMatchObject({
      name: 'reader',
      scopes: ['project:read'],
      status: 'active',
      secret: expect.stringMatching(/^fh_test_/),
    });
    const reader = restAs(server, made.secret);
    expect((await reader('GET', '/projects')).status).toBe(200);
    for (const [method, path, body] of [
      ['GET', '/invoices'],
      ['GET', `/invoices/${randomUUID()}`],
      ['POST', '/projects', { name: 'x' }],
      ['PATCH', `/projects/${randomUUID()}`, { name: 'x' }],
      ['DELETE', `/projects/${randomUUID()}`],
      ['GET', '/events'],
    ] as const) {
      const refused = await reader(method, path, { body });
      expect([method, path, refused.status, refused.body.code]).toEqual([
        method,
        path,
        403,
        'permission_denied',
      ]);
      expect(refused.body.detail).toMatch(/does not hold \w+:\w+/);
    }
  });
});
