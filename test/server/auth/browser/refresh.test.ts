import { expect, it } from 'vitest';
import {
  sessionCookie as cookie,
  jsonHeaders,
  openBrowser,
  signIn,
  type TestBrowser,
} from '../../../support/browser.ts';
import { createTestDatabase } from '../../../support/database.ts';
import { sha256 } from '../../../support/sha256.ts';
import { startSite } from '../../../support/site.ts';

// Servers keep a context for as long as the access token lasts, and no request waits for that here: each test asks a server that has none yet.
const database = await createTestDatabase();
// nor is told of what ends at the provider: it is asked
const site = await startSite(database, { webhooks: false });
const admin = database.pool('admin');

async function due(browser: TestBrowser, ago = '1 second'): Promise<void> {
  await admin.query(
    'update identity.session set tokens_expire_at = now() - $2::interval where token_hash = $1',
    [sha256(browser.cookies.get(cookie) ?? ''), ago],
  );
}
const rowOf = async (browser: TestBrowser) => {
  const { rows } = await admin.query('select * from identity.session where token_hash = $1', [
    sha256(browser.cookies.get(cookie) ?? ''),
  ]);
  return rows[0];
};
async function signedIn(): Promise<TestBrowser> {
  const browser = openBrowser();
  await signIn(browser, site.server.url, 'user_linus');
  return browser;
}
const ask = (browser: TestBrowser, url: string) => browser.get(`${url}/auth/session`, jsonHeaders);

it('asks the provider once when tokens have expired, however many requests and servers there are', async () => {
  const browser = await signedIn();
  await due(browser);
  const before = await rowOf(browser);
  const servers = [await site.another(), await site.another()];
  const answers = await Promise.all(
    servers.flatMap(({ url }) => Array.from({ length: 10 }, () => ask(browser, url))),
  );
  // A second use of the refresh token would have ended the session at the provider, and here.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const after = await rowOf(browser);
  expect(after.sealed_tokens).not.toBe(before.sealed_tokens);
  expect(after.tokens_expire_at.getTime()).toBeGreaterThan(Date.now());
  expect(after).toMatchObject({ revoked_at: null, refresh_claimed_until: null });
  await due(browser);
  expect((await ask(browser, (await site.another()).url)).status).toBe(200);
});

it('asks the provider after hours in which nobody was there, and goes on', async () => {
  const browser = await signedIn();
  await due(browser, '3 hours');
  expect((await ask(browser, (await site.another()).url)).status).toBe(200);
  expect((await rowOf(browser)).tokens_expire_at.getTime()).toBeGreaterThan(Date.now());
});

it('ends the session when the provider has ended it, and says so in the record', async () => {
  const browser = await signedIn();
  const { provider_session, id } = await rowOf(browser);
  await fetch(`${site.standIn.url}/user_management/sessions/revoke`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_stand_in', 'content-type': 'application/json' },
    body: JSON.stringify({ session_id: provider_session }),
  });
  await due(browser);
  const { url, lines } = await site.another();
  expect((await ask(browser, url)).status).toBe(401);
  expect(await rowOf(browser)).toMatchObject({ revoked_at: expect.any(Date), sealed_tokens: null });
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'a session was ended by its identity provider' }),
  );
  const { rows } = await admin.query(
    `select data ->> 'reason' as reason from app.event where data ->> 'session_id' = $1 and type = 'user.signed_out'`,
    [id],
  );
  expect(rows).toEqual([{ reason: 'refused_by_provider' }]);
});

it('ends the session whose tokens nobody can open any more', async () => {
  const browser = await signedIn();
  await admin.query(`update identity.session set sealed_tokens = 'ffffffff.AAAA' where token_hash = $1`, [
    sha256(browser.cookies.get(cookie) ?? ''),
  ]);
  await due(browser);
  expect((await ask(browser, (await site.another()).url)).status).toBe(401);
});

it('lets nobody wait for a request that died while it asked: another may after twenty seconds', async () => {
  const browser = await signedIn();
  const { url } = await site.another();
  await due(browser);
  await database
    .pool('gate')
    .query('select identity.claim_tokens($1)', [sha256(browser.cookies.get(cookie) ?? '')]);
  const before = await rowOf(browser);
  expect((await ask(browser, url)).status).toBe(200);
  expect((await rowOf(browser)).sealed_tokens).toBe(before.sealed_tokens);
  await admin.query('update identity.session set refresh_claimed_until = now()');
  expect((await ask(browser, (await site.another()).url)).status).toBe(200);
  expect((await rowOf(browser)).sealed_tokens).not.toBe(before.sealed_tokens);
});

it('holds for an hour while the provider does not answer, and is not known after that', async () => {
  const browser = await signedIn();
  await due(browser);
  await site.standIn.close();
  const { url, lines } = await site.another();
  expect((await ask(browser, url)).status).toBe(200);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'the identity provider could not be asked about a session' }),
  );
  await due(browser, '61 minutes');
  const late = await ask(browser, (await site.another()).url);
  expect([late.status, late.json.code]).toEqual([503, 'identity_unavailable']);
  expect(await rowOf(browser)).toMatchObject({ revoked_at: null });
});
