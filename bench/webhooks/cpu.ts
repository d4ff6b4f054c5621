import type { BenchServer } from '../support/database.ts';
import { cpuSeconds } from '../support/peers.ts';

/** Starts to count CPU time. @returns what it came to, as 'worker 210, receiver 80, PostgreSQL 300 µs' for each of `count` */
export function meter(
  server: BenchServer,
  pids: Record<string, readonly number[]>,
): (count: number) => { text: string; each: Record<string, number> } {
  const sample = (): Record<string, number> => ({
    ...Object.fromEntries(
      Object.entries(pids).map(([name, list]) => [name, list.reduce((sum, pid) => sum + cpuSeconds(pid), 0)]),
    ),
    ...(server.pid && { PostgreSQL: cpuSeconds(server.pid, true) }),
  });
  const before = sample();
  return (count) => {
    const after = sample();
    const each = Object.fromEntries(
      Object.entries(after).map(([name, seconds]) => [
        name,
        ((seconds - (before[name] as number)) * 1e6) / count,
      ]),
    );
    const text = Object.entries(each)
      .map(([name, micros]) => `${name} ${micros.toFixed(0)}`)
      .join(', ');
    return { text: `${text} µs CPU each`, each };
  };
}
