--! Previous: sha1:e9eb33b49eb504e8798bf3396866a2add01927c6
--! Hash: sha1:d4e2936f141b1b373fb9c7ceee49bb2ef2a3db36
--! Message: replay events

-- What the events of a replay tell, in words.

--! Included webhook_replay/webhook_replay.sql
-- Replays: what an endpoint should be sent once more, or for the first time although it happened before the endpoint was made.

comment on table app.webhook_replay is
  'Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.';
comment on column app.webhook_replay.endpoint_id is 'The endpoint that is told; it must be enabled.';
comment on column app.webhook_replay.since is 'Events from then on, as far back as the plan keeps them in sight.';
comment on column app.webhook_replay.until is 'Events before that; the time of the request when not given.';
comment on column app.webhook_replay.failed_only is 'Only deliveries that were given up.';
comment on constraint webhook_replay_tenant_id_endpoint_id_fkey on app.webhook_replay is E'@fieldName endpoint\n@foreignFieldName replays';

select platform.declare_entity(
  'app.webhook_replay',
  permissions => '{"read": "admin", "create": "admin", "cancel": "admin", "complete": [], "fail": []}',
  lifecycle => '{
    "initial": "running",
    "transitions": {
      "complete": {"from": ["running"], "to": "completed", "event": "webhook_replay.completed",
        "description": "All of it was queued for delivery."},
      "cancel": {"from": ["running"], "to": "canceled", "event": "webhook_replay.canceled",
        "description": "Stops a replay; what it has queued already is delivered."},
      "fail": {"from": ["running"], "to": "failed", "event": "webhook_replay.failed",
        "description": "The replay could not be gone on with; a new one may begin where it ended."}
    }
  }',
  events => '{"created": "webhook_replay.requested", "descriptions": {
    "webhook_replay.requested": "Somebody asked that the events of a time be sent to an endpoint, once more or for the first time.",
    "webhook_replay.completed": "All events of a replay were queued for delivery.",
    "webhook_replay.canceled": "A replay was stopped, by somebody or because its endpoint was disabled; what it had queued is delivered.",
    "webhook_replay.failed": "A replay could not be gone on with: queued says how far it came.",
    "webhook_replay.updated": "A replay went on: queued counts the deliveries that it has made so far."
  }}',
  creatable => '{endpoint_id,since,until,failed_only}',
  tasks => '{"webhook_replay.requested": "replay_events"}'
);

create or replace function app.webhook_replay_check()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.require_tenant(new.tenant_id);
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = new.tenant_id and w.id = new.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005', message = 'the endpoint is not enabled', detail = 'Enable it first; events that happened meanwhile can be replayed.';
  end if;
  new.until := least(new.until, statement_timestamp());
  if new.since >= new.until then
    raise exception using errcode = 'ZF010', message = 'since must lie before until, and in the past', detail = format('since %s', new.since);
  end if;
  return new;
end
$$;
comment on function app.webhook_replay_check() is 'Trigger: a replay has an endpoint that is enabled, and a time that is past.';
create or replace trigger _200_check
  before insert on app.webhook_replay
  for each row execute function app.webhook_replay_check();

-- each fills the queue
create or replace trigger _800_check_count
  after insert on app.webhook_replay
  for each row execute function platform.check_count('5', '{running}');

create or replace function app.webhook_replay_queued(replay app.webhook_replay)
returns bigint
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce((
    select p.queued
    from platform.replay_progress p
    join platform.verified_context v on v.tenant_id = p.tenant_id
    where p.replay_id = replay.id), 0);
end;
comment on function app.webhook_replay_queued(app.webhook_replay) is 'Deliveries that the replay has queued so far.';
grant execute on function app.webhook_replay_queued(app.webhook_replay) to freehold_user;
--! EndIncluded webhook_replay/webhook_replay.sql
