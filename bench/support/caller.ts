import { Client } from 'pg';
import type { Context } from '../../server/database/context.ts';

/** The tenants of a loaded database, largest first. */
export async function tenantsOf(ownerUrl: string): Promise<string[]> {
  return await asOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ tenant_id: string }>(
      'select tenant_id from plain.tenant order by rank',
    );
    return rows.map((row) => row.tenant_id);
  });
}

/** Ids of three hundred of a tenant's projects. @param adminUrl of a login that row-level security does not bind */
export async function projectsOf(adminUrl: string, tenant: string): Promise<string[]> {
  return await asOwner(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ id: string }>(
      'select id from app.project where tenant_id = $1 limit 300',
      [tenant],
    );
    return rows.map(({ id }) => id);
  });
}

/** Contexts of the owners of these tenants that last an hour instead of 60 s, so that a measurement outlives none. */
export async function contextsOf(ownerUrl: string, tenants: readonly string[]): Promise<Context[]> {
  return await asOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ tenant_id: string; claims: string; signature: string }>(
      `select t.tenant_id, s.claims, s.signature
       from unnest($1::uuid[]) with ordinality t (tenant_id, n),
         platform.sign_context(t.tenant_id, t.tenant_id, now() + interval '1 hour', null,
           platform.permissions_of('owner')) s
       order by t.n`,
      [tenants],
    );
    return rows.map(({ tenant_id, claims, signature }) => ({
      tenantId: tenant_id,
      claims,
      signature,
      actorType: 'member',
      actorId: tenant_id,
      permissions: [],
      expiresAt: new Date(Date.now() + 3_600_000),
    }));
  });
}

/** A connection as the request role, outside a transaction. */
export async function connectAsUser(appUrl: string): Promise<Client> {
  const client = new Client({ connectionString: appUrl });
  await client.connect();
  await client.query('set role freehold_user');
  return client;
}

/** Sets the context of a connection until the next call. */
export async function enter(client: Client, context: Context): Promise<void> {
  await client.query({
    name: 'enter',
    text: `select set_config('freehold.tenant_id', $1, false), set_config('freehold.claims', $2, false), set_config('freehold.signature', $3, false)`,
    values: [context.tenantId, context.claims, context.signature],
  });
}

async function asOwner<T>(ownerUrl: string, work: (owner: Client) => Promise<T>): Promise<T> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

/** An API key with every permission in this tenant. */
export async function createKey(ownerUrl: string, tenant: string): Promise<string> {
  return await asOwner(ownerUrl, async (owner) => {
    await owner.query('begin');
    await owner.query(`select platform.enter_as_system($1, 'bench')`, [tenant]);
    const { rows } = await owner.query<{ secret: string }>(
      `select secret from app.create_api_key('Bench', platform.permissions_of('owner'))`,
    );
    await owner.query('commit');
    return (rows[0] as { secret: string }).secret;
  });
}
