import type { Pool, PoolClient } from 'pg';
import { IdentityRefusedError, type Workos } from '../../runtime/identity-provider.ts';
import { asSystem } from '../context.ts';
import { GaveUp, type TaskEvent, type TaskWork } from './internal.ts';

/** identity.invitation_to_tell */
interface InvitationToTell {
  organization: string;
  email: string;
  status: string;
  days: number;
  inviter: string | null;
  /** What the identity provider calls it, when it has been told. */
  sent: string | null;
}

const states = { active: 'active', suspended: 'inactive', removed: 'removed' } as const;

type Told = (event: TaskEvent) => Promise<void>;

/**
 * The task `tell_provider`, on what happens here to invitations and members: the identity provider sends the mails, and lets nobody sign in whom somebody here has
 * locked out. Without an identity provider, or for a tenant that has no organization there, there is nobody to tell.
 */
export function tellProvider(pool: Pool, workos: Workos | undefined): TaskWork {
  if (!workos) return async () => {};
  const inTenant = <T>(event: TaskEvent, sql: string, values: unknown[]) =>
    asSystem(pool, event.tenant_id, 'tell the identity provider', async (client: PoolClient) => {
      await client.query('reset role');
      return (await client.query<{ answer: T }>(sql, values)).rows.map(({ answer }) => answer);
    });
  const invitation = async (event: TaskEvent) => {
    const [found] = await inTenant<InvitationToTell | null>(
      event,
      'select identity.invitation_to_tell($1, $2) as answer',
      [workos.issuer, event.entity_id],
    );
    return found ?? undefined;
  };
  /** Says what they are now, and not what the event says: told twice, or late, it is the same. */
  const member: Told = async (event) => {
    // What the provider has told us, it knows.
    if (event.actor_type === 'system') return;
    const [status] = await inTenant<keyof typeof states>(
      event,
      'select identity.status_to_tell($1) as answer',
      [event.entity_id],
    );
    const ids = await inTenant<string>(event, 'select identity.memberships_to_tell($1, $2) as answer', [
      workos.issuer,
      event.entity_id,
    ]);
    if (status) for (const id of ids) await workos.setMembership(id, states[status]);
  };
  const told: Record<string, Told> = {
    async 'user.invited'(event) {
      const found = await invitation(event);
      if (!found || found.sent || found.status !== 'pending') return;
      const id = await workos.sendInvitation({ ...found, inviter: found.inviter ?? undefined });
      await inTenant(event, 'select identity.note_invitation($1, $2, $3) as answer', [
        workos.issuer,
        id,
        event.entity_id,
      ]);
      // Somebody took it back meanwhile: the task on that found nothing sent.
      if ((await invitation(event))?.status === 'revoked') await workos.revokeInvitation(id);
    },
    async 'invitation.resent'(event) {
      const found = await invitation(event);
      if (found?.sent && found.status === 'pending') await workos.resendInvitation(found.sent);
    },
    async 'invitation.revoked'(event) {
      const found = await invitation(event);
      if (found?.sent) await workos.revokeInvitation(found.sent);
    },
    'user.suspended': member,
    'user.reactivated': member,
    'user.removed': member,
  };
  return async (event) => {
    try {
      await told[event.type]?.(event);
    } catch (error) {
      // It would say the same again.
      if (error instanceof IdentityRefusedError) throw new GaveUp(`${error.code}: ${error.message}`);
      throw error;
    }
  };
}
