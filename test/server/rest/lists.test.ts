import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import { createTenant, type Tenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type Rest, type RestAnswer, restAs } from '../../support/rest.ts';

/* Lists over HTTP: pages, filters, orders, fields, and what is expanded. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: Tenant;
let other: Tenant;
let rest: Rest;
let leadId: string;

beforeAll(async () => {
  tenant = await createTenant(database, 'lists', 25);
  other = await createTenant(database, 'lists-other', 3);
  rest = restAs(server, tenant.apiKey);
  const { body } = await rest('GET', '/projects?limit=5');
  for (const { id } of body.data) await rest('POST', `/projects/${id}/archive`);
  leadId = body.data[0].lead_id;
});

/** All pages, one after the other. */
async function pages(path: string): Promise<RestAnswer['body'][]> {
  const all = [];
  let cursor: string | null = null;
  do {
    const { status, body }: RestAnswer = await rest('GET', path + (cursor ? `&cursor=${cursor}` : ''));
    expect(status).toBe(200);
    all.push(body);
    cursor = body.next_cursor;
    expect(body.has_more).toBe(cursor !== null);
  } while (cursor);
  return all;
}

const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('a list', () => {
  it('comes page by page, latest first, each row once', async () => {
    const all = await pages('/projects?limit=10');
    expect(all.map(({ data }) => data.length)).toEqual([10, 10, 5]);
    const rows = all.flatMap(({ data }) => data);
    expect(names(rows)).toEqual(Array.from({ length: 25 }, (_, n) => `lists ${25 - n}`));
    // a page that is full and the last
    expect((await rest('GET', '/projects?limit=25')).body).toMatchObject({
      has_more: false,
      next_cursor: null,
    });
  });

  it('goes on where it was although rows come and go meanwhile', async () => {
    const { body: first } = await rest('GET', '/projects?limit=3&sort=id');
    const { body: made } = await rest('POST', '/projects', { body: { name: 'late' } });
    await rest('DELETE', `/projects/${first.data[2].id}`);
    const { body: second } = await rest('GET', `/projects?limit=3&sort=id&cursor=${first.next_cursor}`);
    expect(names(second.data)).toEqual(['lists 4', 'lists 5', 'lists 6']);
    await rest('DELETE', `/projects/${made.id}`);
  });

  it('is ordered by what an index orders, forth and back', async () => {
    const forth = (await pages('/projects?limit=7&sort=status')).flatMap(({ data }) => data);
    const back = (await pages('/projects?limit=7&sort=-status')).flatMap(({ data }) => data);
    expect(forth.map(({ status }) => status)).toEqual([
      ...Array(19).fill('active'),
      ...Array(5).fill('archived'),
    ]);
    expect(back.map(({ id }) => id)).toEqual(forth.map(({ id }) => id).reverse());
    expect(new Set(forth.map(({ id }) => id)).size).toBe(24);
  });

  it('is filtered by what an index finds', async () => {
    const count = async (query: string) =>
      (await rest('GET', `/projects?limit=100&${query}`)).body.data.length;
    expect(await count('status=archived')).toBe(5);
    expect(await count('status[in]=archived,active')).toBe(24);
    expect(await count(`lead_id=${leadId}`)).toBe(24);
    expect(await count(`lead_id=${randomUUID()}`)).toBe(0);
    expect(await count('lead_id[null]=true')).toBe(0);
    expect(await count('lead_id[null]=false&status=archived')).toBe(5);
    const filtered = await pages('/projects?limit=2&status=archived');
    expect(filtered.map(({ data }) => data.length)).toEqual([2, 2, 1]);
  });

  it('shows the fields that are asked for, and what they refer to when it is expanded', async () => {
    const { body: sparse } = await rest('GET', '/projects?limit=1&fields=name,id');
    expect(Object.keys(sparse.data[0]).sort()).toEqual(['id', 'name']);
    const { body: expanded } = await rest('GET', '/projects?limit=2&expand=lead');
    expect(expanded.data[0].lead).toMatchObject({ id: leadId, role: 'owner', status: 'active' });
    expect(expanded.data[0]).toMatchObject({ lead_id: leadId, version: 2 });
    const { body: both } = await rest('GET', '/projects?limit=2&fields=name,lead.email');
    expect(both.data[0]).toEqual({ name: 'lists 25', lead: { email: 'lists@example.com' } });
    const item = await rest('GET', `/projects/${expanded.data[0].id}?expand=lead&fields=id,lead.name`);
    expect(item.body).toEqual({ id: expanded.data[0].id, lead: { name: 'lists' } });
    // its lead may change while its version stays
    expect(item.headers.get('etag')).toBeNull();
    const nobody = await rest('POST', '/projects', { body: { name: 'nobody leads' } });
    expect((await rest('GET', `/projects/${nobody.body.id}?expand=lead`)).body.lead).toBeNull();
    await rest('DELETE', `/projects/${nobody.body.id}`);
  });

  it('asks the database once, whatever it expands', async () => {
    await rest('GET', '/projects?limit=100&expand=lead', { headers: { 'x-request-id': 'how-many-queries' } });
    const line = server.lines.find(({ request_id }) => request_id === 'how-many-queries');
    expect(line).toMatchObject({ db_queries: 1, route: '/v1/projects', status_code: 200 });
  });

  it.each([
    ['limit=0', 'limit', 'out_of_range'],
    ['limit=101', 'limit', 'out_of_range'],
    ['limit=x', 'limit', 'out_of_range'],
    ['limit=1&limit=2', 'limit', 'repeated'],
    ['cursor=abc', 'cursor', 'invalid_cursor'],
    ['sort=name', 'sort', 'unknown_order'],
    ['name=x', 'name', 'unknown_parameter'],
    ['tenant_id=x', 'tenant_id', 'unknown_parameter'],
    ['status=open', 'status', 'invalid_value'],
    ['status[gt]=active', 'status[gt]', 'unknown_operator'],
    ['lead_id=x', 'lead_id', 'invalid_value'],
    ['lead_id[null]=x', 'lead_id[null]', 'invalid_value'],
    ['fields=secret', 'fields', 'unknown_field'],
    ['fields=name.x', 'fields', 'unknown_field'],
    ['expand=tenant', 'expand', 'unknown_field'],
    ['expand=name', 'expand', 'unknown_field'],
    ['expand=lead.a.b.c', 'expand', 'unknown_field'],
    ['__proto__=x', '__proto__', 'unknown_parameter'],
  ])('refuses %s', async (query, parameter, code) => {
    const { status, body } = await rest('GET', `/projects?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_parameter']);
    expect(body.errors).toContainEqual({ parameter, code, detail: expect.any(String) });
  });

  it('takes a cursor of this list, filter, order and tenant alone', async () => {
    const { body } = await rest('GET', '/projects?limit=2&status=active');
    const cursor = body.next_cursor as string;
    expect((await rest('GET', `/projects?limit=7&status=active&cursor=${cursor}`)).status).toBe(200);
    const changed = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const [as, query] of [
      [rest, `/projects?cursor=${cursor}`],
      [rest, `/projects?status=archived&cursor=${cursor}`],
      [rest, `/projects?status=active&sort=id&cursor=${cursor}`],
      [rest, `/projects?status=active&cursor=${changed}`],
      [rest, `/members?cursor=${cursor}`],
      [restAs(server, other.apiKey), `/projects?status=active&cursor=${cursor}`],
    ] as const) {
      const answer = await as('GET', query);
      expect([query, answer.status, answer.body.errors?.[0].code]).toEqual([query, 400, 'invalid_cursor']);
    }
  });

  it('has the rows of the tenant alone', async () => {
    const { body } = await restAs(server, other.apiKey)('GET', '/projects?limit=100');
    expect(names(body.data).sort()).toEqual(['lists-other 1', 'lists-other 2', 'lists-other 3']);
  });
});

describe('beneath a resource', () => {
  it('is what refers to it', async () => {
    const { body: subscriptions } = await rest('GET', '/subscriptions');
    const [{ id }] = subscriptions.data;
    const { body: invoices } = await rest('GET', `/subscriptions/${id}/invoices?expand=subscription`);
    expect(invoices.data).toHaveLength(1);
    expect(invoices.data[0]).toMatchObject({
      subscription_id: id,
      number: 'INV-000001',
      subscription: { id, plan: 'business' },
    });
    const { body: lines } = await rest(
      'GET',
      `/invoices/${invoices.data[0].id}/lines?expand=invoice.subscription`,
    );
    expect(lines.data[0]).toMatchObject({
      amount: 19900,
      invoice: { total: 19900, subscription: { plan: 'business' } },
    });
  });

  it('is nothing where that is not', async () => {
    for (const id of [randomUUID(), 'x']) {
      const { status, body } = await rest('GET', `/invoices/${id}/lines`);
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
    const { body } = await rest('POST', '/webhook_endpoints', {
      body: { url: 'https://receiver.example/hook', event_types: ['project.*'] },
    });
    expect((await rest('GET', `/webhook_endpoints/${body.id}/deliveries`)).body.data).toEqual([]);
    expect(
      (await restAs(server, other.apiKey)('GET', `/webhook_endpoints/${body.id}/deliveries`)).status,
    ).toBe(404);
  });
});

describe('an older version', () => {
  it('is served as it was, says that it ends, and shares the rest with the present one', async () => {
    const headers = { 'freehold-version': '2026-06-01' };
    const now = await rest('GET', '/invoices');
    expect(now.headers.get('freehold-version')).toBe('2026-11-27');
    expect(now.headers.get('deprecation')).toBeNull();
    expect(now.body.data[0]).toMatchObject({ total: 19900 });
    const before = await rest('GET', '/invoices', { headers });
    expect(before.body.data[0]).toMatchObject({ amount_due: 19900, number: 'INV-000001' });
    expect(before.body.data[0]).not.toHaveProperty('total');
    expect(before.headers.get('freehold-version')).toBe('2026-06-01');
    expect(before.headers.get('deprecation')).toBe('@1795737600');
    expect(before.headers.get('sunset')).toBe('Sat, 27 Nov 2027 00:00:00 GMT');
    expect(before.headers.get('link')).toContain('rel="deprecation"');
    const [{ id }] = before.body.data;
    expect(
      (await rest('GET', `/invoices/${id}/lines?expand=invoice`, { headers })).body.data[0].invoice
        .amount_due,
    ).toBe(19900);
    expect((await rest('GET', '/projects?limit=1', { headers })).body.data).toHaveLength(1);
    const none = await rest('GET', '/invoices', { headers: { 'freehold-version': '2020-01-01' } });
    expect([none.status, none.body.code]).toEqual([400, 'unknown_version']);
  });
});
