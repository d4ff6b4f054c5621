/*
 * Every event that a test emits is held against its type: test/support/database.ts does it before it drops a database, so that no test
 * escapes. The looking is done in one process for the whole run (test/support/cluster.ts starts it): to load ajv and compile the schemas in
 * each test file would take 0.3 s of CPU, 50 times.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { Found } from './emitted.ts';

/** Wrong events that a message tells of, at most. */
const TOLD = 10;

/**
 * Makes the check of one database. Each call looks at the events that were not there at the last one, against the catalogue as it is
 * now. Resolves to the number of payloads that it looked at; rejects with type, id and mistakes of those that are wrong.
 * @param url of a login that row-level security does not bind
 */
export function eventCheck(url: string): () => Promise<number> {
  let seen: string | undefined;
  return async () => {
    const answer = await fetch(inject('testCluster').eventChecks, {
      method: 'POST',
      body: JSON.stringify({ url, seen }),
    });
    if (!answer.ok) throw new Error(`the events could not be looked at: ${await answer.text()}`);
    const found = (await answer.json()) as Found;
    seen = found.seen;
    if (found.wrong.length > 0) throw new Error(messageOf(found.wrong));
    return found.looked;
  };
}

function messageOf(wrong: string[]): string {
  const more = wrong.length - TOLD;
  return [
    'Events were emitted that are not as the catalogue says (catalog.event_type). A test that changes the catalogue, or deletes events, calls',
    'database.checkEvents() before.',
    ...wrong.slice(0, TOLD),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}

/** Answers the checks of all test files, on a port of the loopback. */
export async function serveEventChecks(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request)
      .then((found) => response.end(JSON.stringify(found)))
      .catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(request: IncomingMessage): Promise<Found> {
  const { url, seen } = JSON.parse(await text(request)) as { url: string; seen?: string };
  // when the first asks: a run of one file may have nothing to check
  const { lookAtEvents } = await import('./emitted.ts');
  return lookAtEvents(url, seen);
}
