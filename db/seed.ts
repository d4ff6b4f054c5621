import { createHash, createHmac, hash } from 'node:crypto';
import { Client } from 'pg';

/** A tenant of the development data, with secrets that open it. */
export interface SeededTenant {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  /** The identity provider's name of it. */
  readonly organization: string;
  /** An API key with every permission of an owner. */
  readonly apiKey: string;
  readonly members: readonly SeededMember[];
}

export interface SeededMember {
  /** The identity provider's name of the person. */
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  /** Value of the development session cookie. */
  readonly session: string;
}

interface TenantPlan {
  readonly name: string;
  readonly slug: string;
  readonly plan: string;
  readonly projects: readonly string[];
}

/** The claim `iss` of the stand-in for WorkOS: the same on whatever port it runs. */
export const developmentIssuer = 'freehold:development';

const roles = ['owner', 'admin', 'member', 'viewer', 'billing'] as const;

const tenants: readonly TenantPlan[] = [
  { name: 'Acme', slug: 'acme', plan: 'team', projects: ['Rocket', 'Anvil', 'Magnet'] },
  { name: 'Globex', slug: 'globex', plan: 'business', projects: ['Weather machine', 'Hammock'] },
];

/**
 * Two tenants with members in every role, so that a first start has something to show. Runs again without a change.
 * Secrets are derived from `secret`, so that they are the same after each start and differ between installations.
 * @param ownerUrl a connection as freehold_owner
 */
export async function seed(ownerUrl: string, secret: string): Promise<SeededTenant[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const seeded: SeededTenant[] = [];
    for (const tenant of tenants) {
      await client.query('begin');
      seeded.push(await seedTenant(client, tenant, secret));
      await client.query('commit');
    }
    return seeded;
  } finally {
    await client.end();
  }
}

async function seedTenant(client: Client, tenant: TenantPlan, secret: string): Promise<SeededTenant> {
  const apiKey = derivedKey(secret, tenant.slug);
  const organization = `org_${tenant.slug}`;
  const members = [
    ...roles.map((role) => ({
      subject: `user_${tenant.slug}_${role}`,
      email: `${role}@${tenant.slug}.example`,
      name: `${tenant.name} ${role}`,
      role,
    })),
    // who belongs to both, and can go from one to the other
    { subject: 'user_consultant', email: 'consultant@partner.example', name: 'Consultant', role: 'member' },
  ].map((member) => ({
    ...member,
    session: createHmac('sha256', secret).update(`session ${tenant.slug} ${member.email}`).digest('hex'),
  }));
  const id =
    (await existingTenant(client, tenant.slug)) ??
    (await createTenant(client, tenant, organization, members));
  await client.query('select platform.enter_as_system($1, $2)', [id, 'development data']);
  for (const member of members) await seedSession(client, member);
  await seedKey(client, id, apiKey);
  return { id, name: tenant.name, slug: tenant.slug, organization, apiKey, members };
}

async function existingTenant(client: Client, slug: string): Promise<string | undefined> {
  const { rows } = await client.query('select tenant_id from identity.tenant_slug where slug = $1', [slug]);
  return rows[0]?.tenant_id;
}

async function createTenant(
  client: Client,
  tenant: TenantPlan,
  organization: string,
  members: readonly SeededMember[],
): Promise<string> {
  const [owner, ...others] = members;
  const { rows } = await client.query('select platform.create_tenant($1, $2, $3, $4, $5, $6, $7) as id', [
    tenant.name,
    tenant.slug,
    owner?.email,
    owner?.name,
    developmentIssuer,
    owner?.subject,
    tenant.plan,
  ]);
  await client.query('select platform.link_organization($1, $2)', [developmentIssuer, organization]);
  for (const { subject, email, name, role } of others) {
    await client.query(
      `insert into app.membership (person_id, email, name, role)
       values (identity.ensure_person($1, $2, $3, $4), $3, $4, $5)`,
      [developmentIssuer, subject, email, name, role],
    );
  }
  await client.query(
    `select app.activate_subscription(s.id)
     from app.subscription s
     where s.tenant_id = platform.tenant_id()`,
  );
  await client.query(
    `insert into app.project (name, lead_id)
     select p.name, m.id
     from unnest($1::text[]) p (name),
       (select id from app.membership where role = 'owner') m`,
    [tenant.projects],
  );
  return rows[0].id;
}

async function seedSession(client: Client, member: SeededMember): Promise<void> {
  await client.query(
    `insert into identity.session (token_hash, person_id, tenant_id, expires_at)
     select $1, m.person_id, m.tenant_id, now() + interval '30 days'
     from app.membership m
     where m.email = $2 and m.status <> 'removed'
     on conflict (token_hash) do update
       set expires_at = excluded.expires_at`,
    [createHash('sha256').update(member.session).digest(), member.email],
  );
}

async function seedKey(client: Client, tenant: string, apiKey: string): Promise<void> {
  const digest = createHash('sha256').update(apiKey).digest();
  const { rowCount } = await client.query('select from identity.api_key_secret where hash = $1', [digest]);
  if (rowCount) return;
  await client.query(
    `with made as (
       insert into app.api_key (name, prefix, scopes)
       values ('Development', $1, platform.permissions_of('owner'))
       returning id)
     insert into identity.api_key_secret (hash, tenant_id, api_key_id)
     select $2, $3, made.id from made`,
    [apiKey.slice(0, 14), digest, tenant],
  );
}

/** fh_test_, 48 hexadecimal digits and a checksum of 6, as app.create_api_key() makes them. */
function derivedKey(secret: string, slug: string): string {
  const body = `fh_test_${createHmac('sha256', secret).update(`key ${slug}`).digest('hex').slice(0, 48)}`;
  return body + hash('sha256', body).slice(0, 6);
}
