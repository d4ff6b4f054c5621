import type { Pool } from 'pg';
import { z } from 'zod';
import { inTransaction } from '../../db/transaction.ts';
import type { PortalIntent, Workos } from '../identity-provider.ts';
import { portalIntents } from '../identity-provider.ts';

/** Of a new customer. */
export const onboardingOptions = z.object({
  name: z.string().trim().min(1).max(200),
  owner: z.email(),
  domain: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain such as acme.com')
    .optional(),
  plan: z.string().default('enterprise'),
  slug: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters, digits and -, such as acme')
    .optional(),
});

export type OnboardingOptions = z.infer<typeof onboardingOptions>;

export interface Onboarded {
  tenant: string;
  organization: string;
  portal: Record<PortalIntent, string>;
}

/**
 * A new customer, ready to sign in: tenant, organization, domain, invitation and plan. What exists already is left as it is, so that it may run again.
 * @param worker connections as freehold_worker
 * @throws Failure
 */
export async function onboard(
  worker: Pool,
  workos: Workos,
  wanted: OnboardingOptions,
  returnUrl: string,
  step: (line: string) => void,
): Promise<Onboarded> {
  const slug = wanted.slug ?? slugOf(wanted.name);
  const tenant = await ensureTenant(worker, wanted, slug, step);
  const organization = await workos.ensureOrganization({
    id: tenant,
    name: wanted.name,
    domain: wanted.domain,
  });
  step(`organization ${organization} at the identity provider`);
  const invited = await invite(worker, workos.issuer, tenant, organization, wanted.owner);
  step(
    invited
      ? `${wanted.owner} is invited as owner, by the worker's next mail`
      : `${wanted.owner} is invited, or a member, already`,
  );
  const links = await Promise.all(
    portalIntents.map(
      async (intent) => [intent, await workos.portalLink(organization, intent, returnUrl)] as const,
    ),
  );
  return { tenant, organization, portal: Object.fromEntries(links) as Record<PortalIntent, string> };
}

async function ensureTenant(
  worker: Pool,
  { name, plan }: OnboardingOptions,
  slug: string,
  step: (line: string) => void,
): Promise<string> {
  const { rows: known } = await worker.query<{ id: string | null }>(
    'select platform.tenant_of_slug($1) as id',
    [slug],
  );
  if (known[0]?.id) {
    step(`tenant ${slug} exists`);
    return known[0].id;
  }
  const { rows } = await worker.query<{ id: string }>('select platform.begin_tenant($1, $2, $3) as id', [
    name,
    slug,
    plan,
  ]);
  step(`tenant ${slug} with plan ${plan}`);
  return rows[0]?.id as string;
}

/** Links the organization, then invites: the news of an invitation has to find who sends it. Resolves to whether it is a new one. */
function invite(
  worker: Pool,
  issuer: string,
  tenant: string,
  organization: string,
  owner: string,
): Promise<boolean> {
  return inTransaction(worker, async (client) => {
    await client.query(`select platform.enter_as_system($1, 'onboarding')`, [tenant]);
    await client.query('select platform.link_organization($1, $2)', [issuer, organization]);
    await client.query(
      `select set_config('role', 'freehold_user', true), set_config('synchronous_commit', 'on', true)`,
    );
    await client.query(`select app.activate_tenant(id) from app.tenant where status = 'provisioning'`);
    const { rows } = await client.query<{ invited: boolean }>('select platform.invite_owner($1) as invited', [
      owner,
    ]);
    return rows[0]?.invited === true;
  });
}

const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '') || 'tenant';
