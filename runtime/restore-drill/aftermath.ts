import { setTimeout as pause } from 'node:timers/promises';
import { cursorOf } from '../../server/graphql/feed-cursor.ts';
import { Failure } from '../failure.ts';
import { freePort } from '../free-ports.ts';
import { sendGraphql } from '../graphql.ts';
import type { Supervised } from '../supervise.ts';
import { startProcess } from './product.ts';
import type { Receiver } from './receiver.ts';
import type { Restored } from './restored.ts';
import type { DrillTenant } from './tenants.ts';

/** What the world outside notices of a restore. */
export interface Aftermath {
  /** Until the server answered on the restored database. */
  serverSeconds: number;
  /** Projects that the API counts for the tenant whose projects an operator had deleted. */
  projects: number;
  /** What the change feed says to a cursor of an event that is no more. */
  vanishedCursor: string;
  /** Whether a cursor of before the point goes on, and shows what is written now. */
  feedGoesOn: boolean;
  /** Deliveries that were pending at the point, and were made. */
  resumed: number;
  /** Messages that came a second time, under the id that they had. */
  repeated: number;
  /** Messages that receivers have, of events that are no more. */
  ghosts: number;
  /** Events that no receiver was ever told of. */
  untold: number;
  contradicted: number;
}

interface Setting {
  restored: Restored;
  tenant: DrillTenant;
  receiver: Receiver;
  secretKey: Buffer;
  log: (text: string) => void;
}

/** Starts the product on the restored database, and asks as its users would. @throws Failure */
export async function observeAftermath(setting: Setting): Promise<Aftermath> {
  const { restored, tenant, receiver, secretKey, log } = setting;
  const before = new Map(receiver.seen);
  const { admin, urls } = restored;
  const rows = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await admin.query<T>(sql, values)).rows;
  const [pending] = await rows<{ count: number }>(
    `select count(*)::int from app.delivery where status = 'pending' and endpoint_id is not null`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running: Supervised[] = [];
  try {
    const began = performance.now();
    running.push(startProcess('server', { urls, secretKey, port, log }));
    await untilReady(url, running[0] as Supervised);
    const serverSeconds = (performance.now() - began) / 1_000;
    running.push(startProcess('worker', { urls, secretKey, log }));
    const feed = await readFeed(url, setting);
    const projects = await ask<{ projects: { totalCount: number } }>(
      url,
      tenant,
      '{ projects(first: 1) { totalCount } }',
    );
    await untilDelivered(rows);
    const told = await rows<{ id: string }>(
      `select distinct 'evt_' || d.event_id as id from app.delivery d where d.endpoint_id is not null`,
    );
    const there = new Set(
      (await rows<{ id: string }>(`select 'evt_' || id as id from app.event`)).map(({ id }) => id),
    );
    return {
      serverSeconds,
      projects: projects.data?.projects.totalCount ?? -1,
      ...feed,
      resumed: pending?.count ?? 0,
      repeated: [...before].filter(([id, times]) => (receiver.seen.get(id) ?? 0) > times).length,
      ghosts: [...before.keys()].filter((id) => !there.has(id)).length,
      untold: told.filter(({ id }) => !receiver.seen.has(id)).length,
      contradicted: receiver.contradicted.size,
    };
  } finally {
    for (const process_ of running) await process_.stop(15_000);
  }
}

type Rows = <T extends object>(sql: string) => Promise<T[]>;

/** As long as some are made: how many there are depends on the load, and how fast on the machine. */
async function untilDelivered(rows: Rows): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 600; turn += 1) {
    const [left] = await rows<{ count: number }>(
      `select count(*)::int from app.delivery where status = 'pending'`,
    );
    const count = left?.count ?? 0;
    if (count === 0) return;
    if (count < least) turn = 0;
    least = Math.min(least, count);
    await pause(100);
  }
  throw new Failure(
    'not_delivered',
    `${least} deliveries are pending, and for a minute none was made.`,
    'See the log of the worker.',
  );
}

const ask = <Data>(url: string, tenant: DrillTenant, query: string, variables: object = {}) =>
  sendGraphql<Data>(url, tenant.apiKey, query, variables, 20_000);

interface Feed {
  changeFeed: { nodes: { type: string }[]; pageInfo: { endCursor: string } };
}

const feedQuery =
  'query ($after: Cursor) { changeFeed(first: 100, after: $after) { nodes { type } pageInfo { endCursor } } }';

async function readFeed(
  url: string,
  { restored, tenant, receiver }: Setting,
): Promise<Pick<Aftermath, 'vanishedCursor' | 'feedGoesOn'>> {
  const { rows } = await restored.admin.query<{ id: string }>('select id from app.event');
  const there = new Set(rows.map(({ id }) => id));
  const vanished = [...receiver.seen.keys()]
    .map((id) => id.slice('evt_'.length))
    .find((id) => !there.has(id));
  const answer = await ask<Feed>(url, tenant, feedQuery, { after: cursorOf(vanished ?? '') });
  const latest = await ask<{ changeFeed: { latestCursor: string } }>(
    url,
    tenant,
    '{ changeFeed(first: 0) { latestCursor } }',
  );
  const after = latest.data?.changeFeed.latestCursor;
  await ask(
    url,
    tenant,
    'mutation { createProject(input: { project: { name: "after the restore" } }) { project { id } } }',
  );
  let shown: string[] = [];
  for (let turn = 0; turn < 200 && shown.length === 0; turn += 1) {
    const { data } = await ask<Feed>(url, tenant, feedQuery, { after });
    shown = data?.changeFeed.nodes.map(({ type }) => type) ?? [];
    if (shown.length === 0) await pause(50);
  }
  return {
    vanishedCursor:
      vanished === undefined ? 'none was seen' : (answer.errors?.[0]?.extensions?.code ?? 'it was answered'),
    feedGoesOn: shown.includes('project.created'),
  };
}

async function untilReady(url: string, server: Supervised): Promise<void> {
  const ready = async () => {
    for (let turn = 0; turn < 1_200; turn += 1) {
      const answer = await fetch(`${url}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await pause(50);
    }
    throw new Failure('server_not_ready', 'The server was not ready within a minute.', 'See its log.');
  };
  await Promise.race([ready(), server.failed]);
}
