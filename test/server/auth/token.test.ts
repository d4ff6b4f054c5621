import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TokenIssuer } from '../../../runtime/token-issuers.ts';
import { asSystem } from '../../../worker/context.ts';
import { startServer } from '../../graphql/server.ts';
import { createTestDatabase } from '../../support/database.ts';
import { startIssuer } from '../../support/issuer.ts';
import { addMember } from '../../support/tenants.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
const issuer = await startIssuer();
const other = await startIssuer();
const gone = await startIssuer();
const server = await startServer(database, {
  tokenIssuers: [issuer.settings, other.settings, gone.settings],
});

/** A tenant whose owner is `subject` of the issuer, and which the issuer calls `organization`. */
async function createTenant(slug: string, subject: string, organization: string): Promise<string> {
  const client = await database.pool('worker').connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ id: string }>(
      `select platform.create_tenant($1, $1, $2, 'Owner', $3, $4, 'enterprise') as id`,
      [slug, `owner@${slug}.example`, issuer.settings.issuer, subject],
    );
    await client.query('select platform.link_organization($1, $2)', [issuer.settings.issuer, organization]);
    await client.query('commit');
    return rows[0]?.id as string;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

let tenant: string;
beforeAll(async () => {
  tenant = await createTenant('acme', 'user_1', 'org_1');
  await createTenant('globex', 'user_2', 'org_2');
});

const ask = async (token: string) => {
  const answer = await server.query(token, '{ tenants { nodes { slug } } }');
  return {
    status: answer.status,
    slugs: answer.data?.tenants?.nodes.map(({ slug }: { slug: string }) => slug),
    code: answer.errors?.[0]?.extensions.code,
  };
};

it('lets in a member by a token of the issuer, into the tenant that it names, and fetches the keys once', async () => {
  expect(await ask(await issuer.token())).toEqual({ status: 200, slugs: ['acme'], code: undefined });
  expect(await ask(await issuer.token({ sub: 'user_2', org_id: 'org_2' }))).toMatchObject({
    slugs: ['globex'],
  });
  expect(issuer.fetched()).toBe(1);
});

describe('tokens in the words of their issuers', () => {
  const shapes: [string, Partial<TokenIssuer>, Record<string, unknown>][] = [
    [
      'WorkOS: client_id, sid, org_id',
      { audience: undefined, authorizedParties: ['client_01'] },
      {
        aud: undefined,
        azp: undefined,
        client_id: 'client_01',
        sid: 'session_01',
        role: 'admin',
        permissions: [],
      },
    ],
    [
      'Auth0: several audiences, a claim that is a URL',
      {
        audience: ['https://api.example.com'],
        authorizedParties: undefined,
        organizationClaim: 'https://example.com/org',
      },
      {
        aud: ['https://api.example.com', 'https://acme.auth0.com/userinfo'],
        org_id: undefined,
        'https://example.com/org': 'org_1',
        scope: 'openid',
      },
    ],
    [
      'Clerk: azp, and the organization inside o',
      { audience: undefined, authorizedParties: ['https://app.example.com'], organizationClaim: 'o.id' },
      {
        aud: undefined,
        azp: 'https://app.example.com',
        org_id: undefined,
        v: 2,
        o: { id: 'org_1', rol: 'admin' },
      },
    ],
  ];
  it.each(shapes)('%s', async (_name, settings, claims) => {
    const its = await startIssuer(settings);
    const client = await admin.connect();
    try {
      await client.query('begin');
      await client.query(`select platform.enter_as_system($1, 'test')`, [tenant]);
      await client.query('select platform.link_organization($1, $2)', [its.settings.issuer, 'org_1']);
      await client.query(
        `insert into identity.login (issuer, subject, person_id) select $1, 'user_1', person_id from identity.login where issuer = $2 and subject = 'user_1'`,
        [its.settings.issuer, issuer.settings.issuer],
      );
      await client.query('commit');
    } finally {
      client.release();
    }
    const there = await startServer(database, { tokenIssuers: [its.settings] });
    const seen = async (token: string) => {
      const { data, errors } = await there.query(token, '{ tenants { nodes { slug } } }');
      return data?.tenants?.nodes[0]?.slug ?? errors?.[0]?.extensions.code;
    };
    expect(await seen(await its.token(claims))).toBe('acme');
    // to another application, or of no organization
    expect(await seen(await its.token({ ...claims, aud: 'x', azp: 'x', client_id: 'x' }))).toBe(
      'unauthenticated',
    );
    const none = { org_id: undefined, o: { rol: 'admin' }, 'https://example.com/org': undefined };
    expect(await seen(await its.token({ ...claims, ...none }))).toBe('unauthenticated');
  });
});

describe('a token that names a session', () => {
  it('is good no more when that ends at the provider, for a client that is running', async () => {
    const token = await issuer.token({ sid: 'session_spa' });
    const another = await issuer.token({ sid: 'session_other' });
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
    await database.pool('gate').query(`select identity.receive_event($1, $2, 'webhook')`, [
      issuer.settings.issuer,
      JSON.stringify({
        id: 'event_end',
        event: 'session.revoked',
        created_at: new Date().toISOString(),
        data: { id: 'session_spa', user_id: 'user_1', updated_at: new Date().toISOString() },
      }),
    ]);
    expect(await ask(token)).toEqual({ status: 401, slugs: undefined, code: 'unauthenticated' });
    expect(await ask(another)).toMatchObject({ slugs: ['acme'] });
  });

  it('is good no more when that is signed out here', async () => {
    const token = await issuer.token({ sid: 'session_here' });
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
    const hash = Buffer.alloc(32, 7);
    await admin.query(
      `insert into identity.session (token_hash, person_id, tenant_id, expires_at, issuer, provider_session)
       select $1, l.person_id, $2, now() + interval '1 hour', l.issuer, 'session_here' from identity.login l where l.issuer = $3 and l.subject = 'user_1'`,
      [hash, tenant, issuer.settings.issuer],
    );
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
    await database.pool('gate').query('select identity.sign_out($1)', [hash]);
    expect(await ask(token)).toMatchObject({ code: 'unauthenticated' });
    // the record says who did it
    const { rows } = await admin.query(
      `select e.actor_type, e.actor_id = m.id as own from app.event e join app.membership m on m.id = e.entity_id
       where e.type = 'user.signed_out' and e.tenant_id = $1`,
      [tenant],
    );
    expect(rows).toEqual([{ actor_type: 'member', own: true }]);
  });
});

describe('a token that is not good', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const forged = await generateKeyPair('RS256');
  const usual = () => ({
    iss: issuer.settings.issuer,
    aud: 'freehold',
    azp: 'app-1',
    org_id: 'org_1',
    sub: 'user_1',
    iat: now,
    exp: now + 300,
  });
  const hmacWithPublicKey = async () =>
    new SignJWT(usual())
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(new TextEncoder().encode(await exportSPKI(issuer.publicKey)));
  const cases: [string, RegExp, () => Promise<string>][] = [
    ['is expired', /"exp" claim/, () => issuer.token({ iat: now - 600, exp: now - 60 })],
    [
      'is that of support who acts as somebody',
      /acts as its subject/,
      () => issuer.token({ act: { sub: 'x@support.example' } }),
    ],
    ['is not valid yet', /"nbf" claim/, () => issuer.token({ nbf: now + 600 })],
    ['has no end', /"exp" claim/, () => issuer.token({ exp: undefined })],
    ['has no beginning', /"iat" claim/, () => issuer.token({ iat: undefined })],
    ['has no subject', /"sub" claim/, () => issuer.token({ sub: undefined })],
    ['is for another audience', /"aud" claim/, () => issuer.token({ aud: 'another' })],
    ['was issued to another application', /another application/, () => issuer.token({ azp: 'app-2' })],
    ['names no organization', /names no organization/, () => issuer.token({ org_id: undefined })],
    ['is of an unknown issuer', /TOKEN_ISSUERS/, () => issuer.token({ iss: 'https://issuer.example' })],
    [
      "claims another issuer than its key's",
      /signature|key/,
      () => issuer.token({ iss: other.settings.issuer }),
    ],
    [
      'was signed with a key that the issuer never published',
      /no applicable key/,
      () => issuer.token({}, { kid: 'key-2' }),
    ],
    [
      'is signed by somebody else',
      /signature/,
      () => new SignJWT(usual()).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(forged.privateKey),
    ],
    ['is not signed', /"alg"/, async () => new UnsecuredJWT(usual()).encode()],
    ['is an HMAC made with the public key', /"alg"/, hmacWithPublicKey],
    [
      'was changed',
      /signature/,
      async () => {
        const [header, , signature] = (await issuer.token()).split('.');
        const claims = Buffer.from(JSON.stringify({ ...usual(), org_id: 'org_2' })).toString('base64url');
        return `${header}.${claims}.${signature}`;
      },
    ],
    ['is no JSON', /TOKEN_ISSUERS/, async () => 'abc.def.ghi'],
  ];
  it.each(cases)('%s', async (_, reason, make) => {
    const from = server.lines.length;
    expect(await ask(await make())).toEqual({ status: 401, slugs: undefined, code: 'unauthenticated' });
    const lines = server.lines.slice(from);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'a credential was refused', reason: expect.stringMatching(reason) }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'request', status_code: 401, error_code: 'unauthenticated' }),
    );
  });

  it.each([
    ['of somebody who is no member', { sub: 'user_9' }],
    ['of an organization that is no tenant', { org_id: 'org_9' }],
    ["of a member, for somebody else's tenant", { org_id: 'org_2' }],
  ])('%s', async (_, claims) => {
    expect(await ask(await issuer.token(claims))).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('of a member by the name of a subject of another issuer', async () => {
    expect(await ask(await other.token())).toMatchObject({ status: 401, code: 'unauthenticated' });
  });
});

it('says that it is not known, when the keys of the issuer cannot be had', async () => {
  const token = await gone.token();
  await gone.goAway();
  expect(await ask(token)).toMatchObject({ status: 503, code: 'identity_unavailable' });
});

describe('a token that is still valid', () => {
  it('is worth nothing from the moment at which its person is signed out everywhere; one issued later is', async () => {
    const token = await issuer.token({ iat: Math.floor(Date.now() / 1_000) - 10 });
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
    await admin.query(
      `select identity.revoke_sessions(person_id) from identity.login where issuer = $1 and subject = 'user_1'`,
      [issuer.settings.issuer],
    );
    expect(await ask(token)).toMatchObject({ status: 401 });
    const later = await issuer.token({ iat: Math.floor(Date.now() / 1_000) + 2 });
    expect(await ask(later)).toMatchObject({ slugs: ['acme'] });
  });

  it.each([
    ['its member is suspended', 'select app.suspend_membership(id)', 'select app.reactivate_membership(id)'],
    ['its member is removed', 'select app.remove_membership(id)', undefined],
    [
      'its tenant is suspended',
      'select app.suspend_tenant(tenant_id)',
      'select app.reactivate_tenant(tenant_id)',
    ],
  ])('is worth nothing from the moment at which %s', async (name, end, begin) => {
    const subject = `user of "${name}"`;
    const asWorker = (sql: string) =>
      asSystem(database.pool('worker'), tenant, 'test', (client) => client.query(sql, [member.id]));
    const member = await addMember(database, tenant, 'member');
    await admin.query('insert into identity.login (issuer, subject, person_id) values ($1, $2, $3)', [
      issuer.settings.issuer,
      subject,
      member.personId,
    ]);
    const token = await issuer.token({ sub: subject });
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
    await asWorker(`${end} from app.membership where id = $1`);
    const refused = await ask(token);
    expect(refused.slugs).toBeUndefined();
    expect(refused.code).toMatch(/^(unauthenticated|tenant_not_active)$/);
    if (!begin) return;
    await asWorker(`${begin} from app.membership where id = $1`);
    expect(await ask(token)).toMatchObject({ slugs: ['acme'] });
  });
});

it('an organization belongs to one tenant', async () => {
  await expect(createTenant('initech', 'user_3', 'org_1')).rejects.toMatchObject({ code: '23505' });
  // The same once more changes nothing.
  await expect(createTenant('hooli', 'user_4', 'org_4')).resolves.toBeTypeOf('string');
});
