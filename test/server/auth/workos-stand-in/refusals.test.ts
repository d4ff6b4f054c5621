import { request } from 'node:http';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startStandIn } from '../../../../server/auth/workos-stand-in/stand-in.ts';
import {
  apiKey,
  clientId,
  offered,
  people,
  pick,
  redirectUri,
  refusal,
  sdkOf,
  signIn,
  start,
} from './support.ts';

const { standIn, workos } = await start();
beforeAll(() => standIn.seed(people));

/** The authorize URL with parameters set, or left out where they are undefined. */
function authorizeUrl(changes: Record<string, string | undefined>): string {
  const url = new URL(workos.userManagement.getAuthorizationUrl({ provider: 'authkit', redirectUri }));
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  return url.href;
}

const browse = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });

describe('it does not start', () => {
  it('in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    try {
      await expect(startStandIn({ apiKey, clientId })).rejects.toThrow(/production/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.com'])('for the host %s', async (host) => {
    await expect(startStandIn({ apiKey, clientId, host })).rejects.toThrow(/loopback/);
  });
});

it('answers no request for the host name of somebody else', async () => {
  const { port } = new URL(standIn.url);
  const status = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ port, path: '/', headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await status(`rebound.example:${port}`)).toBe(403);
  expect(await status(`localhost:${port}`)).toBe(200);
});

describe('the API', () => {
  it('wants the API key', async () => {
    const stranger = sdkOf(standIn, { apiKey: 'sk_test_wrong' });
    expect(await refusal(stranger.userManagement.listUsers())).toMatchObject({
      name: 'UnauthorizedException',
      requestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('says in the shapes of WorkOS what is not there, and what does not fit', async () => {
    expect(await refusal(workos.userManagement.getUser('user_nobody'))).toMatchObject({
      status: 404,
      code: 'entity_not_found',
      message: "User not found: 'user_nobody'.",
    });
    expect(await refusal(workos.organizations.createOrganization({ name: '' }))).toMatchObject({
      status: 422,
      code: 'invalid_request_parameters',
      message: expect.stringContaining('name_invalid'),
    });
    expect(await refusal(workos.get('/nowhere'))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await refusal(workos.userManagement.listUsers({ limit: 101 }))).toMatchObject({ status: 422 });
    expect(await refusal(workos.userManagement.listUsers({ after: 'user_nobody' }))).toMatchObject({
      status: 422,
    });
  });

  it('takes no body of more than a megabyte, and no broken one', async () => {
    const post = (body: string) =>
      fetch(`${standIn.url}/user_management/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body,
      });
    expect((await post(JSON.stringify({ email: 'x'.repeat(1_100_000) }))).status).toBe(413);
    expect((await post('{')).status).toBe(400);
  });
});

describe('an authorize URL', () => {
  it.each([
    ['another client', { client_id: 'client_other' }],
    ['a redirect URI of another machine', { redirect_uri: 'https://evil.example/callback' }],
    ['a redirect URI that is none', { redirect_uri: 'javascript:alert(1)' }],
    ['no redirect URI', { redirect_uri: undefined }],
  ])('with %s is refused on the spot', async (_what, changes) => {
    const answer = await browse(authorizeUrl(changes));
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    await expect(offered(authorizeUrl(changes))).rejects.toThrow(/^400/);
  });

  it.each([
    ['another response type', { response_type: 'token' }],
    ['neither provider, connection nor organization', { provider: undefined }],
    ['an unknown organization', { organization_id: 'org_nowhere' }],
    ['an unknown connection', { connection_id: 'conn_nowhere' }],
    ['a challenge without its method', { code_challenge: 'a'.repeat(43) }],
    ['a plain challenge', { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }],
    ['a method without a challenge', { code_challenge_method: 'S256' }],
    ['an invitation that never was', { invitation_token: 'nothing' }],
  ])('with %s leads back with an error', async (_what, changes) => {
    const answer = await browse(authorizeUrl({ state: 'a state', ...changes }));
    expect(answer.status).toBe(302);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(redirectUri);
    expect(location.searchParams.get('error')).toBeTruthy();
    expect(location.searchParams.get('state')).toBe('a state');
  });

  it('may name only the redirect URIs that were configured, to the letter', async () => {
    const { standIn: strict } = await start({ redirectUris: ['https://app.example/callback'] });
    strict.seed(people);
    const status = async (uri: string) => {
      const url = sdkOf(strict).userManagement.getAuthorizationUrl({
        provider: 'authkit',
        redirectUri: uri,
      });
      return (await browse(url)).status;
    };
    expect(await status('https://app.example/callback')).toBe(200);
    expect(await status('https://app.example/callback/')).toBe(400);
    expect(await status(redirectUri)).toBe(400);
  });
});

describe('the picker', () => {
  it('escapes names, runs no script, and says what it is', async () => {
    const name = `<script>alert("1")</script>`;
    await workos.userManagement.createUser({
      email: `"><b>@x.example`,
      firstName: name,
      lastName: "O'Neill",
    });
    const answer = await browse(authorizeUrl({ state: `"><i>` }));
    const page = await answer.text();
    expect(page).not.toContain('<script');
    expect(page).not.toContain('"><b>');
    expect(page).not.toContain('"><i>');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; O&#39;Neill');
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('This is a stand-in for WorkOS');
    expect(page).toContain('Ada Lovelace <span>ada@acme.example</span>');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    expect(answer.headers.get('content-security-policy')).not.toMatch(/script-src|unsafe/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('leads back with the error of who cancels', async () => {
    const page = await (await browse(authorizeUrl({ state: 's1' }))).text();
    const cancel = /<a href="([^"]+)">Cancel/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(Object.fromEntries(new URL(cancel).searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The person cancelled.',
      state: 's1',
    });
  });

  it('leads back with the code and the state of who picked, from its own forms alone', async () => {
    const page = await (await browse(authorizeUrl({ state: 's2' }))).text();
    const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const submit = (origin: string) =>
      browse(standIn.url + action, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ user_id: 'user_ada' }),
      });
    expect((await submit('http://evil.example')).status).toBe(403);
    expect((await submit('null')).status).toBe(403);
    const answer = await submit(standIn.url);
    expect(answer.status).toBe(302);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.searchParams.get('state')).toBe('s2');
    const code = location.searchParams.get('code') ?? '';
    expect(await workos.userManagement.authenticateWithCode({ code, clientId })).toMatchObject({
      user: { id: 'user_ada' },
    });
  });

  it('knows nobody who is not there', async () => {
    await expect(pick(authorizeUrl({}), { user_id: 'user_nobody' })).rejects.toThrow(/^400/);
  });
});

describe('signing out', () => {
  const logout = async (returnTo?: string) => {
    const { accessToken } = await signIn(workos, 'user_ada');
    const sessionId = JSON.parse(atob(accessToken.split('.')[1] ?? '')).sid;
    const answer = await browse(
      workos.userManagement.getLogoutUrl({ sessionId, ...(returnTo && { returnTo }) }),
    );
    const { data } = await workos.userManagement.listSessions('user_ada');
    return { answer, session: data.find(({ id }) => id === sessionId) };
  };

  it('ends the session and leads to where the product wants, on this machine', async () => {
    const { answer, session } = await logout('http://localhost:9/bye');
    expect(answer.headers.get('location')).toBe('http://localhost:9/bye');
    expect(session).toMatchObject({ status: 'revoked' });
  });

  it.each(['https://evil.example/', 'javascript:alert(1)', undefined])(
    'ends it and stays here when it would lead to %s',
    async (target) => {
      const { answer, session } = await logout(target);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('You are signed out');
      expect(session).toMatchObject({ status: 'revoked' });
    },
  );
});
