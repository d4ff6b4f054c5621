import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';
import { startDns } from './support/dns.ts';
import { startWorkerProcess } from './support/process.ts';
import { createTenant } from './support/tenant.ts';
import { authorityFile, startTlsReceivers } from './support/tls-receiver.ts';

const database = await createTestDatabase();

it('a worker as in production posts over TLS to what its settings allow, and tells an owner nothing of the inside', async () => {
  const [allowed, inside] = await startTlsReceivers('127.0.0.2', '127.0.0.1');
  const dns = await startDns((name) => (name === 'receiver.example' ? ['127.0.0.2'] : ['127.0.0.1']));
  onTestFinished(async () => {
    await Promise.all([allowed.close(), inside.close(), dns.close()]);
  });
  const tenant = await createTenant(database);
  const at = (host: string) => `https://${host}:${allowed.port}/`;
  const [name, number] = ['database.inside.example', '127.0.0.1'];
  const targets = [
    at('receiver.example'),
    at(name),
    at(number),
    'http://receiver.example/',
    'https://receiver.example:5432/',
  ];
  const endpoints = [];
  for (const url of targets) endpoints.push(await tenant.createEndpoint(url, ['project.*']));
  await startWorkerProcess(database, {
    env: {
      NODE_EXTRA_CA_CERTS: authorityFile,
      WEBHOOK_ALLOW_INSECURE: 'false',
      WEBHOOK_ALLOWED_PORTS: `443,${allowed.port}`,
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.2/32',
      WEBHOOK_DNS_SERVERS: dns.address,
    },
  });
  const [id] = await tenant.createProjects(1);

  const attempts = await waitUntil('each was tried', async () => {
    const rows = await tenant.run<{
      endpoint_id: string;
      error: string | null;
      response_excerpt: string | null;
    }>(
      `select d.endpoint_id, a.error, a.response_excerpt from app.delivery_attempt a
       join app.delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id where a.attempt = 1`,
    );
    return rows.length === targets.length ? rows : undefined;
  });
  expect(endpoints.map((endpoint) => attempts.find((row) => row.endpoint_id === endpoint.id)?.error)).toEqual(
    [
      null,
      'the host name has no address, or one that is not public',
      'the address is not public',
      'https is required',
      `the port must be 443 or ${allowed.port}`,
    ],
  );
  expect(allowed.requests).toMatchObject([{ servername: 'receiver.example', headers: { 'webhook-id': id } }]);
  expect(inside.connections()).toBe(0);
});
