import { parse } from 'yaml';
import type { Finding } from './dockerfile-rules.ts';
import { mistakesOf } from './workflow-parser.ts';

/** A workflow as its file says it; GitHub's own parser has found it valid before anything here is believed. */
export interface Workflow {
  name: string;
  on: Record<string, unknown>;
  permissions?: Record<string, string> | string;
  concurrency?: unknown;
  jobs: Record<string, WorkflowJob>;
}

export interface WorkflowJob {
  needs?: string | string[];
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  environment?: string | { name: string };
  permissions?: Record<string, string> | string;
  strategy?: { matrix?: Record<string, unknown[]> };
  'timeout-minutes'?: number;
  steps?: WorkflowStep[];
}

export interface WorkflowStep {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  'working-directory'?: string;
}

export const readWorkflow = (text: string): Workflow => parse(text) as Workflow;

export const needsOf = ({ needs = [] }: WorkflowJob): string[] =>
  typeof needs === 'string' ? [needs] : needs;

interface Rule {
  code: string;
  reason: string;
  check(workflow: Workflow, lines: readonly string[]): number[];
}

/** Lines, counted from 1, that match. */
const matching = (lines: readonly string[], pattern: RegExp): number[] =>
  lines.flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));

const lineOfJob = (lines: readonly string[], job: string): number => lines.indexOf(`  ${job}:`) + 1;

const jobsWithout = (
  workflow: Workflow,
  lines: readonly string[],
  has: (job: WorkflowJob) => boolean,
): number[] =>
  Object.entries(workflow.jobs).flatMap(([name, job]) => (has(job) ? [] : [lineOfJob(lines, name)]));

export const rules: Rule[] = [
  {
    code: 'action-unpinned',
    reason:
      'A tag can be moved to other code: the commit, and the version behind it as a comment that Dependabot renews with it.',
    check: (_, lines) =>
      matching(lines, /\buses: +(?![ .])/).filter(
        (line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(lines[line - 1] ?? ''),
      ),
  },
  {
    code: 'foreign-code-with-rights',
    reason: 'pull_request_target and workflow_run give the rights of this repository to the code of a fork.',
    check: ({ on }, lines) =>
      Object.keys(on).some((event) => event === 'pull_request_target' || event === 'workflow_run')
        ? matching(lines, /^\s*(pull_request_target|workflow_run):?/)
        : [],
  },
  {
    code: 'permissions',
    reason:
      'The token may read this repository, and a job asks for what it needs beyond: permissions at the top, nothing written there.',
    check: ({ permissions }) =>
      typeof permissions === 'object' &&
      Object.values(permissions).every((level) => level === 'read' || level === 'none')
        ? []
        : [1],
  },
  {
    code: 'long-lived-key',
    reason:
      'Keys that last are stolen and stay good: role-to-assume with id-token: write, for the time of a job.',
    check: (_, lines) =>
      matching(lines, /aws-(access-key-id|secret-access-key)|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)/),
  },
  {
    code: 'injection',
    reason: 'What somebody else wrote (a title, a branch) becomes shell: hand it over in env, and quote it.',
    check: ({ jobs }, lines) =>
      Object.values(jobs)
        .flatMap(({ steps = [] }) => steps)
        .flatMap(({ run = '' }) => run.split('\n'))
        .filter((line) => /\$\{\{(?!\s*matrix\.)/.test(line))
        .map((line) => lines.findIndex((whole) => whole.includes(line.trim())) + 1),
  },
  {
    code: 'kept-credentials',
    reason: 'checkout leaves a token in .git for all that runs after it: persist-credentials: false.',
    check: ({ jobs }, lines) => {
      const kept = Object.values(jobs)
        .flatMap(({ steps = [] }) => steps)
        .filter(
          (step) =>
            step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false,
        );
      return kept.map(({ uses = '' }) => lines.findIndex((line) => line.includes(uses)) + 1);
    },
  },
  {
    code: 'no-timeout',
    reason: 'A job that hangs costs six hours: timeout-minutes.',
    check: (workflow, lines) =>
      jobsWithout(workflow, lines, (job) => job.uses !== undefined || job['timeout-minutes'] !== undefined),
  },
  {
    code: 'no-concurrency',
    reason:
      'Two runs at once deploy over each other, or test what was pushed over: concurrency with a group.',
    // one that is called runs within its caller's
    check: ({ on, concurrency }) => (concurrency || Object.keys(on).join() === 'workflow_call' ? [] : [1]),
  },
];

/** What is wrong with a workflow: what GitHub's parser says, or else what our rules do. */
export async function lintWorkflow(name: string, text: string): Promise<Finding[]> {
  const mistakes = await mistakesOf(name, text);
  if (mistakes.length > 0)
    return mistakes.map(({ line, message }) => ({ line, code: 'invalid', reason: message }));
  const lines = text.split('\n');
  const workflow = readWorkflow(text);
  return rules
    .flatMap(({ code, reason, check }) => check(workflow, lines).map((line) => ({ line, code, reason })))
    .sort((a, b) => a.line - b.line);
}
