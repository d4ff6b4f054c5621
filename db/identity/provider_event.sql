-- Which events of the identity provider are listened to, by webhook and by poll.

insert into identity.provider_event (event, kind, ends)
values
  ('user.created', 'user', false),
  ('user.updated', 'user', false),
  ('user.deleted', 'user', true),
  ('organization.created', 'organization', false),
  ('organization.updated', 'organization', false),
  ('organization.deleted', 'organization', true),
  ('organization_domain.created', 'organization_domain', false),
  ('organization_domain.updated', 'organization_domain', false),
  ('organization_domain.verified', 'organization_domain', false),
  ('organization_domain.verification_failed', 'organization_domain', false),
  ('organization_domain.deleted', 'organization_domain', true),
  ('organization_membership.created', 'organization_membership', false),
  ('organization_membership.updated', 'organization_membership', false),
  ('organization_membership.deleted', 'organization_membership', true),
  ('invitation.created', 'invitation', false),
  ('invitation.accepted', 'invitation', false),
  ('invitation.resent', 'invitation', false),
  ('invitation.revoked', 'invitation', false),
  ('connection.activated', 'connection', false),
  ('connection.deactivated', 'connection', false),
  ('connection.deleted', 'connection', true),
  ('dsync.activated', 'directory', false),
  ('dsync.deleted', 'directory', true),
  ('dsync.user.created', 'directory_user', false),
  ('dsync.user.updated', 'directory_user', false),
  ('dsync.user.deleted', 'directory_user', true),
  ('dsync.group.created', 'directory_group', false),
  ('dsync.group.updated', 'directory_group', false),
  ('dsync.group.deleted', 'directory_group', true),
  ('dsync.group.user_added', 'directory_group_user', false),
  ('dsync.group.user_removed', 'directory_group_user', false),
  ('session.created', 'session', false),
  ('session.revoked', 'session', true)
on conflict (event) do update
  set (kind, ends) = (excluded.kind, excluded.ends);

create or replace function identity.provider_events()
returns setof text
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.event
  from identity.provider_event e
  order by e.event;
end;
comment on function identity.provider_events() is 'The events to ask the identity provider for.';
grant execute on function identity.provider_events() to freehold_worker;
