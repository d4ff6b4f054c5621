import { beforeAll, describe, expect, it } from 'vitest';
import { asApiKey, asMember, asOperator, asSystem, asTenant, refusalOf } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
let tenant: FullTenant;

beforeAll(async () => {
  [tenant] = (await createFullTenants(database, 1)) as [FullTenant];
});

async function eventsOf(id: string): Promise<Record<string, unknown>[]> {
  const { rows } = await admin.query(
    'select * from app.event where entity_id = $1 order by entity_version, id',
    [id],
  );
  return rows;
}

const count = async () => Number((await admin.query('select count(*) from app.event')).rows[0].count);

describe('each change', () => {
  it('is one event, of its row as it is then, with what it was before', async () => {
    const { rows } = await asTenant(database, tenant, (client) =>
      client.query(`insert into app.project (name, description) values ('one', 'first') returning id`),
    );
    const { id } = rows[0];
    await asTenant(database, tenant, (client) =>
      client.query(`update app.project set name = 'uno', description = 'first' where id = $1`, [id]),
    );
    await asTenant(database, tenant, (client) => client.query('select app.archive_project($1)', [id]));
    const events = await eventsOf(id);
    expect(
      events.map(({ type, entity, entity_version, previous }) => ({
        type,
        entity,
        entity_version,
        previous,
      })),
    ).toEqual([
      { type: 'project.created', entity: 'project', entity_version: 1, previous: null },
      { type: 'project.updated', entity: 'project', entity_version: 2, previous: { name: 'one' } },
      { type: 'project.archived', entity: 'project', entity_version: 3, previous: { status: 'active' } },
    ]);
    expect(events[2]?.data).toMatchObject({
      id,
      name: 'uno',
      description: 'first',
      status: 'archived',
      version: 3,
    });
  });

  it('of several rows in one statement is one event a row', async () => {
    const before = await count();
    await asTenant(database, tenant, async (client) => {
      await client.query(`insert into app.project (name) select 'many ' || n from generate_series(1, 5) n`);
      await client.query(`update app.project set description = 'all' where name like 'many %'`);
    });
    expect(await count()).toBe(before + 10);
  });

  it('that changes nothing is none', async () => {
    const before = await count();
    await asTenant(database, tenant, (client) =>
      client.query('update app.project set name = name, version = version'),
    );
    expect(await count()).toBe(before);
  });

  it('that is rolled back leaves none, also by a savepoint', async () => {
    const before = await count();
    await asTenant(
      database,
      tenant,
      (client) => client.query(`insert into app.project (name) values ('never')`),
      { rollback: true },
    );
    await asTenant(database, tenant, async (client) => {
      await client.query(
        `savepoint s; insert into app.project (name) values ('never'); rollback to savepoint s`,
      );
    });
    expect(await count()).toBe(before);
  });

  it('stands at the transaction that made it or behind, and is of its time', async () => {
    const xid = await asTenant(database, tenant, async (client) => {
      const { rows } = await client.query(
        `insert into app.project (name) values ('timed') returning pg_current_xact_id()::text as xid`,
      );
      return rows[0].xid;
    });
    const { rows } = await admin.query(
      `select xid >= $1::xid8 as behind, abs(extract(epoch from occurred_at - uuid_extract_timestamp(id))) < 1 as timely
       from app.event where data ->> 'name' = 'timed'`,
      [xid],
    );
    expect(rows).toEqual([{ behind: true, timely: true }]);
  });
});

describe('an event tells who did it', () => {
  const name = (of: string) => `insert into app.project (name) values ('by ${of}')`;
  const actor = async (of: string) => {
    const { rows } = await admin.query(
      `select actor_type, actor_id, impersonator_id, request_id, traceparent from app.event where data ->> 'name' = $1`,
      [`by ${of}`],
    );
    expect(rows).toHaveLength(1);
    return rows[0];
  };

  it('a member, with the request and its trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await asMember(database, tenant, 'member', (client) => client.query(name('member')), {
      requestId: 'request-1',
      traceparent,
    });
    expect(await actor('member')).toEqual({
      actor_type: 'member',
      actor_id: tenant.members.get('member')?.id,
      impersonator_id: null,
      request_id: 'request-1',
      traceparent,
    });
  });

  it('an API key', async () => {
    await asApiKey(database, tenant.apiKey, (client) => client.query(name('key')));
    expect(await actor('key')).toMatchObject({
      actor_type: 'api_key',
      actor_id: tenant.ids.api_key,
      request_id: null,
      traceparent: null,
    });
  });

  it('the system, which is also on record as having entered', async () => {
    await asSystem(database, tenant.id, (client) => client.query(name('system')), { requestId: 'job-1' });
    expect(await actor('system')).toMatchObject({
      actor_type: 'system',
      actor_id: null,
      request_id: 'job-1',
    });
    const { rows } = await admin.query(
      `select login, reason from platform.system_entry where tenant_id = $1 order by id desc limit 1`,
      [tenant.id],
    );
    expect(rows).toEqual([{ login: 'freehold_worker', reason: 'test' }]);
  });

  it('an operator in psql, who has no context', async () => {
    await admin.query(`update app.project set name = 'by operator' where id = $1`, [tenant.ids.project]);
    expect(await actor('operator')).toMatchObject({ actor_type: 'operator', actor_id: null });
  });

  it('an impersonator beside the member', async () => {
    const member = tenant.members.get('member')?.id;
    const support = tenant.members.get('owner')?.id;
    const { rows } = await admin.query(
      `select claims, signature from platform.sign_context($1, $2, now() + interval '1 minute', $3, '{project:read,project:create}')`,
      [tenant.id, member, support],
    );
    const client = await database.pool('app').connect();
    try {
      await client.query('begin');
      await client.query(
        `select set_config('role', 'freehold_user', true), set_config('freehold.tenant_id', $1, true), set_config('freehold.claims', $2, true), set_config('freehold.signature', $3, true)`,
        [tenant.id, rows[0].claims, rows[0].signature],
      );
      await client.query(name('impersonator'));
      await client.query('commit');
    } finally {
      client.release();
    }
    expect(await actor('impersonator')).toMatchObject({
      actor_type: 'member',
      actor_id: member,
      impersonator_id: support,
    });
  });

  it('and cuts what is too long to be kept', async () => {
    await asTenant(database, tenant, (client) => client.query(name('long')), {
      requestId: 'r'.repeat(5000),
      traceparent: 't'.repeat(5000),
    });
    const { request_id, traceparent } = await actor('long');
    expect([request_id.length, traceparent.length]).toEqual([200, 100]);
  });
});

describe('what is hidden', () => {
  it('is in no event: not the secrets of keys, endpoints and sessions, nor any hidden column', async () => {
    const { rows: hidden } = await admin.query(
      `select e.name, h as column from platform.entity e, jsonb_array_elements_text(e.declaration -> 'hidden') h where e.kind = 'entity'`,
    );
    const { rows } = await admin.query('select entity, data, previous from app.event where tenant_id = $1', [
      tenant.id,
    ]);
    const text = JSON.stringify(rows);
    for (const secret of [
      tenant.apiKey,
      tenant.apiKey.slice(20),
      tenant.members.get('owner')?.session ?? '',
    ]) {
      expect(text).not.toContain(secret);
    }
    const { rows: secrets } = await admin.query(
      `select sealed_key as secret, encode(convert_to(sealed_key, 'UTF8'), 'hex') as hex from app.webhook_signing_key
       union all select encode(hash, 'base64'), encode(hash, 'hex') from identity.api_key_secret`,
    );
    expect(secrets.length).toBeGreaterThan(1);
    for (const { secret, hex } of secrets) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(hex);
    }
    for (const { name, column } of hidden) {
      const shown = rows.filter(
        (row) => row.entity === name && (column in row.data || column in (row.previous ?? {})),
      );
      expect(shown).toEqual([]);
    }
    expect(rows.filter(({ data }) => 'tenant_id' in data)).toEqual([]);
  });
});

describe('the data of every event', () => {
  it('is as the schema of its type says', async () => {
    const { rows } = await admin.query('select distinct type from app.event');
    expect(rows.length).toBeGreaterThan(15);
    expect(await database.checkEvents()).toBeGreaterThan(15);
  });

  it('has a type that was declared, or is not recorded', async () => {
    const { code } = await refusalOf(
      asOperator(database, tenant.id, (client) =>
        client.query(`select platform.record_event('project.exploded', 'project', uuidv7(), '{}')`),
      ),
    );
    expect(code).toBe('ZF013');
  });
});
