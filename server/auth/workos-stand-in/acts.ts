import * as z from 'zod';
import { createConnection, deleteConnection, findConnection, setConnectionState } from './connections.ts';
import { createDirectory, deleteDirectory, findDirectory } from './directories.ts';
import {
  addToGroup,
  createGroup,
  deleteGroup,
  findGroup,
  removeFromGroup,
  renameGroup,
} from './directory-groups.ts';
import {
  createDirectoryUser,
  deleteDirectoryUser,
  findDirectoryUser,
  updateDirectoryUser,
} from './directory-users.ts';
import { verifyDomain } from './domains.ts';
import { notFound } from './errors.ts';
import { domain, email, parse, text } from './input.ts';
import { acceptInvitation, invitationByToken } from './invitations.ts';
import { addMember } from './memberships.ts';
import { createOrganization, findOrganization, requireSso } from './organizations.ts';
import { endSessions } from './sessions.ts';
import { createUser, findUser, userByEmail } from './users.ts';
import type { World } from './world.ts';

/** A switch: true or false from programs, on or off from forms. */
const flag = z
  .union([z.boolean(), z.enum(['on', 'off', 'true', 'false'])])
  .transform((value) => value === true || value === 'on' || value === 'true');

const directoryUserFields = z.object({
  email: email.nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  idp_id: text.optional(),
  state: z.enum(['active', 'inactive']).optional(),
  role: text.optional(),
  custom_attributes: z.record(z.string(), z.unknown()).optional(),
  raw_attributes: z.record(z.string(), z.unknown()).optional(),
});

/** What the customers' IT and identity providers do, and support: WorkOS's API has no calls for it. */
export type Acts = ReturnType<typeof createActs>;

/**
 * The acts, for tests to call. Each takes one object, gives a copy of what it made or changed, emits the events that
 * WorkOS would, and throws ApiError (422 for input that does not fit, 404 for what is not there).
 */
export function createActs(world: World) {
  const act =
    <S extends z.ZodType, R>(schema: S, run: (input: z.infer<S>) => R) =>
    (input: z.input<S>): R => {
      const result = structuredClone(run(parse(schema, input)));
      world.save();
      return result;
    };
  return {
    /** Makes an organization; its domain is a verified one. */
    createOrganization: act(
      z.object({ name: text, external_id: text.nullish(), domain: domain.nullish() }),
      ({ domain: name, ...input }) =>
        createOrganization(world, {
          ...input,
          domain_data: name ? [{ domain: name, state: 'verified' }] : [],
        }),
    ),
    verifyDomain: act(z.object({ domain_id: text }), ({ domain_id }) => {
      const row = world.state.domains.get(domain_id);
      if (!row) throw notFound('Organization domain', domain_id);
      verifyDomain(world, row);
      return row;
    }),
    /** Adds an active connection; with `require_sso` its people have to come through it. */
    addConnection: act(
      z.object({
        organization_id: text,
        name: text.default('Single sign-on'),
        connection_type: text.default('GenericOIDC'),
        require_sso: flag.optional(),
      }),
      ({ require_sso, ...input }) => {
        const organization = findOrganization(world, input.organization_id);
        if (require_sso !== undefined) requireSso(organization, require_sso);
        return createConnection(world, input);
      },
    ),
    setConnectionState: act(
      z.object({ connection_id: text, state: z.enum(['active', 'inactive']) }),
      ({ connection_id, state }) => {
        const row = findConnection(world, connection_id);
        setConnectionState(world, row, state);
        return row;
      },
    ),
    deleteConnection: act(z.object({ connection_id: text }), ({ connection_id }) =>
      deleteConnection(world, findConnection(world, connection_id)),
    ),
    requireSso: act(
      z.object({ organization_id: text, require_sso: flag }),
      ({ organization_id, require_sso }) => requireSso(findOrganization(world, organization_id), require_sso),
    ),
    /** Connects a directory. `provisioning` (default on): its people become users and members by themselves. */
    createDirectory: act(
      z.object({
        organization_id: text,
        name: text.default('Directory'),
        type: text.default('generic scim v2.0'),
        provisioning: flag.default(true),
      }),
      (input) => {
        findOrganization(world, input.organization_id);
        return createDirectory(world, input);
      },
    ),
    deleteDirectory: act(z.object({ directory_id: text }), ({ directory_id }) =>
      deleteDirectory(world, findDirectory(world, directory_id)),
    ),
    createDirectoryUser: act(
      directoryUserFields.extend({ directory_id: text }),
      ({ directory_id, ...fields }) => createDirectoryUser(world, findDirectory(world, directory_id), fields),
    ),
    updateDirectoryUser: act(
      directoryUserFields.extend({ directory_user_id: text }),
      ({ directory_user_id, ...fields }) => {
        const row = findDirectoryUser(world, directory_user_id);
        updateDirectoryUser(world, row, fields);
        return row;
      },
    ),
    deleteDirectoryUser: act(z.object({ directory_user_id: text }), ({ directory_user_id }) =>
      deleteDirectoryUser(world, findDirectoryUser(world, directory_user_id)),
    ),
    createGroup: act(
      z.object({ directory_id: text, name: text, idp_id: text.optional() }),
      ({ directory_id, ...input }) => createGroup(world, findDirectory(world, directory_id), input),
    ),
    renameGroup: act(z.object({ group_id: text, name: text }), ({ group_id, name }) => {
      const row = findGroup(world, group_id);
      renameGroup(world, row, name);
      return row;
    }),
    deleteGroup: act(z.object({ group_id: text }), ({ group_id }) =>
      deleteGroup(world, findGroup(world, group_id)),
    ),
    addToGroup: act(
      z.object({ group_id: text, directory_user_id: text }),
      ({ group_id, directory_user_id }) =>
        addToGroup(world, findGroup(world, group_id), findDirectoryUser(world, directory_user_id)),
    ),
    removeFromGroup: act(
      z.object({ group_id: text, directory_user_id: text }),
      ({ group_id, directory_user_id }) =>
        removeFromGroup(world, findGroup(world, group_id), findDirectoryUser(world, directory_user_id)),
    ),
    /** Makes a user, whose e-mail is verified. */
    createUser: act(
      z.object({ email, first_name: z.string().nullish(), last_name: z.string().nullish() }),
      (input) => createUser(world, { ...input, email_verified: true }),
    ),
    createMembership: act(z.object({ user_id: text, organization_id: text, role: text.nullish() }), (input) =>
      addMember(world, input),
    ),
    /** Accepts an invitation as the person whom it was sent to, who becomes a user. */
    acceptInvitation: act(z.object({ token: text }), ({ token }) => {
      const row = invitationByToken(world, token);
      if (!row) throw notFound('Invitation', token);
      const user = userByEmail(world, row.email);
      acceptInvitation(world, row, user ?? createUser(world, { email: row.email, email_verified: true }));
      return row;
    }),
    /** Ends all sessions of a user; gives how many there were. */
    revokeSessions: act(z.object({ user_id: text }), ({ user_id }) => {
      const user = findUser(world, user_id);
      return endSessions(world, (session) => session.user_id === user.id);
    }),
  };
}
