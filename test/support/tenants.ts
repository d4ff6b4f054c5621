import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { TestDatabase } from './database.ts';
import { plant } from './leaks.ts';
import { sha256 } from './sha256.ts';

export type Role = 'owner' | 'admin' | 'member' | 'viewer' | 'billing';
export const roles: readonly Role[] = ['owner', 'admin', 'member', 'viewer', 'billing'];

export interface TestMember {
  id: string;
  personId: string;
  /** Value of the session cookie. */
  session: string;
}

export interface TestTenant {
  id: string;
  members: Map<Role, TestMember>;
}

export interface TenantOptions {
  plan?: 'free' | 'team' | 'business' | 'enterprise';
  /** The owner always exists; these besides. */
  members?: readonly Role[];
  /** Ends the trial: the subscription is active and its first invoice is open. */
  paid?: boolean;
}

/** A tenant as the worker's login makes it, with members who were invited and accepted, and their sessions. */
export async function createTenant(database: TestDatabase, options: TenantOptions = {}): Promise<TestTenant> {
  const { plan = 'business', members = [], paid = false } = options;
  const name = randomUUID();
  const client = await database.pool('worker').connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(
      `select platform.create_tenant($1, $1, 'owner@' || $1 || '.example', 'owner', 'test', 'owner@' || $1, $2) as id`,
      [name, plan],
    );
    await client.query('set local role freehold_user');
    const { rows: owners } = await client.query('select id, person_id from app.membership');
    const tenant: TestTenant = { id: rows[0].id, members: new Map() };
    const owner = {
      id: owners[0].id,
      personId: owners[0].person_id,
      session: plant(randomUUID(), 'a session cookie'),
    };
    tenant.members.set('owner', owner);
    if (paid) {
      await client.query(
        `select app.activate_subscription(id) from app.subscription where status = 'trialing'`,
      );
    }
    await client.query('commit');
    await openSession(database, tenant.id, owner);
    for (const role of members) tenant.members.set(role, await addMember(database, tenant.id, role));
    return tenant;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** One more member, invited, accepted and signed in. */
export async function addMember(database: TestDatabase, tenantId: string, role: Role): Promise<TestMember> {
  const client = await database.pool('worker').connect();
  try {
    await client.query('begin');
    const { id, person_id: personId } = await invited(client, tenantId, role);
    await client.query('commit');
    const member = { id, personId, session: plant(randomUUID(), 'a session cookie') };
    await openSession(database, tenantId, member);
    return member;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function invited(
  client: PoolClient,
  tenantId: string,
  role: Role,
): Promise<{ id: string; person_id: string }> {
  const email = `${role}@${randomUUID()}.example`;
  await client.query(`select platform.enter_as_system($1, 'test')`, [tenantId]);
  await client.query('set local role freehold_user');
  const { rows: invitations } = await client.query(
    'insert into app.invitation (email, role) values ($1, $2) returning id',
    [email, role],
  );
  await client.query('reset role');
  const { rows } = await client.query(`select id, person_id from app.accept_invitation($1, 'test', $2, $3)`, [
    invitations[0].id,
    email,
    role,
  ]);
  return rows[0];
}

/** A signed-in browser of a member. As the administrator: nothing in this database signs people in yet. */
async function openSession(database: TestDatabase, tenantId: string, member: TestMember): Promise<void> {
  await database.pool('admin').query(
    `insert into identity.session (token_hash, person_id, tenant_id, expires_at)
     values ($1, $2, $3, now() + interval '1 day')`,
    [sha256(member.session), member.personId, tenantId],
  );
}
