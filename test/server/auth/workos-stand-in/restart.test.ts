import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, expect, it } from 'vitest';
import { startStandIn } from '../../../../server/auth/workos-stand-in/stand-in.ts';
import { waitUntil } from '../../../support/wait.ts';
import { apiKey, clientId, eventsOf, people, refusal, sdkOf, signIn } from './support.ts';

const folder = await mkdtemp(join(tmpdir(), 'workos-stand-in-'));
afterAll(() => rm(folder, { recursive: true }));

it('state outlives a restart: people, sessions, events and the key', async () => {
  const file = join(folder, 'state.json');
  const options = { apiKey, clientId, file };
  const first = await startStandIn(options);
  first.seed(people);
  const before = sdkOf(first);
  const once = await before.organizations.createOrganization({ name: 'Once' }, { idempotencyKey: 'k' });
  const { accessToken, refreshToken } = await signIn(before, 'user_ada');
  const spent = await signIn(before, 'user_ada');
  await before.userManagement.authenticateWithRefreshToken({ refreshToken: spent.refreshToken, clientId });
  const events = await eventsOf(before);
  await first.close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).not.toContain(refreshToken);

  const second = await startStandIn({ ...options, port: Number(new URL(first.url).port) });
  try {
    const after = sdkOf(second);
    expect(await eventsOf(after)).toEqual(events);
    const keys = createRemoteJWKSet(new URL(after.userManagement.getJwksUrl(clientId)));
    await jwtVerify(accessToken, keys, { issuer: second.issuer });
    expect(await after.userManagement.authenticateWithRefreshToken({ refreshToken, clientId })).toMatchObject(
      {
        user: { id: 'user_ada' },
        organizationId: 'org_acme',
      },
    );
    expect(
      await refusal(
        after.userManagement.authenticateWithRefreshToken({ refreshToken: spent.refreshToken, clientId }),
      ),
    ).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await after.organizations.createOrganization({ name: 'Once' }, { idempotencyKey: 'k' })).toEqual(
      once,
    );
  } finally {
    await second.close();
  }
});

it('is written while it runs, not only at its end', async () => {
  const file = join(folder, 'running.json');
  const standIn = await startStandIn({ apiKey, clientId, file });
  try {
    standIn.directory.createUser({ email: 'now@home.example' });
    await waitUntil('the user is in the file', async () =>
      (await readFile(file, 'utf8').catch(() => '')).includes('now@home.example'),
    );
  } finally {
    await standIn.close();
  }
});
