import 'postgraphile/graphile-build-pg';
import type { PgClient, WithPgClient } from '@dataplan/pg';
import { context, type ExecutableStep, type FieldArgs, SafeError, sideEffect } from 'grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import { IdentityRefusedError, IdentityUnavailableError } from '../../runtime/identity-provider.ts';
import type { OwnOrganization, SetUpOrganization } from '../auth/organization.ts';

interface Input {
  domain?: string | null;
  owner?: string | null;
}

const domainName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** What the vocabulary says of an SQLSTATE, with our own words. */
class RefusedHere extends SafeError {
  readonly sqlstate: string;

  constructor(sqlstate: string, message: string) {
    super(message);
    this.sqlstate = sqlstate;
  }
}

/**
 * `setUpOrganization`: what npm run tenant:onboard does, for owners of a tenant that exists. The database says who may, as for everything else; the identity
 * provider is asked between two of its transactions, and not within one.
 */
export function organizationPlugin(setUp: SetUpOrganization | undefined): GraphileConfig.Plugin {
  const run = async (withPgClient: WithPgClient, { domain, owner }: Input): Promise<OwnOrganization> => {
    if (domain && !domainName.test(domain))
      throw new RefusedHere('ZF010', 'domain must be one such as acme.com.');
    const tenant = await withPgClient(null, ownTenant);
    if (!setUp) throw new RefusedHere('ZF016', 'This installation has no identity provider.');
    const made = await setUp(tenant, domain ?? undefined).catch(told);
    // After the link: the news of an invitation has to find who sends it.
    if (owner) await withPgClient(null, (client) => inviteOwner(client, owner));
    return made;
  };
  return extendSchema({
    typeDefs: gql`
      extend type Mutation {
        """
        Makes the organization of the tenant at the identity provider, unless it has one, and gives the pages on which your administrator sets up single sign-on, the directory and
        the rest. May be called again, for new pages. Permission: tenant:update. Errors: ZF003, ZF010, ZF016.
        """
        setUpOrganization(
          """What to set up."""
          input: SetUpOrganizationInput!
        ): SetUpOrganizationPayload
      }

      """What to set up."""
      input SetUpOrganizationInput {
        """A domain of yours, such as acme.com, which waits to be verified."""
        domain: String

        """An address to invite as an owner, besides you."""
        owner: String
      }

      """The organization of the tenant at the identity provider."""
      type SetUpOrganizationPayload {
        """What the identity provider calls it: what a sign-in can be sent to."""
        organization: String!

        """The pages for your administrator."""
        pages: [SetUpPage!]!
      }

      """A page of the identity provider, good for five minutes."""
      type SetUpPage {
        """What is set up there."""
        intent: SetUpIntent!

        """Where it is."""
        url: String!
      }

      """What an administrator sets up."""
      enum SetUpIntent {
        """Single sign-on with their identity provider."""
        sso

        """Their directory, by which people come and go."""
        dsync

        """That a domain is theirs."""
        domain_verification

        """Where they look at their audit log."""
        audit_logs

        """Where their audit log is sent."""
        log_streams
      }
    `,
    objects: {
      Mutation: {
        plans: {
          setUpOrganization(_$root: ExecutableStep, args: FieldArgs) {
            const $withPgClient = context().get('withPgClient') as ExecutableStep<WithPgClient>;
            return sideEffect([$withPgClient, args.getRaw('input')], ([withPgClient, input]) =>
              run(withPgClient as WithPgClient, input as Input),
            );
          },
        },
      },
    },
  });
}

async function ownTenant(client: PgClient): Promise<{ id: string; name: string }> {
  await client.query({ text: `select platform.require('tenant:update')` });
  const { rows } = await client.query<{ id: string; name: string }>({
    text: 'select id, name from app.tenant',
  });
  return rows[0] as { id: string; name: string };
}

async function inviteOwner(client: PgClient, email: string): Promise<void> {
  await client.query({
    text: 'select platform.invite_owner($1)',
    values: [email],
  });
}

function told(error: unknown): never {
  if (error instanceof IdentityUnavailableError)
    throw new RefusedHere('ZF016', 'The identity provider does not answer.');
  if (error instanceof IdentityRefusedError)
    throw new RefusedHere('ZF010', `The identity provider refused it: ${error.message}`);
  throw error;
}
