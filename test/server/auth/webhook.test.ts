import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { startSite, webhookSecret } from '../../support/site.ts';

const database = await createTestDatabase();
const { server, workos } = await startSite(database);
const admin = database.pool('admin');

let count = 0;
const eventOf = (event: string, data: Record<string, unknown>) => {
  count += 1;
  return { id: `event_${count}`, event, data, created_at: new Date().toISOString(), context: {} };
};
const newUser = () =>
  eventOf('user.created', { id: `user_new_${count}`, email: `new${count}@people.example` });
const signatureOf = (body: string, at = Date.now(), secret = webhookSecret) =>
  `t=${at}, v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;

async function post(body: string | Buffer, headers: Record<string, string>) {
  const response = await fetch(`${server.url}/webhooks/workos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const send = (event: unknown, at?: number) => {
  const body = JSON.stringify(event);
  return post(body, { 'workos-signature': signatureOf(body, at) });
};
const inbox = async () => {
  const { rows } = await admin.query(
    'select id, status, error, attempts from identity.inbox order by received_at, id',
  );
  return rows;
};

describe('a webhook of the identity provider', () => {
  it('is taken in, applied and answered', async () => {
    const event = newUser();
    expect(await send(event)).toEqual({ status: 200, json: { status: 'applied' } });
    expect(await inbox()).toContainEqual({
      id: event.id,
      status: 'applied',
      error: null,
      attempts: 1,
    });
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        msg: 'an event of the identity provider',
        provider_event: event.id,
        status: 'applied',
      }),
    );
  });

  it('changes nothing when it comes again, or another state of it does', async () => {
    const event = newUser();
    await send(event);
    expect((await send(event)).json).toEqual({ status: 'known' });
    const stale = {
      ...eventOf('user.updated', {
        ...event.data,
        first_name: 'Old',
        updated_at: '2020-01-01T00:00:00.000Z',
      }),
    };
    expect((await send(stale)).json).toEqual({ status: 'applied' });
    const { rows } = await admin.query(
      `select data ->> 'first_name' as name from identity.provider_object where id = $1`,
      [event.data.id],
    );
    expect(rows).toEqual([{ name: null }]);
  });

  it('of a domain whose verification failed tells of the domain', async () => {
    const organization_domain = { id: 'domain_failed', organization_id: 'org_acme', state: 'failed' };
    const event = eventOf('organization_domain.verification_failed', {
      reason: 'domain_verification_period_expired',
      organization_domain,
    });
    expect((await send(event)).json).toEqual({ status: 'applied' });
    const { rows } = await admin.query(
      `select data from identity.provider_object where id = 'domain_failed'`,
    );
    expect(rows).toEqual([{ data: organization_domain }]);
  });

  it('of a kind that nobody listens to is ignored', async () => {
    expect((await send(eventOf('authentication.password_succeeded', { id: 'x' }))).json).toEqual({
      status: 'ignored',
    });
  });

  it('that tells of somebody who is not known waits for them', async () => {
    const membership = eventOf('organization_membership.created', {
      id: 'om_early',
      user_id: 'user_early',
      organization_id: 'org_acme',
      status: 'active',
    });
    const known = async () => {
      const { rows } = await database
        .pool('gate')
        .query(`select identity.knows_member($1, 'org_acme', 'user_early') as known`, [workos.issuer]);
      return rows[0].known;
    };
    expect((await send(membership)).json).toEqual({ status: 'applied' });
    expect(await known()).toBe(false);
    const waiting = async () =>
      (await admin.query('select subject, missing from identity.waiting_person')).rows;
    expect(await waiting()).toEqual([{ subject: 'user_early', missing: ['user/user_early'] }]);
    await send(
      eventOf('user.created', { id: 'user_early', email: 'early@people.example', email_verified: true }),
    );
    expect(await waiting()).toEqual([]);
    // nobody is asked for at a sign-in who is known
    expect(await known()).toBe(true);
  });

  it('that cannot be read is kept with its reason, tried again, and given up after twenty times', async () => {
    const wrong = eventOf('organization_membership.created', { no: 'id' });
    expect((await send(wrong)).json).toEqual({ status: 'deferred' });
    const error = 'ZF010 the organization_membership has no id';
    expect(await inbox()).toContainEqual({ id: wrong.id, status: 'deferred', error, attempts: 1 });
    const due = async () =>
      (await database.pool('worker').query('select id from identity.due_events() id')).rows;
    expect(await due()).toEqual([]);
    for (let attempt = 2; attempt <= 20; attempt += 1) {
      await admin.query('update identity.inbox set next_attempt_at = statement_timestamp()');
      expect(await due()).toEqual([{ id: wrong.id }]);
      await database.pool('worker').query('select identity.apply_event($1)', [wrong.id]);
    }
    expect(await inbox()).toContainEqual({ id: wrong.id, status: 'failed', error, attempts: 20 });
    await admin.query('update identity.inbox set next_attempt_at = statement_timestamp()');
    expect(await due()).toEqual([]);
  });

  it('whose text PostgreSQL could not keep is taken in, with a sign in the place of each such character', async () => {
    const { id } = newUser().data;
    const text = 'A\u0000b \ud800 \\u0000 \ud83d\ude00';
    await send(eventOf('user.created', { id, email: 'odd@people.example', first_name: text, [text]: 1 }));
    const { rows } = await admin.query(`select data from identity.provider_object where id = $1`, [id]);
    const kept = 'A\ufffdb \ufffd \\u0000 \ud83d\ude00';
    expect(rows[0].data).toMatchObject({ first_name: kept, [kept]: 1 });
  });
});

describe('what is no webhook of the identity provider is refused, with a line in the log and nothing taken in', () => {
  const minutes = 60_000;
  const body = () => JSON.stringify(newUser());
  const cases: [string, () => [string | Buffer, Record<string, string>], RegExp][] = [
    ['without a signature', () => [body(), {}], /Signature or timestamp missing/],
    [
      'with a signature of nothing',
      () => [body(), { 'workos-signature': 't=,v1=' }],
      /No signature hash|does not match/,
    ],
    ['with half a signature', () => [body(), { 'workos-signature': `t=${Date.now()}` }], /missing/],
    [
      'signed with another secret',
      () => {
        const text = body();
        return [text, { 'workos-signature': signatureOf(text, Date.now(), 'whsec_of_somebody_else') }];
      },
      /does not match/,
    ],
    [
      'serialized anew',
      () => {
        const event = newUser();
        return [JSON.stringify(event, null, 1), { 'workos-signature': signatureOf(JSON.stringify(event)) }];
      },
      /does not match/,
    ],
    [
      'changed by a byte',
      () => {
        const text = body();
        return [text.replace('new', 'nev'), { 'workos-signature': signatureOf(text) }];
      },
      /does not match/,
    ],
    [
      'signed four minutes ago',
      () => {
        const text = body();
        return [text, { 'workos-signature': signatureOf(text, Date.now() - 4 * minutes) }];
      },
      /outside the tolerance/,
    ],
    [
      'with the time of another',
      () => {
        const text = body();
        const old = signatureOf(text, Date.now() - 4 * minutes);
        return [text, { 'workos-signature': old.replace(/^t=\d+/, `t=${Date.now()}`) }];
      },
      /does not match/,
    ],
    [
      'of no event',
      () => {
        const text = '{"hello":"world"}';
        return [text, { 'workos-signature': signatureOf(text) }];
      },
      /id/,
    ],
    ['of no JSON', () => ['hello', { 'workos-signature': signatureOf('hello') }], /no event/],
    [
      'of bytes that are no text',
      () => [Buffer.from([0xff, 0xfe, 0x00]), { 'workos-signature': 't=1,v1=00' }],
      /tolerance/,
    ],
  ];
  it.each(cases)('%s', async (_, make, reason) => {
    const before = (await inbox()).length;
    const from = server.lines.length;
    const [text, headers] = make();
    expect(await post(text, headers)).toMatchObject({ status: 401, json: { code: 'invalid_signature' } });
    expect((await inbox()).length).toBe(before);
    expect(server.lines.slice(from)).toContainEqual(
      expect.objectContaining({
        msg: 'a webhook of the identity provider was refused',
        reason: expect.stringMatching(reason),
      }),
    );
  });

  it('larger than any of theirs', async () => {
    const text = 'x'.repeat(1_100_000);
    const { status, json } = await post(text, { 'workos-signature': signatureOf(text) });
    expect([status, json.code]).toEqual([413, 'too_large']);
  });
});
