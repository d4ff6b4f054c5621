import express, { Router } from 'express';
import { answerProblem } from '../../http/answer.ts';
import { accountHandlers } from './account.ts';
import { createAnswers, Refusal, wantsJson } from './answers.ts';
import type { Browser, BrowserOptions } from './browser.ts';
import { loginHandlers } from './login.ts';
import { allowedReturn } from './origin.ts';

/** Signing in with a browser, at /auth: docs/identity.md. Pages for browsers, JSON for frontends: what a request accepts decides. */
export function browserRoutes(options: BrowserOptions): Router {
  const { publicUrl, origins } = options;
  const answers = createAnswers(options);
  const browser: Browser = {
    ...options,
    answers,
    returnOf(value, fallback) {
      const allowed = allowedReturn(value ?? fallback, publicUrl, origins);
      if (allowed) return allowed;
      throw new Refusal({
        status: 422,
        code: 'invalid_return_to',
        message: 'A sign-in does not return to that address.',
        remedy: 'Give a path of this host, or a URL of one of APP_ORIGINS, of at most 500 characters.',
      });
    },
  };
  const { login, callback, choose } = loginHandlers(browser);
  const { logout, switchTo, revoke, session, list, page } = accountHandlers(browser);
  const signedIn = options.guarded(answerProblem);
  const orLogin = options.guarded((request, response, error) => {
    if (wantsJson(request) || error.status >= 500) return answers.refuse(request, response, error);
    response.setHeader('cache-control', 'no-store').redirect('/auth/login');
  });
  const bodies = [express.urlencoded({ extended: false, limit: '10kb' }), express.json({ limit: '10kb' })];

  const router = Router();
  router.get('/auth/login', login);
  router.get('/auth/callback', callback);
  router.post('/auth/choose', bodies, choose);
  router.post('/auth/logout', bodies, logout);
  router.post('/auth/switch', bodies, switchTo);
  router.post('/auth/sessions/revoke', bodies, revoke);
  router.get('/auth/session', signedIn, session);
  router.get('/auth/sessions', signedIn, list);
  router.get('/auth', orLogin, page);
  return router;
}
