import { directoryUserWire } from './directory-users.ts';
import { badRequest, notFound } from './errors.ts';
import { newId } from './ids.ts';
import type { Directory, DirectoryGroup, DirectoryUser } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

export function groupWire(row: DirectoryGroup): object {
  const { members, ...group } = row;
  return group;
}

export function findGroup(world: World, id: string): DirectoryGroup {
  const row = world.state.directoryGroups.get(id);
  if (!row) throw notFound('Directory group', id);
  return row;
}

export function createGroup(
  world: World,
  directory: Directory,
  input: { name: string; idp_id?: string | undefined },
): DirectoryGroup {
  const row: DirectoryGroup = {
    object: 'directory_group',
    id: newId('directory_group'),
    directory_id: directory.id,
    organization_id: directory.organization_id,
    idp_id: input.idp_id ?? newId('idp'),
    name: input.name,
    raw_attributes: {},
    members: [],
    ...born(),
  };
  world.state.directoryGroups.set(row.id, row);
  world.emit('dsync.group.created', groupWire(row));
  return row;
}

export function renameGroup(world: World, row: DirectoryGroup, name: string): void {
  if (row.name === name) return;
  const previous_attributes = { name: row.name };
  change(row, { name });
  world.emit('dsync.group.updated', { ...groupWire(row), previous_attributes });
}

/** Its people are not told of one by one. */
export function deleteGroup(world: World, row: DirectoryGroup): void {
  world.state.directoryGroups.delete(row.id);
  world.emit('dsync.group.deleted', groupWire(row));
}

/** @throws ApiError 400 for somebody of another directory */
export function addToGroup(world: World, row: DirectoryGroup, user: DirectoryUser): void {
  if (user.directory_id !== row.directory_id)
    throw badRequest('another_directory', 'The user and the group are of two directories.');
  if (row.members.includes(user.id)) return;
  row.members.push(user.id);
  world.emit('dsync.group.user_added', memberWire(row, user));
}

export function removeFromGroup(world: World, row: DirectoryGroup, user: DirectoryUser): void {
  if (!row.members.includes(user.id)) return;
  row.members = row.members.filter((id) => id !== user.id);
  world.emit('dsync.group.user_removed', memberWire(row, user));
}

const memberWire = (row: DirectoryGroup, user: DirectoryUser): object => ({
  directory_id: row.directory_id,
  user: directoryUserWire(user),
  group: groupWire(row),
});
