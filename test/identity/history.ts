import fc from 'fast-check';

/** An event as the identity provider sends it. */
export interface ProviderEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
  created_at: string;
}

export const ISSUER = 'https://idp.example';
export const ORGANIZATION = 'org_1';

/** What somebody does at the identity provider. Numbers choose among what there is at that moment. */
export type Act =
  | { does: 'rename'; who: number; to: number }
  | { does: 'deleteUser'; who: number }
  | { does: 'join'; who: number; status: 'active' | 'inactive' | 'pending' }
  | { does: 'setMembership'; who: number; status: 'active' | 'inactive' | 'pending' }
  | { does: 'leave'; who: number }
  | { does: 'connectDirectory' }
  | { does: 'deleteDirectory' }
  | { does: 'provision'; who: number }
  | { does: 'setDirectoryUser'; who: number; state: 'active' | 'inactive' }
  | { does: 'renameInDirectory'; who: number; to: number }
  | { does: 'deprovision'; who: number }
  | { does: 'makeGroup'; group: number }
  | { does: 'deleteGroup'; group: number }
  | { does: 'addToGroup'; who: number; group: number }
  | { does: 'removeFromGroup'; who: number; group: number }
  | { does: 'verifyDomain' }
  | { does: 'deleteDomain' }
  | { does: 'acceptInvitation'; who: number }
  | { does: 'openSession'; who: number }
  | { does: 'revokeSession'; who: number }
  | { does: 'renameGroup'; group: number; to: number }
  | { does: 'addDomain' }
  | { does: 'invite'; who: number }
  | { does: 'setConnection'; active: boolean }
  | { does: 'deleteConnection' }
  | { does: 'describeOrganization'; name: number }
  | { does: 'deleteOrganization' };

const people = fc.nat(2);
const status = fc.constantFrom('active', 'active', 'inactive', 'pending' as const);
const group = fc.nat(1);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ does: fc.constant('rename' as const), who: people, to: fc.nat(2) }),
  fc.record({ does: fc.constant('deleteUser' as const), who: people }),
  fc.record({ does: fc.constant('join' as const), who: people, status }),
  fc.record({ does: fc.constant('setMembership' as const), who: people, status }),
  fc.record({ does: fc.constant('leave' as const), who: people }),
  fc.record({ does: fc.constant('connectDirectory' as const) }),
  fc.record({ does: fc.constant('deleteDirectory' as const) }),
  fc.record({ does: fc.constant('provision' as const), who: people }),
  fc.record({
    does: fc.constant('setDirectoryUser' as const),
    who: people,
    state: fc.constantFrom('active' as const, 'inactive' as const),
  }),
  fc.record({ does: fc.constant('renameInDirectory' as const), who: people, to: fc.nat(2) }),
  fc.record({ does: fc.constant('deprovision' as const), who: people }),
  fc.record({ does: fc.constant('makeGroup' as const), group }),
  fc.record({ does: fc.constant('deleteGroup' as const), group }),
  fc.record({ does: fc.constant('addToGroup' as const), who: people, group }),
  fc.record({ does: fc.constant('removeFromGroup' as const), who: people, group }),
  fc.record({ does: fc.constant('verifyDomain' as const) }),
  fc.record({ does: fc.constant('deleteDomain' as const) }),
  fc.record({ does: fc.constant('acceptInvitation' as const), who: people }),
  fc.record({ does: fc.constant('openSession' as const), who: people }),
  fc.record({ does: fc.constant('revokeSession' as const), who: people }),
  fc.record({ does: fc.constant('renameGroup' as const), group, to: group }),
  fc.record({ does: fc.constant('addDomain' as const) }),
  fc.record({ does: fc.constant('invite' as const), who: people }),
  fc.record({ does: fc.constant('setConnection' as const), active: fc.boolean() }),
  fc.record({ does: fc.constant('deleteConnection' as const) }),
  fc.record({ does: fc.constant('describeOrganization' as const), name: fc.nat(2) }),
);

/** Without it, most acts on groups would be about none. */
const furniture: readonly Act[] = [
  { does: 'connectDirectory' },
  { does: 'makeGroup', group: 0 },
  { does: 'makeGroup', group: 1 },
  { does: 'provision', who: 0 },
  { does: 'provision', who: 1 },
  { does: 'join', who: 0, status: 'active' },
  { does: 'addToGroup', who: 0, group: 0 },
];

/** A history of what may happen in one organization, each step possible after those before; with its end nothing more does. */
export const histories: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(act, { minLength: 1, maxLength: 25 }),
    fc.constantFrom<Act[]>([], [], [], [{ does: 'deleteOrganization' }]),
  )
  .map(([furnished, acts, last]) => [...(furnished ? furniture : []), ...acts, ...last]);

type Row = Record<string, unknown> & { id: string };

/**
 * The events that the identity provider would send for it, in order. Acts that are not possible when their turn comes are left out. Every person
 * exists from the beginning.
 */
export function eventsOf(acts: readonly Act[]): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  const live = new Map<string, Row>();
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  let count = 0;
  const now = () => new Date(clock).toISOString();
  const emit = (event: string, data: Record<string, unknown>) => {
    count += 1;
    events.push({
      id: `event_${String(count).padStart(5, '0')}`,
      event,
      data: structuredClone(data),
      created_at: now(),
    });
  };
  const put = (event: string, row: Row) => {
    const made = { created_at: now(), ...live.get(row.id), ...row, updated_at: now() };
    live.set(row.id, made);
    emit(event, made);
  };
  const end = (event: string, id: string) => {
    const row = live.get(id);
    live.delete(id);
    if (row) emit(event, { ...row, updated_at: now() });
  };
  const serials = new Map<string, number>();
  /** The id of the one that lives now, or of the next: ids are never used again. */
  const idOf = (kind: string): string => `${kind}_${serials.get(kind) ?? 0}`;
  const bury = (kind: string, event: string) => {
    end(event, idOf(kind));
    serials.set(kind, (serials.get(kind) ?? 0) + 1);
  };
  const user = (who: number, changes = {}) =>
    put(live.has(`user_${who}`) ? 'user.updated' : 'user.created', {
      id: `user_${who}`,
      email: `person${who}@corp.example`,
      email_verified: true,
      first_name: `Person ${who}`,
      last_name: null,
      ...changes,
    });
  const names = ['Admins', 'Readers'];

  for (const who of [0, 1, 2]) user(who);
  for (const step of acts) {
    clock += 1_000;
    const who = 'who' in step ? step.who : 0;
    const alive = live.has(`user_${who}`);
    const membership = `om_${who}`;
    const directory = idOf('directory');
    const directoryKind = `directory_user_${directory}_${who}`;
    const directoryUser = idOf(directoryKind);
    const groupKind = 'group' in step ? `group_${directory}_${step.group}` : '';
    const inGroup = (row: Row, event: string, member: Row) =>
      emit(event, { directory_id: directory, user: member, group: row });
    switch (step.does) {
      case 'rename':
        if (alive) user(who, { first_name: `Name ${step.to}`, email: `alias${who}.${step.to}@corp.example` });
        break;
      case 'deleteUser':
        if (!alive) break;
        if (live.has(idOf(membership))) bury(membership, 'organization_membership.deleted');
        end('user.deleted', `user_${who}`);
        break;
      case 'join':
      case 'setMembership': {
        if (!alive || live.has(idOf(membership)) !== (step.does === 'setMembership')) break;
        const event =
          step.does === 'join' ? 'organization_membership.created' : 'organization_membership.updated';
        put(event, {
          id: idOf(membership),
          user_id: `user_${who}`,
          organization_id: ORGANIZATION,
          status: step.status,
        });
        break;
      }
      case 'leave':
        if (live.has(idOf(membership))) bury(membership, 'organization_membership.deleted');
        break;
      case 'connectDirectory':
        if (!live.has(directory))
          put('dsync.activated', { id: directory, organization_id: ORGANIZATION, state: 'active' });
        break;
      case 'deleteDirectory':
        if (!live.has(directory)) break;
        for (const id of live.keys()) if (id.includes(`_${directory}_`)) live.delete(id);
        bury('directory', 'dsync.deleted');
        break;
      case 'provision':
      case 'setDirectoryUser':
      case 'renameInDirectory': {
        const there = live.get(directoryUser);
        if (!live.has(directory) || (there === undefined) !== (step.does === 'provision')) break;
        put(there ? 'dsync.user.updated' : 'dsync.user.created', {
          id: directoryUser,
          directory_id: directory,
          organization_id: ORGANIZATION,
          email: `person${who}@corp.example`,
          state: 'active',
          ...there,
          ...(step.does === 'setDirectoryUser' && { state: step.state }),
          ...(step.does === 'renameInDirectory' && { email: `alias${who}.${step.to}@corp.example` }),
        });
        break;
      }
      case 'deprovision':
        if (live.has(directoryUser)) bury(directoryKind, 'dsync.user.deleted');
        break;
      case 'makeGroup':
        if (live.has(directory) && !live.has(idOf(groupKind)))
          put('dsync.group.created', {
            id: idOf(groupKind),
            directory_id: directory,
            organization_id: ORGANIZATION,
            name: names[step.group],
          });
        break;
      case 'deleteGroup':
        if (live.has(idOf(groupKind))) bury(groupKind, 'dsync.group.deleted');
        break;
      case 'addToGroup':
      case 'removeFromGroup': {
        const row = live.get(idOf(groupKind));
        const member = live.get(directoryUser);
        if (row && member)
          inGroup(
            row,
            step.does === 'addToGroup' ? 'dsync.group.user_added' : 'dsync.group.user_removed',
            member,
          );
        break;
      }
      case 'renameGroup':
        if (live.has(idOf(groupKind)))
          put('dsync.group.updated', { id: idOf(groupKind), name: names[step.to] });
        break;
      case 'addDomain':
        if (!live.has(idOf('org_domain')))
          put('organization_domain.created', {
            id: idOf('org_domain'),
            organization_id: ORGANIZATION,
            domain: 'corp.example',
            state: 'pending',
          });
        break;
      case 'verifyDomain':
        if (live.get(idOf('org_domain'))?.state !== 'verified')
          put('organization_domain.verified', {
            id: idOf('org_domain'),
            organization_id: ORGANIZATION,
            domain: 'corp.example',
            state: 'verified',
          });
        break;
      case 'deleteDomain':
        if (live.has(idOf('org_domain'))) bury('org_domain', 'organization_domain.deleted');
        break;
      case 'invite':
        if (live.get(`invitation_${who}`)?.state !== 'accepted')
          put(live.has(`invitation_${who}`) ? 'invitation.resent' : 'invitation.created', {
            id: `invitation_${who}`,
            organization_id: ORGANIZATION,
            email: `guest${who}@elsewhere.example`,
            state: 'pending',
            accepted_user_id: null,
          });
        break;
      case 'setConnection':
        put(step.active ? 'connection.activated' : 'connection.deactivated', {
          id: idOf('connection'),
          organization_id: ORGANIZATION,
          state: step.active ? 'active' : 'inactive',
        });
        break;
      case 'deleteConnection':
        if (live.has(idOf('connection'))) bury('connection', 'connection.deleted');
        break;
      case 'describeOrganization':
        put(live.has(ORGANIZATION) ? 'organization.updated' : 'organization.created', {
          id: ORGANIZATION,
          name: `Name ${step.name}`,
        });
        break;
      case 'deleteOrganization':
        put(live.has(ORGANIZATION) ? 'organization.updated' : 'organization.created', { id: ORGANIZATION });
        end('organization.deleted', ORGANIZATION);
        break;
      case 'acceptInvitation':
        if (alive)
          put('invitation.accepted', {
            id: `invitation_${who}`,
            organization_id: ORGANIZATION,
            email: `guest${who}@elsewhere.example`,
            state: 'accepted',
            accepted_user_id: `user_${who}`,
          });
        break;
      case 'openSession':
        emit('session.created', { id: `session_${who}`, user_id: `user_${who}`, updated_at: now() });
        break;
      case 'revokeSession':
        emit('session.revoked', { id: `session_${who}`, user_id: `user_${who}`, updated_at: now() });
        break;
    }
  }
  return events;
}
