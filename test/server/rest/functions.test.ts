import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import { createTenant, type Tenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { plant } from '../../support/leaks.ts';
import { type Rest, restAs } from '../../support/rest.ts';
import { waitUntil } from '../../support/wait.ts';

/* Functions of the contract: what is more than a change of columns. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: Tenant;
let other: Tenant;
let rest: Rest;

beforeAll(async () => {
  tenant = await createTenant(database, 'functions', 3);
  other = await createTenant(database, 'functions-other', 3);
  rest = restAs(server, tenant.apiKey);
});

describe('a webhook endpoint', () => {
  it('is made with its secret, which is shown this once, and is changed, tested, replayed and disabled', async () => {
    const made = await rest('POST', '/webhook_endpoints', {
      body: { url: 'https://receiver.example/hook', event_types: ['project.*'], description: null },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      url: 'https://receiver.example/hook',
      event_types: ['project.*'],
      status: 'enabled',
      description: '',
    });
    expect(plant(made.body.secret, 'a signing secret')).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const at = `/webhook_endpoints/${made.body.id}`;
    expect(made.headers.get('location')).toBe(`/v1${at}`);
    expect((await rest('GET', at)).body).not.toHaveProperty('secret');
    expect((await rest('PATCH', at, { body: { rate_limit: 5, event_types: ['*'] } })).body).toMatchObject({
      rate_limit: 5,
      event_types: ['*'],
    });
    const rotated = await rest('POST', `${at}/signing_keys`, { body: { grace_hours: 1 } });
    expect(rotated.status).toBe(201);
    plant(rotated.body.secret, 'a signing secret');
    expect(rotated.body).toMatchObject({
      scheme: 'v1',
      endpoint_id: made.body.id,
      former_expires_at: expect.any(String),
    });
    expect((await rest('GET', `${at}/signing_keys`)).body.data).toHaveLength(2);
    const header = await rest('PUT', `${at}/headers/X-Token`, {
      body: { value: plant('a header of the owner', 'a header') },
    });
    expect(header.body).toMatchObject({ name: 'x-token', endpoint_id: made.body.id });
    expect(header.body).not.toHaveProperty('sealed_value');
    expect(
      (await rest('PUT', `${at}/headers/x-token`, { body: { value: 'ü' } })).body.errors[0].pointer,
    ).toBe('/value');
    expect((await rest('DELETE', `${at}/headers/x-token`)).status).toBe(204);
    expect((await rest('DELETE', `${at}/headers/x-token`)).status).toBe(404);
    const tested = await rest('POST', `${at}/test`, { body: { message: 'hello' } });
    expect(tested.body).toMatchObject({ endpoint_id: made.body.id, status: 'pending' });
    const { body: deliveries } = await rest('GET', `${at}/deliveries?expand=event&fields=status,event.type`);
    expect(deliveries.data).toContainEqual({ status: 'pending', event: { type: 'webhook_endpoint.tested' } });
    const statistics = await rest('GET', `${at}/statistics?hours=1`);
    expect(statistics.body).toMatchObject({ attempts: 0, success_rate: null });
    expect(statistics.body.backlog).toBeGreaterThan(0);
    expect((await rest('GET', `${at}/statistics?hours=x`)).body.errors[0]).toMatchObject({
      parameter: 'hours',
    });
    expect((await restAs(server, other.apiKey)('GET', `${at}/statistics`)).status).toBe(404);
    const replay = await rest('POST', '/webhook_replays', {
      body: { endpoint_id: made.body.id, since: '2026-01-01T00:00:00Z' },
    });
    expect(replay.body).toMatchObject({ status: 'running', failed_only: false });
    expect((await rest('POST', `/webhook_replays/${replay.body.id}/cancel`)).body.status).toBe('canceled');
    const again = await rest('POST', `/deliveries/${tested.body.id}/resend`);
    expect(again.body).toMatchObject({ id: tested.body.id, status: 'pending' });
    expect((await rest('POST', `${at}/disable`)).body.status).toBe('disabled');
  });
});

describe('an API key', () => {
  it('is made with some of the permissions of its maker, renamed, rotated and revoked', async () => {
    const body = {
      name: 'ours',
      scopes: ['project:read', 'api_key:create', 'api_key:read'],
      allowed_networks: ['127.0.0.0/8'],
    };
    const made = await rest('POST', '/api_keys', { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...body, status: 'active' });
    const own = restAs(server, plant(made.body.secret, 'an API key'));
    const more = await own('POST', '/api_keys', { body: { name: 'more', scopes: ['project:create'] } });
    expect([more.status, more.body.code]).toEqual([403, 'permission_denied']);
    expect((await rest('PATCH', `/api_keys/${made.body.id}`, { body: { name: 'renamed' } })).body.name).toBe(
      'renamed',
    );
    const rotated = await rest('POST', `/api_keys/${made.body.id}/rotate`, { body: { grace_hours: 0 } });
    expect(rotated.status).toBe(201);
    expect(rotated.headers.get('location')).toBe(`/v1/api_keys/${rotated.body.id}`);
    plant(rotated.body.secret, 'an API key');
    expect((await own('GET', '/projects')).status).toBe(401);
    expect((await rest('POST', `/api_keys/${rotated.body.id}/revoke`)).body.status).toBe('revoked');
  });

  it('that may make keys and not read them is shown the secret and the id', async () => {
    const { body: maker } = await rest('POST', '/api_keys', {
      body: { name: 'maker', scopes: ['api_key:create'] },
    });
    const made = await restAs(server, plant(maker.secret, 'an API key'))('POST', '/api_keys', {
      body: { name: 'made', scopes: ['api_key:create'] },
    });
    expect(made.status).toBe(201);
    plant(made.body.secret, 'an API key');
    expect(Object.keys(made.body).sort()).toEqual(['id', 'secret']);
  });
});

describe('the change feed', () => {
  it('goes on from its cursor with what happened since, and is of the tenant alone', async () => {
    const all: { id: string; type: string }[] = [];
    let cursor = '';
    const poll = async (limit: number) => {
      const { status, body } = await rest('GET', `/events?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      all.push(...body.data);
      cursor = body.next_cursor;
      return body;
    };
    await waitUntil(
      'nothing is held back',
      async () => {
        const body = await poll(2);
        return !body.has_more && body.held_back_since === null;
      },
      60_000,
    );
    const { rows } = await database
      .pool('admin')
      .query('select id from app.event where tenant_id = $1 order by xid, id', [tenant.id]);
    expect(all.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect((await poll(100)).data).toEqual([]);
    const { body: made } = await rest('POST', '/projects', { body: { name: 'news' } });
    const news = await waitUntil(
      'it is told',
      async () => {
        const body = await poll(100);
        return body.data.length > 0 ? body.data : undefined;
      },
      60_000,
    );
    expect(news).toMatchObject([
      {
        type: 'project.created',
        entity_id: made.id,
        data: made,
        actor_type: 'api_key',
        actor_id: tenant.apiKeyId,
      },
    ]);
    expect(news[0]).not.toHaveProperty('xid');
    const strange = await restAs(server, other.apiKey)('GET', `/events?cursor=${cursor}`);
    expect(strange.body.errors[0].code).toBe('invalid_cursor');
  });

  it('shows the types that are asked for', async () => {
    const { body } = await rest('GET', '/events?limit=100&types=invoice.*,subscription.created');
    expect(new Set(body.data.map(({ type }: { type: string }) => type.split('.')[0]))).toEqual(
      new Set(['invoice', 'subscription']),
    );
    const wrong = await rest('GET', '/events?types=no.such');
    expect([wrong.status, wrong.body.code]).toEqual([422, 'invalid_argument']);
    expect((await rest('GET', `/events/${body.data[0].id}`)).body).toEqual(body.data[0]);
  });

  it('is read as an audit trail too, the latest first, with names', async () => {
    const { body } = await rest('GET', '/audit_trail?limit=5');
    expect(body.data[0]).toMatchObject({ actor_type: 'api_key', actor_name: 'test' });
    const [{ entity_id }] = body.data;
    const { body: own } = await rest('GET', `/audit_trail?entity_id=${entity_id}`);
    expect(own.data.every((row: { entity_id: string }) => row.entity_id === entity_id)).toBe(true);
  });
});

describe('what else there is', () => {
  it('is plans, types of events, the tenant, and use', async () => {
    expect((await rest('GET', '/plans/team')).body).toMatchObject({
      key: 'team',
      entitlements: { seats: 10 },
    });
    expect((await rest('GET', '/plans')).body.data.map(({ key }: { key: string }) => key)).toEqual([
      'business',
      'enterprise',
      'free',
      'team',
    ]);
    expect((await rest('GET', '/event_types/project.archived')).body.entity).toBe('project');
    const used = await rest('POST', '/usage', { body: { feature: 'search', quantity: 3 } });
    expect([used.status, used.body]).toEqual([200, { feature: 'search', quantity: 3 }]);
    expect((await rest('GET', '/usage?feature=search')).body.data).toEqual([
      { feature: 'search', day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), quantity: 3 },
    ]);
    const { body: tenants } = await rest('GET', '/tenants');
    expect(tenants.data).toMatchObject([{ id: tenant.id }]);
    expect((await rest('GET', '/members?fields=email')).body.data).toEqual([
      { email: 'functions@example.com' },
    ]);
  });

  it('changes the tenant only in a version that is said', async () => {
    const blind = await rest('PATCH', `/tenants/${tenant.id}`, { body: { name: 'New name' } });
    expect([blind.status, blind.body.code]).toEqual([428, 'precondition_required']);
    const etag = (await rest('GET', `/tenants/${tenant.id}`)).headers.get('etag') as string;
    const seen = await rest('PATCH', `/tenants/${tenant.id}`, {
      body: { name: 'New name' },
      headers: { 'if-match': etag },
    });
    expect([seen.status, seen.body.name]).toEqual([200, 'New name']);
  });

  it('takes a subscription to another plan', async () => {
    const { body } = await rest('GET', '/subscriptions');
    const up = await rest('POST', `/subscriptions/${body.data[0].id}/upgrade`, {
      body: { plan: 'enterprise' },
    });
    expect([up.status, up.body.plan]).toEqual([200, 'enterprise']);
    const none = await rest('POST', `/subscriptions/${body.data[0].id}/upgrade`, { body: { plan: 'none' } });
    expect([none.status, none.body.code]).toEqual([422, 'invalid_argument']);
    expect((await rest('POST', `/subscriptions/${body.data[0].id}/upgrade`)).body.code).toBe('invalid_json');
  });
});
