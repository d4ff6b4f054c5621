import { AsyncLocalStorage } from 'node:async_hooks';

/** What one request or job did: everything that runs inside `runWork` adds to it. */
export interface Work {
  /** Statements that were sent to PostgreSQL, and round trips of transactions. */
  queries: number;
  /** Milliseconds that they took together: more than passed, when they ran at the same time. */
  databaseMs: number;
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

export const newWork = (): Work => ({ queries: 0, databaseMs: 0, recorded: [] });

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
