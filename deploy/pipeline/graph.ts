import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsOf, readWorkflow } from '../../check/delivery/workflow-rules.ts';
import { Failure } from '../../runtime/failure.ts';

/** A job of a workflow, or of one that it calls: `staging/deploy`. */
export interface Job {
  id: string;
  /** Jobs that must have ended before. */
  needs: string[];
  /** How many of it run beside each other, by a matrix. */
  copies: number;
}

/** The jobs that a workflow runs, those of the workflows that it calls in their place. */
export function jobsOf(root: string, file: string, prefix = '', before: readonly string[] = []): Job[] {
  const { jobs } = readWorkflow(readFileSync(join(root, '.github/workflows', file), 'utf8'));
  /** Jobs that end last in a called workflow: who needs it needs these. */
  const ends = new Map<string, string[]>();
  const found: Job[] = [];
  for (const [name, job] of Object.entries(jobs)) {
    const id = `${prefix}${name}`;
    const own = needsOf(job).flatMap((needed) => {
      const its = ends.get(needed);
      if (its) return its;
      throw new Failure(
        'job_order',
        `${file}: ${name} needs ${needed}, which stands after it.`,
        'Write jobs in their order.',
      );
    });
    const needs = own.length > 0 ? own : [...before];
    if (job.uses) {
      const called = jobsOf(root, job.uses.replace('./.github/workflows/', ''), `${id}/`, needs);
      found.push(...called);
      ends.set(
        name,
        called.map((one) => one.id).filter((one) => !called.some((other) => other.needs.includes(one))),
      );
    } else {
      const [copies = 1] = Object.values(job.strategy?.matrix ?? {}).map((values) => values.length);
      found.push({ id, needs, copies });
      ends.set(name, [id]);
    }
  }
  return found;
}

/** What each job of the workflows does, in stages. A job that is not here fails pipeline:time: nobody would have measured it. */
export const stagesOf: Record<string, string[]> = {
  'ci/check': ['clone', 'install', 'check'],
  'ci/test': ['clone', 'install', 'programs', 'slowest test'],
  'ci/smoke': ['clone', 'install', 'smoke'],
  'ci/previous': ['clone', 'install', 'previous'],
  'ci/image': ['clone', 'image'],
  image: ['clone', 'image'],
  rehearse: ['clone', 'install', 'rehearse'],
  'staging/deploy': ['clone', 'deploy'],
};

/** The chain of jobs that ends last when each begins as soon as those that it needs have ended. */
export function criticalPath(
  jobs: readonly Job[],
  secondsOf: (job: Job) => number,
): { seconds: number; path: string[] } {
  const ended = new Map<string, { seconds: number; path: string[] }>();
  for (const job of jobs) {
    let latest = { seconds: 0, path: [] as string[] };
    for (const needed of job.needs) {
      const its = ended.get(needed);
      if (its && its.seconds > latest.seconds) latest = its;
    }
    ended.set(job.id, { seconds: latest.seconds + secondsOf(job), path: [...latest.path, job.id] });
  }
  let last = { seconds: 0, path: [] as string[] };
  for (const its of ended.values()) if (its.seconds > last.seconds) last = its;
  return last;
}
