import { describe, expect, it } from 'vitest';
import { asMember, asTenant, refusal } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { subscriptions } from './subscriptions.ts';

const database = await createTestDatabase();
const { subscribed, subscriptionOf, verb, refusedVerb, systemVerb, shift, linesOf, eventsOf } =
  subscriptions(database);

describe('an upgrade', () => {
  it('in a trial changes the plan and charges nothing', async () => {
    const tenant = await subscribed({ plan: 'team' });
    await verb(tenant, `upgrade_subscription(id, 'business')`);
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'business', status: 'trialing' });
    expect(await linesOf(tenant)).toEqual([]);
    expect(await eventsOf(tenant)).toEqual(['subscription.created', 'subscription.upgraded']);
  });

  it('gives back the rest of the old month and charges the rest of the new one', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await shift(tenant, '10 days');
    await verb(tenant, `upgrade_subscription(id, 'business')`);
    const [, upgrade] = await linesOf(tenant);
    // three quarters of 4,900 and of 19,900, give or take the second in which the test runs
    expect(upgrade).toEqual([
      ['Unused time on Team', -3675],
      ['Remaining time on Business', 14925],
    ]);
  });

  it('at the last moment of a period charges nothing', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await shift(tenant, '41 days');
    await verb(tenant, `upgrade_subscription(id, 'business')`);
    expect(await linesOf(tenant)).toHaveLength(1);
    await systemVerb(tenant, 'renew_subscription(id)');
    expect((await linesOf(tenant))[1]).toEqual([['Business', 19900]]);
  });

  it('of several steps costs what one step would', async () => {
    const one = await subscribed({ plan: 'team', paid: true });
    const two = await subscribed({ plan: 'team', paid: true });
    for (const tenant of [one, two]) await shift(tenant, '13 days');
    await verb(one, `upgrade_subscription(id, 'enterprise')`);
    await verb(two, `upgrade_subscription(id, 'business')`);
    await verb(two, `upgrade_subscription(id, 'enterprise')`);
    const sum = async (tenant: TestTenant) =>
      (await linesOf(tenant)).flat().reduce((total, [, amount]) => total + amount, 0);
    // a second may pass between the two: half a cent of the difference
    expect(Math.abs((await sum(one)) - (await sum(two)))).toBeLessThanOrEqual(2);
  });

  it('is refused to the same plan, a lower one and one that does not exist', async () => {
    const tenant = await subscribed({ plan: 'business', paid: true });
    for (const [plan, code] of [
      [`'business'`, 'ZF015'],
      [`'free'`, 'ZF015'],
      [`'none'`, 'ZF010'],
      ['null', 'ZF010'],
      [`''`, 'ZF010'],
    ]) {
      expect([plan, (await refusedVerb(tenant, `upgrade_subscription(id, ${plan})`)).code]).toEqual([
        plan,
        code,
      ]);
    }
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'business' });
    expect(await linesOf(tenant)).toHaveLength(1);
  });

  it('is refused while past due or paused, with what is legal then', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await verb(tenant, 'pause_subscription(id)');
    const paused = await refusedVerb(tenant, `upgrade_subscription(id, 'business')`);
    expect(paused).toMatchObject({ code: 'ZF005', detail: expect.stringContaining('resume (to active)') });
    await verb(tenant, 'resume_subscription(id)');
    await systemVerb(tenant, 'mark_past_due_subscription(id)');
    const due = await refusedVerb(tenant, `upgrade_subscription(id, 'business')`);
    expect(due).toMatchObject({ code: 'ZF005', detail: expect.stringContaining('recover (to active)') });
  });

  it('is decided by billing and owner alone', async () => {
    const tenant = await subscribed({
      plan: 'business',
      paid: true,
      members: ['admin', 'member', 'viewer', 'billing'],
    });
    for (const role of ['admin', 'member', 'viewer'] as const) {
      const { code, detail } = await asMember(database, tenant, role, (client) =>
        refusal(client, `select app.upgrade_subscription(id, 'enterprise') from app.subscription`),
      );
      expect([role, code, detail]).toEqual([role, 'ZF003', expect.stringContaining('subscription:upgrade')]);
    }
    await asMember(database, tenant, 'billing', (client) =>
      client.query(`select app.upgrade_subscription(id, 'enterprise') from app.subscription`),
    );
  });
});

describe('a downgrade', () => {
  it('in a trial holds at once', async () => {
    const tenant = await subscribed({ plan: 'business' });
    await verb(tenant, `downgrade_subscription(id, 'team')`);
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'team', next_plan: null });
    expect((await eventsOf(tenant)).at(-1)).toBe('subscription.downgraded');
  });

  it('waits for the next period otherwise, which is charged at the lower price', async () => {
    const tenant = await subscribed({ plan: 'business', paid: true });
    await verb(tenant, `downgrade_subscription(id, 'team')`);
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'business', next_plan: 'team' });
    await shift(tenant, '41 days');
    await systemVerb(tenant, 'renew_subscription(id)');
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'team', next_plan: null, period: 1 });
    expect((await linesOf(tenant))[1]).toEqual([['Team', 4900]]);
    expect((await eventsOf(tenant)).slice(-2)).toEqual(['subscription.downgraded', 'subscription.renewed']);
  });

  it('that waits is taken back by an upgrade', async () => {
    const tenant = await subscribed({ plan: 'business', paid: true });
    await verb(tenant, `downgrade_subscription(id, 'team')`);
    await verb(tenant, `upgrade_subscription(id, 'enterprise')`);
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'enterprise', next_plan: null });
  });

  it('is refused while more is in use than the plan allows, saying what', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await asTenant(database, tenant, (client) =>
      client.query(`insert into app.project (name) select 'p' || n from generate_series(1, 4) n`),
    );
    const { code, detail } = await refusedVerb(tenant, `downgrade_subscription(id, 'free')`);
    expect([code, detail]).toEqual(['ZF007', 'projects: 4 in use, 3 allowed']);
  });

  it('is refused to the same plan, a higher one and one that does not exist', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    for (const [plan, code] of [
      [`'team'`, 'ZF015'],
      [`'business'`, 'ZF015'],
      [`'none'`, 'ZF010'],
      ['null', 'ZF010'],
    ]) {
      expect([plan, (await refusedVerb(tenant, `downgrade_subscription(id, ${plan})`)).code]).toEqual([
        plan,
        code,
      ]);
    }
  });
});
