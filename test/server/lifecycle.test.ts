import { once } from 'node:events';
import { createServer } from 'node:net';
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

it('a server that is told to stop fails no request', async () => {
  const port = await freePort();
  const server = start({ PORT: String(port), DRAIN_DELAY_MS: '1500' });
  const at = `http://127.0.0.1:${port}`;
  try {
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
