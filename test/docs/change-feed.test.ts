import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer } from '../graphql/server.ts';
import { asTenant } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { runNode, type TestProcess } from '../support/process.ts';

/* The reader of docs/change-feed.md, as it stands there, against a real server. */
const database = await createTestDatabase();
const server = await startServer(database);
let tenant: FullTenant;
let directory: string;
const readers: TestProcess[] = [];

beforeAll(async () => {
  [tenant] = (await createFullTenants(database, 1)) as [FullTenant];
  directory = mkdtempSync(join(tmpdir(), 'freehold-feed-'));
  const page = readFileSync(new URL('../../docs/change-feed.md', import.meta.url), 'utf8');
  const code = /```ts\n\/\/ poll\.ts.*?\n(.*?)```/s.exec(page)?.[1];
  if (!code) throw new Error('docs/change-feed.md shows no reader');
  writeFileSync(join(directory, 'poll.ts'), code);
});

afterAll(async () => {
  for (const reader of readers) {
    reader.signal('SIGKILL');
    await reader.ended;
  }
  rmSync(directory, { recursive: true, force: true });
});

function read(): TestProcess {
  const reader = runNode(['poll.ts'], {
    cwd: directory,
    env: { FREEHOLD_URL: server.url, FREEHOLD_KEY: tenant.apiKey },
  });
  readers.push(reader);
  return reader;
}

const rename = (name: string) =>
  asTenant(database, tenant, (client) =>
    client.query('update app.project set name = $2 where id = $1', [tenant.ids.project, name]),
  );

/** Ids of the events that a reader printed, in order. Its last line may have been cut by the kill. */
const idsOf = (reader: TestProcess): string[] =>
  [...reader.output().matchAll(/^\{"id":"([^"]+)".*\}$/gm)].map(([, id]) => id ?? '');

it('prints every event from the first on, goes on after a kill, and waits for what is new', {
  timeout: 120_000,
}, async () => {
  const first = read();
  await first.printed(/"type":"project.created"/, 60_000);
  first.signal('SIGKILL');
  await first.closed;

  await rename('while nobody read');
  const second = read();
  await second.printed(/while nobody read/, 60_000);
  await rename('while it waited');
  await second.printed(/while it waited/, 60_000);

  const { rows } = await database
    .pool('admin')
    .query<{ id: string }>('select id from app.event where tenant_id = $1 order by xid, id', [tenant.id]);
  const printed = [idsOf(first), idsOf(second)];
  // each of them without a gap, and both together everything: what the first had not written down the second did again
  for (const ids of printed) {
    const from = rows.findIndex(({ id }) => id === ids[0]);
    expect(ids).toEqual(rows.slice(from, from + ids.length).map(({ id }) => id));
  }
  expect(new Set(printed.flat())).toEqual(new Set(rows.map(({ id }) => id)));
});

it('ends with the code of an error that repeating does not mend', async () => {
  const { FREEHOLD_URL } = { FREEHOLD_URL: server.url };
  writeFileSync(join(directory, 'foreign'), 'not a cursor');
  const reader = runNode(['poll.ts'], {
    cwd: directory,
    env: { FREEHOLD_URL, FREEHOLD_KEY: tenant.apiKey, CURSOR_FILE: 'foreign' },
  });
  expect(await reader.closed).toBe(1);
  expect(reader.output()).toContain('invalid_argument: "after" is not a cursor of the change feed.');
});
