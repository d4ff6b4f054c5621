import { describe, expect, it } from 'vitest';
import {
  asApiKey,
  asContext,
  asMember,
  asSystem,
  asTenant,
  refusal,
  refusalOf,
  resolveContext,
} from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import { sha256 } from '../support/sha256.ts';
import { addMember, createTenant } from '../support/tenants.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database, { plan: 'enterprise', members: ['admin', 'member'] });
const other = await createTenant(database, { plan: 'enterprise' });
const insert = 'insert into app.role (key, name, permissions) values ($1, $1, $2) returning id';

const make = (key: string, permissions: string[]) =>
  asTenant(
    database,
    tenant,
    async (client) => (await client.query<{ id: string }>(insert, [key, permissions])).rows[0]?.id as string,
  );
/** A member with the role, and what they may do by their session. */
async function memberWith(role: string) {
  const member = await addMember(database, tenant.id, 'viewer');
  await asTenant(database, tenant, (client) =>
    client.query('update app.membership set role = $1 where id = $2', [role, member.id]),
  );
  const permissions = async (): Promise<string[]> => {
    const { rows } = await database
      .pool('gate')
      .query(`select permissions from identity.resolve('session', $1)`, [sha256(member.session)]);
    return rows[0].permissions;
  };
  return { ...member, permissions };
}

describe('a role of the tenant', () => {
  it('gives its members what it holds, and nothing else', async () => {
    await make('auditor', ['event:read', 'project:read']);
    const member = await memberWith('auditor');
    expect(await member.permissions()).toEqual(['event:read', 'project:read']);
    const context = await resolveContext(database, 'session', member.session);
    expect(context.tenantId).toBe(tenant.id);
  });

  it('that changes holds from the next statement on', async () => {
    const id = await make('helper', ['project:read', 'project:create']);
    const member = await memberWith('helper');
    const context = await resolveContext(database, 'session', member.session);
    const create = () =>
      asContext(database, context, (client) => client.query(`insert into app.project (name) values ('x')`), {
        rollback: true,
      });
    await create();
    await asTenant(database, tenant, (client) =>
      client.query(`update app.role set permissions = '{project:read}' where id = $1`, [id]),
    );
    expect((await refusalOf(create())).code).toBe('42501');
    expect(await member.permissions()).toEqual(['project:read']);
  });

  it('can be invited to, and given by a group and to whoever joins', async () => {
    await make('guest', ['project:read']);
    await asTenant(database, tenant, async (client) => {
      await client.query(`insert into app.invitation (email, role) values ('g@x.example', 'guest')`);
      await client.query(`insert into app.group_role (group_name, role) values ('Guests', 'guest')`);
      await client.query(`update app.tenant set default_role = 'guest'`);
    });
    const ended = refusalOf(
      asTenant(database, tenant, (client) =>
        client.query(`select app.delete_role(id) from app.role where key = 'guest'`),
      ),
    );
    expect(await ended).toMatchObject({
      code: 'ZF008',
      detail: expect.stringContaining('1 invitations, 1 groups, 1 default roles'),
    });
  });

  it('ends when nobody has it', async () => {
    const id = await make('brief', ['project:read']);
    const member = await memberWith('brief');
    const end = () =>
      asTenant(database, tenant, (client) => client.query('select app.delete_role($1)', [id]));
    expect((await refusalOf(end())).code).toBe('ZF008');
    await asTenant(database, tenant, (client) =>
      client.query(`update app.membership set role = 'viewer' where id = $1`, [member.id]),
    );
    await end();
    const given = asTenant(database, tenant, (client) =>
      client.query(`update app.membership set role = 'brief' where id = $1`, [member.id]),
    );
    expect((await refusalOf(given)).code).toBe('ZF010');
    // and its key can be another's
    await make('brief', ['event:read']);
  });

  it('is not ended while somebody is given it: one of the two waits, and sees what the other did', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await make(`race_${round}`, ['project:read']);
      const member = await addMember(database, tenant.id, 'viewer');
      const results = await Promise.allSettled([
        asTenant(database, tenant, (client) => client.query('select app.delete_role($1)', [id])),
        asTenant(database, tenant, (client) =>
          client.query('update app.membership set role = $1 where id = $2', [`race_${round}`, member.id]),
        ),
      ]);
      const { rows } = await database
        .pool('admin')
        .query(`select r.status, m.role from app.role r, app.membership m where r.id = $1 and m.id = $2`, [
          id,
          member.id,
        ]);
      expect(rows[0]).not.toEqual({ status: 'deleted', role: `race_${round}` });
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    }
  });
});

describe('nobody', () => {
  it('makes a role that holds more than they do, or takes from one what they do not hold', async () => {
    await asMember(database, tenant, 'admin', async (client) => {
      const more = await refusal(client, insert, ['chief', ['tenant:update']]);
      expect(more).toMatchObject({ code: 'ZF003', detail: 'Not yours to give: tenant:update.' });
    });
    const id = await make('closer', ['tenant:close', 'project:read']);
    await asMember(database, tenant, 'admin', async (client) => {
      const cut = await refusal(client, `update app.role set permissions = '{project:read}' where id = $1`, [
        id,
      ]);
      expect(cut.code).toBe('ZF003');
    });
    const given = asMember(database, tenant, 'admin', (client) =>
      client.query(`update app.membership set role = 'closer' where role = 'member'`),
    );
    expect((await refusalOf(given)).code).toBe('ZF003');
    const invited = asMember(database, tenant, 'admin', (client) =>
      client.query(`insert into app.invitation (email, role) values ('c@x.example', 'closer')`),
    );
    expect((await refusalOf(invited)).code).toBe('ZF003');
  });

  it('gives a role whose permissions they may not even read', async () => {
    await make('deputy', ['tenant:update', 'project:read']);
    const secret = await asMember(database, tenant, 'admin', async (client) => {
      const { rows } = await client.query(
        `select secret from app.create_api_key('k', '{invitation:create,invitation:read,membership:update,membership:read,group_role:create,group_role:read}')`,
      );
      return rows[0].secret as string;
    });
    for (const sql of [
      `insert into app.invitation (email, role) values ('d@x.example', 'deputy')`,
      `update app.membership set role = 'deputy' where role = 'member'`,
      `insert into app.group_role (group_name, role) values ('D', 'deputy')`,
    ]) {
      expect([
        sql,
        (await refusalOf(asApiKey(database, secret, (client) => client.query(sql)))).code,
      ]).toEqual([sql, 'ZF003']);
    }
  });

  it('has whoever joins be more than they are', async () => {
    await make('rules', ['tenant:update', 'tenant:read']);
    const { session } = await memberWith('rules');
    const context = await resolveContext(database, 'session', session);
    const set = (role: string) =>
      asContext(database, context, (client) =>
        client.query('update app.tenant set default_role = $1', [role]),
      );
    expect((await refusalOf(set('admin'))).code).toBe('ZF003');
    await set('rules');
    await asTenant(database, tenant, (client) =>
      client.query(`update app.tenant set default_role = 'member'`),
    );
  });

  it('makes a role under the name of a built-in one, or of permissions that there are not', async () => {
    expect((await refusalOf(make('owner', ['project:read']))).code).toBe('ZF010');
    expect((await refusalOf(make('ghost', ['nothing:read']))).code).toBe('ZF003');
    expect((await refusalOf(make('Upper', ['project:read']))).code).toBe('23514');
  });

  it('is given a role of another tenant', async () => {
    await asTenant(database, other, (client) => client.query(insert, ['theirs', ['project:read']]));
    const given = asTenant(database, tenant, (client) =>
      client.query(`update app.membership set role = 'theirs' where role = 'member'`),
    );
    expect((await refusalOf(given)).code).toBe('ZF010');
    const bySystem = asSystem(database, tenant.id, (client) =>
      client.query(`update app.membership set role = 'theirs' where role = 'member'`),
    );
    expect((await refusalOf(bySystem)).code).toBe('ZF010');
  });
});

it('everybody is told what they may give', async () => {
  const told = (role: 'owner' | 'member') =>
    asMember(database, tenant, role, async (client) =>
      (await client.query<{ key: string }>('select app.grantable_permissions() as key')).rows.map(
        ({ key }) => key,
      ),
    );
  const { rows } = await database
    .pool('admin')
    .query(`select platform.permissions_of('owner') as owner, platform.permissions_of('member') as member`);
  expect(await told('owner')).toEqual(rows[0].owner);
  expect(await told('member')).toEqual(rows[0].member);
});
