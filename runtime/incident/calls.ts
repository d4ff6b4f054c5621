import type { Line } from '../telemetry-store/records.ts';
import { numberOf, textOf } from '../telemetry-store/records.ts';

/** A request or a job that is over, as its canonical line tells it. */
export interface Call {
  time: bigint;
  kind: 'request' | 'job';
  /** What it was: POST createProject, job deliver. */
  what: string;
  route: string | undefined;
  status: string;
  errorCode: string | undefined;
  ms: number;
  dbMs: number | undefined;
  dbQueries: number | undefined;
  who: string;
  tenantId: string | undefined;
  requestId: string | undefined;
  traceId: string | undefined;
  service: string;
  failed: boolean;
}

/** undefined: no canonical line */
export function callOf({ attributes, timeNs, traceId, service }: Line): Call | undefined {
  const kind = textOf(attributes, 'event');
  if (kind !== 'request' && kind !== 'job') return undefined;
  const route = textOf(attributes, 'route');
  const name = textOf(attributes, 'operation') ?? route ?? '?';
  const aborted = attributes.aborted === true;
  const code = numberOf(attributes, 'status_code');
  const errorCode = textOf(attributes, 'error_code');
  return {
    time: timeNs,
    kind,
    what: `${kind === 'job' ? 'job' : (textOf(attributes, 'method') ?? '?')} ${name}`,
    route,
    status: aborted ? 'aborted' : (textOf(attributes, 'status_code') ?? (errorCode ? 'failed' : 'ok')),
    errorCode,
    ms: numberOf(attributes, 'duration_ms') ?? 0,
    dbMs: numberOf(attributes, 'db_ms'),
    dbQueries: numberOf(attributes, 'db_queries'),
    who: [textOf(attributes, 'actor_type'), textOf(attributes, 'user_id')].filter(Boolean).join(' '),
    tenantId: textOf(attributes, 'tenant_id'),
    requestId: textOf(attributes, 'request_id'),
    traceId,
    service,
    failed: aborted || errorCode !== undefined || (code !== undefined && code >= 500),
  };
}

export interface Group {
  what: string;
  count: number;
  ms: number;
  p95: number;
}

export interface Summary {
  /** All of the tenant and the time. */
  all: Numbers;
  /** Those that were asked for. */
  matching: Numbers;
  /** The same by what they were, those that took the most time together first. */
  groups: Group[];
  /** As many of them as are shown, in their order. */
  calls: Call[];
}

export interface Numbers {
  count: number;
  failed: number;
  p50: number;
  p95: number;
}

export interface Wanted {
  slowerThanMs: number | undefined;
  failedOnly: boolean;
  slowestFirst: boolean;
  limit: number;
}

/** Reads canonical lines once, keeping of them what the answer shows: there may be millions. */
export async function summarize(lines: AsyncIterable<Line>, wanted: Wanted): Promise<Summary> {
  const [all, matching] = [counter(), counter()];
  const groups = new Map<string, number[]>();
  let shown: Call[] = [];
  const order = wanted.slowestFirst
    ? (a: Call, b: Call) => b.ms - a.ms
    : (a: Call, b: Call) => Number(b.time - a.time);
  for await (const line of lines) {
    const call = callOf(line);
    if (!call) continue;
    all.add(call);
    if (wanted.slowerThanMs !== undefined && call.ms <= wanted.slowerThanMs) continue;
    if (wanted.failedOnly && !call.failed) continue;
    matching.add(call);
    const group = groups.get(call.what);
    if (group) group.push(call.ms);
    else groups.set(call.what, [call.ms]);
    shown.push(call);
    if (shown.length > wanted.limit * 2 + 100) shown = shown.sort(order).slice(0, wanted.limit);
  }
  return {
    all: all.numbers(),
    matching: matching.numbers(),
    groups: [...groups]
      .map(([what, durations]) => ({
        what,
        count: durations.length,
        ms: durations.reduce((sum, ms) => sum + ms, 0),
        p95: percentile(durations, 95),
      }))
      .sort((a, b) => b.ms - a.ms),
    calls: shown.sort(order).slice(0, wanted.limit),
  };
}

function counter() {
  const durations: number[] = [];
  let failed = 0;
  return {
    add(call: Call) {
      durations.push(call.ms);
      if (call.failed) failed += 1;
    },
    numbers: (): Numbers => ({
      count: durations.length,
      failed,
      p50: percentile(durations, 50),
      p95: percentile(durations, 95),
    }),
  };
}

/** The smallest that is not less than so many percent of them (nearest rank). 0 for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
