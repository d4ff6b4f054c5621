import { WorkOS } from '@workos-inc/node';
import { afterAll } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import type { TokenIssuer } from '../../runtime/token-issuers.ts';
import type { WorkosSettings } from '../../runtime/workos.ts';
import { type StandIn, startStandIn } from '../../server/auth/workos-stand-in/stand-in.ts';
import { asSystem } from '../../worker/context.ts';
import { startServer, type TestServer } from '../graphql/server.ts';
import { sessionCookie, type TestBrowser } from './browser.ts';
import type { TestDatabase } from './database.ts';

/** The real server, the stand-in for WorkOS, and two organizations that are tenants: people sign in as they would. */
export interface Site {
  server: TestServer;
  standIn: StandIn;
  /** Ids of the tenants. */
  tenants: { acme: string; globex: string };
  workos: WorkosSettings;
  /** The real one, at the stand-in. */
  sdk: WorkOS;
  /** Another server on the same database. */
  another(): Promise<TestServer>;
  /** GraphQL, as a page in the browser asks it. */
  ask(
    browser: TestBrowser,
    query: string,
    variables?: Record<string, unknown>,
  ): ReturnType<TestServer['query']>;
  /** What a click in the browser gives: the slug of the tenant, or the code of why not. */
  click(browser: TestBrowser): Promise<string>;
  /** SQL as the system, in Acme. */
  inAcme<T>(sql: string, values?: unknown[]): Promise<T[]>;
}

export interface SiteOptions {
  origins?: string[];
  accessTokenSeconds?: number;
  tokenIssuers?: readonly TokenIssuer[];
  /** Whether the stand-in tells of what happens; default true. */
  webhooks?: boolean;
}

export const webhookSecret = 'whsec_of_the_stand_in';

const client = { apiKey: 'sk_test_stand_in', clientId: 'client_stand_in' };

/** user_ada owns Acme and is a member of Globex, user_grace owns Globex, user_linus is a viewer of Acme, user_nobody belongs to nobody. */
export async function startSite(database: TestDatabase, options: SiteOptions = {}): Promise<Site> {
  const { origins = [], accessTokenSeconds = 300, webhooks = true, tokenIssuers = [] } = options;
  const port = await freePort();
  const standIn = await startStandIn({
    ...client,
    accessTokenSeconds,
    ...(webhooks && {
      webhooks: { url: `http://127.0.0.1:${port}/webhooks/workos`, secret: webhookSecret },
    }),
  });
  afterAll(() => standIn.close());
  const user = (id: string, name: string) => ({
    id: `user_${id}`,
    email: `${id}@people.example`,
    first_name: name,
    last_name: 'Example',
  });
  const membership = (person: string, organization: string) => ({
    id: `om_${person}_${organization}`,
    user_id: `user_${person}`,
    organization_id: `org_${organization}`,
    role: 'member',
  });
  const tenants = {
    acme: await createTenant(database, standIn.issuer, 'acme', ['ada', 'linus']),
    globex: await createTenant(database, standIn.issuer, 'globex', ['grace', 'ada']),
  };
  standIn.seed({
    organizations: [
      { id: 'org_acme', name: 'Acme', external_id: tenants.acme, domains: ['acme.example'] },
      { id: 'org_globex', name: 'Globex', external_id: tenants.globex, domains: ['globex.example'] },
      { id: 'org_other', name: 'Other', external_id: null, domains: [] },
    ],
    users: [
      user('ada', 'Ada'),
      user('grace', 'Grace'),
      user('linus', 'Linus'),
      user('nobody', 'Nobody'),
      user('stranger', 'Stranger'),
    ],
    memberships: [
      membership('ada', 'acme'),
      membership('ada', 'globex'),
      membership('grace', 'globex'),
      membership('linus', 'acme'),
      membership('stranger', 'other'),
    ],
  });
  const workos = { ...client, apiUrl: standIn.url, issuer: standIn.issuer };
  const { hostname, port: standInPort } = new URL(standIn.url);
  const sdk = new WorkOS({ ...client, apiHostname: hostname, port: Number(standInPort), https: false });
  const another = (at?: number) =>
    startServer(database, { workos, workosWebhookSecret: webhookSecret, origins, tokenIssuers, port: at });
  const server = await another(port);
  const ask: Site['ask'] = (browser, query, variables) =>
    server.query(undefined, query, variables, {
      headers: { cookie: `${sessionCookie}=${browser.cookies.get(sessionCookie)}`, origin: server.url },
    });
  return {
    server,
    standIn,
    tenants,
    workos,
    sdk,
    another,
    ask,
    async click(browser) {
      const { data, errors } = await ask(browser, '{ tenants { nodes { slug } } }');
      return data?.tenants?.nodes[0]?.slug ?? errors?.[0]?.extensions.code;
    },
    inAcme: (sql, values = []) =>
      asSystem(
        database.pool('worker'),
        tenants.acme,
        'test',
        async (connection) => (await connection.query(sql, values)).rows,
      ),
  };
}

/** A tenant whose first person owns it, and the second is a member. */
async function createTenant(
  database: TestDatabase,
  issuer: string,
  slug: string,
  [owner, second]: readonly [string, string],
): Promise<string> {
  const connection = await database.pool('worker').connect();
  try {
    await connection.query('begin');
    const { rows } = await connection.query<{ id: string }>(
      `select platform.create_tenant(initcap($1), $1, $2 || '@people.example', initcap($2) || ' Example', $3, 'user_' || $2, 'enterprise') as id`,
      [slug, owner, issuer],
    );
    await connection.query('select platform.link_organization($1, $2)', [issuer, `org_${slug}`]);
    await connection.query('set local role freehold_user');
    const { rows: invitations } = await connection.query(
      `insert into app.invitation (email, role) values ($1, 'member') returning id`,
      [`${second}@people.example`],
    );
    await connection.query('reset role');
    await connection.query('select app.accept_invitation($1, $2, $3, $4)', [
      invitations[0].id,
      issuer,
      `user_${second}`,
      `${second.charAt(0).toUpperCase()}${second.slice(1)} Example`,
    ]);
    await connection.query('commit');
    return rows[0]?.id as string;
  } catch (error) {
    await connection.query('rollback');
    throw error;
  } finally {
    connection.release();
  }
}
