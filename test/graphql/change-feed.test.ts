import { beforeAll, describe, expect, it } from 'vitest';
import { asApiKey, asTenant, resolveContext } from '../support/actors.ts';
import { open } from '../support/concurrency.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { waitUntil } from '../support/wait.ts';
import { type Answer, startServer } from './server.ts';

/* `changeFeed` over HTTP. Transactions of other test files hold it back too, so what is to appear is waited for. */
const database = await createTestDatabase();
const server = await startServer(database);
const patience = 60_000;
let tenant: FullTenant;
let other: FullTenant;

beforeAll(async () => {
  [tenant, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
});

interface Page {
  nodes: { id: string; type: string; data: { name?: string } }[];
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { startCursor: string; endCursor: string; hasNextPage: boolean; hasPreviousPage: boolean };
  latestCursor: string;
  heldBackSince: string | null;
}

const document = `query ($first: Int, $after: Cursor, $types: [String!]) {
  changeFeed(first: $first, after: $after, types: $types) {
    nodes { id type data }
    edges { cursor node { id } }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    latestCursor
    heldBackSince
  }
}`;
const ask = (variables: Record<string, unknown> = {}, key = tenant.apiKey): Promise<Answer> =>
  server.query(key, document, variables);

async function page(variables: Record<string, unknown> = {}, key = tenant.apiKey): Promise<Page> {
  const { data, errors } = await ask(variables, key);
  expect(errors).toBeUndefined();
  return data.changeFeed;
}

/** The cursor of now, once nothing is held back: asked after that, for the two are read one after the other. */
async function now(key = tenant.apiKey): Promise<string> {
  await waitUntil(
    'the feed shows everything',
    async () => (await page({ first: 0 }, key)).heldBackSince === null,
    patience,
  );
  return (await page({ first: 0 }, key)).latestCursor;
}

const create = async (name: string) => {
  const { errors } = await server.query(
    tenant.apiKey,
    'mutation ($name: String!) { createProject(input: { project: { name: $name } }) { project { id } } }',
    { name },
  );
  expect(errors).toBeUndefined();
};

const names = ({ nodes }: Page) => nodes.map(({ data }) => data.name);

describe('the change feed', () => {
  it('is the same page by page as at once, and knows where it ends', { timeout: patience }, async () => {
    await now();
    const whole = await page({ first: 100 });
    const ids = whole.nodes.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(20);
    expect(whole.edges.map(({ node }) => node.id)).toEqual(ids);
    expect(whole.pageInfo).toEqual({
      startCursor: whole.edges.at(0)?.cursor,
      endCursor: whole.edges.at(-1)?.cursor,
      hasNextPage: false,
      hasPreviousPage: false,
    });
    for (const first of [1, 7, ids.length - 1, ids.length]) {
      const read: string[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const { nodes, pageInfo }: Page = await page({ first, after });
        expect(pageInfo.hasPreviousPage).toBe(after !== null);
        read.push(...nodes.map(({ id }) => id));
        after = pageInfo.endCursor;
        more = pageInfo.hasNextPage;
        // no page is asked for in vain
        expect([first, nodes.length]).toEqual([first, more ? first : ids.length % first || first]);
      }
      expect([first, read]).toEqual([first, ids]);
    }
    // each event's own cursor leads on from it
    for (const [n, { cursor }] of whole.edges.entries())
      expect((await page({ first: 1, after: cursor })).nodes[0]?.id).toBe(ids[n + 1]);
  });

  it('gives back the cursor that it was given while there is nothing new', {
    timeout: patience,
  }, async () => {
    const after = await now();
    for (const first of [0, 1, 100]) {
      const { nodes, edges, pageInfo } = await page({ first, after });
      expect({ nodes, edges, pageInfo }).toEqual({
        nodes: [],
        edges: [],
        pageInfo: { startCursor: null, endCursor: after, hasNextPage: false, hasPreviousPage: true },
      });
    }
    await create('new');
    await now();
    expect(names(await page({ after }))).toEqual(['new']);
  });

  it('shows who began first and committed last, and says since when it waits', {
    timeout: patience,
  }, async () => {
    const after = await now();
    const slow = await open(database, await resolveContext(database, 'api_key', tenant.apiKey));
    // not a second new project: whoever makes one waits for the plan's limit to be counted
    await slow.client.query(`update app.project set name = 'slow' where name = 'one'`);
    await create('quick');
    const waiting = await page({ after });
    expect([names(waiting), waiting.pageInfo.endCursor, waiting.latestCursor]).toEqual([[], after, after]);
    expect(Date.now() - Date.parse(waiting.heldBackSince ?? '')).toBeLessThan(patience);
    await slow.end('commit');
    await now();
    expect(names(await page({ after }))).toEqual(['slow', 'quick']);
  });

  it('shows the wanted types alone, and gets on although it shows nothing', {
    timeout: patience,
  }, async () => {
    const after = await now();
    for (const name of ['a', 'b', 'c']) await create(name);
    const last = await now();
    expect(names(await page({ after, types: ['project.created'] }))).toEqual(['a', 'b', 'c']);
    expect(names(await page({ after, types: ['invoice.paid', 'project.*'] }))).toEqual(['a', 'b', 'c']);
    const { nodes, edges, pageInfo } = await page({ after, first: 2, types: ['invoice.*'] });
    expect([nodes, edges, pageInfo.hasNextPage]).toEqual([[], [], true]);
    const rest = await page({ after: pageInfo.endCursor, first: 2, types: ['invoice.*'] });
    expect([rest.nodes, rest.pageInfo.hasNextPage, rest.pageInfo.endCursor]).toEqual([[], false, last]);
  });

  it('leads on to what belongs to an event', async () => {
    const { data, errors } = await server.query(
      tenant.apiKey,
      '{ changeFeed(first: 30) { nodes { id deliveries(first: 10) { nodes { eventId attempts(first: 2) { nodes { id } } } } } } }',
    );
    expect(errors).toBeUndefined();
    const found = data.changeFeed.nodes.flatMap(
      ({ id, deliveries }: { id: string; deliveries: { nodes: { eventId: string }[] } }) =>
        deliveries.nodes.map(({ eventId }) => eventId === id),
    );
    expect(found.length).toBeGreaterThan(5);
    expect(new Set(found)).toEqual(new Set([true]));
  });
});

describe('what the change feed refuses', () => {
  const codes = async (variables: Record<string, unknown>, key = tenant.apiKey) => {
    const { status, data, errors } = await ask(variables, key);
    expect(data?.changeFeed ?? null).toBeNull();
    // told once, whatever was asked for
    expect(errors).toHaveLength(1);
    return [status, errors?.[0]?.extensions.code];
  };
  const made = (text: string) => Buffer.from(text).toString('base64url');

  it('cursors that are none', async () => {
    const { data } = await server.query(tenant.apiKey, '{ events(first: 1) { pageInfo { endCursor } } }');
    const garbage = [
      ...['', 'x', '0', '99999999999999999999999999', "' or true --", '😀', '\0', 'x'.repeat(50_000)],
      ...['feed:', 'feed:x', `feed:${'9'.repeat(40)}`, `feed:${tenant.id} `, `feed:{${tenant.id}}`].map(made),
      ...['["feed",1,2]', `[${tenant.id}]`].map(made),
      data.events.pageInfo.endCursor,
      ...[7, {}, ['x']],
    ];
    for (const after of garbage)
      expect([after, await codes({ after })]).toEqual([after, [200, 'invalid_argument']]);
  });

  it('cursors of another tenant, like those of events that never were', async () => {
    await now(other.apiKey);
    const theirs = (await page({ first: 1 }, other.apiKey)).pageInfo.endCursor;
    const { rows } = await database.pool('admin').query('select uuidv7() as id');
    const tell = async (after: string) => (await ask({ after })).errors;
    expect(await codes({ after: theirs })).toEqual([200, 'not_found']);
    expect(await tell(theirs)).toEqual(await tell(made(`feed:${rows[0].id}`)));
  });

  it('pages that are too long, types that do not exist, and reading backwards', async () => {
    for (const first of [-1, 101]) expect(await codes({ first })).toEqual([200, 'invalid_argument']);
    for (const types of [['x'], ['project'], ['project.created', 'projct.*']])
      expect(await codes({ types })).toEqual([200, 'invalid_argument']);
    for (const args of ['last: 1', 'before: "x"', 'offset: 1']) {
      const { status, data, errors } = await server.query(
        tenant.apiKey,
        `{ changeFeed(${args}) { nodes { id } } }`,
      );
      expect([status, data, errors?.[0]?.extensions.code]).toEqual([400, undefined, 'invalid_document']);
    }
  });

  it('keys that may not read events, rather than feed them nothing for ever', async () => {
    const secret = await asTenant(database, tenant, async (client) => {
      const { rows } = await client.query(`select (app.create_api_key('few', '{project:read}')).secret`);
      return rows[0].secret as string;
    });
    expect(
      (await asApiKey(database, secret, (client) => client.query('select from app.project'))).rowCount,
    ).toBeGreaterThan(0);
    expect(await codes({}, secret)).toEqual([200, 'permission_denied']);
  });
});
