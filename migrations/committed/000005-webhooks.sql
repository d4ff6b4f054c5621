--! Previous: sha1:c8910356c39b281cdcc4ea77addba5e3bd218924
--! Hash: sha1:0e55d8fae4c686370cf1a77bd21e8f9f703df9b3
--! Message: webhooks

-- Who is told: webhook endpoints and internal tasks, the deliveries to them, and the queue that the dispatcher works through.

select platform.declare_states('app.webhook_endpoint_status', '{
  "enabled": "Events are delivered to it.",
  "disabled": "Nothing is delivered; events of that time are not kept for it."
}');

create table app.webhook_endpoint (
  tenant_id uuid not null default platform.tenant_id(),
  id uuid not null default uuidv7(),
  -- no user and password in it: they would be shown in events and logs. What may be reached is decided at each delivery.
  url text not null check (length(url) <= 2048 and url ~ '^https?://[^[:space:]/?#@]+([/?][^[:space:]#]*)?$'),
  description text not null default '' check (length(description) <= 1000),
  event_types text[] not null check (cardinality(event_types) between 1 and 100),
  status text not null default 'enabled' references app.webhook_endpoint_status,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table platform.webhook_secret (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  secret bytea not null check (length(secret) between 24 and 64),
  created_at timestamptz not null default now(),
  primary key (tenant_id, endpoint_id),
  foreign key (tenant_id, endpoint_id) references app.webhook_endpoint on delete cascade
);
comment on table platform.webhook_secret is
  'Signing secrets, outside schema app: no request role has a grant, and only platform.load_deliveries reads them.
Kept as they are for now; encryption under FREEHOLD_SECRET_KEY comes with the rotation of secrets.';

select platform.declare_states('app.delivery_status', '{
  "pending": "Waiting for its next attempt, or being sent.",
  "succeeded": "Accepted by the receiver.",
  "failed": "Given up after the last attempt; it can be resent."
}');

-- No foreign keys, and status is checked by value: each would lock one row of the endpoint, the event and the state table in
-- the writer's transaction, the same rows for everyone (see db/delivery/fan_out.sql for the figures). Smart tags name the
-- relations for GraphQL. Deliveries and attempts leave by time, with the events that they tell of.
create table app.delivery (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  event_id uuid not null,
  endpoint_id uuid,
  task text,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  attempt_count integer not null default 0,
  next_attempt_at timestamptz,
  last_error text check (length(last_error) <= 1000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  check ((endpoint_id is null) <> (task is null))
-- no index holds a column that changes, so that with room in the page each settlement is a HOT update
) with (fillfactor = 70);
create index delivery_endpoint on app.delivery (tenant_id, endpoint_id, id);
create index delivery_event on app.delivery (tenant_id, event_id);

create table app.delivery_attempt (
  tenant_id uuid not null,
  id uuid not null default uuidv7(),
  delivery_id uuid not null,
  attempt integer not null,
  status_code integer,
  error text check (length(error) <= 1000),
  latency_ms integer not null,
  response_excerpt text check (length(response_excerpt) <= 16384),
  occurred_at timestamptz not null default statement_timestamp(),
  primary key (tenant_id, id)
);
create index delivery_attempt_delivery on app.delivery_attempt (tenant_id, delivery_id, id);

-- The due query crosses tenants and wants the order of time, while every index in app leads with the tenant. So what is due
-- stands in a table of its own: one row written and one deleted for each attempt, never updated, and one index to keep up.
create table platform.delivery_queue (
  due_at timestamptz not null,
  delivery_id uuid not null,
  tenant_id uuid not null,
  endpoint_id uuid,
  task text,
  attempt integer not null,
  primary key (due_at, delivery_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);
comment on table platform.delivery_queue is 'Attempts to come, by time. A row leaves when its batch is claimed and comes back with the next attempt.';

-- The lease: a claimed delivery is in exactly one batch, and a batch whose worker died is given out again when it expires.
create table platform.delivery_batch (
  id uuid primary key default uuidv7(),
  claim integer not null default 1,
  expires_at timestamptz not null,
  tenant_ids uuid[] not null,
  delivery_ids uuid[] not null,
  attempts integer[] not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table platform.delivery_batch is 'Deliveries that a worker holds, under one lease. claim counts how often the batch was given out.';

create table platform.worker_process (
  id uuid primary key,
  pool_ids text[] not null,
  beat_at timestamptz not null default statement_timestamp()
);
comment on table platform.worker_process is 'Running worker processes: one that misses its heartbeat for 30 s is dead, and its jobs are given back.';

--! Included webhook_endpoint/webhook_endpoint.sql
-- Webhook endpoints: where a tenant wants to be told, and of what.

comment on table app.webhook_endpoint is 'An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).';
comment on column app.webhook_endpoint.url is 'Where to post: https, without user, password and fragment.';
comment on column app.webhook_endpoint.description is 'What it is for.';
comment on column app.webhook_endpoint.event_types is 'What it is told of: exact types, all of an entity (invoice.*), or everything (*).';

select platform.declare_entity(
  'app.webhook_endpoint',
  permissions => '{"read": "admin", "create": "admin", "update": "admin", "enable": "admin", "disable": "admin"}',
  lifecycle => '{
    "initial": "enabled",
    "transitions": {
      "disable": {"from": ["enabled"], "to": "disabled", "event": "webhook_endpoint.disabled",
        "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."},
      "enable": {"from": ["disabled"], "to": "enabled", "event": "webhook_endpoint.enabled",
        "description": "Begins deliveries of what happens from now on."}
    }
  }',
  creatable => '{}',
  editable => '{url,description,event_types}',
  across => '{"freehold_dispatcher": ["select"]}'
);

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
comment on function app.webhook_endpoint_check_types() is 'Trigger: an endpoint subscribes to event types that exist.';
create or replace trigger _200_check_types
  before insert or update of event_types on app.webhook_endpoint
  for each row execute function app.webhook_endpoint_check_types();

-- each event is matched with, and may be written for, every endpoint of its tenant
create or replace trigger _800_check_count
  after insert on app.webhook_endpoint
  for each row execute function platform.check_count('50', '{enabled,disabled}');
--! EndIncluded webhook_endpoint/webhook_endpoint.sql
--! Included webhook_endpoint/create.sql
-- A new endpoint, with the secret that signs what it is sent.

do $$
begin
  if to_regtype('app.created_webhook_endpoint') is null then
    create type app.created_webhook_endpoint as (id uuid, secret text);
  end if;
end
$$;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';

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
comment on function app.create_webhook_endpoint(text, text[], text) is
  'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';
grant execute on function app.create_webhook_endpoint(text, text[], text) to freehold_user;
--! EndIncluded webhook_endpoint/create.sql
--! Included delivery/delivery.sql
-- Deliveries and their attempts: written by the platform, read by the tenant.

comment on table app.delivery is
  E'@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName deliveries\n'
  '@foreignKey (tenant_id, event_id) references app.event (tenant_id, id)|@fieldName event|@foreignFieldName deliveries\n'
  '@foreignKey (status) references app.delivery_status (value)\n'
  'One event on its way to one webhook endpoint, or to one internal task.';
comment on column app.delivery.event_id is 'The event; evt_ and this id is the webhook-id, the same on every attempt.';
comment on column app.delivery.endpoint_id is 'The endpoint that is told; null for an internal task.';
comment on column app.delivery.task is 'The internal task that is run; null for an endpoint.';
comment on column app.delivery.attempt_count is 'Attempts made.';
comment on column app.delivery.next_attempt_at is 'When the next attempt is due; null when there is none.';
comment on column app.delivery.last_error is 'Why the last attempt failed.';
comment on table app.delivery_attempt is
  E'@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts\n'
  'One attempt of a delivery: what was answered, and how long it took.';
comment on column app.delivery_attempt.attempt is 'Number of the attempt, from 1.';
comment on column app.delivery_attempt.status_code is 'HTTP status of the answer; null when there was none.';
comment on column app.delivery_attempt.error is 'Why it failed; null when it succeeded.';
comment on column app.delivery_attempt.latency_ms is 'From the start of the request to the end of the answer.';
comment on column app.delivery_attempt.response_excerpt is 'The beginning of the answer.';

select platform.declare_record(
  'app.delivery',
  permissions => '{"read": "admin", "resend": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert", "update"], "freehold_janitor": ["select", "delete"]}',
  retained => true
);
select platform.declare_record(
  'app.delivery_attempt',
  permissions => '{"read": "admin"}',
  across => '{"freehold_dispatcher": ["select", "insert"], "freehold_janitor": ["select", "delete"]}',
  retained => true
);

grant select on platform.event_task, platform.webhook_secret to freehold_dispatcher;
grant select, insert, delete on platform.delivery_queue to freehold_dispatcher;
-- "select for update skip locked" asks for UPDATE
grant update on platform.delivery_queue to freehold_dispatcher;
grant select, insert, update, delete on platform.delivery_batch to freehold_dispatcher;
--! EndIncluded delivery/delivery.sql
--! Included delivery/wake.sql
-- Waking the dispatcher without a NOTIFY in every transaction (which takes a database-wide lock at commit: 8,000 to 12,000
-- transactions/s fell to 350 to 790).
--
-- The sign "I sleep" is an advisory lock: a sleeping dispatcher holds it exclusively, a writer takes it shared until its
-- transaction ends. Either the writer gets it: then no dispatcher can fall asleep before the writer has ended, and each
-- looks once more after it has. Or it does not: then one sleeps, and the writer notifies. A flag in a table cannot do this: a
-- writer reads "awake", the dispatcher falls asleep and finds nothing, and then the writer commits.

create or replace function platform.wake_dispatcher()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not pg_try_advisory_xact_lock_shared(7100040) then
    perform pg_notify('freehold_delivery', '');
  end if;
end
$$;
comment on function platform.wake_dispatcher() is
  'After new rows in platform.delivery_queue: notifies on channel freehold_delivery, but only if a dispatcher sleeps.';
grant execute on function platform.wake_dispatcher() to freehold_dispatcher;
--! EndIncluded delivery/wake.sql
--! Included delivery/fan_out.sql
-- From events to deliveries, in the transaction that wrote the event.
--
-- CPU of one update with its event, in the backend: 250 µs without this trigger, 280 with it and nobody subscribed, 330 with one
-- subscriber; 357 were the deliveries tied by foreign keys to endpoint, event and state. At 32 clients with durable commits, updates
-- of a subscribed tenant run at 0.86 of the rate of one that is not (median of five interleaved pairs on two noisy cores).
-- Tried without effect: asking first whether anybody subscribes, a loop instead of one statement, no index for endpoints.

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.fan_out() is
  'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';
grant execute on function platform.fan_out() to freehold_owner;
$sql$);

-- a statement trigger: one query for all events of a statement
create or replace trigger _500_fan_out
  after insert on app.event
  referencing new table as recorded
  for each statement execute function platform.fan_out();
--! EndIncluded delivery/fan_out.sql
--! Included delivery/retry.sql
-- When a failed delivery is tried again.

create or replace function platform.retry_delay(failed_attempts integer)
returns interval
language sql
volatile
parallel safe
set search_path = ''
return ('{5 s,5 min,30 min,2 h,5 h,10 h,14 h,20 h,24 h}'::interval[])[failed_attempts] * (0.8 + 0.4 * random());
comment on function platform.retry_delay(integer) is
  'How long to wait after so many failed attempts: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each +-20 %, so that a receiver
that comes back is not met by all at once. Null after the tenth: the delivery has failed.';
grant execute on function platform.retry_delay(integer) to freehold_dispatcher;
--! EndIncluded delivery/retry.sql
--! Included delivery/claim.sql
-- The dispatcher's query. First attempts, retries and what a dead worker left are all the same to it.

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.claim_deliveries(integer, integer, interval, integer) is
  'Takes at most that many due deliveries of all tenants under a lease, and returns the jobs to add for them in this same transaction.';
grant execute on function platform.claim_deliveries(integer, integer, interval, integer) to freehold_worker;
$sql$);
--! EndIncluded delivery/claim.sql
--! Included delivery/load.sql
-- All that a worker needs to send a batch.

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.load_deliveries(uuid, integer, interval) is
  'Renews the lease of a batch and returns what of it is still to be sent: URL, secret, webhook-id and the bytes of the body.
Nothing when the lease was lost. The only reader of signing secrets.';
grant execute on function platform.load_deliveries(uuid, integer, interval) to freehold_worker;

create or replace function platform.renew_batch(batch uuid, claim integer, lease interval default '30 seconds')
returns boolean
language sql
volatile
security definer
set search_path = ''
begin atomic
  with renewed as (
    update platform.delivery_batch b
    set expires_at = statement_timestamp() + lease
    where b.id = batch
      and b.claim = renew_batch.claim
    returning 1
  )
  select exists (select from renewed);
end;
comment on function platform.renew_batch(uuid, integer, interval) is 'Keeps a batch while its slowest receiver is waited for. False when the lease was lost.';
grant execute on function platform.renew_batch(uuid, integer, interval) to freehold_worker;
$sql$);
--! EndIncluded delivery/load.sql
--! Included delivery/finish.sql
-- What came of a batch: attempts in bulk, and for each delivery its end or its next attempt.

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.finish_deliveries(uuid, integer, json, boolean) is
  'Records results of a batch, some or the last: [{tenant_id, delivery_id, attempt, succeeded, final, status_code, error, latency_ms, response_excerpt, occurred_at}].
final gives up without further attempts; without latency_ms no attempt was made. False when the lease was lost.';
grant execute on function platform.finish_deliveries(uuid, integer, json, boolean) to freehold_worker;
$sql$);
--! EndIncluded delivery/finish.sql
--! Included delivery/resend.sql
-- Sending once more, at the tenant's wish.

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
comment on function app.resend_delivery(uuid) is
  'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';
grant execute on function app.resend_delivery(uuid) to freehold_user;
--! EndIncluded delivery/resend.sql
--! Included delivery/task.sql
-- Internal subscribers: what the worker does itself when something has happened.

select platform.execute_as('freehold_dispatcher', $sql$
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
comment on function platform.load_task(uuid, uuid) is 'The event of a task that is still to be done; nothing when it was done already.';
grant execute on function platform.load_task(uuid, uuid) to freehold_worker;

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
comment on function platform.finish_task(uuid, uuid, text, boolean, integer) is
  'Records how a task went: done when error is null, given up when final, and otherwise left to the job''s next attempt.';
grant execute on function platform.finish_task(uuid, uuid, text, boolean, integer) to freehold_worker;
$sql$);
--! EndIncluded delivery/task.sql
--! Included delivery/upkeep.sql
-- What the worker keeps in order, without owning anything.

grant select, insert, update, delete on platform.worker_process to freehold_worker;

create or replace function platform.make_all_partitions()
returns setof text
language plpgsql
volatile
security definer
set search_path = ''
-- A new partition locks its parent for a moment: better to fail and come back than to have every writer wait behind us.
set lock_timeout = '2s'
as $$
declare
  parent regclass;
begin
  for parent in
    select c.oid
    from pg_catalog.pg_class c
    join platform.entity e on e.relation = c.oid::regclass::text
    where c.relkind = 'p'
    order by c.relname
  loop
    return query select platform.make_partitions(parent);
  end loop;
end
$$;
comment on function platform.make_all_partitions() is
  'Makes the partitions of this and the next three months for every declared table that has partitions. Takes no argument, so that it can be the worker''s.';
grant execute on function platform.make_all_partitions() to freehold_worker;
--! EndIncluded delivery/upkeep.sql
--! Included tenant/purge.sql
-- The end of a tenant: what is left of a closed one is deleted, a part at a time, inside its own context.

select platform.execute_as('freehold_janitor', $sql$
create or replace function platform.closed_tenants()
returns setof uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  select t.id
  from app.tenant t
  where t.status = 'closed'
  order by t.id;
end;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';
grant execute on function platform.closed_tenants() to freehold_worker;

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
comment on function platform.forget_deliveries(integer) is
  'Deletes deliveries that are over, with their attempts, which the plan of their tenant no longer keeps in sight; at most that many. Returns how many.';
grant execute on function platform.forget_deliveries(integer) to freehold_worker;
$sql$);

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
comment on function platform.purge_tenant(uuid, integer) is
  'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';
grant execute on function platform.purge_tenant(uuid, integer) to freehold_worker;
--! EndIncluded tenant/purge.sql
