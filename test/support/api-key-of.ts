import { asTenant } from './actors.ts';
import type { TestDatabase } from './database.ts';
import { plant } from './leaks.ts';
import type { TestTenant } from './tenants.ts';

/** An API key of the tenant, made by its owner. @param scopes default: whatever an owner may */
export async function apiKeyOf(
  database: TestDatabase,
  tenant: TestTenant,
  scopes?: readonly string[],
): Promise<string> {
  const { rows } = await asTenant(database, tenant, (client) =>
    client.query<{ secret: string }>(
      `select secret from app.create_api_key('test', coalesce($1, platform.permissions_of('owner')))`,
      [scopes],
    ),
  );
  return plant(rows[0]?.secret as string, 'an API key');
}
