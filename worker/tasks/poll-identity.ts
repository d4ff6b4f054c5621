import type { Task } from 'graphile-worker';
import { DatabaseError, type Pool } from 'pg';
import type { EventPosition, ProviderEvent, Workos } from '../../runtime/identity-provider.ts';
import { IdentityRefusedError, IdentityUnavailableError } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';
import { goOn } from '../job.ts';

/** As far back as WorkOS keeps events. */
const DAYS_KEPT = 30;
/** Of one run: 2,000 events; what is left is the next run's. */
const MOST_PAGES = 20;
const MOST_RETRIES = 2_000;

/**
 * The task `poll_identity`: takes in the events of the identity provider that no webhook brought, and applies again what could not be applied. Its
 * position is its own: a webhook that came does not prove that those before it did.
 */
export function pollIdentity(pool: Pool, log: Logger, workos: Workos | undefined): Task {
  return async (_payload, { abortSignal }) => {
    if (!workos) return;
    try {
      await poll(pool, log, workos, abortSignal);
    } catch (error) {
      // What waits here may not need the provider.
      if (!(error instanceof IdentityUnavailableError)) throw error;
      log.error({ err: error }, 'the identity provider could not be asked for its events');
    }
    await retry(pool, log, abortSignal);
  };
}

async function poll(pool: Pool, log: Logger, workos: Workos, signal: AbortSignal): Promise<void> {
  const { rows } = await pool.query<{ event: string }>('select event from identity.provider_events() event');
  const kinds = rows.map(({ event }) => event);
  let after = await positionOf(pool, workos.issuer);
  for (let page = 0; page < MOST_PAGES && !signal.aborted; page += 1) {
    const events = await list(log, workos, kinds, after);
    for (const event of events) await receive(pool, log, workos.issuer, event);
    after = events.at(-1)?.id ?? after;
    await pool.query('select identity.move_poll_position($1, $2)', [workos.issuer, after]);
    if (events.length === 0) return;
  }
}

/** From the beginning of what is kept when there is no position, or it is no more: what was taken in already is known by its id. */
async function list(
  log: Logger,
  workos: Workos,
  kinds: readonly string[],
  after: string | null,
): Promise<ProviderEvent[]> {
  const beginning: EventPosition = { rangeStart: new Date(Date.now() - DAYS_KEPT * 86_400_000) };
  if (after === null) return workos.listEvents(kinds, beginning);
  try {
    return await workos.listEvents(kinds, { after });
  } catch (error) {
    if (!(error instanceof IdentityRefusedError)) throw error;
    log.error(
      { err: error, after },
      'the position among the events of the identity provider is no more: all are read again',
    );
    return workos.listEvents(kinds, beginning);
  }
}

async function positionOf(pool: Pool, issuer: string): Promise<string | null> {
  const { rows } = await pool.query<{ after: string | null }>('select identity.poll_position($1) as after', [
    issuer,
  ]);
  return rows[0]?.after ?? null;
}

/** One that the database cannot take in is told in the log and left: it must not keep back those of everybody else. */
async function receive(pool: Pool, log: Logger, issuer: string, event: ProviderEvent): Promise<void> {
  try {
    const { rows } = await pool.query<{ status: string }>(
      `select identity.receive_event($1, $2, 'poll') as status`,
      [issuer, JSON.stringify(event)],
    );
    const status = rows[0]?.status;
    if (status !== 'known')
      log.info(
        { provider_event: event.id, type: event.event, status },
        'an event of the identity provider that no webhook brought',
      );
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    log.error(
      { err: error, provider_event: event.id, type: event.event },
      'an event of the identity provider could not be taken in',
    );
  }
}

interface Retried {
  id: string;
  event: string;
  status: string;
  attempts: number;
  error: string | null;
}

/** Each in a transaction of its own: one that the database cannot work on holds up no other. */
async function retry(pool: Pool, log: Logger, signal: AbortSignal): Promise<void> {
  const due = await pool.query<{ id: string; traceparent: string | null }>(
    'select id, traceparent from identity.due_events($1)',
    [MOST_RETRIES],
  );
  for (const { id, traceparent } of due.rows) {
    if (signal.aborted) return;
    try {
      const { rows } = await goOn('apply an event of the identity provider', traceparent, (told) =>
        pool.query<Retried>(
          // what it causes shows in the trace of who brought it
          `select a.id, a.event, a.status, a.attempts, a.error
           from set_config('freehold.traceparent', $2, true) s cross join lateral identity.apply_event($1) a`,
          [id, told],
        ),
      );
      const told = rows[0];
      if (told?.status === 'deferred')
        log.warn(told, 'an event of the identity provider could not be applied yet');
      if (told?.status === 'failed') log.error(told, 'an event of the identity provider was given up');
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      log.error(
        { err: error, provider_event: id },
        'an event of the identity provider could not be worked on',
      );
    }
  }
}
