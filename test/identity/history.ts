import type { Act } from './acts.ts';

/** An event as the identity provider sends it. */
export interface ProviderEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
  created_at: string;
}

export const ISSUER = 'https://idp.example';
export const ORGANIZATION = 'org_1';

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
  const beginning = now();
  const invitation = (who: number, event: string, state: string, accepted_user_id: string | null = null) =>
    put(event, {
      id: `invitation_${who}`,
      organization_id: ORGANIZATION,
      email: `guest${who}@elsewhere.example`,
      state,
      accepted_user_id,
      created_at: beginning,
    });
  /** An invitation that was accepted or revoked stays so. */
  const isOpen = (who: number) =>
    [undefined, 'pending'].includes(live.get(`invitation_${who}`)?.state as string);
  const domain = (event: string, state: string) => {
    const row = { id: idOf('org_domain'), organization_id: ORGANIZATION, domain: 'corp.example', state };
    if (event === 'organization_domain.verification_failed') {
      live.set(row.id, { created_at: now(), ...live.get(row.id), ...row, updated_at: now() });
      emit(event, { reason: 'domain_verification_period_expired', organization_domain: live.get(row.id) });
    } else put(event, row);
  };

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
        if (!live.has(idOf('org_domain'))) domain('organization_domain.created', 'pending');
        break;
      case 'failDomain':
        if (live.get(idOf('org_domain'))?.state === 'pending')
          domain('organization_domain.verification_failed', 'failed');
        break;
      case 'retryDomain':
        if (live.has(idOf('org_domain')) && live.get(idOf('org_domain'))?.state !== 'verified')
          domain('organization_domain.updated', 'pending');
        break;
      case 'verifyDomain':
        if (live.get(idOf('org_domain'))?.state !== 'verified')
          domain('organization_domain.verified', 'verified');
        break;
      case 'deleteDomain':
        if (live.has(idOf('org_domain'))) bury('org_domain', 'organization_domain.deleted');
        break;
      case 'invite':
        if (isOpen(who))
          invitation(
            who,
            live.has(`invitation_${who}`) ? 'invitation.resent' : 'invitation.created',
            'pending',
          );
        break;
      case 'revokeInvitation':
        if (isOpen(who)) invitation(who, 'invitation.revoked', 'revoked');
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
        if (alive && isOpen(who)) invitation(who, 'invitation.accepted', 'accepted', `user_${who}`);
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
