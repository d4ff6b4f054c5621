import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Keyring } from '../../../runtime/sealing.ts';

/** A sign-in under way: what is remembered between the identity provider and here. */
export interface PendingLogin {
  /** Given back by the provider. Only the browser that began can have it in its cookie. */
  readonly state: string;
  /** Proves to the provider that who ends the sign-in began it (RFC 7636). */
  readonly verifier: string;
  /** Where the browser goes when signed in. */
  readonly returnTo: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** The person has to choose an organization: what the provider then wants to have back. */
  readonly choice?: string | undefined;
}

const pendingLogins = z.array(
  z.object({
    state: z.string(),
    verifier: z.string(),
    returnTo: z.string(),
    at: z.number(),
    choice: z.string().optional(),
  }),
);

/** For as long as somebody may take at the identity provider. */
export const PENDING_SECONDS = 600;

/** Of one browser. A cookie holds 4 kB, and each takes up to 900 bytes; the oldest goes first. */
const MOST = 3;

/**
 * The sign-ins that a browser has under way, sealed in a cookie of its own: several tabs can sign in at once, the server keeps nothing, and a state
 * that another browser was given is worth nothing here.
 */
export class PendingLogins {
  readonly #keyring: Keyring;
  #logins: PendingLogin[];

  /** @param cookie the browser's; what cannot be opened, or is too old, counts as none */
  constructor(keyring: Keyring, cookie: string | undefined) {
    this.#keyring = keyring;
    const oldest = Date.now() - PENDING_SECONDS * 1_000;
    this.#logins = open(keyring, cookie).filter(({ at }) => at > oldest);
  }

  /** Begins one. `challenge` is for the provider. */
  begin(returnTo: string): { state: string; challenge: string } {
    const state = randomBytes(32).toString('base64url');
    const verifier = randomBytes(32).toString('base64url');
    this.#add({ state, verifier, returnTo, at: Date.now() });
    return { state, challenge: hash('sha256', verifier, 'base64url') };
  }

  /** Takes one out by the state that came back; undefined when this browser has none such. */
  take(state: string): PendingLogin | undefined {
    const found = this.#logins.find((login) => login.state === state);
    this.#logins = this.#logins.filter((login) => login !== found);
    return found;
  }

  /** Puts one back, that waits for a choice. */
  hold(login: PendingLogin, choice: string): void {
    this.#add({ ...login, choice });
  }

  /** What the cookie has to be; undefined when there is nothing to remember. */
  get cookie(): string | undefined {
    if (this.#logins.length === 0) return undefined;
    return this.#keyring.seal(Buffer.from(JSON.stringify(this.#logins)));
  }

  #add(login: PendingLogin): void {
    this.#logins = [...this.#logins, login].slice(-MOST);
  }
}

function open(keyring: Keyring, cookie: string | undefined): PendingLogin[] {
  if (!cookie) return [];
  try {
    return pendingLogins.parse(JSON.parse(keyring.open(cookie).toString('utf8')));
  } catch {
    return [];
  }
}
