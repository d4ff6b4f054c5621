import type { CookieOptions, Request, Response } from 'express';
import { isSessionToken, readCookie, sessionCookie } from '../credential.ts';
import { PENDING_SECONDS } from './pending.ts';

/** The two cookies of a browser: its session, and the sign-ins that it has under way. */
export interface Cookies {
  /** Undefined, too, for what was never one. */
  session(request: Request): string | undefined;
  pending(request: Request): string | undefined;
  setSession(response: Response, cookie: string, expiresAt: Date): void;
  setPending(response: Response, cookie: string | undefined): void;
  clearSession(response: Response): void;
}

/** @param production with the prefix __Host-: only over TLS, only for this host, and no sibling host can plant one (RFC 6265bis, section 4.1.3.2) */
export function createCookies(production: boolean): Cookies {
  const names = {
    session: sessionCookie(production),
    pending: `${production ? '__Host-' : ''}freehold_login`,
  };
  const options: CookieOptions = { httpOnly: true, secure: production, sameSite: 'lax', path: '/' };
  return {
    session({ headers }) {
      const cookie = readCookie(headers, names.session);
      return cookie && isSessionToken(cookie) ? cookie : undefined;
    },
    pending: ({ headers }) => readCookie(headers, names.pending),
    setSession: (response, cookie, expires) =>
      response.cookie(names.session, cookie, { ...options, expires }),
    setPending(response, cookie) {
      if (cookie) response.cookie(names.pending, cookie, { ...options, maxAge: PENDING_SECONDS * 1_000 });
      else response.clearCookie(names.pending, options);
    },
    clearSession: (response) => response.clearCookie(names.session, options),
  };
}
