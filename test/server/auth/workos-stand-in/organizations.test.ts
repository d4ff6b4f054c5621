import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, people, refusal, signIn, start } from './support.ts';

const { standIn, workos } = await start();
const { userManagement, organizations, organizationDomains } = workos;
beforeAll(() => standIn.seed(people));

/** Names of the events since an event, oldest first. */
async function namesSince(after: string | undefined): Promise<string[]> {
  return (await eventsOf(workos, after ? { after } : {})).map(({ event }) => event);
}
const lastEvent = async () => (await eventsOf(workos, { order: 'desc', limit: 1 }))[0]?.id;

describe('seeding', () => {
  it('again changes nothing, keeps what exists and emits nothing', async () => {
    await userManagement.updateUser({ userId: 'user_linus', firstName: 'L.' });
    const before = await lastEvent();
    standIn.seed(people);
    const answer = await fetch(`${standIn.url}/stand-in/seed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(people),
    });
    expect(answer.status).toBe(204);
    expect(await lastEvent()).toBe(before);
    expect(await userManagement.getUser('user_linus')).toMatchObject({
      firstName: 'L.',
      name: 'L. Torvalds',
    });
    expect(await organizations.getOrganization('org_acme')).toMatchObject({
      externalId: 'acme',
      domains: [{ domain: 'acme.example', state: 'verified' }],
    });
  });

  it('of another shape is refused', async () => {
    expect(() => standIn.seed({ users: [{ id: 'user_x' }] } as never)).toThrow(/Validation/);
    const nowhere = { id: 'om_x', user_id: 'user_ada', organization_id: 'org_nowhere' };
    expect(() => standIn.seed({ memberships: [nowhere] })).toThrow(/not found/);
  });
});

describe('a user', () => {
  it('is made, found, changed and deleted, with an event each', async () => {
    const before = await lastEvent();
    const user = await userManagement.createUser({
      email: 'Mary@New.example',
      firstName: 'Mary',
      externalId: 'person-1',
      metadata: { a: '1', b: '2' },
    });
    expect(user).toMatchObject({ email: 'mary@new.example', emailVerified: false, name: 'Mary' });
    expect(await userManagement.getUserByExternalId('person-1')).toMatchObject({ id: user.id });
    expect((await userManagement.listUsers({ email: 'MARY@new.example' })).data).toMatchObject([
      { id: user.id },
    ]);
    const changed = await userManagement.updateUser({
      userId: user.id,
      lastName: 'Shelley',
      metadata: { a: '3', b: null as never },
    });
    expect(changed).toMatchObject({ name: 'Mary Shelley', metadata: { a: '3' } });
    expect(Date.parse(changed.updatedAt)).toBeGreaterThan(Date.parse(user.updatedAt));
    await userManagement.deleteUser(user.id);
    expect(await refusal(userManagement.getUser(user.id))).toMatchObject({ status: 404 });
    expect(await namesSince(before)).toEqual(['user.created', 'user.updated', 'user.deleted']);
  });

  it('has an e-mail of its own', async () => {
    expect(await refusal(userManagement.createUser({ email: 'ada@acme.example' }))).toMatchObject({
      code: 'user_creation_error',
      errors: [{ code: 'email_not_available' }],
    });
  });

  it('who is deleted has no sessions and memberships', async () => {
    const user = await userManagement.createUser({ email: 'gone@acme.example' });
    await userManagement.createOrganizationMembership({ userId: user.id, organizationId: 'org_acme' });
    const { refreshToken } = await signIn(workos, user.id);
    const before = await lastEvent();
    await userManagement.deleteUser(user.id);
    expect(await namesSince(before)).toEqual([
      'session.revoked',
      'organization_membership.deleted',
      'user.deleted',
    ]);
    expect(
      await refusal(
        userManagement.authenticateWithRefreshToken({ refreshToken, clientId: 'client_stand_in' }),
      ),
    ).toMatchObject({ status: 400, error: 'invalid_grant' });
  });
});

describe('an organization', () => {
  it('is made once for one idempotency key, and not for the same key with another body', async () => {
    const make = (name: string) => organizations.createOrganization({ name }, { idempotencyKey: 'key-1' });
    const first = await make('Initech');
    await organizations.updateOrganization({ organization: first.id, name: 'Initech 2' });
    expect(await make('Initech')).toEqual(first);
    expect(await refusal(make('Other'))).toMatchObject({ status: 409 });
  });

  it('has domains, which are its own, are replaced as a list, and may be verified', async () => {
    const before = await lastEvent();
    const made = await organizations.createOrganization({
      name: 'Umbrella',
      externalId: 'umbrella',
      domainData: [
        { domain: 'Umbrella.example', state: 'verified' as never },
        { domain: 'old.example', state: 'pending' as never },
      ],
    });
    expect(made.domains).toMatchObject([
      { domain: 'umbrella.example', state: 'verified', verificationStrategy: 'manual' },
      { domain: 'old.example', state: 'pending', verificationToken: expect.any(String) },
    ]);
    expect(await organizations.getOrganizationByExternalId('umbrella')).toMatchObject({ id: made.id });
    expect((await organizations.listOrganizations({ domains: ['umbrella.example'] })).data).toMatchObject([
      { id: made.id },
    ]);
    const changed = await organizations.updateOrganization({
      organization: made.id,
      domainData: [{ domain: 'umbrella.example', state: 'verified' as never }],
    });
    expect(changed.domains).toHaveLength(1);
    const added = await organizationDomains.createOrganizationDomain({
      organizationId: made.id,
      domain: 'new.example',
    });
    expect(added.state).toBe('pending');
    expect(await organizationDomains.verifyOrganizationDomain(added.id)).toMatchObject({ state: 'verified' });
    await organizationDomains.deleteOrganizationDomain(added.id);
    expect(await refusal(organizationDomains.getOrganizationDomain(added.id))).toMatchObject({ status: 404 });
    expect(await namesSince(before)).toEqual([
      'organization.created',
      'organization_domain.created',
      'organization_domain.verified',
      'organization_domain.created',
      'organization_domain.deleted',
      'organization.updated',
      'organization_domain.created',
      'organization_domain.updated',
      'organization_domain.verified',
      'organization_domain.deleted',
    ]);
    const again = { name: 'Thief', domainData: [{ domain: 'umbrella.example', state: 'verified' as never }] };
    expect(await refusal(organizations.createOrganization(again))).toMatchObject({ status: 409 });
  });

  it('that is deleted takes its memberships with it', async () => {
    const { id } = await organizations.createOrganization({ name: 'Short' });
    await userManagement.createOrganizationMembership({ userId: 'user_linus', organizationId: id });
    const before = await lastEvent();
    await organizations.deleteOrganization(id);
    expect(await namesSince(before)).toEqual(['organization_membership.deleted', 'organization.deleted']);
    const { data } = await userManagement.listOrganizationMemberships({ userId: 'user_linus' });
    expect(data).toEqual([]);
  });
});

describe('a membership', () => {
  it('is made, given a role, deactivated and made active again', async () => {
    const made = await userManagement.createOrganizationMembership({
      userId: 'user_linus',
      organizationId: 'org_acme',
      roleSlug: 'editor',
    });
    expect(made).toMatchObject({
      organizationName: 'Acme',
      status: 'active',
      role: { slug: 'editor' },
      directoryManaged: false,
    });
    expect(await userManagement.updateOrganizationMembership(made.id, { roleSlug: 'admin' })).toMatchObject({
      role: { slug: 'admin' },
    });
    const { refreshToken } = await signIn(workos, 'user_linus');
    await userManagement.deactivateOrganizationMembership(made.id);
    expect(
      await refusal(
        userManagement.authenticateWithRefreshToken({ refreshToken, clientId: 'client_stand_in' }),
      ),
    ).toMatchObject({ status: 400, error: 'invalid_grant' });
    const list = async (statuses?: ('active' | 'inactive')[]) =>
      (
        await userManagement.listOrganizationMemberships({
          userId: 'user_linus',
          ...(statuses && { statuses }),
        })
      ).data.map(({ id }) => id);
    expect(await list()).toEqual([]);
    expect(await list(['active', 'inactive'])).toEqual([made.id]);
    expect((await signIn(workos, 'user_linus')).organizationId).toBeUndefined();
    expect(await refusal(signIn(workos, 'user_linus', { organizationId: 'org_acme' }))).toMatchObject({
      status: 403,
    });
    expect(await userManagement.reactivateOrganizationMembership(made.id)).toMatchObject({
      status: 'active',
    });
    expect(
      await refusal(
        userManagement.createOrganizationMembership({ userId: 'user_linus', organizationId: 'org_acme' }),
      ),
    ).toMatchObject({ status: 409 });
  });

  it('that was inactive becomes active when it is made again', async () => {
    const [row] = (await userManagement.listOrganizationMemberships({ userId: 'user_linus' })).data;
    await userManagement.deactivateOrganizationMembership(row?.id ?? '');
    expect(
      await userManagement.createOrganizationMembership({
        userId: 'user_linus',
        organizationId: 'org_acme',
        roleSlug: 'viewer',
      }),
    ).toMatchObject({ id: row?.id, status: 'active', role: { slug: 'viewer' } });
  });
});

it('pages a list both ways', async () => {
  const { data: all } = await userManagement.listUsers({ limit: 100 });
  const first = await userManagement.listUsers({ limit: 2 });
  expect(first.data).toEqual(all.slice(0, 2));
  expect(first.listMetadata).toEqual({ before: null, after: all[1]?.id });
  const second = await userManagement.listUsers({ limit: 1, after: all[1]?.id as string });
  expect(second.data).toEqual(all.slice(2, 3));
  const back = await userManagement.listUsers({ limit: 2, before: all[2]?.id as string });
  expect(back.data).toEqual(all.slice(0, 2));
  const oldest = await userManagement.listUsers({ limit: 1, order: 'asc' });
  expect(oldest.data).toMatchObject([{ id: 'user_ada' }]);
});
