import { setTimeout as pause } from 'node:timers/promises';
import { type Call, callOf } from '../incident/calls.ts';
import { logLines } from '../incident/lines.ts';
import { openLocal } from '../incident/local.ts';
import { readTrace } from '../incident/trace-report.ts';
import { verdict } from '../incident/verdict.ts';
import type { Look } from '../incident/waterfall.ts';

/** Which of the requests and jobs during the fault somebody on call would look at first. */
export interface Suspect {
  kind: Call['kind'];
  /** POST RenameProject, job deliver; default: any. */
  what?: string | undefined;
  /** The one that failed last; default: the slowest. */
  failed?: boolean;
}

export interface Finding {
  what: string;
  traceId: string;
  /** The sentence of `npm run incident`. */
  verdict: string;
  /** What stands beneath the trace: other lines of the log, with their errors. */
  log: string[];
}

const plain: Look = { width: 160, full: false, paint: (_, text) => text };

/**
 * What `npm run incident` says of one request or job of the time of the fault. Spans and lines come a second or two after what they tell of: it is asked again for as long as it may take.
 * @param time from when until when the fault lasted, in milliseconds since 1970
 */
export async function findCause(
  store: string,
  suspect: Suspect,
  time: readonly [sinceMs: number, untilMs: number],
  aborted: AbortSignal,
): Promise<Finding | undefined> {
  let found: Finding | undefined;
  for (let turn = 0; turn < 10 && !found; turn += 1) {
    await pause(turn === 0 ? 3_000 : 1_500, undefined, { signal: aborted });
    found = await look(store, suspect, nanoseconds(time[0]), nanoseconds(time[1]));
  }
  return found;
}

const nanoseconds = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;

async function look(
  store: string,
  suspect: Suspect,
  sinceNs: bigint,
  untilNs: bigint,
): Promise<Finding | undefined> {
  const source = openLocal(store);
  try {
    const calls: Call[] = [];
    for await (const line of source.lines.calls({ tenantId: undefined, sinceNs })) {
      const call = callOf(line);
      if (call?.traceId && call.time < untilNs && isSuspect(call, suspect)) calls.push(call);
    }
    // They come with the newest first.
    if (!suspect.failed) calls.sort((a, b) => b.ms - a.ms);
    const [call] = calls;
    if (call?.traceId === undefined) return undefined;
    const { tree, lines } = await readTrace(source, call.traceId);
    if (tree.nodes.length === 0) return undefined;
    return {
      what: call.what,
      traceId: call.traceId,
      verdict: verdict(tree),
      log: logLines(lines, tree.startNs, plain).filter((line) => line !== '' && line !== 'log'),
    };
  } finally {
    source.close();
  }
}

const isSuspect = (call: Call, { kind, what, failed }: Suspect): boolean =>
  call.kind === kind && (what === undefined || call.what === what) && (!failed || call.failed);
