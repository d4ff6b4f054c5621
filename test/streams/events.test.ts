import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-sse';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { createTenant } from '../graphql/tenants.ts';
import { createTestDatabase } from '../support/database.ts';
import { untilShown } from '../support/feed.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from '../worker/support/process.ts';
import { openStream, readStream, subscription } from './reader.ts';

/* Streams of events over HTTP, woken by the dispatcher of a real worker. */
const database = await createTestDatabase();
const directory = mkdtempSync(join(tmpdir(), 'freehold-documents-'));
const documents = join(directory, 'documents.json');
const documentId = hash('sha256', subscription);
writeFileSync(documents, JSON.stringify({ [documentId]: subscription }));
const [acme, globex] = [await createTenant(database, 'acme', 1), await createTenant(database, 'globex', 1)];
// Nothing is found by looking: what comes was told.
const server = await startServer(database, { graphql: { documents }, streams: { pollMs: 600_000 } });
const patience = 60_000;
const worker = runWorker(database);
await worker.printed(/the worker is ready/);
afterAll(async () => {
  rmSync(directory, { recursive: true });
  worker.signal('SIGKILL');
  await worker.ended;
});

async function rename(tenant: typeof acme, name: string): Promise<void> {
  const { data } = await server.query(tenant.apiKey, '{ projects(first: 1) { nodes { id } } }');
  const { errors } = await server.query(
    tenant.apiKey,
    'mutation ($id: UUID!, $name: String!) { updateProject(input: { id: $id, patch: { name: $name } }) { project { id } } }',
    { id: data.projects.nodes[0].id, name },
  );
  expect(errors).toBeUndefined();
}

describe('a stream of events', { timeout: patience }, () => {
  it('tells what happens from now on, in order, to its tenant alone', async () => {
    await rename(acme, 'before');
    const [mine, theirs] = await Promise.all([
      openStream(server.url, acme.apiKey),
      openStream(server.url, globex.apiKey),
    ]);
    expect([mine.status, mine.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    for (const name of ['one', 'two', 'three']) await rename(acme, name);
    await rename(globex, 'theirs');
    await waitUntil(
      'they came',
      () => mine.names().includes('three') && theirs.names().includes('theirs'),
      patience,
    );
    const names = mine.names();
    expect(names.slice(names.indexOf('one'))).toEqual(['one', 'two', 'three']);
    expect(names).not.toContain('theirs');
    expect(theirs.names().filter((name) => ['one', 'two', 'three', 'before'].includes(name))).toEqual([]);
  });

  it('is read by the client of graphql-sse, with variables and a filter of types', async () => {
    const client = createClient({
      url: `${server.url}/graphql`,
      headers: { authorization: `Bearer ${acme.apiKey}` },
      retryAttempts: 0,
    });
    const events = client.iterate({
      query: subscription,
      variables: { types: ['tenant.*', 'project.updated'] },
    });
    const first = events.next();
    await waitUntil(
      'it is watched',
      async () => {
        await rename(acme, 'for the library');
        return Promise.race([first.then(() => true), new Promise((resolve) => setImmediate(resolve))]);
      },
      patience,
    );
    expect((await first).value).toMatchObject({
      data: { event: { cursor: expect.any(String), node: { type: 'project.updated' } } },
    });
    await events.return?.(undefined);
    client.dispose();
  });
});

describe('as a browser reads it, by GET of a trusted document', { timeout: patience }, () => {
  const get = (parameters: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    return fetch(`${server.url}/graphql?${new URLSearchParams({ documentId, ...parameters })}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${acme.apiKey}`, ...headers },
      signal: leaving.signal,
    });
  };

  it('it goes on after the last id that came, whatever the address says', async () => {
    await untilShown(database, acme.apiKey);
    const stream = readStream(await get(), () => {});
    for (const name of ['a', 'b', 'c']) await rename(acme, name);
    await waitUntil('they came', () => stream.names().length === 3, patience);
    const [first, second] = stream.messages;
    const variables = JSON.stringify({ after: second?.id });
    const again = readStream(await get({ variables }, { 'last-event-id': first?.id ?? '' }), () => {});
    await waitUntil('the rest came', () => again.names().length === 2, patience);
    expect(again.names()).toEqual(['b', 'c']);
    expect(again.messages[0]?.id).toBe(second?.id);
  });

  it('who comes back before anything came goes on where it began', async () => {
    const opened = await get();
    const begun = await opened.body?.getReader().read();
    const id = /^id: (\S+)$/m.exec(Buffer.from(begun?.value ?? []).toString())?.[1];
    await rename(acme, 'meanwhile');
    const again = readStream(await get({}, { 'last-event-id': id ?? '' }), () => {});
    await waitUntil('it came', () => again.names().includes('meanwhile'), patience);
    expect(again.names()).toEqual(['meanwhile']);
  });

  it('is no answer but a stream', async () => {
    const answer = await get({}, { accept: 'application/json' });
    expect([answer.status, await answer.json()]).toEqual([
      406,
      {
        errors: [
          expect.objectContaining({ extensions: expect.objectContaining({ code: 'not_acceptable' }) }),
        ],
      },
    ]);
  });
});

describe('what a stream refuses', { timeout: patience }, () => {
  const codeOf = async (query: string, variables: Record<string, unknown> = {}) =>
    (await openStream(server.url, acme.apiKey, { query, ...variables })).ended();

  it.each([
    ['two fields', 'subscription { event { cursor } other: event { cursor } }', 'invalid_document'],
    [
      'a fragment at its root',
      'subscription { ...F } fragment F on SubscriptionRoot { event { cursor } }',
      'invalid_document',
    ],
    [
      'a field that may be left out',
      'subscription ($s: Boolean!) { event @skip(if: $s) { cursor } }',
      'invalid_document',
    ],
    [
      'names that it is asked for by itself',
      'subscription ($freeholdAfter: Cursor) { event(after: $freeholdAfter) { freeholdCursor: node { id } } }',
      'invalid_document',
    ],
    ['nothing but its type', 'subscription { __typename }', 'invalid_document'],
    [
      'more of each event than a page may cost',
      'subscription { event { node { deliveries(first: 100) { nodes { attempts(first: 10) { nodes { id } } } } } } }',
      'too_large',
    ],
    [
      'a type that does not exist',
      'subscription { event(types: ["projct.*"]) { cursor } }',
      'invalid_argument',
    ],
    ['a cursor that is none', 'subscription { event(after: "x") { cursor } }', 'invalid_argument'],
    [
      'a variable that is missing',
      'subscription ($t: [String!]!) { event(types: $t) { cursor } }',
      'invalid_input',
    ],
  ])('%s, with a code', async (_, query, code) => {
    expect(await codeOf(query)).toBe(code);
  });

  it('a cursor of another tenant, like that of an event that never was', async () => {
    await rename(globex, 'a secret');
    const { data } = await server.query(globex.apiKey, '{ changeFeed(first: 1) { pageInfo { endCursor } } }');
    const after = data.changeFeed.pageInfo.endCursor;
    expect(after).toBeTruthy();
    expect(await codeOf(subscription, { after })).toBe('not_found');
  });

  it('nobody who asks for something else: queries are answered in it too', async () => {
    const stream = await openStream(server.url, acme.apiKey, { query: '{ projects { totalCount } }' });
    await waitUntil('it is complete', () => stream.messages.length === 2);
    expect(stream.messages.map(({ event, data }) => [event, data?.data])).toEqual([
      ['next', { projects: { totalCount: 1 } }],
      ['complete', undefined],
    ]);
  });
});
