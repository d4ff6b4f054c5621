import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { followEverybody } from '../support/identity.ts';
import { type Act, histories, invitedHistories } from './acts.ts';
import { eventsOf, ISSUER, ORGANIZATION, type ProviderEvent } from './history.ts';

const database = await createTestDatabase();

interface World {
  admitsDomains: boolean;
  /** Of the three people, who was invited here: by the address that they have, or by one that the provider has to tell whose it is. */
  invited: readonly ('no' | 'by address' | 'by acceptance')[];
}

/** What the events come to: who may act, as whom; what is known of the provider; which sessions live that should not. */
async function outcome(world: World, events: readonly ProviderEvent[]): Promise<unknown> {
  const client = await database.pool('admin').connect();
  try {
    await client.query('begin');
    await settle(client, world);
    await client.query('set local role freehold_worker');
    for (const event of events)
      await client.query('select identity.receive_event($1, $2, $3)', [
        ISSUER,
        JSON.stringify(event),
        'webhook',
      ]);
    await client.query('reset role');
    await drain(client);
    return await look(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** The tenant, with an owner of its own, groups that give roles, invitations and a session of each person. */
async function settle(client: PoolClient, { admitsDomains, invited }: World): Promise<void> {
  await client.query(
    `select platform.create_tenant('Acme', 'acme', 'boss@acme.example', 'Boss', 'elsewhere', 'boss', 'enterprise')`,
  );
  await client.query('select platform.link_organization($1, $2)', [ISSUER, ORGANIZATION]);
  await client.query(`update app.tenant set admit_verified_domains = $1`, [admitsDomains]);
  await client.query(
    `insert into app.group_role (group_name, role, position) values ('Admins', 'admin', 1), ('Readers', 'viewer', 2)`,
  );
  for (const [who, how] of invited.entries()) {
    await client.query(
      `insert into identity.session (token_hash, person_id, tenant_id, expires_at, issuer, provider_session)
       select sha256($2::bytea), identity.ensure_person($1, 'user_' || $3, 'x@y.example', 'X'), platform.tenant_id(), now() + interval '1 day', $1, 'session_' || $3`,
      [ISSUER, `session ${who}`, String(who)],
    );
    if (how === 'no') continue;
    const email = how === 'by address' ? `person${who}@corp.example` : `guest${who}@elsewhere.example`;
    await client.query(
      `with made as (insert into app.invitation (email, role) values ($2, 'billing') returning tenant_id, id)
       insert into identity.provided_invitation (issuer, id, tenant_id, invitation_id)
       select $1, 'invitation_' || $3, tenant_id, id from made`,
      [ISSUER, email, String(who)],
    );
  }
}

/** Until nothing changes: what waits for something that never comes stays. */
async function drain(client: PoolClient): Promise<void> {
  for (let before = -1; ; ) {
    await followEverybody(client);
    const { rows } = await client.query<{ waiting: number; failed: string | null }>(
      `select count(*)::int as waiting,
         (select string_agg(error, '; ') from (
           select error from identity.waiting_person union all select error from identity.inbox) e) as failed
       from identity.waiting_person`,
    );
    expect(rows[0]?.failed).toBeNull();
    if (rows[0]?.waiting === before) return;
    before = rows[0]?.waiting ?? 0;
  }
}

/**
 * Who is locked out may have been a member before or not: whether they are suspended, removed or were never let in, with what that did to keys and invitations, is told by
 * what was heard of first, and opens nothing.
 */
async function look(client: PoolClient): Promise<unknown> {
  const all = async (sql: string) => (await client.query(sql)).rows;
  return {
    members: await all(
      `select l.subject, m.role, m.email, m.name from app.membership m join identity.login l on l.person_id = m.person_id
       where m.status = 'active' and not exists (select from identity.blocked_member b where b.membership_id = m.id)
       order by l.subject`,
    ),
    known: await all(`select kind, id, data, ended from identity.provider_object order by kind, id`),
    // A suspension that was over before it was heard of ends no session; one that the provider has ended lives on in no order.
    undead: await all(
      `select s.provider_session from identity.session s
       join identity.provider_object o on o.issuer = s.issuer and o.kind = 'session' and o.id = s.provider_session and o.ended
       where s.revoked_at is null`,
    ),
    waiting: await all(`select subject, missing from identity.waiting_person order by subject`),
  };
}

const worlds: fc.Arbitrary<World> = fc.record({
  admitsDomains: fc.boolean(),
  invited: fc.array(fc.constantFrom('no' as const, 'by address' as const, 'by acceptance' as const), {
    minLength: 3,
    maxLength: 3,
  }),
});

/** Every event at least once, some twice, in any order. */
const shuffled = (events: readonly ProviderEvent[]) =>
  fc.shuffledSubarray([...events], { maxLength: events.length }).chain((twice) => {
    const stream = [...events, ...twice];
    return fc.shuffledSubarray(stream, { minLength: stream.length, maxLength: stream.length });
  });

async function sameInEveryOrder(among: fc.Arbitrary<Act[]>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      worlds,
      among.chain((acts) => {
        const events = eventsOf(acts);
        return fc.tuple(fc.constant(acts), fc.constant(events), shuffled(events));
      }),
      async (world, [, events, stream]) => {
        expect(await outcome(world, stream)).toEqual(await outcome(world, events));
      },
    ),
    { numRuns: Number(process.env.FC_RUNS ?? 60) },
  );
}

it('every order of a history, with events that come twice, ends in the same state', async () => {
  await sameInEveryOrder(histories);
}, 240_000);

it('so does every order of what becomes of one invitation', async () => {
  await sameInEveryOrder(invitedHistories);
}, 240_000);

it('an invitation that is revoked is good for who came before, and for nobody after, whichever is heard of first', async () => {
  const world: World = { admitsDomains: false, invited: ['by address', 'no', 'no'] };
  const join: Act = { does: 'join', who: 0, status: 'active' };
  const revoke: Act = { does: 'revokeInvitation', who: 0 };
  const boss = { subject: 'boss', role: 'owner', email: 'boss@acme.example', name: 'Boss' };
  const came = { subject: 'user_0', role: 'billing', email: 'person0@corp.example', name: 'Person 0' };
  for (const [acts, members] of [
    [
      [join, revoke],
      [boss, came],
    ],
    [[revoke, join], [boss]],
  ] as const)
    for (const stream of [eventsOf(acts), eventsOf(acts).reverse()])
      expect(await outcome(world, stream)).toMatchObject({ members });
});

it('the histories of the property reach every kind of event that is listened to', async () => {
  const seen = new Set(
    fc
      .sample(histories, { numRuns: 400, seed: 1 })
      .flatMap((acts: Act[]) => eventsOf(acts).map(({ event }) => event)),
  );
  const { rows } = await database.pool('worker').query('select event from identity.provider_events() event');
  expect([...seen].sort()).toEqual(rows.map(({ event }) => event));
});
