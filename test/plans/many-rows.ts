import type { Pool } from 'pg';
import type { FullTenant } from '../support/every-table.ts';

const ROWS = 100_000;
const FEWER = 20_000;
/** Of n: every other row is the large tenant's, every thousandth the small one's; the others belong to tenants that nobody asks for. */
const owner = `case when n % 2 = 0 then $1::uuid when n % 1000 = 1 then $2::uuid
  else lpad(to_hex(n % 199), 32, '0')::uuid end`;

/** 100,000 projects and events, and 20,000 rows in what else is asked often: half of them the large tenant's. */
export async function fillTables(admin: Pool, large: FullTenant, small: FullTenant): Promise<void> {
  const client = await admin.connect();
  const values = [large.id, small.id];
  try {
    // without triggers and keys: 100,000 rows a table in a second
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into app.project (tenant_id, name, status, lead_id)
       select ${owner}, 'project ' || n, (array['active', 'active', 'archived', 'deleted'])[1 + n / 2 % 4],
         ($4::uuid[])[1 + n / 8 % 5]
       from generate_series(1, $3::int) n`,
      [...values, ROWS, [...large.members.values()].map(({ id }) => id)],
    );
    await client.query(
      `insert into app.event (tenant_id, xid, type, entity, entity_id, entity_version, data, actor_type)
       select p.tenant_id, (3 + row_number() over () / 3)::text::xid8, 'project.created', 'project', p.id, 1, d.data, 'system'
       from app.project p, (select to_jsonb(o) - 'tenant_id' as data from app.project o where o.tenant_id = $1 limit 1) d`,
      [large.id],
    );
    await client.query(
      `insert into app.delivery (tenant_id, event_id, endpoint_id, status)
       select ${owner}, uuidv7(), case n / 2 % 50 when 0 then $4 else md5((n % 100)::text)::uuid end, 'succeeded'
       from generate_series(1, $3::int) n`,
      [...values, FEWER, large.ids.webhook_endpoint],
    );
    await client.query(
      `insert into app.invitation (tenant_id, email, role, status, expires_at)
       select ${owner}, 'p' || n || '@example.com', 'viewer', case when n % 50 = 0 then 'pending' else 'expired' end,
         now() + (n - 100) * interval '1 minute'
       from generate_series(1, $3::int) n`,
      [...values, FEWER],
    );
    await client.query(
      `insert into app.api_key (tenant_id, name, prefix, scopes, status, expires_at)
       select ${owner}, 'k', 'fh_test_', '{project:read}', case when n % 50 = 0 then 'active' else 'revoked' end, now() + (n - 100) * interval '1 minute'
       from generate_series(1, $3::int) n`,
      [...values, FEWER],
    );
    await client.query(
      `insert into app.invoice (tenant_id, subscription_id, currency, status, number, period_start, period_end)
       select ${owner}, md5((n / 100)::text)::uuid, 'EUR', case when draft then 'draft' else 'paid' end,
         case when not draft then 'INV-' || 1000000 + n end, now(), now() from generate_series(1, $3::int) n, lateral (select n / 2 % 20 = 0 as draft) d`,
      [...values, FEWER],
    );
    await client.query(
      `insert into app.invoice_line (tenant_id, invoice_id, description, amount, period_start, period_end)
       select tenant_id, id, 'x', 0, now(), now() from app.invoice`,
    );
    await client.query(
      'vacuum analyze app.project, app.event, app.delivery, app.invitation, app.api_key, app.invoice, app.invoice_line, app.membership',
    );
  } finally {
    await client.query('set session_replication_role = origin');
    client.release();
  }
}
