--! Undoes: sha1:b356e2343ee8c94bc0df6ff6aac34beea843468e
--! Loses: the rows of app.delivery, the rows of app.delivery_attempt, app.event.channel, app.webhook_endpoint.channels, app.webhook_endpoint.ordered, app.webhook_endpoint.rate_limit, app.webhook_endpoint.concurrency, app.webhook_endpoint.retry_delays, app.webhook_endpoint.disabled_reason, the rows of app.webhook_header, the rows of app.webhook_replay, the rows of app.webhook_replay_status, the rows of app.webhook_signing_key, the rows of catalog.event_type, platform.delivery_batch.parallel, platform.delivery_batch.ordered, platform.delivery_batch.lane, the rows of platform.endpoint_flow, the rows of platform.lane_queue, the rows of platform.notice, the rows of platform.replay_progress

-- Undoes "webhook delivery".
set local check_function_bodies = off;
delete from platform.entity where (name) in (('webhook_replay_status'), ('webhook_signing_key'), ('webhook_header'), ('webhook_replay'));
update platform.entity set declaration = '{"across": {"freehold_recorder": ["insert", "select"], "freehold_dispatcher": ["select"]}, "hidden": ["xid"], "retained": true, "permissions": {"read": ["admin"]}}', grants = 'freehold_dispatcher SELECT
freehold_recorder INSERT
freehold_recorder SELECT
freehold_user SELECT (actor_id)
freehold_user SELECT (actor_type)
freehold_user SELECT (data)
freehold_user SELECT (entity)
freehold_user SELECT (entity_id)
freehold_user SELECT (entity_version)
freehold_user SELECT (id)
freehold_user SELECT (impersonator_id)
freehold_user SELECT (occurred_at)
freehold_user SELECT (previous)
freehold_user SELECT (request_id)
freehold_user SELECT (tenant_id)
freehold_user SELECT (traceparent)
freehold_user SELECT (type)' where name = 'event';
update platform.entity set declaration = '{"due": {"finish_closing": {"column": "closes_at", "states": ["closing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "tenant.created", "updated": "tenant.updated"}, "hidden": [], "lifecycle": {"initial": "provisioning", "transitions": {"close": {"to": "closing", "from": ["active", "suspended"], "event": "tenant.closing", "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."}, "suspend": {"to": "suspended", "from": ["active"], "event": "tenant.suspended"}, "activate": {"to": "active", "from": ["provisioning"], "event": "tenant.activated"}, "reactivate": {"to": "active", "from": ["suspended"], "event": "tenant.reactivated"}, "finish_closing": {"to": "closed", "from": ["closing"], "event": "tenant.closed"}}}, "permissions": {"read": "viewer", "close": "owner", "update": "owner", "suspend": [], "activate": [], "reactivate": [], "finish_closing": []}}' where name = 'tenant';
update platform.entity set declaration = '{"due": {}, "limit": {"usage": "app.seats_used()", "counted": "new.status <> ''removed''", "entitlement": "seats"}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [{"when": "new.role <> old.role", "event": "user.role_changed", "description": "A member was given another role."}], "created": "user.joined", "updated": "user.updated"}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"remove": {"to": "removed", "from": ["active", "suspended"], "event": "user.removed", "description": "Ends a membership for good; the person can be invited again."}, "suspend": {"to": "suspended", "from": ["active"], "event": "user.suspended", "description": "Locks a member out from their next request on."}, "reactivate": {"to": "active", "from": ["suspended"], "event": "user.reactivated", "description": "Lets a suspended member in again."}}}, "permissions": {"read": "viewer", "remove": "admin", "update": "admin", "suspend": "admin", "reactivate": "admin"}}' where name = 'membership';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["pending"]}}, "limit": {"usage": "app.seats_used()", "counted": "new.status = ''pending''", "entitlement": "seats"}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "user.invited", "updated": "invitation.updated"}, "hidden": [], "lifecycle": {"initial": "pending", "transitions": {"accept": {"to": "accepted", "from": ["pending"], "event": "invitation.accepted", "handwritten": true}, "expire": {"to": "expired", "from": ["pending"], "event": "invitation.expired"}, "revoke": {"to": "revoked", "from": ["pending"], "event": "invitation.revoked", "description": "Takes an invitation back and frees its seat."}}}, "permissions": {"read": "member", "accept": [], "create": "admin", "expire": [], "revoke": "admin"}}' where name = 'invitation';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["active"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "api_key.created", "updated": "api_key.updated"}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"expire": {"to": "expired", "from": ["active"], "event": "api_key.expired"}, "revoke": {"to": "revoked", "from": ["active"], "event": "api_key.revoked", "description": "Ends a key from its next use on."}}}, "permissions": {"read": "admin", "create": "admin", "expire": [], "revoke": "admin", "update": "admin"}}' where name = 'api_key';
update platform.entity set declaration = '{"due": {"renew": {"column": "current_period_end", "states": ["active"]}, "activate": {"column": "trial_ends_at", "states": ["trialing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [{"when": "new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan)", "event": "subscription.upgraded", "description": "The subscription went to a higher plan."}, {"when": "new.plan <> old.plan", "event": "subscription.downgraded", "description": "The subscription went to a lower plan."}, {"when": "new.period > old.period", "event": "subscription.renewed", "description": "A new period began."}], "created": "subscription.created", "updated": "subscription.updated"}, "hidden": [], "lifecycle": {"initial": ["trialing", "active"], "transitions": {"pause": {"to": "paused", "from": ["active"], "event": "subscription.paused", "description": "Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds."}, "cancel": {"to": "canceled", "from": ["trialing", "active", "past_due", "paused"], "event": "subscription.canceled", "description": "Ends the subscription now; the free plan holds from then on."}, "resume": {"to": "active", "from": ["paused"], "event": "subscription.resumed", "handwritten": true}, "recover": {"to": "active", "from": ["past_due"], "event": "subscription.activated"}, "activate": {"to": "active", "from": ["trialing"], "event": "subscription.activated", "handwritten": true}, "mark_past_due": {"to": "past_due", "from": ["active"], "event": "subscription.past_due"}}}, "permissions": {"read": "viewer", "pause": "billing", "renew": [], "cancel": "billing", "resume": "billing", "recover": [], "upgrade": "billing", "activate": [], "downgrade": "billing", "mark_past_due": []}}' where name = 'subscription';
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "invoice.created", "updated": "invoice.updated"}, "hidden": [], "lifecycle": {"initial": "draft", "transitions": {"pay": {"to": "paid", "from": ["open", "uncollectible"], "event": "invoice.paid"}, "void": {"to": "void", "from": ["open", "uncollectible"], "event": "invoice.voided"}, "finalize": {"to": "open", "from": ["draft"], "event": "invoice.finalized"}, "mark_uncollectible": {"to": "uncollectible", "from": ["open"], "event": "invoice.marked_uncollectible"}}}, "permissions": {"pay": [], "read": ["billing", "admin"], "void": [], "finalize": [], "mark_uncollectible": []}}' where name = 'invoice';
update platform.entity set declaration = '{"due": {}, "limit": {"usage": "app.projects_used()", "counted": "new.status <> ''deleted''", "entitlement": "projects"}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "project.created", "updated": "project.updated"}, "hidden": [], "concealed": ["deleted"], "lifecycle": {"initial": "active", "concealed": ["deleted"], "transitions": {"delete": {"to": "deleted", "from": ["active", "archived"], "event": "project.deleted", "description": "Removes a project from view for good."}, "archive": {"to": "archived", "from": ["active"], "event": "project.archived", "description": "Puts a project away; it can be restored."}, "restore": {"to": "active", "from": ["archived"], "event": "project.restored", "description": "Takes an archived project up again."}}}, "permissions": {"read": "viewer", "create": "member", "delete": "admin", "update": "member", "archive": "member", "restore": "member"}}' where name = 'project';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["exported"]}}, "tasks": {"report.requested": "export_report"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "report.requested", "updated": "report.updated"}, "hidden": [], "lifecycle": {"initial": "requested", "transitions": {"fail": {"to": "failed", "from": ["requested", "running"], "event": "report.failed", "handwritten": true}, "start": {"to": "running", "from": ["requested", "running"], "event": "report.started", "handwritten": true}, "expire": {"to": "expired", "from": ["exported"], "event": "report.expired", "handwritten": true}, "finish": {"to": "exported", "from": ["running"], "event": "report.exported", "handwritten": true}}}, "permissions": {"fail": [], "read": "admin", "start": [], "create": "admin", "expire": [], "finish": []}}' where name = 'report';
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_dispatcher": ["select"]}, "events": {"changed": [], "created": "webhook_endpoint.created", "updated": "webhook_endpoint.updated"}, "hidden": [], "lifecycle": {"initial": "enabled", "transitions": {"enable": {"to": "enabled", "from": ["disabled"], "event": "webhook_endpoint.enabled", "description": "Begins deliveries of what happens from now on."}, "disable": {"to": "disabled", "from": ["enabled"], "event": "webhook_endpoint.disabled", "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."}}}, "permissions": {"read": "admin", "create": "admin", "enable": "admin", "update": "admin", "disable": "admin"}}', grants = 'freehold_dispatcher SELECT
freehold_janitor SELECT
freehold_user SELECT (created_at)
freehold_user SELECT (description)
freehold_user SELECT (event_types)
freehold_user SELECT (id)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (url)
freehold_user SELECT (version)
freehold_user UPDATE (description)
freehold_user UPDATE (event_types)
freehold_user UPDATE (url)
freehold_user UPDATE (version)' where name = 'webhook_endpoint';
update platform.entity set declaration = '{"across": {"freehold_janitor": ["select", "delete"], "freehold_dispatcher": ["select", "insert", "update"]}, "hidden": [], "retained": true, "permissions": {"read": "admin", "resend": "admin"}}', policies = 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_insert a t freehold_dispatcher true
freehold_dispatcher_select r t freehold_dispatcher true
freehold_dispatcher_update w t freehold_dispatcher true true
freehold_janitor_delete d t freehold_janitor true
freehold_janitor_select r t freehold_janitor true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''delivery:read''::text, 59))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor)))', grants = 'freehold_dispatcher INSERT
freehold_dispatcher SELECT
freehold_dispatcher UPDATE
freehold_janitor DELETE
freehold_janitor SELECT
freehold_user SELECT (attempt_count)
freehold_user SELECT (created_at)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (event_id)
freehold_user SELECT (id)
freehold_user SELECT (last_error)
freehold_user SELECT (next_attempt_at)
freehold_user SELECT (status)
freehold_user SELECT (task)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)' where name = 'delivery';
update platform.entity set declaration = '{"across": {"freehold_janitor": ["select", "delete"], "freehold_dispatcher": ["select", "insert"]}, "hidden": [], "retained": true, "permissions": {"read": "admin"}}', policies = 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_insert a t freehold_dispatcher true
freehold_dispatcher_select r t freehold_dispatcher true
freehold_janitor_delete d t freehold_janitor true
freehold_janitor_select r t freehold_janitor true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''delivery_attempt:read''::text, 61))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor)))', grants = 'freehold_dispatcher INSERT
freehold_dispatcher SELECT
freehold_janitor DELETE
freehold_janitor SELECT
freehold_user SELECT (attempt)
freehold_user SELECT (delivery_id)
freehold_user SELECT (error)
freehold_user SELECT (id)
freehold_user SELECT (latency_ms)
freehold_user SELECT (occurred_at)
freehold_user SELECT (response_excerpt)
freehold_user SELECT (status_code)
freehold_user SELECT (tenant_id)' where name = 'delivery_attempt';
delete from platform.event_task where (type, task) in (('webhook_endpoint.failing', 'notify_endpoint_owners'), ('webhook_endpoint.disabled', 'notify_endpoint_owners'), ('webhook_replay.requested', 'replay_events'));
delete from platform.permission where (key) in (('webhook_endpoint:give_up'), ('webhook_signing_key:read'), ('webhook_header:read'), ('webhook_replay:fail'), ('webhook_replay:read'), ('webhook_replay:cancel'), ('webhook_replay:create'), ('webhook_replay:complete'));
delete from platform.role_permission where (role, permission) in (('admin', 'webhook_signing_key:read'), ('admin', 'webhook_header:read'), ('admin', 'webhook_replay:read'), ('admin', 'webhook_replay:cancel'), ('admin', 'webhook_replay:create'));
delete from platform.transition where (entity, name, from_state) in (('webhook_endpoint', 'give_up', 'enabled'), ('webhook_replay', 'fail', 'running'), ('webhook_replay', 'cancel', 'running'), ('webhook_replay', 'complete', 'running'));
revoke select (tenant_id, id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt, occurred_at) on app.delivery_attempt from freehold_user;
revoke select (tenant_id, id, event_id, endpoint_id, task, status, attempt_count, schedule_start, next_attempt_at, last_error, created_at, updated_at) on app.delivery from freehold_user;
revoke select (tenant_id, id, url, description, event_types, status, version, created_at, updated_at, channels, ordered, rate_limit, concurrency, retry_delays, disabled_reason) on app.webhook_endpoint from freehold_user;
revoke select (tenant_id, id, xid, type, entity, entity_id, entity_version, data, previous, actor_type, actor_id, impersonator_id, request_id, traceparent, occurred_at, channel) on app.event from freehold_user;
revoke update (url, description, event_types, version, channels, ordered, rate_limit, concurrency, retry_delays) on app.webhook_endpoint from freehold_user;
drop trigger _200_clear_reason on app.webhook_endpoint;
drop trigger _500_follow on app.webhook_endpoint;
drop index app.delivery_attempt_delivery;
drop index app.delivery_attempt_endpoint;
drop index app.delivery_endpoint;
drop index app.delivery_event;
drop index app.delivery_status_endpoint;
alter table app.event alter column channel set statistics default;
alter table app.webhook_endpoint alter column channels set statistics default;
alter table app.webhook_endpoint alter column disabled_reason set statistics default;
alter table app.event drop column channel;
alter table app.event alter column xid set default pg_current_xact_id();
alter table app.webhook_endpoint drop constraint webhook_endpoint_channels_check;
alter table app.webhook_endpoint drop constraint webhook_endpoint_check;
alter table app.webhook_endpoint drop constraint webhook_endpoint_concurrency_check;
alter table app.webhook_endpoint drop constraint webhook_endpoint_rate_limit_check;
alter table app.webhook_endpoint drop constraint webhook_endpoint_retry_delays_check;
alter table app.webhook_endpoint drop column channels;
alter table app.webhook_endpoint drop column ordered;
alter table app.webhook_endpoint drop column rate_limit;
alter table app.webhook_endpoint drop column concurrency;
alter table app.webhook_endpoint drop column retry_delays;
alter table app.webhook_endpoint drop column disabled_reason;
alter table platform.delivery_batch drop column parallel;
alter table platform.delivery_batch drop column ordered;
alter table platform.delivery_batch drop column lane;
alter table platform.event_task drop constraint event_task_type_fkey;
drop table platform.lane_queue;
comment on column app.api_key.name is null;
comment on column app.api_key.prefix is 'The beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is 'Permissions of the key, such as project:read.';
comment on column app.delivery.schedule_start is null;
comment on column app.delivery_attempt.endpoint_id is null;
comment on column app.delivery_attempt.succeeded is null;
comment on column app.event.xid is 'Transaction that wrote the event; orders the change feed.';
comment on column app.invitation.email is 'Where it was sent.';
comment on column app.invitation.expires_at is 'When it can no longer be accepted: seven days unless set.';
comment on column app.invitation.role is 'The role that the person will have.';
comment on column app.invoice.currency is null;
comment on column app.invoice.paid_at is null;
comment on column app.invoice.period_end is null;
comment on column app.invoice.period_start is null;
comment on column app.invoice.subscription_id is null;
comment on column app.invoice.total is 'Sum of the lines, in minor units of the currency.';
comment on column app.membership.email is 'Address as the identity provider verified it.';
comment on column app.membership.name is 'Name as people see it.';
comment on column app.membership.role is 'owner, admin, member, viewer or billing.';
comment on column app.project.description is 'What it is about, up to 10,000 characters.';
comment on column app.project.name is 'Name, 1 to 200 characters.';
comment on column app.report.kind is 'events, invoices, members or usage.';
comment on column app.subscription.current_period_end is null;
comment on column app.subscription.current_period_start is null;
comment on column app.subscription.period is '@behavior -*
Number of the current period, from 0.';
comment on column app.subscription.plan is 'The plan that holds now.';
comment on column app.subscription.trial_ends_at is 'When the trial turns into a paid subscription by itself.';
comment on column app.tenant.name is 'Name as people see it.';
comment on column app.tenant.slug is 'Short name in addresses; unique over all tenants.';
comment on column app.webhook_endpoint.description is 'What it is for.';
comment on column app.webhook_endpoint.event_types is 'What it is told of: exact types, all of an entity (invoice.*), or everything (*).';
comment on column app.webhook_endpoint.url is 'Where to post: https, without user, password and fragment.';
comment on table app.delivery_attempt is '@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts
One attempt of a delivery: what was answered, and how long it took.';
drop routine app.advance_webhook_replay(id uuid, most integer);
drop routine app.cancel_webhook_replay(id uuid, expected_version integer);
drop routine app.change_feed(after uuid, first integer, types text[]);
drop routine app.change_feed_end();
drop routine app.change_feed_held_since();
drop routine app.complete_webhook_replay(id uuid, expected_version integer);
drop routine app.create_webhook_endpoint(url text, event_types text[], description text, channels text[], ordered boolean, rate_limit integer, concurrency integer, retry_delays integer[], signing_key platform.fresh_key);
drop routine app.fail_webhook_replay(id uuid, expected_version integer);
drop routine app.give_up_webhook_endpoint(id uuid, reason text, expected_version integer);
drop routine app.remove_webhook_header(endpoint_id uuid, name text);
create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:read');
  if not exists (
    select from app.report r
    where r.tenant_id = platform.tenant_id() and r.id = report_content.id and r.status = 'exported'
  ) then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', report_content.id, '{}');
  end if;
  return query
    select c.position, c.content
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      return query select to_jsonb(e)::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
create or replace function app.resend_delivery(id uuid)
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  found_delivery app.delivery;
  moved boolean;
begin
  perform platform.require('delivery:resend');
  select *
  into found_delivery
  from app.delivery
  where tenant_id = platform.tenant_id()
    and id = resend_delivery.id
    and endpoint_id is not null
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such delivery',
      detail = format('delivery %s', resend_delivery.id);
  end if;
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = found_delivery.tenant_id and w.id = found_delivery.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005',
      message = 'the endpoint of the delivery is disabled',
      detail = 'Enable the endpoint first.';
  end if;

  if found_delivery.status = 'pending' then
    update platform.delivery_queue
    set due_at = statement_timestamp()
    where due_at = found_delivery.next_attempt_at
      and delivery_id = found_delivery.id;
    moved := found;
  else
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    values (statement_timestamp(), found_delivery.id, found_delivery.tenant_id, found_delivery.endpoint_id, found_delivery.attempt_count + 1);
    moved := true;
  end if;
  -- not in the queue: it is being sent at this moment
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
    perform platform.wake_dispatcher();
  end if;
  return found_delivery;
end
$$;
drop routine app.rotate_webhook_signing_key(endpoint_id uuid, scheme text, grace_hours integer, signing_key platform.fresh_key);
drop routine app.send_test_event(endpoint_id uuid, message text);
drop routine app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed);
drop routine app.warn_of_webhook_endpoint(id uuid, failing_since timestamp with time zone, disables_at timestamp with time zone);
create or replace function app.webhook_endpoint_check_types()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  unknown text;
begin
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(new.event_types) w
  where w is null
    or (w <> '*'
      and not exists (select from platform.event_type t where t.type = w)
      and not (w like '%.*' and exists (select from platform.event_type t where split_part(t.type, '.', 1) || '.*' = w)));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = format('Use *, or one of: %s.', (
        select string_agg(distinct kind, ', ' order by kind)
        from platform.event_type t,
          lateral (values (t.type), (split_part(t.type, '.', 1) || '.*')) k (kind)));
  end if;
  return new;
end
$$;
drop routine app.webhook_endpoint_clear_reason();
drop routine app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer);
drop routine app.webhook_replay_queued(replay app.webhook_replay);
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.invoice_record_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, 'invoice.created', 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, 'invoice.created', 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.invoice_record_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.version = old.version then
    return null;
  end if;
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, case
      when old.status = 'draft' and new.status = 'open' then 'invoice.finalized'
      when old.status = 'open' and new.status = 'paid' then 'invoice.paid'
      when old.status = 'open' and new.status = 'uncollectible' then 'invoice.marked_uncollectible'
      when old.status = 'open' and new.status = 'void' then 'invoice.voided'
      when old.status = 'uncollectible' and new.status = 'paid' then 'invoice.paid'
      when old.status = 'uncollectible' and new.status = 'void' then 'invoice.voided' else 'invoice.updated' end, 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.number is distinct from old.number then jsonb_build_object('number', old.number) else '{}' end
      || case when new.subscription_id is distinct from old.subscription_id then jsonb_build_object('subscription_id', old.subscription_id) else '{}' end
      || case when new.currency is distinct from old.currency then jsonb_build_object('currency', old.currency) else '{}' end
      || case when new.total is distinct from old.total then jsonb_build_object('total', old.total) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.period_start is distinct from old.period_start then jsonb_build_object('period_start', old.period_start) else '{}' end
      || case when new.period_end is distinct from old.period_end then jsonb_build_object('period_end', old.period_end) else '{}' end
      || case when new.issued_at is distinct from old.issued_at then jsonb_build_object('issued_at', old.issued_at) else '{}' end
      || case when new.due_at is distinct from old.due_at then jsonb_build_object('due_at', old.due_at) else '{}' end
      || case when new.paid_at is distinct from old.paid_at then jsonb_build_object('paid_at', old.paid_at) else '{}' end,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, case
      when old.status = 'draft' and new.status = 'open' then 'invoice.finalized'
      when old.status = 'open' and new.status = 'paid' then 'invoice.paid'
      when old.status = 'open' and new.status = 'uncollectible' then 'invoice.marked_uncollectible'
      when old.status = 'open' and new.status = 'void' then 'invoice.voided'
      when old.status = 'uncollectible' and new.status = 'paid' then 'invoice.paid'
      when old.status = 'uncollectible' and new.status = 'void' then 'invoice.voided' else 'invoice.updated' end, 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.number is distinct from old.number then jsonb_build_object('number', old.number) else '{}' end
      || case when new.subscription_id is distinct from old.subscription_id then jsonb_build_object('subscription_id', old.subscription_id) else '{}' end
      || case when new.currency is distinct from old.currency then jsonb_build_object('currency', old.currency) else '{}' end
      || case when new.total is distinct from old.total then jsonb_build_object('total', old.total) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.period_start is distinct from old.period_start then jsonb_build_object('period_start', old.period_start) else '{}' end
      || case when new.period_end is distinct from old.period_end then jsonb_build_object('period_end', old.period_end) else '{}' end
      || case when new.issued_at is distinct from old.issued_at then jsonb_build_object('issued_at', old.issued_at) else '{}' end
      || case when new.due_at is distinct from old.due_at then jsonb_build_object('due_at', old.due_at) else '{}' end
      || case when new.paid_at is distinct from old.paid_at then jsonb_build_object('paid_at', old.paid_at) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.webhook_endpoint_record_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, 'webhook_endpoint.created', 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, 'webhook_endpoint.created', 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.webhook_endpoint_record_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.version = old.version then
    return null;
  end if;
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, case
      when old.status = 'disabled' and new.status = 'enabled' then 'webhook_endpoint.enabled'
      when old.status = 'enabled' and new.status = 'disabled' then 'webhook_endpoint.disabled' else 'webhook_endpoint.updated' end, 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.url is distinct from old.url then jsonb_build_object('url', old.url) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.event_types is distinct from old.event_types then jsonb_build_object('event_types', old.event_types) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, case
      when old.status = 'disabled' and new.status = 'enabled' then 'webhook_endpoint.enabled'
      when old.status = 'enabled' and new.status = 'disabled' then 'webhook_endpoint.disabled' else 'webhook_endpoint.updated' end, 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.url is distinct from old.url then jsonb_build_object('url', old.url) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.event_types is distinct from old.event_types then jsonb_build_object('event_types', old.event_types) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
create or replace function platform.access_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('platform', 'identity', 'catalog', 'app', 'generated')
  ),
  grants as (
    select c.oid, c.oid::regclass::text as name, c.relispartition, n.nspname, x.grantee, x.privilege_type
    from pg_catalog.pg_class c
    join ours n on n.oid = c.relnamespace
    cross join lateral (
      select * from aclexplode(c.relacl)
      union
      select k.* from pg_catalog.pg_attribute a, aclexplode(a.attacl) k where a.attrelid = c.oid
    ) x
    where x.grantee <> c.relowner
  )
  select distinct 'granted_to_public', name, 'Revoke it: grant to a role by name.' from grants where grantee = 0
  union all
  select 'dangerous_grant', name || ' ' || privilege_type || ' to ' || grantee::regrole::text, 'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'
  from grants
  where privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
  union all
  select 'secret_grant', name || ' to ' || grantee::regrole::text, 'Revoke it: keys, sessions and secrets are read by narrow roles alone.'
  from grants
  where (nspname = 'identity' or name in ('platform.webhook_secret', 'platform.counter'))
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select distinct 'partition_grant', name, 'Revoke it: policies of the parent do not hold on a partition.'
  from grants
  where relispartition
  union all
  select 'create_on_schema', n.nspname || ' to ' || r, 'Revoke it: who runs requests makes no objects.'
  from ours n
  cross join platform.runtime_roles() r
  where has_schema_privilege(r, n.oid, 'create')
  union all
  select 'powerful_role', r.rolname::text, 'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'
  from pg_catalog.pg_roles r
  where r.rolname in (select platform.runtime_roles() union all values ('freehold_owner'), ('freehold_resolver'), ('freehold_recorder'), ('freehold_dispatcher'), ('freehold_janitor'))
    and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  union all
  select 'role_membership', m.member::regrole::text || ' in ' || m.roleid::regrole::text,
    'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'
  from pg_catalog.pg_auth_members m
  join pg_catalog.pg_roles r on r.oid = m.member
  cross join lateral (select m.member::regrole::text as member, m.roleid::regrole::text as role) n
  where (n.member = any (platform.own_roles()) or n.role = any (platform.own_roles()))
    and not (
      not m.inherit_option
      and (
        not m.admin_option
        and (n.member, n.role) in (values
          ('freehold_app', 'freehold_user'), ('freehold_worker', 'freehold_user'),
          ('freehold_owner', 'freehold_resolver'), ('freehold_owner', 'freehold_recorder'),
          ('freehold_owner', 'freehold_dispatcher'), ('freehold_owner', 'freehold_janitor'))
        -- the administrator who made the roles
        or r.rolcreaterole and n.member <> all (platform.own_roles())))
  union all
  select 'role_login', r.rolname::text, 'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'
  from pg_catalog.pg_roles r
  where r.rolcanlogin
    and r.rolname in ('freehold_user', 'freehold_resolver', 'freehold_recorder', 'freehold_dispatcher', 'freehold_janitor')
  union all
  select 'database_grant', lower(x.privilege_type) || ' to ' || case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
    'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'
  from pg_catalog.pg_database d
  cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  where d.datname = current_database()
    and x.privilege_type in ('TEMPORARY', 'CREATE')
    and (x.grantee = 0 or x.grantee::regrole::text in (select platform.runtime_roles()::text))
  union all
  select 'minting_grant', p.oid::regprocedure::text || ' to ' || x.grantee::regrole::text, 'Revoke it: who may sign or enter is everybody.'
  from pg_catalog.pg_proc p
  cross join aclexplode(p.proacl) x
  where p.pronamespace = 'platform'::regnamespace
    and x.grantee <> p.proowner
    and x.grantee <> 0
    and (p.proname in ('add_principal', 'execute_as')
      or p.proname = 'sign_context' and x.grantee::regrole::text <> 'freehold_resolver'
      or p.proname in ('enter_as_system', 'create_tenant', 'purge_tenant') and x.grantee::regrole::text <> 'freehold_worker')
  union all
  select 'leakproof_function', p.oid::regprocedure::text, 'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.proleakproof
  union all
  select 'runtime_owner', c.oid::regclass::text, 'Give it to freehold_owner.'
  from pg_catalog.pg_class c
  join ours n on n.oid = c.relnamespace
  where c.relowner::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'definer_search_path', p.oid::regprocedure::text, 'Add: set search_path = ''''.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.prosecdef
    and not coalesce(p.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'executable_by_public', p.oid::regprocedure::text, 'Revoke execute from public.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.grantee = 0
    and p.prorettype <> 'trigger'::regtype
  union all
  select 'immutable_context', p.oid::regprocedure::text, 'Make it STABLE: a cached plan would serve the former tenant.'
  from pg_catalog.pg_proc p
  join ours n on n.oid = p.pronamespace
  where p.provolatile = 'i'
    and (coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) ~* 'current_setting|tenant_id\(\)|claim\(';
end;
drop routine platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key);
create or replace function platform.check_declaration(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb,
  hidden text[],
  creatable text[],
  editable text[],
  due jsonb,
  events jsonb,
  limited_by jsonb,
  tasks jsonb
)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  entity text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  columns text[] := array(
    select a.attname from pg_catalog.pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
  states text[];
  wrong text[] := '{}';
  found text;
begin
  select array_agg(format('column %s is missing', c))
  into wrong
  from unnest('{tenant_id,id,version,created_at,updated_at}'::text[]) c
  where c <> all (columns);
  wrong := coalesce(wrong, '{}');
  if (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation) <> 'app' then
    wrong := wrong || 'the table is not in schema app'::text;
  end if;
  wrong := wrong || array(
    select format('column %s does not exist', c)
    from unnest(hidden || creatable || editable) c
    where c <> all (columns));
  wrong := wrong || array(
    select format('role %s does not exist', r)
    from jsonb_each(permissions) p,
      jsonb_array_elements_text(platform.as_list(p.value)) r
    where not exists (select from platform.role known where known.key = r));
  if not permissions ? 'read' then
    wrong := wrong || 'permission read is missing'::text;
  end if;
  if lifecycle is not null then
    if 'status' <> all (columns) then
      wrong := wrong || 'column status is missing'::text;
    else
      select e.relation
      into found
      from pg_catalog.pg_constraint c
      join platform.entity e on e.kind = 'states' and e.relation = c.confrelid::regclass::text
      where c.conrelid = check_declaration.relation
        and c.contype = 'f'
        and c.conkey = array[(select a.attnum from pg_catalog.pg_attribute a where a.attrelid = check_declaration.relation and a.attname = 'status')];
      if found is null then
        wrong := wrong || 'column status does not reference a table of platform.declare_states'::text;
      else
        execute format('select array_agg(value) from %s', found) into states;
        wrong := wrong || array(
          select format('initial state %s does not exist', coalesce(s, 'null'))
          from jsonb_array_elements_text(platform.as_list(lifecycle -> 'initial')) s
          where s is null or s <> all (states));
        wrong := wrong || array(
          select format('transition %s: state %s does not exist', t.key, s)
          from jsonb_each(lifecycle -> 'transitions') t,
            jsonb_array_elements_text(platform.as_list(t.value -> 'from') || platform.as_list(t.value -> 'to')) s
          where s <> all (states));
      end if;
    end if;
    wrong := wrong || array(
      select format('transition %s has no permission', t)
      from jsonb_object_keys(lifecycle -> 'transitions') t
      where not permissions ? t);
    wrong := wrong || array(
      select format('transition %s has no %s', t.key, part)
      from jsonb_each(lifecycle -> 'transitions') t,
        unnest('{from,to}'::text[]) part
      where coalesce(t.value -> part, '[]') in ('[]', 'null'));
  elsif 'status' = any (columns) then
    wrong := wrong || 'column status has no lifecycle'::text;
  end if;
  wrong := wrong || array(
    select format('due %s: column %s does not exist', d.key, coalesce(d.value ->> 'column', 'null'))
    from jsonb_each(due) d
    where coalesce(d.value ->> 'column', '') <> all (columns));
  wrong := wrong || array(
    select format('due %s has no permission', d)
    from jsonb_object_keys(due) d
    where not permissions ? d);
  wrong := wrong || array(
    select format('limited_by: %s is missing', part)
    from unnest('{entitlement,counted,usage}'::text[]) part
    where limited_by is not null and limited_by ->> part is null);
  wrong := wrong || array(
    select format('task %s: there is no event %s', t.value #>> '{}', t.key)
    from jsonb_each(tasks) t
    where t.key not in (
      select coalesce(events ->> e.name, format('%s.%s', entity, e.name)) from unnest('{created,updated}'::text[]) e (name)
      union all
      select c ->> 'event' from jsonb_array_elements(events -> 'changed') c
      union all
      select coalesce(v.value ->> 'event', format('%s.%s', entity, v.value ->> 'to')) from jsonb_each(lifecycle -> 'transitions') v));
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of %s is not acceptable', relation),
      detail = array_to_string(wrong, '; ');
  end if;
end
$$;
set local role freehold_dispatcher;
create or replace function platform.claim_deliveries(
  most integer default 1000,
  batch_size integer default 100,
  lease interval default '30 seconds',
  in_flight integer default 200
)
returns table (identifier text, payload json, job_key text, max_attempts smallint)
language plpgsql
volatile
security definer
set search_path = ''
as $claim$
declare
  busy integer;
begin
  -- What nobody holds any more: the worker died, or its job never ran.
  return query
    update platform.delivery_batch b
    set claim = b.claim + 1,
      expires_at = statement_timestamp() + lease
    where b.id = any (array(
      select e.id
      from platform.delivery_batch e
      where e.expires_at <= statement_timestamp()
      order by e.expires_at
      limit in_flight
      for update skip locked))
    returning 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint;

  -- No more than the workers can begin within a lease: a batch that waits longer would be given out twice.
  select count(*) into busy from platform.delivery_batch;
  if busy >= in_flight then
    return;
  end if;

  return query
    with due as (
      delete from platform.delivery_queue q
      -- by place, not by key: a join lets the planner hash the whole queue
      where q.ctid = any (array(
        select d.ctid
        from platform.delivery_queue d
        where d.due_at <= statement_timestamp()
        order by d.due_at, d.delivery_id
        limit most
        for update skip locked))
      returning q.*
    ),
    -- An endpoint with much to receive, or that failed before, has batches of its own: it keeps nobody else waiting. The
    -- rest share theirs, or a round over a thousand tenants would be a thousand jobs.
    lane as (
      select d.*,
        case when d.attempt = 1 and count(*) over (partition by d.tenant_id, d.endpoint_id) < 10 then null else d.endpoint_id end as own
      from due d
      where d.task is null
    ),
    numbered as (
      select l.*, (row_number() over (partition by l.own order by l.due_at, l.delivery_id) - 1) / batch_size as part
      from lane l
    ),
    batch as (
      insert into platform.delivery_batch (expires_at, tenant_ids, delivery_ids, attempts)
      select statement_timestamp() + lease,
        array_agg(n.tenant_id order by n.due_at, n.delivery_id),
        array_agg(n.delivery_id order by n.due_at, n.delivery_id),
        array_agg(n.attempt order by n.due_at, n.delivery_id)
      from numbered n
      group by n.own, n.part
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b
    union all
    -- From here the job holds an internal task: it is written in this transaction, and its key admits it once.
    select d.task, json_build_object('tenant', d.tenant_id, 'delivery', d.delivery_id), 'task:' || d.delivery_id, 10::smallint
    from due d
    where d.task is not null;
end
$claim$;
set local role none;
drop routine platform.claim_lanes(batch_size integer, lease interval, most_unwell integer);
drop routine platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb, channel text);
drop routine platform.declared_event_types(entity text, events jsonb, lifecycle jsonb);
drop routine platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer);
drop routine platform.endpoint_health(endpoint uuid);
drop routine platform.failing_endpoints(disable_after interval, least_failures integer);
set local role freehold_dispatcher;
create or replace function platform.fan_out()
returns trigger
language plpgsql
security definer
set search_path = ''
as $fan$
declare
  written integer;
begin
  with added as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, task, next_attempt_at)
    select r.tenant_id, r.id, w.id, null, statement_timestamp()
    from recorded r
    join app.webhook_endpoint w on w.tenant_id = r.tenant_id
    where w.status = 'enabled'
      and w.event_types && array[r.type, split_part(r.type, '.', 1) || '.*', '*']
    union all
    select r.tenant_id, r.id, null, t.task, statement_timestamp()
    from recorded r
    join platform.event_task t on t.type = r.type
    returning tenant_id, id, endpoint_id, task, next_attempt_at
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, task, attempt)
  select a.next_attempt_at, a.id, a.tenant_id, a.endpoint_id, a.task, 1
  from added a;
  get diagnostics written = row_count;
  if written > 0 then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$fan$;
set local role none;
drop routine platform.feed_position(after uuid, first integer, types text[], OUT xid xid8, OUT id uuid);
set local role freehold_dispatcher;
create or replace function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean default true)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $finish$
declare
  held boolean;
begin
  perform
  from platform.delivery_batch b
  where b.id = batch
    and b.claim = finish_deliveries.claim
  for update;
  held := found;

  with result as (
    select r.*
    from json_to_recordset(results) r (
      tenant_id uuid, delivery_id uuid, attempt integer, succeeded boolean, final boolean,
      status_code integer, error text, latency_ms integer, response_excerpt text, occurred_at timestamptz)
  ),
  attempted as (
    insert into app.delivery_attempt (tenant_id, delivery_id, attempt, status_code, error, latency_ms, response_excerpt, occurred_at)
    select r.tenant_id, r.delivery_id, r.attempt, r.status_code, r.error, r.latency_ms, r.response_excerpt, r.occurred_at
    from result r
    where r.latency_ms is not null
  ),
  verdict as (
    select r.tenant_id, r.delivery_id, r.attempt, r.error, r.succeeded,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(r.attempt)
      end as next_attempt_at
    from result r
    -- who lost the lease still tells of a success, and leaves a failure to the new holder
    where held or r.succeeded
  ),
  settled as (
    update app.delivery d
    set attempt_count = v.attempt,
      status = case when v.succeeded then 'succeeded' when v.next_attempt_at is null then 'failed' else 'pending' end,
      next_attempt_at = v.next_attempt_at,
      last_error = v.error,
      updated_at = statement_timestamp()
    from verdict v
    where d.tenant_id = v.tenant_id
      and d.id = v.delivery_id
      and d.status = 'pending'
      and d.attempt_count = v.attempt - 1
    returning d.tenant_id, d.id, d.endpoint_id, d.attempt_count, d.next_attempt_at
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  select s.next_attempt_at, s.id, s.tenant_id, s.endpoint_id, s.attempt_count + 1
  from settled s
  where s.next_attempt_at is not null;

  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
  end if;
  return held;
end
$finish$;
set local role none;
set local role freehold_dispatcher;
create or replace function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  with settled as (
    update app.delivery d
    set attempt_count = d.attempt_count + 1,
      status = case when finish_task.error is null then 'succeeded' when final then 'failed' else 'pending' end,
      next_attempt_at = null,
      last_error = left(finish_task.error, 1000),
      updated_at = statement_timestamp()
    where d.tenant_id = tenant
      and d.id = delivery
      and d.task is not null
      and d.status = 'pending'
    returning d.tenant_id, d.id, d.attempt_count
  )
  insert into app.delivery_attempt (tenant_id, delivery_id, attempt, error, latency_ms)
  select s.tenant_id, s.id, s.attempt_count, left(finish_task.error, 1000), finish_task.latency_ms
  from settled s;
end;
set local role none;
drop routine platform.follow_endpoint();
drop routine platform.follow_health(told json);
drop routine platform.isolate_endpoints(tenants uuid[], endpoints uuid[]);
create or replace function platform.json_type(type regtype)
returns jsonb
language sql
immutable
set search_path = ''
return case
  when type = 'uuid'::regtype then '{"type": "string", "format": "uuid"}'
  when type = 'timestamptz'::regtype then '{"type": "string", "format": "date-time"}'
  when type = 'date'::regtype then '{"type": "string", "format": "date"}'
  when type = 'boolean'::regtype then '{"type": "boolean"}'
  when type in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) then '{"type": "integer"}'
  when type = 'text[]'::regtype then '{"type": "array", "items": {"type": "string"}}'
  when type = 'jsonb'::regtype then '{}'
  else '{"type": "string"}'
end::jsonb;
drop routine platform.mark_warned(endpoint uuid);
drop routine platform.next_due(most interval, in_flight integer);
drop routine platform.note_told(tenant uuid, event uuid, member uuid);
create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
set local role freehold_recorder;
create or replace function platform.record_event(type text, entity text, entity_id uuid, data jsonb)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $record$
declare
  made uuid;
begin
  perform platform.require(null);
  if not exists (select from platform.event_type t where t.type = record_event.type) then
    raise exception using
      errcode = 'ZF013',
      message = format('event type %s is not declared', type),
      detail = 'Declare it with platform.declare_event.';
  end if;
  insert into app.event (
    tenant_id, type, entity, entity_id, data,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    v.tenant_id, record_event.type, record_event.entity, record_event.entity_id, record_event.data,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  returning id into made;
  return made;
end
$record$;
set local role none;
drop routine platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer);
create or replace function platform.schema_of(relation regclass, hidden text[])
returns jsonb
language sql
stable
set search_path = ''
begin atomic
  select jsonb_build_object(
    '$schema', 'https://json-schema.org/draft/2020-12/schema',
    'type', 'object',
    'properties', jsonb_object_agg(c.name,
      case
        when c.states is not null then jsonb_build_object('type', 'string', 'enum', to_jsonb(c.states))
        when c.required then platform.json_type(c.type)
        when platform.json_type(c.type) ? 'type'
          then platform.json_type(c.type) || jsonb_build_object('type', jsonb_build_array(platform.json_type(c.type) -> 'type', 'null'))
        else platform.json_type(c.type)
      end || case when c.description is null then '{}' else jsonb_build_object('description', trim(E'\n ' from c.description)) end),
    'required', jsonb_agg(c.name),
    'additionalProperties', true)
  from platform.shown_columns(relation, hidden) c;
end;
drop routine platform.seal_anew(former text[], sealed text[]);
drop routine platform.sealed_otherwise(key_id text, most integer, skip integer);
drop routine platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[]);
drop routine platform.told_members(tenant uuid, event uuid);
drop routine platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid);
create or replace function platform.write_event_types(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  told jsonb;
  noun text := case when entity ~ '^[aeio]' then 'An ' else 'A ' end || replace(entity, '_', ' ');
  schema jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_event_types.entity;
  schema := platform.schema_of(declared.relation::regclass,
    array(select jsonb_array_elements_text(declared.declaration -> 'hidden')));
  select jsonb_object_agg(e.type, e.description)
  into told
  from (
    select declared.declaration #>> '{events,created}', format('%s was created.', noun)
    union all
    select declared.declaration #>> '{events,updated}', format('%s was changed.', noun)
    union all
    select c ->> 'event', coalesce(c ->> 'description', format('%s was changed.', noun))
    from jsonb_array_elements(declared.declaration #> '{events,changed}') c
    union all
    select t.event, format('%s went to %s.', noun, t.to_state)
    from platform.transition t
    where t.entity = write_event_types.entity
  ) e (type, description);
  -- an event that the entity no longer has; those of platform.declare_event carry no properties and stay
  delete from platform.event_type t
  where t.entity = write_event_types.entity
    and not told ? t.type
    and t.schema ? 'properties';
  insert into platform.event_type (type, entity, description, schema)
  select t.key, write_event_types.entity, t.value, schema
  from jsonb_each_text(told) t
  on conflict (type) do update
    set (entity, description, schema) = (excluded.entity, excluded.description, excluded.schema);
  delete from platform.event_task et
  using platform.event_type t
  where et.type = t.type
    and t.entity = write_event_types.entity;
  insert into platform.event_task (type, task)
  select t.key, t.value #>> '{}'
  from jsonb_each(declared.declaration -> 'tasks') t;
end
$$;
create or replace function platform.write_record(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  declared platform.entity;
  hidden text[];
  columns name[];
  pairs text;
  changes text;
  choice text;
  rule jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_record.entity;
  hidden := array(select jsonb_array_elements_text(declared.declaration -> 'hidden'));
  columns := array(select c.name from platform.shown_columns(declared.relation::regclass, hidden) c);
  select string_agg(format('%L, new.%I', c, c), ', ') into pairs from unnest(columns) c;
  -- Comparing column by column and adding only what differs, in one expression: jsonb_each of both rows took 20 µs.
  select string_agg(format(
    E'\n      || case when new.%1$I is distinct from old.%1$I then jsonb_build_object(%1$L, old.%1$I) else ''{}'' end', c), '' order by n)
  into changes
  from unnest(columns) with ordinality u (c, n)
  where c not in ('id', 'version', 'updated_at', 'created_at');

  -- a step of the lifecycle is told by its own name, whatever else changed with it
  select coalesce(string_agg(distinct format(
    E'\n      when old.status = %L and new.status = %L then %L', t.from_state, t.to_state, t.event), ''), '')
  into choice
  from platform.transition t
  where t.entity = write_record.entity
    and t.from_state <> t.to_state;
  for rule in select r from jsonb_array_elements(declared.declaration #> '{events,changed}') r loop
    choice := choice || format(E'\n      when %s then %L', rule ->> 'when', rule ->> 'event');
  end loop;

  perform platform.write_record_function(entity, 'insert', quote_literal(declared.declaration #>> '{events,created}'), 'null', pairs);
  perform platform.write_record_function(entity, 'update',
    case when choice = '' then quote_literal(declared.declaration #>> '{events,updated}')
    else format('case%s else %L end', choice, declared.declaration #>> '{events,updated}') end,
    '''{}''::jsonb' || coalesce(changes, ''), pairs);
end
$$;
create or replace function platform.write_record_event()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_recorder', $sql$
create or replace function platform.record_event(type text, entity text, entity_id uuid, data jsonb)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $record$
declare
  made uuid;
begin
  perform platform.require(null);
  if not exists (select from platform.event_type t where t.type = record_event.type) then
    raise exception using
      errcode = 'ZF013',
      message = format('event type %s is not declared', type),
      detail = 'Declare it with platform.declare_event.';
  end if;
  insert into app.event (
    tenant_id, type, entity, entity_id, data,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    v.tenant_id, record_event.type, record_event.entity, record_event.entity_id, record_event.data,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  returning id into made;
  return made;
end
$record$;
$sql$);
  perform platform.execute_as('freehold_recorder',
    'grant execute on function platform.record_event(text, text, uuid, jsonb) to freehold_owner');
  perform platform.execute_as('freehold_recorder', $sql$comment on function platform.record_event(text, text, uuid, jsonb) is
    'Records what happens without a row changing (a sign-in, an export, a refusal) in the tenant of the verified context. Returns the event id.'$sql$);
end
$write$;
drop routine platform.write_record_function(entity text, command text, event_type text, former text, pairs text, channel text);
comment on function platform.declare_event(type text, entity text, description text, schema jsonb) is 'Declares an event that no row change causes; platform.record_event records it.';
set local role freehold_dispatcher;
comment on function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean) is 'Records results of a batch, some or the last: [{tenant_id, delivery_id, attempt, succeeded, final, status_code, error, latency_ms, response_excerpt, occurred_at}].
final gives up without further attempts; without latency_ms no attempt was made. False when the lease was lost.';
set local role none;
set local role freehold_dispatcher;
comment on function platform.load_deliveries(batch uuid, claim integer, lease interval) is 'Renews the lease of a batch and returns what of it is still to be sent: URL, secret, webhook-id and the bytes of the body.
Nothing when the lease was lost. The only reader of signing secrets.';
set local role none;
comment on function platform.schema_of(relation regclass, hidden text[]) is 'JSON Schema (2020-12) of an entity as its events show it.';
drop domain platform.fresh_key;
drop type app.created_webhook_endpoint;
drop type app.rotated_webhook_signing_key;
drop type app.webhook_endpoint_performance;
create table platform.event_type (
  type text not null,
  entity text not null,
  description text not null,
  schema jsonb not null,
  constraint event_type_pkey PRIMARY KEY (type),
  constraint event_type_type_check CHECK ((type ~ '^[a-z_]+\.[a-z_]+$'::text))
);
create table platform.webhook_secret (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  secret bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint webhook_secret_pkey PRIMARY KEY (tenant_id, endpoint_id),
  constraint webhook_secret_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoint(tenant_id, id) ON DELETE CASCADE,
  constraint webhook_secret_secret_check CHECK (((length(secret) >= 24) AND (length(secret) <= 64)))
);
alter table platform.event_type owner to freehold_owner;
alter table platform.webhook_secret owner to freehold_owner;
CREATE INDEX delivery_attempt_delivery ON app.delivery_attempt USING btree (tenant_id, delivery_id, id);
CREATE INDEX delivery_endpoint ON app.delivery USING btree (tenant_id, endpoint_id, id);
CREATE INDEX delivery_event ON app.delivery USING btree (tenant_id, event_id);
create policy freehold_janitor_delete on app.delivery for delete to freehold_janitor
  using (true);
create policy freehold_janitor_delete on app.delivery_attempt for delete to freehold_janitor
  using (true);
create policy freehold_janitor_select on app.delivery for select to freehold_janitor
  using (true);
create policy freehold_janitor_select on app.delivery_attempt for select to freehold_janitor
  using (true);
grant delete, select on app.delivery to freehold_janitor;
grant delete, select on app.delivery_attempt to freehold_janitor;
grant select (tenant_id, id, delivery_id, attempt, status_code, error, latency_ms, response_excerpt, occurred_at) on app.delivery_attempt to freehold_user;
grant select (tenant_id, id, event_id, endpoint_id, task, status, attempt_count, next_attempt_at, last_error, created_at, updated_at) on app.delivery to freehold_user;
grant select (tenant_id, id, type, entity, entity_id, entity_version, data, previous, actor_type, actor_id, impersonator_id, request_id, traceparent, occurred_at) on app.event to freehold_user;
grant select (tenant_id, id, url, description, event_types, status, version, created_at, updated_at) on app.webhook_endpoint to freehold_user;
grant select on platform.event_type to freehold_recorder;
grant select on platform.webhook_secret to freehold_dispatcher;
grant update (url, description, event_types, version) on app.webhook_endpoint to freehold_user;
comment on table platform.event_type is '@reference
The vocabulary of events, each with the JSON Schema (2020-12) of its data.';
comment on table platform.webhook_secret is 'Signing secrets, outside schema app: no request role has a grant, and only platform.load_deliveries reads them.
Kept as they are for now; encryption under FREEHOLD_SECRET_KEY comes with the rotation of secrets.';
create or replace function platform.declare_entity(
  relation regclass,
  permissions jsonb,
  lifecycle jsonb default null,
  events jsonb default '{}',
  hidden text[] default '{}',
  creatable text[] default null,
  editable text[] default null,
  limited_by jsonb default null,
  due jsonb default '{}',
  tasks jsonb default '{}',
  across jsonb default '{}'
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
  writable name[];
  shown name[] := array(select c.name from platform.shown_columns(relation, hidden) c);
begin
  perform platform.check_declaration(relation, permissions, lifecycle, hidden, creatable, editable, due, events, limited_by, tasks);
  perform platform.drop_transitions(entity_name, lifecycle);
  perform platform.describe_columns(relation);
  writable := array(
    select a.attname
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attname = any (shown)
      and a.attgenerated = ''
      and a.attname <> all ('{id,status,version,created_at,updated_at}'));
  events := jsonb_build_object('created', entity_name || '.created', 'updated', entity_name || '.updated', 'changed', '[]'::jsonb) || events;
  -- the janitor finds what is due in all tenants
  across := across || jsonb_build_object('freehold_janitor', jsonb_build_array('select'));

  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'entity', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'lifecycle', lifecycle, 'events', events, 'hidden', hidden, 'limit', limited_by,
    'due', due, 'tasks', tasks, 'across', across, 'concealed', lifecycle -> 'concealed')))
  on conflict (name) do update
    set declaration = excluded.declaration;

  delete from platform.transition t where t.entity = entity_name;
  insert into platform.transition (entity, name, from_state, to_state, event)
  select entity_name, t.key, f, t.value ->> 'to', coalesce(t.value ->> 'event', entity_name || '.' || (t.value ->> 'to'))
  from jsonb_each(lifecycle -> 'transitions') t,
    jsonb_array_elements_text(t.value -> 'from') f;

  perform platform.write_permissions(entity_name, permissions, 'May %s one %s.');
  perform platform.write_event_types(entity_name);
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  perform platform.write_guard(entity_name);
  perform platform.write_transitions(entity_name);
  perform platform.write_record(entity_name);
  perform platform.write_limit(entity_name);
  perform platform.write_due(entity_name);

  execute format('revoke all on %s from public, freehold_user', relation);
  -- revoking the table privilege takes the column privileges with it
  perform platform.grant_columns(relation, 'select', 'tenant_id'::name || shown);
  if permissions ? 'create' then
    perform platform.grant_columns(relation, 'insert', coalesce(creatable::name[], writable));
  end if;
  if permissions ? 'update' then
    perform platform.grant_columns(relation, 'update', coalesce(editable::name[], writable) || 'version'::name);
  end if;
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
end
$$;
set local role freehold_janitor;
create or replace function platform.forget_deliveries(most integer default 10000)
returns bigint
language plpgsql
volatile
security definer
set search_path = ''
as $forget$
declare
  forgotten bigint;
begin
  with gone as (
    delete from app.delivery d
    where (d.tenant_id, d.id) in (
      select o.tenant_id, o.id
      from app.tenant t
      cross join lateral (
        select old.tenant_id, old.id
        from app.delivery old
        where old.tenant_id = t.tenant_id
          and old.id < platform.uuidv7_floor(statement_timestamp() - make_interval(days => platform.retention_days(t.tenant_id)::integer))
          and old.status <> 'pending'
        order by old.id
        limit most
      ) o
      limit most)
    returning d.tenant_id, d.id
  ),
  attempts as (
    delete from app.delivery_attempt a
    using gone g
    where a.tenant_id = g.tenant_id
      and a.delivery_id = g.id
  )
  select count(*) into forgotten from gone;
  return forgotten;
end
$forget$;
set local role none;
create or replace function platform.retry_delay(failed_attempts integer)
returns interval
language sql
volatile
parallel safe
set search_path = ''
return ('{5 s,5 min,30 min,2 h,5 h,10 h,14 h,20 h,24 h}'::interval[])[failed_attempts] * (0.8 + 0.4 * random());
create or replace function platform.write_record_function(entity text, command text, event_type text, former text, pairs text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  name text := entity || '_record_' || command;
  relation text := (select e.relation from platform.entity e where e.name = write_record_function.entity);
begin
  perform platform.execute_as('freehold_recorder', format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $record$
begin%2$s
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s, 'operator');
  return null;
end
$record$;
$sql$,
    name,
    -- an update that changes nothing is not an event: the guard left its version as it was
    case command when 'update' then E'\n  if new.version = old.version then\n    return null;\n  end if;' else '' end,
    event_type, entity, pairs, former));
  perform platform.execute_as('freehold_recorder', format('comment on function generated.%I() is %L',
    name, format('After each %s of %s: one event.', command, entity)));
  perform platform.execute_as('freehold_recorder',
    format('grant execute on function generated.%I() to freehold_owner', name));
  execute format('create or replace trigger %I after %s on %s for each row execute function generated.%I()',
    '_900_record_' || command, command, relation, name);
end
$$;
alter function platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb) owner to freehold_owner;
set local role freehold_janitor;
alter function platform.forget_deliveries(most integer) owner to freehold_janitor;
set local role none;
alter function platform.retry_delay(failed_attempts integer) owner to freehold_owner;
alter function platform.write_record_function(entity text, command text, event_type text, former text, pairs text) owner to freehold_owner;
set local role freehold_janitor;
grant execute on function platform.forget_deliveries(most integer) to freehold_worker;
set local role none;
grant execute on function platform.retry_delay(failed_attempts integer) to freehold_dispatcher;
comment on function platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb) is 'Declares an entity of the domain. See docs/extending.md.
permissions: {"read": "viewer", "create": "member", "archive": ["admin"]}, a role or roles for each command and verb; [] is the system alone.
lifecycle:   {"initial": "active", "concealed": ["deleted"], "transitions": {"archive": {"from": ["active"], "to": "archived", "event": "project.archived"}}}.
events:      {"created": ..., "updated": ..., "changed": [{"event": ..., "when": "new.role <> old.role"}]}, where names differ from entity.created and entity.updated.
hidden:      columns that never leave the table. creatable, editable: columns a request may set; all, when null.
limited_by:  {"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "(select count(*) ...)"}.
due:         {"expire": {"column": "expires_at", "states": ["pending"]}}, what the worker does when the time has come.
tasks:       {"report.requested": "export_report"}, internal subscribers of its events.
across:      {"freehold_resolver": ["select"]}, narrow roles and their commands over all tenants.
Errors: ZF013 with what to correct.';
set local role freehold_janitor;
comment on function platform.forget_deliveries(most integer) is 'Deletes deliveries that are over, with their attempts, which the plan of their tenant no longer keeps in sight; at most that many. Returns how many.';
set local role none;
comment on function platform.retry_delay(failed_attempts integer) is 'How long to wait after so many failed attempts: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each +-20 %, so that a receiver
that comes back is not met by all at once. Null after the tenth: the delivery has failed.';
comment on function platform.write_record_function(entity text, command text, event_type text, former text, pairs text) is 'Writes the trigger that records one command on an entity as an event, owned by the narrow role that may insert events.';
drop table app.webhook_header;
drop table app.webhook_replay;
drop table app.webhook_replay_status;
drop table app.webhook_signing_key;
drop table catalog.event_type;
drop table platform.endpoint_flow;
drop table platform.notice;
drop table platform.replay_progress;
drop routine app.webhook_replay_check();
drop routine generated.webhook_replay_begin();
drop routine generated.webhook_replay_follow();
drop routine generated.webhook_replay_record_insert();
drop routine generated.webhook_replay_record_update();
create or replace function platform.declare_event(type text, entity text, description text, schema jsonb default null)
returns void
language sql
volatile
set search_path = ''
begin atomic
  insert into platform.event_type (type, entity, description, schema)
  values (type, entity, description, coalesce(schema, '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}'))
  on conflict (type) do update
    set (entity, description, schema) = (excluded.entity, excluded.description, excluded.schema);
end;
drop routine platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[]);
drop domain platform.sealed;
drop domain platform.signing_secret;
drop routine platform.column_tag(relation regclass, named name, tag text);
insert into platform.event_type (type, entity, description, schema) values ('tenant.closed', 'tenant', 'A tenant went to closed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.closing', 'tenant', 'A tenant went to closing.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.created', 'tenant', 'A tenant was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.updated', 'tenant', 'A tenant was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.activated', 'tenant', 'A tenant went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.suspended', 'tenant', 'A tenant went to suspended.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('tenant.reactivated', 'tenant', 'A tenant went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "slug": {"type": "string", "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.joined', 'membership', 'A membership was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.removed', 'membership', 'A membership went to removed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.updated', 'membership', 'A membership was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.suspended', 'membership', 'A membership went to suspended.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.reactivated', 'membership', 'A membership went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.role_changed', 'membership', 'A member was given another role.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name as people see it."}, "role": {"type": "string", "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('user.invited', 'invitation', 'An invitation was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "email", "role", "status", "expires_at", "invited_by", "membership_id", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "role": {"type": "string", "description": "The role that the person will have."}, "email": {"type": "string", "description": "Where it was sent."}, "status": {"enum": ["accepted", "expired", "pending", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": "string", "format": "date-time", "description": "When it can no longer be accepted: seven days unless set."}, "invited_by": {"type": ["string", "null"], "format": "uuid", "description": "The member who invited."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "membership_id": {"type": ["string", "null"], "format": "uuid", "description": "The membership that came of it."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invitation.expired', 'invitation', 'An invitation went to expired.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "email", "role", "status", "expires_at", "invited_by", "membership_id", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "role": {"type": "string", "description": "The role that the person will have."}, "email": {"type": "string", "description": "Where it was sent."}, "status": {"enum": ["accepted", "expired", "pending", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": "string", "format": "date-time", "description": "When it can no longer be accepted: seven days unless set."}, "invited_by": {"type": ["string", "null"], "format": "uuid", "description": "The member who invited."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "membership_id": {"type": ["string", "null"], "format": "uuid", "description": "The membership that came of it."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invitation.revoked', 'invitation', 'An invitation went to revoked.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "email", "role", "status", "expires_at", "invited_by", "membership_id", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "role": {"type": "string", "description": "The role that the person will have."}, "email": {"type": "string", "description": "Where it was sent."}, "status": {"enum": ["accepted", "expired", "pending", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": "string", "format": "date-time", "description": "When it can no longer be accepted: seven days unless set."}, "invited_by": {"type": ["string", "null"], "format": "uuid", "description": "The member who invited."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "membership_id": {"type": ["string", "null"], "format": "uuid", "description": "The membership that came of it."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invitation.updated', 'invitation', 'An invitation was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "email", "role", "status", "expires_at", "invited_by", "membership_id", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "role": {"type": "string", "description": "The role that the person will have."}, "email": {"type": "string", "description": "Where it was sent."}, "status": {"enum": ["accepted", "expired", "pending", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": "string", "format": "date-time", "description": "When it can no longer be accepted: seven days unless set."}, "invited_by": {"type": ["string", "null"], "format": "uuid", "description": "The member who invited."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "membership_id": {"type": ["string", "null"], "format": "uuid", "description": "The membership that came of it."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invitation.accepted', 'invitation', 'An invitation went to accepted.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "email", "role", "status", "expires_at", "invited_by", "membership_id", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "role": {"type": "string", "description": "The role that the person will have."}, "email": {"type": "string", "description": "Where it was sent."}, "status": {"enum": ["accepted", "expired", "pending", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": "string", "format": "date-time", "description": "When it can no longer be accepted: seven days unless set."}, "invited_by": {"type": ["string", "null"], "format": "uuid", "description": "The member who invited."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "membership_id": {"type": ["string", "null"], "format": "uuid", "description": "The membership that came of it."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('api_key.created', 'api_key', 'An api key was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string"}, "prefix": {"type": "string", "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('api_key.expired', 'api_key', 'An api key went to expired.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string"}, "prefix": {"type": "string", "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('api_key.revoked', 'api_key', 'An api key went to revoked.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string"}, "prefix": {"type": "string", "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('api_key.updated', 'api_key', 'An api key was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "prefix", "scopes", "status", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string"}, "prefix": {"type": "string", "description": "The beginning of the key, to tell keys apart."}, "scopes": {"type": "array", "items": {"type": "string"}, "description": "Permissions of the key, such as project:read."}, "status": {"enum": ["active", "expired", "revoked"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself; null for never."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('project.created', 'project', 'A project was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "description", "lead_id", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name, 1 to 200 characters."}, "status": {"enum": ["active", "archived", "deleted"], "type": "string", "description": "State in its lifecycle."}, "lead_id": {"type": ["string", "null"], "format": "uuid", "description": "The member who leads it."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is about, up to 10,000 characters."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.paused', 'subscription', 'A subscription went to paused.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.created', 'subscription', 'A subscription was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.renewed', 'subscription', 'A new period began.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.resumed', 'subscription', 'A subscription went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.updated', 'subscription', 'A subscription was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.canceled', 'subscription', 'A subscription went to canceled.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.past_due', 'subscription', 'A subscription went to past_due.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.upgraded', 'subscription', 'The subscription went to a higher plan.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.activated', 'subscription', 'A subscription went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('subscription.downgraded', 'subscription', 'The subscription went to a lower plan.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "plan", "next_plan", "status", "trial_ends_at", "anchor", "period", "current_period_start", "current_period_end", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "plan": {"type": "string", "description": "The plan that holds now."}, "anchor": {"type": "string", "format": "date-time", "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."}, "period": {"type": "integer", "description": "Number of the current period, from 0."}, "status": {"enum": ["active", "canceled", "past_due", "paused", "trialing"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "next_plan": {"type": ["string", "null"], "description": "The plan from the next period on, when a downgrade is waiting."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "trial_ends_at": {"type": ["string", "null"], "format": "date-time", "description": "When the trial turns into a paid subscription by itself."}, "current_period_end": {"type": "string", "format": "date-time"}, "current_period_start": {"type": "string", "format": "date-time"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.paid', 'invoice', 'An invoice went to paid.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.voided', 'invoice', 'An invoice went to void.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.created', 'invoice', 'An invoice was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.updated', 'invoice', 'An invoice was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.finalized', 'invoice', 'An invoice went to open.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('invoice.marked_uncollectible', 'invoice', 'An invoice went to uncollectible.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "number", "subscription_id", "currency", "total", "status", "period_start", "period_end", "issued_at", "due_at", "paid_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "total": {"type": "integer", "description": "Sum of the lines, in minor units of the currency."}, "due_at": {"type": ["string", "null"], "format": "date-time", "description": "When it should be paid: 14 days after it was finalized."}, "number": {"type": ["string", "null"], "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."}, "status": {"enum": ["draft", "open", "paid", "uncollectible", "void"], "type": "string", "description": "State in its lifecycle."}, "paid_at": {"type": ["string", "null"], "format": "date-time"}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "currency": {"type": "string"}, "issued_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was finalized."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "period_end": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "period_start": {"type": "string", "format": "date-time"}, "subscription_id": {"type": "string", "format": "uuid"}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('project.deleted', 'project', 'A project went to deleted.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "description", "lead_id", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name, 1 to 200 characters."}, "status": {"enum": ["active", "archived", "deleted"], "type": "string", "description": "State in its lifecycle."}, "lead_id": {"type": ["string", "null"], "format": "uuid", "description": "The member who leads it."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is about, up to 10,000 characters."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('project.updated', 'project', 'A project was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "description", "lead_id", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name, 1 to 200 characters."}, "status": {"enum": ["active", "archived", "deleted"], "type": "string", "description": "State in its lifecycle."}, "lead_id": {"type": ["string", "null"], "format": "uuid", "description": "The member who leads it."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is about, up to 10,000 characters."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('project.archived', 'project', 'A project went to archived.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "description", "lead_id", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name, 1 to 200 characters."}, "status": {"enum": ["active", "archived", "deleted"], "type": "string", "description": "State in its lifecycle."}, "lead_id": {"type": ["string", "null"], "format": "uuid", "description": "The member who leads it."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is about, up to 10,000 characters."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('project.restored', 'project', 'A project went to active.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "description", "lead_id", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "description": "Name, 1 to 200 characters."}, "status": {"enum": ["active", "archived", "deleted"], "type": "string", "description": "State in its lifecycle."}, "lead_id": {"type": ["string", "null"], "format": "uuid", "description": "The member who leads it."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is about, up to 10,000 characters."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('feature.used', 'feature_usage', 'A feature was used.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["feature", "quantity", "day"], "properties": {"day": {"type": "string", "format": "date"}, "feature": {"type": "string"}, "quantity": {"type": "integer"}}}');
insert into platform.event_type (type, entity, description, schema) values ('report.failed', 'report', 'A report went to failed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('webhook_endpoint.created', 'webhook_endpoint', 'A webhook endpoint was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "url", "description", "event_types", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "url": {"type": "string", "description": "Where to post: https, without user, password and fragment."}, "status": {"enum": ["disabled", "enabled"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is for."}, "event_types": {"type": "array", "items": {"type": "string"}, "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.expired', 'report', 'A report went to expired.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.started', 'report', 'A report went to running.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.updated', 'report', 'A report was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.exported', 'report', 'A report went to exported.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.requested', 'report', 'A report was created.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('report.downloaded', 'report', 'A report was downloaded.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema"}');
insert into platform.event_type (type, entity, description, schema) values ('webhook_endpoint.enabled', 'webhook_endpoint', 'A webhook endpoint went to enabled.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "url", "description", "event_types", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "url": {"type": "string", "description": "Where to post: https, without user, password and fragment."}, "status": {"enum": ["disabled", "enabled"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is for."}, "event_types": {"type": "array", "items": {"type": "string"}, "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('webhook_endpoint.updated', 'webhook_endpoint', 'A webhook endpoint was changed.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "url", "description", "event_types", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "url": {"type": "string", "description": "Where to post: https, without user, password and fragment."}, "status": {"enum": ["disabled", "enabled"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is for."}, "event_types": {"type": "array", "items": {"type": "string"}, "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."}}, "additionalProperties": true}');
insert into platform.event_type (type, entity, description, schema) values ('webhook_endpoint.disabled', 'webhook_endpoint', 'A webhook endpoint went to disabled.', '{"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "url", "description", "event_types", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "url": {"type": "string", "description": "Where to post: https, without user, password and fragment."}, "status": {"enum": ["disabled", "enabled"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "description": {"type": "string", "description": "What it is for."}, "event_types": {"type": "array", "items": {"type": "string"}, "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."}}, "additionalProperties": true}');
drop index app.delivery_attempt_delivery;
drop index app.delivery_endpoint;
drop index app.delivery_event;
alter table platform.event_task add constraint event_task_type_fkey FOREIGN KEY (type) REFERENCES platform.event_type(type) ON DELETE CASCADE;
create type app.created_webhook_endpoint as (
  id uuid,
  secret text
);
alter type app.created_webhook_endpoint owner to freehold_owner;
grant usage on type app.created_webhook_endpoint to public;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';
CREATE INDEX delivery_attempt_delivery ON app.delivery_attempt USING btree (tenant_id, delivery_id, id);
CREATE INDEX delivery_endpoint ON app.delivery USING btree (tenant_id, endpoint_id, id);
CREATE INDEX delivery_event ON app.delivery USING btree (tenant_id, event_id);
create or replace function app.create_webhook_endpoint(url text, event_types text[] default '{*}', description text default '')
returns app.created_webhook_endpoint
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  made app.created_webhook_endpoint;
  endpoint app.webhook_endpoint;
  -- 32 bytes from 366 random bits
  secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
begin
  perform platform.require('webhook_endpoint:create');
  insert into app.webhook_endpoint (url, event_types, description)
  values (create_webhook_endpoint.url, create_webhook_endpoint.event_types, coalesce(create_webhook_endpoint.description, ''))
  returning * into endpoint;
  insert into platform.webhook_secret (tenant_id, endpoint_id, secret)
  values (endpoint.tenant_id, endpoint.id, secret);
  made.id := endpoint.id;
  made.secret := 'whsec_' || translate(encode(secret, 'base64'), E'\n', '');
  return made;
end
$$;
alter function app.create_webhook_endpoint(url text, event_types text[], description text) owner to freehold_owner;
grant execute on function app.create_webhook_endpoint(url text, event_types text[], description text) to freehold_user;
comment on function app.create_webhook_endpoint(url text, event_types text[], description text) is 'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';
drop index app.delivery_attempt_delivery;
drop index app.delivery_endpoint;
drop index app.delivery_event;
CREATE INDEX delivery_attempt_delivery ON app.delivery_attempt USING btree (tenant_id, delivery_id, id);
CREATE INDEX delivery_endpoint ON app.delivery USING btree (tenant_id, endpoint_id, id);
CREATE INDEX delivery_event ON app.delivery USING btree (tenant_id, event_id);
drop table app.delivery cascade;
drop index app.delivery_attempt_delivery;
drop table app.delivery_attempt;
create table app.delivery (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  event_id uuid not null,
  endpoint_id uuid,
  task text,
  status text default 'pending'::text not null,
  attempt_count integer default 0 not null,
  next_attempt_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint delivery_pkey PRIMARY KEY (tenant_id, id),
  constraint delivery_check CHECK (((endpoint_id IS NULL) <> (task IS NULL))),
  constraint delivery_last_error_check CHECK ((length(last_error) <= 1000)),
  constraint delivery_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
) with (fillfactor=70);
alter table app.delivery owner to freehold_owner;
alter table app.delivery alter column last_error set statistics 0;
alter table app.delivery alter column status set statistics 0;
alter table app.delivery alter column task set statistics 0;
CREATE INDEX delivery_endpoint ON app.delivery USING btree (tenant_id, endpoint_id, id);
CREATE INDEX delivery_event ON app.delivery USING btree (tenant_id, event_id);
alter table app.delivery enable row level security;
alter table app.delivery force row level security;
create policy definer_delete on app.delivery for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.delivery for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.delivery for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.delivery for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_insert on app.delivery for insert to freehold_dispatcher
  with check (true);
create policy freehold_dispatcher_select on app.delivery for select to freehold_dispatcher
  using (true);
create policy freehold_dispatcher_update on app.delivery for update to freehold_dispatcher
  using (true)
  with check (true);
create policy freehold_janitor_delete on app.delivery for delete to freehold_janitor
  using (true);
create policy freehold_janitor_select on app.delivery for select to freehold_janitor
  using (true);
create policy request_select on app.delivery for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('delivery:read'::text, 59))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.delivery FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant delete, select on app.delivery to freehold_janitor;
grant insert, select, update on app.delivery to freehold_dispatcher;
grant select (tenant_id, id, event_id, endpoint_id, task, status, attempt_count, next_attempt_at, last_error, created_at, updated_at) on app.delivery to freehold_user;
comment on table app.delivery is '@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName deliveries
@foreignKey (tenant_id, event_id) references app.event (tenant_id, id)|@fieldName event|@foreignFieldName deliveries
@foreignKey (status) references app.delivery_status (value)
One event on its way to one webhook endpoint, or to one internal task.';
comment on column app.delivery.attempt_count is 'Attempts made.';
comment on column app.delivery.endpoint_id is 'The endpoint that is told; null for an internal task.';
comment on column app.delivery.event_id is 'The event; evt_ and this id is the webhook-id, the same on every attempt.';
comment on column app.delivery.last_error is 'Why the last attempt failed.';
comment on column app.delivery.next_attempt_at is 'When the next attempt is due; null when there is none.';
comment on column app.delivery.task is 'The internal task that is run; null for an endpoint.';
create or replace function app.resend_delivery(id uuid)
returns app.delivery
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  found_delivery app.delivery;
  moved boolean;
begin
  perform platform.require('delivery:resend');
  select *
  into found_delivery
  from app.delivery
  where tenant_id = platform.tenant_id()
    and id = resend_delivery.id
    and endpoint_id is not null
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004',
      message = 'there is no such delivery',
      detail = format('delivery %s', resend_delivery.id);
  end if;
  if not exists (
    select from app.webhook_endpoint w
    where w.tenant_id = found_delivery.tenant_id and w.id = found_delivery.endpoint_id and w.status = 'enabled'
  ) then
    raise exception using
      errcode = 'ZF005',
      message = 'the endpoint of the delivery is disabled',
      detail = 'Enable the endpoint first.';
  end if;

  if found_delivery.status = 'pending' then
    update platform.delivery_queue
    set due_at = statement_timestamp()
    where due_at = found_delivery.next_attempt_at
      and delivery_id = found_delivery.id;
    moved := found;
  else
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    values (statement_timestamp(), found_delivery.id, found_delivery.tenant_id, found_delivery.endpoint_id, found_delivery.attempt_count + 1);
    moved := true;
  end if;
  -- not in the queue: it is being sent at this moment
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
    perform platform.wake_dispatcher();
  end if;
  return found_delivery;
end
$$;
set local role freehold_dispatcher;
create or replace function platform.load_task(tenant uuid, delivery uuid)
returns table (event_id uuid, type text, entity text, entity_id uuid, data text, request_id text, traceparent text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select e.id, e.type, e.entity, e.entity_id, e.data::text, e.request_id, e.traceparent
  from app.delivery d
  join app.event e on e.tenant_id = d.tenant_id and e.id = d.event_id
  where d.tenant_id = tenant
    and d.id = delivery
    and d.task is not null
    and d.status = 'pending';
end;
set local role none;
alter function app.resend_delivery(id uuid) owner to freehold_owner;
set local role freehold_dispatcher;
alter function platform.load_task(tenant uuid, delivery uuid) owner to freehold_dispatcher;
set local role none;
grant execute on function app.resend_delivery(id uuid) to freehold_user;
set local role freehold_dispatcher;
grant execute on function platform.load_task(tenant uuid, delivery uuid) to freehold_worker;
set local role none;
comment on function app.resend_delivery(id uuid) is 'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';
set local role freehold_dispatcher;
comment on function platform.load_task(tenant uuid, delivery uuid) is 'The event of a task that is still to be done; nothing when it was done already.';
set local role none;
create table app.delivery_attempt (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  delivery_id uuid not null,
  attempt integer not null,
  status_code integer,
  error text,
  latency_ms integer not null,
  response_excerpt text,
  occurred_at timestamp with time zone default statement_timestamp() not null,
  constraint delivery_attempt_pkey PRIMARY KEY (tenant_id, id),
  constraint delivery_attempt_error_check CHECK ((length(error) <= 1000)),
  constraint delivery_attempt_response_excerpt_check CHECK ((length(response_excerpt) <= 16384))
);
alter table app.delivery_attempt owner to freehold_owner;
alter table app.delivery_attempt alter column error set statistics 0;
alter table app.delivery_attempt alter column response_excerpt set statistics 0;
CREATE INDEX delivery_attempt_delivery ON app.delivery_attempt USING btree (tenant_id, delivery_id, id);
alter table app.delivery_attempt enable row level security;
alter table app.delivery_attempt force row level security;
create policy definer_delete on app.delivery_attempt for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.delivery_attempt for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.delivery_attempt for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.delivery_attempt for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_insert on app.delivery_attempt for insert to freehold_dispatcher
  with check (true);
create policy freehold_dispatcher_select on app.delivery_attempt for select to freehold_dispatcher
  using (true);
create policy freehold_janitor_delete on app.delivery_attempt for delete to freehold_janitor
  using (true);
create policy freehold_janitor_select on app.delivery_attempt for select to freehold_janitor
  using (true);
create policy request_select on app.delivery_attempt for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('delivery_attempt:read'::text, 61))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.delivery_attempt FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant delete, select on app.delivery_attempt to freehold_janitor;
grant insert, select on app.delivery_attempt to freehold_dispatcher;
grant select (tenant_id, id, delivery_id, attempt, status_code, error, latency_ms, response_excerpt, occurred_at) on app.delivery_attempt to freehold_user;
comment on table app.delivery_attempt is '@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts
One attempt of a delivery: what was answered, and how long it took.';
comment on column app.delivery_attempt.attempt is 'Number of the attempt, from 1.';
comment on column app.delivery_attempt.error is 'Why it failed; null when it succeeded.';
comment on column app.delivery_attempt.latency_ms is 'From the start of the request to the end of the answer.';
comment on column app.delivery_attempt.response_excerpt is 'The beginning of the answer.';
comment on column app.delivery_attempt.status_code is 'HTTP status of the answer; null when there was none.';
set local role freehold_dispatcher;
create or replace function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer)
returns void
language sql
volatile
security definer
set search_path = ''
begin atomic
  with settled as (
    update app.delivery d
    set attempt_count = d.attempt_count + 1,
      status = case when finish_task.error is null then 'succeeded' when final then 'failed' else 'pending' end,
      next_attempt_at = null,
      last_error = left(finish_task.error, 1000),
      updated_at = statement_timestamp()
    where d.tenant_id = tenant
      and d.id = delivery
      and d.task is not null
      and d.status = 'pending'
    returning d.tenant_id, d.id, d.attempt_count
  )
  insert into app.delivery_attempt (tenant_id, delivery_id, attempt, error, latency_ms)
  select s.tenant_id, s.id, s.attempt_count, left(finish_task.error, 1000), finish_task.latency_ms
  from settled s;
end;
set local role none;
set local role freehold_dispatcher;
alter function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) owner to freehold_dispatcher;
set local role none;
set local role freehold_dispatcher;
grant execute on function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) to freehold_worker;
set local role none;
set local role freehold_dispatcher;
comment on function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) is 'Records how a task went: done when error is null, given up when final, and otherwise left to the job''s next attempt.';
set local role none;
drop function platform.load_deliveries(uuid,integer,interval) cascade;
set local role freehold_dispatcher;
create or replace function platform.load_deliveries(batch uuid, claim integer, lease interval default '30 seconds')
returns table (
  tenant_id uuid,
  delivery_id uuid,
  attempt integer,
  endpoint_id uuid,
  enabled boolean,
  url text,
  secret bytea,
  message_id text,
  body text,
  traceparent text
)
language plpgsql
volatile
security definer
set search_path = ''
as $load$
declare
  held platform.delivery_batch;
begin
  update platform.delivery_batch b
  set expires_at = statement_timestamp() + lease
  where b.id = batch
    and b.claim = load_deliveries.claim
  returning b.* into held;
  if not found then
    return;
  end if;
  return query
    select d.tenant_id, d.id, h.attempt, w.id, w.status = 'enabled', w.url, s.secret,
      'evt_' || e.id,
      -- Built here, where numbers keep their digits; the text is what is signed and what is sent.
      '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
        || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
        || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"data":' || e.data || '}',
      e.traceparent
    from unnest(held.tenant_ids, held.delivery_ids, held.attempts) h (tenant_id, delivery_id, attempt)
    join app.delivery d on d.tenant_id = h.tenant_id and d.id = h.delivery_id
    join app.webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    join platform.webhook_secret s on s.tenant_id = w.tenant_id and s.endpoint_id = w.id
    join app.event e on e.tenant_id = d.tenant_id and e.id = d.event_id
    -- what an earlier holder of the batch has settled is not sent again
    where d.status = 'pending'
      and d.attempt_count = h.attempt - 1;
end
$load$;
set local role none;
set local role freehold_dispatcher;
alter function platform.load_deliveries(batch uuid, claim integer, lease interval) owner to freehold_dispatcher;
set local role none;
set local role freehold_dispatcher;
grant execute on function platform.load_deliveries(batch uuid, claim integer, lease interval) to freehold_worker;
set local role none;
set local role freehold_dispatcher;
comment on function platform.load_deliveries(batch uuid, claim integer, lease interval) is 'Renews the lease of a batch and returns what of it is still to be sent: URL, secret, webhook-id and the bytes of the body.
Nothing when the lease was lost. The only reader of signing secrets.';
set local role none;
