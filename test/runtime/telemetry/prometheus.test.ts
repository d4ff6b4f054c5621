import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startPrometheus } from '../../../runtime/drill/prometheus.ts';
import { freePort } from '../../../runtime/free-ports.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTenant, type TestMember } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { startObservedSite } from './site.ts';

const there = spawnSync(process.env.PROMETHEUS || 'prometheus', ['--version']).status === 0;
if (!there) {
  if (process.env.CI) throw new Error('there is no prometheus, which CI needs: .ci/programs fetches it');
  console.log('skipped: no prometheus on this machine (Debian: .ci/programs fetches it)');
}

const database = await createTestDatabase();

it.skipIf(!there)(
  'a Prometheus that scrapes server and worker sees an upgrade once',
  { timeout: 90_000 },
  async () => {
    const site = await startObservedSite(database);
    const directory = mkdtempSync(join(tmpdir(), 'freehold-prometheus-'));
    const prometheus = await startPrometheus(directory, await freePort(), {
      server: Number(new URL(site.metrics.server).port),
      worker: Number(new URL(site.metrics.worker).port),
    });
    onTestFinished(async () => {
      await prometheus.stop();
      rmSync(directory, { recursive: true, force: true });
    });
    const tenant = await createTenant(database, { plan: 'team', paid: true });
    const owner = tenant.members.get('owner') as TestMember;
    const upgrades = async () =>
      (await prometheus.value('max(freehold_events_total{type="subscription.upgraded"})')) ?? 0;
    /** Of the worker: counted at a scrape, so one of after a given moment must have come. */
    const scrapedSince = (at: number) =>
      waitUntil('the worker was scraped', async () => {
        const last = await prometheus.value('timestamp(up{job="worker"} == 1)');
        return last !== undefined && last * 1_000 > at;
      });
    await waitUntil('both are scraped', async () => (await prometheus.value('sum(up)')) === 2);
    await scrapedSince(Date.now());
    const before = await upgrades();

    const { data } = await site.ask(owner, '{ subscriptions { nodes { id } } }');
    const answer = await site.ask(
      owner,
      'mutation Upgrade($id: UUID!) { upgradeSubscription(input: {id: $id, plan: "business"}) { subscription { plan } } }',
      { id: data.subscriptions.nodes[0].id },
    );
    expect(answer.errors).toBeUndefined();

    // A transaction anywhere in the cluster holds the count back, those of other tests too.
    await waitUntil('it is counted', async () => (await upgrades()) > before);
    await scrapedSince(Date.now());
    // a scrape that takes too long leaves a gap
    expect(await waitUntil('it is told again', upgrades)).toBe(before + 1);
    // The server's scrape comes when it comes.
    const requests = 'sum(http_server_request_duration_seconds_count{graphql_operation_name="Upgrade"})';
    expect(await waitUntil('the request is counted', () => prometheus.value(requests))).toBe(1);
  },
);
