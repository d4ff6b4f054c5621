import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Authentication, Tokens, Workos } from '../../../runtime/identity-provider.ts';
import { IdentityRefusedError, IdentityUnavailableError } from '../../../runtime/identity-provider.ts';
import type { Logger } from '../../../runtime/log.ts';
import { type Keyring, SealError } from '../../../runtime/sealing.ts';
import { sha256 } from '../credential.ts';
import { RefusedError } from '../refused.ts';
import type { RequestFacts } from '../resolve.ts';
import type { Sessions } from './sessions.ts';

/** What came of asking the provider about a session: it holds; it has ended; somebody else is asking; nobody knows. */
export type Refreshed = 'kept' | 'ended' | 'busy' | 'unknown';

/** A session in another tenant, under another cookie. */
export interface Switched {
  cookie: string;
  expiresAt: Date;
}

/** The tokens of the identity provider behind the sessions: sealed in their rows, used by one request at a time. */
export interface SessionTokens {
  /** A new secret for a cookie: 32 random bytes. */
  newCookie(): { cookie: string; hash: Buffer };
  seal(tokens: Tokens): string;
  /** Asks the provider whether a session still holds, when that is due; one that it has ended is ended here. Rejects only when the database fails. */
  refresh(hash: Buffer, client: RequestFacts): Promise<Refreshed>;
  /**
   * Takes a session over to another organization of its person.
   * @throws RefusedError ZF001 when the session has ended, ZF011 or ZF017 when the person may not go there, ZF016 when the provider cannot be asked;
   * IdentityRefusedError when the provider wants the person to sign in to it (sso_required, mfa_enrollment)
   */
  switchTo(hash: Buffer, organization: string, client: RequestFacts): Promise<Switched>;
}

export interface SessionTokensOptions {
  sessions: Sessions;
  workos: Workos;
  keyring: Keyring;
  log: Logger;
}

/** For another request that holds the tokens: longer than it takes, unless the provider hangs. */
const WAIT_MS = 5_000;

export function createSessionTokens({ sessions, workos, keyring, log }: SessionTokensOptions): SessionTokens {
  const seal = (tokens: Tokens) => keyring.seal(Buffer.from(JSON.stringify(tokens)));
  const open = (sealed: string) => JSON.parse(keyring.open(sealed).toString('utf8')) as Tokens;

  /** @throws IdentityRefusedError, IdentityUnavailableError; SealError when the key that sealed is gone */
  const ask = (
    sealed: string,
    organization: string | undefined,
    { ip, userAgent }: RequestFacts,
  ): Promise<Authentication> =>
    workos.refresh(open(sealed).refresh, organization, { ipAddress: ip, userAgent });

  /** The provider has ended it, or nobody can ask any more: the refresh token is lost. */
  const isOver = (error: unknown): boolean =>
    error instanceof SealError || (error instanceof IdentityRefusedError && error.code === 'invalid_grant');

  const end = async (hash: Buffer, error: unknown, client: RequestFacts): Promise<void> => {
    log.info({ reason: (error as Error).message }, 'a session was ended by its identity provider');
    await sessions.end(hash, 'refused_by_provider', client);
  };

  const claimed = async (hash: Buffer, organization: string, client: RequestFacts): Promise<string> => {
    for (const limit = Date.now() + WAIT_MS; ; await pause(50)) {
      const sealed = await sessions.claim(hash, client, organization);
      if (sealed) return sealed;
      await sessions.describe(hash);
      if (Date.now() > limit)
        throw new RefusedError('55P03', { cause: new Error('another request refreshes the session') });
    }
  };

  return {
    seal,
    newCookie() {
      const cookie = randomBytes(32).toString('base64url');
      return { cookie, hash: sha256(cookie) };
    },
    async refresh(hash, client) {
      const former = await sessions.claim(hash, client);
      if (!former) return 'busy';
      try {
        const fresh = await ask(former, undefined, client);
        return (await sessions.keep(hash, former, seal(fresh.tokens), fresh.expiresAt)) ? 'kept' : 'busy';
      } catch (error) {
        if (isOver(error)) {
          await end(hash, error, client);
          return 'ended';
        }
        if (!(error instanceof IdentityUnavailableError || error instanceof IdentityRefusedError))
          throw error;
        log.error({ err: error }, 'the identity provider could not be asked about a session');
        return 'unknown';
      }
    },
    async switchTo(hash, organization, client) {
      const former = await claimed(hash, organization, client);
      let fresh: Authentication;
      try {
        fresh = await ask(former, organization, client);
      } catch (error) {
        if (isOver(error)) {
          await end(hash, error, client);
          throw new RefusedError('ZF001', { cause: error });
        }
        // Nothing was given out: the next one may ask at once.
        if (error instanceof IdentityRefusedError) await sessions.keep(hash, former, former, null);
        if (error instanceof IdentityUnavailableError) throw new RefusedError('ZF016', { cause: error });
        throw error;
      }
      const sealed = seal(fresh.tokens);
      const { cookie, hash: newHash } = this.newCookie();
      try {
        const to = { organization, hash: newHash, sealed, expiresAt: fresh.expiresAt };
        return { cookie, expiresAt: await sessions.move(hash, former, to, client) };
      } catch (error) {
        // The person was locked out of there meanwhile, and stays where they are: with the new tokens, for the former ones are used.
        await sessions.keep(hash, former, sealed, fresh.expiresAt);
        throw error;
      }
    },
  };
}
