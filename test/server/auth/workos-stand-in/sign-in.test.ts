import { createRemoteJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  apiKey,
  claimsOf,
  clientId,
  codeFor,
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
const { userManagement } = workos;
const exchange = (code: string, more = {}) =>
  userManagement.authenticateWithCode({ code, clientId, ...more });
const refresh = (refreshToken: string, organizationId?: string) =>
  userManagement.authenticateWithRefreshToken({
    refreshToken,
    clientId,
    ...(organizationId && { organizationId }),
  });
const invalidGrant = { status: 400, error: 'invalid_grant' };

beforeAll(() => standIn.seed(people));

it('gives a session whose access token the published key verifies', async () => {
  const signedIn = await signIn(workos, 'user_ada');
  expect(signedIn).toMatchObject({
    user: { id: 'user_ada', email: 'ada@acme.example', name: 'Ada Lovelace', emailVerified: true },
    organizationId: 'org_acme',
    authenticationMethod: 'Password',
  });
  const keys = createRemoteJWKSet(new URL(userManagement.getJwksUrl(clientId)));
  const { payload, protectedHeader } = await jwtVerify(signedIn.accessToken, keys, {
    issuer: standIn.issuer,
    algorithms: ['RS256'],
  });
  expect(protectedHeader.kid).toBeTruthy();
  expect(payload).toMatchObject({
    sub: 'user_ada',
    org_id: 'org_acme',
    role: 'admin',
    roles: ['admin'],
    permissions: [],
    entitlements: [],
    client_id: clientId,
    sid: expect.stringMatching(/^session_/),
    jti: expect.any(String),
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  const { data } = await userManagement.listSessions('user_ada');
  expect(data).toMatchObject([{ id: payload.sid, status: 'active', authMethod: 'password' }]);
});

it('signs in somebody who belongs to no organization, without one', async () => {
  const { organizationId, accessToken } = await signIn(workos, 'user_linus');
  expect(organizationId).toBeUndefined();
  expect(claimsOf(accessToken)).not.toHaveProperty('org_id');
});

describe('a code', () => {
  it('is good once; a second use revokes the session', async () => {
    const code = await codeFor(workos, 'user_ada');
    const { refreshToken } = await exchange(code);
    expect(await refusal(exchange(code))).toMatchObject(invalidGrant);
    expect(await refusal(refresh(refreshToken))).toMatchObject(invalidGrant);
  });

  it('needs its verifier when it was asked for with a challenge', async () => {
    const asked = await userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
    const code = await pick(asked.url, { user_id: 'user_ada' });
    const wrong = (await userManagement.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri }))
      .codeVerifier;
    expect(await refusal(exchange(code))).toMatchObject(invalidGrant);
    expect(await refusal(exchange(code, { codeVerifier: wrong }))).toMatchObject(invalidGrant);
    expect(await exchange(code, { codeVerifier: asked.codeVerifier })).toMatchObject({
      user: { id: 'user_ada' },
    });
  });

  it('is exchanged by a public client with a verifier, and its session is refreshed without a secret', async () => {
    const { userManagement: publicClient } = sdkOf(standIn, {});
    const asked = await publicClient.getAuthorizationUrlWithPKCE({ provider: 'authkit', redirectUri });
    const code = await pick(asked.url, { user_id: 'user_ada' });
    const { refreshToken } = await publicClient.authenticateWithCodeAndVerifier({
      code,
      codeVerifier: asked.codeVerifier,
      clientId,
    });
    expect(await publicClient.authenticateWithRefreshToken({ refreshToken, clientId })).toMatchObject({
      user: { id: 'user_ada' },
    });
    const confidential = await signIn(workos, 'user_ada');
    expect(
      await refusal(
        publicClient.authenticateWithRefreshToken({ refreshToken: confidential.refreshToken, clientId }),
      ),
    ).toMatchObject({ status: 401 });
  });

  it('is refused to a client of another id or another secret', async () => {
    const code = await codeFor(workos, 'user_ada');
    expect(await refusal(exchange(code, { clientId: 'client_other' }))).toMatchObject({
      status: 400,
      error: 'invalid_client',
    });
    const { userManagement: stranger } = sdkOf(standIn, { apiKey: `${apiKey}x` });
    expect(await refusal(stranger.authenticateWithCode({ code, clientId }))).toMatchObject({ status: 401 });
    expect(await exchange(code)).toMatchObject({ user: { id: 'user_ada' } });
  });

  it('that never was is refused', async () => {
    expect(await refusal(exchange('nonsense'))).toMatchObject(invalidGrant);
  });
});

describe('a refresh token', () => {
  it('is good once, and gives the next', async () => {
    const first = await signIn(workos, 'user_ada');
    const second = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(claimsOf(second.accessToken).sid).toBe(claimsOf(first.accessToken).sid);
    expect(claimsOf(second.accessToken).jti).not.toBe(claimsOf(first.accessToken).jti);
    expect(await refresh(second.refreshToken)).toMatchObject({ organizationId: 'org_acme' });
  });

  it('that was used revokes its session', async () => {
    const first = await signIn(workos, 'user_ada');
    const second = await refresh(first.refreshToken);
    expect(await refusal(refresh(first.refreshToken))).toMatchObject(invalidGrant);
    expect(await refusal(refresh(second.refreshToken))).toMatchObject(invalidGrant);
    const { data } = await userManagement.listSessions('user_ada', { limit: 1 });
    expect(data).toMatchObject([{ status: 'revoked', endedAt: expect.any(String) }]);
  });

  it('of two requests at the same time serves one', async () => {
    const { refreshToken } = await signIn(workos, 'user_ada');
    const answers = await Promise.allSettled([refresh(refreshToken), refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is not good after its session was revoked', async () => {
    const { refreshToken, accessToken } = await signIn(workos, 'user_ada');
    await userManagement.revokeSession({ sessionId: claimsOf(accessToken).sid as string });
    expect(await refusal(refresh(refreshToken))).toMatchObject(invalidGrant);
  });
});

describe('somebody who belongs to two organizations', () => {
  it('is asked which, and the token of the question is good once', async () => {
    const asked = await refusal(signIn(workos, 'user_grace'));
    expect(asked).toMatchObject({
      status: 403,
      code: 'organization_selection_required',
      pendingAuthenticationToken: expect.any(String),
      rawData: {
        user: { id: 'user_grace' },
        organizations: [
          { id: 'org_acme', name: 'Acme' },
          { id: 'org_globex', name: 'Globex' },
        ],
      },
    });
    const select = (organizationId: string) =>
      userManagement.authenticateWithOrganizationSelection({
        pendingAuthenticationToken: asked.pendingAuthenticationToken as string,
        organizationId,
        clientId,
      });
    expect(await select('org_globex')).toMatchObject({ organizationId: 'org_globex' });
    expect(await refusal(select('org_globex'))).toMatchObject(invalidGrant);
  });

  it('is not asked when the product asked for one', async () => {
    expect(await signIn(workos, 'user_grace', { organizationId: 'org_globex' })).toMatchObject({
      organizationId: 'org_globex',
    });
  });

  it('switches between them, and not to one of others', async () => {
    const { refreshToken } = await signIn(workos, 'user_grace', { organizationId: 'org_globex' });
    const switched = await refresh(refreshToken, 'org_acme');
    expect(claimsOf(switched.accessToken).org_id).toBe('org_acme');
    const again = await refresh(switched.refreshToken);
    expect(claimsOf(again.accessToken).org_id).toBe('org_acme');
    const ada = await signIn(workos, 'user_ada');
    expect(await refusal(refresh(ada.refreshToken, 'org_globex'))).toMatchObject({ status: 403 });
    expect(await refresh(ada.refreshToken)).toMatchObject({ organizationId: 'org_acme' });
  });
});

it('narrows the accounts to an organization, and puts first who is hinted at', async () => {
  const names = async (options: object) => {
    const url = userManagement.getAuthorizationUrl({ provider: 'authkit', redirectUri, ...options });
    return (await offered(url)).accounts.map(({ name }) => name);
  };
  expect(await names({ organizationId: 'org_globex' })).toEqual(['Grace Hopper']);
  expect(await names({ domainHint: 'globex.example' })).toEqual(['Grace Hopper']);
  expect((await names({ loginHint: 'linus@home.example' }))[0]).toBe('Linus Torvalds');
});

it('makes a user of who signs up', async () => {
  const url = userManagement.getAuthorizationUrl({ provider: 'GoogleOAuth', redirectUri });
  const code = await pick(url, { email: 'New@Home.example', name: 'Nina New Er' });
  expect(await exchange(code)).toMatchObject({
    user: { email: 'new@home.example', emailVerified: true, firstName: 'Nina', lastName: 'New Er' },
    authenticationMethod: 'GoogleOAuth',
  });
});

it('tells of the impersonator in the answer and in the token', async () => {
  const url = userManagement.getAuthorizationUrl({ provider: 'authkit', redirectUri });
  const code = await pick(url, {
    user_id: 'user_ada',
    impersonator_email: 'help@freehold.example',
    reason: 'ticket 7',
  });
  const signedIn = await exchange(code);
  expect(signedIn).toMatchObject({
    impersonator: { email: 'help@freehold.example', reason: 'ticket 7' },
    authenticationMethod: 'Impersonation',
  });
  expect(claimsOf(signedIn.accessToken).act).toEqual({ sub: 'help@freehold.example' });
});
