import type { ClientBase } from 'pg';

/** One transaction of a writer, as the writer knows it: nothing of the database says when. */
export interface Entry {
  tenant: string;
  project: string;
  /** The version that it made. */
  version: number;
  name: string;
  /** Milliseconds since 1970, rounded down: it was not committed before. */
  began: number;
  /** Rounded up: it was committed by then, for the answer was there. */
  acknowledged: number;
}

export interface Proof {
  /** Transactions that were acknowledged before the point. */
  promised: number;
  /** Of them, those of which the event or its content is not there. */
  missing: number;
  /** Transactions that began after the point, and are there. */
  unexpected: number;
  /** Events of which the writers know nothing. */
  unknown: number;
  /** Projects whose row is not what its last event says. One that is not there is for db verify to tell. */
  torn: number;
  /** Acknowledged, and not there: after the point. */
  lost: number;
  /** When the first of these was acknowledged. */
  lostSince: number | undefined;
  /** The last that is there was acknowledged. */
  keptUntil: number;
}

interface Recorded {
  entity_id: string;
  entity_version: number;
  name: string;
  current: boolean;
}

/**
 * Holds what writers were told against what a restored database has.
 * @param point undefined: wherever the log ended; then only the order is proved: nothing is there that began after something was acknowledged that is not
 */
export async function prove(
  client: ClientBase,
  ledger: readonly Entry[],
  point: number | undefined,
): Promise<Proof> {
  const tenants = [...new Set(ledger.map(({ tenant }) => tenant))];
  const { rows } = await client.query<Recorded>(
    `select e.entity_id, e.entity_version, e.data ->> 'name' as name,
            p.id is null or p.version > e.entity_version or p.version = e.entity_version and p.name = e.data ->> 'name' as current
       from app.event e
       left join app.project p on p.tenant_id = e.tenant_id and p.id = e.entity_id
      where e.entity = 'project' and e.tenant_id = any ($1)`,
    [tenants],
  );
  const recorded = new Map(rows.map((row) => [`${row.entity_id} ${row.entity_version}`, row]));
  const there = (entry: Entry) => recorded.get(`${entry.project} ${entry.version}`)?.name === entry.name;
  const kept = ledger.filter(there);
  const gone = ledger.filter((entry) => !there(entry));
  const lostSince = gone.reduce(
    (first, { acknowledged }) => Math.min(first, acknowledged),
    Number.POSITIVE_INFINITY,
  );
  const limit = point ?? lostSince;
  const known = new Set(ledger.map(({ project, version }) => `${project} ${version}`));
  return {
    promised: ledger.filter(({ acknowledged }) => acknowledged < limit).length,
    missing: gone.filter(({ acknowledged }) => acknowledged < limit).length,
    unexpected: kept.filter(({ began }) => began > limit).length,
    unknown: [...recorded.keys()].filter((key) => !known.has(key)).length,
    torn: rows.filter(({ current }) => !current).length,
    lost: gone.length,
    lostSince: Number.isFinite(lostSince) ? lostSince : undefined,
    keptUntil: kept.reduce((last, { acknowledged }) => Math.max(last, acknowledged), 0),
  };
}
