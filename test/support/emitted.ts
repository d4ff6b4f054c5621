import { Client, escapeLiteral } from 'pg';
import type { Schema, Validator } from './schemas.ts';
import { dataValidator, previousValidator } from './schemas.ts';

interface Emitted {
  id: string;
  type: string;
  data: unknown;
  previous: unknown;
}

/** What a look at the events of a database found. */
export interface Found {
  /** Payloads that were looked at. */
  looked: number;
  /** Type, id and mistakes of those that are wrong. */
  wrong: string[];
  /** What was seen, as a snapshot: ids and numbers of transactions are in no order while others are under way. */
  seen: string;
}

/** Rows at a time. */
const PAGE = 1_000;

/**
 * Holds the events of a database against the schemas of their types, as the catalogue is now.
 * @param url of a login that row-level security does not bind
 * @param seen leaves out what an earlier look saw
 */
export async function lookAtEvents(url: string, seen?: string): Promise<Found> {
  const client = new Client({ connectionString: url, application_name: 'test events' });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only; set local row_security = off');
    const { rows } = await client.query<{ now: string; exists: boolean }>(
      `select pg_current_snapshot()::text as now, to_regclass('app.event') is not null as exists`,
    );
    const found: Found = { looked: 0, wrong: [], seen: rows[0]?.now ?? '' };
    // databases of tests of migrations are empty
    if (rows[0]?.exists) await look(client, seen, found);
    return found;
  } finally {
    await client.end();
  }
}

async function look(client: Client, seen: string | undefined, found: Found): Promise<void> {
  const mistakes = await validators(client);
  const unseen = seen ? `where not pg_visible_in_snapshot(xid, ${escapeLiteral(seen)})` : '';
  // The same payload once: tests fill tables with 100,000 copies of one.
  await client.query(
    `declare emitted cursor for
     select min(id::text) as id, type, data, previous from app.event ${unseen} group by type, data, previous`,
  );
  const page = async () => (await client.query<Emitted>(`fetch ${PAGE} from emitted`)).rows;
  for (let events = await page(); events.length > 0; events = await page()) {
    found.looked += events.length;
    for (const { id, type, data, previous } of events) {
      const wrong = [
        ...mistakes(type, 'data', data),
        ...mistakes(type, 'previous', previous).map((mistake) => `previous: ${mistake}`),
      ];
      if (wrong.length > 0) found.wrong.push(`${type} ${id}: ${wrong.join('; ')}`);
    }
  }
}

/** What is wrong with a part of an event of a type. */
async function validators(client: Client) {
  const { rows } = await client.query<{ type: string; schema: Schema }>(
    'select type, schema from catalog.event_type',
  );
  const schemas = new Map(rows.map(({ type, schema }) => [type, schema]));
  const known = new Map<string, Validator>();
  return (type: string, part: 'data' | 'previous', value: unknown): string[] => {
    // nothing was there before
    if (part === 'previous' && value === null) return [];
    const schema = schemas.get(type);
    if (!schema) return ['the catalogue has no such type'];
    const key = `${type} ${part}`;
    const validator = known.get(key) ?? (part === 'data' ? dataValidator : previousValidator)(schema);
    known.set(key, validator);
    return validator(value);
  };
}
