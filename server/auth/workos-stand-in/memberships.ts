import { Router } from 'express';
import * as z from 'zod';
import { badRequest, conflict, notFound } from './errors.ts';
import { newId } from './ids.ts';
import { parse, pathOf, queryList, queryOf, text } from './input.ts';
import { listOf } from './lists.ts';
import type { Membership } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

const roles = z.object({ role_slug: text.nullish(), role_slugs: z.array(text).min(1).nullish() });
const creation = roles.extend({ user_id: text, organization_id: text });

function membershipWire(world: World, row: Membership): object {
  const { role, ...membership } = row;
  const organization_name = world.state.organizations.get(row.organization_id)?.name ?? '';
  return { ...membership, organization_name, role, roles: [role] };
}

export function membershipOf(world: World, userId: string, organizationId: string): Membership | undefined {
  return [...world.state.memberships.values()].find(
    (row) => row.user_id === userId && row.organization_id === organizationId,
  );
}

/** Those that count at sign-in. */
export const activeMemberships = (world: World, userId: string): Membership[] =>
  [...world.state.memberships.values()].filter((row) => row.user_id === userId && row.status === 'active');

/** Makes a membership. `id` is given only when seeding. Emits nothing. */
export function newMembership(
  input: { user_id: string; organization_id: string; role?: string | null | undefined },
  id: string = newId('om'),
): Membership {
  return {
    object: 'organization_membership',
    id,
    user_id: input.user_id,
    organization_id: input.organization_id,
    status: 'active',
    directory_managed: false,
    role: { slug: input.role ?? 'member' },
    custom_attributes: {},
    ...born(),
  };
}

export function createMembership(
  world: World,
  input: { user_id: string; organization_id: string; role?: string | null | undefined },
  more: Partial<Pick<Membership, 'directory_managed' | 'status'>> = {},
): Membership {
  const row = { ...newMembership(input), ...more };
  world.state.memberships.set(row.id, row);
  world.emit('organization_membership.created', membershipWire(world, row));
  return row;
}

/**
 * As the API makes them: one that is inactive becomes active again.
 * @throws ApiError 404 for an unknown user or organization, 409 for who is a member
 */
export function addMember(
  world: World,
  input: { user_id: string; organization_id: string; role?: string | null | undefined },
): Membership {
  if (!world.state.users.has(input.user_id)) throw notFound('User', input.user_id);
  if (!world.state.organizations.has(input.organization_id))
    throw notFound('Organization', input.organization_id);
  const row = membershipOf(world, input.user_id, input.organization_id);
  if (!row) return createMembership(world, input);
  if (row.status !== 'inactive')
    throw conflict('organization_membership_already_exists', 'The user belongs to the organization already.');
  changeMembership(world, row, { status: 'active', role: { slug: input.role ?? row.role.slug } });
  return row;
}

/** Sessions stay, as at WorkOS: those in its organization are not refreshed when it is no longer active. */
export function changeMembership(
  world: World,
  row: Membership,
  changes: Partial<Pick<Membership, 'directory_managed' | 'role' | 'status'>>,
): void {
  change(row, changes);
  world.emit('organization_membership.updated', membershipWire(world, row));
}

export function deleteMembership(world: World, row: Membership): void {
  world.state.memberships.delete(row.id);
  world.emit('organization_membership.deleted', membershipWire(world, row));
}

const roleOf = (input: z.infer<typeof roles>): string | undefined =>
  input.role_slug ?? input.role_slugs?.[0] ?? undefined;

export function membershipRoutes(world: World): Router {
  const { memberships } = world.state;
  const wire = (row: Membership) => membershipWire(world, row);
  const find = (id: string): Membership => {
    const row = memberships.get(id);
    if (!row) throw notFound('Organization membership', id);
    return row;
  };
  const base = '/user_management/organization_memberships';
  const router = Router();
  router.get(base, (request, response) => {
    const user = queryOf(request, 'user_id');
    const organization = queryOf(request, 'organization_id');
    if (!user && !organization)
      throw badRequest('user_id_or_organization_id_required', 'Name a user_id or an organization_id.');
    const statuses = queryList(request, 'statuses') ?? ['active'];
    const found = [...memberships.values()].filter(
      (row) =>
        (!user || row.user_id === user) &&
        (!organization || row.organization_id === organization) &&
        statuses.includes(row.status),
    );
    response.json(listOf(request, found, wire));
  });
  router.post(base, (request, response) => {
    const input = parse(creation, request.body);
    response.status(201).json(wire(addMember(world, { ...input, role: roleOf(input) })));
  });
  router.get(`${base}/:id`, (request, response) => {
    response.json(wire(find(pathOf(request, 'id'))));
  });
  router.put(`${base}/:id`, (request, response) => {
    const row = find(pathOf(request, 'id'));
    const slug = roleOf(parse(roles, request.body));
    if (slug) changeMembership(world, row, { role: { slug } });
    response.json(wire(row));
  });
  router.delete(`${base}/:id`, (request, response) => {
    deleteMembership(world, find(pathOf(request, 'id')));
    response.status(204).end();
  });
  for (const [verb, status] of [
    ['deactivate', 'inactive'],
    ['reactivate', 'active'],
  ] as const)
    router.put(`${base}/:id/${verb}`, (request, response) => {
      const row = find(pathOf(request, 'id'));
      if (row.status === 'pending')
        throw badRequest('pending_organization_membership', `A pending membership cannot be ${verb}d.`);
      if (row.status !== status) changeMembership(world, row, { status });
      response.json(wire(row));
    });
  return router;
}
