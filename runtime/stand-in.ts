import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { developmentIssuer, type SeededTenant } from '../db/seed.ts';
import type { Config } from './config.ts';
import { Failure } from './failure.ts';

/** Where and as what the stand-in for WorkOS runs under npm start. */
export interface StandInPlan {
  /** For its process. */
  environment: Record<string, string>;
  /** For the server and the worker, which know it as WorkOS. */
  clients: Record<string, string>;
  url: string;
}

export function planStandIn(config: Config): StandInPlan {
  const url = `http://127.0.0.1:${config.workosStandInPort}`;
  // Only this machine's processes talk with it.
  const secret = randomBytes(24).toString('base64url');
  const common = {
    WORKOS_API_KEY: 'sk_test_stand_in',
    WORKOS_CLIENT_ID: 'client_stand_in',
    WORKOS_ISSUER: developmentIssuer,
  };
  return {
    url,
    environment: {
      ...common,
      WORKOS_STAND_IN_PORT: String(config.workosStandInPort),
      WORKOS_STAND_IN_FILE: join(config.stateDirectory, 'workos.json'),
      WORKOS_WEBHOOK_URL: `${addressOf(config.http.host, config.http.port)}/webhooks/workos`,
      WORKOS_WEBHOOK_SECRET: secret,
    },
    clients: { ...common, WORKOS_API_URL: url, WORKOS_WEBHOOK_SECRET: secret },
  };
}

/** Tells the stand-in of the people and organizations of the development data. @throws Failure */
export async function seedStandIn({ url }: StandInPlan, tenants: readonly SeededTenant[]): Promise<void> {
  const people = new Map(tenants.flatMap(({ members }) => members).map((member) => [member.subject, member]));
  const response = await fetch(`${url}/stand-in/seed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      organizations: tenants.map(({ id, name, slug, organization }) => ({
        id: organization,
        name,
        external_id: id,
        domains: [`${slug}.example`],
      })),
      users: [...people.values()].map(({ subject, email, name }) => ({
        id: subject,
        email,
        first_name: name,
        last_name: null,
      })),
      memberships: tenants.flatMap(({ slug, organization, members }) =>
        members.map(({ subject, role }) => ({
          id: `om_${slug}_${subject}`,
          user_id: subject,
          organization_id: organization,
          role,
        })),
      ),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok)
    throw new Failure(
      'stand_in_not_seeded',
      `The stand-in for WorkOS answered ${response.status} to its development data.`,
      'Delete .freehold/workos.json, and start again.',
    );
}

/** Where to ask a server that listens on `host`. */
export function addressOf(host: string, port: number): string {
  const name =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
