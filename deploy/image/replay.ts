import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../runtime/failure.ts';
import { copyInto, isAllowed, readAllowed } from './context.ts';
import type { Stage, Step } from './dockerfile.ts';
import { readDockerfile } from './dockerfile.ts';

export interface Replay {
  /** The last stage, as the Dockerfile describes it. */
  image: Stage;
  /** Its root directory, with what its COPY and RUN have made. */
  root: string;
  /** What each RUN took, now or when the stage that was kept was made. */
  runs: Run[];
}

interface Run {
  stage: string;
  command: string;
  seconds: number;
  kept: boolean;
}

/**
 * Does what `docker build -f deploy/Dockerfile` would, with no engine: COPY and RUN of every stage, in its order. The files of the base image
 * are those of this machine, and its Node is the one that runs this.
 *
 * RUN sees no root of its own: it must keep to paths that begin at its WORKDIR.
 * @param directory where the last stage is made
 * @param kept where stages before it are made, and found again while nothing that they are made from has changed (an engine's layers)
 * @throws Failure when a step fails, with what it printed
 */
export async function replay(context: string, directory: string, kept: string): Promise<Replay> {
  const stages = readDockerfile(readFileSync(join(context, 'deploy/Dockerfile'), 'utf8'));
  const allowed = readAllowed(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const image = stages.at(-1);
  if (!image)
    throw new Failure('dockerfile_empty', 'deploy/Dockerfile has no stage.', 'Begin one with FROM.');
  const keys = new Map<string, string>();
  const runs: Run[] = [];
  const rootOf = (name: string): string =>
    name === image.name ? join(directory, name) : join(kept, `${name}-${keys.get(name)}`);

  for (const stage of stages) {
    keys.set(stage.name, keyOf(stage, context, keys));
    const root = rootOf(stage.name);
    const done = `${root}.json`;
    if (stage !== image && existsSync(done)) {
      const its = JSON.parse(readFileSync(done, 'utf8')) as Run[];
      runs.push(...its.map((run) => ({ ...run, kept: true })));
      continue;
    }
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    // Links, not copies: 430 MB in 1 s. npm replaces files and writes into none, so that the stage before stays as it was.
    if (keys.has(stage.base)) execFileSync('cp', ['-al', `${rootOf(stage.base)}/.`, root]);
    const its: Run[] = [];
    for (const step of stage.steps) {
      const workdir = join(root, step.workdir);
      mkdirSync(workdir, { recursive: true });
      if (step.kind === 'copy') copy(step, workdir, { context, allowed, rootOf });
      else {
        const seconds = await run(step, workdir, stage.env);
        its.push({ stage: stage.name, command: step.command, seconds, kept: false });
      }
    }
    runs.push(...its);
    if (stage !== image) writeFileSync(done, JSON.stringify(its));
  }
  return { image, root: rootOf(image.name), runs };
}

/** All that a stage is made from: its steps, the files that they copy, the stages that it stands on, and the Node that runs them. */
function keyOf(stage: Stage, context: string, before: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, stage, before.get(stage.base)]));
  for (const step of stage.steps) {
    if (step.kind !== 'copy') continue;
    if (step.from) hash.update(before.get(step.from) ?? '');
    else
      for (const file of step.sources.flatMap((source) => filesOf(join(context, source))))
        hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Absent ones are told by the copy. */
function filesOf(path: string): string[] {
  if (!existsSync(path) || statSync(path).isFile()) return existsSync(path) ? [path] : [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Sources {
  context: string;
  allowed: readonly string[];
  rootOf: (stage: string) => string;
}

function copy(step: Step & { kind: 'copy' }, workdir: string, { context, allowed, rootOf }: Sources): void {
  const target = step.target === './' ? `${workdir}/` : join(workdir, step.target);
  for (const source of step.sources) {
    if (step.from) {
      copyInto(join(rootOf(step.from), source), target);
      continue;
    }
    if (!isAllowed(allowed, source)) {
      throw new Failure(
        'copy_ignored',
        `COPY ${source} finds nothing: .dockerignore keeps it out of the build.`,
        `Let it in with a line !${source}.`,
      );
    }
    copyInto(join(context, source), target);
  }
}

/** The way to the registry, where one must be told: an engine's build takes proxies, and mirrors, from its own configuration. */
const registry =
  /^(npm_config_(registry|cache|cafile)|node_extra_ca_certs|ssl_cert_(file|dir)|(https?|no)_proxy)$/i;

/** As the build would: with the variables of the stage, and of ours only the way to Node, npm's cache and the registry. Resolves to its seconds. */
async function run(
  step: Step & { kind: 'run' },
  workdir: string,
  env: Record<string, string>,
): Promise<number> {
  const began = performance.now();
  const { PATH = '', HOME = '/' } = process.env;
  const ours = Object.entries(process.env).filter(([name]) => registry.test(name));
  const path = `${dirname(process.execPath)}:${PATH}`;
  const child = spawn('sh', ['-c', step.command], {
    cwd: resolve(workdir),
    env: { ...Object.fromEntries(ours), ...env, HOME, PATH: path, CI: 'true' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((done, failed) =>
    child.on('error', failed).on('close', done),
  );
  if (code !== 0) {
    throw new Failure(
      'run_failed',
      `RUN ${step.command} ended with ${code}: ${output.slice(-2_000)}`,
      'Mend it.',
    );
  }
  return (performance.now() - began) / 1000;
}
