import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { apiKey, clientId, sdkOf } from './support.ts';

const main = 'server/auth/workos-stand-in/main.ts';

function startProcess(environment: Record<string, string>) {
  return spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH ?? '', WORKOS_API_KEY: apiKey, WORKOS_CLIENT_ID: clientId, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it('says where it is when it is ready, serves, and stops when it is told to', async () => {
  const child = startProcess({ WORKOS_STAND_IN_PORT: '0' });
  const ended = once(child, 'exit');
  try {
    for await (const text of createInterface(child.stdout)) {
      const line = JSON.parse(text);
      if (line.msg === 'the WorkOS stand-in is ready') {
        const users = await sdkOf({ url: line.url } as never).userManagement.listUsers();
        expect(users.data).toEqual([]);
        break;
      }
    }
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

it('ends with a reason in production', async () => {
  const child = startProcess({ NODE_ENV: 'production' });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const text of createInterface(child.stdout)) lines.push(text);
  expect(await ended).toEqual([1, null]);
  expect(lines.join('\n')).toMatch(/does not run in production/);
});
