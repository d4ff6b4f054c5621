import { setTimeout as pause } from 'node:timers/promises';
import { startReceiver } from '../demo/receiver.ts';
import { administer } from '../drill/faults.ts';
import { explain, Failure } from '../failure.ts';
import type { BalancerCounts } from './balancer.ts';
import { type DeliveryFigures, eventsOf, settleDeliveries } from './deliveries.ts';
import { type Failed, Figures, type PhaseFigures } from './figures.ts';
import { type Load, startLoad } from './load.ts';
import { makeRelease, present, type Tree } from './release.ts';
import { type DrillDatabase, type Stage, setStage } from './stage.ts';

export interface DrillOptions {
  database: DrillDatabase;
  /** Where the new release, logs and the configuration of HAProxy go. */
  directory: string;
  /** At least so many are sent. */
  requests: number;
  connections: number;
  perSecond: number;
  /** Of the tenant, before it begins. */
  projects: number;
  /** Seconds of load between steps. */
  soakSeconds: number;
  /** Without the way back to the old code, and with one server restarted the less. */
  short: boolean;
  say: (line: string) => void;
}

export interface Outcome {
  ok: boolean;
  /** Why a step did not do what it must. */
  broken?: string;
  requests: number;
  failures: number;
  failed: Failed[];
  seconds: number;
  perSecond: number;
  phases: PhaseFigures[];
  /** Seconds of each step. */
  steps: Record<string, number>;
  restarts: number;
  unclean: string[];
  balancer: BalancerCounts;
  deliveries: DeliveryFigures;
  /** Rows that the backfill left without a title, or with another. */
  untitled: number;
}

/**
 * A deployment from its begin to its end, under load: an expand migration beside the old code, every process rolled to the new version (one of them back to the
 * old one and forward again), the contract migration, and what the world saw of it.
 * @throws Failure when it cannot begin
 */
export async function deployDrill(options: DrillOptions): Promise<Outcome> {
  const { database, directory, say } = options;
  const release = makeRelease(`${directory}/release`);
  const stage = await setStage({ ...options, tree: present });
  const receiver = await startReceiver(3_600);
  const figures = new Figures();
  let load: Load | undefined;
  try {
    const { balancer, tenant } = stage;
    const before = await eventsOf(database.adminUrl, tenant.id);
    receiver.useSecret(await subscribe(balancer.url, tenant.apiKey, receiver.url));
    figures.enter('before');
    load = await startLoad({ ...options, url: balancer.url, apiKey: tenant.apiKey, figures });
    const began = Date.now();
    const steps: Record<string, number> = {};
    const broken = await deploy(steps, { stage, release, load, figures }, options).catch(
      (error: unknown) => error,
    );
    if (broken === undefined) await load.until(options.requests);
    await load.stop();
    const seconds = (Date.now() - began) / 1_000;
    say(`the load has ended: ${figures.requests} requests`);
    const deliveries = await settleDeliveries(database.adminUrl, tenant.id, before, receiver);
    const untitled = await countUntitled(database.adminUrl, tenant.id);
    const counts = await balancer.counts();
    await stage.stop();
    const failures = figures.failed.length;
    return {
      ok:
        broken === undefined &&
        failures === 0 &&
        deliveries.missing === 0 &&
        stage.unclean.length === 0 &&
        untitled === 0 &&
        counts.errors === 0 &&
        figures.requests >= options.requests,
      ...(broken !== undefined && { broken: explain(broken) }),
      requests: figures.requests,
      failures,
      failed: figures.failed,
      seconds: Math.round(seconds),
      perSecond: Math.round(figures.requests / seconds),
      phases: figures.phases,
      steps,
      restarts: stage.restarts,
      unclean: stage.unclean,
      balancer: counts,
      deliveries,
      untitled,
    };
  } finally {
    await load?.stop();
    await stage.stop();
    await receiver.stop();
  }
}

interface Deployment {
  stage: Stage;
  release: Tree;
  load: Load;
  figures: Figures;
}

/** The steps, as docs/deploying.md has them. @param steps filled with the seconds of each */
async function deploy(
  steps: Record<string, number>,
  { stage, release, load, figures }: Deployment,
  { soakSeconds, short, say }: DrillOptions,
): Promise<void> {
  const soak = async (phase: string) => {
    figures.enter(phase);
    await pause(soakSeconds * 1_000);
  };
  const step = async (name: string, phase: string, work: () => Promise<void>) => {
    figures.enter(phase);
    const began = Date.now();
    await work();
    steps[name] = Math.round((Date.now() - began) / 100) / 10;
    say(`${String(steps[name]).padStart(6)} s  ${name}`);
  };
  const roll = (
    name: string,
    tree: Tree,
    why = `${name} to the ${tree.version} version`,
    phase = 'rolling',
  ) => step(why, phase, () => stage.roll(name, tree));
  const [first = '', second = ''] = stage.servers;

  await soak('before');
  await step('expand', 'expand', () => succeed(stage.migrate(release, '--expand')));
  await soak('old code, expanded');
  await roll(first, release);
  if (!short) {
    await roll(first, present, `${first} back to the old version`);
    await roll(first, release, `${first} forward again`);
  }
  await roll('worker', release);
  await step('the contract is refused while old code serves', 'rolling', () =>
    refuse(stage.migrate(release), /older code serves: server old/),
  );
  await roll(second, release);
  // What every server knows now, frontends may ask for.
  load.call('title');
  await soak('new code');
  await step('contract', 'contract', () => succeed(stage.migrate(release, '--wait', '60')));
  await soak('after');
  await step('old code refuses to start', 'after', () =>
    refuse(stage.startInVain(present), /database is newer than this code/),
  );
  if (!short) await roll(first, release, `${first} restarted on the contracted database`, 'restart');
  figures.enter('after');
}

type Ran = Promise<{ code: number | null; output: string }>;

async function succeed(ran: Ran): Promise<void> {
  const { code, output } = await ran;
  if (code !== 0) throw new Failure('step_failed', `It ended with ${code}: ${output.trim()}`, '');
}

async function refuse(ran: Ran, reason: RegExp): Promise<void> {
  const { code, output } = await ran;
  if (code !== 1 || !reason.test(output))
    throw new Failure(
      'not_refused',
      `It ended with ${code} instead of 1 and ${reason}: ${output.trim()}`,
      '',
    );
}

/** @returns the secret with which messages are signed */
async function subscribe(url: string, apiKey: string, receiver: string): Promise<string> {
  const answer = await fetch(`${url}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ url: receiver, event_types: ['project.*'] }),
  });
  const body = (await answer.json()) as { secret?: string };
  if (!body.secret) throw new Error(`the webhook endpoint was not made: ${JSON.stringify(body)}`);
  return body.secret;
}

/** A row that lost what it was called, seen as an event of it told it last. */
async function countUntitled(adminUrl: string, tenantId: string): Promise<number> {
  const [row] = await administer<{ count: number }>(
    adminUrl,
    `select count(*)::int as count
     from app.project p
     cross join lateral (
       select e.data from app.event e
       where e.tenant_id = p.tenant_id and e.entity = 'project' and e.entity_id = p.id
       order by e.entity_version desc limit 1) told
     where p.tenant_id = $1 and p.title is distinct from coalesce(told.data ->> 'title', told.data ->> 'name')`,
    [tenantId],
  );
  return row?.count ?? -1;
}
