import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain, Failure } from '../../runtime/failure.ts';
import type { Job } from './graph.ts';
import { criticalPath, jobsOf, stagesOf } from './graph.ts';
import { stages } from './stages.ts';

/*
 * npm run pipeline:time [-- STAGE ...] [--json] [--keep]: how long it takes from a merge to a version that could serve. It runs what the jobs of
 * .github/workflows/deliver.yml do, one stage after the other on this machine, each with all its cores, and measures each. What the jobs take
 * beside each other, on machines of their own, is computed from these figures and the workflow's own graph.
 */
interface Timed {
  stage: string;
  seconds: number;
  /** Of the machine, before it: over its cores, others were at work. */
  load: number;
}

const target = 8 * 60;

/** Up to the stage that fails: what was measured until then is worth showing, and what it printed worth keeping. */
async function measure(
  names: readonly string[],
  keep: boolean,
): Promise<{ timed: Timed[]; failure?: unknown }> {
  const repository = join(import.meta.dirname, '../..');
  const scratch = mkdtempSync(join(tmpdir(), 'freehold-pipeline-'));
  // Root's PostgreSQL runs as an ordinary user, who enters a checkout of CI too.
  chmodSync(scratch, 0o755);
  const place = { repository, scratch, clone: join(scratch, 'clone') };
  const timed: Timed[] = [];
  let kept = keep;
  try {
    for (const stage of stages.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const load = loadavg()[0] ?? 0;
      console.error(`${stage.name}: ${stage.what}`);
      const began = performance.now();
      await stage.run(place);
      timed.push({ stage: stage.name, seconds: (performance.now() - began) / 1000, load });
    }
    return { timed };
  } catch (failure) {
    kept = true;
    return { timed, failure };
  } finally {
    if (kept) console.error(`kept in ${scratch}`);
    else rmSync(scratch, { recursive: true, force: true });
  }
}

/** Seconds of each job, from its stages; a job of which a stage was not measured is not in it. */
function secondsOfJobs(timed: readonly Timed[], jobs: readonly Job[]): Map<string, number> {
  const known = new Map(timed.map(({ stage, seconds }) => [stage, seconds]));
  const tests = stages.filter(({ name }) => name.startsWith('test ')).map(({ name }) => known.get(name));
  if (tests.every((seconds) => seconds !== undefined)) known.set('slowest test', Math.max(...tests));
  const found = new Map<string, number>();
  for (const { id } of jobs) {
    const its = stagesOf[id]?.map((stage) => known.get(stage));
    if (!its)
      throw new Failure(
        'job_unknown',
        `The workflow has a job ${id}, of which nothing is known.`,
        'Say in deploy/pipeline/graph.ts what it does.',
      );
    if (its.every((seconds) => seconds !== undefined))
      found.set(
        id,
        its.reduce((sum, seconds) => sum + seconds, 0),
      );
  }
  return found;
}

/** Of a whole run; a part of the stages says nothing of the whole. */
function verdict(
  jobs: readonly Job[],
  seconds: ReadonlyMap<string, number>,
): { seconds: number; path: string[] } | undefined {
  return seconds.size === jobs.length ? criticalPath(jobs, ({ id }) => seconds.get(id) ?? 0) : undefined;
}

function print(timed: readonly Timed[], jobs: readonly Job[]): void {
  const row = (name: string, seconds: number | undefined, rest: string) =>
    console.log(
      `  ${name.padEnd(16)}${(seconds === undefined ? 'not measured' : `${seconds.toFixed(1)} s`).padStart(14)}   ${rest}`,
    );
  console.log(`\nmeasured, one after the other, on ${availableParallelism()} cores`);
  for (const { stage, seconds, load } of timed)
    row(
      stage,
      seconds,
      `load ${load.toFixed(1).padStart(4)} before   ${stages.find(({ name }) => name === stage)?.what ?? ''}`,
    );
  row(
    'sum',
    timed.reduce((sum, { seconds }) => sum + seconds, 0),
    'one machine, everything in turn',
  );

  console.log('\ncomputed: the jobs of deliver.yml, each on a machine of its own like this one');
  const seconds = secondsOfJobs(timed, jobs);
  for (const { id, copies, needs } of jobs)
    row(
      id,
      seconds.get(id),
      `${copies > 1 ? `the slowest of ${copies}; ` : ''}after ${needs.join(', ') || 'the push'}`,
    );
  const whole = verdict(jobs, seconds);
  if (!whole) {
    console.log('\nSome stages were left out, or failed: what the whole takes is not known.');
    return;
  }
  row('critical path', whole.seconds, whole.path.join(' → '));
  console.log(
    `\n${whole.seconds <= target ? 'Within' : 'OVER'} the target of ${target} s. Not in it: waiting for a runner, the push of the image, AWS's own time, the bake.`,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0)
    throw new Failure(
      'stage_unknown',
      `There is no stage ${unknown.join(', ')}.`,
      `Choose from: ${stages.map(({ name }) => name).join(', ')}.`,
    );
  const { timed, failure } = await measure(positionals, values.keep);
  const jobs = jobsOf(join(import.meta.dirname, '../..'), 'deliver.yml');
  if (values.json) {
    const seconds = secondsOfJobs(timed, jobs);
    const computed = { jobs: Object.fromEntries(seconds), criticalPath: verdict(jobs, seconds), target };
    console.log(JSON.stringify({ cores: availableParallelism(), measured: timed, computed }, null, 2));
  } else print(timed, jobs);
  if (failure) throw failure;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Failure ? error.message : explain(error));
  process.exitCode = 1;
});
