-- An invitation that got lost is sent again, and its time begins anew.

create or replace function app.resend_invitation(id uuid)
returns app.invitation
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  waiting app.invitation;
begin
  perform platform.require('invitation:resend');
  select i.*
  into waiting
  from app.invitation i
  where i.tenant_id = platform.tenant_id()
    and i.id = resend_invitation.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such invitation', detail = format('invitation %s', resend_invitation.id);
  end if;
  if waiting.status <> 'pending' then
    perform platform.raise_illegal_transition('invitation', waiting.id, waiting.status, 'resend');
  end if;
  -- somebody's mailbox is at the other end
  if waiting.updated_at > statement_timestamp() - interval '1 minute' then
    raise exception using
      errcode = 'ZF010', message = 'the invitation was sent a moment ago', detail = 'It can be sent again after a minute.';
  end if;
  update app.invitation i
  set expires_at = greatest(i.expires_at, statement_timestamp() + interval '7 days')
  where i.tenant_id = waiting.tenant_id
    and i.id = waiting.id
  returning i.* into waiting;
  return waiting;
end
$$;
comment on function app.resend_invitation(uuid) is
  'Sends a pending invitation again, and lets it be accepted for seven days more. Event: invitation.resent. Errors: ZF004, ZF005, ZF010 within a minute.';
grant execute on function app.resend_invitation(uuid) to freehold_user;
select platform.expose_function('app.resend_invitation(uuid)', 'POST invitations/{id}/resend');
