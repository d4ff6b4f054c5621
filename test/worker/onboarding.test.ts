import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onboard } from '../../runtime/onboarding/onboard.ts';
import { createWorkos } from '../../runtime/workos.ts';
import { asSystem } from '../../worker/context.ts';
import { openBrowser, signIn } from '../support/browser.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFullTenants } from '../support/every-table.ts';
import { runNode, type TestProcess } from '../support/process.ts';
import { startSite } from '../support/site.ts';
import { waitUntil } from '../support/wait.ts';
import { runWorker } from './support/process.ts';

// A real worker tells the stand-in, whose webhooks come back to the real server.
const database = await createTestDatabase();
const site = await startSite(database);
const { server, sdk, workos } = site;
const admin = database.pool('admin');

const root = fileURLToPath(new URL('../..', import.meta.url));

let worker: TestProcess;
beforeAll(async () => {
  worker = runWorker(database, {
    env: { WORKOS_API_KEY: workos.apiKey, WORKOS_CLIENT_ID: workos.clientId, WORKOS_API_URL: workos.apiUrl },
  });
  await worker.printed(/the worker is ready/);
});
afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
});

async function enter(user: string, query: Record<string, string> = { organization: 'org_acme' }) {
  const browser = openBrowser();
  const { status } = await signIn(browser, server.url, user, query);
  return { browser, status };
}
async function ask(...question: Parameters<typeof site.ask>) {
  const { data, errors } = await site.ask(...question);
  return errors ? { code: errors[0]?.extensions.code } : data;
}
const sent = async (email: string) => (await sdk.userManagement.listInvitations({ email })).data[0];

describe('a new customer', () => {
  const provider = createWorkos(workos);
  const onboarded = () =>
    onboard(
      database.pool('worker'),
      provider,
      { name: 'Initech', owner: 'bill@initech.example', domain: 'initech.example', plan: 'enterprise' },
      server.url,
      () => {},
    );

  it('is there in one step: tenant, organization, domain, plan, invitation and the pages of their administrator', async () => {
    const { tenant, organization, portal } = await onboarded();
    expect(await sdk.organizations.getOrganization(organization)).toMatchObject({
      name: 'Initech',
      externalId: tenant,
      domains: [{ domain: 'initech.example', state: 'pending' }],
    });
    expect(Object.keys(portal)).toEqual(['sso', 'dsync', 'domain_verification', 'audit_logs', 'log_streams']);
    for (const link of Object.values(portal)) expect((await fetch(link)).status).toBe(200);
    const mail = await waitUntil('the owner is invited', () => sent('bill@initech.example'));
    const bill = await sdk.userManagement.createUser({
      email: 'bill@initech.example',
      emailVerified: true,
      firstName: 'Bill',
      lastName: 'L',
    });
    const { browser, status } = await enter(bill.id, { invitation_token: mail.token });
    expect(status).toBe(303);
    expect(
      await ask(
        browser,
        '{ tenants { nodes { slug status } } subscriptions { nodes { plan } } memberships { nodes { role } } }',
      ),
    ).toEqual({
      tenants: { nodes: [{ slug: 'initech', status: 'active' }] },
      subscriptions: { nodes: [{ plan: 'enterprise' }] },
      memberships: { nodes: [{ role: 'owner' }] },
    });
  });

  it('is one command, which prints how long it took, and the pages', async () => {
    const command = runNode(
      [
        'runtime/run.js',
        'runtime/onboarding/main.ts',
        ...['--name', 'Umbrella', '--owner', 'albert@umbrella.example', '--domain', 'umbrella.example'],
      ],
      {
        cwd: root,
        env: {
          WORKER_DATABASE_URL: database.urls.worker,
          PUBLIC_URL: 'https://app.example.com',
          WORKOS_API_KEY: workos.apiKey,
          WORKOS_CLIENT_ID: workos.clientId,
          WORKOS_API_URL: workos.apiUrl,
        },
      },
    );
    expect([await command.closed, command.output()]).toEqual([0, expect.anything()]);
    expect(command.output()).toMatch(/Umbrella is ready in \d+\.\d s: tenant [0-9a-f-]{36}/);
    for (const intent of ['sso', 'dsync', 'domain_verification', 'audit_logs', 'log_streams'])
      expect(command.output()).toMatch(new RegExp(`${intent} +http://127.0.0.1`));
    await waitUntil('the owner is invited', () => sent('albert@umbrella.example'));
    const wrong = runNode(
      ['runtime/run.js', 'runtime/onboarding/main.ts', '--name', 'X', '--owner', 'nobody'],
      {
        cwd: root,
      },
    );
    expect(await wrong.closed).toBe(2);
    expect(wrong.output()).toMatch(/--owner: /);
  });

  it('is given a domain later, when it was made without', async () => {
    const step = (domain?: string) =>
      onboard(
        database.pool('worker'),
        provider,
        { name: 'Later', owner: 'l@later.example', plan: 'enterprise', ...(domain && { domain }) },
        server.url,
        () => {},
      );
    const { organization } = await step();
    expect((await sdk.organizations.getOrganization(organization)).domains).toEqual([]);
    await step('later.example');
    await step('later.example');
    expect((await sdk.organizations.getOrganization(organization)).domains).toMatchObject([
      { domain: 'later.example', state: 'pending' },
    ]);
  });

  it('is not made twice', async () => {
    const first = await onboarded();
    const second = await onboarded();
    expect([second.tenant, second.organization]).toEqual([first.tenant, first.organization]);
    const { rows } = await admin.query(
      `select count(*)::int from app.invitation where email = 'bill@initech.example'`,
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('that is there already sets up its organization by itself, when its owner asks', async () => {
    const [tenant] = await createFullTenants(database, 1);
    const mutation = `mutation ($domain: String, $owner: String) {
      setUpOrganization(input: { domain: $domain, owner: $owner }) { organization pages { intent url } }
    }`;
    const asked = (key: string | undefined, variables: Record<string, unknown>) =>
      server.query(key, mutation, variables);
    const first = await asked(tenant?.apiKey, {
      domain: 'initrode.example',
      owner: 'peter@initrode.example',
    });
    const { organization, pages } = first.data.setUpOrganization;
    expect(pages.map(({ intent }: { intent: string }) => intent)).toEqual([
      'sso',
      'dsync',
      'domain_verification',
      'audit_logs',
      'log_streams',
    ]);
    for (const { url } of pages) expect((await fetch(url)).status).toBe(200);
    expect(await sdk.organizations.getOrganization(organization)).toMatchObject({
      externalId: tenant?.id,
      domains: [{ domain: 'initrode.example' }],
    });
    const mail = await waitUntil('the other owner is invited', () => sent('peter@initrode.example'));
    expect(mail.organizationId).toBe(organization);
    const again = await asked(tenant?.apiKey, {});
    expect(again.data.setUpOrganization.organization).toBe(organization);

    expect((await asked(tenant?.apiKey, { domain: 'not a domain' })).errors?.[0]?.extensions.code).toBe(
      'invalid_argument',
    );
    const theirs = await asSystem(database.pool('worker'), tenant?.id as string, 'test', async (client) => {
      const { rows } = await client.query(`select secret from app.create_api_key('k', '{tenant:read}')`);
      return rows[0].secret as string;
    });
    expect((await asked(theirs, {})).errors?.[0]?.extensions.code).toBe('permission_denied');
  });

  it('cannot take the domain of another', async () => {
    const [tenant] = await createFullTenants(database, 1);
    const { errors } = await server.query(
      tenant?.apiKey,
      'mutation { setUpOrganization(input: {domain: "acme.example"}) { organization } }',
    );
    expect(errors?.[0]?.extensions.code).toBe('invalid_argument');
  });
});
