import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A server under load, in a process of its own. */
export interface Peer {
  name: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a file of bench/peers and waits until it listens. */
export async function startPeer(name: string, file: string, env: Record<string, string>): Promise<Peer> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, '../peers', file), {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const limit = setTimeout(() => child.kill(), 60_000);
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  clearTimeout(limit);
  if (word !== 'ready') throw new Error(`${file} ended with ${word} before it was ready`);
  return { name, port, pid: child.pid as number, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

/** CPU seconds that a process has used, and with `children` those of the processes it started, ended ones too. Linux; 0 elsewhere. */
export function cpuSeconds(pid: number, children = false): number {
  if (process.platform !== 'linux') return 0;
  const pids = children ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [String(pid)];
  let ticks = 0;
  for (const each of pids) {
    const fields = statOf(each);
    if (!fields || (children && each !== String(pid) && fields[1] !== String(pid))) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    if (children && each === String(pid)) ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks / 100;
}

function statOf(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
