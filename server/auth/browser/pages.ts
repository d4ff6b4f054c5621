import type { Response } from 'express';
import type { PublicError } from '../../errors/public-error.ts';
import { type Html, html, sendDocument } from '../../http/html.ts';
import type { SessionEntry, SessionView } from './sessions.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
ul { list-style: none; padding: 0; } li { display: flex; gap: 1rem; align-items: center; padding: .5rem 0; border-top: 1px solid #8884; }
li > :first-child { flex: 1; } small { display: block; opacity: .7; overflow-wrap: anywhere; }
button, .button { font: inherit; padding: .35rem .9rem; border: 1px solid #8888; border-radius: .4rem; background: transparent; color: inherit; cursor: pointer; text-decoration: none; display: inline-block; }
code { overflow-wrap: anywhere; }
`;

/** Answers with a page of ours. */
export function answerPage(response: Response, status: number, title: string, body: Html): void {
  sendDocument(response, status, { title, style, body: html`<main>\n<h1>${title}</h1>\n${body}\n</main>` });
}

/** Why somebody could not sign in, and how to go on. */
export function refusalPage(error: PublicError, requestId: string, logoutUrl: string | undefined): Html {
  return html`<p>${error.message} ${error.detail} ${error.remedy}</p>
<p><a class="button" href="/auth/login">Sign in again</a>
${logoutUrl && html`<a class="button" href="${logoutUrl}">Sign in as somebody else</a>`}</p>
<p><small>${error.code}, request ${requestId}</small></p>`;
}

/** Of which organization the person wants to be. */
export function choicePage(organizations: readonly { id: string; name: string }[], state: string): Html {
  return html`<ul>
${organizations.map(
  ({ id, name }) => html`<li><span>${name}</span><form method="post" action="/auth/choose">
<input type="hidden" name="state" value="${state}"><input type="hidden" name="organization" value="${id}">
<button aria-label="Choose ${name}">Choose</button></form></li>
`,
)}</ul>`;
}

/** The person, their organizations and sessions: GET /auth. */
export function accountPage(view: SessionView, sessions: readonly SessionEntry[]): Html {
  const { person, tenant, membership, impersonator } = view;
  return html`${impersonator && html`<p role="status"><strong>${impersonator.email} acts as ${person.name}</strong>: ${impersonator.reason}</p>\n`}<p>${person.name} (${person.email}) in <strong>${tenant.name}</strong> as ${membership.role}.</p>
<form method="post" action="/auth/logout"><button>Sign out</button></form>
<h2>Organizations</h2>
<ul>
${view.organizations.map(
  ({ id, name, role, current }) => html`<li><span>${name}<small>${role}</small></span>${
    current
      ? html`<span>you are here</span>`
      : html`<form method="post" action="/auth/switch"><input type="hidden" name="organization" value="${id}">
<button aria-label="Switch to ${name}">Switch</button></form>`
  }</li>
`,
)}</ul>
<h2>Where you are signed in</h2>
<ul>
${sessions.map(
  ({ id, user_agent, ip, method, impersonated, tenant: { name }, last_seen_at, current }) =>
    html`<li><span>${user_agent ?? 'Unknown browser'}<small>${name}, ${impersonated ? 'support' : (method ?? 'unknown method')}, ${ip ?? 'unknown address'}, last seen ${last_seen_at.slice(0, 16).replace('T', ' ')} UTC</small></span>${
      current
        ? html`<span>this one</span>`
        : html`<form method="post" action="/auth/sessions/revoke"><input type="hidden" name="id" value="${id}"><button aria-label="Sign out ${user_agent ?? 'unknown browser'}">Sign out</button></form>`
    }</li>
`,
)}</ul>
<form method="post" action="/auth/sessions/revoke"><input type="hidden" name="all" value="true"><button>Sign out everywhere</button></form>`;
}
