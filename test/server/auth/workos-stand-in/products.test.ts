import { beforeAll, describe, expect, it, vi } from 'vitest';
import { apiKey, eventsOf, people, pick, redirectUri, refusal, start } from './support.ts';

const { standIn, workos } = await start();
const { userManagement, auditLogs, adminPortal } = workos;
beforeAll(() => standIn.seed(people));

describe('an invitation', () => {
  const send = (email: string) =>
    userManagement.sendInvitation({
      email,
      organizationId: 'org_acme',
      inviterUserId: 'user_ada',
      roleSlug: 'editor',
    });

  it('is accepted by who signs in with it, who becomes a member', async () => {
    const invitation = await send('Ivy@home.example');
    expect(invitation).toMatchObject({ state: 'pending', email: 'ivy@home.example', roleSlug: 'editor' });
    expect(await userManagement.findInvitationByToken(invitation.token)).toEqual(invitation);
    const page = await (await fetch(invitation.acceptInvitationUrl)).text();
    expect(page).toContain('Accept as ivy@home.example');
    const url = userManagement.getAuthorizationUrl({
      provider: 'authkit',
      redirectUri,
      invitationToken: invitation.token,
    });
    const code = await pick(url, { email: 'ivy@home.example', name: 'Ivy' });
    const signedIn = await userManagement.authenticateWithCode({ code, clientId: 'client_stand_in' });
    expect(signedIn.organizationId).toBe('org_acme');
    expect(await userManagement.getInvitation(invitation.id)).toMatchObject({
      state: 'accepted',
      acceptedUserId: signedIn.user.id,
    });
    const events = (await eventsOf(workos)).map(({ event }) => event);
    expect(events).toEqual([
      'invitation.created',
      'user.created',
      'invitation.accepted',
      'organization_membership.created',
      'authentication.password_succeeded',
      'session.created',
    ]);
    expect(await refusal(userManagement.revokeInvitation(invitation.id))).toMatchObject({ status: 400 });
  });

  it('is not for another person', async () => {
    const { token } = await send('jane@home.example');
    const url = userManagement.getAuthorizationUrl({
      provider: 'authkit',
      redirectUri,
      invitationToken: token,
    });
    const code = await pick(url, { user_id: 'user_linus' });
    expect(
      await refusal(userManagement.authenticateWithCode({ code, clientId: 'client_stand_in' })),
    ).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('is sent once, may be sent again, and is revoked', async () => {
    const invitation = await send('kim@home.example');
    expect(await refusal(send('kim@home.example'))).toMatchObject({ status: 400 });
    expect(await refusal(send('ada@acme.example'))).toMatchObject({ status: 400 });
    expect(await userManagement.resendInvitation(invitation.id)).toMatchObject({ state: 'pending' });
    expect(await userManagement.revokeInvitation(invitation.id)).toMatchObject({
      state: 'revoked',
      revokedAt: expect.any(String),
    });
    expect(await refusal(userManagement.acceptInvitation(invitation.id))).toMatchObject({ status: 400 });
    const { data } = await userManagement.listInvitations({
      email: 'kim@home.example',
      organizationId: 'org_acme',
    });
    expect(data).toMatchObject([{ id: invitation.id }]);
    const events = await eventsOf(workos, { events: ['invitation.resent', 'invitation.revoked'] as never });
    expect(events.map(({ event }) => event)).toEqual(['invitation.resent', 'invitation.revoked']);
    expect(events[0]?.data).not.toHaveProperty('token');
  });

  it('ends by itself', async () => {
    const { id, token } = await send('lea@home.example');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 86_400_000 });
    try {
      expect(await userManagement.getInvitation(id)).toMatchObject({ state: 'expired' });
      expect(() => standIn.directory.acceptInvitation({ token })).toThrow(/expired/);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a link to the portal', () => {
  it('leads to a page that says what it would be, for five minutes', async () => {
    const { link } = await adminPortal.generateLink({
      intent: 'dsync',
      organization: 'org_acme',
      returnUrl: 'http://127.0.0.1:9/settings',
    });
    const answer = await fetch(link);
    const page = await answer.text();
    expect(page).toContain('Admin Portal of Acme');
    expect(page).toContain('connect a directory');
    expect(page).toContain('href="http://127.0.0.1:9/settings"');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 });
    try {
      expect((await fetch(link)).status).toBe(404);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is of a known intent and organization', async () => {
    const generate = (more: object) =>
      adminPortal.generateLink({ intent: 'sso', organization: 'org_acme', ...more });
    expect(await refusal(generate({ intent: 'magic' }))).toMatchObject({ status: 422 });
    expect(await refusal(generate({ organization: 'org_nowhere' }))).toMatchObject({ status: 404 });
    expect(await refusal(generate({ returnUrl: 'javascript:alert(1)' }))).toMatchObject({ status: 422 });
  });
});

describe('the audit log', () => {
  const event = {
    action: 'invoice.paid',
    occurredAt: new Date('2026-05-01T10:00:00Z'),
    actor: { id: 'user_ada', type: 'user', name: 'Ada "the first"' },
    targets: [{ id: 'inv_1', type: 'invoice' }],
    context: { location: '203.0.113.7' },
    metadata: { amount: 12 },
  };
  const rows = async (more: object = {}) => {
    const made = await auditLogs.createExport({
      organizationId: 'org_acme',
      rangeStart: new Date('2026-05-01T00:00:00Z'),
      rangeEnd: new Date('2026-05-02T00:00:00Z'),
      ...more,
    });
    expect(await auditLogs.getExport(made.id)).toMatchObject({ state: 'ready', url: made.url });
    return (await (await fetch(made.url as string)).text()).trim().split('\r\n').slice(1);
  };

  it('knows no action without a schema', async () => {
    expect(await refusal(auditLogs.createEvent('org_acme', event))).toMatchObject({
      status: 400,
      code: 'invalid_audit_log',
    });
  });

  it('takes an event once for one idempotency key', async () => {
    const schema = await auditLogs.createSchema({
      action: 'invoice.paid',
      targets: [{ type: 'invoice' }],
      metadata: { amount: 'number' },
    });
    expect(schema).toMatchObject({
      version: 1,
      targets: [{ type: 'invoice' }],
      metadata: { amount: 'number' },
    });
    expect((await auditLogs.listSchemas('invoice.paid')).data).toMatchObject([{ version: 1 }]);
    for (const idempotencyKey of ['one', 'one', 'two'])
      await auditLogs.createEvent('org_acme', event, { idempotencyKey });
    expect(await rows()).toHaveLength(2);
  });

  it.each([
    ['a target of another type', { targets: [{ id: '1', type: 'cat' }] }],
    ['metadata of another type', { metadata: { amount: 'twelve' } }],
    ['no target', { targets: [] }],
    ['an actor without a type', { actor: { id: 'user_ada' } }],
    ['an unknown version', { version: 9 }],
  ])('refuses an event with %s', async (_what, changes) => {
    expect(
      await refusal(auditLogs.createEvent('org_acme', { ...event, ...changes } as typeof event)),
    ).toMatchObject({ status: 400, code: 'invalid_audit_log' });
  });

  it('is exported, filtered, as CSV to who has the link', async () => {
    expect((await rows())[0]).toContain('"user_ada","user","Ada ""the first"""');
    expect(await rows({ actions: ['other'] })).toEqual([]);
    expect(await rows({ actorIds: ['user_ada'], targets: ['invoice'] })).toHaveLength(2);
    const { url } = await auditLogs.createExport({
      organizationId: 'org_acme',
      rangeStart: new Date(0),
      rangeEnd: new Date(),
    });
    expect((await fetch(`${url}x`)).status).toBe(404);
  });
});

describe('the page of the stand-in', () => {
  const page = async () => (await fetch(standIn.url)).text();
  const submit = (act: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${standIn.url}/stand-in/${act}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { origin: standIn.url, ...headers },
      redirect: 'manual',
    });

  it('does what its forms say, and shows it, escaped', async () => {
    const answer = await submit('create-organization', { name: '<Wayne>', domain: 'wayne.example' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/');
    expect(await page()).toContain('<strong>&lt;Wayne&gt;</strong>');
    const [wayne] = (await workos.organizations.listOrganizations({ domains: ['wayne.example'] })).data;
    await submit('create-directory', { organization_id: wayne?.id ?? '', name: '', provisioning: 'off' });
    const [directory] = (await workos.directorySync.listDirectories({ organizationId: wayne?.id ?? '' }))
      .data;
    await submit('create-directory-user', { directory_id: directory?.id ?? '', email: 'b@wayne.example' });
    expect(await page()).toContain('Make b@wayne.example inactive');
    expect(await page()).toContain('dsync.user.created');
    expect(await page()).not.toContain(apiKey);
  });

  it('shows what was refused', async () => {
    const answer = await submit('create-user', { email: 'nonsense' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('That was refused');
    expect((await submit('destroy-everything', {})).status).toBe(404);
    expect((await submit('constructor', {})).status).toBe(404);
  });

  it('takes no form of another site', async () => {
    const foreign = { origin: 'http://evil.example' };
    expect((await submit('create-user', { email: 'x@y.example' }, foreign)).status).toBe(403);
    expect((await submit('seed', {}, foreign)).status).toBe(403);
  });

  it('takes and gives JSON', async () => {
    const answer = await fetch(`${standIn.url}/stand-in/create-user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'json@home.example' }),
    });
    expect(await answer.json()).toMatchObject({ object: 'user', email: 'json@home.example' });
  });
});
