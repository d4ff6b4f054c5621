import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { asApiKey, asMember, type asTenant, refusal } from '../support/actors.ts';
import { apiKeyOf } from '../support/api-key-of.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant, roles } from '../support/tenants.ts';

const database = await createTestDatabase();
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database, { members: roles.slice(1), paid: true });
});

/** Verbs that requests call with an id and nothing else, with the permission that each needs. */
async function verbs(): Promise<{ call: string; permission: string }[]> {
  const { rows } = await database.pool('admin').query(
    `select distinct format('select app.%s_%s($1%s)', t.name, t.entity, case when (t.entity, t.name) = ('report', 'fail') then ', ''x''' else '' end) as call,
       t.entity || ':' || t.name as permission
     from platform.transition t where (t.entity, t.name) <> ('invitation', 'accept')
     union all
     select format('select app.%s_subscription($1, ''free'')', v), 'subscription:' || v from unnest('{upgrade,downgrade}'::text[]) v
     union all
     select 'select app.renew_subscription($1)', 'subscription:renew'
     union all
     select 'select app.resend_delivery($1)', 'delivery:resend'
     union all
     select 'select app.report_content($1)', 'report:read'
     order by 2`,
  );
  return rows;
}

/** What each verb answers to an id that does not exist: ZF004 to who may, ZF003 to who may not. */
async function answers(as: (work: Parameters<typeof asTenant>[2]) => Promise<unknown>): Promise<string[]> {
  const allowed: string[] = [];
  const all = await verbs();
  await as(async (client) => {
    for (const { call, permission } of all) {
      const { code, detail } = await refusal(client, call, [randomUUID()]);
      if (code === 'ZF004') allowed.push(permission);
      else
        expect([permission, code, detail]).toEqual([
          permission,
          'ZF003',
          expect.stringContaining(permission),
        ]);
    }
  });
  return allowed;
}

async function permissionsOf(role: string): Promise<string[]> {
  const { rows } = await database
    .pool('admin')
    .query('select platform.permissions_of($1) as permissions', [role]);
  return rows[0].permissions;
}

describe('a member in the role', () => {
  it.each(roles)('%s may call just the verbs that declarations give to the role', async (role) => {
    const permissions = await permissionsOf(role);
    const expected = (await verbs())
      .map(({ permission }) => permission)
      .filter((p) => permissions.includes(p));
    expect(await answers((work) => asMember(database, tenant, role, work))).toEqual(expected);
  });

  it('owner holds all that any role holds, and never what is left to the system', async () => {
    const owner = await permissionsOf('owner');
    for (const role of roles) {
      for (const permission of await permissionsOf(role)) expect(owner).toContain(permission);
    }
    const { rows } = await database
      .pool('admin')
      .query(
        `select e.name || ':' || p.key as permission from platform.entity e, jsonb_each(e.declaration -> 'permissions') p where p.value = '[]'`,
      );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ permission }) => owner.includes(permission))).toEqual([]);
  });

  it('viewer changes nothing', async () => {
    const permissions = await permissionsOf('viewer');
    expect(permissions.filter((permission) => !permission.endsWith(':read'))).toEqual([]);
  });
});

describe('an API key', () => {
  it('may do what its scopes say and nothing else', async () => {
    const scopes = ['project:archive', 'project:read'];
    const secret = await apiKeyOf(database, tenant, scopes);
    expect(await answers((work) => asApiKey(database, secret, work))).toEqual(['project:archive']);
    await asApiKey(database, secret, async (client) => {
      expect((await refusal(client, `insert into app.project (name) values ('x')`)).code).toBe('42501');
      expect((await client.query('select from app.membership')).rowCount).toBe(0);
    });
  });

  it('cannot be given what its maker does not hold', async () => {
    await asMember(database, tenant, 'admin', async (client) => {
      const { code, detail } = await refusal(
        client,
        `select app.create_api_key('key', '{subscription:upgrade}')`,
      );
      expect([code, detail]).toEqual(['ZF003', 'Not yours to give: subscription:upgrade.']);
    });
  });
});

describe('a role', () => {
  it('is given and taken by those alone who hold as much', async () => {
    await asMember(
      database,
      tenant,
      'admin',
      async (client) => {
        const change = 'update app.membership set role = $1 where id = $2';
        const id = (role: 'owner' | 'admin' | 'member' | 'viewer' | 'billing') =>
          tenant.members.get(role)?.id;
        for (const [role, member] of [
          ['owner', id('viewer')],
          ['owner', id('admin')],
          ['billing', id('viewer')],
          ['viewer', id('owner')],
          ['viewer', id('billing')],
        ]) {
          expect([role, (await refusal(client, change, [role, member])).code]).toEqual([role, 'ZF003']);
        }
        for (const member of [id('owner'), id('billing')]) {
          expect((await refusal(client, 'select app.suspend_membership($1)', [member])).code).toBe('ZF003');
          expect((await refusal(client, 'select app.remove_membership($1)', [member])).code).toBe('ZF003');
        }
        for (const role of ['owner', 'billing']) {
          const invite = `insert into app.invitation (email, role) values ('x@example.com', $1)`;
          expect((await refusal(client, invite, [role])).code).toBe('ZF003');
        }
        await client.query(change, ['admin', id('viewer')]);
        await client.query(change, ['viewer', id('member')]);
      },
      { rollback: true },
    );
  });
});
