import { describe, expect, it } from 'vitest';
import { callOf, percentile, summarize } from '../../../runtime/incident/calls.ts';
import type { Line } from '../../../runtime/telemetry-store/records.ts';
import { line } from './traces.ts';

const wanted = { slowerThanMs: undefined, failedOnly: false, slowestFirst: false, limit: 50 };

async function* each(lines: Line[]): AsyncGenerator<Line> {
  yield* lines;
}

/** A hundred requests that took 10 to 1000 ms, of two operations; every tenth failed. */
const hundred = Array.from({ length: 100 }, (_, n) =>
  line(n, {
    event: 'request',
    method: 'POST',
    operation: n % 4 === 0 ? 'createProject' : 'projects',
    status_code: 200,
    duration_ms: (n + 1) * 10,
    ...(n % 10 === 0 && { error_code: 'conflict' }),
  }),
);

describe('a canonical line', () => {
  it('tells of a request', () => {
    const attributes = {
      event: 'request',
      request_id: 'request-0001',
      tenant_id: 't',
      user_id: 'u',
      actor_type: 'api_key',
      method: 'POST',
      route: '/graphql',
      operation: 'updateProject',
      status_code: 200,
      duration_ms: 12.5,
      db_ms: 3,
      db_queries: 2,
      error_code: 'conflict',
      aborted: false,
    };
    expect(callOf(line(1, attributes))).toMatchObject({
      kind: 'request',
      what: 'POST updateProject',
      route: '/graphql',
      status: '200',
      errorCode: 'conflict',
      ms: 12.5,
      dbMs: 3,
      dbQueries: 2,
      who: 'api_key u',
      failed: true,
    });
  });

  it('tells of a job, of one that the caller left, and of one that failed by its status alone', () => {
    expect(callOf(line(1, { event: 'job', operation: 'deliver' }))).toMatchObject({
      what: 'job deliver',
      status: 'ok',
      failed: false,
    });
    expect(callOf(line(1, { event: 'request', aborted: true, status_code: 499 }))).toMatchObject({
      what: '? ?',
      status: 'aborted',
      failed: true,
    });
    expect(callOf(line(1, { event: 'request', route: '/x', method: 'GET', status_code: 503 }))).toMatchObject(
      {
        what: 'GET /x',
        failed: true,
      },
    );
    expect(callOf(line(1, { event: 'request', status_code: 404 }))?.failed).toBe(false);
  });

  it('is none without its event', () => {
    expect(callOf(line(1, { event: 'startup' }))).toBeUndefined();
    expect(callOf(line(1, {}))).toBeUndefined();
  });
});

describe('a summary', () => {
  it('counts all, and those that were asked for', async () => {
    const summary = await summarize(each([...hundred, line(1, { other: 1 })]), {
      ...wanted,
      slowerThanMs: 900,
    });
    expect(summary.all).toEqual({ count: 100, failed: 10, p50: 500, p95: 950 });
    // 900 itself did not take over 900
    expect(summary.matching).toEqual({ count: 10, failed: 1, p50: 950, p95: 1_000 });
    expect(summary.groups).toEqual([
      { what: 'POST projects', count: 8, ms: 7_650, p95: 1_000 },
      { what: 'POST createProject', count: 2, ms: 1_900, p95: 970 },
    ]);
  });

  it('lists the newest first, or the slowest, and as many as are wanted of however many', async () => {
    const many = Array.from({ length: 20 }, () => hundred).flat();
    const newest = await summarize(each(many), { ...wanted, limit: 3 });
    expect(newest.calls.map(({ ms }) => ms)).toEqual([1_000, 1_000, 1_000]);
    const mixed = [...hundred].sort((a, b) =>
      String((a.timeNs * 7n) % 13n).localeCompare(String((b.timeNs * 7n) % 13n)),
    );
    const slowest = await summarize(each(mixed), {
      ...wanted,
      slowestFirst: true,
      failedOnly: true,
      limit: 2,
    });
    expect(slowest.calls.map(({ ms }) => ms)).toEqual([910, 810]);
    expect(slowest.matching.count).toBe(10);
  });

  it('has percentiles by nearest rank', () => {
    expect([
      percentile([], 95),
      percentile([3], 50),
      percentile([4, 1, 3, 2], 50),
      percentile([4, 1, 3, 2], 95),
    ]).toEqual([0, 3, 2, 4]);
  });
});
