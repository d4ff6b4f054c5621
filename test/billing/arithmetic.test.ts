import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');

/** Prices up to the highest that a plan may have, and periods of up to 31 days in seconds. */
const amount = fc.bigInt(0n, 100_000_000_000n);
const whole = fc.bigInt(1n, 31n * 86_400n);

async function prorate(cases: [bigint, bigint, bigint, bigint][]): Promise<bigint[]> {
  const { rows } = await admin.query(
    `select platform.prorate(a, f, t, w)::text as share
     from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality u (a, f, t, w, n) order by n`,
    [0, 1, 2, 3].map((n) => cases.map((c) => String(c[n as 0]))),
  );
  return rows.map(({ share }) => BigInt(share));
}

describe('shares of an amount', () => {
  it('add up to the amount, however the period is divided, and none is negative', async () => {
    await fc.assert(
      fc.asyncProperty(
        amount,
        whole,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
        async (a, w, cuts) => {
          const bounds = [0n, ...cuts.map((cut) => BigInt(Math.floor(cut * Number(w)))), w].sort((x, y) =>
            Number(x - y),
          );
          const shares = await prorate(bounds.slice(1).map((to, n) => [a, bounds[n] ?? 0n, to, w]));
          expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(a);
          expect(shares.filter((share) => share < 0n)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('grow with the time they are for, and with the amount', async () => {
    await fc.assert(
      fc.asyncProperty(amount, amount, whole, fc.nat(), fc.nat(), async (a, b, w, x, y) => {
        const [from, to] = [BigInt(x) % (w + 1n), BigInt(y) % (w + 1n)].sort((p, q) => Number(p - q)) as [
          bigint,
          bigint,
        ];
        const [less, more] = a < b ? [a, b] : [b, a];
        const [part, all, cheap, dear] = (await prorate([
          [a, from, to, w],
          [a, from, w, w],
          [less, from, w, w],
          [more, from, w, w],
        ])) as [bigint, bigint, bigint, bigint];
        expect(part <= all).toBe(true);
        // half a unit either way is rounding
        expect(cheap <= dear + 1n).toBe(true);
        expect(all <= a).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('are within one unit of the exact share', async () => {
    await fc.assert(
      fc.asyncProperty(amount, whole, fc.nat(), async (a, w, x) => {
        const to = BigInt(x) % (w + 1n);
        const [share = 0n] = await prorate([[a, 0n, to, w]]);
        // round half up, in exact integers
        expect(share).toBe((2n * a * to + w) / (2n * w));
      }),
      { numRuns: 100 },
    );
  });

  it('of the whole are the amount, and of nothing are nothing', async () => {
    expect(
      await prorate([
        [4900n, 0n, 2_678_400n, 2_678_400n],
        [4900n, 5n, 5n, 7n],
        [0n, 0n, 3n, 7n],
        [1n, 0n, 1n, 2n],
        [1n, 1n, 2n, 2n],
        [100_000_000_000n, 1n, 2_678_400n, 2_678_400n],
      ]),
    ).toEqual([4900n, 0n, 0n, 1n, 0n, 99_999_962_664n]);
  });
});

describe('months after an anchor', () => {
  const monthsAfter = async (anchor: string, counts: number[]): Promise<string[]> => {
    const { rows } = await admin.query(
      `select to_char(platform.month_after($1, n) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at from unnest($2::int[]) n`,
      [anchor, counts],
    );
    return rows.map(({ at }) => at);
  };

  it('keep the 31st where there is one, and take the last day elsewhere, without drift', async () => {
    expect(await monthsAfter('2026-01-31T10:00:00Z', [0, 1, 2, 3, 12, 13])).toEqual([
      '2026-01-31 10:00',
      '2026-02-28 10:00',
      '2026-03-31 10:00',
      '2026-04-30 10:00',
      '2027-01-31 10:00',
      '2027-02-28 10:00',
    ]);
    expect(await monthsAfter('2027-12-31T23:59:00Z', [1, 2])).toEqual([
      '2028-01-31 23:59',
      '2028-02-29 23:59',
    ]);
  });

  it('are counted in UTC, whatever the session thinks the time is', async () => {
    const client = await admin.connect();
    try {
      await client.query(`set timezone = 'America/New_York'`);
      const { rows } = await client.query(
        `select platform.month_after('2026-03-31T23:30:00Z', 1) = '2026-04-30T23:30:00Z' as utc,
           platform.month_after('2026-02-08T07:30:00Z', 1) = '2026-03-08T07:30:00Z' as across_summer_time`,
      );
      expect(rows).toEqual([{ utc: true, across_summer_time: true }]);
    } finally {
      await client.query('reset timezone');
      client.release();
    }
  });

  it('never overlap and never leave a gap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        async (anchor) => {
          const { rows } = await admin.query(
            `select bool_and(platform.month_after($1, n + 1) > platform.month_after($1, n)) as grows,
               bool_and(platform.month_after($1, n + 1) - platform.month_after($1, n) between interval '28 days' and interval '31 days') as a_month
             from generate_series(0, 24) n`,
            [anchor],
          );
          expect(rows).toEqual([{ grows: true, a_month: true }]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
