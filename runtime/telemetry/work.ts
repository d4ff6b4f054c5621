import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attributes, context } from '@opentelemetry/api';

/** What one request or job is and did: everything that runs inside `runWork` adds to it. */
export interface Work {
  /** For each line of the log; null when it answers no request, or several. */
  requestId: string | null;
  /** W3C trace context; '' for none. */
  traceparent: string;
  /** What each of its spans tells: whose it is, and what was asked for. */
  describe: () => Attributes;
  /** Statements that were sent to PostgreSQL, and round trips of transactions. */
  queries: number;
  /** Milliseconds that those took together that are over. */
  databaseMs: number;
  /** Statements that are not over, and the sum of the moments at which they began, by performance.now(). */
  running: number;
  runningSince: number;
  /** Events that the transactions recorded (platform.recorded_events), the first twenty. */
  recorded: RecordedEvent[];
}

/** One event, as the database tells it to who caused it. */
export interface RecordedEvent {
  type: string;
  entity: string;
  id: string;
  /** The state that a lifecycle was in, and is in now: "active->archived". */
  transition?: string;
}

const current = new AsyncLocalStorage<Work>();

export const newWork = (requestId: string | null = null, traceparent = ''): Work => ({
  requestId,
  traceparent,
  describe: () => ({}),
  queries: 0,
  databaseMs: 0,
  running: 0,
  runningSince: 0,
  recorded: [],
});

/**
 * `body` as part of the present work and of its trace, whoever calls it: for what a socket calls. AsyncLocalStorage.bind does it too, and takes 2 to 9 µs with an object
 * that the garbage collector has to see to; this takes 0.5.
 */
export function keepWork(body: () => void): () => void {
  const work = currentWork();
  const active = context.active();
  if (!work) return () => context.with(active, body);
  return () => current.run(work, () => context.with(active, body));
}

/** Notes that a statement begins. @returns what notes its end */
export function beginStatement(work: Work): () => void {
  const began = performance.now();
  work.queries += 1;
  work.running += 1;
  work.runningSince += began;
  return () => {
    work.databaseMs += performance.now() - began;
    work.running -= 1;
    work.runningSince -= began;
  };
}

/**
 * Milliseconds that its statements have taken until now: more than passed, when they ran at the same time. One that is still waited for counts, such as that in which an
 * aborted request hangs.
 */
export const databaseMsOf = ({ databaseMs, running, runningSince }: Work): number =>
  databaseMs + running * performance.now() - runningSince;

/** The work that the caller is part of; undefined outside of requests and jobs. */
export const currentWork = (): Work | undefined => current.getStore();

/** Runs `body`, and all that it begins, as part of `work`. */
export const runWork = <T>(work: Work, body: () => T): T => current.run(work, body);

/** Adds what the database told of a transaction: lines of "type entity id", and "former->present" of a lifecycle. */
export function addRecorded(work: Work | undefined, told: string | null | undefined): void {
  if (!work || !told) return;
  for (const line of told.split('\n')) {
    const [type, entity, id, transition] = line.split(' ');
    // The last line may have been cut.
    if (!type || !entity || id?.length !== 36 || work.recorded.length >= 20) return;
    work.recorded.push({ type, entity, id, ...(transition && { transition }) });
  }
}

/** What a canonical line tells of the business: null where nothing happened. */
export function businessOf({ recorded }: Work): {
  entity: string | null;
  entity_id: string | null;
  transition: string | null;
  events: string[] | null;
} {
  const first = recorded[0];
  return {
    entity: first?.entity ?? null,
    entity_id: first?.id ?? null,
    transition: recorded.find(({ transition }) => transition)?.transition ?? null,
    events: first ? recorded.map(({ type }) => type) : null,
  };
}
