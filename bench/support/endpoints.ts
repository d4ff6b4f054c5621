import { Client } from 'pg';
import { createKeyring, freshKey } from '../../runtime/sealing.ts';

/** FREEHOLD_SECRET_KEY of the bench: whoever reads secrets of endpoints that were made here needs it. */
export const secretKey = Buffer.alloc(32, 'bench').toString('base64');

const keyring = createKeyring([Buffer.from(secretKey, 'base64')]);

export interface Endpoint {
  id: string;
  tenant: string;
  url: string;
  /** The key that signs, in base64: what stands after whsec_. */
  key: string;
}

/** Makes webhook endpoints that are told of everything about projects, as the owner of their tenant would. The only place where the bench does. */
export async function createEndpoints(
  ownerUrl: string,
  wanted: readonly { tenant: string; url: string }[],
): Promise<Endpoint[]> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  const made: Endpoint[] = [];
  try {
    for (const { tenant, url } of wanted) {
      await owner.query('begin');
      await owner.query(`select platform.enter_as_system($1, 'bench')`, [tenant]);
      const { rows } = await owner.query<{ id: string; secret: string }>(
        'select c.id, c.secret from app.create_webhook_endpoint($1, $2, signing_key => $3) c',
        [url, ['project.*'], freshKey(keyring)],
      );
      await owner.query('commit');
      const { id, secret } = rows[0] as { id: string; secret: string };
      made.push({ id, tenant, url, key: keyring.open(secret).toString('base64') });
    }
  } finally {
    await owner.end();
  }
  return made;
}
