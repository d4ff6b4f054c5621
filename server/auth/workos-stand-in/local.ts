import { type Request, type Response, Router } from 'express';
import { html } from '../../http/html.ts';
import type { Acts } from './acts.ts';
import { ApiError, notFound } from './errors.ts';
import { sendHomePage } from './home-page.ts';
import { sendPage } from './html.ts';
import { pathOf } from './input.ts';
import { invitationByToken } from './invitations.ts';
import { demandOwnOrigin } from './origin.ts';
import { seed } from './seed.ts';
import type { World } from './world.ts';

/**
 * What the stand-in has beyond WorkOS's API: a page, and an endpoint for each act, such as
 * `POST /stand-in/create-directory-user`. They take JSON and answer JSON, or take a form and lead back to the page.
 */
export function localRoutes(world: World, acts: Acts): Router {
  const router = Router();
  router.get('/', (_request, response) => sendHomePage(world, response));
  router.get('/stand-in/invitations/:token', (request, response) => {
    const token = pathOf(request, 'token');
    const row = invitationByToken(world, token);
    if (!row) throw notFound('Invitation', token);
    const organization = world.state.organizations.get(row.organization_id ?? '');
    sendPage(
      response,
      200,
      'Invitation',
      html`<h1>Invitation${organization && html` to ${organization.name}`}</h1>
<p>It was sent to <strong>${row.email}</strong> and is ${row.state}.</p>
<p>A product begins the sign-in of who accepts it with <code>invitation_token=${row.token}</code>.</p>
${
  row.state === 'pending' &&
  html`<form method="post" action="/stand-in/accept-invitation">
<input type="hidden" name="token" value="${row.token}"><button>Accept as ${row.email}</button></form>`
}`,
    );
  });
  router.post('/stand-in/seed', demandOwnOrigin, (request, response) => {
    seed(world, request.body);
    response.status(204).end();
  });
  router.post('/stand-in/:act', demandOwnOrigin, (request, response) => {
    const act = actOf(acts, pathOf(request, 'act'));
    if (!isForm(request)) return void response.json(act(request.body) ?? null);
    try {
      act(filledIn(request.body as Record<string, string>));
      response.redirect(303, '/');
    } catch (error) {
      answerForm(response, error);
    }
  });
  return router;
}

/** `create-group` is the act `createGroup`. */
function actOf(acts: Acts, path: string): (input: unknown) => unknown {
  const name = path.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  if (!Object.hasOwn(acts, name)) throw notFound('Act', path);
  return acts[name as keyof Acts] as (input: unknown) => unknown;
}

const isForm = (request: Request): boolean => Boolean(request.is('application/x-www-form-urlencoded'));

/** A field that was left empty says nothing. */
const filledIn = (form: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''));

function answerForm(response: Response, error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  const problems = (error.body.errors ?? []) as { field: string; message: string }[];
  sendPage(
    response,
    error.status,
    'Refused',
    html`<h1>That was refused</h1><p>${error.message}</p>
<ul>${problems.map(({ field, message }) => html`<li>${field}: ${message}</li>`)}</ul>
<p><a href="/">Back</a></p>`,
  );
}
