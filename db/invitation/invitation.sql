-- Invitations: a seat held for somebody who has not come yet.

comment on table app.invitation is 'An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.';
comment on column app.invitation.email is E'@format email\n@example grace@example.com\nWhere it was sent.';
comment on column app.invitation.role is E'@example viewer\nThe role that the person will have.';
comment on column app.invitation.expires_at is E'@example 2026-02-07T12:00:00+00:00\nWhen it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';

select platform.declare_entity(
  'app.invitation',
  permissions => '{"read": "member", "create": "admin", "revoke": "admin", "resend": "admin", "accept": [], "expire": []}',
  lifecycle => '{
    "initial": "pending",
    "transitions": {
      "accept": {"from": ["pending"], "to": "accepted", "event": "invitation.accepted", "handwritten": true},
      "revoke": {"from": ["pending"], "to": "revoked", "event": "invitation.revoked",
        "description": "Takes an invitation back and frees its seat."},
      "expire": {"from": ["pending"], "to": "expired", "event": "invitation.expired"}
    }
  }',
  events => '{"created": "user.invited", "changed": [
    {"event": "invitation.resent", "when": "new.expires_at > old.expires_at", "description": "An invitation was sent again, and can be accepted for longer."}
  ], "descriptions": {
    "invitation.updated": "Never recorded: an invitation is sent again, or ends.",
    "user.invited": "A person was invited to join the tenant, and a seat is held for them.",
    "invitation.accepted": "The person who was invited joined the tenant.",
    "invitation.revoked": "An invitation was taken back, and its seat is free.",
    "invitation.expired": "An invitation was not accepted in time, and its seat is free."
  }}',
  creatable => '{email,role,expires_at}',
  limited_by => '{"entitlement": "seats", "counted": "new.status = ''pending''", "usage": "app.seats_used()"}',
  due => '{"expire": {"column": "expires_at", "states": ["pending"]}}',
  tasks => '{"user.invited": "tell_provider", "invitation.resent": "tell_provider", "invitation.revoked": "tell_provider"}'
);

create or replace function app.invitation_check()
returns trigger
language plpgsql
-- the roles of the tenant are compared whole, whatever of them the caller may read
security definer
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  lacking := platform.not_held(platform.permissions_of(new.tenant_id, new.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
comment on function app.invitation_check() is 'Trigger: who invited is the caller, the time is bounded, and no one gives more than they hold.';
create or replace trigger _200_check
  before insert on app.invitation
  for each row execute function app.invitation_check();

create or replace function platform.invite_owner(email text)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into app.invitation (email, role, expires_at)
  select invite_owner.email, 'owner', now() + interval '30 days'
  where not exists (
      select from app.invitation i where lower(i.email) = lower(invite_owner.email) and i.status = 'pending')
    and not exists (
      select from app.membership m where lower(m.email) = lower(invite_owner.email) and m.status <> 'removed');
  return found;
end
$$;
comment on function platform.invite_owner(text) is
  'Invites to own the tenant of the context, unless that is a member or invited already; whether it is a new invitation. With the rights of the caller.';
grant execute on function platform.invite_owner(text) to freehold_user;

create or replace function app.accept_invitation(id uuid, issuer text, subject text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  waiting app.invitation;
  joined app.membership;
begin
  perform platform.require('invitation:accept');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = accept_invitation.id
  for no key update;
  if not found or (waiting.status = 'pending' and waiting.expires_at <= statement_timestamp()) then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such invitation to accept',
      detail = format('invitation %s', accept_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'accept');
  end if;
  joined.id := uuidv7();
  -- first, so that its seat is free for the member; the reference is checked at commit, and one event tells of both
  update app.invitation i
  set status = 'accepted',
    membership_id = joined.id
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id;
  insert into app.membership (id, person_id, email, name, role)
  values (
    joined.id, identity.ensure_person(accept_invitation.issuer, accept_invitation.subject, waiting.email, accept_invitation.name),
    waiting.email, accept_invitation.name, waiting.role)
  returning * into joined;
  return joined;
end
$$;
comment on function app.accept_invitation(uuid, text, text, text) is
  'Makes the invited person a member, with the login that the identity provider verified. For the system; errors: ZF003, ZF004, ZF005, 23505 when they are a member.';
grant execute on function app.accept_invitation(uuid, text, text, text) to freehold_worker;
