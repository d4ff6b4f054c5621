import type { Context } from '../../server/database/context.ts';
import { connectAsUser, contextsOf, enter, tenantsOf } from '../support/caller.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer, BenchUrls } from '../support/database.ts';
import { createEndpoints } from '../support/endpoints.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, rates, ratioOfRounds } from '../support/measure.ts';

const clients = 32;

/**
 * Renaming a project with one subscribed endpoint, with the event but nobody subscribed, and in a plain table; durable commits, no worker.
 * All clients of an arm are in one tenant: what a fan-out locks of a tenant or an endpoint, they would wait for. Tables grow as they do in production:
 * in those that were truncated before each stretch, extending the file was 8 % of what 32 clients waited for, and the ratio 0.80 instead of 0.85.
 */
export async function write(
  server: BenchServer,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const { urls, drop } = await server.fresh('write', profile);
  const connections = await Promise.all(Array.from({ length: clients }, () => connectAsUser(urls.app)));
  const connection = (n: number) => connections[n] as (typeof connections)[number];
  try {
    await requireDurable(urls);
    const [silent = '', subscribed = ''] = await tenantsOf(urls.owner);
    await createEndpoints(urls.owner, [{ tenant: subscribed, url: 'http://127.0.0.1:9/' }]);
    const arms: { context: Context; shares: string[][] }[] = [];
    for (const context of await contextsOf(urls.owner, [silent, subscribed])) {
      await enter(connection(0), context);
      const { rows } = await connection(0).query<{ id: string }>(
        `select id from app.project where status = 'active'`,
      );
      const each = Math.floor(rows.length / clients);
      // a share for each client: nobody waits for a row
      const shares = connections.map((_, n) => rows.slice(n * each, (n + 1) * each).map(({ id }) => id));
      arms.push({ context, shares });
    }
    let turn = 0;
    const rename = (arm: number, text: string, name: string) => async (n: number) => {
      const { context, shares } = arms[arm] as (typeof arms)[number];
      const ids = shares[n] as string[];
      turn += 1;
      const values = [context.tenantId, ids[Math.floor(turn / clients) % ids.length], `Renamed ${turn}`];
      const { rowCount } = await connection(n).query({ name, text, values });
      if (rowCount !== 1) throw new Error(`${name} changed ${rowCount} rows`);
    };
    const prepare = (arm: number) => async () => {
      await Promise.all(
        connections.map((client) => enter(client, (arms[arm] as (typeof arms)[number]).context)),
      );
    };
    const plain = `update plain.project set name = $3, version = version + 1, updated_at = now()
      where tenant_id = $1 and id = $2 returning id, version`;
    const declared =
      'update app.project set name = $3 where tenant_id = $1 and id = $2 returning id, version';
    const figures: Figure[] = [];
    for (const count of [1, 8, clients]) {
      const measured = await rates(
        [
          { name: 'bare', prepare: prepare(0), run: rename(0, plain, 'plain') },
          { name: 'event', prepare: prepare(0), run: rename(0, declared, 'declared') },
          { name: 'subscribed', prepare: prepare(1), run: rename(1, declared, 'declared') },
        ],
        { clients: count, seconds: smoke ? 0.1 : 1, rounds: smoke ? 1 : 17 },
      );
      const of = (name: string) => measured[name] ?? [];
      const told = Object.keys(measured).map((name) => `${name} ${median(of(name)).toFixed(0)}`);
      say(`write, ${count} clients: ${told.join(', ')} tx/s`);
      figures.push(
        {
          name: `write.subscribed_vs_unsubscribed.c${count}`,
          value: round(ratioOfRounds(of('subscribed'), of('event'))),
          unit: 'ratio',
          ...(count === clients && { target: '≥ 0.85' }),
        },
        {
          name: `write.event_vs_bare.c${count}`,
          value: round(ratioOfRounds(of('event'), of('bare'))),
          unit: 'ratio',
        },
      );
    }
    return figures;
  } finally {
    await Promise.all(connections.map((client) => client.end()));
    await drop();
  }
}

/** @throws when the server would acknowledge what a crash can lose: its figures would say nothing */
async function requireDurable(urls: BenchUrls): Promise<void> {
  const client = await connectAsUser(urls.app);
  const { rows } = await client.query<{ name: string }>(
    `select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off'`,
  );
  await client.end();
  if (rows[0]) throw new Error(`${rows[0].name} is off: commits on this server are not durable`);
}
