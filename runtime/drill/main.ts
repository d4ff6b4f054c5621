import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';
import { explain, Failure } from '../failure.ts';
import type { Outcome } from './drill.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { perform } from './system.ts';

/*
 * npm run drill:incident -- NAME: the real system under a load, a real Prometheus with the rules of deploy/prometheus, and one fault. Prints which alert comes when, and what
 * `npm run incident` finds. Exits with 0 when the alert fired in time and the cause was named, with 1 when not, with 2 when there is no such drill or no Prometheus.
 */
const usage = `npm run drill:incident -- NAME    plays an incident, in a directory of its own that is thrown away

  --json   for machines; what is told meanwhile goes to stderr
  --keep   leaves the directory, for npm run incident -- --store DIRECTORY/telemetry.db
  --list   the drills

${Object.entries(scenarios)
  .map(([name, { title }]) => `  ${name.padEnd(18)}${title}`)
  .join('\n')}`;

const wrong = (text: string): never => {
  console.error(text);
  process.exit(2);
};

function readArguments() {
  try {
    return parseArgs({
      options: { json: { type: 'boolean' }, keep: { type: 'boolean' }, list: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    return wrong(`${explain(error)}\n\n${usage}`);
  }
}

const { values, positionals } = readArguments();
const [name, ...more] = positionals;
if (values.list || name === undefined) {
  console.log(usage);
  process.exit(0);
}
const scenario: Scenario | undefined = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
if (!scenario || more.length > 0) wrong(`There is no drill ${positionals.join(' ')}.\n\n${usage}`);

const say = values.json ? console.error : console.log;
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => abort.abort(new Failure('stopped', `Stopped by ${signal}.`, '')));

const began = Date.now();
const directory = await mkdtemp(join(tmpdir(), 'freehold-drill-'));
// The embedded PostgreSQL of root is another user's, who has to get in.
await chmod(directory, 0o711);
let outcome: Outcome | undefined;
let failure: unknown;
let logs = '';
try {
  say(`Drill ${name}`);
  outcome = await perform({
    scenario: scenario as Scenario,
    directory,
    aborted: abort.signal,
    say,
    log: (text) => {
      logs = (logs + text).slice(-20_000);
    },
  });
} catch (error) {
  failure = error;
}
if (values.keep) say(`  kept: ${directory}`);
else await rm(directory, { recursive: true, force: true });

const tookSeconds = Math.round((Date.now() - began) / 1_000);
const page = `docs/runbooks/${name}.md`;
const ok = outcome?.firingAfter !== undefined && outcome.causeNamed;
if (values.json) {
  const error = failure === undefined ? undefined : reason(failure);
  console.log(JSON.stringify({ drill: name, ok, ...outcome, page, tookSeconds, error }));
} else if (outcome) {
  console.log(`\n${summary(outcome).join('\n')}`);
}
if (failure !== undefined) console.error(`\n${reason(failure)}\n${values.json ? '' : logs.slice(-3_000)}`);
process.exit(ok ? 0 : failure instanceof Failure && failure.code === 'no_prometheus' ? 2 : 1);

/** A wrong configuration is listed whole. */
function reason(error: unknown): string {
  return error instanceof ConfigError ? error.message : explain(error);
}

function summary({ alert, pendingAfter, firingAfter, others, finding, causeNamed, runbook }: Outcome) {
  const fired =
    firingAfter === undefined
      ? `${alert} did NOT fire`
      : `${alert}: pending after ${pendingAfter} s, firing after ${firingAfter} s`;
  const meanwhile = Object.entries(others).map(([other, after]) => `${other} after ${after} s`);
  return [
    `drill     ${name}, ${tookSeconds} s in all`,
    `alert     ${fired}${meanwhile.length > 0 ? ` (and ${meanwhile.join(', ')})` : ''}`,
    ...(finding
      ? [
          `trace     ${finding.what}: npm run incident -- --trace ${finding.traceId}`,
          `verdict   ${finding.verdict}`,
          ...finding.log.slice(0, 6).map((line) => `          ${line.trimEnd()}`),
        ]
      : ['trace     none was found']),
    `cause     ${causeNamed ? 'named' : 'NOT named'}`,
    `runbooks  ${[...new Set([runbook, page])].filter(Boolean).join(', then ')}`,
  ];
}
