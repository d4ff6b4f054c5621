import type { Request, RequestHandler, Response } from 'express';
import type { Workos } from '../../../runtime/identity-provider.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { Keyring } from '../../../runtime/sealing.ts';
import type { PublicError } from '../../errors/public-error.ts';
import type { Vocabulary } from '../../errors/vocabulary.ts';
import type { Attempts } from '../attempts.ts';
import type { Answers } from './answers.ts';
import type { Cookies } from './cookies.ts';
import type { Sessions } from './sessions.ts';
import type { SessionTokens } from './tokens.ts';

export interface BrowserOptions {
  workos: Workos;
  sessions: Sessions;
  tokens: SessionTokens;
  cookies: Cookies;
  keyring: Keyring;
  vocabulary: Vocabulary;
  log: Logger;
  publicUrl: string;
  /** Of our frontends, publicUrl's included. */
  origins: readonly string[];
  attempts: Attempts;
  /** Lets in who has a session; `refuse` answers everybody else. */
  guarded(refuse: (request: Request, response: Response, error: PublicError) => void): RequestHandler;
}

/** What the handlers of /auth have in common. */
export interface Browser extends BrowserOptions {
  answers: Answers;
  /** Where the browser may go. @throws Refusal invalid_return_to */
  returnOf(value: string | undefined, fallback: string): string;
}
