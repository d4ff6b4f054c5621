import { Router } from 'express';
import * as z from 'zod';
import { html } from '../../http/html.ts';
import { notFound } from './errors.ts';
import { sendPage } from './html.ts';
import { newSecret } from './ids.ts';
import { parse, pathOf, text } from './input.ts';
import { recall, remember, type World } from './world.ts';

/** What each intent would let the customer's IT do. */
const intents = {
  sso: 'set up single sign-on',
  dsync: 'connect a directory',
  audit_logs: 'look at the audit log',
  log_streams: 'stream the audit log to a system of theirs',
  domain_verification: 'verify a domain',
  certificate_renewal: 'renew the certificate of a connection',
  bring_your_own_key: 'bring a key of their own',
};
type Intent = keyof typeof intents;

const link = z.object({
  intent: z.enum(Object.keys(intents) as [Intent, ...Intent[]]),
  organization: text,
  return_url: z.url({ protocol: /^https?$/ }).nullish(),
  success_url: z.url({ protocol: /^https?$/ }).nullish(),
});

/** As long as WorkOS's are good. */
const linkMs = 5 * 60_000;

export function portalRoutes(world: World): Router {
  const router = Router();
  router.post('/portal/generate_link', (request, response) => {
    const input = parse(link, request.body);
    if (!world.state.organizations.has(input.organization))
      throw notFound('Organization', input.organization);
    const token = newSecret();
    remember(world.portalLinks, token, {
      expiresAt: Date.now() + linkMs,
      intent: input.intent,
      organizationId: input.organization,
      returnUrl: input.return_url ?? undefined,
    });
    response.status(201).json({ link: `${world.settings.url}/stand-in/portal/${token}` });
  });
  return router;
}

/** Where a link of the portal leads: a page that says what it would be. It carries no API key. */
export function portalPages(world: World): Router {
  const router = Router();
  router.get('/stand-in/portal/:token', (request, response) => {
    const found = recall(world.portalLinks, pathOf(request, 'token'));
    if (!found)
      return sendPage(
        response,
        404,
        'Admin Portal',
        html`<h1>This link has ended</h1><p>A link is good for five minutes. Ask the product for another.</p>`,
      );
    const organization = world.state.organizations.get(found.organizationId);
    const what = intents[found.intent as Intent];
    sendPage(
      response,
      200,
      'Admin Portal',
      html`<h1>Admin Portal of ${organization?.name ?? found.organizationId}</h1>
<p>Here the IT of ${organization?.name ?? 'the organization'} would ${what} (<code>${found.intent}</code>).
The stand-in's <a href="/">own page</a> does what comes of it.</p>
${found.returnUrl && html`<p><a href="${found.returnUrl}">Back to the product</a></p>`}`,
    );
  });
  return router;
}
