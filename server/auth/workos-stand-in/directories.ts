import { Router } from 'express';
import { groupWire } from './directory-groups.ts';
import { directoryUserWire } from './directory-users.ts';
import { domainsOf } from './domains.ts';
import { badRequest, notFound } from './errors.ts';
import { newId, newSecret } from './ids.ts';
import { pathOf, queryOf } from './input.ts';
import { listOf } from './lists.ts';
import { deprovision } from './provisioning.ts';
import type { Directory, DirectoryUser } from './state.ts';
import { born } from './timestamps.ts';
import type { World } from './world.ts';

/** As the API tells it: there an active directory is "linked", which the SDK translates. */
function directoryWire(row: Directory): object {
  const { provisioning, ...directory } = row;
  return { ...directory, state: 'linked' };
}

/** As events tell it, where the words are others. */
function eventWire(row: Directory): { domain?: string } & Record<string, unknown> {
  const { provisioning, domain, ...directory } = row;
  return directory;
}

export function findDirectory(world: World, id: string): Directory {
  const row = world.state.directories.get(id);
  if (!row) throw notFound('Directory', id);
  return row;
}

/** Makes an active directory, as if the customer's IT had connected it in the portal. */
export function createDirectory(
  world: World,
  input: { organization_id: string; name: string; type: string; provisioning: boolean },
): Directory {
  const domains = domainsOf(world, input.organization_id);
  const row: Directory = {
    object: 'directory',
    id: newId('directory'),
    organization_id: input.organization_id,
    name: input.name,
    domain: domains[0]?.domain ?? '',
    external_key: newSecret().slice(0, 16),
    type: input.type,
    provisioning: input.provisioning,
    ...born(),
  };
  world.state.directories.set(row.id, row);
  world.emit('dsync.activated', {
    ...eventWire(row),
    state: 'active',
    domains: domains.map(({ id, domain }) => ({ object: 'organization_domain', id, domain })),
  });
  return row;
}

/** One event for all of it: who listens has to know that the people and groups of the directory are gone with it. */
export function deleteDirectory(world: World, row: Directory): void {
  const { directories, directoryUsers, directoryGroups } = world.state;
  directories.delete(row.id);
  const users = [...directoryUsers.values()].filter((user) => user.directory_id === row.id);
  for (const user of users) directoryUsers.delete(user.id);
  for (const group of [...directoryGroups.values()])
    if (group.directory_id === row.id) directoryGroups.delete(group.id);
  world.emit('dsync.deleted', { ...eventWire(row), state: 'deleting' });
  for (const user of users) deprovision(world, user);
}

export function directoryRoutes(world: World): Router {
  const { directories, directoryUsers, directoryGroups } = world.state;
  // As for teams that began in May 2026 or later: the groups of a user are listed by `/directory_groups?user=`.
  const withoutGroups = (user: DirectoryUser): object => ({ ...directoryUserWire(user), groups: [] });
  const router = Router();
  router.get('/directories', (request, response) => {
    const organization = queryOf(request, 'organization_id');
    const search = queryOf(request, 'search')?.toLowerCase();
    const found = [...directories.values()].filter(
      (row) =>
        (!organization || row.organization_id === organization) &&
        (!search || `${row.name} ${row.domain}`.toLowerCase().includes(search)),
    );
    response.json(listOf(request, found, directoryWire));
  });
  router.get('/directories/:id', (request, response) => {
    response.json(directoryWire(findDirectory(world, pathOf(request, 'id'))));
  });
  router.delete('/directories/:id', (request, response) => {
    deleteDirectory(world, findDirectory(world, pathOf(request, 'id')));
    response.status(204).end();
  });
  router.get('/directory_users', (request, response) => {
    const directory = queryOf(request, 'directory');
    const group = queryOf(request, 'group');
    if (!directory && !group) throw badRequest('directory_or_group_required', 'Name a directory or a group.');
    const members = directoryGroups.get(group ?? '')?.members ?? [];
    const found = [...directoryUsers.values()].filter(
      (user) => (!directory || user.directory_id === directory) && (!group || members.includes(user.id)),
    );
    response.json(listOf(request, found, withoutGroups));
  });
  router.get('/directory_users/:id', (request, response) => {
    const user = directoryUsers.get(pathOf(request, 'id'));
    if (!user) throw notFound('Directory user', pathOf(request, 'id'));
    response.json(withoutGroups(user));
  });
  router.get('/directory_groups', (request, response) => {
    const directory = queryOf(request, 'directory');
    const user = queryOf(request, 'user');
    if (!directory && !user) throw badRequest('directory_or_user_required', 'Name a directory or a user.');
    const found = [...directoryGroups.values()].filter(
      (group) => (!directory || group.directory_id === directory) && (!user || group.members.includes(user)),
    );
    response.json(listOf(request, found, groupWire));
  });
  router.get('/directory_groups/:id', (request, response) => {
    const group = directoryGroups.get(pathOf(request, 'id'));
    if (!group) throw notFound('Directory group', pathOf(request, 'id'));
    response.json(groupWire(group));
  });
  return router;
}
