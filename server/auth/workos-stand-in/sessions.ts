import { Router } from 'express';
import * as z from 'zod';
import { html } from '../../http/html.ts';
import { notFound } from './errors.ts';
import { sendPage } from './html.ts';
import { newId } from './ids.ts';
import { parse, queryOf, text } from './input.ts';
import { isLoopbackUri } from './loopback.ts';
import type { Session } from './state.ts';
import { born, change, now } from './timestamps.ts';
import type { SignIn, World } from './world.ts';

const sessionDays = 30;

export function sessionWire(row: Session): object {
  const { authentication_method, connection_id, public_client, ...session } = row;
  return session;
}

/** Begins a session, with the events of a sign-in. */
export function startSession(
  world: World,
  signIn: SignIn,
  more: {
    organizationId: string | undefined;
    publicClient: boolean;
    ip: string | undefined;
    userAgent: string | undefined;
  },
): Session {
  const times = born();
  const session: Session = {
    object: 'session',
    id: newId('session'),
    user_id: signIn.userId,
    ...(more.organizationId && { organization_id: more.organizationId }),
    ip_address: more.ip ?? null,
    user_agent: more.userAgent ?? null,
    ...(signIn.impersonator && { impersonator: signIn.impersonator }),
    auth_method: kindOf(signIn),
    status: 'active',
    expires_at: new Date(Date.parse(times.created_at) + sessionDays * 86_400_000).toISOString(),
    ended_at: null,
    authentication_method: signIn.method,
    ...(signIn.connectionId && { connection_id: signIn.connectionId }),
    public_client: more.publicClient,
    ...times,
  };
  world.state.sessions.set(session.id, session);
  emitSignIn(world, signIn, session);
  return session;
}

function kindOf(signIn: SignIn): Session['auth_method'] {
  if (signIn.impersonator) return 'impersonation';
  if (signIn.connectionId) return 'sso';
  return signIn.method === 'Password' ? 'password' : 'oauth';
}

function emitSignIn(world: World, signIn: SignIn, session: Session): void {
  const user = world.state.users.get(signIn.userId);
  const connection = world.state.connections.get(signIn.connectionId ?? '');
  // Support's visit is not the person's own sign-in.
  if (user && session.auth_method !== 'impersonation') {
    user.last_sign_in_at = now();
    world.emit(`authentication.${session.auth_method}_succeeded`, {
      email: user.email,
      ip_address: session.ip_address,
      status: 'succeeded',
      type: session.auth_method,
      user_agent: session.user_agent,
      user_id: user.id,
      ...(connection && {
        sso: {
          connection_id: connection.id,
          organization_id: connection.organization_id,
          session_id: session.id,
        },
      }),
    });
  }
  world.emit('session.created', sessionWire(session));
}

/** Ends the active sessions that match; their refresh tokens are forgotten. */
export function endSessions(world: World, matches: (session: Session) => boolean): number {
  const { sessions, refreshTokens } = world.state;
  const ended = new Set<string>();
  for (const session of sessions.values()) {
    if (session.status !== 'active' || !matches(session)) continue;
    change(session, { status: 'revoked', ended_at: now() });
    ended.add(session.id);
    world.emit('session.revoked', sessionWire(session));
  }
  if (ended.size > 0)
    for (const token of [...refreshTokens.values()])
      if (ended.has(token.session_id)) refreshTokens.delete(token.id);
  return ended.size;
}

/** The session is over by the clock: no event tells of it, as at WorkOS. */
export function expireSession(session: Session): boolean {
  if (session.status === 'active' && Date.parse(session.expires_at) <= Date.now())
    change(session, { status: 'expired', ended_at: session.expires_at });
  return session.status !== 'active';
}

export function sessionRoutes(world: World): Router {
  const router = Router();
  router.post('/user_management/sessions/revoke', (request, response) => {
    const { session_id } = parse(z.object({ session_id: text }), request.body);
    const session = world.state.sessions.get(session_id);
    if (!session) throw notFound('Session', session_id);
    endSessions(world, (one) => one === session);
    response.json(sessionWire(session));
  });
  return router;
}

/** Where a browser goes to sign out; it carries no API key. */
export function logoutRoutes(world: World): Router {
  const router = Router();
  router.get('/user_management/sessions/logout', (request, response) => {
    endSessions(world, (session) => session.id === queryOf(request, 'session_id'));
    const target = queryOf(request, 'return_to');
    if (target && mayReturnTo(world, target)) return void response.redirect(302, target);
    sendPage(response, 200, 'Signed out', html`<h1>You are signed out</h1>`);
  });
  return router;
}

function mayReturnTo(world: World, target: string): boolean {
  if (isLoopbackUri(target)) return true;
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) return false;
  const origins = (world.settings.redirectUris ?? []).map((uri) => new URL(uri).origin);
  return origins.includes(new URL(target).origin);
}
