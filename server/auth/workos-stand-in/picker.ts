import type { Response } from 'express';
import { type Html, html } from '../../http/html.ts';
import { type AuthorizationRequest, backTo } from './authorization-request.ts';
import { sendPage } from './html.ts';
import type { User } from './state.ts';
import type { World } from './world.ts';

/** Who may be picked: everybody, or the active members of one organization; who is hinted at comes first. */
export function accountsOf(world: World, asked: AuthorizationRequest): User[] {
  const members = new Set(
    [...world.state.memberships.values()]
      .filter((row) => row.organization_id === asked.narrowedTo?.id && row.status === 'active')
      .map((row) => row.user_id),
  );
  const users = [...world.state.users.values()].filter((user) => !asked.narrowedTo || members.has(user.id));
  const hinted = (user: User) => user.email === (asked.loginHint ?? asked.invitation?.email);
  return [...users.filter(hinted), ...users.filter((user) => !hinted(user))];
}

/** The page on which somebody says who they are. Its forms post to `action`. */
export function sendPicker(
  world: World,
  response: Response,
  asked: AuthorizationRequest,
  action: string,
): void {
  const accounts = accountsOf(world, asked);
  const cancel = backTo(asked, { error: 'access_denied', error_description: 'The person cancelled.' });
  const product = new URL(asked.redirectUri).host;
  sendPage(
    response,
    200,
    'Sign in',
    html`<h1>Sign in to ${product}</h1>
${asked.narrowedTo && html`<p>Organization: <strong>${asked.narrowedTo.name}</strong></p>`}
${asked.connection && html`<p>Single sign-on: <strong>${asked.connection.name}</strong></p>`}
${asked.invitation && html`<p>An invitation for <strong>${asked.invitation.email}</strong> will be accepted.</p>`}
${
  accounts.length > 0
    ? html`<h2>Who are you?</h2>
<ul class="plain">${accounts.map((user) => account(user, action))}</ul>`
    : html`<p>There is no account yet.</p>`
}
${signUp(asked, action)}
${accounts.length > 0 && impersonate(accounts, action)}
<p><a href="${cancel}">Cancel</a></p>`,
  );
}

const account = (user: User, action: string): Html => html`<li>
<form method="post" action="${action}">
<input type="hidden" name="user_id" value="${user.id}">
<button class="account">${nameOf(user)}</button>
</form></li>`;

const nameOf = ({ name, email }: User): Html => (name ? html`${name} <span>${email}</span>` : html`${email}`);

const signUp = (asked: AuthorizationRequest, action: string): Html => html`<h2>Somebody new</h2>
<form method="post" action="${action}">
<label>Name <input name="name" autocomplete="name" required></label>
<label>E-mail <input type="email" name="email" autocomplete="email" required
 value="${asked.loginHint ?? asked.invitation?.email ?? ''}"></label>
<button>Sign up</button>
</form>`;

const impersonate = (accounts: User[], action: string): Html => html`<h2>Impersonate</h2>
<form method="post" action="${action}">
<label>Whom <select name="user_id">${accounts.map(
  (user) => html`<option value="${user.id}">${[user.name, user.email].filter(Boolean).join(' ')}</option>`,
)}</select></label>
<label>Your e-mail, as support <input type="email" name="impersonator_email" required></label>
<label>Reason <input name="reason" required></label>
<button>Impersonate</button>
</form>`;
