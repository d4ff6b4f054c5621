import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';
import type { Replay } from './replay.ts';

/** Whether this machine can run an image without an engine: Linux's namespaces, made by root. */
export const canContain = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

export interface Container {
  child: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** To process 1 of the container; nothing when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Files that its processes left in /tmp, the one place where they could. */
  written(): string;
  ended: Promise<number | NodeJS.Signals>;
}

const entered = join(import.meta.dirname, 'enter.sh');

/**
 * Runs a command in a replayed image as an engine would: mount and process namespaces of its own, the image's user, a read-only root.
 * The network is this machine's.
 * @param env beside what the image sets
 * @throws Failure where that cannot be done
 */
export function runContainer(
  { image, root }: Pick<Replay, 'image' | 'root'>,
  command: readonly string[],
  env: Record<string, string>,
): Container {
  if (!canContain()) {
    throw new Failure(
      'no_namespaces',
      'Only root on Linux can make the namespaces.',
      'Use docker compose up --build.',
    );
  }
  furnish(root);
  const [user = ''] = (image.user ?? '0').split(':');
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', 'sh', entered, root, process.execPath, user, image.workdir, ...command],
    {
      env: { ...image.env, PATH: '/opt/node/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return {
    child,
    output: () => text,
    signal: (signal) => {
      const pid = first(child);
      if (pid) process.kill(pid, signal);
    },
    written: () => join('/proc', String(first(child)), 'root/tmp'),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? -1));
    }),
  };
}

/** unshare forks: its child is process 1 in there, and hears no signal that is sent to unshare. */
function first({ pid }: ChildProcess): number | undefined {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? Number(readFileSync(list, 'utf8').trim().split(' ')[0]) || undefined : undefined;
}

/** Places to mount on. */
function furnish(root: string): void {
  for (const folder of ['usr', 'etc', 'proc', 'dev', 'tmp', 'opt/node/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['opt/node/bin/node', 'dev/null', 'dev/urandom']) {
    if (!existsSync(join(root, file))) writeFileSync(join(root, file), '');
  }
  // /bin and /lib are links into /usr where this machine has them so
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!existsSync(`/${link}`) || lstatSync(join(root, link), { throwIfNoEntry: false })) continue;
    if (!lstatSync(`/${link}`).isSymbolicLink()) {
      throw new Failure(
        'no_merged_usr',
        `/${link} is no link into /usr here.`,
        'Use docker compose up --build.',
      );
    }
    symlinkSync(readlinkSync(`/${link}`), join(root, link));
  }
}
