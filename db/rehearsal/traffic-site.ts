import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';

/** Whom the traffic is from, in a generated database. */
export interface Site {
  /** A tenant, the large ones more often: as often as rows are theirs. */
  pick(): string;
  /** SHA-256 of the session cookie of each tenant's owner. */
  sessions: ReadonlyMap<string, Buffer>;
  /** Taken from the end. */
  openInvoices: { tenant: string; id: string }[];
}

// More are not needed: with Zipf's law the hundred largest of 5,000 tenants have 57 % of everything.
const mostTenants = 100;

/** Signs the owners of the largest tenants in. @param admin as a superuser in the copy: what a sign-in leaves is made by hand */
export async function prepareSite(admin: Client): Promise<Site> {
  const { rows: tenants } = await admin.query<{ tenant_id: string; owner_id: string; weight: number }>(
    'select tenant_id, owner_id, weight from rehearsal.tenant order by rank limit $1',
    [mostTenants],
  );
  const sessions = new Map(
    tenants.map(({ tenant_id }) => [tenant_id, createHash('sha256').update(randomBytes(32)).digest()]),
  );
  for (const { tenant_id, owner_id } of tenants)
    await admin.query(
      `insert into identity.session (token_hash, person_id, tenant_id, expires_at)
       values ($1, $2, $3, now() + interval '1 day')`,
      [sessions.get(tenant_id), owner_id, tenant_id],
    );
  const { rows: openInvoices } = await admin.query<{ tenant: string; id: string }>(
    `select i.tenant_id as tenant, i.id
     from rehearsal.tenant t,
       lateral (
         select i.tenant_id, i.id from app.invoice i
         where i.tenant_id = t.tenant_id and i.status = 'open'
         order by i.id desc limit 200
       ) i
     where t.rank <= $1
     order by i.id`,
    [mostTenants],
  );
  const total = tenants.reduce((sum, { weight }) => sum + weight, 0);
  const pick = (): string => {
    let left = Math.random() * total;
    for (const { tenant_id, weight } of tenants) {
      left -= weight;
      if (left <= 0) return tenant_id;
    }
    return tenants[0]?.tenant_id ?? '';
  };
  return { pick, sessions, openInvoices };
}
