import { hash } from 'node:crypto';
import { Client } from 'pg';
import type { Launched } from '../launch.ts';
import type { Frontend } from './api.ts';
import { createFrontend } from './api.ts';
import { startReceiver } from './receiver.ts';
import type { createStory } from './story.ts';
import { expect } from './story.ts';

interface Scene {
  story: ReturnType<typeof createStory>;
  launched: Launched;
  url: string;
}

/** The main job of Freehold, each part looked at as its user would. */
export async function mainJob({ story, launched, url }: Scene): Promise<void> {
  const { step } = story;
  const [acme, globex] = launched.tenants;
  expect(acme && globex, 'the seed did not make two tenants');
  const frontend = createFrontend(url, acme.apiKey);
  const stranger = createFrontend(url, globex.apiKey);
  const admin = new Client({ connectionString: launched.database.adminUrl });
  await admin.connect();
  const receiver = await startReceiver();
  try {
    await step('Two tenants live in one database', async (see) => {
      see(`running on ${launched.database.description}`);
      for (const [name, api] of [[acme.name, frontend] as const, [globex.name, stranger] as const]) {
        const { tenants, projects } = await api.ask(
          '{ tenants { nodes { name } } projects { nodes { name } } }',
        );
        expect(
          tenants.nodes.length === 1 && tenants.nodes[0].name === name,
          `${name} sees ${JSON.stringify(tenants)}`,
        );
        see(
          `${name} sees itself and its projects: ${projects.nodes.map((p: { name: string }) => p.name).join(', ')}`,
        );
      }
    });

    const before = await step('The frontend reads the subscription of Acme', async (see) => {
      const { subscriptions } = await frontend.ask('{ subscriptions { nodes { id plan status version } } }');
      const [subscription] = subscriptions.nodes;
      expect(subscription?.plan === 'team', `the plan is ${subscription?.plan}`);
      see(`plan ${subscription.plan}, status ${subscription.status}, version ${subscription.version}`);
      return subscription as { id: string; version: number };
    });

    const endpoint = await step('Acme subscribes a webhook', async (see) => {
      const { createWebhookEndpoint } = await frontend.ask(
        `mutation ($url: String!) {
          createWebhookEndpoint(input: { url: $url, eventTypes: ["subscription.*"] }) {
            createdWebhookEndpoint { id secret }
          }
        }`,
        { url: receiver.url },
      );
      const { id, secret } = createWebhookEndpoint.createdWebhookEndpoint;
      expect(secret.startsWith('whsec_'), 'the endpoint has no secret');
      receiver.useSecret(secret);
      see(`endpoint ${receiver.url} wants subscription.*; its secret is shown this once`);
      return { id: id as string };
    });

    await step('PostgreSQL refuses what must not be', (see) => refusals(frontend, url, before.id, see));

    await step('Acme upgrades its subscription through the generated GraphQL API', async (see) => {
      const { upgradeSubscription } = await frontend.ask(
        `mutation ($id: UUID!, $version: Int) {
          upgradeSubscription(input: { id: $id, plan: "business", expectedVersion: $version }) {
            subscription { plan status version }
          }
        }`,
        { id: before.id, version: before.version },
      );
      const { subscription } = upgradeSubscription;
      expect(subscription.plan === 'business', `the plan is ${subscription.plan}`);
      expect(subscription.version === before.version + 1, `the version is ${subscription.version}`);
      see(`plan business, version ${before.version} to ${subscription.version}`);
    });

    await step('The difference of the month is invoiced, to the last cent', async (see) => {
      const { invoices } = await frontend.ask(
        '{ invoices(orderBy: ID_DESC, first: 1) { nodes { number total status invoiceLines { nodes { description amount } } } } }',
      );
      const [invoice] = invoices.nodes;
      const lines = invoice.invoiceLines.nodes as { description: string; amount: string }[];
      const sum = lines.reduce((total, line) => total + Number(line.amount), 0);
      expect(
        lines.length === 2 && sum === Number(invoice.total),
        `the lines ${JSON.stringify(lines)} are not ${invoice.total}`,
      );
      for (const line of lines) see(`${line.description}: ${line.amount}`);
      see(`${invoice.number} (${invoice.status}): ${invoice.total}`);
    });

    const eventId = await step('Row, event and delivery were written in one transaction', async (see) => {
      const { rows } = await admin.query<{
        id: string;
        row: string;
        event: string;
        together: boolean;
        actor_type: string;
      }>(
        // A delivery's own xmin moves on when it is sent; its time is that of the transaction, as the invoice's.
        `select e.id, s.xmin::text as row, (e.xid::text::numeric % 4294967296)::text as event, e.actor_type,
           d.created_at = (select max(i.created_at) from app.invoice i where i.tenant_id = e.tenant_id) as together
         from app.event e
         join app.subscription s on s.tenant_id = e.tenant_id and s.id = e.entity_id
         join app.delivery d on d.tenant_id = e.tenant_id and d.event_id = e.id and d.endpoint_id = $2
         where e.tenant_id = $1 and e.type = 'subscription.upgraded'`,
        [acme.id, endpoint.id],
      );
      const [written] = rows;
      expect(
        rows.length === 1 && written,
        `there are ${rows.length} events subscription.upgraded with a delivery`,
      );
      expect(written.row === written.event, `row of transaction ${written.row}, event of ${written.event}`);
      expect(written.together, 'the delivery was not written in the transaction of the invoice');
      see(`subscription, event ${written.id} and delivery were written by transaction ${written.event}`);
      see(`the event says who: ${written.actor_type}`);
      return written.id;
    });

    await step('The worker delivers a signed webhook, and the receiver verifies it', async (see) => {
      const { event, body, duplicate } = await receiver.received('subscription.upgraded');
      expect(event.includes(eventId), `the webhook-id is ${event}, the event ${eventId}`);
      expect(!duplicate && body.data.plan === 'business', `the body is ${JSON.stringify(body)}`);
      see(`webhook-id ${event}, verified by npm standardwebhooks: ${body.type}, plan ${body.data.plan}`);
      const refused = receiver.lines.filter((line) => 'refused' in line);
      expect(refused.length === 0, `the receiver refused ${JSON.stringify(refused)}`);
    });

    await step('The other tenant sees nothing, anywhere', (see) =>
      strangerSees(
        stranger,
        launched,
        { subscription: before.id, endpoint: endpoint.id, event: eventId, tenant: acme.id },
        see,
      ),
    );
  } finally {
    await receiver.stop();
    await admin.end();
  }
}

async function refusals(
  frontend: Frontend,
  url: string,
  id: string,
  see: (line: string) => void,
): Promise<void> {
  const { createApiKey } = await frontend.ask(
    'mutation { createApiKey(input: { name: "Reader", scopes: ["subscription:read"] }) { createdApiKey { secret } } }',
  );
  const reader = createFrontend(url, createApiKey.createdApiKey.secret);
  const upgrade = (plan: string, version?: number) =>
    [
      'mutation ($id: UUID!, $plan: String!, $version: Int) { upgradeSubscription(input: { id: $id, plan: $plan, expectedVersion: $version }) { subscription { plan } } }',
      { id, plan, version },
    ] as const;
  const cases = [
    [
      'a key without the permission',
      'permission_denied',
      await reader.refused('permission_denied', ...upgrade('business')),
    ],
    [
      'a lower plan',
      'wrong_plan_direction',
      await frontend.refused('wrong_plan_direction', ...upgrade('free')),
    ],
    ['a stale version', 'stale_version', await frontend.refused('stale_version', ...upgrade('business', 99))],
    [
      'an illegal transition',
      'illegal_transition',
      await frontend.refused(
        'illegal_transition',
        'mutation ($id: UUID!) { resumeSubscription(input: { id: $id }) { subscription { status } } }',
        { id },
      ),
    ],
  ] as const;
  for (const [what, code, error] of cases)
    see(`${what}: ${code}. ${error.message} ${error.extensions?.detail ?? ''}`);
}

async function strangerSees(
  stranger: Frontend,
  launched: Launched,
  ids: { subscription: string; endpoint: string; event: string; tenant: string },
  see: (line: string) => void,
): Promise<void> {
  const found = await stranger.ask(
    `query ($subscription: UUID!, $endpoint: UUID!, $event: UUID!, $tenant: UUID!) {
      subscription(id: $subscription) { id }
      webhookEndpoint(id: $endpoint) { id }
      event(id: $event) { id }
      tenant(id: $tenant) { id }
      deliveries { nodes { id } }
    }`,
    ids,
  );
  expect(
    found.deliveries.nodes.length === 0 &&
      !found.subscription &&
      !found.webhookEndpoint &&
      !found.event &&
      !found.tenant,
    `Globex sees ${JSON.stringify(found)}`,
  );
  see('by id: no subscription, endpoint, event or tenant; no delivery');
  const mutation =
    'mutation ($id: UUID!) { upgradeSubscription(input: { id: $id, plan: "enterprise" }) { subscription { id } } }';
  await stranger.refused('not_found', mutation, { id: ids.subscription });
  see("upgrading Acme's subscription: not_found");

  const [acmeContext, globexContext] = await Promise.all(
    launched.tenants.slice(0, 2).map(({ apiKey }) => resolveContext(launched.database.urls.gate, apiKey)),
  );
  if (!acmeContext || !globexContext) throw new Error('the seed has two tenants');
  const intruder = new Client({ connectionString: launched.database.urls.app });
  await intruder.connect();
  try {
    await intruder.query('set role freehold_user');
    const rowsWith = async ({ tenant_id, claims, signature }: SignedContext): Promise<number> => {
      await intruder.query(
        `select set_config('freehold.tenant_id', $1, false), set_config('freehold.claims', $2, false),
           set_config('freehold.signature', $3, false)`,
        [tenant_id, claims, signature],
      );
      return (await intruder.query('select from app.subscription')).rowCount ?? 0;
    };
    const { tenant_id } = acmeContext;
    const forgeries = [
      { ...globexContext, tenant_id },
      { ...acmeContext, signature: globexContext.signature },
      { ...acmeContext, claims: acmeContext.claims.replace(/0(?=[01]*$)/, '1') },
    ];
    for (const forged of forgeries) expect((await rowsWith(forged)) === 0, 'a forged context sees rows');
    const own = await rowsWith(acmeContext);
    expect(own === 1, `the context that the database signed sees ${own} subscriptions`);
    see(
      'SQL in the application login: 1 row with the context that the database signed, 0 with three forgeries',
    );
  } finally {
    await intruder.end();
  }
}

interface SignedContext {
  tenant_id: string;
  claims: string;
  signature: string;
}

/** What the database signs for a key, asked as the server asks: by the login that can do nothing else. */
async function resolveContext(gateUrl: string, apiKey: string): Promise<SignedContext> {
  const gate = new Client({ connectionString: gateUrl });
  await gate.connect();
  try {
    const { rows } = await gate.query<SignedContext>(
      `select tenant_id, claims, signature from identity.resolve('api_key', $1)`,
      [hash('sha256', apiKey, 'buffer')],
    );
    return rows[0] as SignedContext;
  } finally {
    await gate.end();
  }
}
