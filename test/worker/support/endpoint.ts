import { asMember, asOperator, asSystem } from '../../support/actors.ts';
import type { TestDatabase } from '../../support/database.ts';
import { newSigningKey } from '../../support/keyring.ts';
import type { Role, TestTenant } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';

/** What its owner wrote in the query of every endpoint's URL, and nobody may find elsewhere. */
export const HUSH = 'hush-9b1c';

/** An endpoint that nothing which these tests do is posted to. */
export async function createEndpoint(
  database: TestDatabase,
  tenant: TestTenant,
  { url = `https://hooks.example.com/orders?token=${HUSH}`, description = 'Orders to the ERP' } = {},
): Promise<string> {
  const { rows } = await asMember(database, tenant, 'owner', (client) =>
    client.query(
      `select c.id from app.create_webhook_endpoint($1, '{project.created}', $2, signing_key => $3) c`,
      [url, description, newSigningKey()],
    ),
  );
  return rows[0].id;
}

export async function disableAsSystem(database: TestDatabase, tenant: TestTenant, id: string): Promise<void> {
  await asSystem(database, tenant.id, (client) =>
    client.query('select app.disable_webhook_endpoint($1)', [id]),
  );
}

/** As the machinery of the deliveries records what no change of a row causes. */
export async function recordEvent(
  database: TestDatabase,
  tenant: TestTenant,
  type: string,
  data: { id: string },
): Promise<void> {
  await asOperator(database, tenant.id, (client) =>
    client.query(`select platform.record_event($1, 'webhook_endpoint', $2, $3)`, [type, data.id, data]),
  );
}

export interface TaskDelivery {
  id: string;
  event_id: string;
  status: string;
  attempt_count: number;
  last_error: string | null;
}

/** The delivery to the task that tells people, once `condition` holds for it. */
export function taskDelivery(
  database: TestDatabase,
  tenant: TestTenant,
  condition: (delivery: TaskDelivery) => boolean = ({ status }) => status === 'succeeded',
): Promise<TaskDelivery> {
  return waitUntil('the task is recorded', async () => {
    const { rows } = await database.pool('admin').query<TaskDelivery>(
      `select id, event_id, status, attempt_count, last_error from app.delivery
         where tenant_id = $1 and task = 'notify_endpoint_owners'`,
      [tenant.id],
    );
    return rows.find(condition);
  });
}

export async function emailOf(database: TestDatabase, tenant: TestTenant, role: Role): Promise<string> {
  const { rows } = await database
    .pool('admin')
    .query('select email from app.membership where id = $1', [tenant.members.get(role)?.id]);
  return rows[0].email;
}
