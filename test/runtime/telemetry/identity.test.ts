import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { startSite, webhookSecret } from '../../support/site.ts';
import { waitUntil } from '../../support/wait.ts';
import { startObservedSite, untilLine } from './site.ts';

const database = await createTestDatabase();
// Its stand-in and its tenants; the webhooks of this file go to a process of its own.
const { tenants, workos } = await startSite(database, { webhooks: false });
const admin = database.pool('admin');
const ORGANIZATION = 'org_acme';

it('a webhook of the identity provider, and what the worker does for it, are one trace', async () => {
  const site = await startObservedSite(database, {
    WORKOS_API_KEY: workos.apiKey,
    WORKOS_CLIENT_ID: workos.clientId,
    WORKOS_API_URL: workos.apiUrl,
    WORKOS_WEBHOOK_SECRET: webhookSecret,
  });
  let count = 0;
  const send = async (event: string, data: Record<string, unknown>, requestId = `webhook-${count}`) => {
    count += 1;
    const created_at = new Date().toISOString();
    const body = JSON.stringify({
      id: `event_${String(count).padStart(3, '0')}`,
      event,
      data: { organization_id: ORGANIZATION, updated_at: created_at, ...data },
      created_at,
      context: {},
    });
    const at = Date.now();
    const signature = createHmac('sha256', webhookSecret).update(`${at}.${body}`).digest('hex');
    const answer = await fetch(`${site.url}/webhooks/workos`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'workos-signature': `t=${at}, v1=${signature}`,
        'x-request-id': requestId,
      },
      body,
    });
    expect(answer.status).toBe(200);
  };
  // Twelve people of a directory: more than follow with the event itself.
  await send('dsync.activated', { id: 'directory_1', state: 'active' });
  for (let n = 0; n < 12; n += 1) {
    const email = `person${n}@acme.example`;
    await send('user.created', {
      id: `user_${n}`,
      email,
      email_verified: true,
      first_name: 'P',
      last_name: `${n}`,
    });
    await send('dsync.user.created', {
      id: `directory_user_${n}`,
      directory_id: 'directory_1',
      email,
      state: 'active',
    });
    await send('organization_membership.created', { id: `om_${n}`, user_id: `user_${n}`, status: 'active' });
  }
  const suspended = async () =>
    (
      await admin.query(
        `select traceparent, request_id from app.event where tenant_id = $1 and type = 'user.suspended'`,
        [tenants.acme],
      )
    ).rows;
  expect(await suspended()).toEqual([]);

  await send('dsync.deleted', { id: 'directory_1', state: 'deleting' }, 'the-directory-ends');
  const { trace_id: traceId } = await untilLine(site, 'server', { request_id: 'the-directory-ends' });
  await waitUntil('everybody is out', async () => (await suspended()).length === 12);
  for (const event of await suspended()) expect(event.traceparent).toContain(traceId);

  const spans = await waitUntil('everybody is told of', () => {
    const its = site.collector.spans.filter(({ name }) => name === 'follow the identity provider');
    return its.length >= 12 ? its : undefined;
  });
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  expect(spans[0]?.links).toMatchObject([{ traceId: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
  await waitUntil('the job is told of', () =>
    site.collector.spans.find(({ name }) => name === 'job follow_people'),
  );
  // that of the request is in a batch of another process, which may come later
  await waitUntil('the request is told of', () =>
    site.collector.spans.find(
      ({ traceId: its, name, attributes }) =>
        its === traceId &&
        name === 'POST /webhooks/workos' &&
        attributes['http.route'] === '/webhooks/workos',
    ),
  );
  // the line of the job says what came of it; there are others, of the events before
  await waitUntil('a line of the job says who is out', () =>
    site
      .lines('worker')
      .find(
        ({ event, operation, entity, events }) =>
          event === 'job' &&
          operation === 'follow_people' &&
          entity === 'membership' &&
          Array.isArray(events) &&
          events.includes('user.suspended'),
      ),
  );
  // its statements say where they come from
  const statement = await waitUntil('its statement is told of', () =>
    site.collector.spans.find(
      ({ traceId: its, attributes }) =>
        its === traceId && String(attributes['db.query.text']).includes('receive_event'),
    ),
  );
  expect(statement.attributes['db.query.text']).toContain('$1');
});
