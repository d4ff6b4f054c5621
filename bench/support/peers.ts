import { readdirSync, readFileSync } from 'node:fs';
import { freePort } from '../../runtime/free-ports.ts';
import { startProcess } from './child.ts';

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
  const { child, stop } = await startProcess(`peers/${file}`, {
    LOG_LEVEL: 'warn',
    ...env,
    PORT: String(port),
  });
  return { name, port, pid: child.pid as number, stop };
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
