import type { Response } from 'express';
import { type Html, html } from '../../http/html.ts';
import { domainsOf } from './domains.ts';
import { sendPage } from './html.ts';
import { membershipOf } from './memberships.ts';
import type { Connection, Directory, DirectoryGroup, DirectoryUser, Organization, User } from './state.ts';
import type { World } from './world.ts';

const eventsShown = 20;

/** The page of the stand-in: who there is, and forms for what identity providers and support do. */
export function sendHomePage(world: World, response: Response): void {
  const { users, organizations, directories, events } = world.state;
  const body = html`<h1>WorkOS stand-in</h1>
<p>API at <code>${world.settings.url}</code>, client <code>${world.settings.clientId}</code>,
issuer <code>${world.settings.issuer}</code>.</p>
<h2>Organizations</h2>
${table(
  ['Organization', 'Domains', 'Single sign-on', 'Directory'],
  rows(organizations, (row) => organizationRow(world, row)),
)}
${form('create-organization', 'Create organization', {}, html`${input('name', 'Name', 'required')} ${input('domain', 'Verified domain')}`)}
<h2>People</h2>
${table(
  ['Person', 'Member of', 'Sessions'],
  rows(users, (row) => userRow(world, row)),
)}
${form('create-user', 'Create user', {}, html`${input('email', 'E-mail', 'required')} ${names}`)}
<h2>Directories</h2>
${directories.size === 0 ? html`<p>None is connected.</p>` : rows(directories, (row) => directory(world, row))}
<h2>Last events</h2>
${table(
  ['Time', 'Event', 'Object'],
  events
    .slice(-eventsShown)
    .reverse()
    .map(
      ({ created_at, event, data }) =>
        html`<tr><td>${created_at}</td><td><code>${event}</code></td><td><code>${String(data.id ?? '')}</code></td></tr>`,
    ),
)}`;
  sendPage(response, 200, 'Overview', body, { wide: true });
}

const rows = <T>(map: Map<string, T>, show: (row: T) => Html): Html[] => [...map.values()].map(show);

const table = (heads: string[], body: Html[]): Html =>
  html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${body}</tbody></table>`;

/** A form for one act; `fixed` are the fields that it does not ask for. */
function form(act: string, button: string, fixed: Record<string, string>, fields: Html = html``): Html {
  return html`<form class="inline" method="post" action="/stand-in/${act}">
${Object.entries(fixed).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields} <button>${button}</button></form>`;
}

const input = (name: string, label: string, required?: 'required'): Html =>
  required
    ? html`<label>${label} <input name="${name}" required></label>`
    : html`<label>${label} <input name="${name}"></label>`;

const select = (name: string, label: string, options: { value: string; label: string }[]): Html =>
  html`<label>${label} <select name="${name}">${options.map(
    (option) => html`<option value="${option.value}">${option.label}</option>`,
  )}</select></label>`;

const names = html`${input('first_name', 'First name')} ${input('last_name', 'Last name')}`;

function organizationRow(world: World, row: Organization): Html {
  const organization_id = row.id;
  const connections = [...world.state.connections.values()].filter(
    (connection) => connection.organization_id === organization_id,
  );
  const domains = domainsOf(world, organization_id).map(
    ({ id, domain, state }) =>
      html`<div>${domain} (${state}) ${state !== 'verified' && form('verify-domain', `Verify ${domain}`, { domain_id: id })}</div>`,
  );
  return html`<tr><td><strong>${row.name}</strong><br><code>${row.id}</code></td><td>${domains}</td>
<td>${connections.map(connectionLine)}
${row.require_sso ? 'It is required.' : 'It is not required.'}
${form('require-sso', `${row.require_sso ? 'Do not require' : 'Require'} single sign-on of ${row.name}`, {
  organization_id,
  require_sso: row.require_sso ? 'off' : 'on',
})}
${form('add-connection', `Add connection to ${row.name}`, { organization_id }, input('name', 'Connection'))}</td>
<td>${form(
    'create-directory',
    `Create directory for ${row.name}`,
    { organization_id },
    html`${input('name', 'Directory')} ${select('provisioning', 'Makes members', [
      { value: 'on', label: 'yes' },
      { value: 'off', label: 'no' },
    ])}`,
  )}</td></tr>`;
}

function connectionLine(row: Connection): Html {
  const { id: connection_id, name, state } = row;
  const other = state === 'active' ? 'inactive' : 'active';
  return html`<div>${name} (${state})
${form('set-connection-state', `Make ${name} ${other}`, { connection_id, state: other })}
${form('delete-connection', `Delete ${name}`, { connection_id })}</div>`;
}

function userRow(world: World, row: User): Html {
  const { organizations, sessions } = world.state;
  const active = [...sessions.values()].filter(
    (session) => session.user_id === row.id && session.status === 'active',
  );
  const joined = [...organizations.values()].flatMap((organization) => {
    const membership = membershipOf(world, row.id, organization.id);
    return membership
      ? [html`<div>${organization.name}: ${membership.role.slug}, ${membership.status}</div>`]
      : [];
  });
  const options = [...organizations.values()].map(({ id, name }) => ({ value: id, label: name }));
  return html`<tr><td><strong>${row.name ?? row.email}</strong><br>${row.email}<br><code>${row.id}</code></td>
<td>${joined} ${form(
    'create-membership',
    `Add ${row.email}`,
    { user_id: row.id },
    html`${select('organization_id', 'Organization', options)} ${input('role', 'Role')}`,
  )}</td>
<td>${active.length} ${active.length > 0 && form('revoke-sessions', `Revoke all of ${row.email}`, { user_id: row.id })}</td></tr>`;
}

function directory(world: World, row: Directory): Html {
  const { directoryUsers, directoryGroups, organizations } = world.state;
  const directory_id = row.id;
  const people = [...directoryUsers.values()].filter((user) => user.directory_id === directory_id);
  const groups = [...directoryGroups.values()].filter((group) => group.directory_id === directory_id);
  return html`<section><h3>${row.name} of ${organizations.get(row.organization_id)?.name ?? row.organization_id}</h3>
<div><code>${row.id}</code>, ${row.provisioning ? 'makes members' : 'makes no members'}
${form('delete-directory', `Delete directory ${row.name}`, { directory_id })}</div>
${table(['Person', 'State', 'Acts'], people.map(personRow))}
${form('create-directory-user', 'Create directory user', { directory_id }, html`${input('email', 'E-mail', 'required')} ${names}`)}
${table(
  ['Group', 'People', 'Acts'],
  groups.map((group) => groupRow(group, people)),
)}
${form('create-group', 'Create group', { directory_id }, input('name', 'Name', 'required'))}</section>`;
}

function personRow(row: DirectoryUser): Html {
  const { id: directory_user_id, email, state } = row;
  const other = state === 'active' ? 'inactive' : 'active';
  const name = email ?? directory_user_id;
  return html`<tr><td>${row.first_name ?? ''} ${row.last_name ?? ''} ${name}</td><td>${state}</td>
<td>${form('update-directory-user', `Make ${name} ${other}`, { directory_user_id, state: other })}
${form('update-directory-user', `Rename ${name}`, { directory_user_id }, names)}
${form('delete-directory-user', `Delete ${name}`, { directory_user_id })}</td></tr>`;
}

function groupRow(group: DirectoryGroup, people: DirectoryUser[]): Html {
  const group_id = group.id;
  const isMember = (user: DirectoryUser): boolean => group.members.includes(user.id);
  const options = people
    .filter((user) => !isMember(user))
    .map((user) => ({ value: user.id, label: user.email ?? user.id }));
  return html`<tr><td>${group.name}</td><td>${people
    .filter(isMember)
    .map((user) =>
      form('remove-from-group', `Remove ${user.email ?? user.id}`, { group_id, directory_user_id: user.id }),
    )}</td>
<td>${options.length > 0 && form('add-to-group', `Add to ${group.name}`, { group_id }, select('directory_user_id', 'Person', options))}
${form('delete-group', `Delete group ${group.name}`, { group_id })}</td></tr>`;
}
