import type { Pool } from 'pg';
import { readApiKey } from '../../server/auth/credential.ts';
import { resolveContext } from '../../server/auth/resolve.ts';
import type { Context } from '../../server/database/context.ts';
import { newApiKey } from '../support/api-key.ts';
import type { TestDatabase } from '../support/database.ts';

/**
 * A tenant with an API key that may do everything, and some projects whose names begin with the tenant's
 * slug.
 */
export interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly apiKey: string;
  readonly apiKeyId: string;
}

/** Makes a tenant as the owner of the database does, through the functions of the platform. */
export async function createTenant(database: TestDatabase, slug: string, projects = 5): Promise<Tenant> {
  const client = await database.pool('owner').connect();
  const apiKey = newApiKey();
  try {
    await client.query('begin');
    const created = await client.query<{ id: string }>(
      `select platform.create_tenant($1, $1, $1 || '@example.com', $1, 'test', $1, 'business') as id`,
      [slug],
    );
    await client.query(
      'select app.activate_subscription(s.id) from app.subscription s where s.tenant_id = platform.tenant_id()',
    );
    await client.query(
      `insert into app.project (name, lead_id)
       select $1 || ' ' || g, (select m.id from app.membership m where m.tenant_id = platform.tenant_id() limit 1)
       from generate_series(1, $2::int) g`,
      [slug, projects],
    );
    const key = await client.query<{ id: string }>(
      `with made as (
         insert into app.api_key (name, prefix, scopes)
         values ('test', left($1, 14), platform.permissions_of('owner'))
         returning tenant_id, id),
       secret as (
         insert into identity.api_key_secret (hash, tenant_id, api_key_id)
         select sha256(convert_to($1, 'UTF8')), made.tenant_id, made.id from made)
       select made.id from made`,
      [apiKey],
    );
    await client.query('commit');
    return {
      id: (created.rows[0] as { id: string }).id,
      slug,
      apiKey,
      apiKeyId: (key.rows[0] as { id: string }).id,
    };
  } finally {
    client.release();
  }
}

/** A context for the tenant's key, as the server gets it. */
export async function contextOf(gate: Pool, tenant: Tenant): Promise<Context> {
  const credential = readApiKey({ authorization: `Bearer ${tenant.apiKey}` });
  if (!credential) throw new Error('the key of the fixture is not a key');
  return (await resolveContext(gate, credential, { ip: '127.0.0.1' })).context;
}
