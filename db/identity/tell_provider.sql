-- What the worker needs to know to tell the identity provider of what happened here (task tell_provider). Inside the tenant, as the system.

create or replace function identity.invitation_to_tell(issuer text, invitation uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  return (
    select jsonb_build_object(
      'organization', o.organization,
      'email', i.email,
      'status', i.status,
      'days', greatest(1, ceil(extract(epoch from i.expires_at - statement_timestamp()) / 86400)),
      'inviter', (
        select l.subject
        from app.membership m
        join identity.login l on l.person_id = m.person_id and l.issuer = invitation_to_tell.issuer
        where m.tenant_id = i.tenant_id and m.id = i.invited_by
        order by l.subject
        limit 1),
      'sent', (
        select pi.id from identity.provided_invitation pi
        where pi.issuer = invitation_to_tell.issuer and pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
        order by pi.id
        limit 1))
    from app.invitation i
    join identity.organization o on o.tenant_id = i.tenant_id and o.issuer = invitation_to_tell.issuer
    where i.tenant_id = platform.tenant_id()
      and i.id = invitation_to_tell.invitation
    order by o.organization
    limit 1);
end
$$;
comment on function identity.invitation_to_tell(text, uuid) is
  'An invitation as the identity provider needs it: organization, email, status, days, inviter, and sent, what it calls it already. Null when the tenant has no organization there.';

create or replace function identity.note_invitation(issuer text, id text, invitation uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('invitation:accept');
  insert into identity.provided_invitation (issuer, id, tenant_id, invitation_id)
  values (note_invitation.issuer, note_invitation.id, platform.tenant_id(), note_invitation.invitation)
  on conflict do nothing;
end
$$;
comment on function identity.note_invitation(text, text, uuid) is 'The identity provider has sent this invitation, and calls it so.';

create or replace function identity.memberships_to_tell(issuer text, membership uuid)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('membership:update');
  return query
    select p.id
    from identity.provided_member p
    left join identity.provider_object o on o.issuer = p.issuer and o.kind = 'organization_membership' and o.id = p.id
    where p.issuer = memberships_to_tell.issuer
      and p.tenant_id = platform.tenant_id()
      and p.membership_id = memberships_to_tell.membership
      and not coalesce(o.ended, false)
    order by p.id;
end
$$;
comment on function identity.memberships_to_tell(text, uuid) is 'What the identity provider calls the membership of a member, and has not ended.';

create or replace function identity.status_to_tell(membership uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('membership:update');
  return (
    select m.status
    from app.membership m
    where m.tenant_id = platform.tenant_id()
      and m.id = status_to_tell.membership);
end
$$;
comment on function identity.status_to_tell(uuid) is 'What a member is now: active, suspended or removed.';

grant execute on function
  identity.invitation_to_tell(text, uuid), identity.note_invitation(text, text, uuid), identity.memberships_to_tell(text, uuid),
  identity.status_to_tell(uuid)
to freehold_worker;
