import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../runtime/log.ts';
import { createRateLimitStore } from '../../../server/rest/rate-limit-store.ts';
import type { RateLimitStore } from '../../../server/rest/rate-limits.ts';
import { startServer } from '../../graphql/server.ts';
import { createTenant } from '../../graphql/tenants.ts';
import { createTestDatabase } from '../../support/database.ts';
import { plant } from '../../support/leaks.ts';
import { startRedis } from '../../support/redis.ts';
import { restAs } from '../../support/rest.ts';

/* On what terms a tenant uses the API: how often, and from which web pages. */
const database = await createTestDatabase();
const server = await startServer(database, { origins: ['https://own.example'] });

/** The limits of the plan, for this file: those of the catalogue are too high to reach in a test. */
await database.pool('admin').query(
  `update catalog.plan_entitlement set value = case key when 'api_requests' then 12 else 5 end
   where plan = 'business' and key in ('api_requests', 'api_key_requests')`,
);

const redis = await startRedis();
/** As a server makes it of its configuration. */
const storeOf = (store: RateLimitStore['kind']) => (gate: Pool) =>
  createRateLimitStore(
    { store, redisUrl: redis?.url },
    gate,
    createLogger({ level: 'silent', format: 'json' }, 'server'),
  );

describe.each([
  ['in the server', server],
  ['in PostgreSQL', await startServer(database, { rateLimitStore: storeOf('postgres') })],
  ...(redis
    ? [['in Redis', await startServer(database, { rateLimitStore: storeOf('redis') })] as const]
    : []),
] as const)('requests that are counted %s', (where, counting) => {
  it('are limited for each key, and for all keys of the tenant', async () => {
    const tenant = await createTenant(database, `limits-${where.replace(/\W/g, '')}`.toLowerCase(), 0);
    const first = restAs(counting, tenant.apiKey);
    const made = await first('POST', '/api_keys', {
      body: { name: 'k', scopes: ['project:read', 'api_key:create'] },
    });
    const others = [restAs(counting, plant(made.body.secret, 'an API key'))];
    const more = await first('POST', '/api_keys', { body: { name: 'k', scopes: ['project:read'] } });
    others.push(restAs(counting, plant(more.body.secret, 'an API key')));
    expect(made.headers.get('ratelimit-policy')).toBe('"tenant";q=12;w=60, "key";q=5;w=60');
    expect(made.headers.get('ratelimit')).toMatch(/^"tenant";r=11;t=\d+, "key";r=4;t=\d+$/);
    for (let n = 0; n < 3; n++) expect((await first('GET', '/projects')).status).toBe(200);
    const refused = await first('GET', '/projects');
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    expect(refused.headers.get('ratelimit')).toMatch(/"key";r=0;t=\d+$/);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    // another key has its own, until the tenant's are used up: six were
    for (let n = 0; n < 5; n++) expect((await others[0]?.('GET', '/projects'))?.status).toBe(200);
    expect((await others[1]?.('GET', '/projects'))?.status).toBe(200);
    const all = await others[1]?.('GET', '/projects');
    expect([all?.status, all?.headers.get('ratelimit')]).toEqual([
      429,
      expect.stringMatching(/^"tenant";r=0;/),
    ]);
    // of another tenant, nothing is used
    const other = await createTenant(database, `calm-${where.replace(/\W/g, '')}`.toLowerCase(), 0);
    expect((await restAs(counting, other.apiKey)('GET', '/projects')).status).toBe(200);
  });
});

describe.skipIf(!redis)('a store that is gone', () => {
  it('lets requests in', async () => {
    const tenant = await createTenant(database, 'no-store', 0);
    const gone = await startRedis();
    const rest = restAs(
      await startServer(database, {
        rateLimitStore: (gate) =>
          createRateLimitStore(
            { store: 'redis', redisUrl: gone?.url },
            gate,
            createLogger({ level: 'silent', format: 'json' }, 'server'),
          ),
      }),
      tenant.apiKey,
    );
    expect((await rest('GET', '/projects')).headers.get('ratelimit')).not.toBeNull();
    await gone?.stop();
    const { status, headers } = await rest('GET', '/projects');
    expect([status, headers.get('ratelimit')]).toEqual([200, null]);
  });
});

describe('a plan without limits', () => {
  it('tells of none', async () => {
    const tenant = await createTenant(database, 'endless', 0);
    const rest = restAs(server, tenant.apiKey);
    const { body } = await rest('GET', '/subscriptions');
    await rest('POST', `/subscriptions/${body.data[0].id}/upgrade`, { body: { plan: 'enterprise' } });
    // the terms are kept for some seconds: another server does not know them yet
    const other = restAs(await startServer(database), tenant.apiKey);
    const { status, headers } = await other('GET', '/projects');
    expect([status, headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([200, null, null]);
  });
});

describe('a web page', () => {
  it('of an origin that the tenant named may call, and of any other is refused before anything is done', async () => {
    const tenant = await createTenant(database, 'pages', 0);
    const rest = restAs(server, tenant.apiKey);
    const etag = (await rest('GET', `/tenants/${tenant.id}`)).headers.get('etag') as string;
    const named = await rest('PATCH', `/tenants/${tenant.id}`, {
      body: { allowed_origins: ['https://app.partner.example'] },
      headers: { 'if-match': etag },
    });
    expect(named.body.allowed_origins).toEqual(['https://app.partner.example']);
    // the terms are kept for some seconds: another server does not know them yet
    const other = restAs(await startServer(database, { origins: ['https://own.example'] }), tenant.apiKey);
    const as = (origin: string) => other('GET', '/projects', { headers: { origin } });
    const allowed = await as('https://app.partner.example');
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.partner.example');
    expect(allowed.headers.get('access-control-expose-headers')).toContain('etag');
    expect(allowed.headers.get('vary')).toContain('origin');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await as('https://own.example')).status).toBe(200);
    const refused = await other('POST', '/projects', {
      body: { name: 'x' },
      headers: { origin: 'https://evil.example' },
    });
    expect([refused.status, refused.body.code]).toEqual([403, 'origin_not_allowed']);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    const { rows } = await database
      .pool('admin')
      .query('select from app.project where tenant_id = $1', [tenant.id]);
    expect(rows).toEqual([]);
  });

  it('is told in a preflight what an address takes, without being known', async () => {
    const answer = await restAs(server, undefined)('OPTIONS', '/projects', {
      headers: { origin: 'https://any.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://any.example');
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS, POST');
    expect(answer.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  });

  it.each([
    'app.example.com',
    'https://app.example.com/',
    'https://*.example.com',
    'null',
    'https://App.example',
  ])('%j is no origin', async (origin) => {
    const tenant = await createTenant(database, `origin-${Math.random().toString(36).slice(2)}`, 0);
    const { status, body } = await restAs(server, tenant.apiKey)('PATCH', `/tenants/${tenant.id}`, {
      body: { allowed_origins: [origin] },
      headers: { 'if-match': '*' },
    });
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'invalid_value', '/allowed_origins']);
  });
});
