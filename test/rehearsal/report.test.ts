import { describe, expect, it } from 'vitest';
import type { Live } from '../../db/rehearsal/live.ts';
import { readProfile } from '../../db/rehearsal/profile.ts';
import { makeReport } from '../../db/rehearsal/report.ts';

/** What is said of transactions that ended with these errors, so many milliseconds after they should have begun. */
function findings(...failed: [error: string, took: number][]): string[] {
  const samples = failed.map(([error, took]) => ({ due: 1000, end: 1000 + took, error }));
  const live = { migrations: [], samples, waits: [], violations: [] } as unknown as Live;
  const base = { name: 'base', profile: 'small', bytes: 0 };
  const report = makeReport({ base, migrations: [], seen: [], live, limits: readProfile('small').limits });
  return report.findings.map(({ code, message }) => `${code}: ${message}`);
}

describe('transactions of the traffic that failed', () => {
  it('gave up when a limit of time ended them, and when their context ran out while they waited', () => {
    expect(
      findings(
        ['57014 canceling statement due to statement timeout', 5000],
        ['ZF002 the context is not valid, or no longer', 61_000],
        ['ZF002 the context is not valid, or no longer', 65_000],
        ['42501 new row violates row-level security policy', 61_000],
      ),
    ).toEqual([
      'others-waited: 1 transactions gave up waiting: 57014 canceling statement due to statement timeout',
      'others-waited: 2 transactions gave up waiting: ZF002 the context is not valid, or no longer',
      'others-waited: 1 transactions gave up waiting: 42501 new row violates row-level security policy',
    ]);
  });

  it('fail against the new schema otherwise, with the same code too', () => {
    expect(
      findings(
        ['42501 permission denied for table project', 12],
        ['42501 permission denied for table project', 61_000],
        ['42703 column "name" does not exist', 61_000],
      ),
    ).toEqual([
      'traffic-failed: 2 transactions of the present code failed: 42501 permission denied for table project',
      'traffic-failed: 1 transactions of the present code failed: 42703 column "name" does not exist',
    ]);
  });
});
