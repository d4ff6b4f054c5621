import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.ts';
import type { Workos } from '../identity-provider.ts';

/**
 * Registers every kind of event with the audit log of the identity provider, which takes no others. At each deployment, after the migrations; what is known stays.
 * @param worker connections as freehold_worker
 * @returns how many are new
 * @throws IdentityRefusedError, IdentityUnavailableError
 */
export async function registerAuditSchemas(worker: Pool, workos: Workos): Promise<number> {
  const types = await inTransaction(worker, async (client) => {
    await client.query('set local role freehold_user');
    const { rows } = await client.query<{ type: string; entity: string }>(
      'select type, entity from catalog.event_type order by type',
    );
    return rows;
  });
  let made = 0;
  for (const { type, entity } of types) if (await workos.ensureAuditSchema(type, entity)) made += 1;
  return made;
}
