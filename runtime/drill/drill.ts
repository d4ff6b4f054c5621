import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import type { Mend, Stage } from './faults.ts';
import { type Finding, findCause } from './finding.ts';
import type { Answered, Load } from './load.ts';
import type { Prometheus } from './prometheus.ts';
import type { Scenario } from './scenarios.ts';

export interface Outcome {
  alert: string;
  /** Seconds from the fault; undefined: never. */
  pendingAfter: number | undefined;
  firingAfter: number | undefined;
  /** Other alerts that fired meanwhile, and when. */
  others: Record<string, number>;
  finding: Finding | undefined;
  /** Whether it says what was done. */
  causeNamed: boolean;
  /** The page that the alert links to. */
  runbook: string | undefined;
}

interface Setting {
  scenario: Scenario;
  stage: Stage;
  prometheus: Prometheus;
  /** The file that `npm run incident` reads. */
  store: string;
  aborted: AbortSignal;
  say: (line: string) => void;
}

/** One incident from its begin to its end: all is well, the fault, the alert, the cause, and all is well again. @throws Failure when it was not well before or is not after */
export async function drill(setting: Setting): Promise<Outcome> {
  const { scenario, stage, prometheus, store, aborted, say } = setting;
  await untilWell(setting);
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1_000);
  const tell = (line: string) => say(`${String(seconds()).padStart(5)} s  ${line}`);
  tell(`the fault: ${scenario.title}`);
  const mend = onlyOnce(await scenario.inject(stage));
  try {
    const seen = await watch(scenario, prometheus, aborted, seconds, tell);
    if (seen.firingAfter === undefined)
      tell(`${scenario.alert} did not fire within ${scenario.withinSeconds} s`);
    const until = Date.now();
    const find = () => findCause(store, scenario.suspect, [began, until], aborted);
    const early = scenario.tracedOnceMended ? undefined : await find();
    await mend();
    tell('the fault is mended');
    const answered = await untilQuick(stage.load, aborted);
    tell(`requests are answered well again (${answered.count} of ${answered.count})`);
    const finding = early ?? (scenario.tracedOnceMended ? await find() : undefined);
    return { ...seen, alert: scenario.alert, finding, causeNamed: names(scenario, finding) };
  } finally {
    await mend();
  }
}

const names = ({ cause }: Scenario, finding: Finding | undefined): boolean =>
  finding !== undefined && cause.text.test(cause.in === 'log' ? finding.log.join('\n') : finding.verdict);

function onlyOnce(mend: Mend): Mend {
  let done: Promise<void> | undefined;
  return () => {
    done ??= mend();
    return done;
  };
}

type Seen = Pick<Outcome, 'pendingAfter' | 'firingAfter' | 'others' | 'runbook'>;

/** Tells of each alert that comes, until the one that is expected fires. */
async function watch(
  { alert: expected, withinSeconds }: Scenario,
  prometheus: Prometheus,
  aborted: AbortSignal,
  seconds: () => number,
  tell: (line: string) => void,
): Promise<Seen> {
  const seen: Seen = { pendingAfter: undefined, firingAfter: undefined, others: {}, runbook: undefined };
  const states = new Map<string, string>();
  while (seen.firingAfter === undefined && seconds() < withinSeconds) {
    await pause(500, undefined, { signal: aborted });
    for (const { name, state, severity, summary, runbook } of await prometheus.alerts()) {
      if (states.get(name) === state || states.get(name) === 'firing') continue;
      states.set(name, state);
      tell(`${name} is ${state} (${severity}): ${summary}`);
      if (name !== expected) {
        if (state === 'firing') seen.others[name] = seconds();
        continue;
      }
      seen.pendingAfter ??= seconds();
      if (state === 'firing') Object.assign(seen, { firingAfter: seconds(), runbook });
    }
  }
  return seen;
}

/** Prometheus sees both processes, nothing fires, and requests have been answered well for a while: an alert needs something to compare with. */
async function untilWell({ stage, prometheus, aborted, say }: Setting): Promise<void> {
  let well = 0;
  let last = '';
  for (let turn = 0; turn < 60; turn += 1) {
    await pause(1_000, undefined, { signal: aborted });
    const answered = stage.load.sinceLast();
    const up = await prometheus.value('sum(up)');
    const alerts = await prometheus.alerts();
    well = isWell(answered) && up === 2 && alerts.length === 0 ? well + 1 : 0;
    if (well === 0)
      last = `${answered.failed} failed and ${answered.slow} slow of ${answered.count} requests, ${up ?? 0} of 2 processes seen, alerts: ${alerts.map((alert) => alert.name).join(', ') || 'none'}`;
    if (well === 15) {
      say('  all is well: requests are answered, no alert is pending');
      return;
    }
  }
  throw new Failure(
    'not_well',
    `Without any fault, it was not well for 15 seconds together within a minute (${last}).`,
    'Nothing else should run on this machine during a drill.',
  );
}

async function untilQuick(load: Load, aborted: AbortSignal): Promise<Answered> {
  load.sinceLast();
  for (let turn = 0; turn < 30; turn += 1) {
    await pause(2_000, undefined, { signal: aborted });
    const answered = load.sinceLast();
    if (isWell(answered)) return answered;
  }
  throw new Failure(
    'not_mended',
    'A minute after the fault was mended, requests still failed or were slow.',
    'Nothing else should run on this machine during a drill.',
  );
}

const isWell = ({ count, failed, slow }: Answered): boolean => count > 0 && failed === 0 && slow === 0;
