import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from './story.ts';

const example = join(import.meta.dirname, '../../examples/webhook-receiver/main.ts');

/** What the example receiver prints of an event that it verified. */
export interface Received {
  event: string;
  type: string;
  duplicate: boolean;
  traceparent: string | null;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** Starts examples/webhook-receiver as a process of its own, which ends by itself after `seconds`. */
export async function startReceiver(seconds = 120) {
  const child = spawn(process.execPath, [example, '--timeout', String(seconds)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const wake of waiting) wake();
  });

  /** The first line that fits, waiting for it at most `seconds`. */
  const until = async (what: string, fits: (line: Record<string, unknown>) => boolean, seconds: number) => {
    const limit = AbortSignal.timeout(seconds * 1000);
    for (;;) {
      const found = lines.find(fits);
      if (found) return found;
      expect(!limit.aborted, `no ${what} within ${seconds} s; the receiver printed ${JSON.stringify(lines)}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          limit.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        limit.addEventListener('abort', wake);
      });
    }
  };
  const listening = await until('listening line', (line) => 'listening' in line, 15);
  return {
    url: String(listening.listening),
    lines,
    useSecret: (secret: string) => child.stdin.end(`${secret}\n`),
    received: async (type: string): Promise<Received> =>
      (await until(`verified ${type}`, (line) => line.type === type, 20)) as unknown as Received,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
