import * as z from 'zod';
import { notFound } from './errors.ts';
import { domain, email, parse, text } from './input.ts';
import { newMembership } from './memberships.ts';
import { newOrganization } from './organizations.ts';
import type { OrganizationDomain } from './state.ts';
import { born } from './timestamps.ts';
import { newUser } from './users.ts';
import type { World } from './world.ts';

const seedInput = z.object({
  organizations: z
    .array(
      z.object({
        id: text,
        name: text,
        external_id: text.nullish(),
        domains: z.array(domain).default([]),
      }),
    )
    .default([]),
  users: z
    .array(z.object({ id: text, email, first_name: z.string().nullish(), last_name: z.string().nullish() }))
    .default([]),
  memberships: z
    .array(z.object({ id: text, user_id: text, organization_id: text, role: text.nullish() }))
    .default([]),
});

/** What to begin with. Domains and e-mails are verified, and memberships active. */
export type Seed = z.input<typeof seedInput>;

/**
 * Adds what is not there yet, by id, and leaves alone what is. It emits nothing: whoever seeds both sides needs no news.
 * @throws ApiError 422 for a seed of another shape, 404 for a membership of nobody or in nothing
 */
export function seed(world: World, given: unknown): void {
  const input = parse(seedInput, given);
  const { organizations, domains, users, memberships } = world.state;
  for (const row of input.organizations) {
    if (!organizations.has(row.id)) organizations.set(row.id, newOrganization(row, row.id));
    for (const name of row.domains) {
      const id = `org_domain_${row.id}_${name}`;
      const taken = [...domains.values()].some((one) => one.domain === name);
      if (!taken) domains.set(id, seededDomain(id, row.id, name));
    }
  }
  for (const row of input.users)
    if (!users.has(row.id)) users.set(row.id, newUser({ ...row, email_verified: true }, row.id));
  for (const row of input.memberships) {
    if (!users.has(row.user_id)) throw notFound('User', row.user_id);
    if (!organizations.has(row.organization_id)) throw notFound('Organization', row.organization_id);
    if (!memberships.has(row.id)) memberships.set(row.id, newMembership(row, row.id));
  }
  world.save();
}

const seededDomain = (id: string, organization_id: string, name: string): OrganizationDomain => ({
  object: 'organization_domain',
  id,
  organization_id,
  domain: name,
  state: 'verified',
  verification_strategy: 'manual',
  ...born(),
});
