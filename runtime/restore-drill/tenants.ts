import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import type { LoginUrls } from '../../db/urls.ts';
import { asSystem } from '../../worker/context.ts';
import { createKeyring, freshKey } from '../sealing.ts';

export interface DrillTenant {
  id: string;
  slug: string;
  /** With the permissions of an owner. */
  apiKey: string;
}

/** Tenants without limits, each with a key and an endpoint for all its events. */
export async function createTenants(
  urls: LoginUrls,
  count: number,
  receiver: string,
  secretKey: Buffer,
): Promise<DrillTenant[]> {
  const worker = new Pool({ connectionString: urls.worker, max: 1 });
  const keyring = createKeyring([secretKey]);
  try {
    const tenants: DrillTenant[] = [];
    for (let n = 1; n <= count; n += 1) {
      const slug = `drill-${n}-${randomBytes(3).toString('hex')}`;
      const { rows } = await worker.query<{ id: string }>(
        `select platform.create_tenant($1, $1, $2, $1, 'drill', $1, 'enterprise') as id`,
        [slug, `owner@${slug}.example`],
      );
      const id = rows[0]?.id as string;
      const apiKey = await asSystem(worker, id, 'restore drill', async (client) => {
        await client.query(`select app.create_webhook_endpoint($1, '{*}', signing_key => $2)`, [
          receiver,
          freshKey(keyring),
        ]);
        const { rows: keys } = await client.query<{ secret: string }>(
          `select k.secret from app.create_api_key('drill', platform.permissions_of('owner')) k`,
        );
        return keys[0]?.secret as string;
      });
      tenants.push({ id, slug, apiKey });
    }
    return tenants;
  } finally {
    await worker.end();
  }
}
