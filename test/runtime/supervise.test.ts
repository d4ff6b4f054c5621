import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../db/is-alive.ts';
import type { Supervised, SuperviseOptions } from '../../runtime/supervise.ts';
import { supervise } from '../../runtime/supervise.ts';
import { runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

const directory = mkdtempSync(join(tmpdir(), 'freehold-supervise-'));
const started: Supervised[] = [];
let count = 0;

afterEach(() => {
  for (const one of started.splice(0)) one.kill();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs `source` under supervision. It finds a file to write to as `notes`. */
function run(source: string, options: Partial<SuperviseOptions> = {}) {
  count += 1;
  const file = join(directory, `child-${count}.mjs`);
  const notes = join(directory, `notes-${count}`);
  writeFileSync(notes, '');
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
     const note = (text) => appendFileSync(${JSON.stringify(notes)}, text + '\\n');
     ${source}`,
  );
  const restarts: string[] = [];
  const child = supervise({
    name: 'worker',
    file,
    env: process.env,
    pauses: [1, 1],
    output: { write: () => {} },
    onRestart: (line) => restarts.push(line),
    ...options,
  });
  started.push(child);
  return { child, file, restarts, notes: () => readFileSync(notes, 'utf8').split('\n').filter(Boolean) };
}

const stays = `process.on('SIGTERM', () => { note('asked'); process.exit(); }); setInterval(() => {}, 1000); note('started');`;

describe('a supervised process', () => {
  it('is started again when it was killed', async () => {
    const { child, notes, restarts } = run(stays);
    await waitUntil('it started', () => notes().length === 1);
    process.kill(child.pid() as number, 'SIGKILL');
    await waitUntil('it started again', () => notes().length === 2);
    expect(restarts).toEqual(['the worker was ended by SIGKILL; starting it again']);
  });

  it('is given up after failing again and again, with its own reason', async () => {
    const { child, notes } = run(`note('started'); throw new RangeError('the moon is full');`);
    await expect(child.failed).rejects.toMatchObject({
      code: 'worker_failed',
      message: expect.stringMatching(
        /worker ended with code 1 3 times in a row: RangeError: the moon is full/,
      ),
    });
    expect(notes()).toHaveLength(3);
  });

  it('counts failures anew once it has settled', async () => {
    const { notes, child } = run(`note('started'); setTimeout(() => process.exit(1), 30);`, {
      settledAfterMs: 10,
    });
    await waitUntil('it started more often than pauses allow', () => notes().length > 4);
    await child.stop(1_000);
  });

  it('is asked to stop, and is not started again', async () => {
    const { child, notes } = run(stays);
    await waitUntil('it started', () => notes().length === 1);
    await child.stop(10_000);
    expect(notes()).toEqual(['started', 'asked']);
    expect(isAlive(child.pid() as number)).toBe(false);
  });

  it('is ended when it does not stop in time', async () => {
    const { child, notes } = run(
      `process.on('SIGTERM', () => note('refused')); setInterval(() => {}, 1000); note('started');`,
    );
    await waitUntil('it started', () => notes().length === 1);
    await child.stop(1_000);
    expect(notes()).toEqual(['started', 'refused']);
    expect(isAlive(child.pid() as number)).toBe(false);
  });

  it('stops by itself when its supervisor is killed', async () => {
    const { file, notes, child } = run(stays);
    await waitUntil('it started', () => notes().length === 1);
    await child.stop(10_000);
    const module = JSON.stringify(new URL('../../runtime/supervise.ts', import.meta.url).href);
    const supervisor = runNode([
      '--input-type=module',
      '-e',
      `const { supervise } = await import(${module});
       const child = supervise({ name: 'worker', file: ${JSON.stringify(file)}, env: process.env });
       console.log('child', child.pid());`,
    ]);
    const [, pid] = await supervisor.printed(/child (\d+)/);
    await waitUntil('the child started', () => notes().length === 3);
    supervisor.signal('SIGKILL');
    await waitUntil('the child was asked to stop', () => notes().at(-1) === 'asked');
    await waitUntil('it is gone', () => !isAlive(Number(pid)));
  });
});
