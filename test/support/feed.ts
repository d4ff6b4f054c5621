import type { TestContext } from './actors.ts';
import { asApiKey, asContext } from './actors.ts';
import type { TestDatabase } from './database.ts';
import { waitUntil } from './wait.ts';

export interface FeedEvent {
  id: string;
  type: string;
  entity_id: string;
  entity_version: number;
  /** Null for an event of no wanted type. */
  data: { name?: string } | null;
}

export interface FeedArguments {
  after?: string | null;
  first?: number;
  types?: string[];
}

/** One page of the change feed, as SQL shows it. */
export function readFeed(
  database: TestDatabase,
  context: TestContext | undefined,
  { after = null, first = 100, types }: FeedArguments = {},
): Promise<FeedEvent[]> {
  return asContext(database, context, async (client) => {
    const { rows } = await client.query('select * from app.change_feed($1, $2, $3)', [
      after,
      first,
      types ?? null,
    ]);
    return rows;
  });
}

/** Everything after `after` that the feed shows now, page by page. */
export async function readToEnd(
  database: TestDatabase,
  context: TestContext,
  { after = null, first = 100, types }: FeedArguments = {},
): Promise<FeedEvent[]> {
  const read: FeedEvent[] = [];
  for (;;) {
    const page = await readFeed(database, context, {
      after: read.at(-1)?.id ?? after,
      first,
      ...(types && { types }),
    });
    read.push(...page);
    if (page.length < first) return read;
  }
}

/** Once the tenant of this key sees in its feed all that was committed: transactions of other files, in whatever database of the server, hold it back. */
export async function untilShown(database: TestDatabase, apiKey: string): Promise<void> {
  await waitUntil('nothing is held back', () =>
    asApiKey(database, apiKey, async (client) => {
      const { rows } = await client.query('select app.change_feed_held_since() is null as shown');
      return rows[0].shown;
    }),
  );
}
