import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../graphql/server.ts';
import { createTenant, type Tenant } from '../../graphql/tenants.ts';
import { asApiKey, refusal } from '../../support/actors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { plant } from '../../support/leaks.ts';
import { type Rest, restAs } from '../../support/rest.ts';
import { waitUntil } from '../../support/wait.ts';

/* Idempotency keys: however often a request comes, it is done once. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: Tenant;
let rest: Rest;
let strange: Rest;
let otherId: string;

beforeAll(async () => {
  tenant = await createTenant(database, 'once', 0);
  const other = await createTenant(database, 'once-other', 0);
  rest = restAs(server, tenant.apiKey);
  otherId = other.id;
  strange = restAs(server, other.apiKey);
});

const named = (key: string, more: object = {}) => ({ 'idempotency-key': key, ...more });

async function count(name: string): Promise<number> {
  const { rows } = await database.pool('admin').query('select from app.project where name = $1', [name]);
  return rows.length;
}

describe('a request with an idempotency key', () => {
  it('is done once, and answered as it was, status and headers too', async () => {
    const key = randomUUID();
    const post = () => rest('POST', '/projects', { body: { name: 'once' }, headers: named(key) });
    const first = await post();
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    // what happened since is not in it
    await rest('PATCH', `/projects/${first.body.id}`, { body: { description: 'later' } });
    const again = await post();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.body]).toEqual([201, first.body]);
    for (const name of ['location', 'etag']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(await count('once')).toBe(1);
    // the draft's quoted form is the same key
    const quoted = await rest('POST', '/projects', { body: { name: 'once' }, headers: named(`"${key}"`) });
    expect(quoted.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is done once of many that come together; the others are told that it is under way, or how it was answered', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        rest('POST', '/projects', { body: { name: 'together' }, headers: named(key) }),
      ),
    );
    expect(await count('together')).toBe(1);
    for (const { status, body } of answers) {
      if (status === 409) expect(body.code).toBe('request_in_progress');
      else expect(status).toBe(201);
    }
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
  });

  it('is told that it is under way while another one holds the key', async () => {
    const { body: project } = await rest('POST', '/projects', { body: { name: 'held' } });
    const holder = await database.pool('admin').connect();
    await holder.query('begin');
    await holder.query('select from app.project where id = $1 for update', [project.id]);
    const key = randomUUID();
    const patch = () =>
      rest('PATCH', `/projects/${project.id}`, { body: { name: 'changed' }, headers: named(key) });
    try {
      const slow = patch();
      await waitUntil('it waits for the row', async () => {
        const { rows } = await database
          .pool('admin')
          .query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%update "api_v1"%'`,
          );
        return rows.length > 0;
      });
      const meanwhile = await patch();
      expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'request_in_progress']);
      await holder.query('rollback');
      expect((await slow).body).toMatchObject({ name: 'changed', version: 2 });
    } finally {
      holder.release(true);
    }
    expect((await patch()).body).toMatchObject({ name: 'changed', version: 2 });
  });

  it('is refused when the key was used for something else', async () => {
    const key = randomUUID();
    const first = await rest('POST', '/projects', { body: { name: 'mine' }, headers: named(key) });
    for (const [path, body, headers] of [
      ['/projects', { name: 'other' }, {}],
      ['/projects', { name: 'mine' }, { 'freehold-version': '2026-06-01' }],
    ] as const) {
      const answer = await rest('POST', path, { body, headers: named(key, headers) });
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
    }
    // of another route, it is another key
    expect((await rest('POST', `/projects/${first.body.id}/archive`, { headers: named(key) })).status).toBe(
      200,
    );
    expect(
      (await rest('POST', `/projects/${first.body.id}/archive`, { headers: named(key) })).body.status,
    ).toBe('archived');
    // and so of another tenant
    const theirs = await strange('POST', '/projects', { body: { name: 'mine' }, headers: named(key) });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(first.body.id);
  });

  it('of one caller is not answered to another of the same tenant', async () => {
    const key = randomUUID();
    const body = { name: 'k', scopes: ['project:read'] };
    const made = await rest('POST', '/api_keys', { body, headers: named(key) });
    const { body: second } = await rest('POST', '/api_keys', {
      body: { name: 'second', scopes: ['api_key:create', 'project:read'] },
    });
    const answer = await restAs(server, plant(second.secret, 'an API key'))('POST', '/api_keys', {
      body,
      headers: named(key),
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
    plant(made.body.secret, 'an API key');
  });

  it('that failed may be sent again: nothing was done, and nothing is kept', async () => {
    const key = randomUUID();
    const leadId = randomUUID();
    const wrong = await rest('POST', '/projects', {
      body: { name: 'x', lead_id: leadId },
      headers: named(key),
    });
    expect(wrong.status).toBe(422);
    const right = await rest('POST', '/projects', { body: { name: 'x' }, headers: named(key) });
    expect(right.status).toBe(201);
    const nowhere = randomUUID();
    const absent = () => rest('POST', `/projects/${nowhere}/archive`, { headers: named(key) });
    expect([(await absent()).status, (await absent()).status]).toEqual([404, 404]);
  });

  it('is kept together with what it did, or neither is', async () => {
    const key = randomUUID();
    const fingerprint = 'f';
    const project = 'crashed';
    const claim = (client: { query(sql: string, values: unknown[]): Promise<unknown> }) =>
      client.query('select platform.claim_idempotency_key($1, $2, $3)', [
        key,
        'POST /v1/projects',
        fingerprint,
      ]);
    await asApiKey(
      database,
      tenant.apiKey,
      async (client) => {
        await claim(client);
        await client.query('insert into api_v1.projects (name) values ($1)', [project]);
        await client.query('select platform.keep_answer($1, $2, $3, $4, 1, null)', [
          key,
          'POST /v1/projects',
          fingerprint,
          '{}',
        ]);
      },
      { rollback: true },
    );
    expect(await count(project)).toBe(0);
    // the key is free again
    await asApiKey(database, tenant.apiKey, claim);
  });

  it('shows a secret once, and keeps it nowhere', async () => {
    const key = randomUUID();
    const post = () =>
      rest('POST', '/api_keys', { body: { name: 'secret', scopes: ['project:read'] }, headers: named(key) });
    const first = await post();
    const secret = plant(first.body.secret, 'an API key');
    expect((await restAs(server, secret)('GET', '/projects')).status).toBe(200);
    const again = await post();
    expect(again.status).toBe(201);
    expect(again.body).toEqual({ ...first.body, secret: null });
    const { rows } = await database
      .pool('admin')
      .query('select answer from platform.idempotency_key where key = $1', [key]);
    expect(rows[0].answer).not.toContain(secret);
    // a signing secret is kept sealed, and is shown again
    const hook = () =>
      rest('POST', '/webhook_endpoints', {
        body: { url: 'https://receiver.example/x' },
        headers: named(key),
      });
    const made = await hook();
    plant(made.body.secret, 'a signing secret');
    expect((await hook()).body).toEqual(made.body);
    const kept = await database
      .pool('admin')
      .query('select answer from platform.idempotency_key where key = $1', [key]);
    expect(JSON.stringify(kept.rows)).not.toContain('whsec_');
  });

  it('is forgotten after 24 hours', async () => {
    const key = randomUUID();
    const post = () => rest('POST', '/projects', { body: { name: 'daily' }, headers: named(key) });
    const first = await post();
    const age = (hours: number) =>
      database
        .pool('admin')
        .query(
          `update platform.idempotency_key set created_at = now() - make_interval(hours => $2) where key = $1`,
          [key, hours],
        );
    await age(23);
    expect((await post()).body.id).toBe(first.body.id);
    await age(25);
    const anew = await post();
    expect(anew.headers.get('idempotency-replayed')).toBeNull();
    expect(anew.body.id).not.toBe(first.body.id);
    await age(25);
    await database.pool('worker').query('select platform.forget_idempotency_keys()');
    const { rows } = await database
      .pool('admin')
      .query('select from platform.idempotency_key where key = $1', [key]);
    expect(rows).toEqual([]);
  });

  it.each(['', 'x'.repeat(256), 'a b'])('%j is no key', async (key) => {
    const { status, body } = await rest('POST', '/projects', { body: { name: 'x' }, headers: named(key) });
    expect([status, body.code]).toEqual([400, 'invalid_idempotency_key']);
  });

  it('cannot be kept for another tenant by arbitrary SQL', async () => {
    const keep = `select platform.keep_answer('k', 'r', 'f', '{}', 1, null)`;
    const work = async (client: PoolClient) => {
      await client.query(keep);
      const { rows } = await client.query(`select * from platform.kept_answer('k', 'r', 'f')`);
      expect(rows).toHaveLength(1);
      await client.query(`select set_config('freehold.tenant_id', $1, true)`, [otherId]);
      expect((await client.query(`select * from platform.kept_answer('k', 'r', 'f')`)).rows).toEqual([]);
      expect((await refusal(client, keep)).code).toBe('ZF002');
    };
    await asApiKey(database, tenant.apiKey, work, { rollback: true });
  });
});
