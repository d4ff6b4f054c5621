import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readWorkflow } from '../../check/delivery/workflow-rules.ts';
import { criticalPath, jobsOf, stagesOf } from '../../deploy/pipeline/graph.ts';
import { stages } from '../../deploy/pipeline/stages.ts';

/* .github/workflows, against what they call and what docs/pipeline.md says of them; whether each is valid, and safe, is check/delivery's. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const steps = workflows.flatMap((path) =>
  Object.values(readWorkflow(read(path)).jobs).flatMap((job) => job.steps ?? []),
);

it('calls scripts, files and workflows that are there', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
  const programs = globSync('.ci/*', { cwd: root }).map((path) => read(path));
  const shell = [...steps.map(({ run = '' }) => run), ...programs].join('\n');
  const called = [...shell.matchAll(/npm (?:run )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  expect(called).toEqual(expect.arrayContaining(['check', 'test', 'demo', 'bench', 'db']));
  expect(called.filter((name) => name !== 'ci' && !scripts.includes(name))).toEqual([]);

  const files = [...shell.matchAll(/(?<![\w./])(\.ci\/[\w-]+|deploy\/[\w./-]+\.\w+)/g)].map(([path]) => path);
  expect(files).toEqual(expect.arrayContaining(['.ci/run', '.ci/rehearse', '.ci/contract', '.ci/deployed']));
  expect(files.filter((path) => !existsSync(`${root}/${path}`) && !path.startsWith('deploy/aws/'))).toEqual(
    [],
  );

  const built = steps.map((step) => step.with?.file).filter((file) => typeof file === 'string');
  expect(built.length).toBeGreaterThan(1);
  expect(built.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
});

it('proves with .ci/run what is merged, every part of it in a job, every shard of the tests once', () => {
  const { jobs } = readWorkflow(read('.github/workflows/ci.yml'));
  const run = (job: string): string => jobs[job]?.steps?.at(-1)?.run ?? '';
  // as .ci/run names them
  const [, all = ''] = /parts=\((\w[^)]*)\)/.exec(read('.ci/run')) ?? [];
  const parts = all.split(' ');
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.map((job) => /\.ci\/run (\w+)/.exec(run(job))?.[1])).toEqual(parts);
  const shards = jobs.test?.strategy?.matrix?.shard ?? [];
  expect(shards).toEqual(shards.map((_, index) => index + 1));
  expect(run('test')).toContain(`/${shards.length}`);
  expect(stages.filter(({ name }) => name.startsWith('test ')).map(({ name }) => name)).toEqual(
    shards.map((shard) => `test ${shard}/${shards.length}`),
  );
});

it('deploys what was proved and rehearsed, and releases what staging has run', () => {
  const needs = Object.fromEntries(jobsOf(root, 'deliver.yml').map((job) => [job.id, job.needs]));
  expect(needs).toEqual({
    'ci/check': [],
    'ci/test': [],
    'ci/smoke': [],
    'ci/previous': [],
    'ci/image': [],
    image: [],
    rehearse: [],
    'staging/deploy': ['ci/check', 'ci/test', 'ci/smoke', 'ci/previous', 'ci/image', 'image', 'rehearse'],
  });
  const release = jobsOf(root, 'release.yml').map((job) => [job.id, job.needs]);
  expect(release).toEqual([
    ['find', []],
    ['production/deploy', ['find']],
    ['publish', ['production/deploy']],
  ]);
  for (const [id, before] of Object.entries(needs))
    expect(read('docs/pipeline.md')).toContain(
      `| ${id} | ${before.length > 3 ? 'all of `ci`, image, rehearse' : before.join(', ') || '–'} |`,
    );
});

it('has for each job of a delivery the stages that pipeline:time measures', () => {
  const known = [...stages.map(({ name }) => name), 'slowest test'];
  for (const { id } of jobsOf(root, 'deliver.yml')) {
    expect([id, stagesOf[id]?.length]).toEqual([id, expect.any(Number)]);
    expect(stagesOf[id]?.filter((stage) => !known.includes(stage))).toEqual([]);
  }
});

it('finds the chain that ends last, not the longest job', () => {
  const job = (id: string, ...needs: string[]) => ({ id, needs, copies: 1 });
  const seconds: Record<string, number> = { a: 10, b: 60, c: 55, d: 1 };
  const jobs = [job('a'), job('b'), job('c', 'a'), job('d', 'c')];
  expect(criticalPath(jobs, ({ id }) => seconds[id] ?? 0)).toEqual({ seconds: 66, path: ['a', 'c', 'd'] });
});
