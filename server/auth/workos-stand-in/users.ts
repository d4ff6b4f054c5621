import { Router } from 'express';
import * as z from 'zod';
import { ApiError, conflict, notFound } from './errors.ts';
import { newId } from './ids.ts';
import { email, mergeMetadata, metadata, parse, pathOf, queryOf, text } from './input.ts';
import { listOf } from './lists.ts';
import { deleteMembership } from './memberships.ts';
import { endSessions, sessionWire } from './sessions.ts';
import type { User } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

const changes = z.object({
  email: email.nullish(),
  email_verified: z.boolean().nullish(),
  name: z.string().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  external_id: text.nullish(),
  locale: z.string().nullish(),
  metadata: metadata.nullish(),
});
const creation = changes.extend({ email });

export function findUser(world: World, id: string): User {
  const user = world.state.users.get(id);
  if (!user) throw notFound('User', id);
  return user;
}

export function userByEmail(world: World, address: string): User | undefined {
  return [...world.state.users.values()].find((user) => user.email === address.toLowerCase());
}

/** Makes a user. `id` is given only when seeding. Emits nothing. */
export function newUser(input: z.infer<typeof creation>, id: string = newId('user')): User {
  const first_name = input.first_name ?? null;
  const last_name = input.last_name ?? null;
  return {
    object: 'user',
    id,
    email: input.email,
    email_verified: input.email_verified ?? false,
    name: input.name ?? joined(first_name, last_name),
    first_name,
    last_name,
    profile_picture_url: null,
    last_sign_in_at: null,
    locale: input.locale ?? null,
    external_id: input.external_id ?? null,
    metadata: mergeMetadata({}, input.metadata ?? {}),
    ...born(),
  };
}

const joined = (...names: (string | null)[]): string | null => names.filter(Boolean).join(' ') || null;

/** @throws ApiError 400 when the e-mail is taken, 409 when the external id is */
export function createUser(world: World, input: z.infer<typeof creation>): User {
  demandFree(world, input);
  const user = newUser(input);
  world.state.users.set(user.id, user);
  world.emit('user.created', user);
  return user;
}

function updateUser(world: World, user: User, input: z.infer<typeof changes>): User {
  demandFree(world, input, user);
  const { metadata: more, email: address, email_verified, ...names } = input;
  const given = Object.entries(names).filter(([, value]) => value !== undefined);
  change(user, {
    ...Object.fromEntries(given),
    ...(address && { email: address }),
    // A new address is not verified by the old one's having been.
    email_verified: email_verified ?? (address && address !== user.email ? false : user.email_verified),
    ...(more && { metadata: mergeMetadata(user.metadata, more) }),
  });
  if (names.name === undefined && (names.first_name !== undefined || names.last_name !== undefined))
    user.name = joined(user.first_name, user.last_name);
  world.emit('user.updated', user);
  return user;
}

function demandFree(world: World, input: z.infer<typeof changes>, self?: User): void {
  const others = [...world.state.users.values()].filter((user) => user !== self);
  if (others.some((user) => user.email === input.email))
    throw new ApiError(400, {
      code: self ? 'user_update_error' : 'user_creation_error',
      message: `Could not ${self ? 'update' : 'create'} user.`,
      errors: [{ code: 'email_not_available', message: `${input.email} belongs to another user.` }],
    });
  if (input.external_id && others.some((user) => user.external_id === input.external_id))
    throw conflict(
      'external_id_already_used',
      `The external id ${input.external_id} belongs to another user.`,
    );
}

/** Their sessions end and their memberships go with them. */
function deleteUser(world: World, user: User): void {
  endSessions(world, (session) => session.user_id === user.id);
  for (const membership of [...world.state.memberships.values()])
    if (membership.user_id === user.id) deleteMembership(world, membership);
  world.state.users.delete(user.id);
  world.emit('user.deleted', user);
}

export function userRoutes(world: World): Router {
  const { users, memberships, sessions } = world.state;
  const router = Router();
  router.get('/user_management/users', (request, response) => {
    const address = queryOf(request, 'email')?.toLowerCase();
    const organization = queryOf(request, 'organization_id');
    const members = new Set(
      [...memberships.values()]
        .filter((membership) => membership.organization_id === organization)
        .map((membership) => membership.user_id),
    );
    const found = [...users.values()].filter(
      (user) => (!address || user.email === address) && (!organization || members.has(user.id)),
    );
    response.json(listOf(request, found, (user) => user));
  });
  router.post('/user_management/users', (request, response) => {
    response.status(201).json(createUser(world, parse(creation, request.body)));
  });
  router.get('/user_management/users/external_id/:externalId', (request, response) => {
    const externalId = pathOf(request, 'externalId');
    const user = [...users.values()].find((one) => one.external_id === externalId);
    if (!user) throw notFound('User', externalId);
    response.json(user);
  });
  router.get('/user_management/users/:id', (request, response) => {
    response.json(findUser(world, pathOf(request, 'id')));
  });
  router.put('/user_management/users/:id', (request, response) => {
    const user = findUser(world, pathOf(request, 'id'));
    response.json(updateUser(world, user, parse(changes, request.body)));
  });
  router.delete('/user_management/users/:id', (request, response) => {
    deleteUser(world, findUser(world, pathOf(request, 'id')));
    response.status(204).end();
  });
  router.get('/user_management/users/:id/sessions', (request, response) => {
    const user = findUser(world, pathOf(request, 'id'));
    const found = [...sessions.values()].filter((session) => session.user_id === user.id);
    response.json(listOf(request, found, sessionWire));
  });
  return router;
}
