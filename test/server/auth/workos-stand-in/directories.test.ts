import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, people, pick, redirectUri, refusal, signIn, start } from './support.ts';

const { standIn, workos } = await start();
const { directory: idp } = standIn;
const { directorySync, userManagement } = workos;
beforeAll(() => standIn.seed(people));

const lastEvent = async () => (await eventsOf(workos, { order: 'desc', limit: 1 }))[0]?.id as string;
/** What was emitted by an act. */
async function emittedBy<T>(
  act: () => T,
): Promise<{ made: T; names: string[]; data: Record<string, unknown>[] }> {
  const before = await lastEvent();
  const made = act();
  const events = await eventsOf(workos, before ? { after: before } : {});
  return { made, names: events.map(({ event }) => event), data: events.map(({ data }) => data) };
}
const membershipsOf = async (email: string) => {
  const [user] = (await userManagement.listUsers({ email })).data;
  if (!user) return [];
  const { data } = await userManagement.listOrganizationMemberships({
    userId: user.id,
    statuses: ['active', 'inactive'],
  });
  return data.map(({ status, directoryManaged, role }) => ({ status, directoryManaged, role: role.slug }));
};

describe('a directory that makes members', () => {
  const created = () => idp.createDirectory({ organization_id: 'org_acme', name: 'Acme Okta' });
  let directory: Awaited<ReturnType<typeof created>>;

  it('is active, and found by the API', async () => {
    const { made, names, data } = await emittedBy(created);
    directory = made;
    expect(names).toEqual(['dsync.activated']);
    expect(data).toMatchObject([
      { id: made.id, state: 'active', organizationId: 'org_acme', domains: [{ domain: 'acme.example' }] },
    ]);
    expect(await directorySync.getDirectory(made.id)).toMatchObject({
      name: 'Acme Okta',
      state: 'active',
      organizationId: 'org_acme',
    });
    expect((await directorySync.listDirectories({ organizationId: 'org_acme' })).data).toHaveLength(1);
  });

  it('makes a user and an active membership of a person of a verified domain', async () => {
    const { names } = await emittedBy(() =>
      idp.createDirectoryUser({
        directory_id: directory.id,
        email: 'Rosa@acme.example',
        first_name: 'Rosa',
        role: 'editor',
      }),
    );
    expect(names).toEqual(['dsync.user.created', 'user.created', 'organization_membership.created']);
    expect(await membershipsOf('rosa@acme.example')).toEqual([
      { status: 'active', directoryManaged: true, role: 'editor' },
    ]);
  });

  it('makes nothing of a person of another domain', async () => {
    const { names } = await emittedBy(() =>
      idp.createDirectoryUser({ directory_id: directory.id, email: 'guest@other.example' }),
    );
    expect(names).toEqual(['dsync.user.created']);
    expect(await membershipsOf('guest@other.example')).toEqual([]);
  });

  it('takes over the membership of a member', async () => {
    const { names } = await emittedBy(() =>
      idp.createDirectoryUser({ directory_id: directory.id, email: 'ada@acme.example' }),
    );
    expect(names).toEqual(['dsync.user.created', 'organization_membership.updated']);
    expect(await membershipsOf('ada@acme.example')).toEqual([
      { status: 'active', directoryManaged: true, role: 'admin' },
    ]);
  });

  it('tells what a change changed, and nothing of a change of nothing', async () => {
    const [person] = (await directorySync.listUsers({ directory: directory.id, order: 'asc' })).data;
    const directory_user_id = person?.id as string;
    const { names, data } = await emittedBy(() =>
      idp.updateDirectoryUser({ directory_user_id, last_name: 'Parks', first_name: 'Rosa' }),
    );
    expect(names).toEqual(['dsync.user.updated']);
    expect(data).toMatchObject([{ lastName: 'Parks', previousAttributes: { last_name: null } }]);
    expect(Object.keys(data[0]?.previousAttributes as object)).toEqual(['last_name']);
    expect(
      (await emittedBy(() => idp.updateDirectoryUser({ directory_user_id, last_name: 'Parks' }))).names,
    ).toEqual([]);
  });

  it('takes the access of who is deactivated, and gives it back', async () => {
    const signedIn = await signIn(workos, 'user_ada');
    const people = (await directorySync.listUsers({ directory: directory.id })).data;
    const directory_user_id = people.find(({ email }) => email === 'ada@acme.example')?.id as string;
    expect(
      (await emittedBy(() => idp.updateDirectoryUser({ directory_user_id, state: 'inactive' }))).names,
    ).toEqual(['dsync.user.updated', 'organization_membership.updated']);
    expect(await membershipsOf('ada@acme.example')).toMatchObject([{ status: 'inactive' }]);
    const refresh = () =>
      userManagement.authenticateWithRefreshToken({
        refreshToken: signedIn.refreshToken,
        clientId: 'client_stand_in',
      });
    expect(await refusal(refresh())).toMatchObject({ status: 400, error: 'invalid_grant' });
    idp.updateDirectoryUser({ directory_user_id, state: 'active' });
    expect(await membershipsOf('ada@acme.example')).toMatchObject([{ status: 'active' }]);
    expect(await refresh()).toMatchObject({ organizationId: 'org_acme' });
    expect((await emittedBy(() => idp.deleteDirectoryUser({ directory_user_id }))).names).toEqual([
      'dsync.user.deleted',
      'organization_membership.updated',
    ]);
    expect(await refusal(directorySync.getUser(directory_user_id))).toMatchObject({ status: 404 });
  });

  it('has groups, whose people come and go', async () => {
    const [person] = (await directorySync.listUsers({ directory: directory.id, order: 'asc' })).data;
    const directory_user_id = person?.id as string;
    const { made: group, names } = await emittedBy(() => {
      const made = idp.createGroup({ directory_id: directory.id, name: 'Engineers' });
      idp.addToGroup({ group_id: made.id, directory_user_id });
      idp.renameGroup({ group_id: made.id, name: 'Engineering' });
      return made;
    });
    expect(names).toEqual(['dsync.group.created', 'dsync.group.user_added', 'dsync.group.updated']);
    expect(await directorySync.getUser(directory_user_id)).toMatchObject({
      groups: [],
    });
    expect((await directorySync.listUsers({ group: group.id })).data).toMatchObject([
      { id: directory_user_id },
    ]);
    expect((await directorySync.listGroups({ user: directory_user_id } as never)).data).toMatchObject([
      { id: group.id, name: 'Engineering' },
    ]);
    const removed = await emittedBy(() => idp.removeFromGroup({ group_id: group.id, directory_user_id }));
    expect(removed.names).toEqual(['dsync.group.user_removed']);
    expect(removed.data).toMatchObject([
      { directoryId: directory.id, user: { id: directory_user_id }, group: { id: group.id } },
    ]);
    idp.addToGroup({ group_id: group.id, directory_user_id });
    expect((await emittedBy(() => idp.deleteGroup({ group_id: group.id }))).names).toEqual([
      'dsync.group.deleted',
    ]);
    expect(await refusal(directorySync.getGroup(group.id))).toMatchObject({ status: 404 });
  });

  it('that is deleted is one event, and its members become inactive', async () => {
    const before = await lastEvent();
    await directorySync.deleteDirectory(directory.id);
    const events = await eventsOf(workos, { after: before });
    expect(events.map(({ event }) => event)).toEqual(['dsync.deleted', 'organization_membership.updated']);
    expect(events[0]?.data).toMatchObject({ id: directory.id, state: 'deleting' });
    expect(await membershipsOf('rosa@acme.example')).toMatchObject([{ status: 'inactive' }]);
    expect((await directorySync.listUsers({ directory: directory.id })).data).toEqual([]);
  });
});

it('a directory that makes no members tells of its people, and no more', async () => {
  const { names } = await emittedBy(() => {
    const { id } = idp.createDirectory({ organization_id: 'org_acme', provisioning: false });
    const person = idp.createDirectoryUser({ directory_id: id, email: 'solo@acme.example' });
    idp.updateDirectoryUser({ directory_user_id: person.id, state: 'inactive' });
    idp.deleteDirectory({ directory_id: id });
  });
  expect(names).toEqual(['dsync.activated', 'dsync.user.created', 'dsync.user.updated', 'dsync.deleted']);
  expect(await membershipsOf('solo@acme.example')).toEqual([]);
});

describe('single sign-on', () => {
  let connection: ReturnType<typeof idp.addConnection>;

  it('is through a connection of the organization, and wanted when the organization requires it', async () => {
    const { made, names } = await emittedBy(() =>
      idp.addConnection({ organization_id: 'org_globex', name: 'Globex Okta', connection_type: 'OktaSAML' }),
    );
    connection = made;
    expect(names).toEqual(['connection.activated']);
    expect(await workos.sso.getConnection(made.id)).toMatchObject({
      type: 'OktaSAML',
      state: 'active',
      organizationId: 'org_globex',
      domains: [{ domain: 'globex.example' }],
    });
    expect((await workos.sso.listConnections({ organizationId: 'org_globex' })).data).toHaveLength(1);
    const globex = { provider: 'GoogleOAuth', organizationId: 'org_globex' };
    expect(await signIn(workos, 'user_grace', globex)).toMatchObject({ authenticationMethod: 'GoogleOAuth' });
    idp.requireSso({ organization_id: 'org_globex', require_sso: true });
    expect(await refusal(signIn(workos, 'user_grace', globex))).toMatchObject({
      status: 403,
      code: 'sso_required',
      rawData: { error: 'sso_required', connection_ids: [made.id], email: 'grace@acme.example' },
    });
    for (const options of [
      { connectionId: made.id },
      { organizationId: 'org_globex' },
      { provider: 'authkit', organizationId: 'org_globex' },
    ])
      expect(await signIn(workos, 'user_grace', options)).toMatchObject({
        authenticationMethod: 'SSO',
        organizationId: 'org_globex',
      });
    const { data } = await userManagement.listSessions('user_grace', { limit: 1 });
    expect(data).toMatchObject([{ authMethod: 'sso', organizationId: 'org_globex' }]);
  });

  it('makes a member of who comes through the connection for the first time', async () => {
    const url = userManagement.getAuthorizationUrl({ connectionId: connection.id, redirectUri });
    const code = await pick(url, { email: 'first@globex.example', name: 'First Timer' });
    expect(await userManagement.authenticateWithCode({ code, clientId: 'client_stand_in' })).toMatchObject({
      organizationId: 'org_globex',
      authenticationMethod: 'SSO',
    });
    expect(await membershipsOf('first@globex.example')).toMatchObject([{ status: 'active' }]);
  });

  it('is wanted of who switches into the organization from elsewhere', async () => {
    const { refreshToken } = await signIn(workos, 'user_grace', {
      provider: 'authkit',
      organizationId: 'org_acme',
    });
    const refresh = (organizationId: string) =>
      userManagement.authenticateWithRefreshToken({
        refreshToken,
        organizationId,
        clientId: 'client_stand_in',
      });
    expect(await refusal(refresh('org_globex'))).toMatchObject({ status: 403, code: 'sso_required' });
    expect(await refresh('org_acme')).toMatchObject({ organizationId: 'org_acme' });
  });

  it('is no longer wanted without a connection', async () => {
    const { names } = await emittedBy(() =>
      idp.setConnectionState({ connection_id: connection.id, state: 'inactive' }),
    );
    expect(names).toEqual(['connection.deactivated']);
    expect(
      await signIn(workos, 'user_grace', { provider: 'authkit', organizationId: 'org_globex' }),
    ).toMatchObject({ authenticationMethod: 'Password' });
    const before = await lastEvent();
    await workos.sso.deleteConnection(connection.id);
    expect((await eventsOf(workos, { after: before })).map(({ event }) => event)).toEqual([
      'connection.deleted',
    ]);
  });
});
