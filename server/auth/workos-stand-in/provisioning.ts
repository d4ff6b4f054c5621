import { domainsOf } from './domains.ts';
import { changeMembership, createMembership, membershipOf } from './memberships.ts';
import type { DirectoryUser, Membership } from './state.ts';
import { createUser, userByEmail } from './users.ts';
import type { World } from './world.ts';

/**
 * Plays WorkOS's directory provisioning: an active person of the directory whose e-mail is of a verified domain of
 * the organization becomes a user and an active member; who is no longer active there becomes an inactive member.
 */
export function provision(world: World, person: DirectoryUser): void {
  if (!world.state.directories.get(person.directory_id)?.provisioning) return;
  if (person.state !== 'active') deprovision(world, person);
  const { email } = person;
  if (
    person.state !== 'active' ||
    email === null ||
    !isOfVerifiedDomain(world, person.organization_id, email)
  )
    return;
  const user =
    userByEmail(world, email) ??
    createUser(world, {
      email,
      email_verified: true,
      first_name: person.first_name,
      last_name: person.last_name,
    });
  const membership = membershipOf(world, user.id, person.organization_id);
  person.membership_id = membership
    ? manage(world, membership, person)
    : createMembership(
        world,
        { user_id: user.id, organization_id: person.organization_id, role: person.role?.slug },
        { directory_managed: true },
      ).id;
}

/** A membership that was there is the directory's from now on. */
function manage(world: World, row: Membership, person: DirectoryUser): string {
  const role = person.role ?? row.role;
  if (row.status !== 'active' || !row.directory_managed || row.role.slug !== role.slug)
    changeMembership(world, row, { status: 'active', directory_managed: true, role });
  return row.id;
}

/** What the directory gave, it takes: its person's membership becomes inactive. */
export function deprovision(world: World, person: DirectoryUser): void {
  const row = world.state.memberships.get(person.membership_id ?? '');
  if (row?.directory_managed && row.status === 'active') changeMembership(world, row, { status: 'inactive' });
}

const isOfVerifiedDomain = (world: World, organizationId: string, email: string): boolean =>
  domainsOf(world, organizationId).some(
    (row) => row.state === 'verified' && email.endsWith(`@${row.domain}`),
  );
