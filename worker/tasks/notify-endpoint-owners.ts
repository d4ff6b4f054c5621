import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { asSystem } from '../context.ts';
import type { Mailer, NotSent } from '../mail.ts';
import { endpointNotice } from './endpoint-notice.ts';
import type { TaskEvent, TaskWork } from './internal.ts';
import { GaveUp } from './internal.ts';

/** Who may change webhook endpoints, of those who can act: the policies hold this to the tenant. */
const RECIPIENTS = `
  select t.name as tenant_name, m.id, m.email
    from app.tenant t
    join app.membership m on m.tenant_id = t.tenant_id
   where t.status not in ('closing', 'closed')
     and m.status = 'active'
     and 'webhook_endpoint:update' = any (platform.permissions_of(m.tenant_id, m.role))
   order by m.id`;

interface Recipient {
  tenant_name: string;
  id: string;
  email: string;
}

/**
 * The task `notify_endpoint_owners`, on webhook_endpoint.disabled and .failing: a mail to each who may change webhook endpoints, when it was
 * the system that disabled one. Everybody gets a mail of their own, so that no member's address is shown to another.
 *
 * Who was reached is noted after each mail, and left out when the task is repeated. A worker that dies in between sends one mail again,
 * under the same Message-ID. Who is refused for good is left out as long as somebody was reached.
 */
export function notifyEndpointOwners(pool: Pool, log: Logger, mailer: Mailer | undefined): TaskWork {
  return async (event, { signal }) => {
    if (event.type === 'webhook_endpoint.disabled' && event.actor_type !== 'system') return;
    const recipients = await recipientsOf(pool, event);
    const [first] = recipients;
    if (!first) throw new GaveUp('nobody may change webhook endpoints: nobody was told');
    const notice = endpointNotice(event, first.tenant_name);
    if (!mailer) throw new GaveUp(`no mail server is configured: nobody was told "${notice.subject}"`);

    const told = await toldOf(pool, event);
    let failure: NotSent | undefined;
    let left = 0;
    for (const { id, email } of recipients.filter((member) => !told.has(member.id))) {
      // Once the server takes nothing from us, nobody else would be reached either.
      const notSent =
        failure?.kind === 'unreachable'
          ? failure
          : await mailer.send({ ...notice, id: `notice.${event.event_id}.${id}`, to: email }, signal);
      if (!notSent) {
        await noteTold(pool, event, id);
        told.add(id);
      } else if (notSent.kind === 'refused') {
        const { cause, reason } = notSent;
        log.warn(
          { err: cause, reason, tenant: event.tenant_id, member: id },
          'a member cannot be told by mail',
        );
      } else {
        failure = notSent;
        left += 1;
      }
    }
    if (failure) {
      const { reason, cause } = failure;
      throw new Error(`${left} of ${recipients.length} could not be told: ${reason}`, { cause });
    }
    if (told.size === 0) throw new Error('nobody could be told: the mail server refuses every address');
  };
}

function recipientsOf(pool: Pool, event: TaskEvent): Promise<Recipient[]> {
  return asSystem(
    pool,
    event.tenant_id,
    'tell who manages webhook endpoints',
    async (client) => (await client.query<Recipient>(RECIPIENTS)).rows,
    { requestId: event.request_id, traceparent: event.traceparent },
  );
}

async function toldOf(pool: Pool, event: TaskEvent): Promise<Set<string>> {
  const { rows } = await pool.query<{ member: string }>('select platform.told_members($1, $2) as member', [
    event.tenant_id,
    event.event_id,
  ]);
  return new Set(rows.map(({ member }) => member));
}

async function noteTold(pool: Pool, event: TaskEvent, member: string): Promise<void> {
  await pool.query('select platform.note_told($1, $2, $3)', [event.tenant_id, event.event_id, member]);
}
