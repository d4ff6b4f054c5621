import fc from 'fast-check';

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
  | { does: 'failDomain' }
  | { does: 'retryDomain' }
  | { does: 'revokeInvitation'; who: number }
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
  fc.record({ does: fc.constant('failDomain' as const) }),
  fc.record({ does: fc.constant('retryDomain' as const) }),
  fc.record({ does: fc.constant('revokeInvitation' as const), who: people }),
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

/** What one person and their invitation go through: who came before it was revoked, and after, with what ends and begins again. */
export const invitedHistories: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('join' as const), who: fc.constant(0), status }),
    fc.record({ does: fc.constant('setMembership' as const), who: fc.constant(0), status }),
    fc.record({ does: fc.constant('leave' as const), who: fc.constant(0) }),
    fc.record({ does: fc.constant('revokeInvitation' as const), who: fc.constant(0) }),
    fc.record({ does: fc.constant('acceptInvitation' as const), who: fc.constant(0) }),
    fc.record({ does: fc.constant('verifyDomain' as const) }),
  ),
  { minLength: 2, maxLength: 8 },
);
