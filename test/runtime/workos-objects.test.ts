import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { IdentityUnavailableError } from '../../runtime/identity-provider.ts';
import { createWorkos } from '../../runtime/workos.ts';
import { storable } from '../../runtime/workos-objects.ts';

/** WorkOS as it answers when asked too often, which the stand-in never is. */
let tooMany = 0;
function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  if (url.includes('/directory_users') && tooMany > 0) {
    tooMany -= 1;
    response.writeHead(429, { 'retry-after': '0.01' }).end('{"message": "Too many requests"}');
    return;
  }
  const page = (data: unknown[], after: string | null = null) =>
    response.end(JSON.stringify({ object: 'list', data, list_metadata: { before: null, after } }));
  if (url.startsWith('/organizations/'))
    response.end('{"id": "org_1", "name": "One", "domains": [{"id": "d"}]}');
  else if (url.startsWith('/directories')) page([{ id: 'directory_1' }]);
  else if (url.startsWith('/directory_users') && !url.includes('after=')) page([{ id: 'du_1' }], 'du_1');
  else if (url.startsWith('/directory_users')) page([{ id: 'du_2' }]);
  else page([]);
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => server.close());
const workos = createWorkos({
  apiKey: 'sk_test',
  clientId: 'client',
  apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  issuer: 'https://issuer.example',
});

async function listing(): Promise<string[]> {
  const names: string[] = [];
  for await (const page of workos.listOrganization('org_1'))
    names.push(...page.map(({ kind, object }) => `${kind}/${object.id}`));
  return names;
}

describe('an organization is listed', () => {
  it('page by page, whole', async () => {
    expect(await listing()).toEqual([
      'organization/org_1',
      'organization_domain/d',
      'directory/directory_1',
      'directory_user/du_1',
      'directory_user/du_2',
    ]);
  });

  it('with the waits that WorkOS asks for', async () => {
    tooMany = 3;
    expect(await listing()).toHaveLength(5);
    expect(tooMany).toBe(0);
  });

  it('and given up when it asks for too many', async () => {
    tooMany = 100;
    await expect(listing()).rejects.toThrow(IdentityUnavailableError);
    tooMany = 0;
  });
});

it('what PostgreSQL cannot keep is replaced, in names and texts, and nothing else', () => {
  const fine = { a: ['\n\t"\\', '\u2028', '\u{1f600}', 1.5, null, true, { '\\u0000': '\\ud800' }] };
  expect(storable(fine)).toEqual(fine);
  expect(storable({ 'a\0b': ['\ud800x', 'x\udfff', '\\\0'] })).toEqual({
    'a\ufffdb': ['\ufffdx', 'x\ufffd', '\\\ufffd'],
  });
});
