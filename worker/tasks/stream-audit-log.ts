import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { AuditEvent, Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';
import { registerAuditSchemas } from '../../runtime/onboarding/audit-schemas.ts';
import { asSystem } from '../context.ts';

/** Of one tenant in one run; what is left is the next run's. */
const MOST = 500;

interface Stream {
  tenant_id: string;
  organization: string;
  after: string | null;
}

/**
 * The task `stream_audit_log`: sends the events of tenants that want it to the audit log of the identity provider, in the order of the change feed, each under its id, so
 * that one that is sent twice is there once. What it refuses stops the tenant's stream, and is told in each run: an audit log with a gap is none.
 */
export function streamAuditLog(pool: Pool, log: Logger, workos: Workos | undefined): Task {
  let registered = false;
  return async (_payload, { abortSignal }) => {
    if (!workos) return;
    const { rows } = await pool.query<Stream>('select * from platform.audit_streams($1)', [workos.issuer]);
    // `npm run audit:schemas` has done so at the deployment; or else the first to need it does.
    if (rows.length > 0 && !registered) {
      try {
        await registerAuditSchemas(pool, workos);
        registered = true;
      } catch (error) {
        log.error({ err: error }, 'the kinds of events could not be registered with the audit log');
      }
    }
    for (const stream of rows) {
      if (abortSignal.aborted) return;
      try {
        await send(pool, workos, stream, abortSignal);
      } catch (error) {
        log.error({ err: error, tenant: stream.tenant_id }, 'the audit log of a tenant was not sent on');
      }
    }
  };
}

async function send(pool: Pool, workos: Workos, stream: Stream, signal: AbortSignal): Promise<void> {
  const { tenant_id: tenant, organization, after } = stream;
  const events = await asSystem(pool, tenant, 'audit log', async (client) => {
    return (await client.query<Row>(next, [after, MOST])).rows;
  });
  let sent: string | undefined;
  try {
    for (const row of events) {
      if (signal.aborted) break;
      await workos.sendAuditEvent(organization, auditEventOf(row));
      sent = row.id;
    }
  } finally {
    if (sent) {
      const last = sent;
      await asSystem(pool, tenant, 'audit log', (client) => moveTo(client, last));
    }
  }
}

async function moveTo(
  client: { query(sql: string, values?: unknown[]): Promise<unknown> },
  event: string,
): Promise<void> {
  await client.query('reset role');
  await client.query('select identity.move_audit_position($1)', [event]);
}

const next = `
  select e.id, e.type, e.entity, e.entity_id, e.entity_version, e.occurred_at, e.actor_type, e.actor_id, e.request_id,
    e.data ->> 'ip' as ip, e.data ->> 'user_agent' as user_agent, coalesce(m.name, k.name) as actor_name, m.email as actor_email,
    i.email as impersonator_email, i.reason as impersonator_reason,
    (select string_agg(p, ', ' order by p) from jsonb_object_keys(e.previous) p) as changed
  from app.change_feed($1, $2) e
  left join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
  left join app.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
  left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id
  order by e.xid, e.id`;

interface Row {
  id: string;
  type: string;
  entity: string;
  entity_id: string;
  entity_version: number | null;
  occurred_at: Date;
  actor_type: string;
  actor_id: string | null;
  actor_name: string | null;
  actor_email: string | null;
  request_id: string | null;
  ip: string | null;
  user_agent: string | null;
  impersonator_email: string | null;
  impersonator_reason: string | null;
  changed: string | null;
}

function auditEventOf(row: Row): AuditEvent {
  const known = (fields: Record<string, string | number | null>) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        value === null ? [] : [[name, typeof value === 'string' ? value.slice(0, 500) : value]],
      ),
    ) as Record<string, string | number>;
  return {
    id: row.id,
    action: row.type,
    occurredAt: row.occurred_at,
    actor: {
      type: row.actor_type,
      id: row.actor_id ?? row.actor_type,
      ...(row.actor_name && { name: row.actor_name }),
      metadata: known({ email: row.actor_email }),
    },
    target: { type: row.entity, id: row.entity_id },
    // Known of sign-ins; the other events have the request's id, which the logs tell the address of.
    location: row.ip ?? 'unknown',
    userAgent: row.user_agent ?? undefined,
    metadata: known({
      version: row.entity_version,
      changed: row.changed,
      request_id: row.request_id,
      impersonator_email: row.impersonator_email,
      impersonator_reason: row.impersonator_reason,
    }),
  };
}
