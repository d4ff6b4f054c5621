import type { Pool } from 'pg';
import { type PortalIntent, portalIntents, type Workos } from '../../runtime/identity-provider.ts';
import { askGate } from './resolve.ts';

/** An organization at the identity provider, and the pages on which its administrator sets it up, each good for five minutes. */
export interface OwnOrganization {
  organization: string;
  pages: { intent: PortalIntent; url: string }[];
}

/** Makes the organization of a tenant whose owner asks for it, unless it has one. @throws IdentityRefusedError, IdentityUnavailableError; what the database refuses */
export type SetUpOrganization = (
  tenant: { id: string; name: string },
  domain: string | undefined,
) => Promise<OwnOrganization>;

export function createSetUpOrganization(workos: Workos, gate: Pool, publicUrl: string): SetUpOrganization {
  return async (tenant, domain) => {
    const organization = await workos.ensureOrganization({ ...tenant, domain });
    await askGate(gate, {
      text: 'select identity.link_own_organization($1, $2, $3)',
      values: [tenant.id, workos.issuer, organization],
    });
    const pages = await Promise.all(
      portalIntents.map(async (intent) => ({
        intent,
        url: await workos.portalLink(organization, intent, `${publicUrl}/auth`),
      })),
    );
    return { organization, pages };
  };
}
