import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestProcess } from '../support/process.ts';
import { runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

/*
 * docs/extending.md as its reader follows it, in a copy of this tree: the command and the rule that it shows, and no TypeScript by hand. The development database
 * is one on the tests' server that has been migrated before, as a reader's has. The tests build on each other.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/extending.md'), 'utf8');
// drafts run once, and the template has run those that there are
const drafts = readdirSync(join(root, 'migrations/current')).some((name) => name.endsWith('.sql'));
const database = await createTestDatabase({ empty: drafts });
const { secret } = inject('testCluster');
const environment = {
  DATABASE_URL: database.urls.admin,
  // what is shorter is the server's name, which is the default
  ...(secret.length >= 32 && { FREEHOLD_ROLE_SECRET: secret }),
};
let tree: string;
let started: TestProcess | undefined;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'freehold-extending-'));
  chmodSync(tree, 0o755);
  for (const name of readdirSync(root)) {
    if (['node_modules', '.git', '.freehold'].includes(name)) continue;
    cpSync(join(root, name), join(tree, name), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
});

afterAll(async () => {
  started?.signal('SIGTERM');
  await started?.ended;
  rmSync(tree, { recursive: true, force: true });
});

/** A command of package.json, as npm runs it, with its time. @throws when it fails, with what it printed */
async function run(...args: string[]): Promise<string> {
  const began = performance.now();
  const child = runNode(args, { cwd: tree, env: { NO_COLOR: '1', ...environment } });
  const code = await child.closed;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${child.output()}`);
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${args.slice(1).join(' ')}`);
  return child.output();
}

const db = (...args: string[]) => run('runtime/run.js', 'db/main.ts', ...args);
const read = (path: string) => readFileSync(join(tree, path), 'utf8');

/** What the page shows in a block that begins with `start`. */
function shown(language: string, start: string): string {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))];
  const found = blocks.map(([, text]) => text as string).find((text) => text.startsWith(start));
  if (!found) throw new Error(`docs/extending.md shows no ${start}`);
  return found;
}

it('is written by the command, run as a draft by npm start, and is there in both APIs, of its tenant alone', async () => {
  const command = shown('sh', 'npm run db -- new-entity').replace(/^npm run db --|\\\n/g, '');
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(await db(...words)).toContain('migrations/current/');
  appendFileSync(join(tree, 'db/task/task.sql'), `\n${shown('sql', '-- db/task/task.sql')}`);

  const port = await freePort();
  started = runNode(['runtime/run.js', 'runtime/start.ts'], {
    cwd: tree,
    env: {
      ...environment,
      PORT: String(port),
      WORKOS_STAND_IN_PORT: String(await freePort()),
      TELEMETRY_STORE_PORT: String(await freePort()),
    },
  });
  // the last line, after the keys
  await started.printed(/Ctrl-C stops everything/, 100_000);
  const [acme, globex] = [...started.output().matchAll(/fh_test_\w+/g)].map(([key]) => key);
  const http = async (key: string | undefined, method: string, path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers of any shape.
    return (await answer.json()) as any;
  };
  const ask = async (key: string | undefined, query: string) => {
    const { data, errors } = await http(key, 'POST', '/graphql', { query });
    return errors?.map(({ extensions }: { extensions: Record<string, string> }) => extensions) ?? data;
  };

  const { projects } = await ask(acme, '{ projects(first: 1) { nodes { id name } } }');
  const [project] = projects.nodes;
  const { createTask } = await ask(
    acme,
    `mutation { createTask(input: { task: { title: "  Build  ", projectId: "${project.id}" } }) { task { id title status } } }`,
  );
  const { id } = createTask.task;
  // by the rule of its own
  expect(createTask.task).toEqual({ id, title: 'Build', status: 'todo' });
  expect(
    await ask(acme, `mutation { finishTask(input: { id: "${id}" }) { task { status project { name } } } }`),
  ).toEqual({ finishTask: { task: { status: 'done', project: { name: project.name } } } });
  expect(await ask(acme, `mutation { beginTask(input: { id: "${id}" }) { task { status } } }`)).toMatchObject(
    [{ code: 'illegal_transition', detail: 'Legal from done: reopen (to todo).' }],
  );
  expect(await ask(globex, `{ task(id: "${id}") { id } tasks { totalCount } }`)).toEqual({
    task: null,
    tasks: { totalCount: 0 },
  });

  const made = await http(acme, 'POST', '/v1/tasks', { title: 'Launch ', project_id: project.id });
  expect(made).toMatchObject({ title: 'Launch', status: 'todo' });
  const beneath = `/v1/projects/${project.id}/tasks?expand=project&fields=title,project.name`;
  expect((await http(acme, 'GET', beneath)).data).toContainEqual({
    title: 'Launch',
    project: { name: project.name },
  });
  expect((await http(acme, 'POST', `/v1/tasks/${made.id}/begin`)).status).toBe('doing');
  expect(await http(globex, 'GET', `/v1/tasks/${made.id}`)).toMatchObject({ status: 404 });
  // transactions of other test files hold it back
  await waitUntil('its event is shown', async () => {
    const { data } = await http(acme, 'GET', '/v1/events?limit=100');
    return data.some(
      ({ type, entity_id }: Record<string, string>) => type === 'task.begun' && entity_id === made.id,
    );
  });
  started.signal('SIGTERM');
  expect(await started.ended).toBe(0);
  // its events are as their types say
  expect(await database.checkEvents()).toBeGreaterThan(10);
}, 300_000);

it('is committed as a migration, and what reviewers and partners read follows', async () => {
  expect(await db('commit')).toMatch(/committed \d{6}-task\.sql/);
  expect(read('db/schema.sql')).toContain('create policy request_select on app.task');
  expect(read('docs/architecture.md')).toMatch(/#### task\n[^#]*todo --> doing: begin/);
  expect(read('docs/events.md')).toContain(
    '| `task.finished` | A task was finished. | `finish`: doing or todo → done |',
  );
  await run('runtime/run.js', 'check/api/main.ts');
  expect(Object.keys(JSON.parse(read('docs/openapi.json')).paths)).toEqual(
    expect.arrayContaining(['/tasks', '/tasks/{id}', '/tasks/{id}/finish', '/projects/{id}/tasks']),
  );
  expect(read('docs/schema.graphql')).toContain('finishTask(');
  expect(await run('runtime/run.js', 'check/main.ts', 'schema')).toContain('all checks passed');
}, 300_000);

it('has tests that pass, as others of every shape have, beside those that follow from the catalog', async () => {
  await db('new-entity', 'note');
  // every type of a field, a name with an odd plural, two that it belongs to, one of them called otherwise in REST, and a verb that conceals
  await db(
    ...['new-entity', 'field_analysis', '--belongs-to', 'project,membership'],
    ...[
      '--fields',
      'name:text,rank:integer,price:bigint,urgent:boolean,since:timestamptz,until:date:optional',
    ],
    ...['--lifecycle', 'open close closed reopen open, open delete deleted, closed delete deleted'],
  );
  const plurals = { task: 'tasks', note: 'notes', field_analysis: 'field analyses' };
  const names = Object.keys(plurals);
  const told = await run(
    'node_modules/vitest/vitest.mjs',
    ...['run', '--reporter=verbose', ...names.map((name) => `test/${name}`)],
    ...['test/isolation/tables.test.ts', 'test/lifecycle/transitions.test.ts'],
    // every test of theirs, and of isolation; the lifecycles of others are as they were
    ...['--testNamePattern', [...Object.entries(plurals).flat(), 'own tenant', 'another tenant'].join('|')],
  );
  for (const [name, plural] of Object.entries(plurals)) {
    expect(told).toContain(`the lifecycle of a ${name}`);
    expect(told).toContain(
      `test/${name}/${name}.test.ts > ${plural} in the APIs > are made, read, changed, listed and taken further over REST`,
    );
  }
  expect(/^ +Tests .*/m.exec(told)?.[0]).toMatch(/^ +Tests +\d+ passed \| \d+ skipped \(\d+\)$/);

  // the gates, for what was written alone where they can: together they take 26 s of CPU for the whole tree
  const written = readdirSync(join(tree, 'migrations/current')).filter((name) => name.endsWith('.sql'));
  await run(
    'check/sql/main.ts',
    ...[
      ...names.map((name) => `db/${name}/${name}.sql`),
      ...written.map((name) => `migrations/current/${name}`),
    ],
  );
  const biome = ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'];
  await run(...biome, ...names.map((name) => `test/${name}`));
  await run('runtime/run.js', 'check/main.ts', 'types');
}, 300_000);
