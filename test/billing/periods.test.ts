import { describe, expect, it } from 'vitest';
import { asOperator, asSystem, asTenant, refusal } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import { subscriptions } from './subscriptions.ts';

const database = await createTestDatabase();
const { subscribed, subscriptionOf, verb, systemVerb, shift, linesOf, eventsOf } = subscriptions(database);

describe('a new subscription', () => {
  it('is in trial where the plan has one, and nothing is charged', async () => {
    const tenant = await subscribed({ plan: 'team' });
    expect(await subscriptionOf(tenant)).toMatchObject({ status: 'trialing', plan: 'team' });
    expect(await linesOf(tenant)).toEqual([]);
  });

  it('of the free plan is active at once, and nothing is charged', async () => {
    const tenant = await subscribed({ plan: 'free' });
    expect(await subscriptionOf(tenant)).toMatchObject({ status: 'active', plan: 'free' });
    expect(await linesOf(tenant)).toEqual([]);
  });

  it('is one a tenant: a second living one is refused', async () => {
    const tenant = await subscribed({ plan: 'free' });
    await asOperator(database, tenant.id, async (client) => {
      expect((await refusal(client, `select app.start_subscription('team')`)).code).toBe('23505');
    });
  });
});

describe('the end of a trial', () => {
  it('begins the first period and charges the whole month', async () => {
    const tenant = await subscribed({ plan: 'team' });
    await systemVerb(tenant, 'activate_subscription(id)');
    const { status, current_period_start, current_period_end } = await subscriptionOf(tenant);
    expect(status).toBe('active');
    const days = (current_period_end.getTime() - current_period_start.getTime()) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(28);
    expect(days).toBeLessThanOrEqual(31);
    expect(await linesOf(tenant)).toEqual([[['Team', 4900]]]);
    expect(await eventsOf(tenant)).toEqual(['subscription.created', 'subscription.activated']);
  });

  it('is found by the due rows once its time has come, and not before', async () => {
    const tenant = await subscribed({ plan: 'team' });
    const due = async () => {
      const { rows } = await database
        .pool('worker')
        .query('select entity, verb from platform.due_rows() where tenant_id = $1', [tenant.id]);
      return rows;
    };
    expect(await due()).toEqual([]);
    await asOperator(database, tenant.id, (client) =>
      client.query(
        `update app.subscription set trial_ends_at = now() - interval '1 hour' where tenant_id = platform.tenant_id()`,
      ),
    );
    expect(await due()).toEqual([{ entity: 'subscription', verb: 'activate' }]);
    const { id } = await subscriptionOf(tenant);
    await asSystem(database, tenant.id, (client) =>
      client.query(`select platform.run_due('subscription', 'activate', $1)`, [id]),
    );
    expect(await due()).toEqual([]);
    // the period began when the trial ended, not when the job came
    const { current_period_start } = await subscriptionOf(tenant);
    expect(Date.now() - current_period_start.getTime()).toBeGreaterThan(3_500_000);
  });
});

describe('a renewal', () => {
  it('before its time changes nothing', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    const before = await subscriptionOf(tenant);
    await systemVerb(tenant, 'renew_subscription(id)');
    expect(await subscriptionOf(tenant)).toEqual(before);
    expect(await linesOf(tenant)).toHaveLength(1);
  });

  it('begins the next period where the last one ended, once', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await shift(tenant, '41 days');
    const { current_period_end: end } = await subscriptionOf(tenant);
    await systemVerb(tenant, 'renew_subscription(id)');
    await systemVerb(tenant, 'renew_subscription(id)');
    const renewed = await subscriptionOf(tenant);
    expect(renewed.current_period_start).toEqual(end);
    expect(renewed.period).toBe(1);
    expect(await linesOf(tenant)).toHaveLength(2);
  });
});

describe('a pause', () => {
  it('within the paid period is resumed without a charge', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await verb(tenant, 'pause_subscription(id)');
    await verb(tenant, 'resume_subscription(id)');
    expect(await linesOf(tenant)).toHaveLength(1);
    expect((await eventsOf(tenant)).slice(-2)).toEqual(['subscription.paused', 'subscription.resumed']);
  });

  it('beyond it begins a new period today, charges it and is told as a resumption', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await verb(tenant, 'pause_subscription(id)');
    await shift(tenant, '50 days');
    await verb(tenant, 'resume_subscription(id)');
    const { status, current_period_start } = await subscriptionOf(tenant);
    expect(status).toBe('active');
    expect(Date.now() - current_period_start.getTime()).toBeLessThan(60_000);
    expect((await linesOf(tenant))[1]).toEqual([['Team', 4900]]);
    expect((await eventsOf(tenant)).at(-1)).toBe('subscription.resumed');
  });

  it('leaves the free plan while it lasts', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    const projects = () =>
      asTenant(database, tenant, async (client) => {
        const { rows } = await client.query(`select app.entitlement('projects')::int as projects`);
        return rows[0].projects;
      });
    expect(await projects()).toBe(25);
    await verb(tenant, 'pause_subscription(id)');
    expect(await projects()).toBe(3);
    await verb(tenant, 'resume_subscription(id)');
    expect(await projects()).toBe(25);
  });

  it('is not renewed by the jobs', async () => {
    const tenant = await subscribed({ plan: 'team', paid: true });
    await verb(tenant, 'pause_subscription(id)');
    await shift(tenant, '50 days');
    const { rows } = await database
      .pool('worker')
      .query('select entity from platform.due_rows() where tenant_id = $1', [tenant.id]);
    expect(rows).toEqual([]);
  });
});

describe('a canceled subscription', () => {
  it('leaves the free plan, and makes room for a new one', async () => {
    const tenant = await subscribed({ plan: 'business', paid: true });
    await verb(tenant, 'cancel_subscription(id)');
    await asTenant(database, tenant, async (client) => {
      const { rows } = await client.query(
        `select app.entitlement('projects') as projects, app.entitlement('reports') as reports`,
      );
      expect(rows).toEqual([{ projects: '3', reports: '0' }]);
      expect((await refusal(client, `insert into app.report (kind) values ('events')`)).code).toBe('ZF014');
      expect(
        (await refusal(client, `insert into app.project (name) select 'p' from generate_series(1, 4)`)).code,
      ).toBe('ZF007');
    });
    await asOperator(database, tenant.id, (client) => client.query(`select app.start_subscription('team')`));
    expect(await subscriptionOf(tenant)).toMatchObject({ plan: 'team', status: 'trialing' });
  });
});
