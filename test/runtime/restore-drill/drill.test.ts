import { expect, it } from 'vitest';
import { runNode } from '../../support/process.ts';

it('a server that is lost under load is restored to three points, and nothing that was promised is missing', async () => {
  const command = runNode(['runtime/restore-drill/main.ts', '--short', '--json']);
  const code = await command.closed;
  const line = /^\{"drill".*$/m.exec(command.output());
  const outcome = JSON.parse(line?.[0] ?? '{}');
  expect(outcome.error).toBeUndefined();
  expect(outcome.problems).toEqual([]);
  expect(code).toBe(0);
  expect(outcome.restores.map(({ to }: { to: string }) => to)).toEqual([
    'the end of the archive',
    'the named point',
    'the time before the mistake',
  ]);
  for (const { proof } of outcome.restores) {
    expect(proof.promised).toBeGreaterThan(200);
    expect(proof.missing).toBe(0);
  }
  expect(outcome.deleted).toBeGreaterThan(0);
  expect(outcome.aftermath).toMatchObject({
    vanishedCursor: 'not_found',
    feedGoesOn: true,
    untold: 0,
    contradicted: 0,
  });
}, 600_000);
