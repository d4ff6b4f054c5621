import { notFound } from './errors.ts';
import { newId } from './ids.ts';
import { deprovision, provision } from './provisioning.ts';
import type { Directory, DirectoryUser } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

/** What an identity provider says of a person. */
export interface DirectoryUserFields {
  email?: string | null | undefined;
  first_name?: string | null | undefined;
  last_name?: string | null | undefined;
  idp_id?: string | undefined;
  state?: 'active' | 'inactive' | undefined;
  role?: string | undefined;
  custom_attributes?: Record<string, unknown> | undefined;
  raw_attributes?: Record<string, unknown> | undefined;
}

export function directoryUserWire(row: DirectoryUser): object {
  const { membership_id, ...user } = row;
  return { ...user, ...(user.role && { roles: [user.role] }) };
}

export function findDirectoryUser(world: World, id: string): DirectoryUser {
  const row = world.state.directoryUsers.get(id);
  if (!row) throw notFound('Directory user', id);
  return row;
}

export function createDirectoryUser(
  world: World,
  directory: Directory,
  input: DirectoryUserFields,
): DirectoryUser {
  const row: DirectoryUser = {
    object: 'directory_user',
    id: newId('directory_user'),
    directory_id: directory.id,
    organization_id: directory.organization_id,
    idp_id: input.idp_id ?? newId('idp'),
    email: input.email?.toLowerCase() ?? null,
    first_name: input.first_name ?? null,
    last_name: input.last_name ?? null,
    state: input.state ?? 'active',
    ...(input.role && { role: { slug: input.role } }),
    custom_attributes: input.custom_attributes ?? {},
    raw_attributes: input.raw_attributes ?? {},
    ...born(),
  };
  world.state.directoryUsers.set(row.id, row);
  world.emit('dsync.user.created', directoryUserWire(row));
  provision(world, row);
  return row;
}

/** The event carries in `previous_attributes` what the changed ones were. A change of nothing tells nothing. */
export function updateDirectoryUser(world: World, row: DirectoryUser, input: DirectoryUserFields): void {
  const { role, ...fields } = input;
  const wanted: Record<string, unknown> = { ...fields, ...(role && { role: { slug: role } }) };
  if (typeof wanted.email === 'string') wanted.email = wanted.email.toLowerCase();
  const old = row as unknown as Record<string, unknown>;
  const changed = Object.keys(wanted).filter(
    (name) => wanted[name] !== undefined && JSON.stringify(wanted[name]) !== JSON.stringify(old[name]),
  );
  if (changed.length === 0) return;
  const previous_attributes = Object.fromEntries(changed.map((name) => [name, old[name] ?? null]));
  change(row, Object.fromEntries(changed.map((name) => [name, wanted[name]])));
  world.emit('dsync.user.updated', { ...directoryUserWire(row), previous_attributes });
  provision(world, row);
}

export function deleteDirectoryUser(world: World, row: DirectoryUser): void {
  world.state.directoryUsers.delete(row.id);
  for (const group of world.state.directoryGroups.values())
    group.members = group.members.filter((id) => id !== row.id);
  world.emit('dsync.user.deleted', directoryUserWire(row));
  deprovision(world, row);
}
