import { WorkOS } from '@workos-inc/node';
import { decodeJwt } from 'jose';
import { afterAll } from 'vitest';
import {
  type StandIn,
  type StandInOptions,
  startStandIn,
} from '../../../../server/auth/workos-stand-in/stand-in.ts';

export const apiKey = 'sk_test_stand_in';
export const clientId = 'client_stand_in';
/** Nobody listens there: tests read the redirect, and do not follow it. */
export const redirectUri = 'http://127.0.0.1:9/callback';

/** The real SDK, as a product would make it, but for this machine. */
export function sdkOf(standIn: StandIn, more: { apiKey?: string } = { apiKey }): WorkOS {
  const { hostname, port } = new URL(standIn.url);
  return new WorkOS({
    ...more,
    clientId,
    apiHostname: hostname,
    port: Number(port),
    https: false,
    maxRetries: 0,
  });
}

/** A stand-in for one test file, and the SDK that speaks to it. */
export async function start(
  options: Partial<StandInOptions> = {},
): Promise<{ standIn: StandIn; workos: WorkOS }> {
  const standIn = await startStandIn({ apiKey, clientId, ...options });
  afterAll(() => standIn.close());
  return { standIn, workos: sdkOf(standIn) };
}

/** Ada belongs to Acme, Grace to Acme and Globex, and Linus to nobody. */
export const people = {
  organizations: [
    { id: 'org_acme', name: 'Acme', external_id: 'acme', domains: ['acme.example'] },
    { id: 'org_globex', name: 'Globex', domains: ['globex.example'] },
  ],
  users: [
    { id: 'user_ada', email: 'ada@acme.example', first_name: 'Ada', last_name: 'Lovelace' },
    { id: 'user_grace', email: 'grace@acme.example', first_name: 'Grace', last_name: 'Hopper' },
    { id: 'user_linus', email: 'linus@home.example', first_name: 'Linus', last_name: 'Torvalds' },
  ],
  memberships: [
    { id: 'om_ada', user_id: 'user_ada', organization_id: 'org_acme', role: 'admin' },
    { id: 'om_grace', user_id: 'user_grace', organization_id: 'org_acme' },
    { id: 'om_grace_globex', user_id: 'user_grace', organization_id: 'org_globex' },
  ],
};

/** What the picker offers a program, for an authorize URL. */
export async function offered(
  url: string,
): Promise<{ accounts: { id: string; email: string; name: string | null }[]; pick: string }> {
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Awaited<ReturnType<typeof offered>>;
}

/** Picks an account, and gives the code that the product is sent. */
export async function pick(url: string, form: Record<string, string>): Promise<string> {
  const { pick } = await offered(url);
  const answer = await fetch(pick, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  const location = answer.headers.get('location');
  if (!location) throw new Error(`${answer.status} ${await answer.text()}`);
  return new URL(location).searchParams.get('code') ?? '';
}

/** The code for a user, by AuthKit unless the options say otherwise. */
export function codeFor(
  workos: WorkOS,
  userId: string,
  options: Partial<Parameters<WorkOS['userManagement']['getAuthorizationUrl']>[0]> = { provider: 'authkit' },
): Promise<string> {
  const url = workos.userManagement.getAuthorizationUrl({ redirectUri, ...options } as Parameters<
    WorkOS['userManagement']['getAuthorizationUrl']
  >[0]);
  return pick(url, { user_id: userId });
}

/** Signs in and gives what /authenticate gives. */
export async function signIn(
  workos: WorkOS,
  userId: string,
  options?: Parameters<typeof codeFor>[2],
): Promise<Awaited<ReturnType<WorkOS['userManagement']['authenticateWithCode']>>> {
  const code = await codeFor(workos, userId, options);
  return workos.userManagement.authenticateWithCode({ code, clientId });
}

export const claimsOf = (token: string): Record<string, unknown> => decodeJwt(token);

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error('it was not refused');
}

/** The events of the list, newest last. */
export async function eventsOf(
  workos: WorkOS,
  options: Partial<Parameters<WorkOS['events']['listEvents']>[0]> = {},
): Promise<{ id: string; event: string; data: Record<string, unknown>; createdAt: string }[]> {
  const { data } = await workos.events.listEvents({ events: [], limit: 100, ...options });
  return data as unknown as Awaited<ReturnType<typeof eventsOf>>;
}
