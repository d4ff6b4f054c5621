import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { createTenant } from '../graphql/tenants.ts';
import { openStream } from '../streams/reader.ts';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

/* The server behind PgBouncer, as deploy/aws and deploy/kubernetes have it: deploy/pgbouncer. */
const home = fileURLToPath(new URL('../../deploy/pgbouncer/', import.meta.url));
const configuration = readFileSync(join(home, 'pgbouncer.ini'), 'utf8');

it('is told to ignore what the pools of the server say at their start, or it would refuse them', () => {
  const source = readFileSync(new URL('../../server/database/pool.ts', import.meta.url), 'utf8');
  const roles = readFileSync(new URL('../../db/roles/roles.sql', import.meta.url), 'utf8');
  const ignored = /^ignore_startup_parameters = (.*)$/m.exec(configuration)?.[1]?.split(',') ?? [];
  const said = ['statement_timeout', 'idle_in_transaction_session_timeout', 'options'].filter((name) =>
    new RegExp(`^ {4}${name}: `, 'm').test(source),
  );
  expect(said).toHaveLength(3);
  expect(ignored).toEqual(expect.arrayContaining(said));
  // and so the logins have them as their own
  for (const login of ['gate', 'app']) {
    expect(roles).toContain(`alter role freehold_${login} set idle_in_transaction_session_timeout`);
    expect(roles).toContain(`alter role freehold_${login} set statement_timeout`);
  }
});

/** Debian 12 has 1.18, which knows no prepared statements, and is no pooler for Freehold. */
function isThere(): boolean {
  const { stdout } = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /PgBouncer (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) > 1 || Number(minor) >= 23;
}

if (isThere()) {
  it('carries reads, writes and streams of the server over fewer connections than its pools have', {
    timeout: 120_000,
  }, async () => {
    const database = await createTestDatabase();
    const direct = new URL(database.urls.app);
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'freehold-pgbouncer-'));
    // It refuses to be root, as whom CI runs.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (nobody.uid) chownSync(directory, nobody.uid, nobody.gid);
    const password = (url: string) => decodeURIComponent(new URL(url).password);
    const pgbouncer = spawn(join(home, 'start'), {
      ...nobody,
      env: {
        PATH: process.env.PATH,
        PGBOUNCER_DIRECTORY: directory,
        LISTEN_PORT: String(port),
        DATABASE_HOST: direct.hostname,
        DATABASE_PORT: direct.port,
        DATABASE_NAME: database.name,
        GATE_PASSWORD: password(database.urls.gate),
        APP_PASSWORD: password(database.urls.app),
        POOL_SIZE: '2',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    pgbouncer.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const ended = new Promise((resolve) => pgbouncer.once('close', resolve));
    onTestFinished(async () => {
      pgbouncer.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    });
    await waitUntil('PgBouncer listens', () => {
      if (pgbouncer.exitCode !== null) throw new Error(log);
      return log.includes('process up');
    });
    const pooled = (url: string) => {
      const changed = new URL(url);
      changed.port = String(port);
      changed.searchParams.set('sslmode', 'no-verify');
      return changed.href;
    };
    const tenant = await createTenant(database, 'pooled', 3);
    const httpPort = await freePort();
    const server = runNode(['server/main.ts'], {
      env: {
        ...database.environment,
        PORT: String(httpPort),
        GATE_DATABASE_URL: pooled(database.urls.gate),
        APP_DATABASE_URL: pooled(database.urls.app),
        LISTEN_DATABASE_URL: database.urls.app,
      },
    });
    onTestFinished(() => server.signal('SIGKILL'));
    const url = `http://127.0.0.1:${httpPort}`;
    await server.printed(/the server is ready/, 60_000).catch((error) => {
      throw new Error(server.output() + log, { cause: error });
    });
    const query = async (text: string): Promise<unknown> => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.apiKey}` },
        body: JSON.stringify({ query: text }),
      });
      return response.json();
    };
    const page = '{ projects(first: 10) { nodes { name } } }';
    // more at once than PgBouncer may open, each named statement on whichever connection there is
    const answers = await Promise.all(Array.from({ length: 200 }, () => query(page)));
    for (const answer of answers)
      expect(answer).toMatchObject({ data: { projects: { nodes: [{}, {}, {}] } } });
    const stream = await openStream(url, tenant.apiKey);
    const made = await query(
      'mutation { createProject(input: { project: { name: "Pooled" } }) { project { name } } }',
    );
    expect(made).toMatchObject({ data: { createProject: { project: { name: 'Pooled' } } } });
    await waitUntil('the stream tells of it', () => stream.messages.length > 0);
    const admin = database.pool('admin');
    const { rows } = await admin.query<{ name: string; count: number }>(
      `select application_name as name, count(*)::int from pg_stat_activity
       where datname = $1 and usename in ('freehold_gate', 'freehold_app') and application_name in ('freehold gate', 'freehold app')
       group by 1`,
      [database.name],
    );
    for (const { name, count } of rows) expect(count, name).toBeLessThanOrEqual(2);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  });
}
