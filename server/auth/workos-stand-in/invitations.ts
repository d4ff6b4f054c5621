import { Router } from 'express';
import * as z from 'zod';
import { badRequest, notFound } from './errors.ts';
import { newId, newSecret } from './ids.ts';
import { email, parse, pathOf, queryOf, text } from './input.ts';
import { listOf } from './lists.ts';
import { changeMembership, createMembership, membershipOf } from './memberships.ts';
import type { Invitation, User } from './state.ts';
import { born, change, now } from './timestamps.ts';
import { userByEmail } from './users.ts';
import type { World } from './world.ts';

const sending = z.object({
  email,
  organization_id: text.nullish(),
  expires_in_days: z.number().int().min(1).max(30).nullish(),
  inviter_user_id: text.nullish(),
  role_slug: text.nullish(),
});

const dayMs = 86_400_000;
const usualDays = 7;

/** Without its token: an event is read by more people than the invitation is for. */
function eventWire(row: Invitation): object {
  const { token, ...invitation } = row;
  return invitation;
}

function invitationWire(world: World, row: Invitation): object {
  return { ...row, accept_invitation_url: `${world.settings.url}/stand-in/invitations/${row.token}` };
}

/** An open invitation whose time is over becomes an expired one when somebody looks; no event tells of it. */
function upToDate(row: Invitation): Invitation {
  if (row.state === 'pending' && Date.parse(row.expires_at) <= Date.now()) change(row, { state: 'expired' });
  return row;
}

export function invitationByToken(world: World, token: string): Invitation | undefined {
  const row = [...world.state.invitations.values()].find((one) => one.token === token);
  return row && upToDate(row);
}

/** @throws ApiError 400 when the person is a member or invited already, 404 for an unknown organization or inviter */
function sendInvitation(world: World, input: z.infer<typeof sending>): Invitation {
  const { users, organizations, invitations } = world.state;
  const organization = input.organization_id ?? null;
  if (organization && !organizations.has(organization)) throw notFound('Organization', organization);
  if (input.inviter_user_id && !users.has(input.inviter_user_id))
    throw notFound('User', input.inviter_user_id);
  const user = userByEmail(world, input.email);
  if (organization && user && membershipOf(world, user.id, organization)?.status === 'active')
    throw badRequest(
      'user_already_organization_member',
      `${input.email} belongs to the organization already.`,
    );
  for (const row of invitations.values())
    if (
      row.email === input.email &&
      row.organization_id === organization &&
      upToDate(row).state === 'pending'
    )
      throw badRequest('email_already_invited', `${input.email} is invited already.`);
  const row: Invitation = {
    object: 'invitation',
    id: newId('invitation'),
    email: input.email,
    state: 'pending',
    accepted_at: null,
    revoked_at: null,
    expires_at: new Date(Date.now() + (input.expires_in_days ?? usualDays) * dayMs).toISOString(),
    organization_id: organization,
    inviter_user_id: input.inviter_user_id ?? null,
    accepted_user_id: null,
    role_slug: input.role_slug ?? null,
    token: newSecret(),
    ...born(),
  };
  invitations.set(row.id, row);
  world.emit('invitation.created', eventWire(row));
  return row;
}

/** The invited person joins. @throws ApiError 400 when the invitation is no longer open */
export function acceptInvitation(world: World, row: Invitation, user: User | undefined): void {
  demandOpen(row);
  change(row, { state: 'accepted', accepted_at: now(), accepted_user_id: user?.id ?? null });
  world.emit('invitation.accepted', eventWire(row));
  if (!user || !row.organization_id) return;
  const membership = membershipOf(world, user.id, row.organization_id);
  if (!membership)
    createMembership(world, { user_id: user.id, organization_id: row.organization_id, role: row.role_slug });
  else if (membership.status !== 'active') changeMembership(world, membership, { status: 'active' });
}

function demandOpen(row: Invitation): void {
  if (upToDate(row).state !== 'pending')
    throw badRequest(`invitation_${row.state}`, `The invitation is ${row.state}.`);
}

export function invitationRoutes(world: World): Router {
  const { invitations } = world.state;
  const wire = (row: Invitation) => invitationWire(world, upToDate(row));
  const find = (id: string): Invitation => {
    const row = invitations.get(id);
    if (!row) throw notFound('Invitation', id);
    return row;
  };
  const base = '/user_management/invitations';
  const router = Router();
  router.get(base, (request, response) => {
    const address = queryOf(request, 'email')?.toLowerCase();
    const organization = queryOf(request, 'organization_id');
    const found = [...invitations.values()].filter(
      (row) => (!address || row.email === address) && (!organization || row.organization_id === organization),
    );
    response.json(listOf(request, found, wire));
  });
  router.post(base, (request, response) => {
    response.status(201).json(wire(sendInvitation(world, parse(sending, request.body))));
  });
  router.get(`${base}/by_token/:token`, (request, response) => {
    const token = pathOf(request, 'token');
    const row = invitationByToken(world, token);
    if (!row) throw notFound('Invitation', token);
    response.json(wire(row));
  });
  router.get(`${base}/:id`, (request, response) => {
    response.json(wire(find(pathOf(request, 'id'))));
  });
  router.post(`${base}/:id/accept`, (request, response) => {
    const row = find(pathOf(request, 'id'));
    acceptInvitation(world, row, userByEmail(world, row.email));
    response.json(wire(row));
  });
  router.post(`${base}/:id/revoke`, (request, response) => {
    const row = find(pathOf(request, 'id'));
    demandOpen(row);
    change(row, { state: 'revoked', revoked_at: now() });
    world.emit('invitation.revoked', eventWire(row));
    response.json(wire(row));
  });
  router.post(`${base}/:id/resend`, (request, response) => {
    const row = find(pathOf(request, 'id'));
    demandOpen(row);
    change(row, { expires_at: new Date(Date.now() + usualDays * dayMs).toISOString() });
    world.emit('invitation.resent', eventWire(row));
    response.json(wire(row));
  });
  return router;
}
