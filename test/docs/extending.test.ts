import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { eventCheck } from '../support/event-check.ts';
import type { TestProcess } from '../support/process.ts';
import { runNode } from '../support/process.ts';

/*
 * docs/extending.md as its reader follows it, in a copy of this tree: the file that it shows, and no TypeScript. The tests build on
 * each other.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
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

/** A command of package.json, as npm runs it. @throws when it fails, with what it printed */
async function run(...args: string[]): Promise<string> {
  const child = runNode(args, { cwd: tree, env: { NO_COLOR: '1' } });
  const code = await child.closed;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${child.output()}`);
  return child.output();
}

it('is run as a draft by npm start, and is there in the API, of its tenant alone', async () => {
  const file = /```sql\n-- (migrations\/current\/\S+)\n(.*?)```/s.exec(
    readFileSync(join(root, 'docs/extending.md'), 'utf8'),
  );
  if (!file?.[1] || !file[2]) throw new Error('docs/extending.md shows no file');
  // A rule of one's own, as the page describes it.
  mkdirSync(join(tree, 'db/task'));
  writeFileSync(
    join(tree, 'db/task/task.sql'),
    `create or replace function app.task_trim_title()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.title := trim(new.title);
  return new;
end
$$;
comment on function app.task_trim_title() is 'Trigger: a title has no spaces around it.';
create or replace trigger _200_trim_title
  before insert or update of title on app.task
  for each row execute function app.task_trim_title();
`,
  );
  appendFileSync(join(tree, 'db/definitions.sql'), '--!include task/task.sql\n');
  writeFileSync(join(tree, file[1]), `${file[2]}\n--!include task/task.sql\n`);

  const port = await freePort();
  started = runNode(['runtime/run.js', 'runtime/start.ts'], {
    cwd: tree,
    env: {
      PORT: String(port),
      WORKOS_STAND_IN_PORT: String(await freePort()),
      TELEMETRY_STORE_PORT: String(await freePort()),
    },
  });
  // the last line, after the keys
  await started.printed(/Ctrl-C stops everything/, 60_000);
  const keys = [...started.output().matchAll(/fh_test_\w+/g)].map(([key]) => key);
  const ask = async (key: string | undefined, query: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await answer.json()) as {
      data: Record<string, never>;
      errors?: { extensions: { code: string; detail: string } }[];
    };
    return errors ? errors.map(({ extensions }) => [extensions.code, extensions.detail]) : data;
  };
  const [acme, globex] = keys;
  const { projects } = (await ask(acme, '{ projects(first: 1) { nodes { id name } } }')) as unknown as {
    projects: { nodes: { id: string; name: string }[] };
  };
  const project = projects.nodes[0];
  const { createTask } = (await ask(
    acme,
    `mutation { createTask(input: { task: { title: "  Build  ", projectId: "${project?.id}" } }) { task { id title status version } } }`,
  )) as unknown as { createTask: { task: { id: string } } };
  expect(createTask.task).toMatchObject({ title: 'Build', status: 'todo', version: 1 });
  const { id } = createTask.task;
  expect(
    await ask(acme, `mutation { finishTask(input: { id: "${id}" }) { task { status project { name } } } }`),
  ).toEqual({ finishTask: { task: { status: 'done', project: { name: project?.name } } } });
  expect(await ask(acme, `mutation { beginTask(input: { id: "${id}" }) { task { status } } }`)).toEqual([
    ['illegal_transition', 'Legal from done: reopen (to todo).'],
  ]);
  expect(
    await ask(
      acme,
      `{ events(filter: { entityId: { equalTo: "${id}" } }) { nodes { type entityVersion } } }`,
    ),
  ).toEqual({
    events: {
      nodes: [
        { type: 'task.created', entityVersion: 1 },
        { type: 'task.finished', entityVersion: 2 },
      ],
    },
  });
  expect(await ask(globex, `{ task(id: "${id}") { id } tasks { totalCount } }`)).toEqual({
    task: null,
    tasks: { totalCount: 0 },
  });
  // partners have it too
  const rest = async (key: string | undefined, method: string, path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers of any shape.
    return [answer.status, (await answer.json()) as any] as const;
  };
  const [status, made] = await rest(acme, 'POST', '/tasks', { title: 'Launch', project_id: project?.id });
  expect([status, made]).toMatchObject([201, { title: 'Launch', status: 'todo' }]);
  const beneath = `/projects/${project?.id}/tasks?status[in]=todo,doing&expand=project&fields=title,project.name`;
  expect((await rest(acme, 'GET', beneath))[1].errors[0]).toMatchObject({ parameter: 'status[in]' });
  expect((await rest(acme, 'GET', beneath.replace('status[in]=todo,doing&', '')))[1].data).toContainEqual({
    title: 'Launch',
    project: { name: project?.name },
  });
  expect((await rest(acme, 'POST', `/tasks/${made.id}/begin`))[1].status).toBe('doing');
  expect((await rest(globex, 'GET', `/tasks/${made.id}`))[0]).toBe(404);
  // its events are as their types say, without a line as well
  const [, url = ''] = /^admin +(\S+)$/m.exec(await run('runtime/run.js', 'db/main.ts', 'urls')) ?? [];
  expect(await eventCheck(url)()).toBeGreaterThan(10);
  started.signal('SIGTERM');
  expect(await started.ended).toBe(0);
}, 120_000);

it('is committed as a migration, and the schema that a reviewer reads follows', async () => {
  expect(await run('runtime/run.js', 'db/main.ts', 'commit')).toMatch(/committed \d{6}-task\.sql/);
  await run('runtime/run.js', 'db/main.ts', 'dump');
  expect(readFileSync(join(tree, 'db/schema.sql'), 'utf8')).toContain(
    'create policy request_select on app.task',
  );
  expect(readFileSync(join(tree, 'docs/architecture.md'), 'utf8')).toMatch(
    /#### task\n[^#]*todo --> doing: begin/,
  );
  const events = readFileSync(join(tree, 'docs/events.md'), 'utf8');
  expect(events).toContain('| `task.finished` | A task was finished. | `finish`: doing or todo → done |');
  expect(events).toContain('| `title` | string |');
  await run('runtime/run.js', 'check/api/main.ts');
  const document = JSON.parse(readFileSync(join(tree, 'docs/openapi.json'), 'utf8'));
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/tasks', '/tasks/{id}', '/tasks/{id}/finish', '/projects/{id}/tasks']),
  );
  expect(await run('runtime/run.js', 'check/main.ts', 'schema', 'sql')).toContain('all checks passed');
}, 120_000);

it('is covered by the generated tests without a line', async () => {
  const told = await run(
    'node_modules/vitest/vitest.mjs',
    ...['run', '--reporter=verbose', 'test/graphql/schema.test.ts', 'test/isolation/tables.test.ts'],
    'test/db/event-types.test.ts',
    ...['test/isolation/violations.test.ts', 'test/lifecycle/transitions.test.ts', '-u'],
  );
  const covered = told.split('\n').filter((line) => line.includes('the lifecycle of a task'));
  expect(covered.length).toBeGreaterThan(5);
  expect(/^ +Tests .*/m.exec(told)?.[0]).toMatch(/^ +Tests +\d+ passed \(\d+\)$/);
  expect(readFileSync(join(tree, 'docs/schema.graphql'), 'utf8')).toContain('finishTask(');
}, 120_000);
