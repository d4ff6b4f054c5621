import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../support/wait.ts';
import { eventsOf, people, refusal, signIn, start } from './support.ts';

const secret = 'whsec_test';

/** What a product receives. The first request of each event in `refuseOnce` is answered with 500. */
const received: { body: string; signature: string; type: string | undefined }[] = [];
const refuseOnce = new Set<string>();
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const refuse = refuseOnce.delete(JSON.parse(body).event);
    if (!refuse)
      received.push({
        body,
        signature: String(request.headers['workos-signature']),
        type: request.headers['content-type'],
      });
    response.writeHead(refuse ? 500 : 200).end();
  });
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/workos`;

const { standIn, workos } = await start({ webhooks: { url, secret } });
beforeAll(() => standIn.seed(people));

const webhook = (event: string) =>
  waitUntil(`a webhook of ${event} has come`, () =>
    received.find(({ body }) => JSON.parse(body).event === event),
  );

describe('a webhook', () => {
  it('is accepted by the SDK, and a changed body is not', async () => {
    const user = await workos.userManagement.createUser({ email: 'zoe@home.example', firstName: 'Zoë' });
    const { body, signature, type } = await webhook('user.created');
    expect(type).toBe('application/json');
    const event = await workos.webhooks.constructEvent({ payload: body, sigHeader: signature, secret });
    expect(event).toMatchObject({ event: 'user.created', data: { id: user.id, firstName: 'Zoë' } });
    const [listed] = await eventsOf(workos, { events: ['user.created'], order: 'desc', limit: 1 });
    expect(event).toEqual(listed);
    const changed = body.replace('Zoë', 'Zoe');
    expect(
      await refusal(workos.webhooks.constructEvent({ payload: changed, sigHeader: signature, secret })),
    ).toMatchObject({ name: 'SignatureVerificationException' });
    expect(
      await refusal(
        workos.webhooks.constructEvent({ payload: body, sigHeader: signature, secret: 'another' }),
      ),
    ).toMatchObject({ name: 'SignatureVerificationException' });
  });

  it('that was not taken is sent again', async () => {
    refuseOnce.add('organization.created');
    await workos.organizations.createOrganization({ name: 'Stubborn' });
    const { body } = await webhook('organization.created');
    expect(JSON.parse(body).data.name).toBe('Stubborn');
    expect(refuseOnce.size).toBe(0);
  });

  it('tells of a sign-in', async () => {
    const { user } = await signIn(workos, 'user_ada');
    expect(JSON.parse((await webhook('session.created')).body).data).toMatchObject({
      object: 'session',
      user_id: user.id,
      organization_id: 'org_acme',
      status: 'active',
      auth_method: 'password',
    });
    expect(JSON.parse((await webhook('authentication.password_succeeded')).body).data).toMatchObject({
      email: 'ada@acme.example',
      status: 'succeeded',
      type: 'password',
    });
  });
});

describe('the list of events', () => {
  it('filters, pages and orders', async () => {
    const { userManagement } = workos;
    const names = ['Ann', 'Ben', 'Cem', 'Dan'];
    for (const [at, name] of names.entries())
      await userManagement.createUser({ email: `${name}${at}@page.example`, firstName: name });
    await userManagement.createOrganizationMembership({ userId: 'user_linus', organizationId: 'org_globex' });
    const all = await eventsOf(workos);
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    expect(await eventsOf(workos, { order: 'desc' })).toEqual([...all].reverse());

    const created = await eventsOf(workos, { events: ['user.created', 'user.deleted'] });
    expect(new Set(created.map(({ event }) => event))).toEqual(new Set(['user.created']));
    const ofGlobex = await eventsOf(workos, { organizationId: 'org_globex' });
    expect(ofGlobex.map(({ event }) => event)).toEqual(['organization_membership.created']);

    const paged: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await workos.events.listEvents({
        events: ['user.created'],
        limit: 2,
        ...(after && { after }),
      });
      paged.push(...page.data.map(({ id }) => id));
      after = page.listMetadata.after ?? undefined;
      if (!after) break;
    }
    expect(paged).toEqual(created.map(({ id }) => id));
  });

  it('goes on after an event that the filter leaves out', async () => {
    const [first, ...rest] = await eventsOf(workos);
    expect(
      await eventsOf(workos, {
        events: ['user.created', 'organization.created'],
        after: first?.id as string,
      }),
    ).toEqual(rest.filter(({ event }) => ['user.created', 'organization.created'].includes(event)));
    const last = (await eventsOf(workos)).at(-1);
    expect(await eventsOf(workos, { after: last?.id as string })).toEqual([]);
  });

  it('is of a range of time', async () => {
    const all = await eventsOf(workos);
    const rangeStart = all[2]?.createdAt as string;
    const rangeEnd = all[4]?.createdAt as string;
    const ranged = await eventsOf(workos, { rangeStart, rangeEnd });
    expect(ranged).toEqual(all.filter(({ createdAt }) => createdAt >= rangeStart && createdAt <= rangeEnd));
  });

  it('knows no cursor that never was, and not both a cursor and a start', async () => {
    const [first] = await eventsOf(workos);
    expect(await refusal(eventsOf(workos, { after: 'event_nothing' }))).toMatchObject({ status: 422 });
    expect(
      await refusal(eventsOf(workos, { after: first?.id as string, rangeStart: first?.createdAt as string })),
    ).toMatchObject({ status: 400 });
    expect(await refusal(eventsOf(workos, { rangeStart: 'yesterday' }))).toMatchObject({ status: 422 });
  });
});
