-- Which of our invitations somebody has come by, and what becomes of it when the identity provider accepts or revokes its own.

create or replace function identity.came_before(invitation identity.provider_object, email text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.provider_object m
    join identity.provider_address a on a.issuer = m.issuer and a.kind = 'user' and a.id = m.subject and a.email = lower(came_before.email)
    where m.issuer = invitation.issuer
      and m.organization = invitation.organization
      and m.subject = came_before.subject
      and m.kind = 'organization_membership'
      and greatest(m.active_at, a.verified_at) < invitation.updated_at
      and m.active_at is not null
      and a.verified_at is not null
      and (not m.ended or m.updated_at > (invitation.data ->> 'created_at')::timestamptz));
end;
comment on function identity.came_before(identity.provider_object, text, text) is
  'Whether a user was in the organization, by the address that an invitation was sent to, before the identity provider took that back.';

create or replace function identity.waiting_invitation(issuer text, subject text)
returns app.invitation
language sql
stable
security definer
set search_path = ''
begin atomic
  -- the one that the provider says this user accepted, or else one to an address that is, or was, verified as theirs
  select i
  from app.invitation i
  left join identity.provided_invitation pi on pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
  left join identity.provider_object p on p.issuer = pi.issuer and p.kind = 'invitation' and p.id = pi.id
  where i.tenant_id = platform.tenant_id()
    and (i.status = 'pending' or pi.withdrawn)
    -- whom somebody here has removed since then, it brings back no more
    and not exists (
      select from identity.barred_person b
      join identity.login l on l.person_id = b.person_id
      where i.status <> 'pending' and b.tenant_id = i.tenant_id and b.barred_at > i.created_at and b.lifted_by is null
        and l.issuer = waiting_invitation.issuer and l.subject = waiting_invitation.subject)
    and i.expires_at > statement_timestamp()
    and (p.data ->> 'accepted_user_id' = waiting_invitation.subject
      or exists (
        select from identity.provider_address a
        where a.issuer = waiting_invitation.issuer and a.kind = 'user' and a.id = waiting_invitation.subject
          and a.verified_at is not null and a.email = lower(i.email)))
    and (p.data ->> 'state' is distinct from 'revoked' or identity.came_before(p, i.email, waiting_invitation.subject))
  order by p.data ->> 'accepted_user_id' = waiting_invitation.subject desc nulls last, i.status = 'pending' desc, i.id
  limit 1;
end;
comment on function identity.waiting_invitation(text, text) is
  'The invitation that a user of the identity provider has come by; null for none. One that the provider took back is good for who was there before, whichever of the two is heard of
first. Inside the tenant.';

create or replace function identity.withdraw(invitation app.invitation, object identity.provider_object)
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
  subject text;
begin
  if invitation.status not in ('pending', 'accepted') then
    return;
  end if;
  if invitation.status = 'pending' then
    perform app.revoke_invitation(invitation.id);
  end if;
  select l.subject
  into subject
  from identity.invited_member im
  join app.membership m on m.tenant_id = im.tenant_id and m.id = im.membership_id
  join identity.login l on l.issuer = object.issuer and l.person_id = m.person_id
  where im.tenant_id = invitation.tenant_id
    and im.invitation_id = invitation.id
  order by identity.came_before(object, invitation.email, l.subject) desc
  limit 1;
  if identity.came_before(object, invitation.email, subject) then
    return;
  end if;
  update identity.provided_invitation pi
  set withdrawn = true
  where pi.issuer = object.issuer
    and pi.id = object.id;
  update identity.barred_person b
  set lifted_by = null
  where b.tenant_id = invitation.tenant_id
    and b.lifted_by = invitation.id;
  -- as if they had not come: who is admitted by something else comes by that
  for member in
    select m.*
    from identity.invited_member im
    join app.membership m on m.tenant_id = im.tenant_id and m.id = im.membership_id
    where im.tenant_id = invitation.tenant_id
      and im.invitation_id = invitation.id
  loop
    delete from identity.provided_member p
    where p.tenant_id = member.tenant_id
      and p.membership_id = member.id;
    if member.status <> 'removed' then
      begin
        perform app.remove_membership(member.id);
      exception when sqlstate 'ZF009' then
        -- the last owner: locked out with the next step, unless something else admits them
        insert into identity.admitted_member (tenant_id, membership_id)
        values (member.tenant_id, member.id)
        on conflict do nothing;
      end;
    end if;
    return next subject;
  end loop;
end
$$;
comment on function identity.withdraw(app.invitation, identity.provider_object) is
  'Takes back an invitation that the identity provider has revoked; who came by it after that, and was heard of before, is a member no longer. Returns who is to follow. Inside the tenant.';

create or replace function identity.settle_invitation(issuer text, member app.membership, subject text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  accepted app.invitation;
begin
  select i.*
  into accepted
  from identity.provider_object p
  join identity.provided_invitation pi on pi.issuer = p.issuer and pi.id = p.id
  join app.invitation i on i.tenant_id = pi.tenant_id and i.id = pi.invitation_id
  where p.issuer = settle_invitation.issuer
    and p.kind = 'invitation'
    and p.data ->> 'accepted_user_id' = settle_invitation.subject
    and i.tenant_id = member.tenant_id
    and i.status = 'pending'
  order by i.id
  limit 1;
  -- whom nobody seemed to have invited: the address that they were invited by was not known yet
  if not found and exists (
    select from identity.admitted_member a where a.tenant_id = member.tenant_id and a.membership_id = member.id) then
    accepted := identity.waiting_invitation(issuer, subject);
  end if;
  if accepted.id is null then
    return;
  end if;
  update app.invitation i
  set status = 'accepted',
    membership_id = member.id
  where i.tenant_id = accepted.tenant_id
    and i.id = accepted.id
    and i.status = 'pending';
  insert into identity.invited_member (tenant_id, membership_id, invitation_id)
  values (accepted.tenant_id, member.id, accepted.id)
  on conflict on constraint invited_member_pkey do update
    set invitation_id = excluded.invitation_id;
  delete from identity.admitted_member a
  where a.tenant_id = member.tenant_id
    and a.membership_id = member.id;
  update identity.group_member g
  set former_role = accepted.role
  where g.tenant_id = member.tenant_id
    and g.membership_id = member.id;
  if not found then
    update app.membership m
    set role = accepted.role
    where m.tenant_id = member.tenant_id
      and m.id = member.id
      and m.role not in (accepted.role, 'owner');
  end if;
end
$$;
comment on function identity.settle_invitation(text, app.membership, text) is
  'Accepts the invitation of somebody who became a member before the identity provider told that they had accepted it, or of the address by which they were invited, and gives
them its role. Inside the tenant.';
