import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import type { SeededTenant } from '../../db/seed.ts';
import type { Running } from '../launch.ts';
import type { Supervised } from '../supervise.ts';
import { graphql, type Load } from './load.ts';

/** What a drill acts on. */
export interface Stage {
  running: Running;
  adminUrl: string;
  url: string;
  /** Whose load it is. */
  tenant: SeededTenant;
  /** The project that the load renames. */
  projectId: string;
  load: Load;
}

/** Ends a fault, so that all is well again. */
export type Mend = () => Promise<void>;

/** As the administrator of the database. */
export async function administer<Row extends object = object>(
  adminUrl: string,
  sql: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = new Client({ connectionString: adminUrl, application_name: 'freehold drill' });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** A session that holds what a statement locks, as somebody does who went to lunch with a transaction open. */
export async function hold(adminUrl: string, sql: string): Promise<Mend> {
  const client = new Client({ connectionString: adminUrl, application_name: 'psql' });
  await client.connect();
  await client.query('begin');
  await client.query(sql);
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}

/** Neither dead, so that nobody starts it again, nor alive: as on a machine that hangs. */
export async function freeze(process_: Supervised | undefined): Promise<Mend> {
  const pid = process_?.pid();
  if (pid === undefined) throw new Error('the process does not run');
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
  };
}

/** A receiver of webhooks for each change of a project. */
export async function subscribe(
  { url, tenant }: Pick<Stage, 'url' | 'tenant'>,
  answer: (response: ServerResponse) => void,
): Promise<Mend> {
  const receiver = createServer((request, response) => {
    request.resume();
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  const made = await graphql(
    url,
    tenant.apiKey,
    'mutation Subscribe($url: String!) { createWebhookEndpoint(input: {url: $url, eventTypes: ["project.updated"]}) { createdWebhookEndpoint { id } } }',
    { url: `http://127.0.0.1:${port}/` },
  );
  if (!made) throw new Error('the webhook endpoint was not made');
  return async () => {
    receiver.closeAllConnections();
    receiver.close();
  };
}
