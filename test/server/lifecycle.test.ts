import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { createTenant } from '../graphql/tenants.ts';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database, 'acme');

const start = (environment: Record<string, string>) =>
  runNode(['server/main.ts'], { env: { ...database.environment, LOG_FORMAT: 'json', ...environment } });

/** Statements that begin so and wait for a lock; of connections since then: PostgreSQL does not notice that who waits was killed. */
const waiting = async (begin: string, since = new Date(0)) => {
  const { rowCount } = await database.pool('admin').query(
    `select from pg_stat_activity
     where datname = $1 and wait_event_type = 'Lock' and query like $2 and backend_start > $3`,
    [database.name, `${begin}%`, since],
  );
  return rowCount !== 0;
};

it('a server that is told to stop waits for no connection on which nobody asks', async () => {
  const port = await freePort();
  const server = start({ PORT: String(port) });
  try {
    await server.printed(/the server is ready/);
    // As browsers open them in advance, and clients whose request was given up meanwhile.
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    // What came before is accepted: connections are, in their order.
    await (await fetch(`http://127.0.0.1:${port}/livez`)).text();
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.output()).not.toContain('cut off');
    silent.destroy();
  } finally {
    server.signal('SIGKILL');
    await server.ended;
  }
});

it('a server that is told to stop fails no request', async () => {
  const port = await freePort();
  const server = start({ PORT: String(port), DRAIN_DELAY_MS: '1500' });
  const at = `http://127.0.0.1:${port}`;
  try {
    await server.printed(/the server is ready/, 50_000);
    await waitUntil('it is ready', () =>
      fetch(`${at}/readyz`).then(
        (r) => r.ok,
        () => false,
      ),
    );
    expect((await fetch(`${at}/livez`)).status).toBe(200);
    let stopping = false;
    let answered = 0;
    const failures: unknown[] = [];
    // A load balancer that stops sending once it has seen "not ready", a probe later.
    const client = async (): Promise<void> => {
      while (!stopping) {
        try {
          const response = await fetch(`${at}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.apiKey}` },
            body: '{"query":"{ projects { nodes { id } } }"}',
          });
          await response.json();
          if (response.status !== 200) failures.push(response.status);
          answered++;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const probe = async (): Promise<void> => {
      await waitUntil('it says that it is not ready', () =>
        fetch(`${at}/readyz`).then(
          (r) => r.status === 503,
          () => true,
        ),
      );
      stopping = true;
    };
    const clients = Array.from({ length: 8 }, client);
    await waitUntil('requests flow', () => answered > 100);
    server.signal('SIGTERM');
    await probe();
    await Promise.all(clients);
    expect(await server.ended).toBe(0);
    expect(failures).toEqual([]);
  } finally {
    server.signal('SIGKILL');
  }
});

it('a server to which requests still come after the delay waits until none do, and answers them', async () => {
  const port = await freePort();
  const server = start({ PORT: String(port), DRAIN_DELAY_MS: '3000' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (path: string): Promise<{ status: number | undefined; connection: string | undefined }> =>
    new Promise((resolve, reject) => {
      get({ port, path, agent, host: '127.0.0.1' }, (response) => {
        response.resume().on('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection });
        });
      }).on('error', reject);
    });
  try {
    await server.printed(/the server is ready/, 50_000);
    expect(await ask('/readyz')).toEqual({ status: 200, connection: 'keep-alive' });
    const began = performance.now();
    server.signal('SIGTERM');
    await waitUntil('it says that it is not ready', async () => (await ask('/readyz')).status === 503);
    // A load balancer that is late: it sends until answers end their connections, and a while longer.
    let closing = 0;
    await waitUntil('answers end their connections', async () => {
      const { status, connection } = await ask('/graphql');
      expect(status).toBe(401);
      if (connection === 'close') closing += 1;
      return closing > 2;
    });
    expect(performance.now() - began).toBeGreaterThan(3_000);
    expect(await server.ended).toBe(0);
    // Within the delay, as long again, and what stopping takes.
    expect(server.output()).not.toContain('cut off');
  } finally {
    agent.destroy();
    server.signal('SIGKILL');
  }
});

it('a server that is told to stop while it starts ends as asked, and leaves nobody waiting for it', async () => {
  const since = new Date();
  const server = start({ PORT: String(await freePort()) });
  const registered = () =>
    database
      .pool('admin')
      .query('select from platform.serving_process')
      .then(({ rowCount }) => rowCount);
  const held = await database.pool('admin').connect();
  try {
    // It comes as far as saying that it serves, and no further.
    await held.query('begin; lock table platform.serving_process in share mode');
    await waitUntil('it waits', () => waiting('select platform.report_serving', since), 50_000);
    server.signal('SIGTERM');
    await server.printed(/stops before it was ready/);
    await held.query('rollback');
    expect(await server.ended).toBe(0);
    expect(server.output()).not.toContain('the server is ready');
    expect(await registered()).toBe(0);
  } finally {
    await held.query('rollback');
    held.release();
    server.signal('SIGKILL');
  }
});

it('a server that a request keeps from stopping is gone after its grace, the delay included', async () => {
  const port = await freePort();
  const server = start({ PORT: String(port), DRAIN_DELAY_MS: '200', SHUTDOWN_GRACE_MS: '1500' });
  const held = await database.pool('admin').connect();
  try {
    await server.printed(/the server is ready/, 50_000);
    await held.query('begin; lock table app.project in access exclusive mode');
    const cut = fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.apiKey}` },
      body: '{"query":"{ projects { nodes { id } } }"}',
    }).then(
      () => 'answered',
      () => 'cut off',
    );
    await waitUntil('it waits', () => waiting(''));
    server.signal('SIGTERM');
    expect(await server.ended).toBe(1);
    expect(await cut).toBe('cut off');
    await server.printed(/requests were cut off/);
  } finally {
    await held.query('rollback');
    held.release();
    server.signal('SIGKILL');
  }
});

it('a server whose login row-level security does not bind refuses to start, and says why', async () => {
  const server = start({ PORT: String(await freePort()), APP_DATABASE_URL: database.urls.admin });
  expect(await server.closed).toBe(1);
  expect(server.output()).toMatch(/APP_DATABASE_URL/);
});

it('a server whose port is taken says so in one line', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const server = start({ PORT: String(port) });
  expect(await server.closed).toBe(1);
  expect(server.output()).toMatch(new RegExp(`Port ${port} is taken`));
  holder.close();
});
