import { spawn } from 'node:child_process';
import { createWriteStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';
import { replay } from '../image/replay.ts';
import { deployHere } from './deploy-here.ts';

/** Where a run works, and where the output of its stages goes. */
export interface Place {
  /** The repository whose commit is measured. */
  repository: string;
  /** The clean clone. */
  clone: string;
  scratch: string;
}

export interface Stage {
  name: string;
  /** What it does here, and what stands for what in the workflow. */
  what: string;
  run(place: Place): Promise<void>;
}

const shards = [1, 2, 3, 4];

/** In an order in which each finds what it needs; every one is run after the other, so that none takes the other's cores. */
export const stages: Stage[] = [
  {
    name: 'clone',
    what: 'a clean clone of the last commit',
    run: (place) =>
      command(place, 'clone', place.scratch, [
        'git',
        'clone',
        '--quiet',
        `file://${place.repository}`,
        place.clone,
      ]),
  },
  {
    name: 'install',
    what: "npm ci, from npm's cache where it can",
    run: (place) =>
      command(place, 'install', place.clone, ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund']),
  },
  {
    name: 'check',
    what: 'npm run check',
    run: (place) => command(place, 'check', place.clone, ['npm', 'run', 'check']),
  },
  {
    name: 'programs',
    what: 'what tests need beside Node, where it is missing (.ci/programs)',
    run: (place) => command(place, 'programs', place.clone, ['.ci/programs']),
  },
  ...shards.map((shard) => ({
    name: `test ${shard}/${shards.length}`,
    what: `npm test -- --shard=${shard}/${shards.length}`,
    run: (place: Place) =>
      command(place, `test-${shard}`, place.clone, [
        'npm',
        'test',
        '--',
        `--shard=${shard}/${shards.length}`,
      ]),
  })),
  ...[
    { name: 'smoke', what: 'npm run demo, and the smoke of each bench, two at a time' },
    { name: 'previous', what: "the previous release's tests of the API on the new schema" },
  ].map(({ name, what }) => ({
    name,
    what: `${what} (.ci/run ${name}, less its install)`,
    run: (place: Place) =>
      command(place, name, place.clone, ['bash', '-c', `CI_INSTALLED=true .ci/run ${name}`]),
  })),
  {
    name: 'image',
    what: "the Dockerfile's COPY and RUN in a clean directory, with the bill of materials; no push",
    run: async ({ clone, scratch }) => {
      await replay(clone, join(scratch, 'image'), join(scratch, 'layers'));
    },
  },
  {
    name: 'rehearse',
    what: 'the last migration on the small profile, under traffic',
    run: (place) =>
      command(place, 'rehearse', place.clone, [
        ...['npm', 'run', 'db', '--', 'rehearse', '--profile', 'small'],
        ...['--from', migrationBeforeLast(place.clone)],
      ]),
  },
  {
    name: 'deploy',
    what: 'expand, the new server from its image, /readyz, a request, contract; no load balancer, no bake time',
    run: ({ scratch, clone }) => deployHere(clone, scratch),
  },
];

function migrationBeforeLast(clone: string): string {
  const numbers = readdirSync(join(clone, 'migrations/committed'))
    .map((name) => name.slice(0, 6))
    .sort();
  return numbers.at(-2) ?? '000000';
}

/** @throws Failure, which says where its output is */
function command(
  { scratch }: Place,
  log: string,
  cwd: string,
  [program = '', ...args]: string[],
): Promise<void> {
  const file = createWriteStream(join(scratch, `${log}.log`));
  // DATABASE_URL would have them share a server with whatever it is the server of.
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { ...env, CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => file.write(data));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      file.end();
      if (code === 0) resolve();
      else
        reject(
          new Failure(
            'stage_failed',
            `${[program, ...args].join(' ')} ended with ${code}.`,
            `What it printed is in ${file.path}.`,
          ),
        );
    });
  });
}
