import { setTimeout as pause } from 'node:timers/promises';
import type { startReceiver } from '../demo/receiver.ts';
import { administer } from '../drill/faults.ts';

export interface DeliveryFigures {
  /** Events that were committed for the endpoint. */
  expected: number;
  /** Of those, how many came. */
  received: number;
  missing: number;
  /** Came more than once, which receivers are told to expect. */
  duplicates: number;
  /** Seconds from the last request until all had come. */
  seconds: number;
}

const sqlOfEvents = `select 'evt_' || id as id from app.event where tenant_id = $1 and entity = 'project'`;

/** Without another message for so long, what is missing is lost: the second retry comes after five minutes, the first after five seconds. */
const PATIENCE_MS = 60_000;

/** What had happened before anybody subscribed. As the administrator. */
export async function eventsOf(adminUrl: string, tenantId: string): Promise<ReadonlySet<string>> {
  const rows = await administer<{ id: string }>(adminUrl, sqlOfEvents, [tenantId]);
  return new Set(rows.map(({ id }) => id));
}

/** Holds every event that was committed against what the receiver verified, waiting for what is on its way. */
export async function settleDeliveries(
  adminUrl: string,
  tenantId: string,
  before: ReadonlySet<string>,
  receiver: Awaited<ReturnType<typeof startReceiver>>,
): Promise<DeliveryFigures> {
  const began = Date.now();
  const expected = [...(await eventsOf(adminUrl, tenantId))].filter((id) => !before.has(id));
  let most = 0;
  for (let progress = began; ; await pause(200)) {
    const verified = receiver.lines.filter((line) => 'event' in line);
    const received = new Set(verified.map(({ event }) => String(event)));
    const missing = expected.filter((id) => !received.has(id)).length;
    if (received.size > most) [most, progress] = [received.size, Date.now()];
    if (missing > 0 && Date.now() - progress < PATIENCE_MS) continue;
    return {
      expected: expected.length,
      received: expected.length - missing,
      missing,
      duplicates: verified.filter(({ duplicate }) => duplicate).length,
      seconds: Math.round((Date.now() - began) / 100) / 10,
    };
  }
}
