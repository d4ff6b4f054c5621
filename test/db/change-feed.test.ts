import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext, Work } from '../support/actors.ts';
import { asContext, asMember, refusalOf, resolveContext } from '../support/actors.ts';
import { open } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import { type FeedArguments, type FeedEvent, readFeed, readToEnd } from '../support/feed.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';
import { waitUntil } from '../support/wait.ts';

/*
 * The order of the change feed. A transaction anywhere in the cluster holds it back, those of other test files too: what is to appear is waited for,
 * what must not appear is looked for while the transaction that holds it back is open.
 */
const database = await createTestDatabase();
const admin = database.pool('admin');
const patience = 60_000;
let tenant: TestTenant;
let owner: TestContext;

beforeAll(async () => {
  tenant = await createTenant(database, { members: ['member'], plan: 'enterprise' });
});
// Good for 60 s, of which waiting may take many.
beforeEach(async () => {
  owner = await resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');
});

const act = <T>(work: Work<T>) => asContext(database, owner, work);
const create = (name: string) =>
  act((client) => client.query('insert into app.project (name) values ($1)', [name]));
const feed = (args: FeedArguments = {}) => readToEnd(database, owner, args);
const names = (events: FeedEvent[]) => events.map(({ data }) => data?.name);
const caughtUp = async () =>
  (await act((client) => client.query('select app.change_feed_held_since() as since'))).rows[0].since ===
  null;

/** The id of the last event, once the feed shows it. */
async function now(): Promise<string> {
  await waitUntil('the feed shows everything', caughtUp, patience);
  const { rows } = await act((client) => client.query('select app.change_feed_end() as id'));
  return rows[0].id;
}

describe('a writer who begins first and commits last', () => {
  it('is not stepped over, as it is by whoever reads in the order of ids', {
    timeout: patience,
  }, async () => {
    const after = await now();
    const byId = async (id: string) => {
      const sql = `select id, data from app.event where id > $1 order by id`;
      return (await act((client) => client.query<FeedEvent>(sql, [id]))).rows;
    };
    const slow = await open(database, owner);
    await slow.client.query(`insert into app.project (name) values ('slow')`);
    await create('quick');

    const naive = await byId(after);
    expect(names(naive)).toEqual(['quick']);
    expect(await feed({ after })).toEqual([]);
    expect(await caughtUp()).toBe(false);
    await slow.end('commit');

    const seen = await waitUntil(
      'both are shown',
      async () => {
        const events = await feed({ after });
        return events.length === 2 ? events : undefined;
      },
      patience,
    );
    expect(names(seen)).toEqual(['slow', 'quick']);
    // the reader by id was at 'quick' already, and never hears of 'slow'
    expect(await byId(naive.at(-1)?.id ?? '')).toEqual([]);
  });

  it('never appears when it rolls back, whole or in part', { timeout: patience }, async () => {
    const after = await now();
    const given = await open(database, owner);
    await given.client.query(`insert into app.project (name) values ('given up')`);
    await create('kept');
    await given.end('rollback');
    await act((client) =>
      client.query(
        `savepoint s; insert into app.project (name) values ('taken back'); rollback to s; insert into app.project (name) values ('kept too')`,
      ),
    );
    await now();
    expect(names(await feed({ after }))).toEqual(['kept', 'kept too']);
  });
});

describe('what follows', () => {
  it('stands behind what it followed, also when its transaction is the older one', {
    timeout: patience,
  }, async () => {
    const { rows } = await act((client) =>
      client.query(`insert into app.project (name) values ('shared') returning id`),
    );
    const after = await now();
    const early = await open(database, owner);
    const { rows: begun } = await early.client.query(
      `insert into app.project (name) values ('early') returning pg_current_xact_id()::text as xid`,
    );
    const change = 'update app.project set description = $2 where id = $1 returning version';
    await act((client) => client.query(change, [rows[0].id, 'second']));
    expect((await early.client.query(change, [rows[0].id, 'third'])).rows).toEqual([{ version: 3 }]);
    await early.end('commit');
    await now();
    const events = await feed({ after });
    expect(events.map(({ data, entity_version: version }) => [data?.name, version])).toEqual([
      ['early', 1],
      ['shared', 2],
      ['shared', 3],
    ]);
    // by its transaction alone the third version would have come first
    const { rows: order } = await admin.query(
      `select xid::text::bigint > $2::bigint as behind from app.event where tenant_id = $1 and id = $3`,
      [tenant.id, begun[0].xid, events.at(-1)?.id],
    );
    expect(order).toEqual([{ behind: true }]);
  });
});

describe('many writers at once', () => {
  const writers = 7;
  const rounds = 20;

  it('are read while they write: each event that was committed once, and the versions of each entity in order', {
    timeout: 2 * patience,
  }, async () => {
    const { rows: shared } = await act((client) =>
      client.query(
        `insert into app.project (name) select 'shared ' || n from generate_series(1, 4) n returning id`,
      ),
    );
    const after = await now();
    let writing = true;
    let taken = 0;
    const write = async (writer: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const changed = shared[(writer * round) % shared.length].id;
        const gives = (writer + round) % 5 === 0;
        await asContext(
          database,
          owner,
          async (client) => {
            await client.query(`insert into app.project (name) values ('of ' || $1::int)`, [writer]);
            await client.query('select pg_sleep(random() * 0.02)');
            await client.query('update app.project set description = $2 where id = $1', [
              changed,
              `${writer} ${round}`,
            ]);
            // commits come in another order than writes
            await client.query('select pg_sleep(random() * 0.02)');
          },
          { rollback: gives },
        );
        if (gives) taken += 1;
      }
    };
    const seen: FeedEvent[] = [];
    const poll = async () => {
      for (let size = 1; ; size = (size % 9) + 1) {
        const last = !writing && (await caughtUp());
        const page = await readFeed(database, owner, { after: seen.at(-1)?.id ?? after, first: size });
        seen.push(...page);
        if (last && page.length === 0) return;
      }
    };
    const polled = poll();
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    writing = false;
    await polled;

    const { rows: committed } = await admin.query<{ id: string }>(
      `select id from app.event where tenant_id = $1 and (xid, id) > (select xid, id from app.event where tenant_id = $1 and id = $2) order by xid, id`,
      [tenant.id, after],
    );
    expect(taken).toBeGreaterThan(writers);
    expect(committed).toHaveLength(2 * (writers * rounds - taken));
    expect(seen.map(({ id }) => id)).toEqual(committed.map(({ id }) => id));
    for (const { id } of shared) {
      const versions = seen.filter((event) => event.entity_id === id).map((event) => event.entity_version);
      expect(versions.length).toBeGreaterThan(5);
      expect(versions).toEqual(versions.map((_, n) => n + 2));
    }
  });
});

describe('a page', () => {
  it('may end in the middle of a transaction, and loses none of it', { timeout: patience }, async () => {
    const after = await now();
    await act((client) =>
      client.query(`insert into app.project (name) select 'part ' || n from generate_series(1, 25) n`),
    );
    await now();
    const whole = Array.from({ length: 25 }, (_, n) => `part ${n + 1}`);
    for (const first of [1, 4, 5, 24, 25, 26]) expect(names(await feed({ after, first }))).toEqual(whole);
  });

  it('counts events of other types, and shows of them that they happened', {
    timeout: patience,
  }, async () => {
    const after = await now();
    await create('a');
    await act((client) => client.query(`select app.archive_project(id) from app.project where name = 'a'`));
    await create('b');
    await now();
    const types = (wanted: string[]) => readFeed(database, owner, { after, types: wanted });
    const shown = (events: FeedEvent[]) => events.map(({ type, data }) => [type, data !== null]);
    expect(shown(await types(['project.created']))).toEqual([
      ['project.created', true],
      ['project.archived', false],
      ['project.created', true],
    ]);
    for (const all of [['*'], ['project.*'], ['invoice.paid', 'project.archived', 'project.created']])
      expect(shown(await types(all)).every(([, whole]) => whole)).toBe(true);
    expect(shown(await types([])).some(([, whole]) => whole)).toBe(false);
  });
});

describe('who asks for what cannot be', () => {
  const code = async (args: FeedArguments, context = owner) =>
    (await refusalOf(readFeed(database, context, args))).code;

  it('is refused a place that the feed has never shown in the tenant', { timeout: patience }, async () => {
    const other = await createTenant(database);
    const theirs = await resolveContext(database, 'session', other.members.get('owner')?.session ?? '');
    const foreign = await waitUntil(
      'it is shown there',
      async () => (await readFeed(database, theirs))[0]?.id,
      patience,
    );
    const { rows } = await admin.query('select uuidv7() as unknown, gen_random_uuid() as random');
    const unknown = [foreign, rows[0].unknown, rows[0].random, '00000000-0000-0000-0000-000000000000'];
    for (const after of unknown) expect([after, await code({ after })]).toEqual([after, 'ZF004']);
    expect(await code({ after: 'x' })).toBe('22P02');
  });

  it('is refused a place in what is still held back: what commits before it would be stepped over', async () => {
    const slow = await open(database, owner);
    await slow.client.query(`insert into app.project (name) values ('before')`);
    await create('held back');
    const { rows } = await admin.query(`select id from app.event where data ->> 'name' = 'held back'`);
    expect(await code({ after: rows[0].id })).toBe('ZF004');
    await slow.end('commit');
  });

  it('is refused pages of no size and types that do not exist', async () => {
    for (const first of [-1, 0, 1001, 2_147_483_647]) expect(await code({ first })).toBe('ZF010');
    for (const types of [['x'], ['project'], ['project.'], ['*.created'], ['%.*'], ['']])
      expect([types, await code({ types })]).toEqual([types, 'ZF010']);
  });

  it('is refused without the permission, rather than shown a feed that stays empty', async () => {
    await asMember(database, tenant, 'member', async (client) => {
      const refused = client.query('select * from app.change_feed()');
      expect((await refusalOf(refused)).code).toBe('ZF003');
    });
  });
});
