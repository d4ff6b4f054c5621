-- The schema that the migrations make, read from the catalog: "npm run db dump" writes this file, never a hand.
-- Review it with the migration that changes it. Order: roles and database, then each schema with its types, sequences, tables,
-- views and functions by name. Partitions are left out (they follow the calendar), and so are the schemas of graphile-worker and
-- graphile-migrate. Tables tagged @reference or @enum show their rows. The database is called freehold here, whatever its name.

create role freehold_app login inherit nosuperuser nobypassrls;
alter role freehold_app set TimeZone to 'UTC';
alter role freehold_app set idle_in_transaction_session_timeout to '15s';
alter role freehold_app set jit to 'off';
alter role freehold_app set lock_timeout to '5s';
alter role freehold_app set search_path to '""';
alter role freehold_app set statement_timeout to '10000';
grant freehold_user to freehold_app with admin false, inherit false, set true;
create role freehold_dispatcher nologin inherit nosuperuser nobypassrls;
create role freehold_gate login inherit nosuperuser nobypassrls;
alter role freehold_gate set TimeZone to 'UTC';
alter role freehold_gate set idle_in_transaction_session_timeout to '5s';
alter role freehold_gate set jit to 'off';
alter role freehold_gate set search_path to '""';
alter role freehold_gate set statement_timeout to '5s';
create role freehold_janitor nologin inherit nosuperuser nobypassrls;
create role freehold_owner login inherit nosuperuser nobypassrls;
alter role freehold_owner set TimeZone to 'UTC';
alter role freehold_owner set jit to 'off';
alter role freehold_owner set search_path to '""';
grant freehold_dispatcher to freehold_owner with admin false, inherit false, set true;
grant freehold_janitor to freehold_owner with admin false, inherit false, set true;
grant freehold_recorder to freehold_owner with admin false, inherit false, set true;
grant freehold_resolver to freehold_owner with admin false, inherit false, set true;
create role freehold_recorder nologin inherit nosuperuser nobypassrls;
create role freehold_resolver nologin inherit nosuperuser nobypassrls;
create role freehold_user nologin inherit nosuperuser nobypassrls;
create role freehold_worker login inherit nosuperuser nobypassrls;
alter role freehold_worker set TimeZone to 'UTC';
alter role freehold_worker set idle_in_transaction_session_timeout to '60s';
alter role freehold_worker set jit to 'off';
alter role freehold_worker set lock_timeout to '15s';
alter role freehold_worker set search_path to '""';
alter role freehold_worker set statement_timeout to '60000';
grant freehold_user to freehold_worker with admin false, inherit false, set true;

grant connect on database freehold to freehold_app;
grant connect on database freehold to freehold_gate;
grant connect, create, temporary on database freehold to freehold_owner;
grant connect on database freehold to freehold_worker;

alter default privileges for role freehold_dispatcher revoke execute on functions from public;
alter default privileges for role freehold_janitor revoke execute on functions from public;
alter default privileges for role freehold_owner revoke execute on functions from public;
alter default privileges for role freehold_recorder revoke execute on functions from public;
alter default privileges for role freehold_resolver revoke execute on functions from public;

-- ======== app =============================================================================

create schema app authorization freehold_owner;
grant usage on schema app to freehold_app;
grant usage on schema app to freehold_dispatcher;
grant usage on schema app to freehold_janitor;
grant usage on schema app to freehold_recorder;
grant usage on schema app to freehold_resolver;
grant usage on schema app to freehold_user;
grant usage on schema app to freehold_worker;
comment on schema app is 'The domain: every table belongs to a tenant and is declared. Exposed as GraphQL.';

create type app.created_api_key as (
  id uuid,
  secret text
);
alter type app.created_api_key owner to freehold_owner;
grant usage on type app.created_api_key to public;
comment on type app.created_api_key is 'The id of a new API key, and its secret, which is shown this once.';

create type app.created_webhook_endpoint as (
  id uuid,
  secret platform.signing_secret
);
alter type app.created_webhook_endpoint owner to freehold_owner;
grant usage on type app.created_webhook_endpoint to public;
comment on type app.created_webhook_endpoint is 'The id of a new webhook endpoint, and its signing secret, which is shown this once.';

create type app.rotated_webhook_signing_key as (
  id uuid,
  scheme text,
  secret platform.signing_secret,
  public_key text,
  former_expires_at timestamp with time zone
);
alter type app.rotated_webhook_signing_key owner to freehold_owner;
grant usage on type app.rotated_webhook_signing_key to public;
comment on type app.rotated_webhook_signing_key is 'A new signing key: its secret (scheme v1), which is shown this once, or its public key (scheme v1a), and when the former key stops signing.';

create type app.webhook_endpoint_performance as (
  attempts integer,
  succeeded integer,
  success_rate double precision,
  latency_p50_ms integer,
  latency_p95_ms integer,
  backlog integer,
  failed integer,
  failing_since timestamp with time zone,
  resumes_at timestamp with time zone
);
alter type app.webhook_endpoint_performance owner to freehold_owner;
grant usage on type app.webhook_endpoint_performance to public;
comment on type app.webhook_endpoint_performance is 'How an endpoint does. Attempts are those of the hours asked for, and at most the last 10,000.';

create table app.api_key (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  name text not null,
  prefix text not null,
  scopes text[] not null,
  status text default 'active'::text not null,
  expires_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  allowed_networks cidr[] default '{}'::cidr[] not null,
  created_by uuid,
  constraint api_key_pkey PRIMARY KEY (tenant_id, id),
  constraint api_key_status_fkey FOREIGN KEY (status) REFERENCES app.api_key_status(value),
  constraint api_key_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES app.membership(tenant_id, id),
  constraint api_key_allowed_networks_check CHECK (((cardinality(allowed_networks) <= 50) AND (array_position(allowed_networks, NULL::cidr) IS NULL))),
  constraint api_key_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint api_key_prefix_check CHECK (((length(prefix) >= 4) AND (length(prefix) <= 32))),
  constraint api_key_scopes_check CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 200)))
);
alter table app.api_key owner to freehold_owner;
alter table app.api_key alter column name set statistics 0;
alter table app.api_key alter column prefix set statistics 0;
alter table app.api_key alter column scopes set statistics 0;
CREATE INDEX api_key_created_by ON app.api_key USING btree (tenant_id, created_by);
CREATE INDEX api_key_due ON app.api_key USING btree (tenant_id, expires_at) WHERE ((status = 'active'::text) AND (expires_at IS NOT NULL));
alter table app.api_key enable row level security;
alter table app.api_key force row level security;
create policy definer_delete on app.api_key for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.api_key for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.api_key for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.api_key for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.api_key for select to freehold_janitor
  using (true);
create policy freehold_resolver_select on app.api_key for select to freehold_resolver
  using (true);
create policy request_insert on app.api_key for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('api_key:create'::text, 20)))));
create policy request_select on app.api_key for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('api_key:read'::text, 19)))));
create policy request_update on app.api_key for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('api_key:update'::text, 23)))))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.api_key FOR EACH ROW EXECUTE FUNCTION generated.api_key_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.api_key FOR EACH ROW EXECUTE FUNCTION generated.api_key_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.api_key FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _700_follow_principal AFTER INSERT ON app.api_key FOR EACH ROW EXECUTE FUNCTION identity.follow_principal('api_key');
CREATE TRIGGER _800_check_count AFTER INSERT ON app.api_key FOR EACH ROW EXECUTE FUNCTION platform.check_count('200', '{active}');
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.api_key FOR EACH ROW EXECUTE FUNCTION generated.api_key_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.api_key FOR EACH ROW EXECUTE FUNCTION generated.api_key_record_update();
CREATE TRIGGER _950_follow_principal AFTER UPDATE OF scopes, status, allowed_networks ON app.api_key FOR EACH ROW WHEN (((new.scopes <> old.scopes) OR (new.status <> old.status) OR (new.allowed_networks <> old.allowed_networks))) EXECUTE FUNCTION identity.follow_principal('api_key');
grant select (tenant_id, id, name, prefix, scopes, status, expires_at, version, created_at, updated_at, allowed_networks, created_by) on app.api_key to freehold_user;
grant select on app.api_key to freehold_janitor;
grant select on app.api_key to freehold_resolver;
grant update (name, version, allowed_networks) on app.api_key to freehold_user;
comment on table app.api_key is 'A key that opens the API with its own permissions.';
comment on column app.api_key.id is 'Identifier.';
comment on column app.api_key.name is '@example Nightly import
What it is for, 1 to 200 characters.';
comment on column app.api_key.prefix is '@example fh_live_a1b2c3
The beginning of the key, to tell keys apart.';
comment on column app.api_key.scopes is '@example ["project:read"]
Permissions of the key, such as project:read.';
comment on column app.api_key.status is 'State in its lifecycle.';
comment on column app.api_key.expires_at is 'When it ends by itself; null for never.';
comment on column app.api_key.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.api_key.created_at is 'When it was created.';
comment on column app.api_key.updated_at is 'When it was last changed.';
comment on column app.api_key.allowed_networks is '@example ["203.0.113.0/24"]
Where it may be used from, in CIDR notation; empty for anywhere.';
comment on column app.api_key.created_by is 'The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.';

create table app.api_key_status (
  value text not null,
  description text not null,
  constraint api_key_status_pkey PRIMARY KEY (value)
);
alter table app.api_key_status owner to freehold_owner;
grant select on app.api_key_status to freehold_user;
grant select on app.api_key_status to freehold_worker;
comment on table app.api_key_status is '@enum
@reference
States of a api key.';
insert into app.api_key_status (value, description) values
  ('active', 'Opens the API.'),
  ('expired', 'Its time is over.'),
  ('revoked', 'Taken back.');

create table app.delivery (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  event_id uuid not null,
  endpoint_id uuid,
  task text,
  status text default 'pending'::text not null,
  attempt_count integer default 0 not null,
  schedule_start integer default 0 not null,
  next_attempt_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint delivery_pkey PRIMARY KEY (tenant_id, id),
  constraint delivery_check CHECK (((endpoint_id IS NULL) <> (task IS NULL))),
  constraint delivery_last_error_check CHECK ((length(last_error) <= 1000)),
  constraint delivery_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
) partition by RANGE (id);
alter table app.delivery owner to freehold_owner;
alter table app.delivery alter column last_error set statistics 0;
alter table app.delivery alter column status set statistics 0;
alter table app.delivery alter column task set statistics 0;
CREATE INDEX delivery_endpoint ON ONLY app.delivery USING btree (tenant_id, endpoint_id, id);
CREATE INDEX delivery_event ON ONLY app.delivery USING btree (tenant_id, event_id);
CREATE INDEX delivery_status_endpoint ON ONLY app.delivery USING btree (tenant_id, status, endpoint_id, id);
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
create policy request_select on app.delivery for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('delivery:read'::text, 59))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.delivery FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant insert, select, update on app.delivery to freehold_dispatcher;
grant select (tenant_id, id, event_id, endpoint_id, task, status, attempt_count, schedule_start, next_attempt_at, last_error, created_at, updated_at) on app.delivery to freehold_user;
comment on table app.delivery is '@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName deliveries
@foreignKey (tenant_id, event_id) references app.event (tenant_id, id)|@fieldName event|@foreignFieldName deliveries
@foreignKey (status) references app.delivery_status (value)
One event on its way to one webhook endpoint, or to one internal task.';
comment on column app.delivery.event_id is 'The event; evt_ and this id is the webhook-id, the same on every attempt.';
comment on column app.delivery.endpoint_id is 'The endpoint that is told; null for an internal task.';
comment on column app.delivery.task is 'The internal task that is run; null for an endpoint.';
comment on column app.delivery.attempt_count is 'Attempts made.';
comment on column app.delivery.schedule_start is 'Attempts made before it was last resent: its retries are counted from there.';
comment on column app.delivery.next_attempt_at is 'When the next attempt is due; null when there is none.';
comment on column app.delivery.last_error is 'Why the last attempt failed.';

create table app.delivery_attempt (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  delivery_id uuid not null,
  endpoint_id uuid,
  attempt integer not null,
  succeeded boolean not null,
  status_code integer,
  error text,
  latency_ms integer not null,
  response_excerpt text,
  occurred_at timestamp with time zone default statement_timestamp() not null,
  constraint delivery_attempt_pkey PRIMARY KEY (tenant_id, id),
  constraint delivery_attempt_error_check CHECK ((length(error) <= 1000)),
  constraint delivery_attempt_response_excerpt_check CHECK ((length(response_excerpt) <= 16384))
) partition by RANGE (id);
alter table app.delivery_attempt owner to freehold_owner;
alter table app.delivery_attempt alter column error set statistics 0;
alter table app.delivery_attempt alter column response_excerpt set statistics 0;
CREATE INDEX delivery_attempt_delivery ON ONLY app.delivery_attempt USING btree (tenant_id, delivery_id, id);
CREATE INDEX delivery_attempt_endpoint ON ONLY app.delivery_attempt USING btree (tenant_id, endpoint_id, id);
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
create policy request_select on app.delivery_attempt for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('delivery_attempt:read'::text, 61))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.delivery_attempt FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant insert, select on app.delivery_attempt to freehold_dispatcher;
grant select (tenant_id, id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt, occurred_at) on app.delivery_attempt to freehold_user;
comment on table app.delivery_attempt is '@foreignKey (tenant_id, delivery_id) references app.delivery (tenant_id, id)|@fieldName delivery|@foreignFieldName attempts
@foreignKey (tenant_id, endpoint_id) references app.webhook_endpoint (tenant_id, id)|@fieldName endpoint|@foreignFieldName attempts
One attempt of a delivery: what was answered, and how long it took.';
comment on column app.delivery_attempt.endpoint_id is 'The endpoint that was told; null for an internal task.';
comment on column app.delivery_attempt.attempt is 'Number of the attempt, from 1.';
comment on column app.delivery_attempt.succeeded is 'Whether the receiver accepted it.';
comment on column app.delivery_attempt.status_code is 'HTTP status of the answer; null when there was none.';
comment on column app.delivery_attempt.error is 'Why it failed; null when it succeeded.';
comment on column app.delivery_attempt.latency_ms is 'From the start of the request to the end of the answer.';
comment on column app.delivery_attempt.response_excerpt is 'The beginning of the answer.';

create table app.delivery_status (
  value text not null,
  description text not null,
  constraint delivery_status_pkey PRIMARY KEY (value)
);
alter table app.delivery_status owner to freehold_owner;
grant select on app.delivery_status to freehold_user;
grant select on app.delivery_status to freehold_worker;
comment on table app.delivery_status is '@enum
@reference
States of a delivery.';
insert into app.delivery_status (value, description) values
  ('failed', 'Given up after the last attempt; it can be resent.'),
  ('pending', 'Waiting for its next attempt, or being sent.'),
  ('succeeded', 'Accepted by the receiver.');

create table app.event (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  xid xid8 default GREATEST(pg_current_xact_id(), (((((pg_snapshot_xmax(pg_current_snapshot()))::text)::bigint - 1))::text)::xid8) not null,
  type text not null,
  entity text not null,
  entity_id uuid not null,
  entity_version integer,
  data jsonb not null,
  previous jsonb,
  actor_type text not null,
  actor_id uuid,
  impersonator_id uuid,
  request_id text,
  traceparent text,
  occurred_at timestamp with time zone default statement_timestamp() not null,
  channel text,
  constraint event_pkey PRIMARY KEY (tenant_id, id)
) partition by RANGE (id);
alter table app.event owner to freehold_owner;
alter table app.event alter column actor_type set statistics 0;
alter table app.event alter column channel set statistics 0;
alter table app.event alter column data set statistics 0;
alter table app.event alter column entity set statistics 0;
alter table app.event alter column previous set statistics 0;
alter table app.event alter column request_id set statistics 0;
alter table app.event alter column traceparent set statistics 0;
alter table app.event alter column type set statistics 0;
CREATE INDEX event_entity ON ONLY app.event USING btree (tenant_id, entity_id, entity_version);
CREATE INDEX event_feed ON ONLY app.event USING btree (tenant_id, xid, id);
CREATE INDEX event_written ON ONLY app.event USING brin (tenant_id, id) WITH (pages_per_range='32');
alter table app.event enable row level security;
alter table app.event force row level security;
create policy definer_delete on app.event for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.event for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.event for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.event for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_select on app.event for select to freehold_dispatcher
  using (true);
create policy freehold_recorder_insert on app.event for insert to freehold_recorder
  with check (true);
create policy freehold_recorder_select on app.event for select to freehold_recorder
  using (true);
create policy request_select on app.event for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('event:read'::text, 1))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.event FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
CREATE TRIGGER _100_refuse_change BEFORE DELETE OR UPDATE ON app.event FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER _110_refuse_truncate BEFORE TRUNCATE ON app.event FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER _500_fan_out AFTER INSERT ON app.event REFERENCING NEW TABLE AS recorded FOR EACH STATEMENT EXECUTE FUNCTION platform.fan_out();
grant insert, select on app.event to freehold_recorder;
grant select (tenant_id, id, xid, type, entity, entity_id, entity_version, data, previous, actor_type, actor_id, impersonator_id, request_id, traceparent, occurred_at, channel) on app.event to freehold_user;
grant select on app.event to freehold_dispatcher;
comment on table app.event is 'What happened in the tenant: one row for each change, with who did it. Append-only.';
comment on column app.event.xid is '@behavior -*
Orders the change feed: the transaction that wrote the event, or the last that had ended then, whichever is higher.';
comment on column app.event.type is 'Kind of event, such as project.archived.';
comment on column app.event.entity is 'Name of the entity that changed.';
comment on column app.event.entity_id is 'The resource that changed.';
comment on column app.event.entity_version is 'Version of the resource after the change: the order of events of one resource.';
comment on column app.event.data is 'The resource after the change.';
comment on column app.event.previous is 'Former values of what changed; null when it was created.';
comment on column app.event.actor_type is 'member, api_key, system (a job) or operator (a person in psql).';
comment on column app.event.actor_id is 'The membership or API key that did it.';
comment on column app.event.impersonator_id is 'The support person who acted as the member, if one did.';
comment on column app.event.request_id is 'The request that caused it, as the response''s x-request-id tells.';
comment on column app.event.traceparent is 'W3C trace context of the request.';
comment on column app.event.channel is 'What it belongs to besides its own resource, such as subscription:<id>; webhook endpoints can filter by it.';

create table app.feature_usage (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  feature text not null,
  day date not null,
  slot smallint not null,
  quantity bigint not null,
  constraint feature_usage_pkey PRIMARY KEY (tenant_id, id),
  constraint feature_usage_tenant_id_feature_day_slot_key UNIQUE (tenant_id, feature, day, slot),
  constraint feature_usage_feature_check CHECK (((length(feature) >= 1) AND (length(feature) <= 100))),
  constraint feature_usage_quantity_check CHECK ((quantity > 0)),
  constraint feature_usage_slot_check CHECK (((slot >= 0) AND (slot <= 15)))
);
alter table app.feature_usage owner to freehold_owner;
alter table app.feature_usage alter column feature set statistics 0;
alter table app.feature_usage enable row level security;
alter table app.feature_usage force row level security;
create policy definer_delete on app.feature_usage for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.feature_usage for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.feature_usage for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.feature_usage for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy request_select on app.feature_usage for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('feature_usage:read'::text, 46)))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.feature_usage FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant select (tenant_id, id, feature, day, slot, quantity) on app.feature_usage to freehold_user;
comment on table app.feature_usage is '@behavior -*
Use of a feature on a day, in sixteen slots; feature_usage_by_day adds them up.';

create table app.group_role (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  group_name text not null,
  role text not null,
  "position" integer default 100 not null,
  status text default 'active'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint group_role_pkey PRIMARY KEY (tenant_id, id),
  constraint group_role_status_fkey FOREIGN KEY (status) REFERENCES app.group_role_status(value),
  constraint group_role_group_name_check CHECK (((length(group_name) >= 1) AND (length(group_name) <= 200))),
  constraint group_role_position_check CHECK ((("position" >= 1) AND ("position" <= 1000)))
);
alter table app.group_role owner to freehold_owner;
alter table app.group_role alter column group_name set statistics 0;
alter table app.group_role alter column role set statistics 0;
CREATE UNIQUE INDEX group_role_name ON app.group_role USING btree (tenant_id, group_name) WHERE (status = 'active'::text);
alter table app.group_role enable row level security;
alter table app.group_role force row level security;
create policy definer_delete on app.group_role for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.group_role for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.group_role for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.group_role for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.group_role for select to freehold_janitor
  using (true);
create policy request_delete on app.group_role for delete to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('group_role:delete'::text, 72))) AND (status <> 'deleted'::text)));
create policy request_insert on app.group_role for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('group_role:create'::text, 71)))));
create policy request_select on app.group_role for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('group_role:read'::text, 70))) AND (status <> 'deleted'::text)));
create policy request_update on app.group_role for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('group_role:update'::text, 73))) AND (status <> 'deleted'::text)))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.group_role FOR EACH ROW EXECUTE FUNCTION generated.group_role_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.group_role FOR EACH ROW EXECUTE FUNCTION generated.group_role_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.group_role FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _190_check_role BEFORE INSERT OR UPDATE OF role ON app.group_role FOR EACH ROW EXECUTE FUNCTION app.check_role('role');
CREATE TRIGGER _200_check BEFORE INSERT OR UPDATE OF role ON app.group_role FOR EACH ROW EXECUTE FUNCTION app.group_role_check();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.group_role FOR EACH ROW EXECUTE FUNCTION generated.group_role_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.group_role FOR EACH ROW EXECUTE FUNCTION generated.group_role_record_update();
grant insert (group_name, role, "position") on app.group_role to freehold_user;
grant select (tenant_id, id, group_name, role, "position", status, version, created_at, updated_at) on app.group_role to freehold_user;
grant select on app.group_role to freehold_janitor;
grant update (group_name, role, "position", version) on app.group_role to freehold_user;
comment on table app.group_role is 'The role that members of a group of the directory have. Of several, the one with the lowest position counts.';
comment on column app.group_role.id is 'Identifier.';
comment on column app.group_role.group_name is '@example Engineering
The group''s name in the directory, 1 to 200 characters.';
comment on column app.group_role.role is '@example member
The role that it gives.';
comment on column app.group_role."position" is '@example 100
Which one counts, when somebody is in several: the lowest. 1 to 1000.';
comment on column app.group_role.status is 'State in its lifecycle.';
comment on column app.group_role.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.group_role.created_at is 'When it was created.';
comment on column app.group_role.updated_at is 'When it was last changed.';

create table app.group_role_status (
  value text not null,
  description text not null,
  constraint group_role_status_pkey PRIMARY KEY (value)
);
alter table app.group_role_status owner to freehold_owner;
grant select on app.group_role_status to freehold_user;
grant select on app.group_role_status to freehold_worker;
comment on table app.group_role_status is '@enum
@reference
States of a group role.';
insert into app.group_role_status (value, description) values
  ('active', 'Counts.'),
  ('deleted', 'Counts no more.');

create table app.impersonation (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  membership_id uuid not null,
  email text not null,
  reason text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint impersonation_pkey PRIMARY KEY (tenant_id, id),
  constraint impersonation_tenant_id_membership_id_fkey FOREIGN KEY (tenant_id, membership_id) REFERENCES app.membership(tenant_id, id),
  constraint impersonation_email_check CHECK (((length(email) >= 3) AND (length(email) <= 320))),
  constraint impersonation_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
);
alter table app.impersonation owner to freehold_owner;
alter table app.impersonation alter column email set statistics 0;
alter table app.impersonation alter column reason set statistics 0;
CREATE INDEX impersonation_membership ON app.impersonation USING btree (tenant_id, membership_id);
alter table app.impersonation enable row level security;
alter table app.impersonation force row level security;
create policy definer_delete on app.impersonation for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.impersonation for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.impersonation for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.impersonation for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.impersonation for select to freehold_janitor
  using (true);
create policy freehold_resolver_select on app.impersonation for select to freehold_resolver
  using (true);
create policy request_select on app.impersonation for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('impersonation:read'::text, 74)))));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.impersonation FOR EACH ROW EXECUTE FUNCTION generated.impersonation_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.impersonation FOR EACH ROW EXECUTE FUNCTION generated.impersonation_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.impersonation FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.impersonation FOR EACH ROW EXECUTE FUNCTION generated.impersonation_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.impersonation FOR EACH ROW EXECUTE FUNCTION generated.impersonation_record_update();
grant select (tenant_id, id, membership_id, email, reason, version, created_at, updated_at) on app.impersonation to freehold_user;
grant select on app.impersonation to freehold_janitor;
grant select on app.impersonation to freehold_resolver;
comment on table app.impersonation is 'Support acted as a member of the tenant. The events of that time have its id as their impersonator.';
comment on column app.impersonation.id is 'Identifier.';
comment on column app.impersonation.membership_id is 'The member as whom they acted.';
comment on column app.impersonation.email is '@format email
@example support@vendor.example
Who acted.';
comment on column app.impersonation.reason is '@example Ticket 4711: the export fails.
Why, as they gave it.';
comment on column app.impersonation.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.impersonation.created_at is 'When it was created.';
comment on column app.impersonation.updated_at is 'When it was last changed.';

create table app.invitation (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  email text not null,
  role text not null,
  status text default 'pending'::text not null,
  expires_at timestamp with time zone default (now() + '7 days'::interval) not null,
  invited_by uuid,
  membership_id uuid,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint invitation_pkey PRIMARY KEY (tenant_id, id),
  constraint invitation_status_fkey FOREIGN KEY (status) REFERENCES app.invitation_status(value),
  constraint invitation_tenant_id_invited_by_fkey FOREIGN KEY (tenant_id, invited_by) REFERENCES app.membership(tenant_id, id),
  constraint invitation_tenant_id_membership_id_fkey FOREIGN KEY (tenant_id, membership_id) REFERENCES app.membership(tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
  constraint invitation_email_check CHECK ((email ~ '^[^@\s]{1,64}@[^@\s]{1,255}$'::text))
);
alter table app.invitation owner to freehold_owner;
alter table app.invitation alter column email set statistics 0;
alter table app.invitation alter column role set statistics 0;
CREATE INDEX invitation_due ON app.invitation USING btree (tenant_id, expires_at) WHERE (status = 'pending'::text);
CREATE INDEX invitation_invited_by ON app.invitation USING btree (tenant_id, invited_by);
CREATE INDEX invitation_membership ON app.invitation USING btree (tenant_id, membership_id);
CREATE UNIQUE INDEX invitation_email ON app.invitation USING btree (tenant_id, lower(email)) WHERE (status = 'pending'::text);
alter table app.invitation enable row level security;
alter table app.invitation force row level security;
create policy definer_delete on app.invitation for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.invitation for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.invitation for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.invitation for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.invitation for select to freehold_janitor
  using (true);
create policy request_insert on app.invitation for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('invitation:create'::text, 16)))));
create policy request_select on app.invitation for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('invitation:read'::text, 14)))));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.invitation FOR EACH ROW EXECUTE FUNCTION generated.invitation_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.invitation FOR EACH ROW EXECUTE FUNCTION generated.invitation_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.invitation FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _190_check_role BEFORE INSERT OR UPDATE OF role ON app.invitation FOR EACH ROW EXECUTE FUNCTION app.check_role('role');
CREATE TRIGGER _200_check BEFORE INSERT ON app.invitation FOR EACH ROW EXECUTE FUNCTION app.invitation_check();
CREATE TRIGGER _800_limit_insert AFTER INSERT ON app.invitation FOR EACH ROW WHEN ((new.status = 'pending'::text)) EXECUTE FUNCTION generated.invitation_limit();
CREATE TRIGGER _800_limit_update AFTER UPDATE OF status ON app.invitation FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (NOT (old.status = 'pending'::text)))) EXECUTE FUNCTION generated.invitation_limit();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.invitation FOR EACH ROW EXECUTE FUNCTION generated.invitation_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.invitation FOR EACH ROW EXECUTE FUNCTION generated.invitation_record_update();
grant insert (email, role, expires_at) on app.invitation to freehold_user;
grant select (tenant_id, id, email, role, status, expires_at, invited_by, membership_id, version, created_at, updated_at) on app.invitation to freehold_user;
grant select on app.invitation to freehold_janitor;
comment on table app.invitation is 'An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.';
comment on column app.invitation.id is 'Identifier.';
comment on column app.invitation.email is '@format email
@example grace@example.com
Where it was sent.';
comment on column app.invitation.role is '@example viewer
The role that the person will have.';
comment on column app.invitation.status is 'State in its lifecycle.';
comment on column app.invitation.expires_at is '@example 2026-02-07T12:00:00+00:00
When it can no longer be accepted: seven days unless set.';
comment on column app.invitation.invited_by is 'The member who invited.';
comment on column app.invitation.membership_id is 'The membership that came of it.';
comment on column app.invitation.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.invitation.created_at is 'When it was created.';
comment on column app.invitation.updated_at is 'When it was last changed.';

create table app.invitation_status (
  value text not null,
  description text not null,
  constraint invitation_status_pkey PRIMARY KEY (value)
);
alter table app.invitation_status owner to freehold_owner;
grant select on app.invitation_status to freehold_user;
grant select on app.invitation_status to freehold_worker;
comment on table app.invitation_status is '@enum
@reference
States of a invitation.';
insert into app.invitation_status (value, description) values
  ('accepted', 'The person joined.'),
  ('expired', 'Not accepted in time.'),
  ('pending', 'Sent and waiting.'),
  ('revoked', 'Taken back.');

create table app.invoice (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  number text,
  subscription_id uuid not null,
  currency text not null,
  total bigint default 0 not null,
  status text default 'draft'::text not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  issued_at timestamp with time zone,
  due_at timestamp with time zone,
  paid_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint invoice_pkey PRIMARY KEY (tenant_id, id),
  constraint invoice_tenant_id_number_key UNIQUE (tenant_id, number),
  constraint invoice_status_fkey FOREIGN KEY (status) REFERENCES app.invoice_status(value),
  constraint invoice_tenant_id_subscription_id_fkey FOREIGN KEY (tenant_id, subscription_id) REFERENCES app.subscription(tenant_id, id),
  constraint invoice_check CHECK (((status = 'draft'::text) = (number IS NULL))),
  constraint invoice_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint invoice_number_check CHECK ((number ~ '^INV-[0-9]{6,}$'::text))
);
alter table app.invoice owner to freehold_owner;
alter table app.invoice alter column currency set statistics 0;
alter table app.invoice alter column number set statistics 0;
CREATE INDEX invoice_by_status ON app.invoice USING btree (tenant_id, status, id);
CREATE INDEX invoice_subscription ON app.invoice USING btree (tenant_id, subscription_id);
alter table app.invoice enable row level security;
alter table app.invoice force row level security;
create policy definer_delete on app.invoice for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.invoice for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.invoice for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.invoice for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.invoice for select to freehold_janitor
  using (true);
create policy request_select on app.invoice for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('invoice:read'::text, 35)))));
CREATE CONSTRAINT TRIGGER _600_check_total AFTER INSERT OR UPDATE OF total ON app.invoice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.invoice_check_total();
CREATE TRIGGER _100_begin BEFORE INSERT ON app.invoice FOR EACH ROW EXECUTE FUNCTION generated.invoice_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.invoice FOR EACH ROW EXECUTE FUNCTION generated.invoice_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.invoice FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _200_finalize BEFORE UPDATE OF status ON app.invoice FOR EACH ROW WHEN (((new.status IS DISTINCT FROM old.status) AND (new.status = ANY (ARRAY['open'::text, 'paid'::text])))) EXECUTE FUNCTION app.invoice_finalize();
CREATE TRIGGER _300_freeze BEFORE UPDATE ON app.invoice FOR EACH ROW WHEN ((old.status <> 'draft'::text)) EXECUTE FUNCTION app.invoice_freeze();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.invoice FOR EACH ROW EXECUTE FUNCTION generated.invoice_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.invoice FOR EACH ROW EXECUTE FUNCTION generated.invoice_record_update();
grant select (tenant_id, id, number, subscription_id, currency, total, status, period_start, period_end, issued_at, due_at, paid_at, version, created_at, updated_at) on app.invoice to freehold_user;
grant select on app.invoice to freehold_janitor;
comment on table app.invoice is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column app.invoice.id is 'Identifier.';
comment on column app.invoice.number is 'INV-000001 and on, without gaps in a tenant; given when the invoice is finalized.';
comment on column app.invoice.subscription_id is 'The subscription that it is for.';
comment on column app.invoice.currency is '@example EUR
Currency of all its amounts, as ISO 4217 has it.';
comment on column app.invoice.total is '@example 4900
Sum of the lines, in minor units of the currency.';
comment on column app.invoice.status is 'State in its lifecycle.';
comment on column app.invoice.period_start is 'Start of the time that it is for.';
comment on column app.invoice.period_end is '@example 2026-02-28T12:00:00+00:00
End of the time that it is for.';
comment on column app.invoice.issued_at is 'When it was finalized.';
comment on column app.invoice.due_at is 'When it should be paid: 14 days after it was finalized.';
comment on column app.invoice.paid_at is 'When it was paid.';
comment on column app.invoice.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.invoice.created_at is 'When it was created.';
comment on column app.invoice.updated_at is 'When it was last changed.';

create table app.invoice_line (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  invoice_id uuid not null,
  description text not null,
  amount bigint not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint invoice_line_pkey PRIMARY KEY (tenant_id, id),
  constraint invoice_line_tenant_id_invoice_id_fkey FOREIGN KEY (tenant_id, invoice_id) REFERENCES app.invoice(tenant_id, id),
  constraint invoice_line_description_check CHECK (((length(description) >= 1) AND (length(description) <= 500)))
);
alter table app.invoice_line owner to freehold_owner;
alter table app.invoice_line alter column description set statistics 0;
CREATE INDEX invoice_line_invoice ON app.invoice_line USING btree (tenant_id, invoice_id);
alter table app.invoice_line enable row level security;
alter table app.invoice_line force row level security;
create policy definer_delete on app.invoice_line for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.invoice_line for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.invoice_line for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.invoice_line for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy request_select on app.invoice_line for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('invoice_line:read'::text, 39)))));
CREATE CONSTRAINT TRIGGER _600_check_total AFTER INSERT OR DELETE OR UPDATE ON app.invoice_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.invoice_line_check_total();
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.invoice_line FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
CREATE TRIGGER _200_freeze BEFORE INSERT OR DELETE OR UPDATE ON app.invoice_line FOR EACH ROW EXECUTE FUNCTION app.invoice_line_freeze();
grant select (tenant_id, id, invoice_id, description, amount, period_start, period_end, created_at) on app.invoice_line to freehold_user;
comment on table app.invoice_line is 'One position of an invoice.';
comment on column app.invoice_line.amount is 'In minor units of the invoice''s currency; a credit is negative.';

create table app.invoice_status (
  value text not null,
  description text not null,
  constraint invoice_status_pkey PRIMARY KEY (value)
);
alter table app.invoice_status owner to freehold_owner;
grant select on app.invoice_status to freehold_user;
grant select on app.invoice_status to freehold_worker;
comment on table app.invoice_status is '@enum
@reference
States of a invoice.';
insert into app.invoice_status (value, description) values
  ('draft', 'Being put together.'),
  ('open', 'Numbered, sent and waiting for payment.'),
  ('paid', 'Paid.'),
  ('uncollectible', 'Given up.'),
  ('void', 'Withdrawn; the number stays.');

create table app.membership (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  person_id uuid not null,
  email text not null,
  name text not null,
  role text not null,
  status text default 'active'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint membership_pkey PRIMARY KEY (tenant_id, id),
  constraint membership_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id),
  constraint membership_status_fkey FOREIGN KEY (status) REFERENCES app.membership_status(value),
  constraint membership_email_check CHECK (((length(email) >= 3) AND (length(email) <= 320))),
  constraint membership_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);
alter table app.membership owner to freehold_owner;
alter table app.membership alter column email set statistics 0;
alter table app.membership alter column name set statistics 0;
alter table app.membership alter column role set statistics 0;
CREATE INDEX membership_removed ON app.membership USING btree (tenant_id, person_id) WHERE (status = 'removed'::text);
CREATE INDEX membership_role ON app.membership USING btree (tenant_id, role) WHERE (status <> 'removed'::text);
CREATE UNIQUE INDEX membership_person ON app.membership USING btree (tenant_id, person_id) WHERE (status <> 'removed'::text);
alter table app.membership enable row level security;
alter table app.membership force row level security;
create policy definer_delete on app.membership for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.membership for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.membership for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.membership for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.membership for select to freehold_janitor
  using (true);
create policy freehold_resolver_select on app.membership for select to freehold_resolver
  using (true);
create policy request_select on app.membership for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('membership:read'::text, 9)))));
create policy request_update on app.membership for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('membership:update'::text, 11)))))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.membership FOR EACH ROW EXECUTE FUNCTION generated.membership_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.membership FOR EACH ROW EXECUTE FUNCTION generated.membership_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.membership FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _190_check_role BEFORE INSERT OR UPDATE OF role ON app.membership FOR EACH ROW EXECUTE FUNCTION app.check_role('role');
CREATE TRIGGER _200_check_role BEFORE UPDATE OF role, status ON app.membership FOR EACH ROW WHEN (((new.role <> old.role) OR (new.status <> old.status))) EXECUTE FUNCTION app.membership_check_role();
CREATE TRIGGER _210_check_block BEFORE UPDATE OF status ON app.membership FOR EACH ROW WHEN (((old.status = 'suspended'::text) AND (new.status = 'active'::text))) EXECUTE FUNCTION app.membership_check_block();
CREATE TRIGGER _300_keep_owner AFTER UPDATE OF role, status ON app.membership FOR EACH ROW WHEN (((old.role = 'owner'::text) AND (old.status = 'active'::text) AND ((new.role <> 'owner'::text) OR (new.status <> 'active'::text)))) EXECUTE FUNCTION app.membership_keep_owner();
CREATE TRIGGER _700_follow_principal AFTER INSERT ON app.membership FOR EACH ROW EXECUTE FUNCTION identity.follow_principal('member');
CREATE TRIGGER _720_follow_person AFTER INSERT ON app.membership FOR EACH ROW EXECUTE FUNCTION app.membership_follow_person();
CREATE TRIGGER _800_limit_insert AFTER INSERT ON app.membership FOR EACH ROW WHEN ((new.status <> 'removed'::text)) EXECUTE FUNCTION generated.membership_limit();
CREATE TRIGGER _800_limit_update AFTER UPDATE OF status ON app.membership FOR EACH ROW WHEN (((new.status <> 'removed'::text) AND (NOT (old.status <> 'removed'::text)))) EXECUTE FUNCTION generated.membership_limit();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.membership FOR EACH ROW EXECUTE FUNCTION generated.membership_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.membership FOR EACH ROW EXECUTE FUNCTION generated.membership_record_update();
CREATE TRIGGER _930_keep_given_role AFTER UPDATE OF role ON app.membership FOR EACH ROW WHEN ((new.role <> old.role)) EXECUTE FUNCTION app.membership_keep_given_role();
CREATE TRIGGER _940_end_access AFTER UPDATE OF status ON app.membership FOR EACH ROW WHEN (((new.status <> old.status) AND (new.status <> 'active'::text))) EXECUTE FUNCTION app.membership_end_access();
CREATE TRIGGER _950_follow_principal AFTER UPDATE OF role, status ON app.membership FOR EACH ROW WHEN (((new.role <> old.role) OR (new.status <> old.status))) EXECUTE FUNCTION identity.follow_principal('member');
grant select (tenant_id, id, person_id, email, name, role, status, version, created_at, updated_at) on app.membership to freehold_user;
grant select on app.membership to freehold_janitor;
grant select on app.membership to freehold_resolver;
grant update (role, version) on app.membership to freehold_user;
comment on table app.membership is 'A person who works in the tenant, with one role.';
comment on column app.membership.id is 'Identifier.';
comment on column app.membership.person_id is '@behavior -*
The person, whatever tenants they belong to.';
comment on column app.membership.email is '@format email
@example ada@example.com
Address as the identity provider verified it.';
comment on column app.membership.name is '@example Ada Lovelace
Name as people see it.';
comment on column app.membership.role is '@example member
owner, admin, member, viewer, billing, or the key of a role of the tenant.';
comment on column app.membership.status is 'State in its lifecycle.';
comment on column app.membership.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.membership.created_at is 'When it was created.';
comment on column app.membership.updated_at is 'When it was last changed.';

create table app.membership_status (
  value text not null,
  description text not null,
  constraint membership_status_pkey PRIMARY KEY (value)
);
alter table app.membership_status owner to freehold_owner;
grant select on app.membership_status to freehold_user;
grant select on app.membership_status to freehold_worker;
comment on table app.membership_status is '@enum
@reference
States of a membership.';
insert into app.membership_status (value, description) values
  ('active', 'Works in the tenant.'),
  ('removed', 'No longer belongs to the tenant.'),
  ('suspended', 'Locked out for now.');

create table app.project (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  name text not null,
  description text default ''::text not null,
  lead_id uuid,
  status text default 'active'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint project_pkey PRIMARY KEY (tenant_id, id),
  constraint project_status_fkey FOREIGN KEY (status) REFERENCES app.project_status(value),
  constraint project_tenant_id_lead_id_fkey FOREIGN KEY (tenant_id, lead_id) REFERENCES app.membership(tenant_id, id),
  constraint project_description_check CHECK ((length(description) <= 10000)),
  constraint project_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);
alter table app.project owner to freehold_owner;
alter table app.project alter column description set statistics 0;
alter table app.project alter column name set statistics 0;
CREATE INDEX project_by_status ON app.project USING btree (tenant_id, status, id);
CREATE INDEX project_lead ON app.project USING btree (tenant_id, lead_id);
alter table app.project enable row level security;
alter table app.project force row level security;
create policy definer_delete on app.project for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.project for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.project for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.project for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.project for select to freehold_janitor
  using (true);
create policy request_delete on app.project for delete to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('project:delete'::text, 42))) AND (status <> 'deleted'::text)));
create policy request_insert on app.project for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('project:create'::text, 41)))));
create policy request_select on app.project for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('project:read'::text, 40))) AND (status <> 'deleted'::text)));
create policy request_update on app.project for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('project:update'::text, 43))) AND (status <> 'deleted'::text)))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.project FOR EACH ROW EXECUTE FUNCTION generated.project_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.project FOR EACH ROW EXECUTE FUNCTION generated.project_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.project FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _800_limit_insert AFTER INSERT ON app.project FOR EACH ROW WHEN ((new.status <> 'deleted'::text)) EXECUTE FUNCTION generated.project_limit();
CREATE TRIGGER _800_limit_update AFTER UPDATE OF status ON app.project FOR EACH ROW WHEN (((new.status <> 'deleted'::text) AND (NOT (old.status <> 'deleted'::text)))) EXECUTE FUNCTION generated.project_limit();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.project FOR EACH ROW EXECUTE FUNCTION generated.project_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.project FOR EACH ROW EXECUTE FUNCTION generated.project_record_update();
grant insert (name, description, lead_id) on app.project to freehold_user;
grant select (tenant_id, id, name, description, lead_id, status, version, created_at, updated_at) on app.project to freehold_user;
grant select on app.project to freehold_janitor;
grant update (name, description, lead_id, version) on app.project to freehold_user;
comment on table app.project is 'Something that the tenant works on.';
comment on column app.project.id is 'Identifier.';
comment on column app.project.name is '@example Rocket
Name, 1 to 200 characters.';
comment on column app.project.description is '@example To the moon and back.
What it is about, up to 10,000 characters.';
comment on column app.project.lead_id is 'The member who leads it.';
comment on column app.project.status is 'State in its lifecycle.';
comment on column app.project.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.project.created_at is 'When it was created.';
comment on column app.project.updated_at is 'When it was last changed.';

create table app.project_status (
  value text not null,
  description text not null,
  constraint project_status_pkey PRIMARY KEY (value)
);
alter table app.project_status owner to freehold_owner;
grant select on app.project_status to freehold_user;
grant select on app.project_status to freehold_worker;
comment on table app.project_status is '@enum
@reference
States of a project.';
insert into app.project_status (value, description) values
  ('active', 'Being worked on.'),
  ('archived', 'Kept, and read-only in the product.'),
  ('deleted', 'Gone from view.');

create table app.report (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  kind text not null,
  since timestamp with time zone,
  status text default 'requested'::text not null,
  row_count bigint,
  byte_count bigint,
  error text,
  expires_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  format text default 'ndjson'::text not null,
  constraint report_pkey PRIMARY KEY (tenant_id, id),
  constraint report_status_fkey FOREIGN KEY (status) REFERENCES app.report_status(value),
  constraint report_error_check CHECK ((length(error) <= 1000)),
  constraint report_format_check CHECK ((format = ANY (ARRAY['ndjson'::text, 'csv'::text]))),
  constraint report_kind_check CHECK ((kind = ANY (ARRAY['events'::text, 'audit'::text, 'invoices'::text, 'members'::text, 'usage'::text]))),
  constraint report_since_check CHECK (((since >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (since <= '9999-12-31 00:00:00+00'::timestamp with time zone)))
);
alter table app.report owner to freehold_owner;
alter table app.report alter column error set statistics 0;
alter table app.report alter column format set statistics 0;
alter table app.report alter column kind set statistics 0;
CREATE INDEX report_due ON app.report USING btree (tenant_id, expires_at) WHERE (status = 'exported'::text);
alter table app.report enable row level security;
alter table app.report force row level security;
create policy definer_delete on app.report for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.report for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.report for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.report for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.report for select to freehold_janitor
  using (true);
create policy request_insert on app.report for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('report:create'::text, 51)))));
create policy request_select on app.report for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('report:read'::text, 49)))));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.report FOR EACH ROW EXECUTE FUNCTION generated.report_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.report FOR EACH ROW EXECUTE FUNCTION generated.report_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.report FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _200_check_feature BEFORE INSERT ON app.report FOR EACH ROW EXECUTE FUNCTION app.report_check_feature();
CREATE TRIGGER _800_check_count AFTER INSERT ON app.report FOR EACH ROW EXECUTE FUNCTION platform.check_count('10', '{requested,running}');
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.report FOR EACH ROW EXECUTE FUNCTION generated.report_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.report FOR EACH ROW EXECUTE FUNCTION generated.report_record_update();
grant insert (kind, since, format) on app.report to freehold_user;
grant select (tenant_id, id, kind, since, status, row_count, byte_count, error, expires_at, version, created_at, updated_at, format) on app.report to freehold_user;
grant select on app.report to freehold_janitor;
comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.';
comment on column app.report.id is 'Identifier.';
comment on column app.report.kind is '@example invoices
events, audit (events with the names of who did it), invoices, members or usage.';
comment on column app.report.since is 'Only what happened from then on; all when null.';
comment on column app.report.status is 'State in its lifecycle.';
comment on column app.report.row_count is 'Rows in the export.';
comment on column app.report.byte_count is 'Size of the export.';
comment on column app.report.error is 'Why it failed.';
comment on column app.report.expires_at is 'Until when it can be downloaded.';
comment on column app.report.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.report.created_at is 'When it was created.';
comment on column app.report.updated_at is 'When it was last changed.';
comment on column app.report.format is '@example csv
ndjson, one JSON object a line; or csv, with a header.';

create table app.report_chunk (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  report_id uuid not null,
  "position" integer not null,
  content text not null,
  constraint report_chunk_pkey PRIMARY KEY (tenant_id, id),
  constraint report_chunk_tenant_id_report_id_position_key UNIQUE (tenant_id, report_id, "position"),
  constraint report_chunk_tenant_id_report_id_fkey FOREIGN KEY (tenant_id, report_id) REFERENCES app.report(tenant_id, id),
  constraint report_chunk_position_check CHECK (("position" >= 0))
);
alter table app.report_chunk owner to freehold_owner;
alter table app.report_chunk alter column content set statistics 0;
alter table app.report_chunk enable row level security;
alter table app.report_chunk force row level security;
create policy definer_delete on app.report_chunk for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.report_chunk for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.report_chunk for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.report_chunk for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.report_chunk FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant select (tenant_id, id) on app.report_chunk to freehold_user;
comment on table app.report_chunk is '@behavior -*
Content of a report, 1,000 rows a chunk; read through app.report_content.';

create table app.report_status (
  value text not null,
  description text not null,
  constraint report_status_pkey PRIMARY KEY (value)
);
alter table app.report_status owner to freehold_owner;
grant select on app.report_status to freehold_user;
grant select on app.report_status to freehold_worker;
comment on table app.report_status is '@enum
@reference
States of a report.';
insert into app.report_status (value, description) values
  ('expired', 'No longer kept.'),
  ('exported', 'Ready to download.'),
  ('failed', 'Could not be made; the error says why.'),
  ('requested', 'Waiting for the worker.'),
  ('running', 'Being made.');

create table app.role (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  key text not null,
  name text not null,
  permissions text[] not null,
  status text default 'active'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint role_pkey PRIMARY KEY (tenant_id, id),
  constraint role_status_fkey FOREIGN KEY (status) REFERENCES app.role_status(value),
  constraint role_key_check CHECK ((key ~ '^[a-z][a-z0-9_]{1,49}$'::text)),
  constraint role_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  constraint role_permissions_check CHECK ((((cardinality(permissions) >= 1) AND (cardinality(permissions) <= 200)) AND (array_position(permissions, NULL::text) IS NULL)))
);
alter table app.role owner to freehold_owner;
alter table app.role alter column key set statistics 0;
alter table app.role alter column name set statistics 0;
alter table app.role alter column permissions set statistics 0;
CREATE UNIQUE INDEX role_key ON app.role USING btree (tenant_id, key) WHERE (status = 'active'::text);
alter table app.role enable row level security;
alter table app.role force row level security;
create policy definer_delete on app.role for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.role for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.role for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.role for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.role for select to freehold_janitor
  using (true);
create policy freehold_resolver_select on app.role for select to freehold_resolver
  using (true);
create policy request_delete on app.role for delete to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('role:delete'::text, 78))) AND (status <> 'deleted'::text)));
create policy request_insert on app.role for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('role:create'::text, 77)))));
create policy request_select on app.role for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('role:read'::text, 76))) AND (status <> 'deleted'::text)));
create policy request_update on app.role for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('role:update'::text, 79))) AND (status <> 'deleted'::text)))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.role FOR EACH ROW EXECUTE FUNCTION generated.role_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.role FOR EACH ROW EXECUTE FUNCTION generated.role_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.role FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _200_check BEFORE INSERT OR UPDATE OF permissions ON app.role FOR EACH ROW EXECUTE FUNCTION app.role_check();
CREATE TRIGGER _210_check_unused BEFORE UPDATE OF status ON app.role FOR EACH ROW WHEN (((new.status = 'deleted'::text) AND (old.status <> 'deleted'::text))) EXECUTE FUNCTION app.role_check_unused();
CREATE TRIGGER _800_check_count AFTER INSERT ON app.role FOR EACH ROW EXECUTE FUNCTION platform.check_count('100', '{active}');
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.role FOR EACH ROW EXECUTE FUNCTION generated.role_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.role FOR EACH ROW EXECUTE FUNCTION generated.role_record_update();
CREATE TRIGGER _950_follow_permissions AFTER UPDATE OF permissions ON app.role FOR EACH ROW WHEN ((new.permissions <> old.permissions)) EXECUTE FUNCTION identity.follow_role_permissions();
grant insert (key, name, permissions) on app.role to freehold_user;
grant select (tenant_id, id, key, name, permissions, status, version, created_at, updated_at) on app.role to freehold_user;
grant select on app.role to freehold_janitor;
grant select on app.role to freehold_resolver;
grant update (name, permissions, version) on app.role to freehold_user;
comment on table app.role is 'A role of the tenant''s own, beside owner, admin, member, viewer and billing.';
comment on column app.role.id is 'Identifier.';
comment on column app.role.key is '@example auditor
What members, invitations and groups name it by: lower-case letters, digits and _.';
comment on column app.role.name is '@example Auditor
Name as people see it.';
comment on column app.role.permissions is '@example ["project:read", "event:read"]
What it may do, such as project:read.';
comment on column app.role.status is 'State in its lifecycle.';
comment on column app.role.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.role.created_at is 'When it was created.';
comment on column app.role.updated_at is 'When it was last changed.';

create table app.role_status (
  value text not null,
  description text not null,
  constraint role_status_pkey PRIMARY KEY (value)
);
alter table app.role_status owner to freehold_owner;
grant select on app.role_status to freehold_user;
grant select on app.role_status to freehold_worker;
comment on table app.role_status is '@enum
@reference
States of a role.';
insert into app.role_status (value, description) values
  ('active', 'Can be given.'),
  ('deleted', 'Is no more.');

create table app.subscription (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  plan text not null,
  next_plan text,
  status text default 'trialing'::text not null,
  trial_ends_at timestamp with time zone,
  anchor timestamp with time zone default now() not null,
  period integer default 0 not null,
  current_period_start timestamp with time zone default now() not null,
  current_period_end timestamp with time zone not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint subscription_pkey PRIMARY KEY (tenant_id, id),
  constraint subscription_next_plan_fkey FOREIGN KEY (next_plan) REFERENCES catalog.plan(key),
  constraint subscription_plan_fkey FOREIGN KEY (plan) REFERENCES catalog.plan(key),
  constraint subscription_status_fkey FOREIGN KEY (status) REFERENCES app.subscription_status(value),
  constraint subscription_check CHECK ((current_period_start < current_period_end)),
  constraint subscription_check1 CHECK ((next_plan IS DISTINCT FROM plan)),
  constraint subscription_period_check CHECK ((period >= 0))
);
alter table app.subscription owner to freehold_owner;
CREATE INDEX subscription_renewal_due ON app.subscription USING btree (tenant_id, current_period_end) WHERE (status = 'active'::text);
CREATE INDEX subscription_trial_due ON app.subscription USING btree (tenant_id, trial_ends_at) WHERE (status = 'trialing'::text);
CREATE UNIQUE INDEX subscription_living ON app.subscription USING btree (tenant_id) WHERE (status <> 'canceled'::text);
alter table app.subscription enable row level security;
alter table app.subscription force row level security;
create policy definer_delete on app.subscription for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.subscription for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.subscription for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.subscription for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.subscription for select to freehold_janitor
  using (true);
create policy request_select on app.subscription for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('subscription:read'::text, 24)))));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.subscription FOR EACH ROW EXECUTE FUNCTION generated.subscription_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.subscription FOR EACH ROW EXECUTE FUNCTION generated.subscription_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.subscription FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _700_follow_plan AFTER INSERT OR UPDATE OF plan, status ON app.subscription FOR EACH ROW EXECUTE FUNCTION app.subscription_follow_plan();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.subscription FOR EACH ROW EXECUTE FUNCTION generated.subscription_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.subscription FOR EACH ROW EXECUTE FUNCTION generated.subscription_record_update();
grant select (tenant_id, id, plan, next_plan, status, trial_ends_at, anchor, period, current_period_start, current_period_end, version, created_at, updated_at) on app.subscription to freehold_user;
grant select on app.subscription to freehold_janitor;
comment on table app.subscription is 'What the tenant pays for.';
comment on column app.subscription.id is 'Identifier.';
comment on column app.subscription.plan is '@example team
The plan that holds now.';
comment on column app.subscription.next_plan is 'The plan from the next period on, when a downgrade is waiting.';
comment on column app.subscription.status is 'State in its lifecycle.';
comment on column app.subscription.trial_ends_at is '@example 2026-02-14T12:00:00+00:00
When the trial turns into a paid subscription by itself.';
comment on column app.subscription.anchor is '@behavior -*
Start of the first paid period: the n-th begins n months later, so that the 31st does not drift.';
comment on column app.subscription.period is '@behavior -*
@example 0
Number of the current period, from 0.';
comment on column app.subscription.current_period_start is 'When the current period began.';
comment on column app.subscription.current_period_end is '@example 2026-02-14T12:00:00+00:00
When the current period ends, and the next begins.';
comment on column app.subscription.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.subscription.created_at is 'When it was created.';
comment on column app.subscription.updated_at is 'When it was last changed.';

create table app.subscription_status (
  value text not null,
  description text not null,
  constraint subscription_status_pkey PRIMARY KEY (value)
);
alter table app.subscription_status owner to freehold_owner;
grant select on app.subscription_status to freehold_user;
grant select on app.subscription_status to freehold_worker;
comment on table app.subscription_status is '@enum
@reference
States of a subscription.';
insert into app.subscription_status (value, description) values
  ('active', 'Paid for.'),
  ('canceled', 'Ended; the free plan holds.'),
  ('past_due', 'A payment failed; everything still works.'),
  ('paused', 'Set aside; nothing is charged.'),
  ('trialing', 'In its trial; nothing is charged.');

create table app.tenant (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  slug text not null,
  status text default 'provisioning'::text not null,
  closes_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  admit_verified_domains boolean default false not null,
  default_role text default 'member'::text not null,
  max_session_hours integer default 168 not null,
  max_idle_minutes integer default 1440 not null,
  allowed_networks cidr[] default '{}'::cidr[] not null,
  login_methods text[] default '{}'::text[] not null,
  require_sso boolean default false not null,
  stream_audit_log boolean default false not null,
  constraint tenant_pkey PRIMARY KEY (tenant_id, id),
  constraint tenant_status_fkey FOREIGN KEY (status) REFERENCES app.tenant_status(value),
  constraint tenant_allowed_networks_check CHECK (((cardinality(allowed_networks) <= 50) AND (array_position(allowed_networks, NULL::cidr) IS NULL))),
  constraint tenant_check CHECK ((id = tenant_id)),
  constraint tenant_default_role_check CHECK ((default_role <> 'owner'::text)),
  constraint tenant_login_methods_check CHECK (((cardinality(login_methods) <= 30) AND (array_position(login_methods, NULL::text) IS NULL))),
  constraint tenant_max_idle_minutes_check CHECK (((max_idle_minutes >= 5) AND (max_idle_minutes <= 129600))),
  constraint tenant_max_session_hours_check CHECK (((max_session_hours >= 1) AND (max_session_hours <= 2160))),
  constraint tenant_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint tenant_slug_check CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text))
);
alter table app.tenant owner to freehold_owner;
alter table app.tenant alter column default_role set statistics 0;
alter table app.tenant alter column login_methods set statistics 0;
alter table app.tenant alter column name set statistics 0;
alter table app.tenant alter column slug set statistics 0;
alter table app.tenant enable row level security;
alter table app.tenant force row level security;
create policy definer_delete on app.tenant for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.tenant for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.tenant for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.tenant for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.tenant for select to freehold_janitor
  using (true);
create policy freehold_resolver_select on app.tenant for select to freehold_resolver
  using (true);
create policy request_select on app.tenant for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('tenant:read'::text, 2)))));
create policy request_update on app.tenant for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('tenant:update'::text, 4)))))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.tenant FOR EACH ROW EXECUTE FUNCTION generated.tenant_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.tenant FOR EACH ROW EXECUTE FUNCTION generated.tenant_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.tenant FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _190_check_role BEFORE UPDATE OF default_role ON app.tenant FOR EACH ROW EXECUTE FUNCTION app.check_role('default_role');
CREATE TRIGGER _200_check_default_role BEFORE UPDATE OF default_role ON app.tenant FOR EACH ROW WHEN ((new.default_role <> old.default_role)) EXECUTE FUNCTION app.tenant_check_default_role();
CREATE TRIGGER _200_set_grace BEFORE UPDATE OF status ON app.tenant FOR EACH ROW WHEN (((new.status = 'closing'::text) AND (old.status <> 'closing'::text))) EXECUTE FUNCTION app.tenant_set_grace();
CREATE TRIGGER _210_check_security BEFORE UPDATE OF login_methods, require_sso ON app.tenant FOR EACH ROW WHEN (((new.login_methods IS DISTINCT FROM old.login_methods) OR (new.require_sso IS DISTINCT FROM old.require_sso))) EXECUTE FUNCTION app.tenant_check_security();
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.tenant FOR EACH ROW EXECUTE FUNCTION generated.tenant_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.tenant FOR EACH ROW EXECUTE FUNCTION generated.tenant_record_update();
CREATE TRIGGER _920_place_audit_stream AFTER UPDATE OF stream_audit_log ON app.tenant FOR EACH ROW WHEN ((new.stream_audit_log <> old.stream_audit_log)) EXECUTE FUNCTION app.tenant_place_audit_stream();
CREATE TRIGGER _950_follow_tenant AFTER UPDATE OF status ON app.tenant FOR EACH ROW WHEN ((new.status IS DISTINCT FROM old.status)) EXECUTE FUNCTION identity.follow_tenant();
CREATE TRIGGER _960_follow_tenant AFTER UPDATE OF max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso ON app.tenant FOR EACH ROW WHEN ((((((new.max_session_hours IS DISTINCT FROM old.max_session_hours) OR (new.max_idle_minutes IS DISTINCT FROM old.max_idle_minutes)) OR (new.allowed_networks IS DISTINCT FROM old.allowed_networks)) OR (new.login_methods IS DISTINCT FROM old.login_methods)) OR (new.require_sso IS DISTINCT FROM old.require_sso))) EXECUTE FUNCTION identity.follow_tenant();
grant select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant to freehold_user;
grant select on app.tenant to freehold_janitor;
grant select on app.tenant to freehold_resolver;
grant update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant to freehold_user;
comment on table app.tenant is 'The organization that everything else belongs to.';
comment on column app.tenant.id is 'Identifier.';
comment on column app.tenant.name is '@example Acme Ltd
Name as people see it.';
comment on column app.tenant.slug is '@example acme
Short name in addresses; unique over all tenants.';
comment on column app.tenant.status is 'State in its lifecycle.';
comment on column app.tenant.closes_at is 'When the grace period ends and the tenant is closed.';
comment on column app.tenant.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.tenant.created_at is 'When it was created.';
comment on column app.tenant.updated_at is 'When it was last changed.';
comment on column app.tenant.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column app.tenant.default_role is '@example member
The role of who joins without an invitation or a group that gives one.';
comment on column app.tenant.max_session_hours is '@example 168
How long a session lasts at most: 1 to 2160 hours.';
comment on column app.tenant.max_idle_minutes is '@example 1440
How long a session may go unused: 5 to 129600 minutes.';
comment on column app.tenant.allowed_networks is '@example ["203.0.113.0/24"]
Where members and keys may come from, in CIDR notation; empty for anywhere.';
comment on column app.tenant.login_methods is '@example ["SSO", "Passkey"]
How members may sign in, as the identity provider names it; empty for any way.';
comment on column app.tenant.require_sso is 'Whether members must come by single sign-on.';
comment on column app.tenant.stream_audit_log is 'Whether its events go to the audit log of the identity provider, from now on.';

create table app.tenant_status (
  value text not null,
  description text not null,
  constraint tenant_status_pkey PRIMARY KEY (value)
);
alter table app.tenant_status owner to freehold_owner;
grant select on app.tenant_status to freehold_user;
grant select on app.tenant_status to freehold_worker;
comment on table app.tenant_status is '@enum
@reference
States of a tenant.';
insert into app.tenant_status (value, description) values
  ('active', 'In use.'),
  ('closed', 'Ended; what is left is deleted.'),
  ('closing', 'In its grace period before the end.'),
  ('provisioning', 'Being set up.'),
  ('suspended', 'Members are locked out; nothing is lost.');

create table app.webhook_endpoint (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  url text not null,
  description text default ''::text not null,
  event_types text[] not null,
  status text default 'enabled'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  channels text[] default '{}'::text[] not null,
  ordered boolean default false not null,
  rate_limit integer,
  concurrency integer,
  retry_delays integer[] default '{5,300,1800,7200,18000,36000,50400,72000,86400}'::integer[] not null,
  disabled_reason text,
  constraint webhook_endpoint_pkey PRIMARY KEY (tenant_id, id),
  constraint webhook_endpoint_status_fkey FOREIGN KEY (status) REFERENCES app.webhook_endpoint_status(value),
  constraint webhook_endpoint_channels_check CHECK (((cardinality(channels) <= 100) AND (array_position(channels, NULL::text) IS NULL))),
  constraint webhook_endpoint_check CHECK (((disabled_reason IS NULL) OR ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text])) AND (status = 'disabled'::text)))),
  constraint webhook_endpoint_concurrency_check CHECK (((concurrency >= 1) AND (concurrency <= 100))),
  constraint webhook_endpoint_description_check CHECK ((length(description) <= 1000)),
  constraint webhook_endpoint_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 100))),
  constraint webhook_endpoint_rate_limit_check CHECK (((rate_limit >= 1) AND (rate_limit <= 1000))),
  constraint webhook_endpoint_retry_delays_check CHECK (((cardinality(retry_delays) <= 20) AND (array_position(retry_delays, NULL::integer) IS NULL) AND (1 <= ALL (retry_delays)) AND (604800 >= ALL (retry_delays)))),
  constraint webhook_endpoint_url_check CHECK (((length(url) <= 2048) AND (url ~ '^https?://[^[:space:]/?#@]+([/?][^[:space:]#]*)?$'::text)))
);
alter table app.webhook_endpoint owner to freehold_owner;
alter table app.webhook_endpoint alter column channels set statistics 0;
alter table app.webhook_endpoint alter column description set statistics 0;
alter table app.webhook_endpoint alter column disabled_reason set statistics 0;
alter table app.webhook_endpoint alter column event_types set statistics 0;
alter table app.webhook_endpoint alter column url set statistics 0;
alter table app.webhook_endpoint enable row level security;
alter table app.webhook_endpoint force row level security;
create policy definer_delete on app.webhook_endpoint for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.webhook_endpoint for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.webhook_endpoint for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.webhook_endpoint for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_select on app.webhook_endpoint for select to freehold_dispatcher
  using (true);
create policy freehold_janitor_select on app.webhook_endpoint for select to freehold_janitor
  using (true);
create policy request_insert on app.webhook_endpoint for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_endpoint:create'::text, 55)))));
create policy request_select on app.webhook_endpoint for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_endpoint:read'::text, 54)))));
create policy request_update on app.webhook_endpoint for update to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_endpoint:update'::text, 57)))))
  with check ((tenant_id = platform.tenant_id()));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION generated.webhook_endpoint_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION generated.webhook_endpoint_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _200_check_types BEFORE INSERT OR UPDATE OF event_types ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION app.webhook_endpoint_check_types();
CREATE TRIGGER _200_clear_reason BEFORE UPDATE ON app.webhook_endpoint FOR EACH ROW WHEN (((new.status = 'enabled'::text) AND (old.status <> 'enabled'::text))) EXECUTE FUNCTION app.webhook_endpoint_clear_reason();
CREATE TRIGGER _500_follow AFTER INSERT OR UPDATE ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION platform.follow_endpoint();
CREATE TRIGGER _800_check_count AFTER INSERT ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION platform.check_count('50', '{enabled,disabled}');
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION generated.webhook_endpoint_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.webhook_endpoint FOR EACH ROW EXECUTE FUNCTION generated.webhook_endpoint_record_update();
grant select (tenant_id, id, url, description, event_types, status, version, created_at, updated_at, channels, ordered, rate_limit, concurrency, retry_delays, disabled_reason) on app.webhook_endpoint to freehold_user;
grant select on app.webhook_endpoint to freehold_dispatcher;
grant select on app.webhook_endpoint to freehold_janitor;
grant update (url, description, event_types, version, channels, ordered, rate_limit, concurrency, retry_delays) on app.webhook_endpoint to freehold_user;
comment on table app.webhook_endpoint is 'An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).';
comment on column app.webhook_endpoint.id is 'Identifier.';
comment on column app.webhook_endpoint.url is '@format uri
@example https://receiver.example/webhooks
Where to post: https, without user, password and fragment.';
comment on column app.webhook_endpoint.description is '@example Bookkeeping
What it is for.';
comment on column app.webhook_endpoint.event_types is '@example ["invoice.*"]
What it is told of: exact types, all of an entity (invoice.*), or everything (*).';
comment on column app.webhook_endpoint.status is 'State in its lifecycle.';
comment on column app.webhook_endpoint.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.webhook_endpoint.created_at is 'When it was created.';
comment on column app.webhook_endpoint.updated_at is 'When it was last changed.';
comment on column app.webhook_endpoint.channels is 'Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>.';
comment on column app.webhook_endpoint.ordered is 'One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up.';
comment on column app.webhook_endpoint.rate_limit is 'Messages a second at most; null for no limit.';
comment on column app.webhook_endpoint.concurrency is 'Messages at a time at most; null for no limit of its own.';
comment on column app.webhook_endpoint.retry_delays is 'Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries.';
comment on column app.webhook_endpoint.disabled_reason is 'Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it.';

create table app.webhook_endpoint_status (
  value text not null,
  description text not null,
  constraint webhook_endpoint_status_pkey PRIMARY KEY (value)
);
alter table app.webhook_endpoint_status owner to freehold_owner;
grant select on app.webhook_endpoint_status to freehold_user;
grant select on app.webhook_endpoint_status to freehold_worker;
comment on table app.webhook_endpoint_status is '@enum
@reference
States of a webhook endpoint.';
insert into app.webhook_endpoint_status (value, description) values
  ('disabled', 'Nothing is delivered; events of that time are not kept for it.'),
  ('enabled', 'Events are delivered to it.');

create table app.webhook_header (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  endpoint_id uuid not null,
  name text not null,
  sealed_value platform.sealed not null,
  created_at timestamp with time zone default now() not null,
  constraint webhook_header_pkey PRIMARY KEY (tenant_id, id),
  constraint webhook_header_tenant_id_endpoint_id_name_key UNIQUE (tenant_id, endpoint_id, name),
  constraint webhook_header_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoint(tenant_id, id) ON DELETE CASCADE,
  constraint webhook_header_name_check CHECK (((length(name) <= 100) AND (name ~ '^[!#$%&''*+.^_`|~0-9a-z-]+$'::text) AND (name !~ '^(webhook-.*|host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|traceparent|tracestate|user-agent)$'::text))),
  constraint webhook_header_sealed_value_check CHECK ((length((sealed_value)::text) <= 6000))
);
alter table app.webhook_header owner to freehold_owner;
alter table app.webhook_header alter column name set statistics 0;
alter table app.webhook_header enable row level security;
alter table app.webhook_header force row level security;
create policy definer_delete on app.webhook_header for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.webhook_header for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.webhook_header for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.webhook_header for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_select on app.webhook_header for select to freehold_dispatcher
  using (true);
create policy freehold_dispatcher_update on app.webhook_header for update to freehold_dispatcher
  using (true)
  with check (true);
create policy request_select on app.webhook_header for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_header:read'::text, 64)))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.webhook_header FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant select (tenant_id, id, endpoint_id, name, created_at) on app.webhook_header to freehold_user;
grant select, update on app.webhook_header to freehold_dispatcher;
comment on table app.webhook_header is 'A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.';
comment on column app.webhook_header.name is 'Name of the header, in lower case.';
comment on column app.webhook_header.sealed_value is 'Its value, sealed.';
comment on constraint webhook_header_tenant_id_endpoint_id_fkey on app.webhook_header is '@fieldName endpoint
@foreignFieldName headers';

create table app.webhook_replay (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  endpoint_id uuid not null,
  since timestamp with time zone not null,
  until timestamp with time zone default now() not null,
  failed_only boolean default false not null,
  status text default 'running'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint webhook_replay_pkey PRIMARY KEY (tenant_id, id),
  constraint webhook_replay_status_fkey FOREIGN KEY (status) REFERENCES app.webhook_replay_status(value),
  constraint webhook_replay_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoint(tenant_id, id),
  constraint webhook_replay_since_check CHECK (((since >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (since <= '9999-12-31 00:00:00+00'::timestamp with time zone))),
  constraint webhook_replay_until_check CHECK (((until >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (until <= '9999-12-31 00:00:00+00'::timestamp with time zone)))
);
alter table app.webhook_replay owner to freehold_owner;
CREATE INDEX webhook_replay_endpoint ON app.webhook_replay USING btree (tenant_id, endpoint_id, id);
alter table app.webhook_replay enable row level security;
alter table app.webhook_replay force row level security;
create policy definer_delete on app.webhook_replay for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.webhook_replay for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.webhook_replay for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.webhook_replay for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_janitor_select on app.webhook_replay for select to freehold_janitor
  using (true);
create policy request_insert on app.webhook_replay for insert to freehold_user
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_replay:create'::text, 68)))));
create policy request_select on app.webhook_replay for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_replay:read'::text, 66)))));
CREATE TRIGGER _100_begin BEFORE INSERT ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION generated.webhook_replay_begin();
CREATE TRIGGER _100_follow BEFORE UPDATE ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION generated.webhook_replay_follow();
CREATE TRIGGER _100_refuse_delete BEFORE DELETE ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION platform.refuse_delete();
CREATE TRIGGER _200_check BEFORE INSERT ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION app.webhook_replay_check();
CREATE TRIGGER _800_check_count AFTER INSERT ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION platform.check_count('5', '{running}');
CREATE TRIGGER _900_record_insert AFTER INSERT ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION generated.webhook_replay_record_insert();
CREATE TRIGGER _900_record_update AFTER UPDATE ON app.webhook_replay FOR EACH ROW EXECUTE FUNCTION generated.webhook_replay_record_update();
grant insert (endpoint_id, since, until, failed_only) on app.webhook_replay to freehold_user;
grant select (tenant_id, id, endpoint_id, since, until, failed_only, status, version, created_at, updated_at) on app.webhook_replay to freehold_user;
grant select on app.webhook_replay to freehold_janitor;
comment on table app.webhook_replay is 'Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.';
comment on column app.webhook_replay.id is 'Identifier.';
comment on column app.webhook_replay.endpoint_id is 'The endpoint that is told; it must be enabled.';
comment on column app.webhook_replay.since is 'Events from then on, as far back as the plan keeps them in sight.';
comment on column app.webhook_replay.until is 'Events before that; the time of the request when not given.';
comment on column app.webhook_replay.failed_only is 'Only deliveries that were given up.';
comment on column app.webhook_replay.status is 'State in its lifecycle.';
comment on column app.webhook_replay.version is 'Counts its changes, from 1: the version to expect when changing it.';
comment on column app.webhook_replay.created_at is 'When it was created.';
comment on column app.webhook_replay.updated_at is 'When it was last changed.';
comment on constraint webhook_replay_tenant_id_endpoint_id_fkey on app.webhook_replay is '@fieldName endpoint
@foreignFieldName replays';

create table app.webhook_replay_status (
  value text not null,
  description text not null,
  constraint webhook_replay_status_pkey PRIMARY KEY (value)
);
alter table app.webhook_replay_status owner to freehold_owner;
grant select on app.webhook_replay_status to freehold_user;
grant select on app.webhook_replay_status to freehold_worker;
comment on table app.webhook_replay_status is '@enum
@reference
States of a webhook replay.';
insert into app.webhook_replay_status (value, description) values
  ('canceled', 'Stopped by its owner, or because the endpoint was disabled.'),
  ('completed', 'All of it was queued.'),
  ('failed', 'Given up half-way.'),
  ('running', 'Its events are being queued.');

create table app.webhook_signing_key (
  tenant_id uuid default platform.tenant_id() not null,
  id uuid default uuidv7() not null,
  endpoint_id uuid not null,
  scheme text not null,
  public_key text,
  sealed_key platform.sealed not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint webhook_signing_key_pkey PRIMARY KEY (tenant_id, id),
  constraint webhook_signing_key_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES app.webhook_endpoint(tenant_id, id) ON DELETE CASCADE,
  constraint webhook_signing_key_check CHECK (((scheme = 'v1a'::text) = (public_key IS NOT NULL))),
  constraint webhook_signing_key_scheme_check CHECK ((scheme = ANY (ARRAY['v1'::text, 'v1a'::text])))
);
alter table app.webhook_signing_key owner to freehold_owner;
alter table app.webhook_signing_key alter column public_key set statistics 0;
alter table app.webhook_signing_key alter column scheme set statistics 0;
CREATE INDEX webhook_signing_key_endpoint ON app.webhook_signing_key USING btree (tenant_id, endpoint_id, id);
alter table app.webhook_signing_key enable row level security;
alter table app.webhook_signing_key force row level security;
create policy definer_delete on app.webhook_signing_key for delete to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_insert on app.webhook_signing_key for insert to freehold_owner
  with check (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_select on app.webhook_signing_key for select to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))));
create policy definer_update on app.webhook_signing_key for update to freehold_owner
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))))
  with check ((tenant_id = platform.tenant_id()));
create policy freehold_dispatcher_select on app.webhook_signing_key for select to freehold_dispatcher
  using (true);
create policy freehold_dispatcher_update on app.webhook_signing_key for update to freehold_dispatcher
  using (true)
  with check (true);
create policy request_select on app.webhook_signing_key for select to freehold_user
  using (((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows('webhook_signing_key:read'::text, 63)))));
CREATE TRIGGER _100_keep_tenant BEFORE UPDATE OF tenant_id ON app.webhook_signing_key FOR EACH ROW EXECUTE FUNCTION platform.keep_tenant();
grant select (tenant_id, id, endpoint_id, scheme, public_key, expires_at, created_at) on app.webhook_signing_key to freehold_user;
grant select, update on app.webhook_signing_key to freehold_dispatcher;
comment on table app.webhook_signing_key is 'A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.';
comment on column app.webhook_signing_key.scheme is 'v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).';
comment on column app.webhook_signing_key.public_key is 'whpk_ and base64, for scheme v1a; null for v1.';
comment on column app.webhook_signing_key.sealed_key is 'The 32 bytes of the key, sealed.';
comment on column app.webhook_signing_key.expires_at is 'When it stops signing; null for the present key.';
comment on constraint webhook_signing_key_tenant_id_endpoint_id_fkey on app.webhook_signing_key is '@fieldName endpoint
@foreignFieldName signingKeys';

create view app.feature_usage_by_day with (security_invoker=true) as
 SELECT feature,
    day,
    (sum(quantity))::bigint AS quantity
   FROM app.feature_usage u
  WHERE (tenant_id = platform.tenant_id())
  GROUP BY feature, day;
alter view app.feature_usage_by_day owner to freehold_owner;
grant select on app.feature_usage_by_day to freehold_user;
comment on view app.feature_usage_by_day is '@primaryKey feature,day
Use of each feature by day (UTC).';
comment on column app.feature_usage_by_day.feature is '@isIndexed
The feature.';
comment on column app.feature_usage_by_day.day is '@isIndexed
The day, in UTC.';
comment on column app.feature_usage_by_day.quantity is 'How often, or how much, in the unit of the feature.';

CREATE OR REPLACE FUNCTION app.accept_invitation(id uuid, issuer text, subject text, name text)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function app.accept_invitation(id uuid, issuer text, subject text, name text) owner to freehold_owner;
grant execute on function app.accept_invitation(id uuid, issuer text, subject text, name text) to freehold_worker;
comment on function app.accept_invitation(id uuid, issuer text, subject text, name text) is 'Makes the invited person a member, with the login that the identity provider verified. For the system; errors: ZF003, ZF004, ZF005, 23505 when they are a member.';

CREATE OR REPLACE FUNCTION app.activate_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'activate', '{trialing}');
  activated app.subscription;
begin
  update app.subscription s
  set status = 'active',
    trial_ends_at = least(s.trial_ends_at, statement_timestamp()),
    anchor = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    period = 0,
    current_period_start = coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()),
    current_period_end = platform.month_after(coalesce(least(s.trial_ends_at, statement_timestamp()), statement_timestamp()), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into activated;
  perform app.bill_period(activated);
  return activated;
end
$function$;
alter function app.activate_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.activate_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.activate_subscription(id uuid, expected_version integer) is '@behavior -mutationField
Ends the trial and invoices the first period. For the system. Event: subscription.activated.';

CREATE OR REPLACE FUNCTION app.activate_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.tenant
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.tenant;
begin
  update app.tenant
  set status = 'active',
    version = coalesce(activate_tenant.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = activate_tenant.id
    and status = any ('{provisioning}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('tenant:activate', 6)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('tenant:activate');
    select status into found_status from app.tenant where tenant_id = platform.tenant_id() and id = activate_tenant.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such tenant',
        detail = format('tenant %s', activate_tenant.id);
    end if;
    perform platform.raise_illegal_transition('tenant', activate_tenant.id, found_status, 'activate');
  end if;
  return result;
end
$function$;
alter function app.activate_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.activate_tenant(id uuid, expected_version integer) to freehold_user;
comment on function app.activate_tenant(id uuid, expected_version integer) is '@behavior -mutationField
Takes a tenant from provisioning to active. Event: tenant.activated. Permission: tenant:activate.';

CREATE OR REPLACE FUNCTION app.advance_webhook_replay(id uuid, most integer DEFAULT 1000)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  replay app.webhook_replay;
  endpoint app.webhook_endpoint;
  place platform.replay_progress;
  seen uuid[];
  added bigint;
begin
  perform platform.require('webhook_replay:complete');
  select *
  into replay
  from app.webhook_replay
  where tenant_id = platform.tenant_id()
    and id = advance_webhook_replay.id
  for no key update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_replay', detail = format('webhook_replay %s', advance_webhook_replay.id);
  end if;
  if replay.status <> 'running' then
    return 'over';
  end if;
  select * into endpoint from app.webhook_endpoint where tenant_id = replay.tenant_id and id = replay.endpoint_id;
  if endpoint.status <> 'enabled' then
    perform app.cancel_webhook_replay(replay.id);
    return 'over';
  end if;
  -- no more in the queue than the worker sends in some seconds: whoever cancels does not wait for a hundred thousand
  if (select count(*) >= 10 * most from (
      select from app.delivery
      where tenant_id = replay.tenant_id and status = 'pending' and endpoint_id = replay.endpoint_id
      limit 10 * most) p) then
    return 'full';
  end if;

  insert into platform.replay_progress (tenant_id, replay_id, place)
  values (replay.tenant_id, replay.id, platform.uuidv7_floor(replay.since))
  on conflict do nothing;
  select * into place from platform.replay_progress where tenant_id = replay.tenant_id and replay_id = replay.id;

  -- The next events by id, which is by time; those that match are few or many, the part is of the same size.
  select array_agg(e.id order by e.id)
  into seen
  from (
    select id
    from app.event
    where tenant_id = replay.tenant_id
      and id > place.place
      and id >= platform.retention_floor()
      and id < platform.uuidv7_floor(replay.until)
    order by id
    limit most
  ) e;
  if seen is null then
    perform app.complete_webhook_replay(replay.id);
    return 'over';
  end if;

  with wanted as (
    select e.id
    from app.event e
    where e.tenant_id = replay.tenant_id
      and e.id = any (seen)
      and platform.wants_event(endpoint.event_types, endpoint.channels, e.type, e.channel, e.entity, e.entity_id)
  ),
  again as (
    update app.delivery d
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = d.attempt_count,
      updated_at = statement_timestamp()
    from wanted w
    where d.tenant_id = replay.tenant_id
      and d.event_id = w.id
      and d.endpoint_id = replay.endpoint_id
      and (d.status = 'failed' or (d.status = 'succeeded' and not replay.failed_only))
    returning d.id, d.attempt_count + 1 as attempt
  ),
  first as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
    select replay.tenant_id, w.id, replay.endpoint_id, statement_timestamp()
    from wanted w
    where not replay.failed_only
      and not exists (
        select from app.delivery d
        where d.tenant_id = replay.tenant_id and d.event_id = w.id and d.endpoint_id = replay.endpoint_id)
    order by w.id
    returning id, 1 as attempt
  )
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  select statement_timestamp(), q.id, replay.tenant_id, replay.endpoint_id, q.attempt
  from (select * from again union all select * from first) q;
  get diagnostics added = row_count;
  update platform.replay_progress
  set place = seen[cardinality(seen)],
    queued = queued + added
  where tenant_id = replay.tenant_id
    and replay_id = replay.id;
  if added > 0 then
    perform platform.wake_dispatcher();
  end if;
  return 'more';
end
$function$;
alter function app.advance_webhook_replay(id uuid, most integer) owner to freehold_owner;
grant execute on function app.advance_webhook_replay(id uuid, most integer) to freehold_user;
comment on function app.advance_webhook_replay(id uuid, most integer) is '@behavior -mutationField
Takes a replay on by so many events. Returns more, full (the endpoint has enough to receive: come back later) or over. For the system.';

CREATE OR REPLACE FUNCTION app.api_key_last_used_at(key app.api_key)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT s.last_used_at
    FROM (identity.api_key_secret s
      JOIN platform.verified_context v ON ((v.tenant_id = s.tenant_id)))
   WHERE ((s.api_key_id = (api_key_last_used_at.key).id) AND platform.allows('api_key:read'::text));
END;
alter function app.api_key_last_used_at(key app.api_key) owner to freehold_owner;
grant execute on function app.api_key_last_used_at(key app.api_key) to freehold_user;
comment on function app.api_key_last_used_at(key app.api_key) is 'When it last opened the API, to the minute; null for never.';

CREATE OR REPLACE FUNCTION app.archive_project(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.project
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.project;
begin
  update app.project
  set status = 'archived',
    version = coalesce(archive_project.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = archive_project.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('project:archive', 44)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('project:archive');
    select status into found_status from app.project where tenant_id = platform.tenant_id() and id = archive_project.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such project',
        detail = format('project %s', archive_project.id);
    end if;
    perform platform.raise_illegal_transition('project', archive_project.id, found_status, 'archive');
  end if;
  return result;
end
$function$;
alter function app.archive_project(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.archive_project(id uuid, expected_version integer) to freehold_user;
comment on function app.archive_project(id uuid, expected_version integer) is 'Puts a project away; it can be restored. Event: project.archived. Permission: project:archive.';

CREATE OR REPLACE FUNCTION app.audit_rows(since timestamp with time zone)
 RETURNS SETOF jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT jsonb_build_object('occurred_at', e.occurred_at, 'type', e.type, 'entity', e.entity, 'entity_id', e.entity_id, 'entity_version', e.entity_version, 'actor_type', e.actor_type, 'actor_id', e.actor_id, 'actor_name', COALESCE(m.name, k.name), 'actor_email', m.email, 'impersonator_email', i.email, 'impersonator_reason', i.reason, 'request_id', e.request_id, 'id', e.id, 'data', e.data, 'previous', e.previous) AS jsonb_build_object
    FROM (((app.event e
      LEFT JOIN app.membership m ON (((m.tenant_id = e.tenant_id) AND (m.id = e.actor_id))))
      LEFT JOIN app.api_key k ON (((k.tenant_id = e.tenant_id) AND (k.id = e.actor_id))))
      LEFT JOIN app.impersonation i ON (((i.tenant_id = e.tenant_id) AND (i.id = e.impersonator_id))))
   WHERE ((e.tenant_id = platform.tenant_id()) AND (EXISTS ( SELECT
            FROM platform.verified_context)) AND ((audit_rows.since IS NULL) OR (e.id >= platform.uuidv7_floor(audit_rows.since))))
   ORDER BY e.id;
END;
alter function app.audit_rows(since timestamp with time zone) owner to freehold_owner;
comment on function app.audit_rows(since timestamp with time zone) is '@behavior -*
The events of the tenant with the names of who did it, and of support who acted as them. Inside the tenant.';

CREATE OR REPLACE FUNCTION app.bill_period(subscription app.subscription)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  plan catalog.plan;
begin
  select p.* into strict plan from catalog.plan p where p.key = subscription.plan;
  if plan.monthly_price > 0 then
    perform app.issue_invoice(subscription, array[
      row(null, null, null, plan.name, plan.monthly_price, subscription.current_period_start, subscription.current_period_end, null)::app.invoice_line]);
  end if;
end
$function$;
alter function app.bill_period(subscription app.subscription) owner to freehold_owner;
comment on function app.bill_period(subscription app.subscription) is 'Invoices the current period of a subscription, unless its plan is free.';

CREATE OR REPLACE FUNCTION app.cancel_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.subscription;
begin
  update app.subscription
  set status = 'canceled',
    version = coalesce(cancel_subscription.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = cancel_subscription.id
    and status = any ('{active,past_due,paused,trialing}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('subscription:cancel', 27)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('subscription:cancel');
    select status into found_status from app.subscription where tenant_id = platform.tenant_id() and id = cancel_subscription.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such subscription',
        detail = format('subscription %s', cancel_subscription.id);
    end if;
    perform platform.raise_illegal_transition('subscription', cancel_subscription.id, found_status, 'cancel');
  end if;
  return result;
end
$function$;
alter function app.cancel_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.cancel_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.cancel_subscription(id uuid, expected_version integer) is 'Ends the subscription now; the free plan holds from then on. Event: subscription.canceled. Permission: subscription:cancel.';

CREATE OR REPLACE FUNCTION app.cancel_webhook_replay(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_replay
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.webhook_replay;
begin
  update app.webhook_replay
  set status = 'canceled',
    version = coalesce(cancel_webhook_replay.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = cancel_webhook_replay.id
    and status = any ('{running}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('webhook_replay:cancel', 67)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('webhook_replay:cancel');
    select status into found_status from app.webhook_replay where tenant_id = platform.tenant_id() and id = cancel_webhook_replay.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such webhook_replay',
        detail = format('webhook_replay %s', cancel_webhook_replay.id);
    end if;
    perform platform.raise_illegal_transition('webhook_replay', cancel_webhook_replay.id, found_status, 'cancel');
  end if;
  return result;
end
$function$;
alter function app.cancel_webhook_replay(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.cancel_webhook_replay(id uuid, expected_version integer) to freehold_user;
comment on function app.cancel_webhook_replay(id uuid, expected_version integer) is 'Stops a replay; what it has queued already is delivered. Event: webhook_replay.canceled. Permission: webhook_replay:cancel.';

CREATE OR REPLACE FUNCTION app.change_feed(after uuid DEFAULT NULL::uuid, first integer DEFAULT 100, types text[] DEFAULT NULL::text[])
 RETURNS SETOF app.event
 LANGUAGE plpgsql
 STABLE ROWS 100
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  place record;
begin
  -- By itself, for it refuses: inside the query the planner would not ask for it where a policy leaves nothing to read.
  select f.xid, f.id into place from platform.feed_position(after, first, types) f;
  return query
  select
    p.tenant_id, p.id, p.xid, p.type, p.entity, p.entity_id, p.entity_version,
    -- fetched from where PostgreSQL keeps large values only for those who want them
    case when p.wanted then p.data end, case when p.wanted then p.previous end,
    p.actor_type, p.actor_id, p.impersonator_id, p.request_id, p.traceparent, p.occurred_at, p.channel
  from (
    select e.*, types is null or types && array[e.type, split_part(e.type, '.', 1) || '.*', '*'] as wanted
    from app.event e
    where (e.xid, e.id) > (place.xid, place.id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.id
    -- A constant: of a limit that it does not know the planner expects a tenth of the rows, and sorts them.
    limit 1000
  ) p
  limit first;
end
$function$;
alter function app.change_feed(after uuid, first integer, types text[]) owner to freehold_owner;
grant execute on function app.change_feed(after uuid, first integer, types text[]) to freehold_user;
comment on function app.change_feed(after uuid, first integer, types text[]) is '@behavior -*
The next events after the one with this id, in the order of the change feed. Go on with the id of the last.
after: null is the beginning of what the plan keeps in sight.
first: 1 to 1000.
types: of other events only the envelope is shown, data is null: they count, so that a reader of few types gets on.
Permission: event:read.';

CREATE OR REPLACE FUNCTION app.change_feed_end()
 RETURNS uuid
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select e.id
  from app.event e
  where e.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid desc, e.id desc
  limit 1
$function$;
alter function app.change_feed_end() owner to freehold_owner;
grant execute on function app.change_feed_end() to freehold_user;
comment on function app.change_feed_end() is '@behavior -*
The last event that the change feed shows now; null when it shows none. Permission: event:read.';

CREATE OR REPLACE FUNCTION app.change_feed_held_since()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select e.occurred_at
  from app.event e
  where e.xid >= pg_snapshot_xmin(pg_current_snapshot())
  order by e.xid, e.id
  limit 1
$function$;
alter function app.change_feed_held_since() owner to freehold_owner;
grant execute on function app.change_feed_held_since() to freehold_user;
comment on function app.change_feed_held_since() is '@behavior -*
Time of the first event that was committed and is not shown yet, because an older transaction still runs; null when there is none. Permission: event:read.';

CREATE OR REPLACE FUNCTION app.check_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform app.require_role(new.tenant_id, to_jsonb(new) ->> tg_argv[0]);
  return new;
end
$function$;
alter function app.check_role() owner to freehold_owner;
comment on function app.check_role() is 'Trigger: the column that its argument names holds a role that there is.';

CREATE OR REPLACE FUNCTION app.close_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.tenant
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.tenant;
begin
  update app.tenant
  set status = 'closing',
    version = coalesce(close_tenant.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = close_tenant.id
    and status = any ('{active,suspended}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('tenant:close', 3)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('tenant:close');
    select status into found_status from app.tenant where tenant_id = platform.tenant_id() and id = close_tenant.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such tenant',
        detail = format('tenant %s', close_tenant.id);
    end if;
    perform platform.raise_illegal_transition('tenant', close_tenant.id, found_status, 'close');
  end if;
  return result;
end
$function$;
alter function app.close_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.close_tenant(id uuid, expected_version integer) to freehold_user;
comment on function app.close_tenant(id uuid, expected_version integer) is 'Begins the end of the tenant: everybody is locked out, and after 30 days it is closed. Event: tenant.closing. Permission: tenant:close.';

CREATE OR REPLACE FUNCTION app.complete_webhook_replay(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_replay
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.webhook_replay;
begin
  update app.webhook_replay
  set status = 'completed',
    version = coalesce(complete_webhook_replay.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = complete_webhook_replay.id
    and status = any ('{running}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('webhook_replay:complete', 69)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('webhook_replay:complete');
    select status into found_status from app.webhook_replay where tenant_id = platform.tenant_id() and id = complete_webhook_replay.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such webhook_replay',
        detail = format('webhook_replay %s', complete_webhook_replay.id);
    end if;
    perform platform.raise_illegal_transition('webhook_replay', complete_webhook_replay.id, found_status, 'complete');
  end if;
  return result;
end
$function$;
alter function app.complete_webhook_replay(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.complete_webhook_replay(id uuid, expected_version integer) to freehold_user;
comment on function app.complete_webhook_replay(id uuid, expected_version integer) is '@behavior -mutationField
All of it was queued for delivery. Event: webhook_replay.completed. Permission: webhook_replay:complete.';

CREATE OR REPLACE FUNCTION app.create_api_key(name text, scopes text[], expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, allowed_networks cidr[] DEFAULT '{}'::cidr[])
 RETURNS app.created_api_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  made app.created_api_key;
  key app.api_key;
  unknown text;
  random text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform platform.require('api_key:create');
  select string_agg(coalesce(s, 'null'), ', ' order by s)
  into unknown
  from unnest(create_api_key.scopes) s
  where s is null
    or not platform.allows(s);
  if unknown is not null or create_api_key.scopes is null then
    raise exception using
      errcode = 'ZF003',
      message = 'a key cannot hold what you do not hold yourself',
      detail = format('Not yours to give: %s.', coalesce(unknown, 'null'));
  end if;
  -- beyond year 9999 a time has no form in JSON
  if create_api_key.expires_at not between statement_timestamp() and '9999-12-31 00:00:00+00' then
    raise exception using
      errcode = 'ZF010',
      message = 'expires_at must lie in the future, before the year 9999 ends',
      detail = 'Leave it out for a key that does not expire.';
  end if;
  made.secret := platform.key_prefix() || left(random, 48);
  -- six more digits that follow from the others, for scanners of leaked secrets
  made.secret := made.secret || left(encode(sha256(convert_to(made.secret, 'UTF8')), 'hex'), 6);
  insert into app.api_key (name, prefix, scopes, expires_at, allowed_networks, created_by)
  select create_api_key.name, left(made.secret, 14), create_api_key.scopes, create_api_key.expires_at, coalesce(create_api_key.allowed_networks, '{}'),
    case v.actor_type when 'member' then v.actor_id when 'api_key' then (select k.created_by from app.api_key k where k.tenant_id = v.tenant_id and k.id = v.actor_id) end
  from platform.verified_context v
  returning * into key;
  insert into identity.api_key_secret (hash, tenant_id, api_key_id)
  values (sha256(convert_to(made.secret, 'UTF8')), key.tenant_id, key.id);
  made.id := key.id;
  return made;
end
$function$;
alter function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone, allowed_networks cidr[]) owner to freehold_owner;
grant execute on function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone, allowed_networks cidr[]) to freehold_user;
comment on function app.create_api_key(name text, scopes text[], expires_at timestamp with time zone, allowed_networks cidr[]) is 'Makes an API key with some of your own permissions, good from anywhere or from those networks alone. The secret is in this answer and nowhere else.
Event: api_key.created.';

CREATE OR REPLACE FUNCTION app.create_webhook_endpoint(url text, event_types text[] DEFAULT '{*}'::text[], description text DEFAULT ''::text, channels text[] DEFAULT '{}'::text[], ordered boolean DEFAULT false, rate_limit integer DEFAULT NULL::integer, concurrency integer DEFAULT NULL::integer, retry_delays integer[] DEFAULT NULL::integer[], signing_key platform.fresh_key DEFAULT NULL::text)
 RETURNS app.created_webhook_endpoint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  made app.created_webhook_endpoint;
begin
  perform platform.require('webhook_endpoint:create');
  insert into app.webhook_endpoint (url, event_types, description, channels, ordered, rate_limit, concurrency, retry_delays)
  values (
    create_webhook_endpoint.url, create_webhook_endpoint.event_types, coalesce(create_webhook_endpoint.description, ''),
    coalesce(create_webhook_endpoint.channels, '{}'),
    coalesce(create_webhook_endpoint.ordered, false), create_webhook_endpoint.rate_limit, create_webhook_endpoint.concurrency,
    coalesce(create_webhook_endpoint.retry_delays, '{5,300,1800,7200,18000,36000,50400,72000,86400}'))
  returning id into made.id;
  made.secret := (platform.add_signing_key(made.id, 'v1', signing_key)).sealed_key;
  return made;
end
$function$;
alter function app.create_webhook_endpoint(url text, event_types text[], description text, channels text[], ordered boolean, rate_limit integer, concurrency integer, retry_delays integer[], signing_key platform.fresh_key) owner to freehold_owner;
grant execute on function app.create_webhook_endpoint(url text, event_types text[], description text, channels text[], ordered boolean, rate_limit integer, concurrency integer, retry_delays integer[], signing_key platform.fresh_key) to freehold_user;
comment on function app.create_webhook_endpoint(url text, event_types text[], description text, channels text[], ordered boolean, rate_limit integer, concurrency integer, retry_delays integer[], signing_key platform.fresh_key) is 'Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
Event: webhook_endpoint.created. Permission: webhook_endpoint:create.';

CREATE OR REPLACE FUNCTION app.delete_group_role(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.group_role
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.group_role;
begin
  update app.group_role
  set status = 'deleted',
    version = coalesce(delete_group_role.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = delete_group_role.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('group_role:delete', 72)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('group_role:delete');
    select status into found_status from app.group_role where tenant_id = platform.tenant_id() and id = delete_group_role.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such group_role',
        detail = format('group_role %s', delete_group_role.id);
    end if;
    perform platform.raise_illegal_transition('group_role', delete_group_role.id, found_status, 'delete');
  end if;
  return result;
end
$function$;
alter function app.delete_group_role(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.delete_group_role(id uuid, expected_version integer) to freehold_user;
comment on function app.delete_group_role(id uuid, expected_version integer) is 'Ends what a group gives: its members have the role from before, unless another group gives one. Event: group_role.deleted. Permission: group_role:delete.';

CREATE OR REPLACE FUNCTION app.delete_project(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.project
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.project;
begin
  update app.project
  set status = 'deleted',
    version = coalesce(delete_project.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = delete_project.id
    and status = any ('{active,archived}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('project:delete', 42)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('project:delete');
    select status into found_status from app.project where tenant_id = platform.tenant_id() and id = delete_project.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such project',
        detail = format('project %s', delete_project.id);
    end if;
    perform platform.raise_illegal_transition('project', delete_project.id, found_status, 'delete');
  end if;
  return result;
end
$function$;
alter function app.delete_project(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.delete_project(id uuid, expected_version integer) to freehold_user;
comment on function app.delete_project(id uuid, expected_version integer) is 'Removes a project from view for good. Event: project.deleted. Permission: project:delete.';

CREATE OR REPLACE FUNCTION app.delete_role(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.role
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.role;
begin
  update app.role
  set status = 'deleted',
    version = coalesce(delete_role.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = delete_role.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('role:delete', 78)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('role:delete');
    select status into found_status from app.role where tenant_id = platform.tenant_id() and id = delete_role.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such role',
        detail = format('role %s', delete_role.id);
    end if;
    perform platform.raise_illegal_transition('role', delete_role.id, found_status, 'delete');
  end if;
  return result;
end
$function$;
alter function app.delete_role(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.delete_role(id uuid, expected_version integer) to freehold_user;
comment on function app.delete_role(id uuid, expected_version integer) is 'Ends a role that nobody has, and nothing gives. Event: role.deleted. Permission: role:delete.';

CREATE OR REPLACE FUNCTION app.disable_webhook_endpoint(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_endpoint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.webhook_endpoint;
begin
  update app.webhook_endpoint
  set status = 'disabled',
    version = coalesce(disable_webhook_endpoint.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = disable_webhook_endpoint.id
    and status = any ('{enabled}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('webhook_endpoint:disable', 58)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('webhook_endpoint:disable');
    select status into found_status from app.webhook_endpoint where tenant_id = platform.tenant_id() and id = disable_webhook_endpoint.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such webhook_endpoint',
        detail = format('webhook_endpoint %s', disable_webhook_endpoint.id);
    end if;
    perform platform.raise_illegal_transition('webhook_endpoint', disable_webhook_endpoint.id, found_status, 'disable');
  end if;
  return result;
end
$function$;
alter function app.disable_webhook_endpoint(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.disable_webhook_endpoint(id uuid, expected_version integer) to freehold_user;
comment on function app.disable_webhook_endpoint(id uuid, expected_version integer) is 'Stops deliveries to an endpoint; those under way are given up and can be resent. Event: webhook_endpoint.disabled. Permission: webhook_endpoint:disable.';

CREATE OR REPLACE FUNCTION app.downgrade_subscription(id uuid, plan text, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'downgrade', '{trialing,active}');
  downgraded app.subscription;
  over text;
begin
  if catalog.plan_rank(plan) is null then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if catalog.plan_rank(plan) >= catalog.plan_rank(former.plan) then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not below %s', plan, former.plan),
      detail = case when plan = former.plan then 'The subscription has this plan.' else 'Use upgrade_subscription.' end;
  end if;
  select string_agg(format('%s: %s in use, %s allowed', e.key, u.used, e.value), '; ' order by e.key)
  into over
  from (values ('seats', app.seats_used()), ('projects', app.projects_used())) u (key, used)
  join catalog.plan_entitlement e on e.key = u.key and e.plan = downgrade_subscription.plan
  where u.used > e.value;
  if over is not null then
    raise exception using errcode = 'ZF007', message = format('more is in use than %s allows', plan), detail = over;
  end if;
  update app.subscription s
  set plan = case when former.status = 'trialing' then downgrade_subscription.plan else s.plan end,
    next_plan = case when former.status = 'trialing' then null else downgrade_subscription.plan end
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into downgraded;
  return downgraded;
end
$function$;
alter function app.downgrade_subscription(id uuid, plan text, expected_version integer) owner to freehold_owner;
grant execute on function app.downgrade_subscription(id uuid, plan text, expected_version integer) to freehold_user;
comment on function app.downgrade_subscription(id uuid, plan text, expected_version integer) is 'Takes the subscription to a lower plan: at once in a trial, else with the next period. Refused while more is in use than the plan allows.
Event: subscription.downgraded, when the plan changes. Permission: subscription:downgrade.';

CREATE OR REPLACE FUNCTION app.enable_webhook_endpoint(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_endpoint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.webhook_endpoint;
begin
  update app.webhook_endpoint
  set status = 'enabled',
    version = coalesce(enable_webhook_endpoint.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = enable_webhook_endpoint.id
    and status = any ('{disabled}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('webhook_endpoint:enable', 56)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('webhook_endpoint:enable');
    select status into found_status from app.webhook_endpoint where tenant_id = platform.tenant_id() and id = enable_webhook_endpoint.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such webhook_endpoint',
        detail = format('webhook_endpoint %s', enable_webhook_endpoint.id);
    end if;
    perform platform.raise_illegal_transition('webhook_endpoint', enable_webhook_endpoint.id, found_status, 'enable');
  end if;
  return result;
end
$function$;
alter function app.enable_webhook_endpoint(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.enable_webhook_endpoint(id uuid, expected_version integer) to freehold_user;
comment on function app.enable_webhook_endpoint(id uuid, expected_version integer) is 'Begins deliveries of what happens from now on. Event: webhook_endpoint.enabled. Permission: webhook_endpoint:enable.';

CREATE OR REPLACE FUNCTION app.entitlement(key text)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed bigint;
begin
  perform platform.require(null);
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = entitlement.key
    and e.plan = coalesce((select t.plan from platform.tenant_plan t where t.tenant_id = platform.tenant_id()), 'free');
  -- what a plan does not name is not included
  return case when found then allowed else 0 end;
end
$function$;
alter function app.entitlement(key text) owner to freehold_owner;
grant execute on function app.entitlement(key text) to freehold_user;
comment on function app.entitlement(key text) is 'What the plan allows of seats, projects, retention_days or a feature; null for no limit, 0 for none.';

CREATE OR REPLACE FUNCTION app.expire_api_key(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.api_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.api_key;
begin
  update app.api_key
  set status = 'expired',
    version = coalesce(expire_api_key.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = expire_api_key.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('api_key:expire', 21)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('api_key:expire');
    select status into found_status from app.api_key where tenant_id = platform.tenant_id() and id = expire_api_key.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such api_key',
        detail = format('api_key %s', expire_api_key.id);
    end if;
    perform platform.raise_illegal_transition('api_key', expire_api_key.id, found_status, 'expire');
  end if;
  return result;
end
$function$;
alter function app.expire_api_key(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.expire_api_key(id uuid, expected_version integer) to freehold_user;
comment on function app.expire_api_key(id uuid, expected_version integer) is '@behavior -mutationField
Takes a api_key from active to expired. Event: api_key.expired. Permission: api_key:expire.';

CREATE OR REPLACE FUNCTION app.expire_invitation(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invitation
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invitation;
begin
  update app.invitation
  set status = 'expired',
    version = coalesce(expire_invitation.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = expire_invitation.id
    and status = any ('{pending}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invitation:expire', 17)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invitation:expire');
    select status into found_status from app.invitation where tenant_id = platform.tenant_id() and id = expire_invitation.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invitation',
        detail = format('invitation %s', expire_invitation.id);
    end if;
    perform platform.raise_illegal_transition('invitation', expire_invitation.id, found_status, 'expire');
  end if;
  return result;
end
$function$;
alter function app.expire_invitation(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.expire_invitation(id uuid, expected_version integer) to freehold_user;
comment on function app.expire_invitation(id uuid, expected_version integer) is '@behavior -mutationField
Takes a invitation from pending to expired. Event: invitation.expired. Permission: invitation:expire.';

CREATE OR REPLACE FUNCTION app.expire_report(id uuid)
 RETURNS app.report
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  expired app.report := app.lock_report(id, 'expire', '{exported}');
begin
  delete from app.report_chunk c
  where c.tenant_id = expired.tenant_id
    and c.report_id = expired.id;
  update app.report r
  set status = 'expired'
  where r.tenant_id = expired.tenant_id
    and r.id = expired.id
  returning * into expired;
  return expired;
end
$function$;
alter function app.expire_report(id uuid) owner to freehold_owner;
grant execute on function app.expire_report(id uuid) to freehold_user;
comment on function app.expire_report(id uuid) is '@behavior -mutationField
Forgets the content of a report. For the system. Event: report.expired.';

CREATE OR REPLACE FUNCTION app.fail_report(id uuid, error text)
 RETURNS app.report
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  failed app.report := app.lock_report(id, 'fail', '{requested,running}');
begin
  update app.report r
  set status = 'failed',
    error = left(fail_report.error, 1000)
  where r.tenant_id = failed.tenant_id
    and r.id = failed.id
  returning * into failed;
  return failed;
end
$function$;
alter function app.fail_report(id uuid, error text) owner to freehold_owner;
grant execute on function app.fail_report(id uuid, error text) to freehold_user;
comment on function app.fail_report(id uuid, error text) is '@behavior -mutationField
Gives a report up, with the reason. For the system. Event: report.failed.';

CREATE OR REPLACE FUNCTION app.fail_webhook_replay(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_replay
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.webhook_replay;
begin
  update app.webhook_replay
  set status = 'failed',
    version = coalesce(fail_webhook_replay.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = fail_webhook_replay.id
    and status = any ('{running}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('webhook_replay:fail', 65)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('webhook_replay:fail');
    select status into found_status from app.webhook_replay where tenant_id = platform.tenant_id() and id = fail_webhook_replay.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such webhook_replay',
        detail = format('webhook_replay %s', fail_webhook_replay.id);
    end if;
    perform platform.raise_illegal_transition('webhook_replay', fail_webhook_replay.id, found_status, 'fail');
  end if;
  return result;
end
$function$;
alter function app.fail_webhook_replay(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.fail_webhook_replay(id uuid, expected_version integer) to freehold_user;
comment on function app.fail_webhook_replay(id uuid, expected_version integer) is '@behavior -mutationField
The replay could not be gone on with; a new one may begin where it ended. Event: webhook_replay.failed. Permission: webhook_replay:fail.';

CREATE OR REPLACE FUNCTION app.finalize_invoice(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invoice
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invoice;
begin
  update app.invoice
  set status = 'open',
    version = coalesce(finalize_invoice.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = finalize_invoice.id
    and status = any ('{draft}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invoice:finalize', 37)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invoice:finalize');
    select status into found_status from app.invoice where tenant_id = platform.tenant_id() and id = finalize_invoice.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invoice',
        detail = format('invoice %s', finalize_invoice.id);
    end if;
    perform platform.raise_illegal_transition('invoice', finalize_invoice.id, found_status, 'finalize');
  end if;
  return result;
end
$function$;
alter function app.finalize_invoice(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.finalize_invoice(id uuid, expected_version integer) to freehold_user;
comment on function app.finalize_invoice(id uuid, expected_version integer) is '@behavior -mutationField
Takes a invoice from draft to open. Event: invoice.finalized. Permission: invoice:finalize.';

CREATE OR REPLACE FUNCTION app.finish_closing_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.tenant
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.tenant;
begin
  update app.tenant
  set status = 'closed',
    version = coalesce(finish_closing_tenant.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = finish_closing_tenant.id
    and status = any ('{closing}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('tenant:finish_closing', 8)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('tenant:finish_closing');
    select status into found_status from app.tenant where tenant_id = platform.tenant_id() and id = finish_closing_tenant.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such tenant',
        detail = format('tenant %s', finish_closing_tenant.id);
    end if;
    perform platform.raise_illegal_transition('tenant', finish_closing_tenant.id, found_status, 'finish_closing');
  end if;
  return result;
end
$function$;
alter function app.finish_closing_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.finish_closing_tenant(id uuid, expected_version integer) to freehold_user;
comment on function app.finish_closing_tenant(id uuid, expected_version integer) is '@behavior -mutationField
Takes a tenant from closing to closed. Event: tenant.closed. Permission: tenant:finish_closing.';

CREATE OR REPLACE FUNCTION app.finish_report(id uuid)
 RETURNS app.report
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  with lines as materialized (
    select l.line, l.n
    from app.report_lines(running) with ordinality l (line, n)
  ),
  stored as (
    insert into app.report_chunk (report_id, position, content)
    select running.id, (n - 1) / 1000, string_agg(line || E'\n', '' order by n)
    from lines
    group by (n - 1) / 1000
    returning octet_length(content) as bytes
  )
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    -- the header is no row
    row_count = greatest(0, (select count(*) from lines) - case running.format when 'csv' then 1 else 0 end),
    byte_count = (select coalesce(sum(bytes), 0) from stored)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$function$;
alter function app.finish_report(id uuid) owner to freehold_owner;
grant execute on function app.finish_report(id uuid) to freehold_user;
comment on function app.finish_report(id uuid) is '@behavior -mutationField
Fills a running report from one snapshot, 1,000 rows a chunk, and makes it downloadable for 7 days. For the system. Event: report.exported.';

CREATE OR REPLACE FUNCTION app.give_up_webhook_endpoint(id uuid, reason text DEFAULT 'failing'::text, expected_version integer DEFAULT NULL::integer)
 RETURNS app.webhook_endpoint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  result app.webhook_endpoint;
  found_status text;
begin
  perform platform.require('webhook_endpoint:give_up');
  update app.webhook_endpoint
  set status = 'disabled',
    disabled_reason = reason,
    version = coalesce(give_up_webhook_endpoint.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = give_up_webhook_endpoint.id
    and status = 'enabled'
  returning * into result;
  if not found then
    select status into found_status from app.webhook_endpoint where tenant_id = platform.tenant_id() and id = give_up_webhook_endpoint.id;
    if not found then
      raise exception using
        errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', give_up_webhook_endpoint.id);
    end if;
    perform platform.raise_illegal_transition('webhook_endpoint', give_up_webhook_endpoint.id, found_status, 'give_up');
  end if;
  return result;
end
$function$;
alter function app.give_up_webhook_endpoint(id uuid, reason text, expected_version integer) owner to freehold_owner;
grant execute on function app.give_up_webhook_endpoint(id uuid, reason text, expected_version integer) to freehold_user;
comment on function app.give_up_webhook_endpoint(id uuid, reason text, expected_version integer) is '@behavior -mutationField
Disables an endpoint that is gone or failing. Event: webhook_endpoint.disabled. Permission: webhook_endpoint:give_up.';

CREATE OR REPLACE FUNCTION app.grantable_permissions()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT p.key
    FROM platform.permission p
   WHERE ((EXISTS ( SELECT
            FROM platform.verified_context)) AND platform.allows(p.key, p.number))
   ORDER BY p.key;
END;
alter function app.grantable_permissions() owner to freehold_owner;
grant execute on function app.grantable_permissions() to freehold_user;
comment on function app.grantable_permissions() is 'The permissions that you hold, and may give to a role or an API key.';

CREATE OR REPLACE FUNCTION app.group_role_check()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  lacking := platform.not_held(platform.permissions_of(new.tenant_id, new.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have a group give the role %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$function$;
alter function app.group_role_check() owner to freehold_owner;
comment on function app.group_role_check() is 'Trigger: no one gives more than they hold, by way of a group neither.';

CREATE OR REPLACE FUNCTION app.invitation_check()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function app.invitation_check() owner to freehold_owner;
comment on function app.invitation_check() is 'Trigger: who invited is the caller, the time is bounded, and no one gives more than they hold.';

CREATE OR REPLACE FUNCTION app.invoice_check_total()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform platform.check_invoice_total(new.tenant_id, new.id);
  return null;
end
$function$;
alter function app.invoice_check_total() owner to freehold_owner;
comment on function app.invoice_check_total() is 'Constraint trigger, at commit: the total of an invoice is the sum of its lines.';

CREATE OR REPLACE FUNCTION app.invoice_finalize()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require_tenant(new.tenant_id);
  if new.status = 'paid' then
    new.paid_at := statement_timestamp();
    return new;
  end if;
  new.number := 'INV-' || lpad(platform.next_number('invoice')::text, 6, '0');
  new.issued_at := statement_timestamp();
  new.due_at := new.issued_at + interval '14 days';
  return new;
end
$function$;
alter function app.invoice_finalize() owner to freehold_owner;
comment on function app.invoice_finalize() is 'Trigger: a finalized invoice gets its number and dates, a paid one its time.';

CREATE OR REPLACE FUNCTION app.invoice_freeze()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.number, new.subscription_id, new.currency, new.total, new.period_start, new.period_end, new.issued_at, new.due_at)
    is distinct from
    (old.number, old.subscription_id, old.currency, old.total, old.period_start, old.period_end, old.issued_at, old.due_at)
    or old.paid_at is not null and new.paid_at is distinct from old.paid_at
  then
    raise exception using
      errcode = 'ZF008',
      message = format('invoice %s is final', old.number),
      detail = 'Void it and issue a new one.';
  end if;
  return new;
end
$function$;
alter function app.invoice_freeze() owner to freehold_owner;
comment on function app.invoice_freeze() is 'Trigger: of a finalized invoice only the state changes.';

CREATE OR REPLACE FUNCTION app.invoice_line_check_total()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' then
    if not platform.is_closed(old.tenant_id) then
      perform platform.check_invoice_total(old.tenant_id, old.invoice_id);
    end if;
  else
    perform platform.check_invoice_total(new.tenant_id, new.invoice_id);
  end if;
  return null;
end
$function$;
alter function app.invoice_line_check_total() owner to freehold_owner;
comment on function app.invoice_line_check_total() is 'Constraint trigger, at commit: as app.invoice_check_total, from the side of the lines.';

CREATE OR REPLACE FUNCTION app.invoice_line_freeze()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  line app.invoice_line := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  perform platform.require_tenant(line.tenant_id);
  -- the lock keeps the invoice from being finalized between this line and the commit
  perform from app.invoice i
  where i.tenant_id = line.tenant_id
    and i.id = line.invoice_id
    and i.status = 'draft'
  for no key update;
  if not found then
    raise exception using errcode = 'ZF008', message = 'the lines of a final invoice never change', detail = 'Void it and issue a new one.';
  end if;
  if tg_op = 'UPDATE' and (new.tenant_id, new.invoice_id) is distinct from (old.tenant_id, old.invoice_id) then
    raise exception using errcode = 'ZF008', message = 'a line stays with its invoice', detail = 'Delete it and add another.';
  end if;
  return line;
end
$function$;
alter function app.invoice_line_freeze() owner to freehold_owner;
comment on function app.invoice_line_freeze() is 'Trigger: lines change only while their invoice is a draft.';

CREATE OR REPLACE FUNCTION app.issue_invoice(subscription app.subscription, lines app.invoice_line[])
 RETURNS app.invoice
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  issued app.invoice;
begin
  perform platform.require(null);
  insert into app.invoice (subscription_id, currency, total, period_start, period_end)
  select subscription.id, p.currency, (select coalesce(sum(l.amount), 0) from unnest(lines) l),
    subscription.current_period_start, subscription.current_period_end
  from catalog.plan p
  where p.key = subscription.plan
  returning * into issued;
  insert into app.invoice_line (invoice_id, description, amount, period_start, period_end)
  select issued.id, l.description, l.amount, l.period_start, l.period_end
  from unnest(lines) l;
  update app.invoice i
  set status = 'open'
  where i.tenant_id = issued.tenant_id
    and i.id = issued.id
  returning * into issued;
  return issued;
end
$function$;
alter function app.issue_invoice(subscription app.subscription, lines app.invoice_line[]) owner to freehold_owner;
comment on function app.issue_invoice(subscription app.subscription, lines app.invoice_line[]) is 'Writes an invoice with its lines and finalizes it. Called by the functions of the subscription; nobody else may.';

CREATE OR REPLACE FUNCTION app.lock_report(id uuid, verb text, states text[])
 RETURNS app.report
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  locked app.report;
begin
  perform platform.require('report:' || verb);
  select r.*
  into locked
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = lock_report.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report', detail = format('report %s', id);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('report', locked.id, locked.status, verb);
  end if;
  return locked;
end
$function$;
alter function app.lock_report(id uuid, verb text, states text[]) owner to freehold_owner;
comment on function app.lock_report(id uuid, verb text, states text[]) is 'The report, locked, after its permission and state were checked.';

CREATE OR REPLACE FUNCTION app.lock_subscription(id uuid, expected_version integer, verb text, states text[])
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  locked app.subscription;
begin
  perform platform.require('subscription:' || verb);
  select s.*
  into locked
  from app.subscription s
  where s.tenant_id = platform.tenant_id()
    and s.id = lock_subscription.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such subscription', detail = format('subscription %s', id);
  end if;
  if locked.version <> expected_version then
    raise exception using
      errcode = 'ZF006',
      message = format('subscription has version %s, not %s', locked.version, expected_version),
      detail = format('Current version: %s.', locked.version);
  end if;
  if locked.status <> all (states) then
    perform platform.raise_illegal_transition('subscription', locked.id, locked.status, verb);
  end if;
  return locked;
end
$function$;
alter function app.lock_subscription(id uuid, expected_version integer, verb text, states text[]) owner to freehold_owner;
comment on function app.lock_subscription(id uuid, expected_version integer, verb text, states text[]) is 'The subscription, locked, after its permission, version and state were checked.';

CREATE OR REPLACE FUNCTION app.mark_past_due_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.subscription;
begin
  update app.subscription
  set status = 'past_due',
    version = coalesce(mark_past_due_subscription.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = mark_past_due_subscription.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('subscription:mark_past_due', 33)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('subscription:mark_past_due');
    select status into found_status from app.subscription where tenant_id = platform.tenant_id() and id = mark_past_due_subscription.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such subscription',
        detail = format('subscription %s', mark_past_due_subscription.id);
    end if;
    perform platform.raise_illegal_transition('subscription', mark_past_due_subscription.id, found_status, 'mark_past_due');
  end if;
  return result;
end
$function$;
alter function app.mark_past_due_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.mark_past_due_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.mark_past_due_subscription(id uuid, expected_version integer) is '@behavior -mutationField
Takes a subscription from active to past_due. Event: subscription.past_due. Permission: subscription:mark_past_due.';

CREATE OR REPLACE FUNCTION app.mark_uncollectible_invoice(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invoice
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invoice;
begin
  update app.invoice
  set status = 'uncollectible',
    version = coalesce(mark_uncollectible_invoice.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = mark_uncollectible_invoice.id
    and status = any ('{open}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invoice:mark_uncollectible', 38)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invoice:mark_uncollectible');
    select status into found_status from app.invoice where tenant_id = platform.tenant_id() and id = mark_uncollectible_invoice.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invoice',
        detail = format('invoice %s', mark_uncollectible_invoice.id);
    end if;
    perform platform.raise_illegal_transition('invoice', mark_uncollectible_invoice.id, found_status, 'mark_uncollectible');
  end if;
  return result;
end
$function$;
alter function app.mark_uncollectible_invoice(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.mark_uncollectible_invoice(id uuid, expected_version integer) to freehold_user;
comment on function app.mark_uncollectible_invoice(id uuid, expected_version integer) is '@behavior -mutationField
Takes a invoice from open to uncollectible. Event: invoice.marked_uncollectible. Permission: invoice:mark_uncollectible.';

CREATE OR REPLACE FUNCTION app.membership_check_block()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if exists (select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id) then
    raise exception using
      errcode = 'ZF005',
      message = 'the identity provider has deactivated this member',
      detail = 'Activate them in the directory, or in the organization at the identity provider.';
  end if;
  return new;
end
$function$;
alter function app.membership_check_block() owner to freehold_owner;
comment on function app.membership_check_block() is 'Trigger: whom the identity provider has deactivated, nobody reactivates here.';

CREATE OR REPLACE FUNCTION app.membership_check_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  lacking := platform.not_held(
    platform.permissions_of(new.tenant_id, new.role) || platform.permissions_of(old.tenant_id, old.role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$function$;
alter function app.membership_check_role() owner to freehold_owner;
comment on function app.membership_check_role() is 'Trigger: no one gives or takes a role that holds more than they do.';

CREATE OR REPLACE FUNCTION app.membership_end_access()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former text[] := array[
    current_setting('freehold.tenant_id', true), current_setting('freehold.claims', true), current_setting('freehold.signature', true)];
  actor text := (select v.actor_type from platform.verified_context v);
begin
  perform platform.require_tenant(new.tenant_id);
  perform identity.end_sessions(new.tenant_id, new.person_id);
  -- whom somebody here had locked out does not come back by way of the provider
  if new.status = 'removed' and (actor <> 'system' or (old.status = 'suspended' and not exists (
    select from identity.blocked_member b where b.tenant_id = new.tenant_id and b.membership_id = new.id))) then
    insert into identity.barred_person (tenant_id, person_id)
    values (new.tenant_id, new.person_id)
    on conflict on constraint barred_person_pkey do update
      set lifted_by = null;
  end if;
  -- whoever may suspend or remove a member does so to their keys, whether they may end keys or not
  perform platform.enter_as_system(new.tenant_id, 'the keys of a member who was ' || new.status);
  if new.status = 'removed' then
    perform app.revoke_api_key(k.id)
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active';
  else
    update identity.principal p
    set version = p.version + 1
    from app.api_key k
    where k.tenant_id = new.tenant_id
      and k.created_by = new.id
      and k.status = 'active'
      and p.tenant_id = k.tenant_id
      and p.id = k.id;
  end if;
  perform set_config('freehold.tenant_id', former[1], true),
    set_config('freehold.claims', former[2], true),
    set_config('freehold.signature', former[3], true);
  return null;
end
$function$;
alter function app.membership_end_access() owner to freehold_owner;
comment on function app.membership_end_access() is 'Trigger: who is suspended or removed loses their sessions, and their keys open nothing; who is removed has them revoked. A removal by somebody of the tenant is remembered.';

CREATE OR REPLACE FUNCTION app.membership_follow_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into identity.person_principal (person_id, tenant_id, principal_id)
  values (new.person_id, new.tenant_id, new.id);
  return null;
end
$function$;
alter function app.membership_follow_person() owner to freehold_owner;
comment on function app.membership_follow_person() is 'Trigger: which principals a person has, so that a revoked session finds them.';

CREATE OR REPLACE FUNCTION app.membership_keep_given_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- a group's role comes by the system; what somebody here gives is what is left without the group
  update identity.group_member g
  set former_role = new.role
  where g.tenant_id = new.tenant_id
    and g.membership_id = new.id
    and (select v.actor_type from platform.verified_context v) <> 'system';
  return null;
end
$function$;
alter function app.membership_keep_given_role() owner to freehold_owner;
comment on function app.membership_keep_given_role() is 'Trigger: the role that somebody of the tenant gives a member is what they have when they leave the group that gives another.';

CREATE OR REPLACE FUNCTION app.membership_keep_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require_tenant(old.tenant_id);
  -- two owners who step down at once must see each other
  perform pg_advisory_xact_lock(hashtextextended(old.tenant_id::text || 'owners', 0));
  if not exists (
    select from app.membership m
    where m.tenant_id = old.tenant_id
      and m.role = 'owner'
      and m.status = 'active'
  ) then
    raise exception using
      errcode = 'ZF009',
      message = 'the tenant would have no owner left',
      detail = 'Give another member the role owner first.';
  end if;
  return null;
end
$function$;
alter function app.membership_keep_owner() owner to freehold_owner;
comment on function app.membership_keep_owner() is 'Trigger: a tenant keeps one active owner.';

CREATE OR REPLACE FUNCTION app.pause_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.subscription;
begin
  update app.subscription
  set status = 'paused',
    version = coalesce(pause_subscription.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = pause_subscription.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('subscription:pause', 25)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('subscription:pause');
    select status into found_status from app.subscription where tenant_id = platform.tenant_id() and id = pause_subscription.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such subscription',
        detail = format('subscription %s', pause_subscription.id);
    end if;
    perform platform.raise_illegal_transition('subscription', pause_subscription.id, found_status, 'pause');
  end if;
  return result;
end
$function$;
alter function app.pause_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.pause_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.pause_subscription(id uuid, expected_version integer) is 'Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds. Event: subscription.paused. Permission: subscription:pause.';

CREATE OR REPLACE FUNCTION app.pay_invoice(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invoice
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invoice;
begin
  update app.invoice
  set status = 'paid',
    version = coalesce(pay_invoice.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = pay_invoice.id
    and status = any ('{open,uncollectible}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invoice:pay', 34)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invoice:pay');
    select status into found_status from app.invoice where tenant_id = platform.tenant_id() and id = pay_invoice.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invoice',
        detail = format('invoice %s', pay_invoice.id);
    end if;
    perform platform.raise_illegal_transition('invoice', pay_invoice.id, found_status, 'pay');
  end if;
  return result;
end
$function$;
alter function app.pay_invoice(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.pay_invoice(id uuid, expected_version integer) to freehold_user;
comment on function app.pay_invoice(id uuid, expected_version integer) is '@behavior -mutationField
Takes a invoice from open or uncollectible to paid. Event: invoice.paid. Permission: invoice:pay.';

CREATE OR REPLACE FUNCTION app.projects_used()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT count(*) AS count
    FROM app.project p
   WHERE ((p.tenant_id = platform.tenant_id()) AND (p.status <> 'deleted'::text));
END;
alter function app.projects_used() owner to freehold_owner;
grant execute on function app.projects_used() to freehold_user;
comment on function app.projects_used() is 'Projects that count towards the plan.';

CREATE OR REPLACE FUNCTION app.reactivate_membership(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.membership;
begin
  update app.membership
  set status = 'active',
    version = coalesce(reactivate_membership.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = reactivate_membership.id
    and status = any ('{suspended}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('membership:reactivate', 13)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('membership:reactivate');
    select status into found_status from app.membership where tenant_id = platform.tenant_id() and id = reactivate_membership.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such membership',
        detail = format('membership %s', reactivate_membership.id);
    end if;
    perform platform.raise_illegal_transition('membership', reactivate_membership.id, found_status, 'reactivate');
  end if;
  return result;
end
$function$;
alter function app.reactivate_membership(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.reactivate_membership(id uuid, expected_version integer) to freehold_user;
comment on function app.reactivate_membership(id uuid, expected_version integer) is 'Lets a suspended member in again. Event: user.reactivated. Permission: membership:reactivate.';

CREATE OR REPLACE FUNCTION app.reactivate_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.tenant
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.tenant;
begin
  update app.tenant
  set status = 'active',
    version = coalesce(reactivate_tenant.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = reactivate_tenant.id
    and status = any ('{suspended}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('tenant:reactivate', 7)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('tenant:reactivate');
    select status into found_status from app.tenant where tenant_id = platform.tenant_id() and id = reactivate_tenant.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such tenant',
        detail = format('tenant %s', reactivate_tenant.id);
    end if;
    perform platform.raise_illegal_transition('tenant', reactivate_tenant.id, found_status, 'reactivate');
  end if;
  return result;
end
$function$;
alter function app.reactivate_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.reactivate_tenant(id uuid, expected_version integer) to freehold_user;
comment on function app.reactivate_tenant(id uuid, expected_version integer) is '@behavior -mutationField
Takes a tenant from suspended to active. Event: tenant.reactivated. Permission: tenant:reactivate.';

CREATE OR REPLACE FUNCTION app.recover_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.subscription;
begin
  update app.subscription
  set status = 'active',
    version = coalesce(recover_subscription.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = recover_subscription.id
    and status = any ('{past_due}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('subscription:recover', 29)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('subscription:recover');
    select status into found_status from app.subscription where tenant_id = platform.tenant_id() and id = recover_subscription.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such subscription',
        detail = format('subscription %s', recover_subscription.id);
    end if;
    perform platform.raise_illegal_transition('subscription', recover_subscription.id, found_status, 'recover');
  end if;
  return result;
end
$function$;
alter function app.recover_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.recover_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.recover_subscription(id uuid, expected_version integer) is '@behavior -mutationField
Takes a subscription from past_due to active. Event: subscription.activated. Permission: subscription:recover.';

CREATE OR REPLACE FUNCTION app.remove_membership(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.membership;
begin
  update app.membership
  set status = 'removed',
    version = coalesce(remove_membership.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = remove_membership.id
    and status = any ('{active,suspended}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('membership:remove', 10)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('membership:remove');
    select status into found_status from app.membership where tenant_id = platform.tenant_id() and id = remove_membership.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such membership',
        detail = format('membership %s', remove_membership.id);
    end if;
    perform platform.raise_illegal_transition('membership', remove_membership.id, found_status, 'remove');
  end if;
  return result;
end
$function$;
alter function app.remove_membership(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.remove_membership(id uuid, expected_version integer) to freehold_user;
comment on function app.remove_membership(id uuid, expected_version integer) is 'Ends a membership for good; the person can be invited again. Event: user.removed. Permission: membership:remove.';

CREATE OR REPLACE FUNCTION app.remove_webhook_header(endpoint_id uuid, name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  perform platform.require('webhook_endpoint:update');
  delete from app.webhook_header h
  where h.tenant_id = platform.tenant_id()
    and h.endpoint_id = remove_webhook_header.endpoint_id
    and h.name = lower(remove_webhook_header.name);
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_header', detail = format('header %s', remove_webhook_header.name);
  end if;
  return true;
end
$function$;
alter function app.remove_webhook_header(endpoint_id uuid, name text) owner to freehold_owner;
grant execute on function app.remove_webhook_header(endpoint_id uuid, name text) to freehold_user;
comment on function app.remove_webhook_header(endpoint_id uuid, name text) is 'Sends a header no longer. Permission: webhook_endpoint:update.';

CREATE OR REPLACE FUNCTION app.renew_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'renew', '{active}');
  renewed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    return former;
  end if;
  -- two steps when a downgrade waits: the plan changes, then the period; each is an event of its own
  if former.next_plan is not null then
    update app.subscription s
    set plan = s.next_plan,
      next_plan = null
    where s.tenant_id = former.tenant_id
      and s.id = former.id;
  end if;
  update app.subscription s
  set period = s.period + 1,
    current_period_start = s.current_period_end,
    current_period_end = platform.month_after(s.anchor, s.period + 2)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into renewed;
  perform app.bill_period(renewed);
  return renewed;
end
$function$;
alter function app.renew_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.renew_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.renew_subscription(id uuid, expected_version integer) is '@behavior -mutationField
Begins the next period when the current one is over, applies a waiting downgrade and invoices. For the system. Event: subscription.renewed.';

CREATE OR REPLACE FUNCTION app.report_check_feature()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform platform.require_feature('reports');
  return new;
end
$function$;
alter function app.report_check_feature() owner to freehold_owner;
comment on function app.report_check_feature() is 'Trigger: reports are a feature of the plan.';

CREATE OR REPLACE FUNCTION app.report_content(id uuid, after_position integer DEFAULT '-1'::integer)
 RETURNS TABLE("position" integer, content text, format text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  wanted app.report;
begin
  perform platform.require('report:read');
  select r.*
  into wanted
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = report_content.id
    and r.status = 'exported';
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', wanted.id, jsonb_build_object(
      'id', wanted.id, 'kind', wanted.kind, 'row_count', wanted.row_count, 'byte_count', wanted.byte_count));
  end if;
  return query
    select c.position, c.content, wanted.format
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$function$;
alter function app.report_content(id uuid, after_position integer) owner to freehold_owner;
grant execute on function app.report_content(id uuid, after_position integer) to freehold_user;
comment on function app.report_content(id uuid, after_position integer) is '@behavior -mutationField
The next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';

CREATE OR REPLACE FUNCTION app.report_lines(report app.report)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  line text;
  keys text[];
begin
  if report.format = 'ndjson' then
    return query select r from app.report_rows(report) r;
    return;
  end if;
  for line in select r from app.report_rows(report) r loop
    if keys is null then
      keys := case report.kind
        when 'audit' then '{occurred_at,type,entity,entity_id,entity_version,actor_type,actor_id,actor_name,actor_email,impersonator_email,impersonator_reason,request_id,id,data,previous}'
        else array(select k from jsonb_object_keys(line::jsonb) k order by k)
      end;
      return next array_to_string(keys, ',');
    end if;
    return next (
      select string_agg(platform.csv_value(coalesce(line::jsonb -> k, 'null')), ',' order by n)
      from unnest(keys) with ordinality u (k, n));
  end loop;
end
$function$;
alter function app.report_lines(report app.report) owner to freehold_owner;
comment on function app.report_lines(report app.report) is '@behavior -*
The lines of a report in its format: JSON objects, or CSV with a header.';

CREATE OR REPLACE FUNCTION app.report_rows(report app.report)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      -- how many transactions the whole cluster makes is no tenant's business
      return query select (to_jsonb(e) - 'xid')::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'audit' then
      return query select a::text from app.audit_rows(report.since) a;
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
$function$;
alter function app.report_rows(report app.report) owner to freehold_owner;
comment on function app.report_rows(report app.report) is 'The rows of a report, one JSON object each.';

CREATE OR REPLACE FUNCTION app.require_role(tenant uuid, role text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- null is for the column to refuse
  if require_role.role is null or exists (select from platform.role r where r.key = require_role.role) then
    return;
  end if;
  perform platform.require_tenant(tenant);
  -- until the end of the transaction it cannot be deleted: a key share lock would not keep its status
  perform
  from app.role r
  where r.tenant_id = require_role.tenant
    and r.key = require_role.role
    and r.status = 'active'
  for share;
  if not found then
    raise exception using
      errcode = 'ZF010', message = format('there is no role %s', left(require_role.role, 50)),
      detail = 'Built-in roles are owner, admin, member, viewer and billing; others are the roles of the tenant.';
  end if;
end
$function$;
alter function app.require_role(tenant uuid, role text) owner to freehold_owner;
comment on function app.require_role(tenant uuid, role text) is '@behavior -*
Raises ZF010 for a role that is neither built in nor the tenant''s own.';

CREATE OR REPLACE FUNCTION app.resend_delivery(id uuid)
 RETURNS app.delivery
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
  -- not in the queue: it is being sent at this moment, or waits in the lane of its endpoint
  if moved then
    update app.delivery
    set status = 'pending',
      next_attempt_at = statement_timestamp(),
      schedule_start = attempt_count,
      updated_at = statement_timestamp()
    where tenant_id = found_delivery.tenant_id
      and id = found_delivery.id
    returning * into found_delivery;
  end if;
  -- whoever asks has mended something: the breaker is tried at once
  update platform.endpoint_flow
  set not_before = '-infinity'
  where tenant_id = found_delivery.tenant_id
    and endpoint_id = found_delivery.endpoint_id
    and laned;
  perform platform.wake_dispatcher();
  return found_delivery;
end
$function$;
alter function app.resend_delivery(id uuid) owner to freehold_owner;
grant execute on function app.resend_delivery(id uuid) to freehold_user;
comment on function app.resend_delivery(id uuid) is 'Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
Permission: delivery:resend.';

CREATE OR REPLACE FUNCTION app.resend_invitation(id uuid)
 RETURNS app.invitation
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function app.resend_invitation(id uuid) owner to freehold_owner;
grant execute on function app.resend_invitation(id uuid) to freehold_user;
comment on function app.resend_invitation(id uuid) is 'Sends a pending invitation again, and lets it be accepted for seven days more. Event: invitation.resent. Errors: ZF004, ZF005, ZF010 within a minute.';

CREATE OR REPLACE FUNCTION app.restore_project(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.project
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.project;
begin
  update app.project
  set status = 'active',
    version = coalesce(restore_project.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = restore_project.id
    and status = any ('{archived}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('project:restore', 45)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('project:restore');
    select status into found_status from app.project where tenant_id = platform.tenant_id() and id = restore_project.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such project',
        detail = format('project %s', restore_project.id);
    end if;
    perform platform.raise_illegal_transition('project', restore_project.id, found_status, 'restore');
  end if;
  return result;
end
$function$;
alter function app.restore_project(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.restore_project(id uuid, expected_version integer) to freehold_user;
comment on function app.restore_project(id uuid, expected_version integer) is 'Takes an archived project up again. Event: project.restored. Permission: project:restore.';

CREATE OR REPLACE FUNCTION app.resume_subscription(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'resume', '{paused}');
  resumed app.subscription;
begin
  if former.current_period_end > statement_timestamp() then
    update app.subscription s set status = 'active'
    where s.tenant_id = former.tenant_id and s.id = former.id
    returning * into resumed;
    return resumed;
  end if;
  -- the paid period ended during the pause: a new one begins today
  update app.subscription s
  set status = 'active',
    anchor = statement_timestamp(),
    period = s.period + 1,
    current_period_start = statement_timestamp(),
    current_period_end = platform.month_after(statement_timestamp(), 1)
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into resumed;
  perform app.bill_period(resumed);
  return resumed;
end
$function$;
alter function app.resume_subscription(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.resume_subscription(id uuid, expected_version integer) to freehold_user;
comment on function app.resume_subscription(id uuid, expected_version integer) is 'Resumes a paused subscription; where the paid period has ended, a new one begins and is invoiced. Event: subscription.resumed. Permission: subscription:resume.';

CREATE OR REPLACE FUNCTION app.revoke_api_key(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.api_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.api_key;
begin
  update app.api_key
  set status = 'revoked',
    version = coalesce(revoke_api_key.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = revoke_api_key.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('api_key:revoke', 22)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('api_key:revoke');
    select status into found_status from app.api_key where tenant_id = platform.tenant_id() and id = revoke_api_key.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such api_key',
        detail = format('api_key %s', revoke_api_key.id);
    end if;
    perform platform.raise_illegal_transition('api_key', revoke_api_key.id, found_status, 'revoke');
  end if;
  return result;
end
$function$;
alter function app.revoke_api_key(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.revoke_api_key(id uuid, expected_version integer) to freehold_user;
comment on function app.revoke_api_key(id uuid, expected_version integer) is 'Ends a key from its next use on. Event: api_key.revoked. Permission: api_key:revoke.';

CREATE OR REPLACE FUNCTION app.revoke_invitation(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invitation
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invitation;
begin
  update app.invitation
  set status = 'revoked',
    version = coalesce(revoke_invitation.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = revoke_invitation.id
    and status = any ('{pending}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invitation:revoke', 18)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invitation:revoke');
    select status into found_status from app.invitation where tenant_id = platform.tenant_id() and id = revoke_invitation.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invitation',
        detail = format('invitation %s', revoke_invitation.id);
    end if;
    perform platform.raise_illegal_transition('invitation', revoke_invitation.id, found_status, 'revoke');
  end if;
  return result;
end
$function$;
alter function app.revoke_invitation(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.revoke_invitation(id uuid, expected_version integer) to freehold_user;
comment on function app.revoke_invitation(id uuid, expected_version integer) is 'Takes an invitation back and frees its seat. Event: invitation.revoked. Permission: invitation:revoke.';

CREATE OR REPLACE FUNCTION app.role_check()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  if exists (select from platform.role r where r.key = new.key) then
    raise exception using
      errcode = 'ZF010', message = format('%s is a built-in role', new.key), detail = 'Give yours another key.';
  end if;
  -- what somebody takes away they must hold too: else an admin could cut down who stands above
  lacking := platform.not_held(new.permissions || case when tg_op = 'UPDATE' then old.permissions else '{}' end);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003', message = 'a role cannot hold what you do not hold yourself', detail = format('Not yours to give: %s.', lacking);
  end if;
  return new;
end
$function$;
alter function app.role_check() owner to freehold_owner;
comment on function app.role_check() is 'Trigger: a role''s key is no built-in one, and no one gives or takes more than they hold.';

CREATE OR REPLACE FUNCTION app.role_check_unused()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  users text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(format('%s %s', n, what), ', ')
  into users
  from (
    select count(*) as n, 'members' as what from app.membership m where m.tenant_id = new.tenant_id and m.role = new.key and m.status <> 'removed'
    union all
    select count(*), 'invitations' from app.invitation i where i.tenant_id = new.tenant_id and i.role = new.key and i.status = 'pending'
    union all
    select count(*), 'groups' from app.group_role g where g.tenant_id = new.tenant_id and g.role = new.key and g.status = 'active'
    union all
    select count(*), 'members of groups, without their group' from identity.group_member g where g.tenant_id = new.tenant_id and g.former_role = new.key
    union all
    select count(*), 'default roles' from app.tenant t where t.tenant_id = new.tenant_id and t.default_role = new.key
  ) u
  where n > 0;
  if users is not null then
    raise exception using
      errcode = 'ZF008', message = format('the role %s is in use', new.key), detail = format('Give another one first to: %s.', users);
  end if;
  return new;
end
$function$;
alter function app.role_check_unused() owner to freehold_owner;
comment on function app.role_check_unused() is 'Trigger: a role that somebody has, or would be given, does not end.';

CREATE OR REPLACE FUNCTION app.rotate_api_key(id uuid, grace_hours integer DEFAULT 24, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS app.created_api_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  former app.api_key;
  made app.created_api_key;
begin
  perform platform.require('api_key:create');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys are good: long enough to bring the new one to where it is used.';
  end if;
  select *
  into former
  from app.api_key
  where tenant_id = platform.tenant_id()
    and id = rotate_api_key.id
  for no key update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such api_key', detail = format('api_key %s', rotate_api_key.id);
  end if;
  if former.status <> 'active' or former.expires_at <= statement_timestamp() then
    raise exception using
      errcode = 'ZF005', message = 'only an active key is rotated', detail = format('It is %s. Create a new one.', former.status);
  end if;
  made := app.create_api_key(former.name, former.scopes, coalesce(rotate_api_key.expires_at, former.expires_at), former.allowed_networks);
  if grace_hours = 0 then
    perform app.revoke_api_key(former.id);
  else
    update app.api_key
    set expires_at = statement_timestamp() + make_interval(hours => grace_hours)
    where tenant_id = former.tenant_id
      and id = former.id
      and (expires_at is null or expires_at > statement_timestamp() + make_interval(hours => grace_hours));
  end if;
  return made;
end
$function$;
alter function app.rotate_api_key(id uuid, grace_hours integer, expires_at timestamp with time zone) owner to freehold_owner;
grant execute on function app.rotate_api_key(id uuid, grace_hours integer, expires_at timestamp with time zone) to freehold_user;
comment on function app.rotate_api_key(id uuid, grace_hours integer, expires_at timestamp with time zone) is 'Makes a key like this one, with a new secret, which is in this answer and nowhere else. The former is good for graceHours more (0 to 168, default 24), or no more at once. The new one
ends at expiresAt, or else when the former would have. Events: api_key.created, api_key.updated or api_key.revoked. Errors: ZF003 when the key holds what you do not, ZF004, ZF005, ZF010.';

CREATE OR REPLACE FUNCTION app.rotate_webhook_signing_key(endpoint_id uuid, scheme text DEFAULT 'v1'::text, grace_hours integer DEFAULT 24, signing_key platform.fresh_key DEFAULT NULL::text)
 RETURNS app.rotated_webhook_signing_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  endpoint uuid := rotate_webhook_signing_key.endpoint_id;
  tenant uuid := platform.tenant_id();
  made app.webhook_signing_key;
  result app.rotated_webhook_signing_key;
begin
  perform platform.require('webhook_endpoint:update');
  if coalesce(grace_hours not between 0 and 168, true) then
    raise exception using
      errcode = 'ZF010', message = 'graceHours is 0 to 168', detail = 'For that long both keys sign: long enough to bring the new one to the receiver.';
  end if;
  if coalesce(rotate_webhook_signing_key.scheme, '') not in ('v1', 'v1a') then
    raise exception using errcode = 'ZF010', message = 'scheme is v1 or v1a', detail = 'v1 is HMAC-SHA256 with a secret, v1a is ed25519 with a public key.';
  end if;
  -- one rotation at a time, or two would both be the present key
  perform from app.webhook_endpoint w where w.tenant_id = tenant and w.id = endpoint for update;
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', endpoint);
  end if;
  delete from app.webhook_signing_key k
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.expires_at <= now();
  -- each key is one more signature in the header of each message
  if (select count(*) >= 4 from app.webhook_signing_key k
      where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme and grace_hours > 0) then
    raise exception using
      errcode = 'ZF008',
      message = 'four keys of this scheme sign already',
      detail = 'Wait until one has expired, or rotate with graceHours 0, which ends all of them.';
  end if;
  result.former_expires_at := now() + make_interval(hours => grace_hours);
  update app.webhook_signing_key k
  set expires_at = least(k.expires_at, result.former_expires_at)
  where k.tenant_id = tenant and k.endpoint_id = endpoint and k.scheme = rotate_webhook_signing_key.scheme;
  if not found then
    result.former_expires_at := null;
  end if;
  made := platform.add_signing_key(endpoint, rotate_webhook_signing_key.scheme, signing_key);
  result.id := made.id;
  result.scheme := made.scheme;
  result.public_key := made.public_key;
  if made.scheme = 'v1' then
    result.secret := made.sealed_key;
  end if;
  perform platform.record_event('webhook_endpoint.key_rotated', 'webhook_endpoint', endpoint,
    jsonb_build_object('id', endpoint, 'scheme', made.scheme, 'key_id', made.id, 'public_key', made.public_key, 'former_expires_at', result.former_expires_at));
  return result;
end
$function$;
alter function app.rotate_webhook_signing_key(endpoint_id uuid, scheme text, grace_hours integer, signing_key platform.fresh_key) owner to freehold_owner;
grant execute on function app.rotate_webhook_signing_key(endpoint_id uuid, scheme text, grace_hours integer, signing_key platform.fresh_key) to freehold_user;
comment on function app.rotate_webhook_signing_key(endpoint_id uuid, scheme text, grace_hours integer, signing_key platform.fresh_key) is 'Gives an endpoint a new signing key. The former one of the same scheme signs too for graceHours (0 to 168), so that no message comes that the receiver cannot
verify. With a scheme that the endpoint has no key of, adds it: both schemes then sign side by side.
Event: webhook_endpoint.key_rotated. Permission: webhook_endpoint:update.';

CREATE OR REPLACE FUNCTION app.seats_used()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (( SELECT count(*) AS count
            FROM app.membership m
           WHERE ((m.tenant_id = platform.tenant_id()) AND (m.status <> 'removed'::text))) + ( SELECT count(*) AS count
            FROM app.invitation i
           WHERE ((i.tenant_id = platform.tenant_id()) AND (i.status = 'pending'::text))));
END;
alter function app.seats_used() owner to freehold_owner;
grant execute on function app.seats_used() to freehold_user;
comment on function app.seats_used() is 'Seats in use: members who are not removed, and pending invitations.';

CREATE OR REPLACE FUNCTION app.send_test_event(endpoint_id uuid, message text DEFAULT 'This is a test.'::text)
 RETURNS app.delivery
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  endpoint app.webhook_endpoint;
  made app.delivery;
begin
  perform platform.require('webhook_endpoint:update');
  select * into endpoint
  from app.webhook_endpoint
  where tenant_id = platform.tenant_id()
    and id = send_test_event.endpoint_id;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', send_test_event.endpoint_id);
  end if;
  if endpoint.status <> 'enabled' then
    raise exception using errcode = 'ZF005', message = 'the endpoint is not enabled', detail = 'Enable it first.';
  end if;
  if coalesce(length(message) > 1000, true) then
    raise exception using errcode = 'ZF010', message = 'message has at most 1,000 characters', detail = 'Shorten it.';
  end if;
  insert into app.delivery (tenant_id, event_id, endpoint_id, next_attempt_at)
  values (
    endpoint.tenant_id,
    platform.record_event('webhook_endpoint.tested', 'webhook_endpoint', endpoint.id, jsonb_build_object('id', endpoint.id, 'message', message)),
    endpoint.id, statement_timestamp())
  returning * into made;
  insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
  values (made.next_attempt_at, made.id, made.tenant_id, made.endpoint_id, 1);
  perform platform.wake_dispatcher();
  return made;
end
$function$;
alter function app.send_test_event(endpoint_id uuid, message text) owner to freehold_owner;
grant execute on function app.send_test_event(endpoint_id uuid, message text) to freehold_user;
comment on function app.send_test_event(endpoint_id uuid, message text) is 'Sends an endpoint a test event, through the same queue and with the same signature as any other: its delivery tells how it went.
Event: webhook_endpoint.tested. Permission: webhook_endpoint:update.';

CREATE OR REPLACE FUNCTION app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed)
 RETURNS app.webhook_header
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  made app.webhook_header;
begin
  perform platform.require('webhook_endpoint:update');
  perform
  from app.webhook_endpoint w
  where w.tenant_id = platform.tenant_id() and w.id = set_webhook_header.endpoint_id
  for update;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', set_webhook_header.endpoint_id);
  end if;
  insert into app.webhook_header (endpoint_id, name, sealed_value)
  values (set_webhook_header.endpoint_id, lower(set_webhook_header.name), set_webhook_header.value)
  on conflict (tenant_id, endpoint_id, name) do update
    set sealed_value = excluded.sealed_value
  returning * into made;
  if (select count(*) > 20 from app.webhook_header h where h.tenant_id = made.tenant_id and h.endpoint_id = made.endpoint_id) then
    raise exception using errcode = 'ZF007', message = 'an endpoint has at most 20 headers', detail = 'Remove one first.';
  end if;
  made.sealed_value := null;
  return made;
end
$function$;
alter function app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed) owner to freehold_owner;
grant execute on function app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed) to freehold_user;
comment on function app.set_webhook_header(endpoint_id uuid, name text, value platform.sealed) is 'Sends a header along with each message to an endpoint, or changes its value. The value is kept encrypted and not shown again.
Permission: webhook_endpoint:update.';

CREATE OR REPLACE FUNCTION app.start_report(id uuid)
 RETURNS app.report
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  started app.report := app.lock_report(id, 'start', '{requested,running,exported,failed,expired}');
begin
  -- the task may come twice: what was made is not begun again
  if started.status not in ('requested', 'running') then
    return null;
  end if;
  -- a report left running by a worker that died begins anew
  delete from app.report_chunk c
  where c.tenant_id = started.tenant_id
    and c.report_id = started.id;
  update app.report r
  set status = 'running'
  where r.tenant_id = started.tenant_id
    and r.id = started.id
  returning * into started;
  return started;
end
$function$;
alter function app.start_report(id uuid) owner to freehold_owner;
grant execute on function app.start_report(id uuid) to freehold_user;
comment on function app.start_report(id uuid) is '@behavior -mutationField
Takes a report up; null when it is no longer wanted. For the system.';

CREATE OR REPLACE FUNCTION app.start_subscription(plan text)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  chosen catalog.plan;
  started app.subscription;
begin
  perform platform.require('subscription:renew');
  select p.* into chosen from catalog.plan p where p.key = start_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', plan), detail = 'Plans are listed in catalog.plan.';
  end if;
  insert into app.subscription (plan, status, trial_ends_at, anchor, current_period_start, current_period_end)
  values (
    chosen.key,
    case when chosen.trial_days > 0 then 'trialing' else 'active' end,
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) end,
    now(),
    now(),
    case when chosen.trial_days > 0 then now() + make_interval(days => chosen.trial_days) else platform.month_after(now(), 1) end)
  returning * into started;
  return started;
end
$function$;
alter function app.start_subscription(plan text) owner to freehold_owner;
comment on function app.start_subscription(plan text) is 'Starts the subscription of a new tenant, in trial where the plan has one. For the system.';

CREATE OR REPLACE FUNCTION app.subscription_follow_plan()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into platform.tenant_plan (tenant_id, plan)
  -- nothing is paid while paused; what is past due is still being asked for
  values (new.tenant_id, case when new.status in ('canceled', 'paused') then 'free' else new.plan end)
  on conflict (tenant_id) do update
    set plan = excluded.plan
    where tenant_plan.plan <> excluded.plan;
  return null;
end
$function$;
alter function app.subscription_follow_plan() owner to freehold_owner;
comment on function app.subscription_follow_plan() is 'Trigger: the plan that holds for the tenant follows its living subscription.';

CREATE OR REPLACE FUNCTION app.suspend_membership(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.membership;
begin
  update app.membership
  set status = 'suspended',
    version = coalesce(suspend_membership.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = suspend_membership.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('membership:suspend', 12)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('membership:suspend');
    select status into found_status from app.membership where tenant_id = platform.tenant_id() and id = suspend_membership.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such membership',
        detail = format('membership %s', suspend_membership.id);
    end if;
    perform platform.raise_illegal_transition('membership', suspend_membership.id, found_status, 'suspend');
  end if;
  return result;
end
$function$;
alter function app.suspend_membership(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.suspend_membership(id uuid, expected_version integer) to freehold_user;
comment on function app.suspend_membership(id uuid, expected_version integer) is 'Locks a member out from their next request on. Event: user.suspended. Permission: membership:suspend.';

CREATE OR REPLACE FUNCTION app.suspend_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.tenant
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.tenant;
begin
  update app.tenant
  set status = 'suspended',
    version = coalesce(suspend_tenant.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = suspend_tenant.id
    and status = any ('{active}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('tenant:suspend', 5)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('tenant:suspend');
    select status into found_status from app.tenant where tenant_id = platform.tenant_id() and id = suspend_tenant.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such tenant',
        detail = format('tenant %s', suspend_tenant.id);
    end if;
    perform platform.raise_illegal_transition('tenant', suspend_tenant.id, found_status, 'suspend');
  end if;
  return result;
end
$function$;
alter function app.suspend_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.suspend_tenant(id uuid, expected_version integer) to freehold_user;
comment on function app.suspend_tenant(id uuid, expected_version integer) is '@behavior -mutationField
Takes a tenant from active to suspended. Event: tenant.suspended. Permission: tenant:suspend.';

CREATE OR REPLACE FUNCTION app.tenant_check_default_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  lacking := platform.not_held(platform.permissions_of(new.tenant_id, new.default_role));
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have whoever joins be a %s', new.default_role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$function$;
alter function app.tenant_check_default_role() owner to freehold_owner;
comment on function app.tenant_check_default_role() is 'Trigger: no one gives more than they hold, to whoever joins neither.';

CREATE OR REPLACE FUNCTION app.tenant_check_security()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  wrong text;
begin
  perform platform.require_tenant(new.tenant_id);
  select m
  into wrong
  from unnest(new.login_methods) m
  where m !~ '^[A-Za-z]{1,50}$'
  limit 1;
  if found then
    raise exception using
      errcode = 'ZF010', message = format('%s is no login method', left(wrong, 50)),
      detail = 'Write them as the identity provider does: SSO, Password, Passkey, MagicAuth, GoogleOAuth, MicrosoftOAuth.';
  end if;
  if new.require_sso and not old.require_sso then
    perform platform.require_feature('sso');
    if not identity.has_connection(new.tenant_id) then
      raise exception using
        errcode = 'ZF010', message = 'nobody could sign in: the organization has no active connection',
        detail = 'Connect single sign-on first, and sign in with it once.';
    end if;
  end if;
  return new;
end
$function$;
alter function app.tenant_check_security() owner to freehold_owner;
comment on function app.tenant_check_security() is 'Trigger: login methods are names of some, and single sign-on is demanded where there is one.';

CREATE OR REPLACE FUNCTION app.tenant_place_audit_stream()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require_tenant(new.tenant_id);
  delete from identity.audit_position p
  where p.tenant_id = new.tenant_id;
  if new.stream_audit_log then
    insert into identity.audit_position (tenant_id, after)
    values (new.tenant_id, app.change_feed_end());
  end if;
  return null;
end
$function$;
alter function app.tenant_place_audit_stream() owner to freehold_owner;
comment on function app.tenant_place_audit_stream() is 'Trigger: the audit log goes on from the change that asks for it, and is no more owed what happened while nobody did.';

CREATE OR REPLACE FUNCTION app.tenant_set_grace()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.closes_at := statement_timestamp() + interval '30 days';
  return new;
end
$function$;
alter function app.tenant_set_grace() owner to freehold_owner;
comment on function app.tenant_set_grace() is 'Trigger: a closing tenant has 30 days.';

CREATE OR REPLACE FUNCTION app.upgrade_subscription(id uuid, plan text, expected_version integer DEFAULT NULL::integer)
 RETURNS app.subscription
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  former app.subscription := app.lock_subscription(id, expected_version, 'upgrade', '{trialing,active}');
  upgraded app.subscription;
  old_plan catalog.plan;
  new_plan catalog.plan;
  at timestamptz := least(greatest(date_trunc('second', statement_timestamp()), former.current_period_start), former.current_period_end);
  whole bigint := ceil(extract(epoch from former.current_period_end - former.current_period_start));
  used bigint := floor(extract(epoch from at - former.current_period_start));
begin
  select p.* into strict old_plan from catalog.plan p where p.key = former.plan;
  select p.* into new_plan from catalog.plan p where p.key = upgrade_subscription.plan;
  if not found then
    raise exception using errcode = 'ZF010', message = format('there is no plan %s', coalesce(plan, 'null')), detail = 'Plans are listed in plans.';
  end if;
  if new_plan.rank <= old_plan.rank then
    raise exception using
      errcode = 'ZF015',
      message = format('%s is not above %s', new_plan.key, old_plan.key),
      detail = case when new_plan.rank = old_plan.rank then 'The subscription has this plan.' else 'Use downgrade_subscription.' end;
  end if;
  update app.subscription s
  set plan = new_plan.key,
    next_plan = null
  where s.tenant_id = former.tenant_id
    and s.id = former.id
  returning * into upgraded;
  -- In a trial nothing is charged. Else: give back the rest of the old plan's month, charge the rest of the new one's.
  if former.status = 'active' and whole > used then
    perform app.issue_invoice(upgraded, array[
      row(null, null, null, format('Unused time on %s', old_plan.name),
        -platform.prorate(old_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line,
      row(null, null, null, format('Remaining time on %s', new_plan.name),
        platform.prorate(new_plan.monthly_price, used, whole, whole), at, former.current_period_end, null)::app.invoice_line]);
  end if;
  return upgraded;
end
$function$;
alter function app.upgrade_subscription(id uuid, plan text, expected_version integer) owner to freehold_owner;
grant execute on function app.upgrade_subscription(id uuid, plan text, expected_version integer) to freehold_user;
comment on function app.upgrade_subscription(id uuid, plan text, expected_version integer) is 'Takes the subscription to a higher plan at once; the difference of the remaining period is invoiced.
Event: subscription.upgraded. Permission: subscription:upgrade.';

CREATE OR REPLACE FUNCTION app.use_feature(feature text, quantity integer DEFAULT 1)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  today date := (statement_timestamp() at time zone 'UTC')::date;
  used bigint;
  usage_id uuid;
begin
  perform platform.require('feature_usage:record');
  if feature is null or feature !~ '^[a-z][a-z0-9_]{0,99}$' then
    raise exception using errcode = 'ZF010', message = 'feature is not a name', detail = 'Lower-case letters, digits and _, up to 100.';
  end if;
  if quantity is null or quantity not between 1 and 1000000 then
    raise exception using errcode = 'ZF010', message = 'quantity is out of range', detail = 'From 1 to 1,000,000.';
  end if;
  insert into app.feature_usage (feature, day, slot, quantity)
  values (use_feature.feature, today, pg_backend_pid() % 16, use_feature.quantity)
  on conflict (tenant_id, feature, day, slot) do update
    set quantity = feature_usage.quantity + excluded.quantity
  returning feature_usage.quantity, feature_usage.id into used, usage_id;
  perform platform.record_event('feature.used', 'feature_usage', usage_id,
    jsonb_build_object('feature', use_feature.feature, 'quantity', use_feature.quantity, 'day', today));
  return use_feature.quantity;
end
$function$;
alter function app.use_feature(feature text, quantity integer) owner to freehold_owner;
grant execute on function app.use_feature(feature text, quantity integer) to freehold_user;
comment on function app.use_feature(feature text, quantity integer) is 'Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record. Returns the quantity recorded.';

CREATE OR REPLACE FUNCTION app.void_invoice(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS app.invoice
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  found_status text;
  result app.invoice;
begin
  update app.invoice
  set status = 'void',
    version = coalesce(void_invoice.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = void_invoice.id
    and status = any ('{open,uncollectible}')
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows('invoice:void', 36)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require('invoice:void');
    select status into found_status from app.invoice where tenant_id = platform.tenant_id() and id = void_invoice.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such invoice',
        detail = format('invoice %s', void_invoice.id);
    end if;
    perform platform.raise_illegal_transition('invoice', void_invoice.id, found_status, 'void');
  end if;
  return result;
end
$function$;
alter function app.void_invoice(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function app.void_invoice(id uuid, expected_version integer) to freehold_user;
comment on function app.void_invoice(id uuid, expected_version integer) is '@behavior -mutationField
Takes a invoice from open or uncollectible to void. Event: invoice.voided. Permission: invoice:void.';

CREATE OR REPLACE FUNCTION app.warn_of_webhook_endpoint(id uuid, failing_since timestamp with time zone, disables_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  failing app.webhook_endpoint;
begin
  perform platform.require('webhook_endpoint:give_up');
  select * into failing
  from app.webhook_endpoint
  where tenant_id = platform.tenant_id()
    and id = warn_of_webhook_endpoint.id;
  if not found then
    raise exception using
      errcode = 'ZF004', message = 'there is no such webhook_endpoint', detail = format('webhook_endpoint %s', warn_of_webhook_endpoint.id);
  end if;
  if failing.status <> 'enabled' or not platform.mark_warned(failing.id) then
    return false;
  end if;
  perform platform.record_event('webhook_endpoint.failing', 'webhook_endpoint', failing.id, jsonb_build_object(
    'id', failing.id, 'url', failing.url, 'description', failing.description,
    'failing_since', warn_of_webhook_endpoint.failing_since, 'disables_at', warn_of_webhook_endpoint.disables_at));
  return true;
end
$function$;
alter function app.warn_of_webhook_endpoint(id uuid, failing_since timestamp with time zone, disables_at timestamp with time zone) owner to freehold_owner;
grant execute on function app.warn_of_webhook_endpoint(id uuid, failing_since timestamp with time zone, disables_at timestamp with time zone) to freehold_user;
comment on function app.warn_of_webhook_endpoint(id uuid, failing_since timestamp with time zone, disables_at timestamp with time zone) is '@behavior -mutationField
Records that an endpoint fails, once while it does. Event: webhook_endpoint.failing. Permission: webhook_endpoint:give_up.';

CREATE OR REPLACE FUNCTION app.webhook_endpoint_check_types()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  unknown text;
begin
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(new.event_types) w
  where w is null
    or (w <> '*'
      and not exists (select from catalog.event_type t where t.type = w)
      and not (w like '%.*' and exists (select from catalog.event_type t where split_part(t.type, '.', 1) || '.*' = w)));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = format('Use *, or one of: %s.', (
        select string_agg(distinct kind, ', ' order by kind)
        from catalog.event_type t,
          lateral (values (t.type), (split_part(t.type, '.', 1) || '.*')) k (kind)));
  end if;
  return new;
end
$function$;
alter function app.webhook_endpoint_check_types() owner to freehold_owner;
comment on function app.webhook_endpoint_check_types() is 'Trigger: an endpoint subscribes to event types that exist.';

CREATE OR REPLACE FUNCTION app.webhook_endpoint_clear_reason()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.disabled_reason := null;
  return new;
end
$function$;
alter function app.webhook_endpoint_clear_reason() owner to freehold_owner;
comment on function app.webhook_endpoint_clear_reason() is 'Trigger: an endpoint that is enabled again has no reason to be disabled.';

CREATE OR REPLACE FUNCTION app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer DEFAULT 24)
 RETURNS app.webhook_endpoint_performance
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  tenant uuid := platform.tenant_id();
  told app.webhook_endpoint_performance;
begin
  perform platform.require('delivery:read');
  select count(*), count(*) filter (where a.succeeded), (count(*) filter (where a.succeeded))::double precision / nullif(count(*), 0),
    percentile_disc(0.5) within group (order by a.latency_ms), percentile_disc(0.95) within group (order by a.latency_ms)
  into told.attempts, told.succeeded, told.success_rate, told.latency_p50_ms, told.latency_p95_ms
  from (
    select t.succeeded, t.latency_ms
    from app.delivery_attempt t
    where t.tenant_id = tenant
      and t.endpoint_id = endpoint.id
      and t.id >= platform.uuidv7_floor(statement_timestamp() - make_interval(hours => least(greatest(hours, 1), 8760)))
    order by t.id desc
    limit 10000
  ) a;
  told.backlog := (select count(*) from (
    select from app.delivery d where d.tenant_id = tenant and d.status = 'pending' and d.endpoint_id = endpoint.id limit 100000) p);
  told.failed := (select count(*) from (
    select from app.delivery d
    where d.tenant_id = tenant and d.status = 'failed' and d.endpoint_id = endpoint.id and d.id >= platform.retention_floor()
    limit 100000) f);
  select h.failing_since, h.resumes_at
  into told.failing_since, told.resumes_at
  from platform.endpoint_health(endpoint.id) h;
  return told;
end
$function$;
alter function app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer) owner to freehold_owner;
grant execute on function app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer) to freehold_user;
comment on function app.webhook_endpoint_statistics(endpoint app.webhook_endpoint, hours integer) is 'How the endpoint does, over the last hours (1 to 8,760; 24 when not given). Permission: delivery:read.';

CREATE OR REPLACE FUNCTION app.webhook_replay_check()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
$function$;
alter function app.webhook_replay_check() owner to freehold_owner;
comment on function app.webhook_replay_check() is 'Trigger: a replay has an endpoint that is enabled, and a time that is past.';

CREATE OR REPLACE FUNCTION app.webhook_replay_queued(replay app.webhook_replay)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(( SELECT p.queued
            FROM (platform.replay_progress p
              JOIN platform.verified_context v ON ((v.tenant_id = p.tenant_id)))
           WHERE (p.replay_id = (webhook_replay_queued.replay).id)), (0)::bigint) AS "coalesce";
END;
alter function app.webhook_replay_queued(replay app.webhook_replay) owner to freehold_owner;
grant execute on function app.webhook_replay_queued(replay app.webhook_replay) to freehold_user;
comment on function app.webhook_replay_queued(replay app.webhook_replay) is 'Deliveries that the replay has queued so far.';

-- ======== catalog =========================================================================

create schema catalog authorization freehold_owner;
grant usage on schema catalog to freehold_dispatcher;
grant usage on schema catalog to freehold_janitor;
grant usage on schema catalog to freehold_recorder;
grant usage on schema catalog to freehold_resolver;
grant usage on schema catalog to freehold_user;
grant usage on schema catalog to freehold_worker;
comment on schema catalog is 'What is sold: plans and their entitlements. Global, read-only.';

create table catalog.event_type (
  type text not null,
  entity text not null,
  description text not null,
  schema jsonb not null,
  recorded boolean default false not null,
  constraint event_type_pkey PRIMARY KEY (type),
  constraint event_type_type_check CHECK ((type ~ '^[a-z_]+\.[a-z_]+$'::text))
);
alter table catalog.event_type owner to freehold_owner;
grant select (type, entity, description, schema) on catalog.event_type to freehold_user;
grant select on catalog.event_type to freehold_recorder;
comment on table catalog.event_type is '@reference
A kind of event: what a webhook endpoint can subscribe to, and what its events carry.';
comment on column catalog.event_type.type is 'Name, such as project.archived.';
comment on column catalog.event_type.entity is '@isIndexed
Name of the entity that it is about.';
comment on column catalog.event_type.description is 'What happened.';
comment on column catalog.event_type.schema is 'JSON Schema (2020-12) of the data of its events.';
comment on column catalog.event_type.recorded is 'Declared by platform.declare_event: no change of a row causes it.';
insert into catalog.event_type (type, entity, description, schema, recorded) values
  ('api_key.created', 'api_key', 'An API key was made. Its secret is in no event.', '{
      "type": "object",
      "title": "api_key",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "prefix",
        "scopes",
        "status",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "allowed_networks",
        "created_by"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Nightly import"],"description":"What it is for, 1 to 200 characters."},
        "prefix": {"type":"string","examples":["fh_live_a1b2c3"],"description":"The beginning of the key, to tell keys apart."},
        "scopes": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read"]],
          "description": "Permissions of the key, such as project:read."
        },
        "status": {"enum":["active","expired","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "created_by": {
          "type": ["string","null"],
          "format": "uuid",
          "description": "The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership."
        },
        "expires_at": {"type":["string","null"],"format":"date-time","description":"When it ends by itself; null for never."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where it may be used from, in CIDR notation; empty for anywhere."
        }
      },
      "description": "A key that opens the API with its own permissions.",
      "additionalProperties": true
    }', false),
  ('api_key.expired', 'api_key', 'The time of an API key is over, and it opens nothing any more.', '{
      "type": "object",
      "title": "api_key",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "prefix",
        "scopes",
        "status",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "allowed_networks",
        "created_by"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Nightly import"],"description":"What it is for, 1 to 200 characters."},
        "prefix": {"type":"string","examples":["fh_live_a1b2c3"],"description":"The beginning of the key, to tell keys apart."},
        "scopes": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read"]],
          "description": "Permissions of the key, such as project:read."
        },
        "status": {"enum":["active","expired","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "created_by": {
          "type": ["string","null"],
          "format": "uuid",
          "description": "The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership."
        },
        "expires_at": {"type":["string","null"],"format":"date-time","description":"When it ends by itself; null for never."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where it may be used from, in CIDR notation; empty for anywhere."
        }
      },
      "description": "A key that opens the API with its own permissions.",
      "additionalProperties": true
    }', false),
  ('api_key.revoked', 'api_key', 'An API key was revoked, and opens nothing from its next use on.', '{
      "type": "object",
      "title": "api_key",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "prefix",
        "scopes",
        "status",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "allowed_networks",
        "created_by"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Nightly import"],"description":"What it is for, 1 to 200 characters."},
        "prefix": {"type":"string","examples":["fh_live_a1b2c3"],"description":"The beginning of the key, to tell keys apart."},
        "scopes": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read"]],
          "description": "Permissions of the key, such as project:read."
        },
        "status": {"enum":["active","expired","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "created_by": {
          "type": ["string","null"],
          "format": "uuid",
          "description": "The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership."
        },
        "expires_at": {"type":["string","null"],"format":"date-time","description":"When it ends by itself; null for never."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where it may be used from, in CIDR notation; empty for anywhere."
        }
      },
      "description": "A key that opens the API with its own permissions.",
      "additionalProperties": true
    }', false),
  ('api_key.updated', 'api_key', 'An API key was given another name, other networks, or, when it was rotated, an end.', '{
      "type": "object",
      "title": "api_key",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "prefix",
        "scopes",
        "status",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "allowed_networks",
        "created_by"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Nightly import"],"description":"What it is for, 1 to 200 characters."},
        "prefix": {"type":"string","examples":["fh_live_a1b2c3"],"description":"The beginning of the key, to tell keys apart."},
        "scopes": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read"]],
          "description": "Permissions of the key, such as project:read."
        },
        "status": {"enum":["active","expired","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "created_by": {
          "type": ["string","null"],
          "format": "uuid",
          "description": "The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership."
        },
        "expires_at": {"type":["string","null"],"format":"date-time","description":"When it ends by itself; null for never."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where it may be used from, in CIDR notation; empty for anywhere."
        }
      },
      "description": "A key that opens the API with its own permissions.",
      "additionalProperties": true
    }', false),
  ('feature.used', 'feature_usage', 'The use of a feature was metered.', '{
      "type": "object",
      "title": "feature_use",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["feature","quantity","day"],
      "properties": {
        "day": {"type":"string","format":"date","description":"The day on which it counts, in UTC."},
        "feature": {"type":"string","examples":["search"],"description":"The feature."},
        "quantity": {"type":"integer","description":"How often, or how much, in the unit of the feature."}
      },
      "description": "One use of a feature.",
      "additionalProperties": true
    }', true),
  ('group_role.created', 'group_role', 'A group of the directory was given a role.', '{
      "type": "object",
      "title": "group_role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","group_name","role","position","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["member"],"description":"The role that it gives."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "position": {
          "type": "integer",
          "examples": [100],
          "description": "Which one counts, when somebody is in several: the lowest. 1 to 1000."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "group_name": {
          "type": "string",
          "examples": ["Engineering"],
          "description": "The group''s name in the directory, 1 to 200 characters."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "The role that members of a group of the directory have. Of several, the one with the lowest position counts.",
      "additionalProperties": true
    }', false),
  ('group_role.deleted', 'group_role', 'A group of the directory gives no role any more.', '{
      "type": "object",
      "title": "group_role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","group_name","role","position","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["member"],"description":"The role that it gives."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "position": {
          "type": "integer",
          "examples": [100],
          "description": "Which one counts, when somebody is in several: the lowest. 1 to 1000."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "group_name": {
          "type": "string",
          "examples": ["Engineering"],
          "description": "The group''s name in the directory, 1 to 200 characters."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "The role that members of a group of the directory have. Of several, the one with the lowest position counts.",
      "additionalProperties": true
    }', false),
  ('group_role.updated', 'group_role', 'Another role, name or position was given to a group of the directory.', '{
      "type": "object",
      "title": "group_role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","group_name","role","position","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["member"],"description":"The role that it gives."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "position": {
          "type": "integer",
          "examples": [100],
          "description": "Which one counts, when somebody is in several: the lowest. 1 to 1000."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "group_name": {
          "type": "string",
          "examples": ["Engineering"],
          "description": "The group''s name in the directory, 1 to 200 characters."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "The role that members of a group of the directory have. Of several, the one with the lowest position counts.",
      "additionalProperties": true
    }', false),
  ('impersonation.began', 'impersonation', 'Support began to act as a member of the tenant, for the reason that it gives.', '{
      "type": "object",
      "title": "impersonation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","membership_id","email","reason","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "email": {"type":"string","format":"email","examples":["support@vendor.example"],"description":"Who acted."},
        "reason": {"type":"string","examples":["Ticket 4711: the export fails."],"description":"Why, as they gave it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":"string","format":"uuid","description":"The member as whom they acted."}
      },
      "description": "Support acted as a member of the tenant. The events of that time have its id as their impersonator.",
      "additionalProperties": true
    }', false),
  ('impersonation.updated', 'impersonation', 'Never recorded: an impersonation does not change.', '{
      "type": "object",
      "title": "impersonation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","membership_id","email","reason","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "email": {"type":"string","format":"email","examples":["support@vendor.example"],"description":"Who acted."},
        "reason": {"type":"string","examples":["Ticket 4711: the export fails."],"description":"Why, as they gave it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":"string","format":"uuid","description":"The member as whom they acted."}
      },
      "description": "Support acted as a member of the tenant. The events of that time have its id as their impersonator.",
      "additionalProperties": true
    }', false),
  ('invitation.accepted', 'invitation', 'The person who was invited joined the tenant.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('invitation.expired', 'invitation', 'An invitation was not accepted in time, and its seat is free.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('invitation.resent', 'invitation', 'An invitation was sent again, and can be accepted for longer.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('invitation.revoked', 'invitation', 'An invitation was taken back, and its seat is free.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('invitation.updated', 'invitation', 'Never recorded: an invitation is sent again, or ends.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('invoice.created', 'invoice', 'An invoice was begun as a draft, which may still change.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('invoice.finalized', 'invoice', 'An invoice got its number and its dates; it is fixed, and waits for payment.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('invoice.marked_uncollectible', 'invoice', 'An invoice was given up; it can still be paid, or voided.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('invoice.paid', 'invoice', 'An invoice was paid.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('invoice.updated', 'invoice', 'The draft of an invoice was changed.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('invoice.voided', 'invoice', 'An invoice was withdrawn; its number stays.', '{
      "type": "object",
      "title": "invoice",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "number",
        "subscription_id",
        "currency",
        "total",
        "status",
        "period_start",
        "period_end",
        "issued_at",
        "due_at",
        "paid_at",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "total": {"type":"integer","examples":[4900],"description":"Sum of the lines, in minor units of the currency."},
        "due_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When it should be paid: 14 days after it was finalized."
        },
        "number": {
          "type": ["string","null"],
          "description": "INV-000001 and on, without gaps in a tenant; given when the invoice is finalized."
        },
        "status": {"enum":["draft","open","paid","uncollectible","void"],"type":"string","description":"State in its lifecycle."},
        "paid_at": {"type":["string","null"],"format":"date-time","description":"When it was paid."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "currency": {"type":"string","examples":["EUR"],"description":"Currency of all its amounts, as ISO 4217 has it."},
        "issued_at": {"type":["string","null"],"format":"date-time","description":"When it was finalized."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-28T12:00:00+00:00"],
          "description": "End of the time that it is for."
        },
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "period_start": {"type":"string","format":"date-time","description":"Start of the time that it is for."},
        "subscription_id": {"type":"string","format":"uuid","description":"The subscription that it is for."}
      },
      "description": "What the tenant is asked to pay. Fixed from the moment it is open.",
      "additionalProperties": true
    }', false),
  ('project.archived', 'project', 'A project was put away; it can be restored.', '{
      "type": "object",
      "title": "project",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","name","description","lead_id","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Rocket"],"description":"Name, 1 to 200 characters."},
        "status": {"enum":["active","archived","deleted"],"type":"string","description":"State in its lifecycle."},
        "lead_id": {"type":["string","null"],"format":"uuid","description":"The member who leads it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "description": {
          "type": "string",
          "examples": ["To the moon and back."],
          "description": "What it is about, up to 10,000 characters."
        }
      },
      "description": "Something that the tenant works on.",
      "additionalProperties": true
    }', false),
  ('project.created', 'project', 'A project was begun.', '{
      "type": "object",
      "title": "project",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","name","description","lead_id","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Rocket"],"description":"Name, 1 to 200 characters."},
        "status": {"enum":["active","archived","deleted"],"type":"string","description":"State in its lifecycle."},
        "lead_id": {"type":["string","null"],"format":"uuid","description":"The member who leads it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "description": {
          "type": "string",
          "examples": ["To the moon and back."],
          "description": "What it is about, up to 10,000 characters."
        }
      },
      "description": "Something that the tenant works on.",
      "additionalProperties": true
    }', false),
  ('project.deleted', 'project', 'A project was removed from view for good.', '{
      "type": "object",
      "title": "project",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","name","description","lead_id","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Rocket"],"description":"Name, 1 to 200 characters."},
        "status": {"enum":["active","archived","deleted"],"type":"string","description":"State in its lifecycle."},
        "lead_id": {"type":["string","null"],"format":"uuid","description":"The member who leads it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "description": {
          "type": "string",
          "examples": ["To the moon and back."],
          "description": "What it is about, up to 10,000 characters."
        }
      },
      "description": "Something that the tenant works on.",
      "additionalProperties": true
    }', false),
  ('project.restored', 'project', 'An archived project was taken up again.', '{
      "type": "object",
      "title": "project",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","name","description","lead_id","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Rocket"],"description":"Name, 1 to 200 characters."},
        "status": {"enum":["active","archived","deleted"],"type":"string","description":"State in its lifecycle."},
        "lead_id": {"type":["string","null"],"format":"uuid","description":"The member who leads it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "description": {
          "type": "string",
          "examples": ["To the moon and back."],
          "description": "What it is about, up to 10,000 characters."
        }
      },
      "description": "Something that the tenant works on.",
      "additionalProperties": true
    }', false),
  ('project.updated', 'project', 'The name, the description or the lead of a project was changed.', '{
      "type": "object",
      "title": "project",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","name","description","lead_id","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Rocket"],"description":"Name, 1 to 200 characters."},
        "status": {"enum":["active","archived","deleted"],"type":"string","description":"State in its lifecycle."},
        "lead_id": {"type":["string","null"],"format":"uuid","description":"The member who leads it."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "description": {
          "type": "string",
          "examples": ["To the moon and back."],
          "description": "What it is about, up to 10,000 characters."
        }
      },
      "description": "Something that the tenant works on.",
      "additionalProperties": true
    }', false),
  ('report.downloaded', 'report', 'Somebody began to download a report.', '{
      "type": "object",
      "title": "report_download",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","kind","row_count","byte_count"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier of the report."},
        "kind": {"type":"string","examples":["invoices"],"description":"events, invoices, members or usage."},
        "row_count": {"type":"integer","description":"Rows in the export."},
        "byte_count": {"type":"integer","description":"Size of the export."}
      },
      "description": "The report that was downloaded, in short.",
      "additionalProperties": true
    }', true),
  ('report.expired', 'report', 'The content of a report was deleted; it can no longer be downloaded.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('report.exported', 'report', 'A report is ready, and can be downloaded until expires_at.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('report.failed', 'report', 'A report could not be made; error says why.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('report.requested', 'report', 'A report was asked for, and waits for the worker.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('report.started', 'report', 'The worker began to make a report.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('report.updated', 'report', 'A report was changed, other than by a step of its lifecycle.', '{
      "type": "object",
      "title": "report",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "kind",
        "since",
        "status",
        "row_count",
        "byte_count",
        "error",
        "expires_at",
        "version",
        "created_at",
        "updated_at",
        "format"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "kind": {
          "type": "string",
          "examples": ["invoices"],
          "description": "events, audit (events with the names of who did it), invoices, members or usage."
        },
        "error": {"type":["string","null"],"description":"Why it failed."},
        "since": {"type":["string","null"],"format":"date-time","description":"Only what happened from then on; all when null."},
        "format": {"type":"string","examples":["csv"],"description":"ndjson, one JSON object a line; or csv, with a header."},
        "status": {
          "enum": ["expired","exported","failed","requested","running"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "row_count": {"type":["integer","null"],"description":"Rows in the export."},
        "byte_count": {"type":["integer","null"],"description":"Size of the export."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {"type":["string","null"],"format":"date-time","description":"Until when it can be downloaded."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "An export of the tenant''s data as newline-delimited JSON or CSV, made by the worker.",
      "additionalProperties": true
    }', false),
  ('role.created', 'role', 'The tenant was given a role of its own.', '{
      "type": "object",
      "title": "role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","key","name","permissions","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "key": {
          "type": "string",
          "examples": ["auditor"],
          "description": "What members, invitations and groups name it by: lower-case letters, digits and _."
        },
        "name": {"type":"string","examples":["Auditor"],"description":"Name as people see it."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "permissions": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read","event:read"]],
          "description": "What it may do, such as project:read."
        }
      },
      "description": "A role of the tenant''s own, beside owner, admin, member, viewer and billing.",
      "additionalProperties": true
    }', false),
  ('role.deleted', 'role', 'A role of the tenant ended.', '{
      "type": "object",
      "title": "role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","key","name","permissions","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "key": {
          "type": "string",
          "examples": ["auditor"],
          "description": "What members, invitations and groups name it by: lower-case letters, digits and _."
        },
        "name": {"type":"string","examples":["Auditor"],"description":"Name as people see it."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "permissions": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read","event:read"]],
          "description": "What it may do, such as project:read."
        }
      },
      "description": "A role of the tenant''s own, beside owner, admin, member, viewer and billing.",
      "additionalProperties": true
    }', false),
  ('role.updated', 'role', 'A role was given another name, or other permissions, which its members have from their next statement on.', '{
      "type": "object",
      "title": "role",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","key","name","permissions","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "key": {
          "type": "string",
          "examples": ["auditor"],
          "description": "What members, invitations and groups name it by: lower-case letters, digits and _."
        },
        "name": {"type":"string","examples":["Auditor"],"description":"Name as people see it."},
        "status": {"enum":["active","deleted"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "permissions": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["project:read","event:read"]],
          "description": "What it may do, such as project:read."
        }
      },
      "description": "A role of the tenant''s own, beside owner, admin, member, viewer and billing.",
      "additionalProperties": true
    }', false),
  ('subscription.activated', 'subscription', 'A trial turned into a paid subscription, or what was past due was paid.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.canceled', 'subscription', 'A subscription ended, and the free plan holds.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.created', 'subscription', 'A subscription began, with a trial when its plan has one.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.downgraded', 'subscription', 'The subscription went to a lower plan.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.past_due', 'subscription', 'A payment failed; the plan still holds.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.paused', 'subscription', 'A subscription was set aside: nothing is charged, and the free plan holds.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.renewed', 'subscription', 'A new period of the subscription began.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.resumed', 'subscription', 'A paused subscription goes on, and its plan holds again.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.updated', 'subscription', 'A subscription was changed in a way that has no event of its own: a downgrade waits for the next period.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('subscription.upgraded', 'subscription', 'The subscription went to a higher plan.', '{
      "type": "object",
      "title": "subscription",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "plan",
        "next_plan",
        "status",
        "trial_ends_at",
        "anchor",
        "period",
        "current_period_start",
        "current_period_end",
        "version",
        "created_at",
        "updated_at"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "plan": {"type":"string","examples":["team"],"description":"The plan that holds now."},
        "anchor": {
          "type": "string",
          "format": "date-time",
          "description": "Start of the first paid period: the n-th begins n months later, so that the 31st does not drift."
        },
        "period": {"type":"integer","examples":[0],"description":"Number of the current period, from 0."},
        "status": {
          "enum": ["active","canceled","past_due","paused","trialing"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "next_plan": {"type":["string","null"],"description":"The plan from the next period on, when a downgrade is waiting."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "trial_ends_at": {
          "type": ["string","null"],
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the trial turns into a paid subscription by itself."
        },
        "current_period_end": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-14T12:00:00+00:00"],
          "description": "When the current period ends, and the next begins."
        },
        "current_period_start": {"type":"string","format":"date-time","description":"When the current period began."}
      },
      "description": "What the tenant pays for.",
      "additionalProperties": true
    }', false),
  ('tenant.activated', 'tenant', 'A tenant was set up, and is in use.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.closed', 'tenant', 'A tenant ended with its grace period, and what it had is deleted.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.closing', 'tenant', 'A tenant is about to end: everybody is locked out, and it is closed at closes_at.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.created', 'tenant', 'A tenant was made, and is being set up.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.reactivated', 'tenant', 'A suspended tenant is in use again.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.security_changed', 'tenant', 'What a tenant demands of those who sign in, or whom it admits, was changed.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.suspended', 'tenant', 'A tenant was suspended: members and API keys are locked out, and nothing is lost.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('tenant.updated', 'tenant', 'A tenant was given another name.', '{
      "type": "object",
      "title": "tenant",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "name",
        "slug",
        "status",
        "closes_at",
        "version",
        "created_at",
        "updated_at",
        "admit_verified_domains",
        "default_role",
        "max_session_hours",
        "max_idle_minutes",
        "allowed_networks",
        "login_methods",
        "require_sso",
        "stream_audit_log"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Acme Ltd"],"description":"Name as people see it."},
        "slug": {"type":"string","examples":["acme"],"description":"Short name in addresses; unique over all tenants."},
        "status": {
          "enum": ["active","closed","closing","provisioning","suspended"],
          "type": "string",
          "description": "State in its lifecycle."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "closes_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the grace period ends and the tenant is closed."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "require_sso": {"type":"boolean","description":"Whether members must come by single sign-on."},
        "default_role": {
          "type": "string",
          "examples": ["member"],
          "description": "The role of who joins without an invitation or a group that gives one."
        },
        "login_methods": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["SSO","Passkey"]],
          "description": "How members may sign in, as the identity provider names it; empty for any way."
        },
        "allowed_networks": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["203.0.113.0/24"]],
          "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."
        },
        "max_idle_minutes": {"type":"integer","examples":[1440],"description":"How long a session may go unused: 5 to 129600 minutes."},
        "stream_audit_log": {"type":"boolean","description":"Whether its events go to the audit log of the identity provider, from now on."},
        "max_session_hours": {"type":"integer","examples":[168],"description":"How long a session lasts at most: 1 to 2160 hours."},
        "admit_verified_domains": {
          "type": "boolean",
          "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."
        }
      },
      "description": "The organization that everything else belongs to.",
      "additionalProperties": true
    }', false),
  ('user.invited', 'invitation', 'A person was invited to join the tenant, and a seat is held for them.', '{
      "type": "object",
      "title": "invitation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","email","role","status","expires_at","invited_by","membership_id","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "role": {"type":"string","examples":["viewer"],"description":"The role that the person will have."},
        "email": {"type":"string","format":"email","examples":["grace@example.com"],"description":"Where it was sent."},
        "status": {"enum":["accepted","expired","pending","revoked"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "expires_at": {
          "type": "string",
          "format": "date-time",
          "examples": ["2026-02-07T12:00:00+00:00"],
          "description": "When it can no longer be accepted: seven days unless set."
        },
        "invited_by": {"type":["string","null"],"format":"uuid","description":"The member who invited."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "membership_id": {"type":["string","null"],"format":"uuid","description":"The membership that came of it."}
      },
      "description": "An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.",
      "additionalProperties": true
    }', false),
  ('user.joined', 'membership', 'A person became a member of the tenant.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('user.reactivated', 'membership', 'A suspended member was let in again.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('user.removed', 'membership', 'A member left the tenant, or was removed from it, for good.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('user.role_changed', 'membership', 'A member was given another role.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('user.signed_in', 'membership', 'A member signed in with a browser, or came over from another tenant of theirs.', '{
      "type": "object",
      "title": "sign_in",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","session_id","method","ip","user_agent"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"The membership."},
        "ip": {"type":["string","null"],"examples":["203.0.113.7"],"description":"The address that they came from."},
        "method": {
          "type": ["string","null"],
          "examples": ["SSO"],
          "description": "How the person proved who they are, as the identity provider names it."
        },
        "session_id": {"type":"string","format":"uuid","description":"The session that began."},
        "user_agent": {"type":["string","null"],"description":"What their browser calls itself."}
      },
      "description": "One sign-in.",
      "additionalProperties": true
    }', true),
  ('user.signed_out', 'membership', 'A session of a member ended before its time.', '{
      "type": "object",
      "title": "sign_out",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","session_id","reason"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"The membership."},
        "reason": {
          "enum": ["signed_out","revoked","refused_by_provider"],
          "type": "string",
          "description": "signed_out in this browser; revoked from another one; refused_by_provider when the identity provider has ended it."
        },
        "session_id": {"type":"string","format":"uuid","description":"The session that ended."}
      },
      "description": "The end of a session.",
      "additionalProperties": true
    }', true),
  ('user.suspended', 'membership', 'A member was locked out, from their next request on.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('user.updated', 'membership', 'The name or the address of a member was changed.', '{
      "type": "object",
      "title": "membership",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","person_id","email","name","role","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "name": {"type":"string","examples":["Ada Lovelace"],"description":"Name as people see it."},
        "role": {
          "type": "string",
          "examples": ["member"],
          "description": "owner, admin, member, viewer, billing, or the key of a role of the tenant."
        },
        "email": {
          "type": "string",
          "format": "email",
          "examples": ["ada@example.com"],
          "description": "Address as the identity provider verified it."
        },
        "status": {"enum":["active","removed","suspended"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "person_id": {"type":"string","format":"uuid","description":"The person, whatever tenants they belong to."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."}
      },
      "description": "A person who works in the tenant, with one role.",
      "additionalProperties": true
    }', false),
  ('webhook_endpoint.created', 'webhook_endpoint', 'A webhook endpoint was made. Its signing secret is in no event.', '{
      "type": "object",
      "title": "webhook_endpoint",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "url",
        "description",
        "event_types",
        "status",
        "version",
        "created_at",
        "updated_at",
        "channels",
        "ordered",
        "rate_limit",
        "concurrency",
        "retry_delays",
        "disabled_reason"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "url": {
          "type": "string",
          "format": "uri",
          "examples": ["https://receiver.example/webhooks"],
          "description": "Where to post: https, without user, password and fragment."
        },
        "status": {"enum":["disabled","enabled"],"type":"string","description":"State in its lifecycle."},
        "ordered": {
          "type": "boolean",
          "description": "One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "channels": {
          "type": "array",
          "items": {"type":"string"},
          "description": "Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "rate_limit": {"type":["integer","null"],"description":"Messages a second at most; null for no limit."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "concurrency": {"type":["integer","null"],"description":"Messages at a time at most; null for no limit of its own."},
        "description": {"type":"string","examples":["Bookkeeping"],"description":"What it is for."},
        "event_types": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["invoice.*"]],
          "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."
        },
        "retry_delays": {
          "type": "array",
          "items": {"type":"integer"},
          "description": "Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries."
        },
        "disabled_reason": {
          "type": ["string","null"],
          "description": "Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it."
        }
      },
      "description": "An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).",
      "additionalProperties": true
    }', false),
  ('webhook_endpoint.disabled', 'webhook_endpoint', 'A webhook endpoint was disabled, and nothing is delivered to it.', '{
      "type": "object",
      "title": "webhook_endpoint",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "url",
        "description",
        "event_types",
        "status",
        "version",
        "created_at",
        "updated_at",
        "channels",
        "ordered",
        "rate_limit",
        "concurrency",
        "retry_delays",
        "disabled_reason"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "url": {
          "type": "string",
          "format": "uri",
          "examples": ["https://receiver.example/webhooks"],
          "description": "Where to post: https, without user, password and fragment."
        },
        "status": {"enum":["disabled","enabled"],"type":"string","description":"State in its lifecycle."},
        "ordered": {
          "type": "boolean",
          "description": "One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "channels": {
          "type": "array",
          "items": {"type":"string"},
          "description": "Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "rate_limit": {"type":["integer","null"],"description":"Messages a second at most; null for no limit."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "concurrency": {"type":["integer","null"],"description":"Messages at a time at most; null for no limit of its own."},
        "description": {"type":"string","examples":["Bookkeeping"],"description":"What it is for."},
        "event_types": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["invoice.*"]],
          "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."
        },
        "retry_delays": {
          "type": "array",
          "items": {"type":"integer"},
          "description": "Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries."
        },
        "disabled_reason": {
          "type": ["string","null"],
          "description": "Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it."
        }
      },
      "description": "An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).",
      "additionalProperties": true
    }', false),
  ('webhook_endpoint.enabled', 'webhook_endpoint', 'A webhook endpoint was enabled, and what happens from now on is delivered to it.', '{
      "type": "object",
      "title": "webhook_endpoint",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "url",
        "description",
        "event_types",
        "status",
        "version",
        "created_at",
        "updated_at",
        "channels",
        "ordered",
        "rate_limit",
        "concurrency",
        "retry_delays",
        "disabled_reason"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "url": {
          "type": "string",
          "format": "uri",
          "examples": ["https://receiver.example/webhooks"],
          "description": "Where to post: https, without user, password and fragment."
        },
        "status": {"enum":["disabled","enabled"],"type":"string","description":"State in its lifecycle."},
        "ordered": {
          "type": "boolean",
          "description": "One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "channels": {
          "type": "array",
          "items": {"type":"string"},
          "description": "Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "rate_limit": {"type":["integer","null"],"description":"Messages a second at most; null for no limit."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "concurrency": {"type":["integer","null"],"description":"Messages at a time at most; null for no limit of its own."},
        "description": {"type":"string","examples":["Bookkeeping"],"description":"What it is for."},
        "event_types": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["invoice.*"]],
          "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."
        },
        "retry_delays": {
          "type": "array",
          "items": {"type":"integer"},
          "description": "Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries."
        },
        "disabled_reason": {
          "type": ["string","null"],
          "description": "Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it."
        }
      },
      "description": "An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).",
      "additionalProperties": true
    }', false),
  ('webhook_endpoint.failing', 'webhook_endpoint', 'Nothing but failures at a webhook endpoint, for half of the time after which it is disabled.', '{
      "type": "object",
      "title": "webhook_endpoint_warning",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","url","description","failing_since","disables_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"The endpoint."},
        "url": {"type":"string","description":"Where it is."},
        "description": {"type":"string","description":"What it is for."},
        "disables_at": {"type":"string","format":"date-time","description":"When it is disabled, unless a delivery succeeds before."},
        "failing_since": {"type":"string","format":"date-time","description":"Since when every delivery to it has failed."}
      },
      "description": "A webhook endpoint at which everything fails.",
      "additionalProperties": true
    }', true),
  ('webhook_endpoint.key_rotated', 'webhook_endpoint', 'A webhook endpoint was given a new signing key; the former one signs for some time yet.', '{
      "type": "object",
      "title": "webhook_endpoint_key_rotation",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","scheme","key_id","public_key","former_expires_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"The endpoint."},
        "key_id": {"type":"string","format":"uuid","description":"The new key."},
        "scheme": {"enum":["v1","v1a"],"type":"string","description":"Signature scheme of the key."},
        "public_key": {"type":["string","null"],"description":"whpk_ and base64, for scheme v1a."},
        "former_expires_at": {
          "type": ["string","null"],
          "format": "date-time",
          "description": "When the former key stops signing; null when there was none."
        }
      },
      "description": "A signing key of a webhook endpoint, and until when the former one signs.",
      "additionalProperties": true
    }', true),
  ('webhook_endpoint.tested', 'webhook_endpoint', 'Somebody asked for a test event. It goes to that endpoint alone, whatever it is subscribed to.', '{
      "type": "object",
      "title": "webhook_endpoint_test",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","message"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"The endpoint."},
        "message": {"type":"string","description":"What the caller gave along."}
      },
      "description": "What was given along with a test.",
      "additionalProperties": true
    }', true),
  ('webhook_endpoint.updated', 'webhook_endpoint', 'What a webhook endpoint is told of, where, or how, was changed.', '{
      "type": "object",
      "title": "webhook_endpoint",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": [
        "id",
        "url",
        "description",
        "event_types",
        "status",
        "version",
        "created_at",
        "updated_at",
        "channels",
        "ordered",
        "rate_limit",
        "concurrency",
        "retry_delays",
        "disabled_reason"
      ],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "url": {
          "type": "string",
          "format": "uri",
          "examples": ["https://receiver.example/webhooks"],
          "description": "Where to post: https, without user, password and fragment."
        },
        "status": {"enum":["disabled","enabled"],"type":"string","description":"State in its lifecycle."},
        "ordered": {
          "type": "boolean",
          "description": "One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up."
        },
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "channels": {
          "type": "array",
          "items": {"type":"string"},
          "description": "Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>."
        },
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "rate_limit": {"type":["integer","null"],"description":"Messages a second at most; null for no limit."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "concurrency": {"type":["integer","null"],"description":"Messages at a time at most; null for no limit of its own."},
        "description": {"type":"string","examples":["Bookkeeping"],"description":"What it is for."},
        "event_types": {
          "type": "array",
          "items": {"type":"string"},
          "examples": [["invoice.*"]],
          "description": "What it is told of: exact types, all of an entity (invoice.*), or everything (*)."
        },
        "retry_delays": {
          "type": "array",
          "items": {"type":"integer"},
          "description": "Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries."
        },
        "disabled_reason": {
          "type": ["string","null"],
          "description": "Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it."
        }
      },
      "description": "An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).",
      "additionalProperties": true
    }', false),
  ('webhook_replay.canceled', 'webhook_replay', 'A replay was stopped, by somebody or because its endpoint was disabled; what it had queued is delivered.', '{
      "type": "object",
      "title": "webhook_replay",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","endpoint_id","since","until","failed_only","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "since": {
          "type": "string",
          "format": "date-time",
          "description": "Events from then on, as far back as the plan keeps them in sight."
        },
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "Events before that; the time of the request when not given."
        },
        "status": {"enum":["canceled","completed","failed","running"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "endpoint_id": {"type":"string","format":"uuid","description":"The endpoint that is told; it must be enabled."},
        "failed_only": {"type":"boolean","description":"Only deliveries that were given up."}
      },
      "description": "Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.",
      "additionalProperties": true
    }', false),
  ('webhook_replay.completed', 'webhook_replay', 'All events of a replay were queued for delivery.', '{
      "type": "object",
      "title": "webhook_replay",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","endpoint_id","since","until","failed_only","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "since": {
          "type": "string",
          "format": "date-time",
          "description": "Events from then on, as far back as the plan keeps them in sight."
        },
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "Events before that; the time of the request when not given."
        },
        "status": {"enum":["canceled","completed","failed","running"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "endpoint_id": {"type":"string","format":"uuid","description":"The endpoint that is told; it must be enabled."},
        "failed_only": {"type":"boolean","description":"Only deliveries that were given up."}
      },
      "description": "Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.",
      "additionalProperties": true
    }', false),
  ('webhook_replay.failed', 'webhook_replay', 'A replay could not be gone on with: queued says how far it came.', '{
      "type": "object",
      "title": "webhook_replay",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","endpoint_id","since","until","failed_only","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "since": {
          "type": "string",
          "format": "date-time",
          "description": "Events from then on, as far back as the plan keeps them in sight."
        },
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "Events before that; the time of the request when not given."
        },
        "status": {"enum":["canceled","completed","failed","running"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "endpoint_id": {"type":"string","format":"uuid","description":"The endpoint that is told; it must be enabled."},
        "failed_only": {"type":"boolean","description":"Only deliveries that were given up."}
      },
      "description": "Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.",
      "additionalProperties": true
    }', false),
  ('webhook_replay.requested', 'webhook_replay', 'Somebody asked that the events of a time be sent to an endpoint, once more or for the first time.', '{
      "type": "object",
      "title": "webhook_replay",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","endpoint_id","since","until","failed_only","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "since": {
          "type": "string",
          "format": "date-time",
          "description": "Events from then on, as far back as the plan keeps them in sight."
        },
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "Events before that; the time of the request when not given."
        },
        "status": {"enum":["canceled","completed","failed","running"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "endpoint_id": {"type":"string","format":"uuid","description":"The endpoint that is told; it must be enabled."},
        "failed_only": {"type":"boolean","description":"Only deliveries that were given up."}
      },
      "description": "Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.",
      "additionalProperties": true
    }', false),
  ('webhook_replay.updated', 'webhook_replay', 'A replay went on: queued counts the deliveries that it has made so far.', '{
      "type": "object",
      "title": "webhook_replay",
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "required": ["id","endpoint_id","since","until","failed_only","status","version","created_at","updated_at"],
      "properties": {
        "id": {"type":"string","format":"uuid","description":"Identifier."},
        "since": {
          "type": "string",
          "format": "date-time",
          "description": "Events from then on, as far back as the plan keeps them in sight."
        },
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "Events before that; the time of the request when not given."
        },
        "status": {"enum":["canceled","completed","failed","running"],"type":"string","description":"State in its lifecycle."},
        "version": {"type":"integer","description":"Counts its changes, from 1: the version to expect when changing it."},
        "created_at": {"type":"string","format":"date-time","description":"When it was created."},
        "updated_at": {"type":"string","format":"date-time","description":"When it was last changed."},
        "endpoint_id": {"type":"string","format":"uuid","description":"The endpoint that is told; it must be enabled."},
        "failed_only": {"type":"boolean","description":"Only deliveries that were given up."}
      },
      "description": "Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.",
      "additionalProperties": true
    }', false);

create table catalog.plan (
  key text not null,
  name text not null,
  description text not null,
  rank integer not null,
  currency text not null,
  monthly_price bigint not null,
  trial_days integer not null,
  constraint plan_pkey PRIMARY KEY (key),
  constraint plan_rank_key UNIQUE (rank),
  constraint plan_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint plan_key_check CHECK ((key ~ '^[a-z][a-z0-9_]*$'::text)),
  constraint plan_monthly_price_check CHECK (((monthly_price >= 0) AND (monthly_price <= '100000000000'::bigint))),
  constraint plan_trial_days_check CHECK (((trial_days >= 0) AND (trial_days <= 365)))
);
alter table catalog.plan owner to freehold_owner;
grant select on catalog.plan to freehold_janitor;
grant select on catalog.plan to freehold_recorder;
grant select on catalog.plan to freehold_user;
comment on table catalog.plan is '@reference
A plan that a tenant can subscribe to.';
comment on column catalog.plan.rank is 'Plans of higher rank are upgrades.';
comment on column catalog.plan.monthly_price is 'Price of a month in minor units of the currency.';
comment on constraint plan_rank_key on catalog.plan is '@behavior -single';
insert into catalog.plan (key, name, description, rank, currency, monthly_price, trial_days) values
  ('business', 'Business', 'For several teams, with reports and single sign-on.', 20, 'EUR', 19900, 14),
  ('enterprise', 'Enterprise', 'Without limits.', 30, 'EUR', 99900, 30),
  ('free', 'Free', 'To try it out.', 0, 'EUR', 0, 0),
  ('team', 'Team', 'For one team.', 10, 'EUR', 4900, 14);

create table catalog.plan_entitlement (
  plan text not null,
  key text not null,
  value bigint,
  constraint plan_entitlement_pkey PRIMARY KEY (plan, key),
  constraint plan_entitlement_plan_fkey FOREIGN KEY (plan) REFERENCES catalog.plan(key) ON DELETE CASCADE,
  constraint plan_entitlement_key_check CHECK ((key ~ '^[a-z][a-z0-9_]*$'::text)),
  constraint plan_entitlement_value_check CHECK ((value >= 0))
);
alter table catalog.plan_entitlement owner to freehold_owner;
grant select on catalog.plan_entitlement to freehold_user;
comment on table catalog.plan_entitlement is '@reference
What a plan allows: a number, 1 for a feature that is included, null for no limit.';
comment on column catalog.plan_entitlement.value is 'The limit; null for none.';
insert into catalog.plan_entitlement (plan, key, value) values
  ('business', 'projects', 500),
  ('business', 'reports', 1),
  ('business', 'retention_days', 365),
  ('business', 'seats', 100),
  ('business', 'sso', 1),
  ('enterprise', 'projects', null),
  ('enterprise', 'reports', 1),
  ('enterprise', 'retention_days', 2555),
  ('enterprise', 'seats', null),
  ('enterprise', 'sso', 1),
  ('free', 'projects', 3),
  ('free', 'reports', 0),
  ('free', 'retention_days', 30),
  ('free', 'seats', 3),
  ('free', 'sso', 0),
  ('team', 'projects', 25),
  ('team', 'reports', 1),
  ('team', 'retention_days', 90),
  ('team', 'seats', 10),
  ('team', 'sso', 0);

CREATE OR REPLACE FUNCTION catalog.plan_rank(plan text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT p.rank
    FROM catalog.plan p
   WHERE (p.key = plan_rank.plan);
END;
alter function catalog.plan_rank(plan text) owner to freehold_owner;
grant execute on function catalog.plan_rank(plan text) to freehold_recorder;
grant execute on function catalog.plan_rank(plan text) to freehold_user;
comment on function catalog.plan_rank(plan text) is '@behavior -*
Rank of a plan; null when there is none.';

-- ======== generated =======================================================================

create schema generated authorization freehold_owner;
grant create, usage on schema generated to freehold_recorder;
comment on schema generated is 'Functions written by platform.declare_entity. Never edited by hand.';

CREATE OR REPLACE FUNCTION generated.api_key_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('api_key cannot begin as %s', new.status),
      detail = 'A new one is active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.api_key_begin() owner to freehold_owner;
comment on function generated.api_key_begin() is 'Before a api_key is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.api_key_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('api_key', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'expired'), ('active', 'revoked')) then
    perform platform.raise_illegal_transition('api_key', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.api_key_follow() owner to freehold_owner;
comment on function generated.api_key_follow() is 'Before a api_key is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.api_key_record_insert()
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks, 'created_by', new.created_by), null,
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
    new.tenant_id, 'api_key.created', 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks, 'created_by', new.created_by), null, 'operator');
  return null;
end
$function$;
alter function generated.api_key_record_insert() owner to freehold_recorder;
grant execute on function generated.api_key_record_insert() to freehold_owner;
comment on function generated.api_key_record_insert() is 'After each insert of api_key: one event.';

CREATE OR REPLACE FUNCTION generated.api_key_record_update()
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
      when old.status = 'active' and new.status = 'expired' then 'api_key.expired'
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks, 'created_by', new.created_by), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.created_by is distinct from old.created_by then jsonb_build_object('created_by', old.created_by) else '{}' end,
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
      when old.status = 'active' and new.status = 'expired' then 'api_key.expired'
      when old.status = 'active' and new.status = 'revoked' then 'api_key.revoked' else 'api_key.updated' end, 'api_key', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'prefix', new.prefix, 'scopes', new.scopes, 'status', new.status, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'allowed_networks', new.allowed_networks, 'created_by', new.created_by), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.prefix is distinct from old.prefix then jsonb_build_object('prefix', old.prefix) else '{}' end
      || case when new.scopes is distinct from old.scopes then jsonb_build_object('scopes', old.scopes) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.created_by is distinct from old.created_by then jsonb_build_object('created_by', old.created_by) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.api_key_record_update() owner to freehold_recorder;
grant execute on function generated.api_key_record_update() to freehold_owner;
comment on function generated.api_key_record_update() is 'After each update of api_key: one event.';

CREATE OR REPLACE FUNCTION generated.group_role_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('group_role cannot begin as %s', new.status),
      detail = 'A new one is active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.group_role_begin() owner to freehold_owner;
comment on function generated.group_role_begin() is 'Before a group_role is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.group_role_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('group_role', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'deleted')) then
    perform platform.raise_illegal_transition('group_role', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.group_role_follow() owner to freehold_owner;
comment on function generated.group_role_follow() is 'Before a group_role is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.group_role_record_insert()
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
    new.tenant_id, 'group_role.created', 'group_role', new.id, new.version, jsonb_build_object('id', new.id, 'group_name', new.group_name, 'role', new.role, 'position', new."position", 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'group_role.created', 'group_role', new.id, new.version, jsonb_build_object('id', new.id, 'group_name', new.group_name, 'role', new.role, 'position', new."position", 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.group_role_record_insert() owner to freehold_recorder;
grant execute on function generated.group_role_record_insert() to freehold_owner;
comment on function generated.group_role_record_insert() is 'After each insert of group_role: one event.';

CREATE OR REPLACE FUNCTION generated.group_role_record_update()
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
      when old.status = 'active' and new.status = 'deleted' then 'group_role.deleted' else 'group_role.updated' end, 'group_role', new.id, new.version, jsonb_build_object('id', new.id, 'group_name', new.group_name, 'role', new.role, 'position', new."position", 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.group_name is distinct from old.group_name then jsonb_build_object('group_name', old.group_name) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new."position" is distinct from old."position" then jsonb_build_object('position', old."position") else '{}' end
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
      when old.status = 'active' and new.status = 'deleted' then 'group_role.deleted' else 'group_role.updated' end, 'group_role', new.id, new.version, jsonb_build_object('id', new.id, 'group_name', new.group_name, 'role', new.role, 'position', new."position", 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.group_name is distinct from old.group_name then jsonb_build_object('group_name', old.group_name) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new."position" is distinct from old."position" then jsonb_build_object('position', old."position") else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.group_role_record_update() owner to freehold_recorder;
grant execute on function generated.group_role_record_update() to freehold_owner;
comment on function generated.group_role_record_update() is 'After each update of group_role: one event.';

CREATE OR REPLACE FUNCTION generated.impersonation_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.version := 1;
  return new;
end
$function$;
alter function generated.impersonation_begin() owner to freehold_owner;
comment on function generated.impersonation_begin() is 'Before a impersonation is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.impersonation_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('impersonation', old.id, old.version, new.version);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.impersonation_follow() owner to freehold_owner;
comment on function generated.impersonation_follow() is 'Before a impersonation is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.impersonation_record_insert()
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
    new.tenant_id, 'impersonation.began', 'impersonation', new.id, new.version, jsonb_build_object('id', new.id, 'membership_id', new.membership_id, 'email', new.email, 'reason', new.reason, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'impersonation.began', 'impersonation', new.id, new.version, jsonb_build_object('id', new.id, 'membership_id', new.membership_id, 'email', new.email, 'reason', new.reason, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.impersonation_record_insert() owner to freehold_recorder;
grant execute on function generated.impersonation_record_insert() to freehold_owner;
comment on function generated.impersonation_record_insert() is 'After each insert of impersonation: one event.';

CREATE OR REPLACE FUNCTION generated.impersonation_record_update()
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
    new.tenant_id, 'impersonation.updated', 'impersonation', new.id, new.version, jsonb_build_object('id', new.id, 'membership_id', new.membership_id, 'email', new.email, 'reason', new.reason, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.reason is distinct from old.reason then jsonb_build_object('reason', old.reason) else '{}' end,
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
    new.tenant_id, 'impersonation.updated', 'impersonation', new.id, new.version, jsonb_build_object('id', new.id, 'membership_id', new.membership_id, 'email', new.email, 'reason', new.reason, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.reason is distinct from old.reason then jsonb_build_object('reason', old.reason) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.impersonation_record_update() owner to freehold_recorder;
grant execute on function generated.impersonation_record_update() to freehold_owner;
comment on function generated.impersonation_record_update() is 'After each update of impersonation: one event.';

CREATE OR REPLACE FUNCTION generated.invitation_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{pending}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('invitation cannot begin as %s', new.status),
      detail = 'A new one is pending.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.invitation_begin() owner to freehold_owner;
comment on function generated.invitation_begin() is 'Before a invitation is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.invitation_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('invitation', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('pending', 'accepted'), ('pending', 'expired'), ('pending', 'revoked')) then
    perform platform.raise_illegal_transition('invitation', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.invitation_follow() owner to freehold_owner;
comment on function generated.invitation_follow() is 'Before a invitation is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.invitation_limit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = 'seats'
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || 'seats', 0));
  used := app.seats_used();
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %s seats', allowed),
      detail = format('%s would be in use.', used);
  end if;
  return null;
end
$function$;
alter function generated.invitation_limit() owner to freehold_owner;
comment on function generated.invitation_limit() is 'After a invitation begins to count: no more than the plan''s seats.';

CREATE OR REPLACE FUNCTION generated.invitation_record_insert()
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
    new.tenant_id, 'user.invited', 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'user.invited', 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.invitation_record_insert() owner to freehold_recorder;
grant execute on function generated.invitation_record_insert() to freehold_owner;
comment on function generated.invitation_record_insert() is 'After each insert of invitation: one event.';

CREATE OR REPLACE FUNCTION generated.invitation_record_update()
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
      when old.status = 'pending' and new.status = 'accepted' then 'invitation.accepted'
      when old.status = 'pending' and new.status = 'expired' then 'invitation.expired'
      when old.status = 'pending' and new.status = 'revoked' then 'invitation.revoked'
      when new.expires_at > old.expires_at then 'invitation.resent' else 'invitation.updated' end, 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.invited_by is distinct from old.invited_by then jsonb_build_object('invited_by', old.invited_by) else '{}' end
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end,
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
      when old.status = 'pending' and new.status = 'accepted' then 'invitation.accepted'
      when old.status = 'pending' and new.status = 'expired' then 'invitation.expired'
      when old.status = 'pending' and new.status = 'revoked' then 'invitation.revoked'
      when new.expires_at > old.expires_at then 'invitation.resent' else 'invitation.updated' end, 'invitation', new.id, new.version, jsonb_build_object('id', new.id, 'email', new.email, 'role', new.role, 'status', new.status, 'expires_at', new.expires_at, 'invited_by', new.invited_by, 'membership_id', new.membership_id, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.invited_by is distinct from old.invited_by then jsonb_build_object('invited_by', old.invited_by) else '{}' end
      || case when new.membership_id is distinct from old.membership_id then jsonb_build_object('membership_id', old.membership_id) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.invitation_record_update() owner to freehold_recorder;
grant execute on function generated.invitation_record_update() to freehold_owner;
comment on function generated.invitation_record_update() is 'After each update of invitation: one event.';

CREATE OR REPLACE FUNCTION generated.invoice_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{draft}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('invoice cannot begin as %s', new.status),
      detail = 'A new one is draft.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.invoice_begin() owner to freehold_owner;
comment on function generated.invoice_begin() is 'Before a invoice is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.invoice_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('invoice', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('draft', 'open'), ('open', 'paid'), ('open', 'uncollectible'), ('open', 'void'), ('uncollectible', 'paid'), ('uncollectible', 'void')) then
    perform platform.raise_illegal_transition('invoice', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.invoice_follow() owner to freehold_owner;
comment on function generated.invoice_follow() is 'Before a invoice is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.invoice_record_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, channel,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, 'invoice.created', 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'subscription:' || new.subscription_id,
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
    tenant_id, type, entity, entity_id, entity_version, data, previous, channel, actor_type)
  values (
    new.tenant_id, 'invoice.created', 'invoice', new.id, new.version, jsonb_build_object('id', new.id, 'number', new.number, 'subscription_id', new.subscription_id, 'currency', new.currency, 'total', new.total, 'status', new.status, 'period_start', new.period_start, 'period_end', new.period_end, 'issued_at', new.issued_at, 'due_at', new.due_at, 'paid_at', new.paid_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'subscription:' || new.subscription_id, 'operator');
  return null;
end
$function$;
alter function generated.invoice_record_insert() owner to freehold_recorder;
grant execute on function generated.invoice_record_insert() to freehold_owner;
comment on function generated.invoice_record_insert() is 'After each insert of invoice: one event.';

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
    tenant_id, type, entity, entity_id, entity_version, data, previous, channel,
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
      || case when new.paid_at is distinct from old.paid_at then jsonb_build_object('paid_at', old.paid_at) else '{}' end, 'subscription:' || new.subscription_id,
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
    tenant_id, type, entity, entity_id, entity_version, data, previous, channel, actor_type)
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
      || case when new.paid_at is distinct from old.paid_at then jsonb_build_object('paid_at', old.paid_at) else '{}' end, 'subscription:' || new.subscription_id, 'operator');
  return null;
end
$function$;
alter function generated.invoice_record_update() owner to freehold_recorder;
grant execute on function generated.invoice_record_update() to freehold_owner;
comment on function generated.invoice_record_update() is 'After each update of invoice: one event.';

CREATE OR REPLACE FUNCTION generated.membership_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('membership cannot begin as %s', new.status),
      detail = 'A new one is active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.membership_begin() owner to freehold_owner;
comment on function generated.membership_begin() is 'Before a membership is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.membership_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('membership', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'removed'), ('active', 'suspended'), ('suspended', 'active'), ('suspended', 'removed')) then
    perform platform.raise_illegal_transition('membership', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.membership_follow() owner to freehold_owner;
comment on function generated.membership_follow() is 'Before a membership is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.membership_limit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = 'seats'
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || 'seats', 0));
  used := app.seats_used();
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %s seats', allowed),
      detail = format('%s would be in use.', used);
  end if;
  return null;
end
$function$;
alter function generated.membership_limit() owner to freehold_owner;
comment on function generated.membership_limit() is 'After a membership begins to count: no more than the plan''s seats.';

CREATE OR REPLACE FUNCTION generated.membership_record_insert()
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
    new.tenant_id, 'user.joined', 'membership', new.id, new.version, jsonb_build_object('id', new.id, 'person_id', new.person_id, 'email', new.email, 'name', new.name, 'role', new.role, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'user.joined', 'membership', new.id, new.version, jsonb_build_object('id', new.id, 'person_id', new.person_id, 'email', new.email, 'name', new.name, 'role', new.role, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.membership_record_insert() owner to freehold_recorder;
grant execute on function generated.membership_record_insert() to freehold_owner;
comment on function generated.membership_record_insert() is 'After each insert of membership: one event.';

CREATE OR REPLACE FUNCTION generated.membership_record_update()
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
      when old.status = 'active' and new.status = 'removed' then 'user.removed'
      when old.status = 'active' and new.status = 'suspended' then 'user.suspended'
      when old.status = 'suspended' and new.status = 'active' then 'user.reactivated'
      when old.status = 'suspended' and new.status = 'removed' then 'user.removed'
      when new.role <> old.role then 'user.role_changed' else 'user.updated' end, 'membership', new.id, new.version, jsonb_build_object('id', new.id, 'person_id', new.person_id, 'email', new.email, 'name', new.name, 'role', new.role, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.person_id is distinct from old.person_id then jsonb_build_object('person_id', old.person_id) else '{}' end
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
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
      when old.status = 'active' and new.status = 'removed' then 'user.removed'
      when old.status = 'active' and new.status = 'suspended' then 'user.suspended'
      when old.status = 'suspended' and new.status = 'active' then 'user.reactivated'
      when old.status = 'suspended' and new.status = 'removed' then 'user.removed'
      when new.role <> old.role then 'user.role_changed' else 'user.updated' end, 'membership', new.id, new.version, jsonb_build_object('id', new.id, 'person_id', new.person_id, 'email', new.email, 'name', new.name, 'role', new.role, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.person_id is distinct from old.person_id then jsonb_build_object('person_id', old.person_id) else '{}' end
      || case when new.email is distinct from old.email then jsonb_build_object('email', old.email) else '{}' end
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.role is distinct from old.role then jsonb_build_object('role', old.role) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.membership_record_update() owner to freehold_recorder;
grant execute on function generated.membership_record_update() to freehold_owner;
comment on function generated.membership_record_update() is 'After each update of membership: one event.';

CREATE OR REPLACE FUNCTION generated.project_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('project cannot begin as %s', new.status),
      detail = 'A new one is active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.project_begin() owner to freehold_owner;
comment on function generated.project_begin() is 'Before a project is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.project_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('project', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'archived'), ('active', 'deleted'), ('archived', 'active'), ('archived', 'deleted')) then
    perform platform.raise_illegal_transition('project', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.project_follow() owner to freehold_owner;
comment on function generated.project_follow() is 'Before a project is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.project_limit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = 'projects'
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || 'projects', 0));
  used := app.projects_used();
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %s projects', allowed),
      detail = format('%s would be in use.', used);
  end if;
  return null;
end
$function$;
alter function generated.project_limit() owner to freehold_owner;
comment on function generated.project_limit() is 'After a project begins to count: no more than the plan''s projects.';

CREATE OR REPLACE FUNCTION generated.project_record_insert()
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
    new.tenant_id, 'project.created', 'project', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'description', new.description, 'lead_id', new.lead_id, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'project.created', 'project', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'description', new.description, 'lead_id', new.lead_id, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.project_record_insert() owner to freehold_recorder;
grant execute on function generated.project_record_insert() to freehold_owner;
comment on function generated.project_record_insert() is 'After each insert of project: one event.';

CREATE OR REPLACE FUNCTION generated.project_record_update()
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
      when old.status = 'active' and new.status = 'archived' then 'project.archived'
      when old.status = 'active' and new.status = 'deleted' then 'project.deleted'
      when old.status = 'archived' and new.status = 'active' then 'project.restored'
      when old.status = 'archived' and new.status = 'deleted' then 'project.deleted' else 'project.updated' end, 'project', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'description', new.description, 'lead_id', new.lead_id, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.lead_id is distinct from old.lead_id then jsonb_build_object('lead_id', old.lead_id) else '{}' end
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
      when old.status = 'active' and new.status = 'archived' then 'project.archived'
      when old.status = 'active' and new.status = 'deleted' then 'project.deleted'
      when old.status = 'archived' and new.status = 'active' then 'project.restored'
      when old.status = 'archived' and new.status = 'deleted' then 'project.deleted' else 'project.updated' end, 'project', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'description', new.description, 'lead_id', new.lead_id, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.lead_id is distinct from old.lead_id then jsonb_build_object('lead_id', old.lead_id) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.project_record_update() owner to freehold_recorder;
grant execute on function generated.project_record_update() to freehold_owner;
comment on function generated.project_record_update() is 'After each update of project: one event.';

CREATE OR REPLACE FUNCTION generated.report_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{requested}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('report cannot begin as %s', new.status),
      detail = 'A new one is requested.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.report_begin() owner to freehold_owner;
comment on function generated.report_begin() is 'Before a report is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.report_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('report', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('exported', 'expired'), ('requested', 'failed'), ('requested', 'running'), ('running', 'exported'), ('running', 'failed'), ('running', 'running')) then
    perform platform.raise_illegal_transition('report', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.report_follow() owner to freehold_owner;
comment on function generated.report_follow() is 'Before a report is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.report_record_insert()
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
    new.tenant_id, 'report.requested', 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'format', new.format), null,
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
    new.tenant_id, 'report.requested', 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'format', new.format), null, 'operator');
  return null;
end
$function$;
alter function generated.report_record_insert() owner to freehold_recorder;
grant execute on function generated.report_record_insert() to freehold_owner;
comment on function generated.report_record_insert() is 'After each insert of report: one event.';

CREATE OR REPLACE FUNCTION generated.report_record_update()
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
      when old.status = 'exported' and new.status = 'expired' then 'report.expired'
      when old.status = 'requested' and new.status = 'failed' then 'report.failed'
      when old.status = 'requested' and new.status = 'running' then 'report.started'
      when old.status = 'running' and new.status = 'exported' then 'report.exported'
      when old.status = 'running' and new.status = 'failed' then 'report.failed' else 'report.updated' end, 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'format', new.format), '{}'::jsonb
      || case when new.kind is distinct from old.kind then jsonb_build_object('kind', old.kind) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.row_count is distinct from old.row_count then jsonb_build_object('row_count', old.row_count) else '{}' end
      || case when new.byte_count is distinct from old.byte_count then jsonb_build_object('byte_count', old.byte_count) else '{}' end
      || case when new.error is distinct from old.error then jsonb_build_object('error', old.error) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.format is distinct from old.format then jsonb_build_object('format', old.format) else '{}' end,
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
      when old.status = 'exported' and new.status = 'expired' then 'report.expired'
      when old.status = 'requested' and new.status = 'failed' then 'report.failed'
      when old.status = 'requested' and new.status = 'running' then 'report.started'
      when old.status = 'running' and new.status = 'exported' then 'report.exported'
      when old.status = 'running' and new.status = 'failed' then 'report.failed' else 'report.updated' end, 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'format', new.format), '{}'::jsonb
      || case when new.kind is distinct from old.kind then jsonb_build_object('kind', old.kind) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.row_count is distinct from old.row_count then jsonb_build_object('row_count', old.row_count) else '{}' end
      || case when new.byte_count is distinct from old.byte_count then jsonb_build_object('byte_count', old.byte_count) else '{}' end
      || case when new.error is distinct from old.error then jsonb_build_object('error', old.error) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end
      || case when new.format is distinct from old.format then jsonb_build_object('format', old.format) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.report_record_update() owner to freehold_recorder;
grant execute on function generated.report_record_update() to freehold_owner;
comment on function generated.report_record_update() is 'After each update of report: one event.';

CREATE OR REPLACE FUNCTION generated.role_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('role cannot begin as %s', new.status),
      detail = 'A new one is active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.role_begin() owner to freehold_owner;
comment on function generated.role_begin() is 'Before a role is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.role_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('role', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'deleted')) then
    perform platform.raise_illegal_transition('role', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.role_follow() owner to freehold_owner;
comment on function generated.role_follow() is 'Before a role is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.role_record_insert()
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
    new.tenant_id, 'role.created', 'role', new.id, new.version, jsonb_build_object('id', new.id, 'key', new.key, 'name', new.name, 'permissions', new.permissions, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'role.created', 'role', new.id, new.version, jsonb_build_object('id', new.id, 'key', new.key, 'name', new.name, 'permissions', new.permissions, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.role_record_insert() owner to freehold_recorder;
grant execute on function generated.role_record_insert() to freehold_owner;
comment on function generated.role_record_insert() is 'After each insert of role: one event.';

CREATE OR REPLACE FUNCTION generated.role_record_update()
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
      when old.status = 'active' and new.status = 'deleted' then 'role.deleted' else 'role.updated' end, 'role', new.id, new.version, jsonb_build_object('id', new.id, 'key', new.key, 'name', new.name, 'permissions', new.permissions, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.key is distinct from old.key then jsonb_build_object('key', old.key) else '{}' end
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.permissions is distinct from old.permissions then jsonb_build_object('permissions', old.permissions) else '{}' end
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
      when old.status = 'active' and new.status = 'deleted' then 'role.deleted' else 'role.updated' end, 'role', new.id, new.version, jsonb_build_object('id', new.id, 'key', new.key, 'name', new.name, 'permissions', new.permissions, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.key is distinct from old.key then jsonb_build_object('key', old.key) else '{}' end
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.permissions is distinct from old.permissions then jsonb_build_object('permissions', old.permissions) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.role_record_update() owner to freehold_recorder;
grant execute on function generated.role_record_update() to freehold_owner;
comment on function generated.role_record_update() is 'After each update of role: one event.';

CREATE OR REPLACE FUNCTION generated.subscription_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{trialing,active}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('subscription cannot begin as %s', new.status),
      detail = 'A new one is trialing or active.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.subscription_begin() owner to freehold_owner;
comment on function generated.subscription_begin() is 'Before a subscription is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.subscription_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('subscription', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'canceled'), ('active', 'past_due'), ('active', 'paused'), ('past_due', 'active'), ('past_due', 'canceled'), ('paused', 'active'), ('paused', 'canceled'), ('trialing', 'active'), ('trialing', 'canceled')) then
    perform platform.raise_illegal_transition('subscription', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.subscription_follow() owner to freehold_owner;
comment on function generated.subscription_follow() is 'Before a subscription is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.subscription_record_insert()
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
    new.tenant_id, 'subscription.created', 'subscription', new.id, new.version, jsonb_build_object('id', new.id, 'plan', new.plan, 'next_plan', new.next_plan, 'status', new.status, 'trial_ends_at', new.trial_ends_at, 'anchor', new.anchor, 'period', new.period, 'current_period_start', new.current_period_start, 'current_period_end', new.current_period_end, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'subscription.created', 'subscription', new.id, new.version, jsonb_build_object('id', new.id, 'plan', new.plan, 'next_plan', new.next_plan, 'status', new.status, 'trial_ends_at', new.trial_ends_at, 'anchor', new.anchor, 'period', new.period, 'current_period_start', new.current_period_start, 'current_period_end', new.current_period_end, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.subscription_record_insert() owner to freehold_recorder;
grant execute on function generated.subscription_record_insert() to freehold_owner;
comment on function generated.subscription_record_insert() is 'After each insert of subscription: one event.';

CREATE OR REPLACE FUNCTION generated.subscription_record_update()
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
      when old.status = 'active' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'active' and new.status = 'past_due' then 'subscription.past_due'
      when old.status = 'active' and new.status = 'paused' then 'subscription.paused'
      when old.status = 'past_due' and new.status = 'active' then 'subscription.activated'
      when old.status = 'past_due' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'paused' and new.status = 'active' then 'subscription.resumed'
      when old.status = 'paused' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'trialing' and new.status = 'active' then 'subscription.activated'
      when old.status = 'trialing' and new.status = 'canceled' then 'subscription.canceled'
      when new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan) then 'subscription.upgraded'
      when new.plan <> old.plan then 'subscription.downgraded'
      when new.period > old.period then 'subscription.renewed' else 'subscription.updated' end, 'subscription', new.id, new.version, jsonb_build_object('id', new.id, 'plan', new.plan, 'next_plan', new.next_plan, 'status', new.status, 'trial_ends_at', new.trial_ends_at, 'anchor', new.anchor, 'period', new.period, 'current_period_start', new.current_period_start, 'current_period_end', new.current_period_end, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.plan is distinct from old.plan then jsonb_build_object('plan', old.plan) else '{}' end
      || case when new.next_plan is distinct from old.next_plan then jsonb_build_object('next_plan', old.next_plan) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.trial_ends_at is distinct from old.trial_ends_at then jsonb_build_object('trial_ends_at', old.trial_ends_at) else '{}' end
      || case when new.anchor is distinct from old.anchor then jsonb_build_object('anchor', old.anchor) else '{}' end
      || case when new.period is distinct from old.period then jsonb_build_object('period', old.period) else '{}' end
      || case when new.current_period_start is distinct from old.current_period_start then jsonb_build_object('current_period_start', old.current_period_start) else '{}' end
      || case when new.current_period_end is distinct from old.current_period_end then jsonb_build_object('current_period_end', old.current_period_end) else '{}' end,
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
      when old.status = 'active' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'active' and new.status = 'past_due' then 'subscription.past_due'
      when old.status = 'active' and new.status = 'paused' then 'subscription.paused'
      when old.status = 'past_due' and new.status = 'active' then 'subscription.activated'
      when old.status = 'past_due' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'paused' and new.status = 'active' then 'subscription.resumed'
      when old.status = 'paused' and new.status = 'canceled' then 'subscription.canceled'
      when old.status = 'trialing' and new.status = 'active' then 'subscription.activated'
      when old.status = 'trialing' and new.status = 'canceled' then 'subscription.canceled'
      when new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan) then 'subscription.upgraded'
      when new.plan <> old.plan then 'subscription.downgraded'
      when new.period > old.period then 'subscription.renewed' else 'subscription.updated' end, 'subscription', new.id, new.version, jsonb_build_object('id', new.id, 'plan', new.plan, 'next_plan', new.next_plan, 'status', new.status, 'trial_ends_at', new.trial_ends_at, 'anchor', new.anchor, 'period', new.period, 'current_period_start', new.current_period_start, 'current_period_end', new.current_period_end, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.plan is distinct from old.plan then jsonb_build_object('plan', old.plan) else '{}' end
      || case when new.next_plan is distinct from old.next_plan then jsonb_build_object('next_plan', old.next_plan) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.trial_ends_at is distinct from old.trial_ends_at then jsonb_build_object('trial_ends_at', old.trial_ends_at) else '{}' end
      || case when new.anchor is distinct from old.anchor then jsonb_build_object('anchor', old.anchor) else '{}' end
      || case when new.period is distinct from old.period then jsonb_build_object('period', old.period) else '{}' end
      || case when new.current_period_start is distinct from old.current_period_start then jsonb_build_object('current_period_start', old.current_period_start) else '{}' end
      || case when new.current_period_end is distinct from old.current_period_end then jsonb_build_object('current_period_end', old.current_period_end) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.subscription_record_update() owner to freehold_recorder;
grant execute on function generated.subscription_record_update() to freehold_owner;
comment on function generated.subscription_record_update() is 'After each update of subscription: one event.';

CREATE OR REPLACE FUNCTION generated.tenant_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{provisioning}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('tenant cannot begin as %s', new.status),
      detail = 'A new one is provisioning.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.tenant_begin() owner to freehold_owner;
comment on function generated.tenant_begin() is 'Before a tenant is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.tenant_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('tenant', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('active', 'closing'), ('active', 'suspended'), ('closing', 'closed'), ('provisioning', 'active'), ('suspended', 'active'), ('suspended', 'closing')) then
    perform platform.raise_illegal_transition('tenant', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.tenant_follow() owner to freehold_owner;
comment on function generated.tenant_follow() is 'Before a tenant is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.tenant_record_insert()
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), null,
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), null, 'operator');
  return null;
end
$function$;
alter function generated.tenant_record_insert() owner to freehold_recorder;
grant execute on function generated.tenant_record_insert() to freehold_owner;
comment on function generated.tenant_record_insert() is 'After each insert of tenant: one event.';

CREATE OR REPLACE FUNCTION generated.tenant_record_update()
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
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing'
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end
      || case when new.max_session_hours is distinct from old.max_session_hours then jsonb_build_object('max_session_hours', old.max_session_hours) else '{}' end
      || case when new.max_idle_minutes is distinct from old.max_idle_minutes then jsonb_build_object('max_idle_minutes', old.max_idle_minutes) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.login_methods is distinct from old.login_methods then jsonb_build_object('login_methods', old.login_methods) else '{}' end
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end
      || case when new.stream_audit_log is distinct from old.stream_audit_log then jsonb_build_object('stream_audit_log', old.stream_audit_log) else '{}' end,
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
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing'
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end
      || case when new.max_session_hours is distinct from old.max_session_hours then jsonb_build_object('max_session_hours', old.max_session_hours) else '{}' end
      || case when new.max_idle_minutes is distinct from old.max_idle_minutes then jsonb_build_object('max_idle_minutes', old.max_idle_minutes) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.login_methods is distinct from old.login_methods then jsonb_build_object('login_methods', old.login_methods) else '{}' end
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end
      || case when new.stream_audit_log is distinct from old.stream_audit_log then jsonb_build_object('stream_audit_log', old.stream_audit_log) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.tenant_record_update() owner to freehold_recorder;
grant execute on function generated.tenant_record_update() to freehold_owner;
comment on function generated.tenant_record_update() is 'After each update of tenant: one event.';

CREATE OR REPLACE FUNCTION generated.webhook_endpoint_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{enabled}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('webhook_endpoint cannot begin as %s', new.status),
      detail = 'A new one is enabled.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.webhook_endpoint_begin() owner to freehold_owner;
comment on function generated.webhook_endpoint_begin() is 'Before a webhook_endpoint is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.webhook_endpoint_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('webhook_endpoint', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('disabled', 'enabled'), ('enabled', 'disabled')) then
    perform platform.raise_illegal_transition('webhook_endpoint', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.webhook_endpoint_follow() owner to freehold_owner;
comment on function generated.webhook_endpoint_follow() is 'Before a webhook_endpoint is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

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
    new.tenant_id, 'webhook_endpoint.created', 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'channels', new.channels, 'ordered', new.ordered, 'rate_limit', new.rate_limit, 'concurrency', new.concurrency, 'retry_delays', new.retry_delays, 'disabled_reason', new.disabled_reason), null,
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
    new.tenant_id, 'webhook_endpoint.created', 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'channels', new.channels, 'ordered', new.ordered, 'rate_limit', new.rate_limit, 'concurrency', new.concurrency, 'retry_delays', new.retry_delays, 'disabled_reason', new.disabled_reason), null, 'operator');
  return null;
end
$function$;
alter function generated.webhook_endpoint_record_insert() owner to freehold_recorder;
grant execute on function generated.webhook_endpoint_record_insert() to freehold_owner;
comment on function generated.webhook_endpoint_record_insert() is 'After each insert of webhook_endpoint: one event.';

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
      when old.status = 'enabled' and new.status = 'disabled' then 'webhook_endpoint.disabled' else 'webhook_endpoint.updated' end, 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'channels', new.channels, 'ordered', new.ordered, 'rate_limit', new.rate_limit, 'concurrency', new.concurrency, 'retry_delays', new.retry_delays, 'disabled_reason', new.disabled_reason), '{}'::jsonb
      || case when new.url is distinct from old.url then jsonb_build_object('url', old.url) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.event_types is distinct from old.event_types then jsonb_build_object('event_types', old.event_types) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.channels is distinct from old.channels then jsonb_build_object('channels', old.channels) else '{}' end
      || case when new.ordered is distinct from old.ordered then jsonb_build_object('ordered', old.ordered) else '{}' end
      || case when new.rate_limit is distinct from old.rate_limit then jsonb_build_object('rate_limit', old.rate_limit) else '{}' end
      || case when new.concurrency is distinct from old.concurrency then jsonb_build_object('concurrency', old.concurrency) else '{}' end
      || case when new.retry_delays is distinct from old.retry_delays then jsonb_build_object('retry_delays', old.retry_delays) else '{}' end
      || case when new.disabled_reason is distinct from old.disabled_reason then jsonb_build_object('disabled_reason', old.disabled_reason) else '{}' end,
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
      when old.status = 'enabled' and new.status = 'disabled' then 'webhook_endpoint.disabled' else 'webhook_endpoint.updated' end, 'webhook_endpoint', new.id, new.version, jsonb_build_object('id', new.id, 'url', new.url, 'description', new.description, 'event_types', new.event_types, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'channels', new.channels, 'ordered', new.ordered, 'rate_limit', new.rate_limit, 'concurrency', new.concurrency, 'retry_delays', new.retry_delays, 'disabled_reason', new.disabled_reason), '{}'::jsonb
      || case when new.url is distinct from old.url then jsonb_build_object('url', old.url) else '{}' end
      || case when new.description is distinct from old.description then jsonb_build_object('description', old.description) else '{}' end
      || case when new.event_types is distinct from old.event_types then jsonb_build_object('event_types', old.event_types) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.channels is distinct from old.channels then jsonb_build_object('channels', old.channels) else '{}' end
      || case when new.ordered is distinct from old.ordered then jsonb_build_object('ordered', old.ordered) else '{}' end
      || case when new.rate_limit is distinct from old.rate_limit then jsonb_build_object('rate_limit', old.rate_limit) else '{}' end
      || case when new.concurrency is distinct from old.concurrency then jsonb_build_object('concurrency', old.concurrency) else '{}' end
      || case when new.retry_delays is distinct from old.retry_delays then jsonb_build_object('retry_delays', old.retry_delays) else '{}' end
      || case when new.disabled_reason is distinct from old.disabled_reason then jsonb_build_object('disabled_reason', old.disabled_reason) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.webhook_endpoint_record_update() owner to freehold_recorder;
grant execute on function generated.webhook_endpoint_record_update() to freehold_owner;
comment on function generated.webhook_endpoint_record_update() is 'After each update of webhook_endpoint: one event.';

CREATE OR REPLACE FUNCTION generated.webhook_replay_begin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.status <> all ('{running}'::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('webhook_replay cannot begin as %s', new.status),
      detail = 'A new one is running.';
  end if;
  new.version := 1;
  return new;
end
$function$;
alter function generated.webhook_replay_begin() owner to freehold_owner;
comment on function generated.webhook_replay_begin() is 'Before a webhook_replay is inserted: its version is 1 and its state an initial one.';

CREATE OR REPLACE FUNCTION generated.webhook_replay_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable('webhook_replay', old.id, old.version, new.version);
  end if;
  if new.status <> old.status and (old.status, new.status) not in (('running', 'canceled'), ('running', 'completed'), ('running', 'failed')) then
    perform platform.raise_illegal_transition('webhook_replay', old.id, old.status, 'become ' || new.status);
  end if;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$function$;
alter function generated.webhook_replay_follow() owner to freehold_owner;
comment on function generated.webhook_replay_follow() is 'Before a webhook_replay is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.';

CREATE OR REPLACE FUNCTION generated.webhook_replay_record_insert()
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
    new.tenant_id, 'webhook_replay.requested', 'webhook_replay', new.id, new.version, jsonb_build_object('id', new.id, 'endpoint_id', new.endpoint_id, 'since', new.since, 'until', new.until, 'failed_only', new.failed_only, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'webhook_replay.requested', 'webhook_replay', new.id, new.version, jsonb_build_object('id', new.id, 'endpoint_id', new.endpoint_id, 'since', new.since, 'until', new.until, 'failed_only', new.failed_only, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
alter function generated.webhook_replay_record_insert() owner to freehold_recorder;
grant execute on function generated.webhook_replay_record_insert() to freehold_owner;
comment on function generated.webhook_replay_record_insert() is 'After each insert of webhook_replay: one event.';

CREATE OR REPLACE FUNCTION generated.webhook_replay_record_update()
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
      when old.status = 'running' and new.status = 'canceled' then 'webhook_replay.canceled'
      when old.status = 'running' and new.status = 'completed' then 'webhook_replay.completed'
      when old.status = 'running' and new.status = 'failed' then 'webhook_replay.failed' else 'webhook_replay.updated' end, 'webhook_replay', new.id, new.version, jsonb_build_object('id', new.id, 'endpoint_id', new.endpoint_id, 'since', new.since, 'until', new.until, 'failed_only', new.failed_only, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.endpoint_id is distinct from old.endpoint_id then jsonb_build_object('endpoint_id', old.endpoint_id) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.until is distinct from old.until then jsonb_build_object('until', old.until) else '{}' end
      || case when new.failed_only is distinct from old.failed_only then jsonb_build_object('failed_only', old.failed_only) else '{}' end
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
      when old.status = 'running' and new.status = 'canceled' then 'webhook_replay.canceled'
      when old.status = 'running' and new.status = 'completed' then 'webhook_replay.completed'
      when old.status = 'running' and new.status = 'failed' then 'webhook_replay.failed' else 'webhook_replay.updated' end, 'webhook_replay', new.id, new.version, jsonb_build_object('id', new.id, 'endpoint_id', new.endpoint_id, 'since', new.since, 'until', new.until, 'failed_only', new.failed_only, 'status', new.status, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.endpoint_id is distinct from old.endpoint_id then jsonb_build_object('endpoint_id', old.endpoint_id) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.until is distinct from old.until then jsonb_build_object('until', old.until) else '{}' end
      || case when new.failed_only is distinct from old.failed_only then jsonb_build_object('failed_only', old.failed_only) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end, 'operator');
  return null;
end
$function$;
alter function generated.webhook_replay_record_update() owner to freehold_recorder;
grant execute on function generated.webhook_replay_record_update() to freehold_owner;
comment on function generated.webhook_replay_record_update() is 'After each update of webhook_replay: one event.';

-- ======== identity ========================================================================

create schema identity authorization freehold_owner;
grant create, usage on schema identity to freehold_resolver;
grant usage on schema identity to freehold_dispatcher;
grant usage on schema identity to freehold_gate;
grant usage on schema identity to freehold_janitor;
grant usage on schema identity to freehold_recorder;
grant usage on schema identity to freehold_worker;
comment on schema identity is 'Who may act: people, sessions, principals. Global, not exposed.';

create table identity.admitted_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  constraint admitted_member_pkey PRIMARY KEY (tenant_id, membership_id)
);
alter table identity.admitted_member owner to freehold_owner;
comment on table identity.admitted_member is 'Members whom nobody invited: they may be here as long as what admitted them turns out to have been true.';

create table identity.api_key_secret (
  hash bytea not null,
  tenant_id uuid not null,
  api_key_id uuid not null,
  last_used_at timestamp with time zone,
  constraint api_key_secret_pkey PRIMARY KEY (hash),
  constraint api_key_secret_tenant_id_api_key_id_key UNIQUE (tenant_id, api_key_id),
  constraint api_key_secret_hash_check CHECK ((length(hash) = 32))
);
alter table identity.api_key_secret owner to freehold_owner;
grant select, update on identity.api_key_secret to freehold_resolver;
comment on table identity.api_key_secret is 'SHA-256 of API keys. Global because the tenant is not known before the key is.';
comment on column identity.api_key_secret.last_used_at is 'When it last opened something, to the minute; null for never.';

create table identity.audit_position (
  tenant_id uuid not null,
  after uuid,
  sent_at timestamp with time zone default now() not null,
  constraint audit_position_pkey PRIMARY KEY (tenant_id)
);
alter table identity.audit_position owner to freehold_owner;
grant select on identity.audit_position to freehold_janitor;
comment on table identity.audit_position is 'The last event of each tenant that the audit log of the identity provider has.';
comment on column identity.audit_position.after is 'Null: from the beginning.';

create table identity.barred_person (
  tenant_id uuid not null,
  person_id uuid not null,
  barred_at timestamp with time zone default now() not null,
  lifted_by uuid,
  constraint barred_person_pkey PRIMARY KEY (tenant_id, person_id),
  constraint barred_person_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id) ON DELETE CASCADE
);
alter table identity.barred_person owner to freehold_owner;
comment on table identity.barred_person is 'People whom somebody of the tenant has removed: they come back by an invitation alone.';
comment on column identity.barred_person.lifted_by is 'The invitation by which they came back.';

create table identity.blocked_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  reason text not null,
  blocked_at timestamp with time zone default now() not null,
  suspended boolean default false not null,
  constraint blocked_member_pkey PRIMARY KEY (tenant_id, membership_id)
);
alter table identity.blocked_member owner to freehold_owner;
grant select on identity.blocked_member to freehold_resolver;
comment on table identity.blocked_member is 'Members whom the identity provider has deactivated: nobody can reactivate them here.';
comment on column identity.blocked_member.suspended is 'They were suspended for it, and are reactivated with the block. The last owner of a tenant is locked out without.';

create table identity.event_cursor (
  issuer text not null,
  after text,
  polled_at timestamp with time zone default now() not null,
  constraint event_cursor_pkey PRIMARY KEY (issuer)
);
alter table identity.event_cursor owner to freehold_owner;
comment on table identity.event_cursor is 'The last event that was polled. Webhooks do not move it.';

create table identity.group_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  former_role text not null,
  constraint group_member_pkey PRIMARY KEY (tenant_id, membership_id)
);
alter table identity.group_member owner to freehold_owner;
comment on table identity.group_member is 'Members whose role is that of a group of their directory, with the one that they have without.';

create table identity.guarded_entity (
  entity text not null,
  constraint guarded_entity_pkey PRIMARY KEY (entity)
);
alter table identity.guarded_entity owner to freehold_owner;
comment on table identity.guarded_entity is '@reference
Entities that nobody changes who acts as somebody else: who may come in, and with what.';
insert into identity.guarded_entity (entity) values
  ('api_key'),
  ('group_role'),
  ('invitation'),
  ('membership'),
  ('role'),
  ('tenant');

create table identity.inbox (
  id text not null,
  issuer text not null,
  event text not null,
  data jsonb not null,
  occurred_at timestamp with time zone not null,
  source text not null,
  received_at timestamp with time zone default now() not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  error text,
  applied_at timestamp with time zone,
  traceparent text,
  constraint inbox_pkey PRIMARY KEY (id),
  constraint inbox_id_check CHECK (((length(id) >= 1) AND (length(id) <= 100))),
  constraint inbox_source_check CHECK ((source = ANY (ARRAY['webhook'::text, 'poll'::text]))),
  constraint inbox_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'applied'::text, 'ignored'::text, 'failed'::text])))
);
alter table identity.inbox owner to freehold_owner;
CREATE INDEX inbox_due ON identity.inbox USING btree (next_attempt_at) WHERE (status = ANY (ARRAY['pending'::text, 'deferred'::text]));
CREATE INDEX inbox_received ON identity.inbox USING btree (received_at);
comment on table identity.inbox is 'Each event of the identity provider, once, whether it came by webhook or was polled.';
comment on column identity.inbox.error is 'Why it could not be applied at the last attempt.';
comment on column identity.inbox.traceparent is 'W3C trace context of the request that brought it; null when it was polled.';

create table identity.invited_member (
  tenant_id uuid not null,
  membership_id uuid not null,
  invitation_id uuid not null,
  constraint invited_member_pkey PRIMARY KEY (tenant_id, membership_id)
);
alter table identity.invited_member owner to freehold_owner;
CREATE INDEX invited_member_invitation ON identity.invited_member USING btree (tenant_id, invitation_id);
comment on table identity.invited_member is 'Which invitation a member came by, at first or once more.';

create table identity.login (
  issuer text not null,
  subject text not null,
  person_id uuid not null,
  sessions_valid_after timestamp with time zone,
  constraint login_pkey PRIMARY KEY (issuer, subject),
  constraint login_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id) ON DELETE CASCADE
);
alter table identity.login owner to freehold_owner;
CREATE INDEX login_person_id_idx ON identity.login USING btree (person_id);
CREATE TRIGGER _100_follow_login AFTER UPDATE OF sessions_valid_after ON identity.login FOR EACH ROW WHEN ((new.sessions_valid_after IS DISTINCT FROM old.sessions_valid_after)) EXECUTE FUNCTION identity.follow_session();
grant select on identity.login to freehold_resolver;
comment on table identity.login is 'How a person is recognised: issuer and subject of a verified credential, never an e-mail address.';
comment on column identity.login.sessions_valid_after is 'Tokens from before are refused: the person was signed out everywhere.';

create table identity.organization (
  issuer text not null,
  organization text not null,
  tenant_id uuid not null,
  created_at timestamp with time zone default now() not null,
  synced_at timestamp with time zone,
  constraint organization_pkey PRIMARY KEY (issuer, organization),
  constraint organization_issuer_check CHECK (((length(issuer) >= 1) AND (length(issuer) <= 500))),
  constraint organization_organization_check CHECK (((length(organization) >= 1) AND (length(organization) <= 200)))
);
alter table identity.organization owner to freehold_owner;
CREATE INDEX organization_tenant ON identity.organization USING btree (tenant_id);
grant select on identity.organization to freehold_janitor;
grant select on identity.organization to freehold_resolver;
comment on table identity.organization is 'Which tenant an issuer of tokens means by an organization. Global because the tenant is not known before.';
comment on column identity.organization.synced_at is 'When what the identity provider lists of it was last compared with what is known; null for never.';

create table identity.person (
  id uuid default uuidv7() not null,
  email text not null,
  email_verified boolean default false not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  constraint person_pkey PRIMARY KEY (id),
  constraint person_email_check CHECK (((length(email) >= 3) AND (length(email) <= 320))),
  constraint person_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);
alter table identity.person owner to freehold_owner;
grant select on identity.person to freehold_resolver;
comment on table identity.person is 'A human, whatever tenants they belong to.';

create table identity.person_principal (
  person_id uuid not null,
  tenant_id uuid not null,
  principal_id uuid not null,
  constraint person_principal_pkey PRIMARY KEY (person_id, tenant_id, principal_id),
  constraint person_principal_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id) ON DELETE CASCADE
);
alter table identity.person_principal owner to freehold_owner;
grant select on identity.person_principal to freehold_resolver;
comment on table identity.person_principal is 'The principals of a person over all tenants, so that a revoked session finds them.';

create table identity.principal (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  version bigint default 1 not null,
  inner_pad bytea not null,
  outer_pad bytea not null,
  inner_block bytea generated always as ((inner_pad || int8send(version))) stored not null,
  constraint principal_pkey PRIMARY KEY (tenant_id, id),
  constraint principal_inner_pad_check CHECK ((length(inner_pad) = 64)),
  constraint principal_kind_check CHECK ((kind = ANY (ARRAY['member'::text, 'api_key'::text, 'system'::text]))),
  constraint principal_outer_pad_check CHECK ((length(outer_pad) = 64))
);
alter table identity.principal owner to freehold_owner;
comment on table identity.principal is 'Who can act in a tenant, with the key that signs their contexts and the version of what they may do.
Raising the version ends every context minted before, on its next statement.';
comment on column identity.principal.inner_pad is 'With outer_pad, the key''s two blocks of RFC 2104, so that a verification is two calls of sha256(). Only the owner reads them.';
comment on column identity.principal.inner_block is 'What precedes the claims in the inner hash: the pad, and the version in eight bytes. Made here once, and not with each statement.';

create table identity.provided_invitation (
  issuer text not null,
  id text not null,
  tenant_id uuid not null,
  invitation_id uuid not null,
  withdrawn boolean default false not null,
  constraint provided_invitation_pkey PRIMARY KEY (issuer, id)
);
alter table identity.provided_invitation owner to freehold_owner;
CREATE INDEX provided_invitation_invitation ON identity.provided_invitation USING btree (tenant_id, invitation_id);
comment on table identity.provided_invitation is 'Which invitation the identity provider has sent for which of ours.';
comment on column identity.provided_invitation.withdrawn is 'The identity provider revoked it, and so it was here; it is good for who had come there before. One that somebody revoked here is good for nobody.';

create table identity.provided_member (
  issuer text not null,
  id text not null,
  tenant_id uuid not null,
  membership_id uuid not null,
  constraint provided_member_pkey PRIMARY KEY (issuer, id)
);
alter table identity.provided_member owner to freehold_owner;
CREATE INDEX provided_member_membership ON identity.provided_member USING btree (tenant_id, membership_id);
comment on table identity.provided_member is 'Which member came of which membership at the identity provider. One that ended here does not begin again by the same.';

create table identity.provider_address (
  issuer text not null,
  kind text not null,
  id text not null,
  email text not null,
  verified_at timestamp with time zone,
  constraint provider_address_pkey PRIMARY KEY (issuer, kind, id, email),
  constraint provider_address_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'directory_user'::text])))
);
alter table identity.provider_address owner to freehold_owner;
CREATE INDEX provider_address_email ON identity.provider_address USING btree (issuer, email, kind);
comment on table identity.provider_address is 'Every address that a user, or a user of a directory, was ever known by, in lower case. The two are the same person when they share one and the organization: a
tie that a new address does not cut. It decides who a directory takes out and which role its groups give, never who somebody is.';
comment on column identity.provider_address.verified_at is 'Since when the user was known to have shown that it is theirs; null for never.';

create table identity.provider_event (
  event text not null,
  kind text not null,
  ends boolean default false not null,
  constraint provider_event_pkey PRIMARY KEY (event)
);
alter table identity.provider_event owner to freehold_owner;
comment on table identity.provider_event is '@reference
The events of the identity provider that are listened to, and of which kind of object each tells.';
comment on column identity.provider_event.ends is 'The object exists no more: ids are never used again.';
insert into identity.provider_event (event, kind, ends) values
  ('connection.activated', 'connection', false),
  ('connection.deactivated', 'connection', false),
  ('connection.deleted', 'connection', true),
  ('dsync.activated', 'directory', false),
  ('dsync.deleted', 'directory', true),
  ('dsync.group.created', 'directory_group', false),
  ('dsync.group.deleted', 'directory_group', true),
  ('dsync.group.updated', 'directory_group', false),
  ('dsync.group.user_added', 'directory_group_user', false),
  ('dsync.group.user_removed', 'directory_group_user', false),
  ('dsync.user.created', 'directory_user', false),
  ('dsync.user.deleted', 'directory_user', true),
  ('dsync.user.updated', 'directory_user', false),
  ('invitation.accepted', 'invitation', false),
  ('invitation.created', 'invitation', false),
  ('invitation.resent', 'invitation', false),
  ('invitation.revoked', 'invitation', false),
  ('organization.created', 'organization', false),
  ('organization.deleted', 'organization', true),
  ('organization.updated', 'organization', false),
  ('organization_domain.created', 'organization_domain', false),
  ('organization_domain.deleted', 'organization_domain', true),
  ('organization_domain.updated', 'organization_domain', false),
  ('organization_domain.verification_failed', 'organization_domain', false),
  ('organization_domain.verified', 'organization_domain', false),
  ('organization_membership.created', 'organization_membership', false),
  ('organization_membership.deleted', 'organization_membership', true),
  ('organization_membership.updated', 'organization_membership', false),
  ('session.created', 'session', false),
  ('session.revoked', 'session', true),
  ('user.created', 'user', false),
  ('user.deleted', 'user', true),
  ('user.updated', 'user', false);

create table identity.provider_object (
  issuer text not null,
  kind text not null,
  id text not null,
  data jsonb not null,
  updated_at timestamp with time zone not null,
  told_by text not null,
  ended boolean default false not null,
  organization text generated always as ((data ->> 'organization_id'::text)) stored,
  subject text generated always as (COALESCE((data ->> 'user_id'::text), (data ->> 'directory_user_id'::text))) stored,
  directory text generated always as ((data ->> 'directory_id'::text)) stored,
  active_at timestamp with time zone,
  constraint provider_object_pkey PRIMARY KEY (issuer, kind, id)
);
alter table identity.provider_object owner to freehold_owner;
CREATE INDEX provider_object_directory ON identity.provider_object USING btree (issuer, directory, kind) WHERE (directory IS NOT NULL);
CREATE INDEX provider_object_organization ON identity.provider_object USING btree (issuer, organization, kind, subject) WHERE (organization IS NOT NULL);
CREATE INDEX provider_object_subject ON identity.provider_object USING btree (issuer, subject, kind) WHERE (subject IS NOT NULL);
comment on table identity.provider_object is 'The last that the identity provider told of each user, organization, membership and so on, in its own words. The newest state wins and an end is
final, so that events may come in any order and more than once.';
comment on column identity.provider_object.told_by is 'The event that told, to break ties of updated_at; empty when it was asked for.';
comment on column identity.provider_object.active_at is 'Since when a membership was known to be active for the first time; null for others.';

create table identity.session (
  id uuid default uuidv7() not null,
  token_hash bytea not null,
  person_id uuid not null,
  tenant_id uuid not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  issuer text,
  provider_session text,
  method text,
  ip inet,
  user_agent text,
  last_seen_at timestamp with time zone default now() not null,
  sealed_tokens text,
  tokens_expire_at timestamp with time zone,
  refresh_claimed_until timestamp with time zone,
  impersonation_id uuid,
  proven_for uuid,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_hash_key UNIQUE (token_hash),
  constraint session_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id) ON DELETE CASCADE,
  constraint session_method_check CHECK ((length(method) <= 100)),
  constraint session_provider_session_check CHECK ((length(provider_session) <= 200)),
  constraint session_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint session_user_agent_check CHECK ((length(user_agent) <= 500))
);
alter table identity.session owner to freehold_owner;
CREATE INDEX session_ended ON identity.session USING btree (expires_at);
CREATE INDEX session_ended_at_provider ON identity.session USING btree (issuer, provider_session) WHERE (revoked_at IS NOT NULL);
CREATE INDEX session_person_id_idx ON identity.session USING btree (person_id);
CREATE INDEX session_provider ON identity.session USING btree (issuer, provider_session) WHERE (revoked_at IS NULL);
CREATE TRIGGER _100_follow_session AFTER UPDATE OF revoked_at, token_hash ON identity.session FOR EACH ROW WHEN ((((new.revoked_at IS NOT NULL) AND (old.revoked_at IS NULL)) OR (new.token_hash <> old.token_hash))) EXECUTE FUNCTION identity.follow_session();
grant select, update on identity.session to freehold_resolver;
comment on table identity.session is 'A signed-in browser. Only the SHA-256 of its cookie is kept.';
comment on column identity.session.issuer is 'The identity provider that signed the person in.';
comment on column identity.session.provider_session is 'Its own name of the session, so that it can end there too.';
comment on column identity.session.method is 'How the person proved who they are, as the provider names it: SSO, Password, GoogleOAuth.';
comment on column identity.session.last_seen_at is 'When it was last used, to the minute.';
comment on column identity.session.sealed_tokens is 'The tokens of the provider, which only the server can open.';
comment on column identity.session.tokens_expire_at is 'From then on the provider is asked whether the session still holds; null for never.';
comment on column identity.session.refresh_claimed_until is 'A request is asking. Others leave it alone until then.';
comment on column identity.session.impersonation_id is 'Support acts as the person: the row of app.impersonation says who, and why.';
comment on column identity.session.proven_for is 'The tenant whose sign-in it was: how somebody proved who they are counts there alone.';

create table identity.tenant_slug (
  slug text not null,
  tenant_id uuid not null,
  constraint tenant_slug_pkey PRIMARY KEY (slug),
  constraint tenant_slug_tenant_id_key UNIQUE (tenant_id)
);
alter table identity.tenant_slug owner to freehold_owner;
comment on table identity.tenant_slug is 'The slugs in use, over all tenants.';

create table identity.waiting_person (
  issuer text not null,
  subject text not null,
  waiting_since timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  missing text[] default '{}'::text[] not null,
  error text,
  traceparent text,
  constraint waiting_person_pkey PRIMARY KEY (issuer, subject)
);
alter table identity.waiting_person owner to freehold_owner;
CREATE INDEX waiting_person_due ON identity.waiting_person USING btree (next_attempt_at, issuer, subject);
comment on table identity.waiting_person is 'Users of the identity provider for whom something is still to follow from what it has told: because they are many, have to be known first, or something is in the way, such as a lack of seats.';
comment on column identity.waiting_person.attempts is 'How often it was tried in vain.';
comment on column identity.waiting_person.missing is 'What has to be known first, as kind/id: a user, for a membership.';
comment on column identity.waiting_person.error is 'Why they could not follow at the last attempt.';
comment on column identity.waiting_person.traceparent is 'W3C trace context of what was told of them last.';

CREATE OR REPLACE FUNCTION identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  invitation app.invitation := identity.waiting_invitation(issuer, subject);
  joined app.membership;
  person uuid;
  former record;
begin
  if invitation.id is not null then
    if invitation.status = 'pending' then
      joined := app.accept_invitation(invitation.id, issuer, subject, name);
    else
      insert into app.membership (person_id, email, name, role)
      values (identity.ensure_person(issuer, subject, email, name), email, name, invitation.role)
      returning * into joined;
    end if;
    insert into identity.invited_member (tenant_id, membership_id, invitation_id)
    values (tenant, joined.id, invitation.id);
    update identity.barred_person b
    set lifted_by = invitation.id
    where b.tenant_id = tenant
      and b.person_id = joined.person_id
      and b.lifted_by is null;
    return joined;
  end if;
  person := identity.ensure_person(issuer, subject, email, name);
  if exists (select from identity.barred_person b where b.tenant_id = tenant and b.person_id = person and b.lifted_by is null) then
    return null;
  end if;
  -- who was invited once, and was removed by nobody here, comes back by the provider
  select * into former from identity.former_member(tenant, person);
  if former.invited is not true and not identity.is_admitted(issuer, organization, subject, tenant) then
    return null;
  end if;
  insert into app.membership (person_id, email, name, role)
  values (person, email, name, coalesce(
    case when platform.permissions_of(tenant, former.role) <> '{}' then former.role end, (select t.default_role from app.tenant t where t.tenant_id = tenant and t.id = tenant)))
  returning * into joined;
  if former.invited is not true then
    insert into identity.admitted_member (tenant_id, membership_id)
    values (tenant, joined.id);
  elsif former.invitation is not null then
    insert into identity.invited_member (tenant_id, membership_id, invitation_id)
    values (tenant, joined.id, former.invitation);
  end if;
  return joined;
end
$function$;
alter function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text) owner to freehold_owner;
comment on function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text) is 'Makes somebody a member who was invited, now or before, whose directory has them, or whom the tenant admits by their domain; null for who is none of these, or
was removed by somebody of the tenant. Errors: ZF007.';

CREATE OR REPLACE FUNCTION identity.apply(entry identity.inbox, kind text, ends boolean)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  -- a verification that failed tells of the domain beside the reason
  told jsonb := case when entry.event = 'organization_domain.verification_failed' then entry.data -> 'organization_domain' else entry.data end;
begin
  if kind <> 'directory_group_user' then
    perform identity.take_over(entry.issuer, kind, told, entry.occurred_at, entry.id, ends);
    return;
  end if;
  -- it tells of three: the user, the group, and that the one is in the other, which has neither an id nor a time of its own
  perform identity.take_over(entry.issuer, 'directory_user', told -> 'user', entry.occurred_at, entry.id, false);
  -- all who are in the group follow when it is news, and not each time that somebody joins
  perform identity.take_over_news(entry.issuer, 'directory_group', told -> 'group', entry.occurred_at, entry.id);
  perform identity.take_over(entry.issuer, kind, jsonb_build_object(
    'id', concat_ws('/', told #>> '{group,id}', told #>> '{user,id}'),
    'directory_id', told ->> 'directory_id',
    'directory_group_id', told #>> '{group,id}',
    'directory_user_id', told #>> '{user,id}',
    'present', entry.event = 'dsync.group.user_added'), entry.occurred_at, entry.id, false);
end
$function$;
alter function identity.apply(entry identity.inbox, kind text, ends boolean) owner to freehold_owner;
comment on function identity.apply(entry identity.inbox, kind text, ends boolean) is 'Applies one event.';

CREATE OR REPLACE FUNCTION identity.apply_event(id text)
 RETURNS identity.inbox
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  entry identity.inbox;
  rule identity.provider_event;
  patience text := current_setting('lock_timeout');
  failure text;
begin
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  -- One at a time, so that two that tell of one person never work on them at once. It takes about a millisecond. Who has to wait comes
  -- back: the connections of the gate are for those who call.
  begin
    perform set_config('lock_timeout', '50ms', true);
    perform pg_advisory_xact_lock(7100050);
    perform set_config('lock_timeout', patience, true);
  exception when lock_not_available then
    return entry;
  end;
  select i.* into strict entry from identity.inbox i where i.id = apply_event.id;
  if entry.status not in ('pending', 'deferred') then
    return entry;
  end if;
  select e.* into rule from identity.provider_event e where e.event = entry.event;
  if not found then
    update identity.inbox i set status = 'ignored' where i.id = entry.id returning * into entry;
    return entry;
  end if;
  begin
    perform identity.apply(entry, rule.kind, rule.ends);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  update identity.inbox i
  set status = case when failure is null then 'applied' when i.attempts < 19 then 'deferred' else 'failed' end,
    attempts = i.attempts + 1,
    error = failure,
    applied_at = case when failure is null then statement_timestamp() end,
    next_attempt_at = statement_timestamp() + least(interval '5 seconds' * 2 ^ least(i.attempts, 12), interval '1 hour')
  where i.id = entry.id
  returning * into entry;
  return entry;
end
$function$;
alter function identity.apply_event(id text) owner to freehold_owner;
grant execute on function identity.apply_event(id text) to freehold_gate;
grant execute on function identity.apply_event(id text) to freehold_worker;
comment on function identity.apply_event(id text) is 'Applies an event of the inbox. Its status is then: applied; ignored, when nobody listens to its kind; pending, while others are applied; deferred, when it failed: it is tried again, after
5 seconds and up to an hour; failed, after twenty times in ten hours. Who is not known yet, or cannot follow, is no failure of the event: identity.waiting_person.';

CREATE OR REPLACE FUNCTION identity.block(member app.membership, reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into identity.blocked_member (tenant_id, membership_id, reason)
  values (member.tenant_id, member.id, block.reason)
  on conflict do nothing;
  if found then
    update identity.principal p
    set version = p.version + 1
    where p.tenant_id = member.tenant_id
      and (p.id = member.id or p.id in (
        select k.id from app.api_key k where k.tenant_id = member.tenant_id and k.created_by = member.id and k.status = 'active'));
  end if;
  if member.status <> 'active' then
    return;
  end if;
  begin
    perform app.suspend_membership(member.id);
    update identity.blocked_member b
    set suspended = true
    where b.tenant_id = member.tenant_id
      and b.membership_id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner: locked out all the same, though the tenant keeps them
    perform identity.end_sessions(member.tenant_id, member.person_id);
  end;
end
$function$;
alter function identity.block(member app.membership, reason text) owner to freehold_owner;
comment on function identity.block(member app.membership, reason text) is 'Locks out a member whom the identity provider has deactivated, from their next statement on. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.came_before(invitation identity.provider_object, email text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (identity.provider_object m
              JOIN identity.provider_address a ON (((a.issuer = m.issuer) AND (a.kind = 'user'::text) AND (a.id = m.subject) AND (a.email = lower(came_before.email)))))
           WHERE ((m.issuer = (came_before.invitation).issuer) AND (m.organization = (came_before.invitation).organization) AND (m.subject = came_before.subject) AND (m.kind = 'organization_membership'::text) AND (GREATEST(m.active_at, a.verified_at) < (came_before.invitation).updated_at) AND (m.active_at IS NOT NULL) AND (a.verified_at IS NOT NULL) AND ((NOT m.ended) OR (m.updated_at > (((came_before.invitation).data ->> 'created_at'::text))::timestamp with time zone))))) AS "exists";
END;
alter function identity.came_before(invitation identity.provider_object, email text, subject text) owner to freehold_owner;
comment on function identity.came_before(invitation identity.provider_object, email text, subject text) is 'Whether a user was in the organization, by the address that an invitation was sent to, before the identity provider took that back.';

CREATE OR REPLACE FUNCTION identity.check_policy(tenant app.tenant, kind text, method text, ip inet)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if tenant.status <> 'active' then
    raise exception using errcode = 'ZF011', message = format('the tenant is %s', tenant.status);
  end if;
  -- whose address is not known is in no network
  if tenant.allowed_networks <> '{}' and not coalesce(ip <<= any (tenant.allowed_networks), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered from there', detail = 'Your address is not in its allowed networks.';
  end if;
  if kind = 'api_key' or method = 'Impersonation' then
    return;
  end if;
  if tenant.require_sso and method is distinct from 'SSO' then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is entered by single sign-on',
      detail = case when kind = 'token' then 'An access token does not tell how somebody signed in: use a session or an API key.' else 'Sign in with the connection of your organization.' end;
  end if;
  if tenant.login_methods <> '{}' and not coalesce(method = any (tenant.login_methods), false) then
    raise exception using
      errcode = 'ZF018', message = 'the tenant is not entered that way',
      detail = format('Sign in with one of: %s.', array_to_string(tenant.login_methods, ', '));
  end if;
end
$function$;
alter function identity.check_policy(tenant app.tenant, kind text, method text, ip inet) owner to freehold_owner;
grant execute on function identity.check_policy(tenant app.tenant, kind text, method text, ip inet) to freehold_resolver;
comment on function identity.check_policy(tenant app.tenant, kind text, method text, ip inet) is 'Raises unless a tenant lets somebody in who comes this way: ZF011 when it is not active, ZF018 for its networks, its login methods and its single sign-on. kind is
api_key, session or token; method as the identity provider names it.';

CREATE OR REPLACE FUNCTION identity.claim_tokens(token_hash bytea, organization text DEFAULT NULL::text, ip inet DEFAULT NULL::inet)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  claimed identity.session;
begin
  update identity.session s
  set refresh_claimed_until = clock_timestamp() + interval '20 seconds'
  where s.token_hash = claim_tokens.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and (s.tokens_expire_at <= statement_timestamp() or claim_tokens.organization is not null)
    and (s.refresh_claimed_until is null or s.refresh_claimed_until <= clock_timestamp())
  returning * into claimed;
  -- before the provider is asked, who then knows no other tokens
  if found and claim_tokens.organization is not null then
    perform identity.refuse_impersonator(claimed);
    perform identity.require_lasting(claimed);
    perform identity.enter_as_member(
      identity.tenant_of(claimed.issuer, claim_tokens.organization), claimed.person_id,
      -- another tenant's sign-in proves nothing here
      case when claimed.proven_for = identity.tenant_of(claimed.issuer, claim_tokens.organization) then claimed.method end, claim_tokens.ip);
  end if;
  return claimed.sealed_tokens;
end
$function$;
alter function identity.claim_tokens(token_hash bytea, organization text, ip inet) owner to freehold_owner;
grant execute on function identity.claim_tokens(token_hash bytea, organization text, ip inet) to freehold_gate;
comment on function identity.claim_tokens(token_hash bytea, organization text, ip inet) is 'The sealed tokens of a session whose provider is to be asked, for the one request that may do it; null for all others, for 20 seconds. A token for refreshing is
good once: a second request with it would end the session at the provider. With an organization, to go over to it, also before they are due. Errors: ZF001, ZF003, ZF011, ZF017, ZF018.';

CREATE OR REPLACE FUNCTION identity.concerned(object identity.provider_object)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  case object.kind
    when 'user' then
      return next object.id;
    when 'organization_membership' then
      return next object.subject;
    when 'invitation' then
      return query select object.data ->> 'accepted_user_id' where object.data ->> 'accepted_user_id' is not null;
    when 'organization' then
      -- its end is all that decides anything; its name changes for nobody
      return query
        select distinct m.subject from identity.provider_object m
        where object.ended and m.issuer = object.issuer and m.organization = object.id and m.kind = 'organization_membership';
    when 'organization_domain' then
      return query
        select distinct m.subject from identity.provider_object m
        where m.issuer = object.issuer and m.organization = object.organization and m.kind = 'organization_membership';
    when 'directory_user' then
      return query select identity.subjects_of(object.issuer, array[object.id]);
    when 'directory_group_user' then
      return query select identity.subjects_of(object.issuer, array[object.subject]);
    when 'directory_group' then
      return query
        select identity.subjects_of(object.issuer, array(
          select gu.subject from identity.provider_object gu
          where gu.issuer = object.issuer and gu.directory = object.directory and gu.kind = 'directory_group_user'
            and gu.data ->> 'directory_group_id' = object.id));
    when 'directory' then
      return query
        select identity.subjects_of(object.issuer, array(
          select d.id from identity.provider_object d
          where d.issuer = object.issuer and d.directory = object.id and d.kind = 'directory_user'));
    else
      null;
  end case;
end
$function$;
alter function identity.concerned(object identity.provider_object) owner to freehold_owner;
comment on function identity.concerned(object identity.provider_object) is 'The users for whom something may follow from what was told of an object.';

CREATE OR REPLACE FUNCTION identity.describe_session(token_hash bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT jsonb_build_object('id', s.id, 'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name), 'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug), 'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(
         CASE
             WHEN (s.impersonation_id IS NULL) THEN platform.permissions_of(m.tenant_id, m.role)
             ELSE identity.permissions_of_impersonator(platform.permissions_of(m.tenant_id, m.role))
         END)), 'method', s.method, 'impersonator', ( SELECT jsonb_build_object('email', i.email, 'reason', i.reason) AS jsonb_build_object
            FROM app.impersonation i
           WHERE ((i.tenant_id = s.tenant_id) AND (i.id = s.impersonation_id))), 'created_at', s.created_at, 'expires_at', s.expires_at, 'organizations', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('id', o.organization, 'name', ot.name, 'role', om.role, 'current', (ot.id = s.tenant_id)) ORDER BY ot.name, o.organization), '[]'::jsonb) AS "coalesce"
            FROM (((identity.person_principal pp
              JOIN app.membership om ON (((om.tenant_id = pp.tenant_id) AND (om.id = pp.principal_id) AND (om.status = 'active'::text))))
              JOIN app.tenant ot ON (((ot.tenant_id = om.tenant_id) AND (ot.id = om.tenant_id) AND (ot.status = 'active'::text))))
              JOIN identity.organization o ON (((o.tenant_id = ot.id) AND (o.issuer = s.issuer))))
           WHERE (pp.person_id = s.person_id))) AS jsonb_build_object
    FROM (((identity.session s
      JOIN identity.person p ON ((p.id = s.person_id)))
      JOIN app.tenant t ON (((t.tenant_id = s.tenant_id) AND (t.id = s.tenant_id))))
      JOIN app.membership m ON (((m.tenant_id = s.tenant_id) AND (m.person_id = s.person_id) AND (m.status = 'active'::text))))
   WHERE ((s.token_hash = describe_session.token_hash) AND (s.revoked_at IS NULL) AND (s.expires_at > statement_timestamp()) AND (NOT (EXISTS ( SELECT
            FROM identity.blocked_member b
           WHERE ((b.tenant_id = m.tenant_id) AND (b.membership_id = m.id))))));
END;
alter function identity.describe_session(token_hash bytea) owner to freehold_resolver;
grant execute on function identity.describe_session(token_hash bytea) to freehold_gate;
comment on function identity.describe_session(token_hash bytea) is 'Who the cookie is, in which tenant, with which permissions, and the organizations that they can switch to; null when the session has ended.';

CREATE OR REPLACE FUNCTION identity.desired_state(issuer text, organization text, subject text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH memberships AS (
          SELECT (m.data ->> 'status'::text) AS status,
             m.ended
            FROM identity.provider_object m
           WHERE ((m.issuer = desired_state.issuer) AND (m.organization = desired_state.organization) AND (m.subject = desired_state.subject) AND (m.kind = 'organization_membership'::text))
         )
  SELECT
         CASE
             WHEN (NOT (EXISTS ( SELECT
                FROM memberships))) THEN NULL::text
             WHEN ((identity.known(issuer, 'user'::text, subject)).ended OR (NOT (EXISTS ( SELECT
                FROM memberships m
               WHERE (NOT m.ended))))) THEN 'removed'::text
             WHEN (identity.known(issuer, 'organization'::text, organization)).ended THEN 'suspended'::text
             WHEN identity.is_deprovisioned(issuer, organization, subject) THEN 'suspended'::text
             WHEN (EXISTS ( SELECT
                FROM memberships m
               WHERE ((NOT m.ended) AND (m.status = 'active'::text)))) THEN 'active'::text
             WHEN (EXISTS ( SELECT
                FROM memberships m
               WHERE ((NOT m.ended) AND (m.status = 'inactive'::text)))) THEN 'suspended'::text
             ELSE 'pending'::text
         END AS "case";
END;
alter function identity.desired_state(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.desired_state(issuer text, organization text, subject text) is 'active, suspended, removed or pending; null when nothing is known. Suspended: the membership or all of the person''s directory users are inactive, or the organization
has ended. Removed: the person or every membership of theirs has ended.';

CREATE OR REPLACE FUNCTION identity.directory_users_of(issuer text, organization text, subject text)
 RETURNS SETOF identity.provider_object
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 10
 SET search_path TO ''
BEGIN ATOMIC
 SELECT o.d
    FROM (( SELECT DISTINCT a_1.id
            FROM (identity.provider_address u
              CROSS JOIN LATERAL ( SELECT a_2.id
                    FROM identity.provider_address a_2
                   WHERE ((a_2.issuer = directory_users_of.issuer) AND (a_2.kind = 'directory_user'::text) AND (a_2.email = u.email))
                  OFFSET 0) a_1)
           WHERE ((u.issuer = directory_users_of.issuer) AND (u.kind = 'user'::text) AND (u.id = directory_users_of.subject))
          OFFSET 0) a
      CROSS JOIN LATERAL ( SELECT d.*::identity.provider_object AS d
            FROM identity.provider_object d
           WHERE ((d.issuer = directory_users_of.issuer) AND (d.kind = 'directory_user'::text) AND (d.id = a.id))
          OFFSET 0) o(d))
   WHERE ((o.d).organization = directory_users_of.organization);
END;
alter function identity.directory_users_of(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.directory_users_of(issuer text, organization text, subject text) is 'The users of an organization''s directories who are this user: those who ever shared an address.';

CREATE OR REPLACE FUNCTION identity.due_events(most integer DEFAULT 100)
 RETURNS TABLE(id text, traceparent text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT i.id,
     i.traceparent
    FROM identity.inbox i
   WHERE ((i.status = ANY (ARRAY['pending'::text, 'deferred'::text])) AND (i.next_attempt_at <= statement_timestamp()))
   ORDER BY i.next_attempt_at, i.id
  LIMIT due_events.most;
END;
alter function identity.due_events(most integer) owner to freehold_owner;
grant execute on function identity.due_events(most integer) to freehold_worker;
comment on function identity.due_events(most integer) is 'Which events are to be applied by now, at most that many.';

CREATE OR REPLACE FUNCTION identity.due_people(most integer DEFAULT 100)
 RETURNS SETOF identity.waiting_person
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT w.*::identity.waiting_person AS w
    FROM identity.waiting_person w
   WHERE (w.next_attempt_at <= statement_timestamp())
   ORDER BY w.next_attempt_at, w.issuer, w.subject
  LIMIT due_people.most;
END;
alter function identity.due_people(most integer) owner to freehold_owner;
grant execute on function identity.due_people(most integer) to freehold_worker;
comment on function identity.due_people(most integer) is 'Who is to follow by now, at most that many.';

CREATE OR REPLACE FUNCTION identity.end_contexts(person uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 UPDATE identity.principal p SET version = (p.version + 1)
   WHERE ((p.tenant_id, p.id) IN ( SELECT m.tenant_id,
             m.principal_id
            FROM identity.person_principal m
           WHERE (m.person_id = end_contexts.person)));
END;
alter function identity.end_contexts(person uuid) owner to freehold_owner;
comment on function identity.end_contexts(person uuid) is 'Ends every context of a person, in every tenant: their credentials resolve again.';

CREATE OR REPLACE FUNCTION identity.end_session(ending identity.session, reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  member app.membership;
begin
  update identity.session s
  set revoked_at = statement_timestamp(),
    sealed_tokens = null
  where s.id = ending.id
    and s.revoked_at is null;
  if not found then
    return;
  end if;
  perform platform.enter_as_system(ending.tenant_id, 'sign-out');
  select m.*
  into member
  from app.membership m
  where m.tenant_id = ending.tenant_id
    and m.person_id = ending.person_id
    and m.status <> 'removed';
  -- of whom the tenant no longer knows, it is told nothing
  if not found then
    return;
  end if;
  -- what somebody does, or support does as them, is theirs
  if reason <> 'refused_by_provider' and member.status = 'active' then
    perform platform.enter(ending.tenant_id, member.id, platform.permissions_of(ending.tenant_id, member.role), ending.impersonation_id);
  end if;
  perform platform.record_event('user.signed_out', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', ending.id, 'reason', reason));
end
$function$;
alter function identity.end_session(ending identity.session, reason text) owner to freehold_owner;
comment on function identity.end_session(ending identity.session, reason text) is 'Ends a session and forgets its tokens. Event: user.signed_out.';

CREATE OR REPLACE FUNCTION identity.end_sessions(tenant uuid, person uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 UPDATE identity.session s SET revoked_at = statement_timestamp(), sealed_tokens = NULL::text
   WHERE ((s.tenant_id = end_sessions.tenant) AND (s.person_id = end_sessions.person) AND (s.revoked_at IS NULL));
END;
alter function identity.end_sessions(tenant uuid, person uuid) owner to freehold_owner;
comment on function identity.end_sessions(tenant uuid, person uuid) is 'Ends the sessions of a person in a tenant.';

CREATE OR REPLACE FUNCTION identity.end_sync(issuer text, organization text, listed jsonb, at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(7100050);
  -- who is in a group has neither an end nor a time of its own
  perform identity.observe(gu.issuer, gu.kind, gu.id, gu.data || '{"present": false}', end_sync.at, '', false)
  from identity.provider_object d
  join identity.provider_object gu on gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user'
  where d.issuer = end_sync.issuer
    and d.organization = end_sync.organization
    and d.kind = 'directory'
    and (gu.data ->> 'present')::boolean
    and end_sync.listed ? ('directory_group/' || (gu.data ->> 'directory_group_id'))
    and not end_sync.listed ? ('directory_group_user/' || gu.id);
  perform identity.follow_organization(issuer, organization);
  update identity.organization o
  set synced_at = statement_timestamp()
  where o.issuer = end_sync.issuer
    and o.organization = end_sync.organization;
end
$function$;
alter function identity.end_sync(issuer text, organization text, listed jsonb, at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.end_sync(issuer text, organization text, listed jsonb, at timestamp with time zone) to freehold_worker;
comment on function identity.end_sync(issuer text, organization text, listed jsonb, at timestamp with time zone) is 'Ends the synchronization of an organization in whose lists these were, {"kind/id": true}: who is not listed in a group that is has left it, unless an event from after that time has told otherwise. Everybody of the
organization follows.';

CREATE OR REPLACE FUNCTION identity.ensure_person(issuer text, subject text, email text, name text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  found_person uuid;
begin
  -- a sign-in and the news of it may come at once
  perform pg_advisory_xact_lock(hashtextextended(issuer || ' ' || subject, 7100051));
  select l.person_id
  into found_person
  from identity.login l
  where l.issuer = ensure_person.issuer
    and l.subject = ensure_person.subject;
  if not found then
    insert into identity.person (email, name)
    values (ensure_person.email, ensure_person.name)
    returning id into found_person;
    insert into identity.login (issuer, subject, person_id)
    values (ensure_person.issuer, ensure_person.subject, found_person);
  end if;
  return found_person;
end
$function$;
alter function identity.ensure_person(issuer text, subject text, email text, name text) owner to freehold_owner;
comment on function identity.ensure_person(issuer text, subject text, email text, name text) is 'The person of an issuer and subject, made when new. People are never matched by e-mail.';

CREATE OR REPLACE FUNCTION identity.enter_as_member(tenant uuid, person uuid, method text, ip inet)
 RETURNS app.membership
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  member app.membership;
begin
  perform platform.enter_as_system(tenant, 'sign-in');
  perform identity.check_policy(t, 'session', method, ip)
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant;
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
    and m.status = 'active';
  if not found or exists (
    select from identity.blocked_member b where b.tenant_id = tenant and b.membership_id = member.id) then
    raise exception using errcode = 'ZF017', message = 'the person is no active member of the tenant';
  end if;
  perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role));
  return member;
end
$function$;
alter function identity.enter_as_member(tenant uuid, person uuid, method text, ip inet) owner to freehold_owner;
comment on function identity.enter_as_member(tenant uuid, person uuid, method text, ip inet) is 'Takes the rest of the transaction into a tenant as a member who signs in. Errors: ZF011 when the tenant is not active, ZF017 when the person is no active member, ZF018 when the
tenant does not let them in this way.';

CREATE OR REPLACE FUNCTION identity.follow(issuer text, subject text)
 RETURNS identity.waiting_person
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  lacking text[] := '{}';
  failure text;
  waiting identity.waiting_person;
begin
  begin
    lacking := identity.reconcile_person(issuer, subject);
  exception when others then
    failure := format('%s %s', sqlstate, sqlerrm);
  end;
  if failure is null and lacking = '{}' then
    delete from identity.waiting_person w
    where w.issuer = follow.issuer
      and w.subject = follow.subject;
    return null;
  end if;
  insert into identity.waiting_person as w (issuer, subject, traceparent, attempts, missing, error, next_attempt_at)
  values (
    follow.issuer, follow.subject, left(nullif(current_setting('freehold.traceparent', true), ''), 100), 1,
    array(select distinct m from unnest(lacking) m where m not like 'failed/%' order by m),
    coalesce(failure, (select string_agg(distinct substr(m, 8), '; ') from unnest(lacking) m where m like 'failed/%')),
    statement_timestamp() + interval '5 seconds')
  on conflict on constraint waiting_person_pkey do update
    set (attempts, missing, error, next_attempt_at) = (
      w.attempts + 1, excluded.missing, excluded.error,
      statement_timestamp() + least(interval '5 seconds' * 2 ^ least(w.attempts, 12), interval '1 hour'))
  returning * into waiting;
  return waiting;
end
$function$;
alter function identity.follow(issuer text, subject text) owner to freehold_owner;
comment on function identity.follow(issuer text, subject text) is 'Makes a person and all their members what the identity provider says, or notes what they wait for: null when nothing. Tried again after 5 seconds and up to an hour, for as long as it
is so: a seat may become free.';

CREATE OR REPLACE FUNCTION identity.follow_all(issuer text, subjects text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  subject text;
begin
  -- of what names nobody
  subjects := array_remove(subjects, null);
  if cardinality(subjects) <= 10 then
    foreach subject in array subjects loop
      perform identity.follow(issuer, subject);
    end loop;
    return;
  end if;
  insert into identity.waiting_person as w (issuer, subject, traceparent)
  select follow_all.issuer, s, left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from unnest(subjects) s
  on conflict on constraint waiting_person_pkey do update
    -- who is due already keeps their turn
    set (next_attempt_at, traceparent) = (least(w.next_attempt_at, statement_timestamp()), excluded.traceparent);
  -- it notifies, which locks the whole database at commit: for many at once, which is rare
  perform graphile_worker.add_job('follow_people', queue_name => 'follow_people', job_key => 'follow_people', max_attempts => 3);
end
$function$;
alter function identity.follow_all(issuer text, subjects text[]) owner to freehold_owner;
comment on function identity.follow_all(issuer text, subjects text[]) is 'Has these users follow: up to ten at once, about three milliseconds each; more are left to the worker, which begins at once, so that no transaction is long and nobody waits for it.';

CREATE OR REPLACE FUNCTION identity.follow_directories(tenant uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  provider record;
begin
  for provider in
    select o.issuer, array(
      select identity.subjects_of(o.issuer, array(
        select d.id from identity.provider_object d
        where d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'))) as subjects
    from identity.organization o
    where o.tenant_id = follow_directories.tenant
  loop
    perform pg_advisory_xact_lock(7100050);
    perform identity.follow_all(provider.issuer, provider.subjects);
  end loop;
end
$function$;
alter function identity.follow_directories(tenant uuid) owner to freehold_owner;
grant execute on function identity.follow_directories(tenant uuid) to freehold_worker;
comment on function identity.follow_directories(tenant uuid) is 'Has the people of a tenant''s directories follow, when its groups give other roles.';

CREATE OR REPLACE FUNCTION identity.follow_object(object identity.provider_object)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ending identity.session;
  link identity.provided_invitation;
begin
  if object.kind = 'invitation' and object.data ->> 'state' = 'revoked' then
    select pi.* into link from identity.provided_invitation pi where pi.issuer = object.issuer and pi.id = object.id;
    if found then
      perform platform.enter_as_system(link.tenant_id, 'identity provider');
      perform identity.follow_all(object.issuer, array(
        select identity.withdraw(i, object)
        from app.invitation i
        where i.tenant_id = link.tenant_id and i.id = link.invitation_id));
    end if;
  end if;
  perform identity.follow_all(object.issuer, array(select distinct c from identity.concerned(object) c order by c));
  if object.kind = 'session' and object.ended then
    for ending in
      select s.* from identity.session s
      where s.issuer = object.issuer and s.provider_session = object.id and s.revoked_at is null
      order by s.id
    loop
      perform identity.end_session(ending, 'refused_by_provider');
    end loop;
    -- of a frontend that has access tokens, and no session here
    perform identity.end_contexts(l.person_id)
    from identity.login l
    where l.issuer = object.issuer
      and l.subject = object.subject;
  end if;
end
$function$;
alter function identity.follow_object(object identity.provider_object) owner to freehold_owner;
comment on function identity.follow_object(object identity.provider_object) is 'Does what follows from the state of an object: for people, sessions and invitations.';

CREATE OR REPLACE FUNCTION identity.follow_organization(issuer text, organization text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(7100050);
  perform identity.follow_all(issuer, array(
    select distinct m.subject
    from identity.provider_object m
    where m.issuer = follow_organization.issuer and m.organization = follow_organization.organization and m.kind = 'organization_membership'
    order by m.subject));
end
$function$;
alter function identity.follow_organization(issuer text, organization text) owner to freehold_owner;
grant execute on function identity.follow_organization(issuer text, organization text) to freehold_worker;
comment on function identity.follow_organization(issuer text, organization text) is 'Has everybody of an organization follow, whether anything was news or not: what went wrong once is right after a day.';

CREATE OR REPLACE FUNCTION identity.follow_person(issuer text, subject text)
 RETURNS identity.waiting_person
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(7100050);
  return identity.follow(issuer, subject);
end
$function$;
alter function identity.follow_person(issuer text, subject text) owner to freehold_owner;
grant execute on function identity.follow_person(issuer text, subject text) to freehold_worker;
comment on function identity.follow_person(issuer text, subject text) is 'As identity.follow, one at a time. A transaction each: the lock is everybody''s.';

CREATE OR REPLACE FUNCTION identity.follow_principal()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'INSERT' then
    perform platform.add_principal(new.tenant_id, new.id, tg_argv[0]);
    return null;
  end if;
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.id = new.id;
  return null;
end
$function$;
alter function identity.follow_principal() owner to freehold_owner;
comment on function identity.follow_principal() is 'Trigger: a member or key is a principal; what changes its state, role or scopes ends the contexts minted before.';

CREATE OR REPLACE FUNCTION identity.follow_role(issuer text, organization text, member app.membership, subject text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  given text := identity.group_role_of(issuer, organization, subject, member.tenant_id);
begin
  -- who is in no group that gives a role has the one that people here gave
  if given is null then
    delete from identity.group_member g
    where g.tenant_id = member.tenant_id
      and g.membership_id = member.id
    returning g.former_role into given;
    if not found then
      return;
    end if;
    -- a role that has ended is given to nobody
    if platform.permissions_of(member.tenant_id, given) = '{}' then
      select t.default_role into given from app.tenant t where t.tenant_id = member.tenant_id and t.id = member.tenant_id;
    end if;
  else
    insert into identity.group_member (tenant_id, membership_id, former_role)
    values (member.tenant_id, member.id, member.role)
    on conflict do nothing;
  end if;
  if given = member.role then
    return;
  end if;
  begin
    update app.membership m
    set role = given
    where m.tenant_id = member.tenant_id
      and m.id = member.id;
  exception when sqlstate 'ZF009' then
    -- the last owner stays one, until there is another
    null;
  end;
end
$function$;
alter function identity.follow_role(issuer text, organization text, member app.membership, subject text) owner to freehold_owner;
comment on function identity.follow_role(issuer text, organization text, member app.membership, subject text) is 'Gives a member the role of their directory''s groups; the one that they had before when they have left the last that gave one. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.follow_role_permissions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update identity.principal p
  set version = p.version + 1
  from app.membership m
  where m.tenant_id = new.tenant_id
    and m.role = new.key
    and m.status = 'active'
    and p.tenant_id = m.tenant_id
    and p.id = m.id;
  return null;
end
$function$;
alter function identity.follow_role_permissions() owner to freehold_owner;
comment on function identity.follow_role_permissions() is 'Trigger: a role whose permissions change ends the contexts of its members.';

CREATE OR REPLACE FUNCTION identity.follow_session()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform identity.end_contexts(new.person_id);
  return null;
end
$function$;
alter function identity.follow_session() owner to freehold_owner;
comment on function identity.follow_session() is 'Trigger: a revoked session, one that has another secret now, or a login whose tokens were ended, ends the contexts of its person in every tenant; other sessions
resolve again.';

CREATE OR REPLACE FUNCTION identity.follow_tenant()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update identity.principal p
  set version = p.version + 1
  where p.tenant_id = new.tenant_id
    and p.kind <> 'system';
  return null;
end
$function$;
alter function identity.follow_tenant() owner to freehold_owner;
comment on function identity.follow_tenant() is 'Trigger: a tenant that changes its state ends the contexts of all its members and keys.';

CREATE OR REPLACE FUNCTION identity.forget_ended(most integer DEFAULT 10000)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
  more integer;
begin
  delete from identity.session s
  where s.id in (
    select e.id from identity.session e
    where e.expires_at < statement_timestamp() - interval '30 days'
    limit most);
  get diagnostics forgotten = row_count;
  -- longer than the provider keeps them for polling, so that none is taken in twice
  delete from identity.inbox i
  where i.id in (
    select o.id from identity.inbox o
    where o.received_at < statement_timestamp() - interval '90 days'
      and o.status in ('applied', 'ignored', 'failed')
    limit most);
  get diagnostics more = row_count;
  forgotten := forgotten + more;
  delete from identity.provider_object p
  where (p.issuer, p.kind, p.id) in (
    select o.issuer, o.kind, o.id from identity.provider_object o
    where o.kind = 'session'
      and o.updated_at < statement_timestamp() - interval '90 days'
    limit most);
  get diagnostics more = row_count;
  return forgotten + more;
end
$function$;
alter function identity.forget_ended(most integer) owner to freehold_owner;
grant execute on function identity.forget_ended(most integer) to freehold_worker;
comment on function identity.forget_ended(most integer) is 'Deletes sessions that ended a month ago and events of the identity provider that came three months ago and are done with, at most that many of each. Returns how many; 0 when all is done.';

CREATE OR REPLACE FUNCTION identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean, OUT invitation uuid)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(g.former_role, m.role) AS "coalesce",
     (NOT (EXISTS ( SELECT
            FROM identity.admitted_member a
           WHERE ((a.tenant_id = m.tenant_id) AND (a.membership_id = m.id))))),
     im.invitation_id
    FROM ((app.membership m
      LEFT JOIN identity.group_member g ON (((g.tenant_id = m.tenant_id) AND (g.membership_id = m.id))))
      LEFT JOIN identity.invited_member im ON (((im.tenant_id = m.tenant_id) AND (im.membership_id = m.id))))
   WHERE ((m.tenant_id = former_member.tenant) AND (m.person_id = former_member.person) AND (m.status = 'removed'::text) AND (NOT (EXISTS ( SELECT
            FROM identity.provided_invitation pi
           WHERE ((pi.tenant_id = im.tenant_id) AND (pi.invitation_id = im.invitation_id) AND pi.withdrawn)))))
   ORDER BY m.updated_at DESC, m.id DESC
  LIMIT 1;
END;
alter function identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean, OUT invitation uuid) owner to freehold_owner;
comment on function identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean, OUT invitation uuid) is 'The role that somebody had whose membership has ended, whether they had been invited, and by which invitation; null for who never was a member, or was by an invitation that had been
revoked. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.give_up_following(issuer text, subject text, attempts integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(7100050);
  delete from identity.waiting_person w
  where w.issuer = give_up_following.issuer
    and w.subject = give_up_following.subject
    and w.attempts = give_up_following.attempts
    and w.next_attempt_at > statement_timestamp()
    and w.error is null;
end
$function$;
alter function identity.give_up_following(issuer text, subject text, attempts integer) owner to freehold_owner;
grant execute on function identity.give_up_following(issuer text, subject text, attempts integer) to freehold_worker;
comment on function identity.give_up_following(issuer text, subject text, attempts integer) is 'Nothing is to follow for somebody until they are told of again, for the identity provider does not know them; unless they were told of since that attempt, or something else is in the way.';

CREATE OR REPLACE FUNCTION identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT r.role
    FROM (((( SELECT d_1.id
            FROM identity.directory_users_of(group_role_of.issuer, group_role_of.organization, group_role_of.subject) d_1(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory, active_at)
           WHERE identity.is_active_directory_user(d_1.*)
          OFFSET 0) d
      CROSS JOIN LATERAL ( SELECT (gu_1.data ->> 'directory_group_id'::text) AS id
            FROM identity.provider_object gu_1
           WHERE ((gu_1.issuer = group_role_of.issuer) AND (gu_1.subject = d.id) AND (gu_1.kind = 'directory_group_user'::text) AND ((gu_1.data ->> 'present'::text))::boolean)
          OFFSET 0) gu)
      CROSS JOIN LATERAL ( SELECT (g_1.data ->> 'name'::text) AS name
            FROM identity.provider_object g_1
           WHERE ((g_1.issuer = group_role_of.issuer) AND (g_1.kind = 'directory_group'::text) AND (g_1.id = gu.id) AND (NOT g_1.ended))
          OFFSET 0) g)
      JOIN app.group_role r ON (((r.tenant_id = group_role_of.tenant) AND (r.group_name = g.name) AND (r.status = 'active'::text))))
   ORDER BY r."position", r.group_name
  LIMIT 1;
END;
alter function identity.group_role_of(issuer text, organization text, subject text, tenant uuid) owner to freehold_owner;
comment on function identity.group_role_of(issuer text, organization text, subject text, tenant uuid) is 'The role that the groups of somebody''s directory give them; null when none does. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.has_connection(tenant uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM (identity.organization o
              JOIN identity.provider_object c ON (((c.issuer = o.issuer) AND (c.organization = o.organization) AND (c.kind = 'connection'::text) AND (NOT c.ended))))
           WHERE ((o.tenant_id = has_connection.tenant) AND ((c.data ->> 'state'::text) = 'active'::text)))) AS "exists";
END;
alter function identity.has_connection(tenant uuid) owner to freehold_owner;
comment on function identity.has_connection(tenant uuid) is 'Whether the organization of a tenant has an active connection for single sign-on.';

CREATE OR REPLACE FUNCTION identity.has_ended(issuer text, provider_session text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.session s
           WHERE ((s.issuer = has_ended.issuer) AND (s.provider_session = has_ended.provider_session) AND (s.revoked_at IS NOT NULL)))) OR COALESCE((identity.known(issuer, 'session'::text, provider_session)).ended, false));
END;
alter function identity.has_ended(issuer text, provider_session text) owner to freehold_owner;
grant execute on function identity.has_ended(issuer text, provider_session text) to freehold_resolver;
comment on function identity.has_ended(issuer text, provider_session text) is 'Whether a session of the identity provider has ended, here or there: access tokens that name it are good no more. False for null.';

CREATE OR REPLACE FUNCTION identity.invitation_to_tell(issuer text, invitation uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function identity.invitation_to_tell(issuer text, invitation uuid) owner to freehold_owner;
grant execute on function identity.invitation_to_tell(issuer text, invitation uuid) to freehold_worker;
comment on function identity.invitation_to_tell(issuer text, invitation uuid) is 'An invitation as the identity provider needs it: organization, email, status, days, inviter, and sent, what it calls it already. Null when the tenant has no organization there.';

CREATE OR REPLACE FUNCTION identity.is_active_directory_user(directory_user identity.provider_object)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
RETURN ((NOT (directory_user).ended) AND (COALESCE(((directory_user).data ->> 'state'::text), 'active'::text) = 'active'::text) AND (NOT COALESCE((identity.known((directory_user).issuer, 'directory'::text, (directory_user).directory)).ended, false)));
alter function identity.is_active_directory_user(directory_user identity.provider_object) owner to freehold_owner;
comment on function identity.is_active_directory_user(directory_user identity.provider_object) is 'Whether a user of a directory is in it, and active.';

CREATE OR REPLACE FUNCTION identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_admitted.issuer, is_admitted.organization, is_admitted.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory, active_at)
           WHERE identity.is_active_directory_user(d.*))) OR (( SELECT t.admit_verified_domains
            FROM app.tenant t
           WHERE ((t.tenant_id = is_admitted.tenant) AND (t.id = is_admitted.tenant))) AND identity.is_of_domain(issuer, organization, subject)));
END;
alter function identity.is_admitted(issuer text, organization text, subject text, tenant uuid) owner to freehold_owner;
comment on function identity.is_admitted(issuer text, organization text, subject text, tenant uuid) is 'Whether somebody whom nobody has invited may become a member: their directory has them, or an address of theirs is of a verified domain and the tenant admits those.
Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.is_deprovisioned(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE((NOT bool_or(identity.is_active_directory_user(d.*))), false) AS "coalesce"
    FROM identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory, active_at);
END;
alter function identity.is_deprovisioned(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.is_deprovisioned(issuer text, organization text, subject text) is 'Whether somebody is, or was, in directories of the organization, and active in none.';

CREATE OR REPLACE FUNCTION identity.is_eligible(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_eligible.issuer, is_eligible.organization, is_eligible.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory, active_at)
           WHERE identity.is_active_directory_user(d.*))) OR identity.is_of_domain(issuer, organization, subject));
END;
alter function identity.is_eligible(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.is_eligible(issuer text, organization text, subject text) is 'Whether somebody whom nobody has invited may be a member who became one: whatever the tenant admits by now, which is for those who come.';

CREATE OR REPLACE FUNCTION identity.is_of_domain(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM ((identity.provider_address a
              JOIN identity.provider_object d ON (((d.issuer = a.issuer) AND (d.organization = is_of_domain.organization) AND (d.kind = 'organization_domain'::text) AND (lower((d.data ->> 'domain'::text)) = split_part(a.email, '@'::text, 2)))))
              JOIN identity.provider_object m ON (((m.issuer = a.issuer) AND (m.organization = is_of_domain.organization) AND (m.subject = a.id) AND (m.kind = 'organization_membership'::text) AND (NOT m.ended))))
           WHERE ((a.issuer = is_of_domain.issuer) AND (a.kind = 'user'::text) AND (a.id = is_of_domain.subject) AND (a.verified_at IS NOT NULL) AND ((d.data ->> 'state'::text) = ANY (ARRAY['verified'::text, 'legacy_verified'::text])) AND ((NOT d.ended) OR (((m.data ->> 'created_at'::text))::timestamp with time zone < d.updated_at))))) AS "exists";
END;
alter function identity.is_of_domain(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.is_of_domain(issuer text, organization text, subject text) is 'Whether an address of somebody is of a domain that the organization has verified, and had when they came.';

CREATE OR REPLACE FUNCTION identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  -- who was so slow that another has claimed meanwhile does not overwrite what that one got
  update identity.session s
  set sealed_tokens = keep_tokens.sealed_tokens,
    tokens_expire_at = coalesce(keep_tokens.tokens_expire_at, s.tokens_expire_at),
    refresh_claimed_until = null
  where s.token_hash = keep_tokens.token_hash
    and s.sealed_tokens = keep_tokens.former
    and s.revoked_at is null;
  return found;
end
$function$;
alter function identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamp with time zone) to freehold_gate;
comment on function identity.keep_tokens(token_hash bytea, former text, sealed_tokens text, tokens_expire_at timestamp with time zone) is 'Puts new tokens in the place of those that were claimed, or, with the same ones and no time, gives them back unused. Returns false when they have been replaced by somebody else, or the session has ended.';

CREATE OR REPLACE FUNCTION identity.known(issuer text, kind text, id text)
 RETURNS identity.provider_object
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT o.*::identity.provider_object AS o
    FROM identity.provider_object o
   WHERE ((o.issuer = known.issuer) AND (o.kind = known.kind) AND (o.id = known.id));
END;
alter function identity.known(issuer text, kind text, id text) owner to freehold_owner;
comment on function identity.known(issuer text, kind text, id text) is 'What is known of an object of the identity provider; null for nothing.';

CREATE OR REPLACE FUNCTION identity.knows_member(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((identity.desired_state(issuer, organization, subject) IS NOT NULL) AND ((identity.known(issuer, 'user'::text, subject)).id IS NOT NULL));
END;
alter function identity.knows_member(issuer text, organization text, subject text) owner to freehold_owner;
grant execute on function identity.knows_member(issuer text, organization text, subject text) to freehold_gate;
comment on function identity.knows_member(issuer text, organization text, subject text) is 'Whether the identity provider has told of a user and their membership: of those who were there before its events were listened to, it has not.';

CREATE OR REPLACE FUNCTION identity.link_own_organization(tenant uuid, issuer text, organization text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.enter_as_system(tenant, 'an owner sets up their organization');
  perform platform.link_organization(issuer, organization);
end
$function$;
alter function identity.link_own_organization(tenant uuid, issuer text, organization text) owner to freehold_owner;
grant execute on function identity.link_own_organization(tenant uuid, issuer text, organization text) to freehold_gate;
comment on function identity.link_own_organization(tenant uuid, issuer text, organization text) is 'As platform.link_organization, for the gate: the server has made sure that an owner of the tenant asks, and has made the organization for it. Errors: 23505, ZF004.';

CREATE OR REPLACE FUNCTION identity.list_sessions(token_hash bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(jsonb_agg(jsonb_build_object('id', s.id, 'tenant', jsonb_build_object('id', t.id, 'name', t.name), 'method', s.method, 'impersonated', (s.impersonation_id IS NOT NULL), 'ip', host(s.ip), 'user_agent', s.user_agent, 'created_at', s.created_at, 'last_seen_at', s.last_seen_at, 'expires_at', s.expires_at, 'current', (s.id = own.id)) ORDER BY s.last_seen_at DESC, s.id), '[]'::jsonb) AS "coalesce"
    FROM ((identity.session own
      JOIN identity.session s ON ((s.person_id = own.person_id)))
      JOIN app.tenant t ON (((t.tenant_id = s.tenant_id) AND (t.id = s.tenant_id))))
   WHERE ((own.token_hash = list_sessions.token_hash) AND (own.revoked_at IS NULL) AND (own.expires_at > statement_timestamp()) AND (s.revoked_at IS NULL) AND (s.expires_at > statement_timestamp()));
END;
alter function identity.list_sessions(token_hash bytea) owner to freehold_resolver;
grant execute on function identity.list_sessions(token_hash bytea) to freehold_gate;
comment on function identity.list_sessions(token_hash bytea) is 'All sessions of the person whose cookie it is, the last used first.';

CREATE OR REPLACE FUNCTION identity.memberships_to_tell(issuer text, membership uuid)
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function identity.memberships_to_tell(issuer text, membership uuid) owner to freehold_owner;
grant execute on function identity.memberships_to_tell(issuer text, membership uuid) to freehold_worker;
comment on function identity.memberships_to_tell(issuer text, membership uuid) is 'What the identity provider calls the membership of a member, and has not ended.';

CREATE OR REPLACE FUNCTION identity.move_audit_position(after uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require('event:read');
  insert into identity.audit_position as p (tenant_id, after)
  values (platform.tenant_id(), move_audit_position.after)
  on conflict (tenant_id) do update
    set (after, sent_at) = (excluded.after, statement_timestamp());
end
$function$;
alter function identity.move_audit_position(after uuid) owner to freehold_owner;
grant execute on function identity.move_audit_position(after uuid) to freehold_worker;
comment on function identity.move_audit_position(after uuid) is 'The audit log of the identity provider has every event up to this one. Inside the tenant, as the system.';

CREATE OR REPLACE FUNCTION identity.move_poll_position(issuer text, after text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 INSERT INTO identity.event_cursor AS c (issuer, after)
   VALUES (move_poll_position.issuer, move_poll_position.after) ON CONFLICT(issuer) DO UPDATE SET after = COALESCE(excluded.after, c.after), polled_at = statement_timestamp();
END;
alter function identity.move_poll_position(issuer text, after text) owner to freehold_owner;
grant execute on function identity.move_poll_position(issuer text, after text) to freehold_worker;
comment on function identity.move_poll_position(issuer text, after text) is 'Everything up to this event was taken in by polling; with null, there was nothing new.';

CREATE OR REPLACE FUNCTION identity.note_invitation(issuer text, id text, invitation uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require('invitation:accept');
  insert into identity.provided_invitation (issuer, id, tenant_id, invitation_id)
  values (note_invitation.issuer, note_invitation.id, platform.tenant_id(), note_invitation.invitation)
  on conflict do nothing;
end
$function$;
alter function identity.note_invitation(issuer text, id text, invitation uuid) owner to freehold_owner;
grant execute on function identity.note_invitation(issuer text, id text, invitation uuid) to freehold_worker;
comment on function identity.note_invitation(issuer text, id text, invitation uuid) is 'The identity provider has sent this invitation, and calls it so.';

CREATE OR REPLACE FUNCTION identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamp with time zone, told_by text, ended boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  is_news boolean;
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified_at)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'),
      case when (observe.data ->> 'email_verified')::boolean then observe.updated_at end)
    on conflict on constraint provider_address_pkey do update
      set verified_at = least(a.verified_at, excluded.verified_at);
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  is_news := found;
  -- the first time that it was so, whichever is heard of first
  if observe.kind = 'organization_membership' and observe.data ->> 'status' = 'active' then
    update identity.provider_object o
    set active_at = least(o.active_at, observe.updated_at)
    where o.issuer = observe.issuer
      and o.kind = observe.kind
      and o.id = observe.id
      and observe.updated_at < coalesce(o.active_at, 'infinity');
  end if;
  return is_news;
end
$function$;
alter function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamp with time zone, told_by text, ended boolean) owner to freehold_owner;
comment on function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamp with time zone, told_by text, ended boolean) is 'Takes over what the identity provider tells of an object, unless something newer is known or the object has ended. Returns whether it was news.';

CREATE OR REPLACE FUNCTION identity.organizations_to_sync(issuer text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT o.organization
    FROM identity.organization o
   WHERE ((o.issuer = organizations_to_sync.issuer) AND ((o.synced_at IS NULL) OR (o.synced_at < (statement_timestamp() - '1 day'::interval))))
   ORDER BY o.synced_at NULLS FIRST, o.organization;
END;
alter function identity.organizations_to_sync(issuer text) owner to freehold_owner;
grant execute on function identity.organizations_to_sync(issuer text) to freehold_worker;
comment on function identity.organizations_to_sync(issuer text) is 'Organizations of tenants that were not synchronized for a day, those that never were first.';

CREATE OR REPLACE FUNCTION identity.permissions_of_impersonator(permissions text[])
 RETURNS text[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(array_agg(p.p ORDER BY p.p), '{}'::text[]) AS "coalesce"
    FROM unnest(permissions_of_impersonator.permissions) p(p)
   WHERE ((p.p ~~ '%:read'::text) OR (NOT (split_part(p.p, ':'::text, 1) IN ( SELECT g.entity
            FROM identity.guarded_entity g))));
END;
alter function identity.permissions_of_impersonator(permissions text[]) owner to freehold_owner;
grant execute on function identity.permissions_of_impersonator(permissions text[]) to freehold_resolver;
comment on function identity.permissions_of_impersonator(permissions text[]) is 'What is left of a member''s permissions to support who acts as them: not who may come in, nor with what (identity.guarded_entity).';

CREATE OR REPLACE FUNCTION identity.poll_position(issuer text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT c.after
    FROM identity.event_cursor c
   WHERE (c.issuer = poll_position.issuer);
END;
alter function identity.poll_position(issuer text) owner to freehold_owner;
grant execute on function identity.poll_position(issuer text) to freehold_worker;
comment on function identity.poll_position(issuer text) is 'The last event that was polled; null before the first.';

CREATE OR REPLACE FUNCTION identity.provider_events()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT e.event
    FROM identity.provider_event e
   ORDER BY e.event;
END;
alter function identity.provider_events() owner to freehold_owner;
grant execute on function identity.provider_events() to freehold_worker;
comment on function identity.provider_events() is 'The events to ask the identity provider for.';

CREATE OR REPLACE FUNCTION identity.queue_metrics()
 RETURNS TABLE(events bigint, people bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM identity.inbox i
           WHERE (i.status = ANY (ARRAY['pending'::text, 'deferred'::text]))) AS count,
     ( SELECT count(*) AS count
            FROM identity.waiting_person) AS count;
END;
alter function identity.queue_metrics() owner to freehold_owner;
grant execute on function identity.queue_metrics() to freehold_worker;
comment on function identity.queue_metrics() is 'Events of the identity provider that are not applied yet, and people who are still to follow them.';

CREATE OR REPLACE FUNCTION identity.receive_end(issuer text, kind text, id text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  object identity.provider_object;
begin
  perform pg_advisory_xact_lock(7100050);
  object := identity.known(issuer, kind, id);
  -- when it ended is not known; before it did, who came came rightly
  perform identity.observe(issuer, kind, id, object.data, statement_timestamp(), '', true);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$function$;
alter function identity.receive_end(issuer text, kind text, id text) owner to freehold_owner;
grant execute on function identity.receive_end(issuer text, kind text, id text) to freehold_worker;
comment on function identity.receive_end(issuer text, kind text, id text) is 'Takes over that the identity provider has a known object no more, and does what follows. It is final.';

CREATE OR REPLACE FUNCTION identity.receive_event(issuer text, event jsonb, source text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  insert into identity.inbox (id, issuer, event, data, occurred_at, source, traceparent)
  values (
    receive_event.event ->> 'id', receive_event.issuer, receive_event.event ->> 'event', receive_event.event -> 'data',
    (receive_event.event ->> 'created_at')::timestamptz, receive_event.source,
    left(nullif(current_setting('freehold.traceparent', true), ''), 100))
  on conflict (id) do nothing;
  if not found then
    return 'known';
  end if;
  return (identity.apply_event(receive_event.event ->> 'id')).status;
end
$function$;
alter function identity.receive_event(issuer text, event jsonb, source text) owner to freehold_owner;
grant execute on function identity.receive_event(issuer text, event jsonb, source text) to freehold_gate;
grant execute on function identity.receive_event(issuer text, event jsonb, source text) to freehold_worker;
comment on function identity.receive_event(issuer text, event jsonb, source text) is 'Takes in one event of the identity provider, as it sends them, and applies it. Returns its status, or known when it was taken in before. source is webhook or poll.';

CREATE OR REPLACE FUNCTION identity.receive_listing(issuer text, objects jsonb, at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  listed record;
begin
  perform pg_advisory_xact_lock(7100050);
  for listed in
    select o ->> 'kind' as kind, o -> 'object' as object from jsonb_array_elements(objects) o
  loop
    perform identity.observe(
      issuer, listed.kind, listed.object ->> 'id', listed.object - 'groups', coalesce((listed.object ->> 'updated_at')::timestamptz, at), '', false);
  end loop;
end
$function$;
alter function identity.receive_listing(issuer text, objects jsonb, at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.receive_listing(issuer text, objects jsonb, at timestamp with time zone) to freehold_worker;
comment on function identity.receive_listing(issuer text, objects jsonb, at timestamp with time zone) is 'Takes over a page of objects, [{kind, object}], in the words of the identity provider, as they were at that time. What follows waits for identity.end_sync.';

CREATE OR REPLACE FUNCTION identity.receive_object(issuer text, kind text, object jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(7100050);
  -- told beside somebody who signs in, it concerns all members
  if kind = 'organization_domain' then
    perform identity.take_over_news(issuer, kind, object, statement_timestamp(), '');
  else
    perform identity.take_over(issuer, kind, object, statement_timestamp(), '', false);
  end if;
end
$function$;
alter function identity.receive_object(issuer text, kind text, object jsonb) owner to freehold_owner;
grant execute on function identity.receive_object(issuer text, kind text, object jsonb) to freehold_gate;
grant execute on function identity.receive_object(issuer text, kind text, object jsonb) to freehold_worker;
comment on function identity.receive_object(issuer text, kind text, object jsonb) is 'Takes over an object of the identity provider that was asked for, in its own words, and does what follows.';

CREATE OR REPLACE FUNCTION identity.reconcile_member(issuer text, organization text, subject text)
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  tenant uuid := (
    select o.tenant_id from identity.organization o
    where o.issuer = reconcile_member.issuer and o.organization = reconcile_member.organization);
  desired text := identity.desired_state(issuer, organization, subject);
  who identity.provider_object := identity.known(issuer, 'user', subject);
  address text := who.data ->> 'email';
  called text;
  person uuid := (
    select l.person_id from identity.login l where l.issuer = reconcile_member.issuer and l.subject = reconcile_member.subject);
  member app.membership;
begin
  if tenant is null or desired is null then
    return '{}';
  end if;
  -- whom to let in has to be known; an end needs no name
  if who is null and desired = 'active' then
    return array['user/' || subject];
  end if;
  called := left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', address), 200);
  perform platform.enter_as_system(tenant, 'identity provider');
  -- by the person, in two steps: joined, with the statistics of a moment ago, it read all members, 60 ms of 1,000
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
    and m.status <> 'removed';
  if not found then
    -- by a membership that has brought somebody here, nobody comes a second time
    if desired = 'active' and exists (
      select from identity.provider_object m
      where m.issuer = reconcile_member.issuer and m.organization = reconcile_member.organization
        and m.subject = reconcile_member.subject and m.kind = 'organization_membership' and not m.ended
        and not exists (select from identity.provided_member p where p.issuer = m.issuer and p.id = m.id)
    ) then
      member := identity.admit(issuer, organization, subject, tenant, address, called);
    end if;
    if member.id is null then
      return '{}';
    end if;
  elsif desired = 'active' then
    perform identity.settle_invitation(issuer, member, subject);
  end if;
  insert into identity.provided_member (issuer, id, tenant_id, membership_id)
  select m.issuer, m.id, tenant, member.id
  from identity.provider_object m
  where m.issuer = reconcile_member.issuer
    and m.organization = reconcile_member.organization
    and m.subject = reconcile_member.subject
    and m.kind = 'organization_membership'
  on conflict do nothing;

  if address is not null and (member.email, member.name) is distinct from (address, called) then
    update app.membership m
    set (email, name) = (address, called)
    where m.tenant_id = tenant
      and m.id = member.id;
  end if;
  case desired
    when 'active' then
      -- the news that the domain had been given up before somebody came may come after them
      if exists (select from identity.admitted_member a where a.tenant_id = tenant and a.membership_id = member.id)
        and not identity.is_eligible(issuer, organization, subject) then
        perform identity.block(member, 'nobody invited them, and nothing admits them');
      else
        perform identity.unblock(member);
        perform identity.follow_role(issuer, organization, member, subject);
      end if;
    when 'removed' then
      begin
        perform app.remove_membership(member.id);
      exception when sqlstate 'ZF009' then
        perform identity.block(member, 'the identity provider has removed them');
      end;
    else
      -- suspended, or asked to join again; unless that is the echo of what somebody here did, who may undo it
      if member.status = 'active' or identity.is_deprovisioned(issuer, organization, subject) then
        perform identity.block(member, 'the identity provider has deactivated them');
      end if;
  end case;
  return '{}';
end
$function$;
alter function identity.reconcile_member(issuer text, organization text, subject text) owner to freehold_owner;
comment on function identity.reconcile_member(issuer text, organization text, subject text) is 'Makes a member what the identity provider says: joined, suspended, reactivated or removed, with their name, address and the role of their groups. Returns what has to be
known first, as kind/id. Errors: ZF007 when the tenant has no seat.';

CREATE OR REPLACE FUNCTION identity.reconcile_person(issuer text, subject text)
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  who identity.provider_object := identity.known(issuer, 'user', subject);
  missing text[] := '{}';
  place text;
begin
  update identity.person p
  set email = who.data ->> 'email',
    email_verified = coalesce((who.data ->> 'email_verified')::boolean, false),
    name = left(coalesce(nullif(trim(concat_ws(' ', who.data ->> 'first_name', who.data ->> 'last_name')), ''), who.data ->> 'name', who.data ->> 'email'), 200)
  from identity.login l
  where l.issuer = reconcile_person.issuer
    and l.subject = reconcile_person.subject
    and p.id = l.person_id
    and who.data ->> 'email' is not null;
  if who.ended then
    perform identity.revoke_sessions(l.person_id)
    from identity.login l
    where l.issuer = reconcile_person.issuer
      and l.subject = reconcile_person.subject;
  end if;
  for place in
    select distinct m.organization
    from identity.provider_object m
    where m.issuer = reconcile_person.issuer
      and m.subject = reconcile_person.subject
      and m.kind = 'organization_membership'
    order by m.organization
  loop
    -- what one tenant cannot do keeps no other from following
    begin
      missing := missing || identity.reconcile_member(issuer, place, subject);
    exception when others then
      missing := missing || format('failed/%s %s', sqlstate, sqlerrm);
    end;
  end loop;
  return missing;
end
$function$;
alter function identity.reconcile_person(issuer text, subject text) owner to freehold_owner;
comment on function identity.reconcile_person(issuer text, subject text) is 'Makes a person and all their members what the identity provider says of the user. Returns what has to be known first, as kind/id, and what failed in a tenant, as failed/why.';

CREATE OR REPLACE FUNCTION identity.refuse_impersonator(own identity.session)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if own.impersonation_id is not null then
    raise exception using
      errcode = 'ZF003', message = 'who acts as somebody else may not do this', detail = 'Switching organizations and ending other sessions is the person''s own.';
  end if;
end
$function$;
alter function identity.refuse_impersonator(own identity.session) owner to freehold_owner;
comment on function identity.refuse_impersonator(own identity.session) is 'Raises ZF003 when support acts as the person of a session.';

CREATE OR REPLACE FUNCTION identity.require_lasting(own identity.session)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.enter_as_system(own.tenant_id, 'switch');
  if not exists (
    select
    from app.tenant t
    where t.tenant_id = own.tenant_id
      and t.id = own.tenant_id
      and own.created_at + make_interval(hours => t.max_session_hours) > statement_timestamp()
      and own.last_seen_at + make_interval(mins => t.max_idle_minutes) > statement_timestamp()
  ) then
    raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of its tenant';
  end if;
end
$function$;
alter function identity.require_lasting(own identity.session) owner to freehold_owner;
comment on function identity.require_lasting(own identity.session) is 'Raises ZF001 for a session that its tenant lets last no longer: going over to another would renew it.';

CREATE OR REPLACE FUNCTION identity.resolve(kind text, credential bytea, request jsonb DEFAULT '{}'::jsonb)
 RETURNS TABLE(tenant_id uuid, claims text, signature text, actor_type text, actor_id uuid, permissions text[], expires_at timestamp with time zone, refresh_due boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  seen_version bigint;
  proven_for uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes, platform.principal_version(k.tenant_id, k.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        and not exists (select from identity.blocked_member b where b.tenant_id = k.tenant_id and b.membership_id = k.created_by)
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id,
        s.proven_for, platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, proven_for, permissions, seen_version
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after)
        and not identity.has_ended(o.issuer, request -> 'token' ->> 'session');
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is not null then 'Impersonation' when proven_for = resolve.tenant_id then method end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.revoked_at is null
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions, seen_version) s;
  return next;
end
$function$;
alter function identity.resolve(kind text, credential bytea, request jsonb) owner to freehold_resolver;
grant execute on function identity.resolve(kind text, credential bytea, request jsonb) to freehold_gate;
comment on function identity.resolve(kind text, credential bytea, request jsonb) is 'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970, and session when it names one), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.';

CREATE OR REPLACE FUNCTION identity.revoke_session(token_hash bytea, session uuid)
 RETURNS SETOF text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  own identity.session;
  ending identity.session;
begin
  select s.*
  into own
  from identity.session s
  where s.token_hash = revoke_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
  perform identity.refuse_impersonator(own);
  for ending in
    select s.*
    from identity.session s
    where s.person_id = own.person_id
      and s.revoked_at is null
      and (s.id = revoke_session.session or revoke_session.session is null)
    order by s.id
    for update
  loop
    perform identity.end_session(ending, 'revoked');
    if ending.provider_session is not null then
      return next ending.provider_session;
    end if;
  end loop;
  -- tokens of the issuer are in no table: those from before are refused
  if revoke_session.session is null then
    update identity.login l
    set sessions_valid_after = statement_timestamp()
    where l.person_id = own.person_id;
  end if;
end
$function$;
alter function identity.revoke_session(token_hash bytea, session uuid) owner to freehold_owner;
grant execute on function identity.revoke_session(token_hash bytea, session uuid) to freehold_gate;
comment on function identity.revoke_session(token_hash bytea, session uuid) is 'Ends one session of the person whose cookie it is, or with null all of them and every token from before. Returns what the identity provider calls those that it
has ended. Errors: ZF003. Event: user.signed_out, one for each.';

CREATE OR REPLACE FUNCTION identity.revoke_sessions(person uuid)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  revoked integer;
begin
  update identity.session s
  set revoked_at = statement_timestamp()
  where s.person_id = person
    and s.revoked_at is null;
  get diagnostics revoked = row_count;
  -- tokens of an issuer are in no table: those from before are refused
  update identity.login l
  set sessions_valid_after = statement_timestamp()
  where l.person_id = person;
  return revoked;
end
$function$;
alter function identity.revoke_sessions(person uuid) owner to freehold_owner;
comment on function identity.revoke_sessions(person uuid) is 'Ends every session of a person, every token issued before, and by their triggers every context made from either. Returns how many sessions.';

CREATE OR REPLACE FUNCTION identity.settle_invitation(issuer text, member app.membership, subject text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function identity.settle_invitation(issuer text, member app.membership, subject text) owner to freehold_owner;
comment on function identity.settle_invitation(issuer text, member app.membership, subject text) is 'Accepts the invitation of somebody who became a member before the identity provider told that they had accepted it, or of the address by which they were invited, and gives
them its role. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text, impersonator_email text DEFAULT NULL::text, impersonator_reason text DEFAULT NULL::text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  tenant uuid := identity.tenant_of(issuer, organization);
  person uuid := identity.ensure_person(issuer, subject, email, name);
  member app.membership := identity.enter_as_member(tenant, person, case when impersonator_email is null then method else 'Impersonation' end, ip);
  acting app.impersonation;
  made identity.session;
begin
  -- the news of its end came before it
  if (identity.known(issuer, 'session', provider_session)).ended then
    raise exception using errcode = 'ZF001', message = 'the identity provider has ended the session';
  end if;
  update identity.person p
  set email = sign_in.email,
    name = sign_in.name
  where p.id = person
    and (p.email, p.name) is distinct from (sign_in.email, sign_in.name);
  if impersonator_email is not null then
    insert into app.impersonation (membership_id, email, reason)
    values (member.id, impersonator_email, left(coalesce(nullif(impersonator_reason, ''), 'no reason was given'), 1000))
    returning * into acting;
    perform platform.enter(tenant, member.id, platform.permissions_of(tenant, member.role), acting.id);
  end if;
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id,
    proven_for)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id, tenant
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$function$;
alter function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text, impersonator_email text, impersonator_reason text) owner to freehold_owner;
grant execute on function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text, impersonator_email text, impersonator_reason text) to freehold_gate;
comment on function identity.sign_in(issuer text, subject text, organization text, email text, name text, method text, provider_session text, token_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet, user_agent text, impersonator_email text, impersonator_reason text) is 'Begins a session in the tenant of the organization, for the person whom the identity provider has vouched for: as long as the tenant allows, and an hour for support who acts as
them. Returns its end. Errors: ZF001, ZF011, ZF017, ZF018. Events: impersonation.began, user.signed_in.';

CREATE OR REPLACE FUNCTION identity.sign_out(token_hash bytea, reason text DEFAULT 'signed_out'::text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  ending identity.session;
begin
  select s.*
  into ending
  from identity.session s
  where s.token_hash = sign_out.token_hash
    and s.revoked_at is null
  for update;
  if not found then
    return null;
  end if;
  perform identity.end_session(ending, reason);
  return ending.provider_session;
end
$function$;
alter function identity.sign_out(token_hash bytea, reason text) owner to freehold_owner;
grant execute on function identity.sign_out(token_hash bytea, reason text) to freehold_gate;
comment on function identity.sign_out(token_hash bytea, reason text) is 'Ends the session of a cookie. Returns what the identity provider calls it, to be ended there too; null when there is none, or it has ended. Event: user.signed_out.';

CREATE OR REPLACE FUNCTION identity.status_to_tell(membership uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require('membership:update');
  return (
    select m.status
    from app.membership m
    where m.tenant_id = platform.tenant_id()
      and m.id = status_to_tell.membership);
end
$function$;
alter function identity.status_to_tell(membership uuid) owner to freehold_owner;
grant execute on function identity.status_to_tell(membership uuid) to freehold_worker;
comment on function identity.status_to_tell(membership uuid) is 'What a member is now: active, suspended or removed.';

CREATE OR REPLACE FUNCTION identity.subjects_of(issuer text, directory_users text[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 10
 SET search_path TO ''
BEGIN ATOMIC
 SELECT DISTINCT u.id
    FROM ((unnest(subjects_of.directory_users) d(id)
      CROSS JOIN LATERAL ( SELECT a_1.email
            FROM identity.provider_address a_1
           WHERE ((a_1.issuer = subjects_of.issuer) AND (a_1.kind = 'directory_user'::text) AND (a_1.id = d.id))
          OFFSET 0) a)
      CROSS JOIN LATERAL ( SELECT u_1.id
            FROM identity.provider_address u_1
           WHERE ((u_1.issuer = subjects_of.issuer) AND (u_1.kind = 'user'::text) AND (u_1.email = a.email))
          OFFSET 0) u);
END;
alter function identity.subjects_of(issuer text, directory_users text[]) owner to freehold_owner;
comment on function identity.subjects_of(issuer text, directory_users text[]) is 'The users who are one of these users of directories.';

CREATE OR REPLACE FUNCTION identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  switched identity.session;
  member app.membership;
begin
  -- another secret, so that what knew the former one stays out of the other tenant
  update identity.session s
  set token_hash = switch_tenant.new_hash,
    tenant_id = identity.tenant_of(s.issuer, switch_tenant.organization),
    sealed_tokens = switch_tenant.sealed_tokens,
    tokens_expire_at = switch_tenant.tokens_expire_at,
    ip = switch_tenant.ip,
    last_seen_at = statement_timestamp(),
    refresh_claimed_until = null
  where s.token_hash = switch_tenant.token_hash
    and s.sealed_tokens = switch_tenant.former
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
  returning * into switched;
  if not found then
    raise exception using errcode = 'ZF001', message = 'the session is not known, or no longer good';
  end if;
  member := identity.enter_as_member(
    switched.tenant_id, switched.person_id, case when switched.proven_for = switched.tenant_id then switched.method end, switched.ip);
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', switched.id, 'method', switched.method, 'ip', host(switched.ip), 'user_agent', switched.user_agent));
  return switched.expires_at;
end
$function$;
alter function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet) owner to freehold_owner;
grant execute on function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet) to freehold_gate;
comment on function identity.switch_tenant(token_hash bytea, former text, organization text, new_hash bytea, sealed_tokens text, tokens_expire_at timestamp with time zone, ip inet) is 'Takes a session into another tenant of its person, under a new secret, with the tokens that the provider gave for that organization. Returns its end.
Errors: ZF001 when it has ended, ZF011, ZF017. Event: user.signed_in, in the tenant that it came to.';

CREATE OR REPLACE FUNCTION identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  id text := told ->> 'id';
begin
  if id is null then
    raise exception using errcode = 'ZF010', message = format('the %s has no id', kind);
  end if;
  perform identity.observe(issuer, kind, id, told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, ended);
  perform identity.follow_object(identity.known(issuer, kind, id));
end
$function$;
alter function identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean) owner to freehold_owner;
comment on function identity.take_over(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text, ended boolean) is 'Takes over what the identity provider tells of one object, in its own words, and does what follows.';

CREATE OR REPLACE FUNCTION identity.take_over_news(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if identity.observe(issuer, kind, told ->> 'id', told, coalesce((told ->> 'updated_at')::timestamptz, at), told_by, false) then
    perform identity.follow_object(identity.known(issuer, kind, told ->> 'id'));
  end if;
end
$function$;
alter function identity.take_over_news(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text) owner to freehold_owner;
comment on function identity.take_over_news(issuer text, kind text, told jsonb, at timestamp with time zone, told_by text) is 'As identity.take_over, for what is told beside something else and concerns many: nothing follows when it was known.';

CREATE OR REPLACE FUNCTION identity.tenant_of(issuer text, organization text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  tenant uuid;
begin
  select o.tenant_id
  into tenant
  from identity.organization o
  where o.issuer = tenant_of.issuer
    and o.organization = tenant_of.organization;
  if not found then
    raise exception using errcode = 'ZF017', message = 'the organization is no tenant', detail = format('organization %s', organization);
  end if;
  return tenant;
end
$function$;
alter function identity.tenant_of(issuer text, organization text) owner to freehold_owner;
comment on function identity.tenant_of(issuer text, organization text) is 'The tenant that an issuer means by an organization. Errors: ZF017.';

CREATE OR REPLACE FUNCTION identity.unblock(member app.membership)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  lifted identity.blocked_member;
begin
  delete from identity.blocked_member b
  where b.tenant_id = member.tenant_id
    and b.membership_id = member.id
  returning * into lifted;
  if lifted.suspended and member.status = 'suspended' then
    perform app.reactivate_membership(member.id);
  end if;
end
$function$;
alter function identity.unblock(member app.membership) owner to freehold_owner;
comment on function identity.unblock(member app.membership) is 'Lets a member in again whom the identity provider has activated; one whom somebody here had suspended stays so. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamp with time zone)
 RETURNS TABLE(kind text, id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT o.kind,
     o.id
    FROM identity.provider_object o
   WHERE ((o.issuer = unlisted_objects.issuer) AND (o.organization = unlisted_objects.organization) AND (o.kind = ANY (ARRAY['organization_domain'::text, 'organization_membership'::text, 'connection'::text, 'directory'::text, 'directory_user'::text, 'directory_group'::text])) AND (NOT o.ended) AND (o.updated_at < (unlisted_objects.at - '01:00:00'::interval)) AND (NOT (unlisted_objects.listed ? ((o.kind || '/'::text) || o.id))) AND (unlisted_objects.listed ? ('organization/'::text || unlisted_objects.organization)) AND ((o.directory IS NULL) OR (unlisted_objects.listed ? ('directory/'::text || o.directory))))
   ORDER BY o.kind, o.id;
END;
alter function identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamp with time zone) owner to freehold_owner;
grant execute on function identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamp with time zone) to freehold_worker;
comment on function identity.unlisted_objects(issuer text, organization text, listed jsonb, at timestamp with time zone) is 'Objects of an organization, as kind and id, that are known and were not in its lists, {"kind/id": true}, which were read from that time on: they have ended, unless the identity provider knows them by their ids.';

CREATE OR REPLACE FUNCTION identity.waiting_invitation(issuer text, subject text)
 RETURNS app.invitation
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT i.*::app.invitation AS i
    FROM ((app.invitation i
      LEFT JOIN identity.provided_invitation pi ON (((pi.tenant_id = i.tenant_id) AND (pi.invitation_id = i.id))))
      LEFT JOIN identity.provider_object p ON (((p.issuer = pi.issuer) AND (p.kind = 'invitation'::text) AND (p.id = pi.id))))
   WHERE ((i.tenant_id = platform.tenant_id()) AND ((i.status = 'pending'::text) OR pi.withdrawn) AND (NOT (EXISTS ( SELECT
            FROM (identity.barred_person b
              JOIN identity.login l ON ((l.person_id = b.person_id)))
           WHERE ((i.status <> 'pending'::text) AND (b.tenant_id = i.tenant_id) AND (b.barred_at > i.created_at) AND (b.lifted_by IS NULL) AND (l.issuer = waiting_invitation.issuer) AND (l.subject = waiting_invitation.subject))))) AND (i.expires_at > statement_timestamp()) AND (((p.data ->> 'accepted_user_id'::text) = waiting_invitation.subject) OR (EXISTS ( SELECT
            FROM identity.provider_address a
           WHERE ((a.issuer = waiting_invitation.issuer) AND (a.kind = 'user'::text) AND (a.id = waiting_invitation.subject) AND (a.verified_at IS NOT NULL) AND (a.email = lower(i.email)))))) AND (((p.data ->> 'state'::text) IS DISTINCT FROM 'revoked'::text) OR identity.came_before(p.*, i.email, waiting_invitation.subject)))
   ORDER BY ((p.data ->> 'accepted_user_id'::text) = waiting_invitation.subject) DESC NULLS LAST, (i.status = 'pending'::text) DESC, i.id
  LIMIT 1;
END;
alter function identity.waiting_invitation(issuer text, subject text) owner to freehold_owner;
comment on function identity.waiting_invitation(issuer text, subject text) is 'The invitation that a user of the identity provider has come by; null for none. One that the provider took back is good for who was there before, whichever of the two is heard of
first. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.withdraw(invitation app.invitation, object identity.provider_object)
 RETURNS SETOF text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;
alter function identity.withdraw(invitation app.invitation, object identity.provider_object) owner to freehold_owner;
comment on function identity.withdraw(invitation app.invitation, object identity.provider_object) is 'Takes back an invitation that the identity provider has revoked; who came by it after that, and was heard of before, is a member no longer. Returns who is to follow. Inside the tenant.';

CREATE OR REPLACE FUNCTION identity.write_resolve()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  seen_version bigint;
  proven_for uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes, platform.principal_version(k.tenant_id, k.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        and not exists (select from identity.blocked_member b where b.tenant_id = k.tenant_id and b.membership_id = k.created_by)
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id,
        s.proven_for, platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, proven_for, permissions, seen_version
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.tenant_id, m.role), platform.principal_version(m.tenant_id, m.id)
      into resolve.tenant_id, actor_id, credential_ends, permissions, seen_version
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after)
        and not identity.has_ended(o.issuer, request -> 'token' ->> 'session');
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is not null then 'Impersonation' when proven_for = resolve.tenant_id then method end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.revoked_at is null
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions, seen_version) s;
  return next;
end
$resolve$;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.resolve(text, bytea, jsonb) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.resolve(text, bytea, jsonb) is
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970, and session when it names one), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF002 for one that changed in that moment (ask again), ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$function$;
alter function identity.write_resolve() owner to freehold_owner;
comment on function identity.write_resolve() is 'Writes identity.resolve as the resolver, which owns it.';

CREATE OR REPLACE FUNCTION identity.write_session_view()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.describe_session(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'id', s.id,
    'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(case
      when s.impersonation_id is null then platform.permissions_of(m.tenant_id, m.role)
      else identity.permissions_of_impersonator(platform.permissions_of(m.tenant_id, m.role)) end)),
    'method', s.method,
    'impersonator', (
      select jsonb_build_object('email', i.email, 'reason', i.reason)
      from app.impersonation i
      where i.tenant_id = s.tenant_id and i.id = s.impersonation_id),
    'created_at', s.created_at,
    'expires_at', s.expires_at,
    'organizations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', o.organization, 'name', ot.name, 'role', om.role, 'current', ot.id = s.tenant_id) order by ot.name, o.organization), '[]')
      from identity.person_principal pp
      join app.membership om on om.tenant_id = pp.tenant_id and om.id = pp.principal_id and om.status = 'active'
      join app.tenant ot on ot.tenant_id = om.tenant_id and ot.id = om.tenant_id and ot.status = 'active'
      join identity.organization o on o.tenant_id = ot.id and o.issuer = s.issuer
      where pp.person_id = s.person_id))
  from identity.session s
  join identity.person p on p.id = s.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
  where s.token_hash = describe_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and not exists (select from identity.blocked_member b where b.tenant_id = m.tenant_id and b.membership_id = m.id);
end;
$sql$);
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.list_sessions(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'tenant', jsonb_build_object('id', t.id, 'name', t.name),
    'method', s.method,
    'impersonated', s.impersonation_id is not null,
    'ip', host(s.ip),
    'user_agent', s.user_agent,
    'created_at', s.created_at,
    'last_seen_at', s.last_seen_at,
    'expires_at', s.expires_at,
    'current', s.id = own.id) order by s.last_seen_at desc, s.id), '[]')
  from identity.session own
  join identity.session s on s.person_id = own.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  where own.token_hash = list_sessions.token_hash
    and own.revoked_at is null
    and own.expires_at > statement_timestamp()
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
end;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.describe_session(bytea), identity.list_sessions(bytea) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.describe_session(bytea) is
    'Who the cookie is, in which tenant, with which permissions, and the organizations that they can switch to; null when the session has ended.'$sql$);
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.list_sessions(bytea) is
    'All sessions of the person whose cookie it is, the last used first.'$sql$);
end
$function$;
alter function identity.write_session_view() owner to freehold_owner;
comment on function identity.write_session_view() is 'Writes what a browser may know of its session as the resolver, which owns it.';

-- ======== platform ========================================================================

create schema platform authorization freehold_owner;
grant create, usage on schema platform to freehold_dispatcher;
grant create, usage on schema platform to freehold_janitor;
grant create, usage on schema platform to freehold_recorder;
grant usage on schema platform to freehold_app;
grant usage on schema platform to freehold_gate;
grant usage on schema platform to freehold_resolver;
grant usage on schema platform to freehold_user;
grant usage on schema platform to freehold_worker;
comment on schema platform is 'The mechanism: context, declarations, lifecycles, events, proof. Not exposed.';

create domain platform.fresh_key as text
  constraint fresh_key_check CHECK ((VALUE ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}\.[A-Za-z0-9+/]{43}=$'::text));
alter domain platform.fresh_key owner to freehold_owner;
grant usage on type platform.fresh_key to public;
comment on domain platform.fresh_key is 'A new key that the application makes for a call, sealed, with its public key (runtime/sealing.ts). A parameter of this type is no argument of the API.';

create domain platform.sealed as text
  constraint sealed_check CHECK ((VALUE ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}$'::text));
alter domain platform.sealed owner to freehold_owner;
grant usage on type platform.sealed to public;
comment on domain platform.sealed is 'A text that the application encrypts before it comes here (runtime/sealing.ts): the id of the key, and AES-256-GCM. A parameter of this type takes plain text in the API.';

create domain platform.signing_secret as text
  constraint signing_secret_check CHECK ((VALUE ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}$'::text));
alter domain platform.signing_secret owner to freehold_owner;
grant usage on type platform.signing_secret to public;
comment on domain platform.signing_secret is 'A sealed key that the application opens when it answers: whsec_ and base64.';

create table platform.counter (
  tenant_id uuid not null,
  name text not null,
  value bigint not null,
  constraint counter_pkey PRIMARY KEY (tenant_id, name)
);
alter table platform.counter owner to freehold_owner;
comment on table platform.counter is 'Gap-free counters of a tenant: the row stays locked until the number is committed or rolled back.';

create table platform.delivery_batch (
  id uuid default uuidv7() not null,
  claim integer default 1 not null,
  expires_at timestamp with time zone not null,
  tenant_ids uuid[] not null,
  delivery_ids uuid[] not null,
  attempts integer[] not null,
  parallel integer default 25 not null,
  ordered boolean default false not null,
  lane boolean default false not null,
  constraint delivery_batch_pkey PRIMARY KEY (id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000);
alter table platform.delivery_batch owner to freehold_owner;
grant delete, insert, select, update on platform.delivery_batch to freehold_dispatcher;
comment on table platform.delivery_batch is 'Deliveries that a worker holds, under one lease. claim counts how often the batch was given out.';
comment on column platform.delivery_batch.parallel is 'Posts at a time.';
comment on column platform.delivery_batch.ordered is 'One after the other, and none after one that failed.';
comment on column platform.delivery_batch.lane is 'Out of lanes, whose next batch waits for the end of this one.';

create table platform.delivery_queue (
  due_at timestamp with time zone not null,
  delivery_id uuid not null,
  tenant_id uuid not null,
  endpoint_id uuid,
  task text,
  attempt integer not null,
  constraint delivery_queue_pkey PRIMARY KEY (due_at, delivery_id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000, autovacuum_analyze_scale_factor=0, autovacuum_analyze_threshold=50000);
alter table platform.delivery_queue owner to freehold_owner;
grant delete, insert, select, update on platform.delivery_queue to freehold_dispatcher;
comment on table platform.delivery_queue is 'Attempts to come, by time. A row leaves when its batch is claimed and comes back with the next attempt.';

create table platform.deployment (
  id boolean default true not null,
  production boolean default false not null,
  constraint deployment_pkey PRIMARY KEY (id),
  constraint deployment_id_check CHECK (id)
);
alter table platform.deployment owner to freehold_owner;
comment on table platform.deployment is 'What kind of database this is. One row; npm run db migrate writes it.';

create table platform.due_action (
  entity text not null,
  verb text not null,
  due_column text not null,
  states text[] not null,
  constraint due_action_pkey PRIMARY KEY (entity, verb),
  constraint due_action_entity_fkey FOREIGN KEY (entity) REFERENCES platform.entity(name) ON DELETE CASCADE
);
alter table platform.due_action owner to freehold_owner;
grant select on platform.due_action to freehold_janitor;
grant select on platform.due_action to freehold_user;
comment on table platform.due_action is '@reference
What time does by itself: a row in one of the states whose due column has passed is taken through the verb by the worker.';
insert into platform.due_action (entity, verb, due_column, states) values
  ('api_key', 'expire', 'expires_at', '{active}'),
  ('invitation', 'expire', 'expires_at', '{pending}'),
  ('report', 'expire', 'expires_at', '{exported}'),
  ('subscription', 'activate', 'trial_ends_at', '{trialing}'),
  ('subscription', 'renew', 'current_period_end', '{active}'),
  ('tenant', 'finish_closing', 'closes_at', '{closing}');

create table platform.endpoint_flow (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  asked boolean default false not null,
  laned boolean default false not null,
  waiting boolean default false not null,
  not_before timestamp with time zone default '-infinity'::timestamp with time zone not null,
  batch_id uuid,
  failures integer default 0 not null,
  failing_since timestamp with time zone,
  last_failure_at timestamp with time zone,
  warned_at timestamp with time zone,
  gone boolean default false not null,
  trips integer default 0 not null,
  constraint endpoint_flow_pkey PRIMARY KEY (tenant_id, endpoint_id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000);
alter table platform.endpoint_flow owner to freehold_owner;
CREATE INDEX endpoint_flow_failing ON platform.endpoint_flow USING btree (failing_since) WHERE (failing_since IS NOT NULL);
CREATE INDEX endpoint_flow_lane ON platform.endpoint_flow USING btree (not_before) WHERE (laned AND waiting);
grant delete, insert, select, update on platform.endpoint_flow to freehold_dispatcher;
comment on table platform.endpoint_flow is 'How endpoints differ from the rest. laned: one batch at a time, out of platform.lane_queue, not before not_before; waiting: there may be something in it.
failures: consecutive failed attempts, since failing_since; trips: how often in a row the breaker has opened; gone: it answered 410.';

create table platform.entity (
  name text not null,
  relation text not null,
  kind text not null,
  declaration jsonb not null,
  policies text,
  grants text,
  constraint entity_pkey PRIMARY KEY (name),
  constraint entity_relation_key UNIQUE (relation),
  constraint entity_kind_check CHECK ((kind = ANY (ARRAY['entity'::text, 'record'::text, 'states'::text])))
);
alter table platform.entity owner to freehold_owner;
grant select on platform.entity to freehold_janitor;
comment on table platform.entity is '@reference
Every declared table of schema app. What is not here must not exist: see platform.violations().';
insert into platform.entity (name, relation, kind, declaration, policies, grants) values
  ('api_key', 'app.api_key', 'entity', '{
      "due": {"expire":{"column":"expires_at","states":["active"]}},
      "tasks": {},
      "across": {"freehold_janitor":["select"],"freehold_resolver":["select"]},
      "events": {
        "changed": [],
        "created": "api_key.created",
        "updated": "api_key.updated",
        "descriptions": {
          "api_key.created": "An API key was made. Its secret is in no event.",
          "api_key.expired": "The time of an API key is over, and it opens nothing any more.",
          "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.",
          "api_key.updated": "An API key was given another name, other networks, or, when it was rotated, an end."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "active",
        "transitions": {
          "expire": {"to":"expired","from":["active"],"event":"api_key.expired"},
          "revoke": {"to":"revoked","from":["active"],"event":"api_key.revoked","description":"Ends a key from its next use on."}
        }
      },
      "permissions": {"read":"admin","create":"admin","expire":[],"revoke":"admin","update":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
freehold_resolver_select r t freehold_resolver true
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''api_key:create''::text, 20))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''api_key:read''::text, 19))))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''api_key:update''::text, 23)))) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (allowed_networks)
freehold_user SELECT (created_at)
freehold_user SELECT (created_by)
freehold_user SELECT (expires_at)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (prefix)
freehold_user SELECT (scopes)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (allowed_networks)
freehold_user UPDATE (name)
freehold_user UPDATE (version)'),
  ('api_key_status', 'app.api_key_status', 'states', '{"active":"Opens the API.","expired":"Its time is over.","revoked":"Taken back."}', null, null),
  ('delivery', 'app.delivery', 'record', '{
      "across": {"freehold_dispatcher":["select","insert","update"]},
      "hidden": [],
      "retained": true,
      "permissions": {"read":"admin","resend":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
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
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''delivery:read''::text, 59))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor)))', 'freehold_dispatcher INSERT
freehold_dispatcher SELECT
freehold_dispatcher UPDATE
freehold_user SELECT (attempt_count)
freehold_user SELECT (created_at)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (event_id)
freehold_user SELECT (id)
freehold_user SELECT (last_error)
freehold_user SELECT (next_attempt_at)
freehold_user SELECT (schedule_start)
freehold_user SELECT (status)
freehold_user SELECT (task)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)'),
  ('delivery_attempt', 'app.delivery_attempt', 'record', '{"across":{"freehold_dispatcher":["select","insert"]},"hidden":[],"retained":true,"permissions":{"read":"admin"}}', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_insert a t freehold_dispatcher true
freehold_dispatcher_select r t freehold_dispatcher true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''delivery_attempt:read''::text, 61))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor)))', 'freehold_dispatcher INSERT
freehold_dispatcher SELECT
freehold_user SELECT (attempt)
freehold_user SELECT (delivery_id)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (error)
freehold_user SELECT (id)
freehold_user SELECT (latency_ms)
freehold_user SELECT (occurred_at)
freehold_user SELECT (response_excerpt)
freehold_user SELECT (status_code)
freehold_user SELECT (succeeded)
freehold_user SELECT (tenant_id)'),
  ('delivery_status', 'app.delivery_status', 'states', '{
      "failed": "Given up after the last attempt; it can be resent.",
      "pending": "Waiting for its next attempt, or being sent.",
      "succeeded": "Accepted by the receiver."
    }', null, null),
  ('event', 'app.event', 'record', '{
      "across": {"freehold_recorder":["insert","select"],"freehold_dispatcher":["select"]},
      "hidden": [],
      "retained": true,
      "permissions": {"read":["admin"]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_select r t freehold_dispatcher true
freehold_recorder_insert a t freehold_recorder true
freehold_recorder_select r t freehold_recorder true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''event:read''::text, 1))) AND (id >= ( SELECT platform.retention_floor() AS retention_floor)))', 'freehold_dispatcher SELECT
freehold_recorder INSERT
freehold_recorder SELECT
freehold_user SELECT (actor_id)
freehold_user SELECT (actor_type)
freehold_user SELECT (channel)
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
freehold_user SELECT (type)
freehold_user SELECT (xid)'),
  ('feature_usage', 'app.feature_usage', 'record', '{"across":{},"hidden":[],"retained":false,"permissions":{"read":"viewer","record":"member"}}', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''feature_usage:read''::text, 46))))', 'freehold_user SELECT (day)
freehold_user SELECT (feature)
freehold_user SELECT (id)
freehold_user SELECT (quantity)
freehold_user SELECT (slot)
freehold_user SELECT (tenant_id)'),
  ('group_role', 'app.group_role', 'entity', '{
      "due": {},
      "tasks": {"group_role.created":"follow_groups","group_role.deleted":"follow_groups","group_role.updated":"follow_groups"},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [],
        "created": "group_role.created",
        "updated": "group_role.updated",
        "descriptions": {
          "group_role.created": "A group of the directory was given a role.",
          "group_role.deleted": "A group of the directory gives no role any more.",
          "group_role.updated": "Another role, name or position was given to a group of the directory."
        }
      },
      "hidden": [],
      "concealed": ["deleted"],
      "lifecycle": {
        "initial": "active",
        "concealed": ["deleted"],
        "transitions": {
          "delete": {
            "to": "deleted",
            "from": ["active"],
            "event": "group_role.deleted",
            "description": "Ends what a group gives: its members have the role from before, unless another group gives one."
          }
        }
      },
      "permissions": {"read":"admin","create":"admin","delete":"admin","update":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_delete d t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''group_role:delete''::text, 72))) AND (status <> ''deleted''::text))
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''group_role:create''::text, 71))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''group_role:read''::text, 70))) AND (status <> ''deleted''::text))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''group_role:update''::text, 73))) AND (status <> ''deleted''::text)) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_user INSERT (group_name)
freehold_user INSERT (position)
freehold_user INSERT (role)
freehold_user SELECT (created_at)
freehold_user SELECT (group_name)
freehold_user SELECT (id)
freehold_user SELECT (position)
freehold_user SELECT (role)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (group_name)
freehold_user UPDATE (position)
freehold_user UPDATE (role)
freehold_user UPDATE (version)'),
  ('group_role_status', 'app.group_role_status', 'states', '{"active":"Counts.","deleted":"Counts no more."}', null, null),
  ('impersonation', 'app.impersonation', 'entity', '{
      "due": {},
      "tasks": {},
      "across": {"freehold_janitor":["select"],"freehold_resolver":["select"]},
      "events": {
        "changed": [],
        "created": "impersonation.began",
        "updated": "impersonation.updated",
        "descriptions": {
          "impersonation.began": "Support began to act as a member of the tenant, for the reason that it gives.",
          "impersonation.updated": "Never recorded: an impersonation does not change."
        }
      },
      "hidden": [],
      "permissions": {"read":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
freehold_resolver_select r t freehold_resolver true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''impersonation:read''::text, 74))))', 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (created_at)
freehold_user SELECT (email)
freehold_user SELECT (id)
freehold_user SELECT (membership_id)
freehold_user SELECT (reason)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('invitation', 'app.invitation', 'entity', '{
      "due": {"expire":{"column":"expires_at","states":["pending"]}},
      "limit": {"usage":"app.seats_used()","counted":"new.status = ''pending''","entitlement":"seats"},
      "tasks": {"user.invited":"tell_provider","invitation.resent":"tell_provider","invitation.revoked":"tell_provider"},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [
          {
            "when": "new.expires_at > old.expires_at",
            "event": "invitation.resent",
            "description": "An invitation was sent again, and can be accepted for longer."
          }
        ],
        "created": "user.invited",
        "updated": "invitation.updated",
        "descriptions": {
          "user.invited": "A person was invited to join the tenant, and a seat is held for them.",
          "invitation.expired": "An invitation was not accepted in time, and its seat is free.",
          "invitation.revoked": "An invitation was taken back, and its seat is free.",
          "invitation.updated": "Never recorded: an invitation is sent again, or ends.",
          "invitation.accepted": "The person who was invited joined the tenant."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "pending",
        "transitions": {
          "accept": {"to":"accepted","from":["pending"],"event":"invitation.accepted","handwritten":true},
          "expire": {"to":"expired","from":["pending"],"event":"invitation.expired"},
          "revoke": {
            "to": "revoked",
            "from": ["pending"],
            "event": "invitation.revoked",
            "description": "Takes an invitation back and frees its seat."
          }
        }
      },
      "permissions": {"read":"member","accept":[],"create":"admin","expire":[],"resend":"admin","revoke":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''invitation:create''::text, 16))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''invitation:read''::text, 14))))', 'freehold_janitor SELECT
freehold_user INSERT (email)
freehold_user INSERT (expires_at)
freehold_user INSERT (role)
freehold_user SELECT (created_at)
freehold_user SELECT (email)
freehold_user SELECT (expires_at)
freehold_user SELECT (id)
freehold_user SELECT (invited_by)
freehold_user SELECT (membership_id)
freehold_user SELECT (role)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('invitation_status', 'app.invitation_status', 'states', '{
      "expired": "Not accepted in time.",
      "pending": "Sent and waiting.",
      "revoked": "Taken back.",
      "accepted": "The person joined."
    }', null, null),
  ('invoice', 'app.invoice', 'entity', '{
      "due": {},
      "tasks": {},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [],
        "created": "invoice.created",
        "updated": "invoice.updated",
        "descriptions": {
          "invoice.paid": "An invoice was paid.",
          "invoice.voided": "An invoice was withdrawn; its number stays.",
          "invoice.created": "An invoice was begun as a draft, which may still change.",
          "invoice.updated": "The draft of an invoice was changed.",
          "invoice.finalized": "An invoice got its number and its dates; it is fixed, and waits for payment.",
          "invoice.marked_uncollectible": "An invoice was given up; it can still be paid, or voided."
        }
      },
      "hidden": [],
      "channel": "''subscription:'' || new.subscription_id",
      "lifecycle": {
        "initial": "draft",
        "transitions": {
          "pay": {"to":"paid","from":["open","uncollectible"],"event":"invoice.paid"},
          "void": {"to":"void","from":["open","uncollectible"],"event":"invoice.voided"},
          "finalize": {"to":"open","from":["draft"],"event":"invoice.finalized"},
          "mark_uncollectible": {"to":"uncollectible","from":["open"],"event":"invoice.marked_uncollectible"}
        }
      },
      "permissions": {"pay":[],"read":["billing","admin"],"void":[],"finalize":[],"mark_uncollectible":[]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''invoice:read''::text, 35))))', 'freehold_janitor SELECT
freehold_user SELECT (created_at)
freehold_user SELECT (currency)
freehold_user SELECT (due_at)
freehold_user SELECT (id)
freehold_user SELECT (issued_at)
freehold_user SELECT (number)
freehold_user SELECT (paid_at)
freehold_user SELECT (period_end)
freehold_user SELECT (period_start)
freehold_user SELECT (status)
freehold_user SELECT (subscription_id)
freehold_user SELECT (tenant_id)
freehold_user SELECT (total)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('invoice_line', 'app.invoice_line', 'record', '{"across":{},"hidden":[],"retained":false,"permissions":{"read":["billing","admin"]}}', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''invoice_line:read''::text, 39))))', 'freehold_user SELECT (amount)
freehold_user SELECT (created_at)
freehold_user SELECT (description)
freehold_user SELECT (id)
freehold_user SELECT (invoice_id)
freehold_user SELECT (period_end)
freehold_user SELECT (period_start)
freehold_user SELECT (tenant_id)'),
  ('invoice_status', 'app.invoice_status', 'states', '{
      "open": "Numbered, sent and waiting for payment.",
      "paid": "Paid.",
      "void": "Withdrawn; the number stays.",
      "draft": "Being put together.",
      "uncollectible": "Given up."
    }', null, null),
  ('membership', 'app.membership', 'entity', '{
      "due": {},
      "limit": {"usage":"app.seats_used()","counted":"new.status <> ''removed''","entitlement":"seats"},
      "tasks": {"user.removed":"tell_provider","user.suspended":"tell_provider","user.reactivated":"tell_provider"},
      "across": {"freehold_janitor":["select"],"freehold_resolver":["select"]},
      "events": {
        "changed": [{"when":"new.role <> old.role","event":"user.role_changed","description":"A member was given another role."}],
        "created": "user.joined",
        "updated": "user.updated",
        "descriptions": {
          "user.joined": "A person became a member of the tenant.",
          "user.removed": "A member left the tenant, or was removed from it, for good.",
          "user.updated": "The name or the address of a member was changed.",
          "user.suspended": "A member was locked out, from their next request on.",
          "user.reactivated": "A suspended member was let in again."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "active",
        "transitions": {
          "remove": {
            "to": "removed",
            "from": ["active","suspended"],
            "event": "user.removed",
            "description": "Ends a membership for good; the person can be invited again."
          },
          "suspend": {
            "to": "suspended",
            "from": ["active"],
            "event": "user.suspended",
            "description": "Locks a member out from their next request on."
          },
          "reactivate": {
            "to": "active",
            "from": ["suspended"],
            "event": "user.reactivated",
            "description": "Lets a suspended member in again."
          }
        }
      },
      "permissions": {"read":"viewer","remove":"admin","update":"admin","suspend":"admin","reactivate":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
freehold_resolver_select r t freehold_resolver true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''membership:read''::text, 9))))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''membership:update''::text, 11)))) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (created_at)
freehold_user SELECT (email)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (person_id)
freehold_user SELECT (role)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (role)
freehold_user UPDATE (version)'),
  ('membership_status', 'app.membership_status', 'states', '{"active":"Works in the tenant.","removed":"No longer belongs to the tenant.","suspended":"Locked out for now."}', null, null),
  ('project', 'app.project', 'entity', '{
      "due": {},
      "limit": {"usage":"app.projects_used()","counted":"new.status <> ''deleted''","entitlement":"projects"},
      "tasks": {},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [],
        "created": "project.created",
        "updated": "project.updated",
        "descriptions": {
          "project.created": "A project was begun.",
          "project.deleted": "A project was removed from view for good.",
          "project.updated": "The name, the description or the lead of a project was changed.",
          "project.archived": "A project was put away; it can be restored.",
          "project.restored": "An archived project was taken up again."
        }
      },
      "hidden": [],
      "concealed": ["deleted"],
      "lifecycle": {
        "initial": "active",
        "concealed": ["deleted"],
        "transitions": {
          "delete": {
            "to": "deleted",
            "from": ["active","archived"],
            "event": "project.deleted",
            "description": "Removes a project from view for good."
          },
          "archive": {
            "to": "archived",
            "from": ["active"],
            "event": "project.archived",
            "description": "Puts a project away; it can be restored."
          },
          "restore": {
            "to": "active",
            "from": ["archived"],
            "event": "project.restored",
            "description": "Takes an archived project up again."
          }
        }
      },
      "permissions": {"read":"viewer","create":"member","delete":"admin","update":"member","archive":"member","restore":"member"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_delete d t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''project:delete''::text, 42))) AND (status <> ''deleted''::text))
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''project:create''::text, 41))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''project:read''::text, 40))) AND (status <> ''deleted''::text))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''project:update''::text, 43))) AND (status <> ''deleted''::text)) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_user INSERT (description)
freehold_user INSERT (lead_id)
freehold_user INSERT (name)
freehold_user SELECT (created_at)
freehold_user SELECT (description)
freehold_user SELECT (id)
freehold_user SELECT (lead_id)
freehold_user SELECT (name)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (description)
freehold_user UPDATE (lead_id)
freehold_user UPDATE (name)
freehold_user UPDATE (version)'),
  ('project_status', 'app.project_status', 'states', '{"active":"Being worked on.","deleted":"Gone from view.","archived":"Kept, and read-only in the product."}', null, null),
  ('report', 'app.report', 'entity', '{
      "due": {"expire":{"column":"expires_at","states":["exported"]}},
      "tasks": {"report.requested":"export_report"},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [],
        "created": "report.requested",
        "updated": "report.updated",
        "descriptions": {
          "report.failed": "A report could not be made; error says why.",
          "report.expired": "The content of a report was deleted; it can no longer be downloaded.",
          "report.started": "The worker began to make a report.",
          "report.exported": "A report is ready, and can be downloaded until expires_at.",
          "report.requested": "A report was asked for, and waits for the worker."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "requested",
        "transitions": {
          "fail": {"to":"failed","from":["requested","running"],"event":"report.failed","handwritten":true},
          "start": {"to":"running","from":["requested","running"],"event":"report.started","handwritten":true},
          "expire": {"to":"expired","from":["exported"],"event":"report.expired","handwritten":true},
          "finish": {"to":"exported","from":["running"],"event":"report.exported","handwritten":true}
        }
      },
      "permissions": {"fail":[],"read":"admin","start":[],"create":"admin","expire":[],"finish":[]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''report:create''::text, 51))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''report:read''::text, 49))))', 'freehold_janitor SELECT
freehold_user INSERT (format)
freehold_user INSERT (kind)
freehold_user INSERT (since)
freehold_user SELECT (byte_count)
freehold_user SELECT (created_at)
freehold_user SELECT (error)
freehold_user SELECT (expires_at)
freehold_user SELECT (format)
freehold_user SELECT (id)
freehold_user SELECT (kind)
freehold_user SELECT (row_count)
freehold_user SELECT (since)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('report_chunk', 'app.report_chunk', 'record', '{"across":{},"hidden":["content","report_id","position"],"retained":false,"permissions":{}}', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())', 'freehold_user SELECT (id)
freehold_user SELECT (tenant_id)'),
  ('report_status', 'app.report_status', 'states', '{
      "failed": "Could not be made; the error says why.",
      "expired": "No longer kept.",
      "running": "Being made.",
      "exported": "Ready to download.",
      "requested": "Waiting for the worker."
    }', null, null),
  ('role', 'app.role', 'entity', '{
      "due": {},
      "tasks": {},
      "across": {"freehold_janitor":["select"],"freehold_resolver":["select"]},
      "events": {
        "changed": [],
        "created": "role.created",
        "updated": "role.updated",
        "descriptions": {
          "role.created": "The tenant was given a role of its own.",
          "role.deleted": "A role of the tenant ended.",
          "role.updated": "A role was given another name, or other permissions, which its members have from their next statement on."
        }
      },
      "hidden": [],
      "concealed": ["deleted"],
      "lifecycle": {
        "initial": "active",
        "concealed": ["deleted"],
        "transitions": {
          "delete": {
            "to": "deleted",
            "from": ["active"],
            "event": "role.deleted",
            "description": "Ends a role that nobody has, and nothing gives."
          }
        }
      },
      "permissions": {"read":"viewer","create":"admin","delete":"admin","update":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
freehold_resolver_select r t freehold_resolver true
request_delete d t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''role:delete''::text, 78))) AND (status <> ''deleted''::text))
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''role:create''::text, 77))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''role:read''::text, 76))) AND (status <> ''deleted''::text))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''role:update''::text, 79))) AND (status <> ''deleted''::text)) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user INSERT (key)
freehold_user INSERT (name)
freehold_user INSERT (permissions)
freehold_user SELECT (created_at)
freehold_user SELECT (id)
freehold_user SELECT (key)
freehold_user SELECT (name)
freehold_user SELECT (permissions)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (name)
freehold_user UPDATE (permissions)
freehold_user UPDATE (version)'),
  ('role_status', 'app.role_status', 'states', '{"active":"Can be given.","deleted":"Is no more."}', null, null),
  ('subscription', 'app.subscription', 'entity', '{
      "due": {
        "renew": {"column":"current_period_end","states":["active"]},
        "activate": {"column":"trial_ends_at","states":["trialing"]}
      },
      "tasks": {},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [
          {
            "when": "new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan)",
            "event": "subscription.upgraded",
            "description": "The subscription went to a higher plan."
          },
          {
            "when": "new.plan <> old.plan",
            "event": "subscription.downgraded",
            "description": "The subscription went to a lower plan."
          },
          {
            "when": "new.period > old.period",
            "event": "subscription.renewed",
            "description": "A new period of the subscription began."
          }
        ],
        "created": "subscription.created",
        "updated": "subscription.updated",
        "descriptions": {
          "subscription.paused": "A subscription was set aside: nothing is charged, and the free plan holds.",
          "subscription.created": "A subscription began, with a trial when its plan has one.",
          "subscription.resumed": "A paused subscription goes on, and its plan holds again.",
          "subscription.updated": "A subscription was changed in a way that has no event of its own: a downgrade waits for the next period.",
          "subscription.canceled": "A subscription ended, and the free plan holds.",
          "subscription.past_due": "A payment failed; the plan still holds.",
          "subscription.activated": "A trial turned into a paid subscription, or what was past due was paid."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": ["trialing","active"],
        "transitions": {
          "pause": {
            "to": "paused",
            "from": ["active"],
            "event": "subscription.paused",
            "description": "Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds."
          },
          "cancel": {
            "to": "canceled",
            "from": ["trialing","active","past_due","paused"],
            "event": "subscription.canceled",
            "description": "Ends the subscription now; the free plan holds from then on."
          },
          "resume": {"to":"active","from":["paused"],"event":"subscription.resumed","handwritten":true},
          "recover": {"to":"active","from":["past_due"],"event":"subscription.activated"},
          "activate": {"to":"active","from":["trialing"],"event":"subscription.activated","handwritten":true},
          "mark_past_due": {"to":"past_due","from":["active"],"event":"subscription.past_due"}
        }
      },
      "permissions": {
        "read": "viewer",
        "pause": "billing",
        "renew": [],
        "cancel": "billing",
        "resume": "billing",
        "recover": [],
        "upgrade": "billing",
        "activate": [],
        "downgrade": "billing",
        "mark_past_due": []
      }
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''subscription:read''::text, 24))))', 'freehold_janitor SELECT
freehold_user SELECT (anchor)
freehold_user SELECT (created_at)
freehold_user SELECT (current_period_end)
freehold_user SELECT (current_period_start)
freehold_user SELECT (id)
freehold_user SELECT (next_plan)
freehold_user SELECT (period)
freehold_user SELECT (plan)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (trial_ends_at)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('subscription_status', 'app.subscription_status', 'states', '{
      "active": "Paid for.",
      "paused": "Set aside; nothing is charged.",
      "canceled": "Ended; the free plan holds.",
      "past_due": "A payment failed; everything still works.",
      "trialing": "In its trial; nothing is charged."
    }', null, null),
  ('tenant', 'app.tenant', 'entity', '{
      "due": {"finish_closing":{"column":"closes_at","states":["closing"]}},
      "tasks": {},
      "across": {"freehold_janitor":["select"],"freehold_resolver":["select"]},
      "events": {
        "changed": [
          {
            "when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)",
            "event": "tenant.security_changed",
            "description": "What a tenant demands of those who sign in, or whom it admits, was changed."
          }
        ],
        "created": "tenant.created",
        "updated": "tenant.updated",
        "descriptions": {
          "tenant.closed": "A tenant ended with its grace period, and what it had is deleted.",
          "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.",
          "tenant.created": "A tenant was made, and is being set up.",
          "tenant.updated": "A tenant was given another name.",
          "tenant.activated": "A tenant was set up, and is in use.",
          "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.",
          "tenant.reactivated": "A suspended tenant is in use again."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "provisioning",
        "transitions": {
          "close": {
            "to": "closing",
            "from": ["active","suspended"],
            "event": "tenant.closing",
            "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."
          },
          "suspend": {"to":"suspended","from":["active"],"event":"tenant.suspended"},
          "activate": {"to":"active","from":["provisioning"],"event":"tenant.activated"},
          "reactivate": {"to":"active","from":["suspended"],"event":"tenant.reactivated"},
          "finish_closing": {"to":"closed","from":["closing"],"event":"tenant.closed"}
        }
      },
      "permissions": {"read":"viewer","close":"owner","update":"owner","suspend":[],"activate":[],"reactivate":[],"finish_closing":[]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
freehold_resolver_select r t freehold_resolver true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''tenant:read''::text, 2))))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''tenant:update''::text, 4)))) (tenant_id = platform.tenant_id())', 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (admit_verified_domains)
freehold_user SELECT (allowed_networks)
freehold_user SELECT (closes_at)
freehold_user SELECT (created_at)
freehold_user SELECT (default_role)
freehold_user SELECT (id)
freehold_user SELECT (login_methods)
freehold_user SELECT (max_idle_minutes)
freehold_user SELECT (max_session_hours)
freehold_user SELECT (name)
freehold_user SELECT (require_sso)
freehold_user SELECT (slug)
freehold_user SELECT (status)
freehold_user SELECT (stream_audit_log)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (admit_verified_domains)
freehold_user UPDATE (allowed_networks)
freehold_user UPDATE (default_role)
freehold_user UPDATE (login_methods)
freehold_user UPDATE (max_idle_minutes)
freehold_user UPDATE (max_session_hours)
freehold_user UPDATE (name)
freehold_user UPDATE (require_sso)
freehold_user UPDATE (stream_audit_log)
freehold_user UPDATE (version)'),
  ('tenant_status', 'app.tenant_status', 'states', '{
      "active": "In use.",
      "closed": "Ended; what is left is deleted.",
      "closing": "In its grace period before the end.",
      "suspended": "Members are locked out; nothing is lost.",
      "provisioning": "Being set up."
    }', null, null),
  ('webhook_endpoint', 'app.webhook_endpoint', 'entity', '{
      "due": {},
      "tasks": {"webhook_endpoint.failing":"notify_endpoint_owners","webhook_endpoint.disabled":"notify_endpoint_owners"},
      "across": {"freehold_janitor":["select"],"freehold_dispatcher":["select"]},
      "events": {
        "changed": [],
        "created": "webhook_endpoint.created",
        "updated": "webhook_endpoint.updated",
        "descriptions": {
          "webhook_endpoint.created": "A webhook endpoint was made. Its signing secret is in no event.",
          "webhook_endpoint.enabled": "A webhook endpoint was enabled, and what happens from now on is delivered to it.",
          "webhook_endpoint.updated": "What a webhook endpoint is told of, where, or how, was changed.",
          "webhook_endpoint.disabled": "A webhook endpoint was disabled, and nothing is delivered to it."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "enabled",
        "transitions": {
          "enable": {
            "to": "enabled",
            "from": ["disabled"],
            "event": "webhook_endpoint.enabled",
            "description": "Begins deliveries of what happens from now on."
          },
          "disable": {
            "to": "disabled",
            "from": ["enabled"],
            "event": "webhook_endpoint.disabled",
            "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."
          },
          "give_up": {"to":"disabled","from":["enabled"],"event":"webhook_endpoint.disabled","handwritten":true}
        }
      },
      "permissions": {"read":"admin","create":"admin","enable":"admin","update":"admin","disable":"admin","give_up":[]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_select r t freehold_dispatcher true
freehold_janitor_select r t freehold_janitor true
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_endpoint:create''::text, 55))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_endpoint:read''::text, 54))))
request_update w t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_endpoint:update''::text, 57)))) (tenant_id = platform.tenant_id())', 'freehold_dispatcher SELECT
freehold_janitor SELECT
freehold_user SELECT (channels)
freehold_user SELECT (concurrency)
freehold_user SELECT (created_at)
freehold_user SELECT (description)
freehold_user SELECT (disabled_reason)
freehold_user SELECT (event_types)
freehold_user SELECT (id)
freehold_user SELECT (ordered)
freehold_user SELECT (rate_limit)
freehold_user SELECT (retry_delays)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (url)
freehold_user SELECT (version)
freehold_user UPDATE (channels)
freehold_user UPDATE (concurrency)
freehold_user UPDATE (description)
freehold_user UPDATE (event_types)
freehold_user UPDATE (ordered)
freehold_user UPDATE (rate_limit)
freehold_user UPDATE (retry_delays)
freehold_user UPDATE (url)
freehold_user UPDATE (version)'),
  ('webhook_endpoint_status', 'app.webhook_endpoint_status', 'states', '{
      "enabled": "Events are delivered to it.",
      "disabled": "Nothing is delivered; events of that time are not kept for it."
    }', null, null),
  ('webhook_header', 'app.webhook_header', 'record', '{
      "across": {"freehold_dispatcher":["select","update"]},
      "hidden": ["sealed_value"],
      "retained": false,
      "permissions": {"read":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_select r t freehold_dispatcher true
freehold_dispatcher_update w t freehold_dispatcher true true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_header:read''::text, 64))))', 'freehold_dispatcher SELECT
freehold_dispatcher UPDATE
freehold_user SELECT (created_at)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (id)
freehold_user SELECT (name)
freehold_user SELECT (tenant_id)'),
  ('webhook_replay', 'app.webhook_replay', 'entity', '{
      "due": {},
      "tasks": {"webhook_replay.requested":"replay_events"},
      "across": {"freehold_janitor":["select"]},
      "events": {
        "changed": [],
        "created": "webhook_replay.requested",
        "updated": "webhook_replay.updated",
        "descriptions": {
          "webhook_replay.failed": "A replay could not be gone on with: queued says how far it came.",
          "webhook_replay.updated": "A replay went on: queued counts the deliveries that it has made so far.",
          "webhook_replay.canceled": "A replay was stopped, by somebody or because its endpoint was disabled; what it had queued is delivered.",
          "webhook_replay.completed": "All events of a replay were queued for delivery.",
          "webhook_replay.requested": "Somebody asked that the events of a time be sent to an endpoint, once more or for the first time."
        }
      },
      "hidden": [],
      "lifecycle": {
        "initial": "running",
        "transitions": {
          "fail": {
            "to": "failed",
            "from": ["running"],
            "event": "webhook_replay.failed",
            "description": "The replay could not be gone on with; a new one may begin where it ended."
          },
          "cancel": {
            "to": "canceled",
            "from": ["running"],
            "event": "webhook_replay.canceled",
            "description": "Stops a replay; what it has queued already is delivered."
          },
          "complete": {
            "to": "completed",
            "from": ["running"],
            "event": "webhook_replay.completed",
            "description": "All of it was queued for delivery."
          }
        }
      },
      "permissions": {"fail":[],"read":"admin","cancel":"admin","create":"admin","complete":[]}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_janitor_select r t freehold_janitor true
request_insert a t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_replay:create''::text, 68))))
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_replay:read''::text, 66))))', 'freehold_janitor SELECT
freehold_user INSERT (endpoint_id)
freehold_user INSERT (failed_only)
freehold_user INSERT (since)
freehold_user INSERT (until)
freehold_user SELECT (created_at)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (failed_only)
freehold_user SELECT (id)
freehold_user SELECT (since)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (until)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)'),
  ('webhook_replay_status', 'app.webhook_replay_status', 'states', '{
      "failed": "Given up half-way.",
      "running": "Its events are being queued.",
      "canceled": "Stopped by its owner, or because the endpoint was disabled.",
      "completed": "All of it was queued."
    }', null, null),
  ('webhook_signing_key', 'app.webhook_signing_key', 'record', '{
      "across": {"freehold_dispatcher":["select","update"]},
      "hidden": ["sealed_key"],
      "retained": false,
      "permissions": {"read":"admin"}
    }', 'definer_delete d t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_insert a t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_select r t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v)))
definer_update w t freehold_owner ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v))) (tenant_id = platform.tenant_id())
freehold_dispatcher_select r t freehold_dispatcher true
freehold_dispatcher_update w t freehold_dispatcher true true
request_select r t freehold_user ((tenant_id = platform.tenant_id()) AND uuid_eq(tenant_id, ( SELECT v.tenant_id
   FROM platform.verified_context v
  WHERE platform.allows(''webhook_signing_key:read''::text, 63))))', 'freehold_dispatcher SELECT
freehold_dispatcher UPDATE
freehold_user SELECT (created_at)
freehold_user SELECT (endpoint_id)
freehold_user SELECT (expires_at)
freehold_user SELECT (id)
freehold_user SELECT (public_key)
freehold_user SELECT (scheme)
freehold_user SELECT (tenant_id)');

create table platform.error (
  sqlstate text not null,
  code text not null,
  http_status integer not null,
  message text not null,
  remedy text not null,
  constraint error_pkey PRIMARY KEY (sqlstate),
  constraint error_code_check CHECK ((code ~ '^[a-z_]+$'::text)),
  constraint error_http_status_check CHECK (((http_status >= 400) AND (http_status <= 599))),
  constraint error_sqlstate_check CHECK ((sqlstate ~ '^[0-9A-Z]{5}$'::text))
);
alter table platform.error owner to freehold_owner;
comment on table platform.error is '@reference
The one error vocabulary: SQLSTATE to code, HTTP status and remedy. GraphQL shows the code in extensions.code.';
insert into platform.error (sqlstate, code, http_status, message, remedy) values
  ('22000', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22001', 'value_too_long', 400, 'A value is too long.', 'Shorten it.'),
  ('22003', 'value_out_of_range', 400, 'A number is out of range.', 'Send a number within the range of its type.'),
  ('22007', 'invalid_input', 400, 'A date or time is not well formed.', 'Send ISO 8601.'),
  ('22008', 'value_out_of_range', 400, 'A date or time is out of range.', 'Send a date that exists.'),
  ('22021', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove the NUL character.'),
  ('22023', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22P02', 'invalid_input', 400, 'A value is not well formed.', 'Send the type that the documentation names.'),
  ('22P05', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove that character.'),
  ('23502', 'value_required', 422, 'A required value is missing.', 'Send the value.'),
  ('23503', 'reference_not_found', 422, 'A referenced resource does not exist.', 'Check the ids; they must be of your own tenant.'),
  ('23505', 'already_exists', 409, 'A resource with these values exists.', 'Use the existing one, or other values.'),
  ('23514', 'invalid_value', 422, 'A value breaks a rule of the resource.', 'Correct the value.'),
  ('23P01', 'already_exists', 409, 'A resource that excludes this one exists.', 'Use the existing one, or other values.'),
  ('40001', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('40P01', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('42501', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission.'),
  ('53300', 'overloaded', 503, 'The service is busy.', 'Repeat the request later.'),
  ('54000', 'too_large', 413, 'The request is too large.', 'Split the request.'),
  ('55P03', 'conflict_retry', 409, 'Somebody else holds the resource.', 'Repeat the request.'),
  ('57014', 'timeout', 504, 'The request took too long and was cancelled.', 'Ask for less at once.'),
  ('57P01', 'unavailable', 503, 'The database is restarting.', 'Repeat the request later.'),
  ('ZF001', 'unauthenticated', 401, 'No valid credential came with the request.', 'Send an API key or a session.'),
  ('ZF002', 'context_expired', 401, 'The credential was revoked, changed or has expired.', 'Authenticate again.'),
  ('ZF003', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission that the detail names.'),
  ('ZF004', 'not_found', 404, 'There is no such resource.', 'Check the id; it may belong to another tenant or be deleted.'),
  ('ZF005', 'illegal_transition', 409, 'The resource is not in a state that allows this.', 'Use one of the transitions that the detail lists.'),
  ('ZF006', 'stale_version', 409, 'The resource was changed by somebody else.', 'Read it again and repeat with its current version.'),
  ('ZF007', 'plan_limit_reached', 403, 'The limit of the plan is reached.', 'Upgrade the subscription, or free what the detail names.'),
  ('ZF008', 'immutable', 409, 'This can no longer be changed.', 'Create a new one, or correct it as the detail says.'),
  ('ZF009', 'last_owner', 409, 'A tenant keeps at least one active owner.', 'Make somebody else an owner first.'),
  ('ZF010', 'invalid_argument', 422, 'An argument is not acceptable.', 'Correct the argument that the detail names.'),
  ('ZF011', 'tenant_not_active', 403, 'The tenant is not active.', 'Contact support to reactivate it.'),
  ('ZF012', 'append_only', 409, 'Events are never changed or deleted.', 'Record a new event.'),
  ('ZF013', 'invalid_declaration', 500, 'A declaration is not acceptable.', 'Correct the declaration as the detail says.'),
  ('ZF014', 'feature_not_in_plan', 403, 'The plan does not include this feature.', 'Upgrade to a plan that includes it.'),
  ('ZF015', 'wrong_plan_direction', 409, 'The plan is not in that direction.', 'Use the verb that the detail names.'),
  ('ZF016', 'identity_unavailable', 503, 'The identity provider does not answer.', 'Repeat the request later.'),
  ('ZF017', 'not_a_member', 403, 'You are not an active member of this tenant.', 'Ask an owner for an invitation, or sign in to another organization.'),
  ('ZF018', 'refused_by_policy', 403, 'The security policy of the tenant does not allow this.', 'Come as it asks, or have an owner change what it asks.');

create table platform.event_task (
  type text not null,
  task text not null,
  constraint event_task_pkey PRIMARY KEY (type, task),
  constraint event_task_type_fkey FOREIGN KEY (type) REFERENCES catalog.event_type(type) ON DELETE CASCADE
);
alter table platform.event_task owner to freehold_owner;
grant select on platform.event_task to freehold_dispatcher;
comment on table platform.event_task is '@reference
Internal subscribers: the worker runs the task once for each event of the type.';
insert into platform.event_task (type, task) values
  ('group_role.created', 'follow_groups'),
  ('group_role.deleted', 'follow_groups'),
  ('group_role.updated', 'follow_groups'),
  ('invitation.resent', 'tell_provider'),
  ('invitation.revoked', 'tell_provider'),
  ('report.requested', 'export_report'),
  ('user.invited', 'tell_provider'),
  ('user.reactivated', 'tell_provider'),
  ('user.removed', 'tell_provider'),
  ('user.suspended', 'tell_provider'),
  ('webhook_endpoint.disabled', 'notify_endpoint_owners'),
  ('webhook_endpoint.failing', 'notify_endpoint_owners'),
  ('webhook_replay.requested', 'replay_events');

create table platform.event_total (
  type text not null,
  plan text not null,
  count bigint not null,
  constraint event_total_pkey PRIMARY KEY (type, plan)
);
alter table platform.event_total owner to freehold_owner;
grant insert, select, update on platform.event_total to freehold_dispatcher;
comment on table platform.event_total is 'How many events of each type there ever were, by the plan of their tenant when they were counted: the counters of Prometheus, which nothing sets back.';

create table platform.event_total_position (
  id boolean default true not null,
  xid xid8 default '0'::xid8 not null,
  counted_to timestamp with time zone default '-infinity'::timestamp with time zone not null,
  ceiling xid8 default '0'::xid8 not null,
  noted_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint event_total_position_pkey PRIMARY KEY (id),
  constraint event_total_position_id_check CHECK (id)
);
alter table platform.event_total_position owner to freehold_owner;
grant select, update on platform.event_total_position to freehold_dispatcher;
comment on table platform.event_total_position is 'Up to where events are counted. One row.';
comment on column platform.event_total_position.xid is 'Events below it are counted.';
comment on column platform.event_total_position.counted_to is 'Events that were written before that moment are counted.';
comment on column platform.event_total_position.ceiling is 'Once no transaction below it runs any more, what was written before noted_at is counted.';

create table platform.lane_queue (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  delivery_id uuid not null,
  attempt integer not null,
  constraint lane_queue_pkey PRIMARY KEY (tenant_id, endpoint_id, delivery_id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000, autovacuum_analyze_scale_factor=0, autovacuum_analyze_threshold=50000);
alter table platform.lane_queue owner to freehold_owner;
grant delete, insert, select, update on platform.lane_queue to freehold_dispatcher;
comment on table platform.lane_queue is 'Deliveries that are due and wait for their endpoint, the oldest first.';

create table platform.notice (
  tenant_id uuid not null,
  membership_id uuid not null,
  event_id uuid not null,
  told_at timestamp with time zone default statement_timestamp() not null,
  constraint notice_pkey PRIMARY KEY (tenant_id, membership_id, event_id),
  constraint notice_tenant_id_membership_id_fkey FOREIGN KEY (tenant_id, membership_id) REFERENCES app.membership(tenant_id, id) ON DELETE CASCADE
);
alter table platform.notice owner to freehold_owner;
grant delete, insert, select on platform.notice to freehold_dispatcher;
comment on table platform.notice is 'Which member was told of which event by mail, for as long as the telling may be repeated.';

create table platform.permission (
  key text not null,
  number integer generated always as identity not null,
  entity text not null,
  description text not null,
  constraint permission_pkey PRIMARY KEY (key),
  constraint permission_number_key UNIQUE (number),
  constraint permission_key_check CHECK ((key ~ '^[a-z_]+:[a-z_]+$'::text))
);
alter table platform.permission owner to freehold_owner;
comment on table platform.permission is '@reference
Every permission, written by declarations: entity:command or entity:transition.';
comment on column platform.permission.number is 'Place of the permission in the claims of a context.';
insert into platform.permission (key, number, entity, description) values
  ('api_key:create', 20, 'api_key', 'May create one api key.'),
  ('api_key:expire', 21, 'api_key', 'May expire one api key.'),
  ('api_key:read', 19, 'api_key', 'May read one api key.'),
  ('api_key:revoke', 22, 'api_key', 'May revoke one api key.'),
  ('api_key:update', 23, 'api_key', 'May update one api key.'),
  ('delivery:read', 59, 'delivery', 'May read delivery rows.'),
  ('delivery:resend', 60, 'delivery', 'May resend delivery rows.'),
  ('delivery_attempt:read', 61, 'delivery_attempt', 'May read delivery attempt rows.'),
  ('event:read', 1, 'event', 'May read event rows.'),
  ('feature_usage:read', 46, 'feature_usage', 'May read feature usage rows.'),
  ('feature_usage:record', 47, 'feature_usage', 'May record feature usage rows.'),
  ('group_role:create', 71, 'group_role', 'May create one group role.'),
  ('group_role:delete', 72, 'group_role', 'May delete one group role.'),
  ('group_role:read', 70, 'group_role', 'May read one group role.'),
  ('group_role:update', 73, 'group_role', 'May update one group role.'),
  ('impersonation:read', 74, 'impersonation', 'May read one impersonation.'),
  ('invitation:accept', 15, 'invitation', 'May accept one invitation.'),
  ('invitation:create', 16, 'invitation', 'May create one invitation.'),
  ('invitation:expire', 17, 'invitation', 'May expire one invitation.'),
  ('invitation:read', 14, 'invitation', 'May read one invitation.'),
  ('invitation:resend', 75, 'invitation', 'May resend one invitation.'),
  ('invitation:revoke', 18, 'invitation', 'May revoke one invitation.'),
  ('invoice:finalize', 37, 'invoice', 'May finalize one invoice.'),
  ('invoice:mark_uncollectible', 38, 'invoice', 'May mark uncollectible one invoice.'),
  ('invoice:pay', 34, 'invoice', 'May pay one invoice.'),
  ('invoice:read', 35, 'invoice', 'May read one invoice.'),
  ('invoice:void', 36, 'invoice', 'May void one invoice.'),
  ('invoice_line:read', 39, 'invoice_line', 'May read invoice line rows.'),
  ('membership:reactivate', 13, 'membership', 'May reactivate one membership.'),
  ('membership:read', 9, 'membership', 'May read one membership.'),
  ('membership:remove', 10, 'membership', 'May remove one membership.'),
  ('membership:suspend', 12, 'membership', 'May suspend one membership.'),
  ('membership:update', 11, 'membership', 'May update one membership.'),
  ('project:archive', 44, 'project', 'May archive one project.'),
  ('project:create', 41, 'project', 'May create one project.'),
  ('project:delete', 42, 'project', 'May delete one project.'),
  ('project:read', 40, 'project', 'May read one project.'),
  ('project:restore', 45, 'project', 'May restore one project.'),
  ('project:update', 43, 'project', 'May update one project.'),
  ('report:create', 51, 'report', 'May create one report.'),
  ('report:expire', 52, 'report', 'May expire one report.'),
  ('report:fail', 48, 'report', 'May fail one report.'),
  ('report:finish', 53, 'report', 'May finish one report.'),
  ('report:read', 49, 'report', 'May read one report.'),
  ('report:start', 50, 'report', 'May start one report.'),
  ('role:create', 77, 'role', 'May create one role.'),
  ('role:delete', 78, 'role', 'May delete one role.'),
  ('role:read', 76, 'role', 'May read one role.'),
  ('role:update', 79, 'role', 'May update one role.'),
  ('subscription:activate', 31, 'subscription', 'May activate one subscription.'),
  ('subscription:cancel', 27, 'subscription', 'May cancel one subscription.'),
  ('subscription:downgrade', 32, 'subscription', 'May downgrade one subscription.'),
  ('subscription:mark_past_due', 33, 'subscription', 'May mark past due one subscription.'),
  ('subscription:pause', 25, 'subscription', 'May pause one subscription.'),
  ('subscription:read', 24, 'subscription', 'May read one subscription.'),
  ('subscription:recover', 29, 'subscription', 'May recover one subscription.'),
  ('subscription:renew', 26, 'subscription', 'May renew one subscription.'),
  ('subscription:resume', 28, 'subscription', 'May resume one subscription.'),
  ('subscription:upgrade', 30, 'subscription', 'May upgrade one subscription.'),
  ('tenant:activate', 6, 'tenant', 'May activate one tenant.'),
  ('tenant:close', 3, 'tenant', 'May close one tenant.'),
  ('tenant:finish_closing', 8, 'tenant', 'May finish closing one tenant.'),
  ('tenant:reactivate', 7, 'tenant', 'May reactivate one tenant.'),
  ('tenant:read', 2, 'tenant', 'May read one tenant.'),
  ('tenant:suspend', 5, 'tenant', 'May suspend one tenant.'),
  ('tenant:update', 4, 'tenant', 'May update one tenant.'),
  ('webhook_endpoint:create', 55, 'webhook_endpoint', 'May create one webhook endpoint.'),
  ('webhook_endpoint:disable', 58, 'webhook_endpoint', 'May disable one webhook endpoint.'),
  ('webhook_endpoint:enable', 56, 'webhook_endpoint', 'May enable one webhook endpoint.'),
  ('webhook_endpoint:give_up', 62, 'webhook_endpoint', 'May give up one webhook endpoint.'),
  ('webhook_endpoint:read', 54, 'webhook_endpoint', 'May read one webhook endpoint.'),
  ('webhook_endpoint:update', 57, 'webhook_endpoint', 'May update one webhook endpoint.'),
  ('webhook_header:read', 64, 'webhook_header', 'May read webhook header rows.'),
  ('webhook_replay:cancel', 67, 'webhook_replay', 'May cancel one webhook replay.'),
  ('webhook_replay:complete', 69, 'webhook_replay', 'May complete one webhook replay.'),
  ('webhook_replay:create', 68, 'webhook_replay', 'May create one webhook replay.'),
  ('webhook_replay:fail', 65, 'webhook_replay', 'May fail one webhook replay.'),
  ('webhook_replay:read', 66, 'webhook_replay', 'May read one webhook replay.'),
  ('webhook_signing_key:read', 63, 'webhook_signing_key', 'May read webhook signing key rows.');

create table platform.replay_progress (
  tenant_id uuid not null,
  replay_id uuid not null,
  place uuid not null,
  queued bigint default 0 not null,
  constraint replay_progress_pkey PRIMARY KEY (tenant_id, replay_id)
);
alter table platform.replay_progress owner to freehold_owner;
comment on table platform.replay_progress is 'How far replays have come: the last event that was looked at.';

create table platform.role (
  key text not null,
  description text not null,
  includes text[] default '{}'::text[] not null,
  constraint role_pkey PRIMARY KEY (key)
);
alter table platform.role owner to freehold_owner;
comment on table platform.role is '@reference
Built-in roles of a member. A role holds its own permissions and those of the roles it includes.';
insert into platform.role (key, description, includes) values
  ('admin', 'Manages people, keys and endpoints.', '{member}'),
  ('billing', 'Sees everything and decides on plan and invoices.', '{viewer}'),
  ('member', 'Works: creates and changes.', '{viewer}'),
  ('owner', 'May do everything, and always exists.', '{admin,billing}'),
  ('viewer', 'Sees what the tenant has.', '{}');

create table platform.role_permission (
  role text not null,
  permission text not null,
  constraint role_permission_pkey PRIMARY KEY (role, permission),
  constraint role_permission_permission_fkey FOREIGN KEY (permission) REFERENCES platform.permission(key) ON DELETE CASCADE,
  constraint role_permission_role_fkey FOREIGN KEY (role) REFERENCES platform.role(key)
);
alter table platform.role_permission owner to freehold_owner;
comment on table platform.role_permission is '@reference
Which role is given which permission by a declaration, before inclusion.';
insert into platform.role_permission (role, permission) values
  ('admin', 'api_key:create'),
  ('admin', 'api_key:read'),
  ('admin', 'api_key:revoke'),
  ('admin', 'api_key:update'),
  ('admin', 'delivery:read'),
  ('admin', 'delivery:resend'),
  ('admin', 'delivery_attempt:read'),
  ('admin', 'event:read'),
  ('admin', 'group_role:create'),
  ('admin', 'group_role:delete'),
  ('admin', 'group_role:read'),
  ('admin', 'group_role:update'),
  ('admin', 'impersonation:read'),
  ('admin', 'invitation:create'),
  ('admin', 'invitation:resend'),
  ('admin', 'invitation:revoke'),
  ('admin', 'invoice:read'),
  ('admin', 'invoice_line:read'),
  ('admin', 'membership:reactivate'),
  ('admin', 'membership:remove'),
  ('admin', 'membership:suspend'),
  ('admin', 'membership:update'),
  ('admin', 'project:delete'),
  ('admin', 'report:create'),
  ('admin', 'report:read'),
  ('admin', 'role:create'),
  ('admin', 'role:delete'),
  ('admin', 'role:update'),
  ('admin', 'webhook_endpoint:create'),
  ('admin', 'webhook_endpoint:disable'),
  ('admin', 'webhook_endpoint:enable'),
  ('admin', 'webhook_endpoint:read'),
  ('admin', 'webhook_endpoint:update'),
  ('admin', 'webhook_header:read'),
  ('admin', 'webhook_replay:cancel'),
  ('admin', 'webhook_replay:create'),
  ('admin', 'webhook_replay:read'),
  ('admin', 'webhook_signing_key:read'),
  ('billing', 'invoice:read'),
  ('billing', 'invoice_line:read'),
  ('billing', 'subscription:cancel'),
  ('billing', 'subscription:downgrade'),
  ('billing', 'subscription:pause'),
  ('billing', 'subscription:resume'),
  ('billing', 'subscription:upgrade'),
  ('member', 'feature_usage:record'),
  ('member', 'invitation:read'),
  ('member', 'project:archive'),
  ('member', 'project:create'),
  ('member', 'project:restore'),
  ('member', 'project:update'),
  ('owner', 'tenant:close'),
  ('owner', 'tenant:update'),
  ('viewer', 'feature_usage:read'),
  ('viewer', 'membership:read'),
  ('viewer', 'project:read'),
  ('viewer', 'role:read'),
  ('viewer', 'subscription:read'),
  ('viewer', 'tenant:read');

create table platform.system_entry (
  id uuid default uuidv7() not null,
  tenant_id uuid not null,
  login text not null,
  reason text not null,
  entered_at timestamp with time zone default now() not null,
  constraint system_entry_pkey PRIMARY KEY (id),
  constraint system_entry_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);
alter table platform.system_entry owner to freehold_owner;
comment on table platform.system_entry is 'Each time the system acted inside a tenant, and why. Append-only.';

create table platform.tenant_plan (
  tenant_id uuid not null,
  plan text not null,
  constraint tenant_plan_pkey PRIMARY KEY (tenant_id)
);
alter table platform.tenant_plan owner to freehold_owner;
grant select on platform.tenant_plan to freehold_dispatcher;
grant select on platform.tenant_plan to freehold_janitor;
comment on table platform.tenant_plan is 'The plan that holds for a tenant, kept by its subscription: a limit is looked up here in one key, outside row-level security.';

create table platform.transition (
  entity text not null,
  name text not null,
  from_state text not null,
  to_state text not null,
  event text not null,
  constraint transition_pkey PRIMARY KEY (entity, name, from_state),
  constraint transition_entity_fkey FOREIGN KEY (entity) REFERENCES platform.entity(name) ON DELETE CASCADE
);
alter table platform.transition owner to freehold_owner;
comment on table platform.transition is '@reference
The lifecycles: which state may follow which, by which verb, and the event that tells of it.';
insert into platform.transition (entity, name, from_state, to_state, event) values
  ('api_key', 'expire', 'active', 'expired', 'api_key.expired'),
  ('api_key', 'revoke', 'active', 'revoked', 'api_key.revoked'),
  ('group_role', 'delete', 'active', 'deleted', 'group_role.deleted'),
  ('invitation', 'accept', 'pending', 'accepted', 'invitation.accepted'),
  ('invitation', 'expire', 'pending', 'expired', 'invitation.expired'),
  ('invitation', 'revoke', 'pending', 'revoked', 'invitation.revoked'),
  ('invoice', 'finalize', 'draft', 'open', 'invoice.finalized'),
  ('invoice', 'mark_uncollectible', 'open', 'uncollectible', 'invoice.marked_uncollectible'),
  ('invoice', 'pay', 'open', 'paid', 'invoice.paid'),
  ('invoice', 'pay', 'uncollectible', 'paid', 'invoice.paid'),
  ('invoice', 'void', 'open', 'void', 'invoice.voided'),
  ('invoice', 'void', 'uncollectible', 'void', 'invoice.voided'),
  ('membership', 'reactivate', 'suspended', 'active', 'user.reactivated'),
  ('membership', 'remove', 'active', 'removed', 'user.removed'),
  ('membership', 'remove', 'suspended', 'removed', 'user.removed'),
  ('membership', 'suspend', 'active', 'suspended', 'user.suspended'),
  ('project', 'archive', 'active', 'archived', 'project.archived'),
  ('project', 'delete', 'active', 'deleted', 'project.deleted'),
  ('project', 'delete', 'archived', 'deleted', 'project.deleted'),
  ('project', 'restore', 'archived', 'active', 'project.restored'),
  ('report', 'expire', 'exported', 'expired', 'report.expired'),
  ('report', 'fail', 'requested', 'failed', 'report.failed'),
  ('report', 'fail', 'running', 'failed', 'report.failed'),
  ('report', 'finish', 'running', 'exported', 'report.exported'),
  ('report', 'start', 'requested', 'running', 'report.started'),
  ('report', 'start', 'running', 'running', 'report.started'),
  ('role', 'delete', 'active', 'deleted', 'role.deleted'),
  ('subscription', 'activate', 'trialing', 'active', 'subscription.activated'),
  ('subscription', 'cancel', 'active', 'canceled', 'subscription.canceled'),
  ('subscription', 'cancel', 'past_due', 'canceled', 'subscription.canceled'),
  ('subscription', 'cancel', 'paused', 'canceled', 'subscription.canceled'),
  ('subscription', 'cancel', 'trialing', 'canceled', 'subscription.canceled'),
  ('subscription', 'mark_past_due', 'active', 'past_due', 'subscription.past_due'),
  ('subscription', 'pause', 'active', 'paused', 'subscription.paused'),
  ('subscription', 'recover', 'past_due', 'active', 'subscription.activated'),
  ('subscription', 'resume', 'paused', 'active', 'subscription.resumed'),
  ('tenant', 'activate', 'provisioning', 'active', 'tenant.activated'),
  ('tenant', 'close', 'active', 'closing', 'tenant.closing'),
  ('tenant', 'close', 'suspended', 'closing', 'tenant.closing'),
  ('tenant', 'finish_closing', 'closing', 'closed', 'tenant.closed'),
  ('tenant', 'reactivate', 'suspended', 'active', 'tenant.reactivated'),
  ('tenant', 'suspend', 'active', 'suspended', 'tenant.suspended'),
  ('webhook_endpoint', 'disable', 'enabled', 'disabled', 'webhook_endpoint.disabled'),
  ('webhook_endpoint', 'enable', 'disabled', 'enabled', 'webhook_endpoint.enabled'),
  ('webhook_endpoint', 'give_up', 'enabled', 'disabled', 'webhook_endpoint.disabled'),
  ('webhook_replay', 'cancel', 'running', 'canceled', 'webhook_replay.canceled'),
  ('webhook_replay', 'complete', 'running', 'completed', 'webhook_replay.completed'),
  ('webhook_replay', 'fail', 'running', 'failed', 'webhook_replay.failed');

create table platform.worker_process (
  id uuid not null,
  pool_ids text[] not null,
  beat_at timestamp with time zone default statement_timestamp() not null,
  constraint worker_process_pkey PRIMARY KEY (id)
);
alter table platform.worker_process owner to freehold_owner;
grant delete, insert, select, update on platform.worker_process to freehold_worker;
comment on table platform.worker_process is 'Running worker processes: one that misses its heartbeat for 30 s is dead, and its jobs are given back.';

create view platform.verified_context with (security_barrier=true) as
 SELECT tenant_id,
    kind AS actor_type,
        CASE
            WHEN (kind <> 'system'::text) THEN id
            ELSE NULL::uuid
        END AS actor_id,
    (platform.claim(3))::uuid AS impersonator_id
   FROM identity.principal p
  WHERE ((tenant_id = platform.tenant_id()) AND (id = (platform.claim(1))::uuid) AND (to_timestamp((platform.claim(2))::double precision) > clock_timestamp()) AND (current_setting('transaction_isolation'::text) = 'read committed'::text) AND (current_setting('freehold.signature'::text, true) = encode(sha256((outer_pad || sha256((inner_block || convert_to(current_setting('freehold.claims'::text, true), 'UTF8'::name))))), 'hex'::text)));
alter view platform.verified_context owner to freehold_owner;
grant select on platform.verified_context to freehold_dispatcher;
grant select on platform.verified_context to freehold_janitor;
grant select on platform.verified_context to freehold_recorder;
grant select on platform.verified_context to freehold_resolver;
grant select on platform.verified_context to freehold_user;
grant select on platform.verified_context to freehold_worker;
comment on view platform.verified_context is 'One row when this database signed the claims for this tenant, they have not expired, and nothing about the principal changed since; else none.
Policies ask for it once a statement, as an InitPlan. It is a view with its owner''s rights and not a definer function because the
planner inlines it: 11.5 µs a statement, where the same check as a PL/pgSQL function took ten times that.';

CREATE OR REPLACE FUNCTION platform.access_violations()
 RETURNS TABLE(rule text, object text, remedy text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 WITH ours AS (
          SELECT n.oid,
             n.nspname
            FROM pg_namespace n
           WHERE (n.nspname = ANY (ARRAY['platform'::name, 'identity'::name, 'catalog'::name, 'app'::name, 'generated'::name]))
         ), grants AS (
          SELECT c.oid,
             ((c.oid)::regclass)::text AS name,
             c.relispartition,
             n.nspname,
             x.grantee,
             x.privilege_type
            FROM ((pg_class c
              JOIN ours n ON ((n.oid = c.relnamespace)))
              CROSS JOIN LATERAL ( SELECT aclexplode.grantor,
                     aclexplode.grantee,
                     aclexplode.privilege_type,
                     aclexplode.is_grantable
                    FROM aclexplode(c.relacl) aclexplode(grantor, grantee, privilege_type, is_grantable)
                 UNION
                  SELECT k.grantor,
                     k.grantee,
                     k.privilege_type,
                     k.is_grantable
                    FROM pg_attribute a,
                     LATERAL aclexplode(a.attacl) k(grantor, grantee, privilege_type, is_grantable)
                   WHERE (a.attrelid = c.oid)) x)
           WHERE (x.grantee <> c.relowner)
         )
  SELECT DISTINCT 'granted_to_public'::text,
     grants.name,
     'Revoke it: grant to a role by name.'::text
    FROM grants
   WHERE (grants.grantee = (0)::oid)
 UNION ALL
  SELECT 'dangerous_grant'::text,
     ((((grants.name || ' '::text) || grants.privilege_type) || ' to '::text) || ((grants.grantee)::regrole)::text),
     'Revoke it: TRUNCATE ignores policies, TRIGGER and REFERENCES run code or probe rows.'::text
    FROM grants
   WHERE (grants.privilege_type = ANY (ARRAY['TRUNCATE'::text, 'TRIGGER'::text, 'REFERENCES'::text, 'MAINTAIN'::text]))
 UNION ALL
  SELECT 'secret_grant'::text,
     ((grants.name || ' to '::text) || ((grants.grantee)::regrole)::text),
     'Revoke it: keys, sessions and secrets are read by narrow roles alone.'::text
    FROM grants
   WHERE (((grants.nspname = 'identity'::name) OR (grants.name = 'platform.counter'::text)) AND (((grants.grantee)::regrole)::text IN ( SELECT (platform.runtime_roles())::text AS runtime_roles)))
 UNION ALL
  SELECT 'secret_grant'::text,
     format('%s.%s to %s'::text, g.name, a.attname, r.r) AS format,
     'Hide the column in the declaration: what is sealed is read by narrow roles alone.'::text
    FROM ((( SELECT DISTINCT grants.oid,
             grants.name
            FROM grants) g
      JOIN pg_attribute a ON (((a.attrelid = g.oid) AND (a.atttypid = ('platform.sealed'::regtype)::oid))))
      CROSS JOIN platform.runtime_roles() r(r))
   WHERE has_column_privilege(r.r, g.oid, a.attnum, 'select'::text)
 UNION ALL
  SELECT DISTINCT 'partition_grant'::text,
     grants.name,
     'Revoke it: policies of the parent do not hold on a partition.'::text
    FROM grants
   WHERE grants.relispartition
 UNION ALL
  SELECT 'create_on_schema'::text,
     (((n.nspname)::text || ' to '::text) || (r.r)::text),
     'Revoke it: who runs requests makes no objects.'::text
    FROM (ours n
      CROSS JOIN platform.runtime_roles() r(r))
   WHERE has_schema_privilege(r.r, n.oid, 'create'::text)
 UNION ALL
  SELECT 'powerful_role'::text,
     (r.rolname)::text AS rolname,
     'Runtime roles and the owner are never superuser, BYPASSRLS, CREATEROLE or REPLICATION.'::text
    FROM pg_roles r
   WHERE ((r.rolname IN ( SELECT platform.runtime_roles() AS runtime_roles
         UNION ALL
          VALUES ('freehold_owner'::text), ('freehold_resolver'::text), ('freehold_recorder'::text), ('freehold_dispatcher'::text), ('freehold_janitor'::text))) AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication))
 UNION ALL
  SELECT 'role_membership'::text,
     ((((m.member)::regrole)::text || ' in '::text) || ((m.roleid)::regrole)::text),
     'Revoke it: app and worker become freehold_user when they say so, the owner becomes a narrow role, and nobody else anything.'::text
    FROM ((pg_auth_members m
      JOIN pg_roles r ON ((r.oid = m.member)))
      CROSS JOIN LATERAL ( SELECT ((m.member)::regrole)::text AS member,
             ((m.roleid)::regrole)::text AS role) n)
   WHERE (((n.member = ANY (platform.own_roles())) OR (n.role = ANY (platform.own_roles()))) AND (NOT ((NOT m.inherit_option) AND (((NOT m.admin_option) AND ((n.member, n.role) IN ( VALUES ('freehold_app'::text,'freehold_user'::text), ('freehold_worker'::text,'freehold_user'::text), ('freehold_owner'::text,'freehold_resolver'::text), ('freehold_owner'::text,'freehold_recorder'::text), ('freehold_owner'::text,'freehold_dispatcher'::text), ('freehold_owner'::text,'freehold_janitor'::text)))) OR (r.rolcreaterole AND (n.member <> ALL (platform.own_roles())))))))
 UNION ALL
  SELECT 'role_login'::text,
     (r.rolname)::text AS rolname,
     'Alter it to NOLOGIN: requests become freehold_user from a login, narrow roles own functions.'::text
    FROM pg_roles r
   WHERE (r.rolcanlogin AND (r.rolname = ANY (ARRAY['freehold_user'::name, 'freehold_resolver'::name, 'freehold_recorder'::name, 'freehold_dispatcher'::name, 'freehold_janitor'::name])))
 UNION ALL
  SELECT 'database_grant'::text,
     ((lower(x.privilege_type) || ' to '::text) ||
         CASE x.grantee
             WHEN 0 THEN 'public'::text
             ELSE ((x.grantee)::regrole)::text
         END),
     'Revoke it: types and tables of a temporary schema come before all others, and functions of the owner would use them.'::text
    FROM (pg_database d
      CROSS JOIN LATERAL aclexplode(COALESCE(d.datacl, acldefault('d'::"char", d.datdba))) x(grantor, grantee, privilege_type, is_grantable))
   WHERE ((d.datname = current_database()) AND (x.privilege_type = ANY (ARRAY['TEMPORARY'::text, 'CREATE'::text])) AND ((x.grantee = (0)::oid) OR (((x.grantee)::regrole)::text IN ( SELECT (platform.runtime_roles())::text AS runtime_roles))))
 UNION ALL
  SELECT 'minting_grant'::text,
     ((((p.oid)::regprocedure)::text || ' to '::text) || ((x.grantee)::regrole)::text),
     'Revoke it: who may sign or enter is everybody.'::text
    FROM (pg_proc p
      CROSS JOIN LATERAL aclexplode(p.proacl) x(grantor, grantee, privilege_type, is_grantable))
   WHERE ((p.pronamespace = ('platform'::regnamespace)::oid) AND (x.grantee <> p.proowner) AND (x.grantee <> (0)::oid) AND ((p.proname = ANY (ARRAY['add_principal'::name, 'execute_as'::name])) OR ((p.proname = 'sign_context'::name) AND (((x.grantee)::regrole)::text <> 'freehold_resolver'::text)) OR ((p.proname = ANY (ARRAY['enter_as_system'::name, 'create_tenant'::name, 'purge_tenant'::name])) AND (((x.grantee)::regrole)::text <> 'freehold_worker'::text))))
 UNION ALL
  SELECT 'leakproof_function'::text,
     ((p.oid)::regprocedure)::text AS oid,
     'Remove LEAKPROOF: row-level security would run it on rows of other tenants.'::text
    FROM (pg_proc p
      JOIN ours n ON ((n.oid = p.pronamespace)))
   WHERE p.proleakproof
 UNION ALL
  SELECT 'runtime_owner'::text,
     ((c.oid)::regclass)::text AS oid,
     'Give it to freehold_owner.'::text
    FROM (pg_class c
      JOIN ours n ON ((n.oid = c.relnamespace)))
   WHERE (((c.relowner)::regrole)::text IN ( SELECT (platform.runtime_roles())::text AS runtime_roles))
 UNION ALL
  SELECT 'definer_search_path'::text,
     ((p.oid)::regprocedure)::text AS oid,
     'Add: set search_path = ''''.'::text
    FROM (pg_proc p
      JOIN ours n ON ((n.oid = p.pronamespace)))
   WHERE (p.prosecdef AND (NOT (COALESCE(p.proconfig, '{}'::text[]) @> '{"search_path=\"\""}'::text[])))
 UNION ALL
  SELECT 'executable_by_public'::text,
     ((p.oid)::regprocedure)::text AS oid,
     'Revoke execute from public.'::text
    FROM ((pg_proc p
      JOIN ours n ON ((n.oid = p.pronamespace)))
      CROSS JOIN LATERAL aclexplode(COALESCE(p.proacl, acldefault('f'::"char", p.proowner))) x(grantor, grantee, privilege_type, is_grantable))
   WHERE ((x.grantee = (0)::oid) AND (p.prorettype <> ('trigger'::regtype)::oid))
 UNION ALL
  SELECT 'immutable_context'::text,
     ((p.oid)::regprocedure)::text AS oid,
     'Make it STABLE: a cached plan would serve the former tenant.'::text
    FROM (pg_proc p
      JOIN ours n ON ((n.oid = p.pronamespace)))
   WHERE ((p.provolatile = 'i'::"char") AND ((COALESCE(p.prosrc, ''::text) || COALESCE(pg_get_function_sqlbody(p.oid), ''::text)) ~* 'current_setting|tenant_id\(\)|claim\('::text));
END;
alter function platform.access_violations() owner to freehold_owner;
comment on function platform.access_violations() is 'What breaks the rules of roles, grants and functions.';

CREATE OR REPLACE FUNCTION platform.add_principal(tenant uuid, id uuid, kind text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0..31 loop
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);  -- 0x36
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);  -- 0x5c
  end loop;
  insert into identity.principal (tenant_id, id, kind, inner_pad, outer_pad)
  values (tenant, add_principal.id, add_principal.kind, inner_pad, outer_pad);
end
$function$;
alter function platform.add_principal(tenant uuid, id uuid, kind text) owner to freehold_owner;
comment on function platform.add_principal(tenant uuid, id uuid, kind text) is 'Makes a principal with a random key of 32 bytes, padded as RFC 2104 says.';

CREATE OR REPLACE FUNCTION platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key)
 RETURNS app.webhook_signing_key
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  made app.webhook_signing_key;
begin
  if fresh is null then
    raise exception using
      errcode = 'ZF010',
      message = 'signing_key is missing',
      detail = 'The application makes it for each call (freshKey in runtime/sealing.ts).';
  end if;
  insert into app.webhook_signing_key (endpoint_id, scheme, sealed_key, public_key)
  values (
    endpoint, add_signing_key.scheme, split_part(fresh, '.', 1) || '.' || split_part(fresh, '.', 2),
    case add_signing_key.scheme when 'v1a' then 'whpk_' || split_part(fresh, '.', 3) end)
  returning * into made;
  return made;
end
$function$;
alter function platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key) owner to freehold_owner;
comment on function platform.add_signing_key(endpoint uuid, scheme text, fresh platform.fresh_key) is 'Gives an endpoint of the tenant one more key. For definer functions of the owner.';

CREATE OR REPLACE FUNCTION platform.allows(permission text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM platform.permission p
           WHERE ((p.key = allows.permission) AND platform.allows(p.key, p.number)))) AS "exists";
END;
alter function platform.allows(permission text) owner to freehold_owner;
grant execute on function platform.allows(permission text) to freehold_dispatcher;
grant execute on function platform.allows(permission text) to freehold_janitor;
grant execute on function platform.allows(permission text) to freehold_recorder;
grant execute on function platform.allows(permission text) to freehold_resolver;
grant execute on function platform.allows(permission text) to freehold_user;
grant execute on function platform.allows(permission text) to freehold_worker;
comment on function platform.allows(permission text) is 'Whether the claims hold the permission; false for one that does not exist. Says nothing of the claims'' truth: platform.require() verifies them.';

CREATE OR REPLACE FUNCTION platform.allows(permission text, number integer)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN COALESCE((substr(split_part(current_setting('freehold.claims'::text, true), '|'::text, 4), number, 1) = '1'::text), false);
alter function platform.allows(permission text, number integer) owner to freehold_owner;
grant execute on function platform.allows(permission text, number integer) to freehold_dispatcher;
grant execute on function platform.allows(permission text, number integer) to freehold_janitor;
grant execute on function platform.allows(permission text, number integer) to freehold_recorder;
grant execute on function platform.allows(permission text, number integer) to freehold_resolver;
grant execute on function platform.allows(permission text, number integer) to freehold_user;
grant execute on function platform.allows(permission text, number integer) to freehold_worker;
comment on function platform.allows(permission text, number integer) is 'Whether the claims hold the permission of this number in platform.permission. For policies and functions that declarations write: it
inlines. Says nothing of the claims'' truth: a policy or platform.require() verifies them.';

CREATE OR REPLACE FUNCTION platform.as_list(value jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
RETURN CASE jsonb_typeof(value) WHEN 'array'::text THEN value WHEN 'null'::text THEN '[]'::jsonb ELSE COALESCE(jsonb_build_array(value), '[]'::jsonb) END;
alter function platform.as_list(value jsonb) owner to freehold_owner;
comment on function platform.as_list(value jsonb) is 'One value or a list of them, as a list.';

CREATE OR REPLACE FUNCTION platform.audit_streams(issuer text)
 RETURNS TABLE(tenant_id uuid, organization text, after uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT t.id,
     min(o.organization) AS min,
     (min((p.after)::text))::uuid AS min
    FROM ((app.tenant t
      JOIN identity.organization o ON (((o.tenant_id = t.id) AND (o.issuer = audit_streams.issuer))))
      JOIN identity.audit_position p ON ((p.tenant_id = t.id)))
   WHERE (t.stream_audit_log AND (t.status = 'active'::text))
   GROUP BY t.id
   ORDER BY t.id;
END;
alter function platform.audit_streams(issuer text) owner to freehold_janitor;
grant execute on function platform.audit_streams(issuer text) to freehold_worker;
comment on function platform.audit_streams(issuer text) is 'Tenants whose events go to the audit log of the identity provider, under which organization, and after which event; null is from the beginning.';

CREATE OR REPLACE FUNCTION platform.begin_tenant(name text, slug text, plan text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  tenant uuid := uuidv7();
begin
  insert into identity.tenant_slug (slug, tenant_id)
  values (begin_tenant.slug, tenant);
  perform platform.add_principal(tenant, tenant, 'system');
  perform platform.enter_as_system(tenant, 'create the tenant');
  insert into app.tenant (tenant_id, id, name, slug)
  values (tenant, tenant, begin_tenant.name, begin_tenant.slug);
  perform app.start_subscription(plan);
  return tenant;
end
$function$;
alter function platform.begin_tenant(name text, slug text, plan text) owner to freehold_owner;
grant execute on function platform.begin_tenant(name text, slug text, plan text) to freehold_worker;
comment on function platform.begin_tenant(name text, slug text, plan text) is 'Creates a tenant with its subscription, which waits for app.activate_tenant; the transaction stays in the tenant as the system. Returns its id. Errors: 23505 for a slug in use, ZF010 for a plan
that there is not.';

CREATE OR REPLACE FUNCTION platform.business_gauges()
 RETURNS TABLE(metric text, plan text, currency text, value bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT 'freehold_monthly_recurring_revenue'::text,
     p.key,
     p.currency,
     COALESCE(( SELECT (count(*) * p.monthly_price)
            FROM app.subscription s
           WHERE ((s.plan = p.key) AND (s.status = ANY (ARRAY['active'::text, 'past_due'::text])))), (0)::bigint) AS "coalesce"
    FROM catalog.plan p
 UNION ALL
  SELECT 'freehold_active_tenants'::text,
     n.plan,
     NULL::text,
     COALESCE(c.count, (0)::bigint) AS "coalesce"
    FROM (( SELECT x.key AS plan
            FROM catalog.plan x
         UNION ALL
          SELECT 'none'::text) n
      LEFT JOIN ( SELECT COALESCE(tp.plan, 'none'::text) AS plan,
             count(*) AS count
            FROM (app.tenant t
              LEFT JOIN platform.tenant_plan tp ON ((tp.tenant_id = t.id)))
           WHERE (t.status = 'active'::text)
           GROUP BY tp.plan) c ON ((c.plan = n.plan)))
 UNION ALL
  SELECT 'freehold_seats'::text,
     n.plan,
     NULL::text,
     COALESCE(c.count, (0)::bigint) AS "coalesce"
    FROM (( SELECT x.key AS plan
            FROM catalog.plan x
         UNION ALL
          SELECT 'none'::text) n
      LEFT JOIN ( SELECT COALESCE(tp.plan, 'none'::text) AS plan,
             count(*) AS count
            FROM (app.membership m
              LEFT JOIN platform.tenant_plan tp ON ((tp.tenant_id = m.tenant_id)))
           WHERE (m.status = 'active'::text)
           GROUP BY tp.plan) c ON ((c.plan = n.plan)));
END;
alter function platform.business_gauges() owner to freehold_janitor;
grant execute on function platform.business_gauges() to freehold_worker;
comment on function platform.business_gauges() is 'Monthly recurring revenue in minor units, active tenants, and active members, by plan. It reads all of them: 60 to 120 ms of 100,000 members.';

CREATE OR REPLACE FUNCTION platform.check_count()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  most constant bigint := tg_argv[0];
  states constant text[] := tg_argv[1];
  used bigint;
begin
  perform platform.require_tenant(new.tenant_id);
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || tg_table_name, 0));
  execute format('select count(*) from %s where tenant_id = $1 and status = any ($2)', tg_relid::regclass)
  into used
  using new.tenant_id, states;
  if used > most then
    raise exception using
      errcode = 'ZF007',
      message = format('a tenant has at most %s %ss that are %s', most, replace(tg_table_name, '_', ' '), array_to_string(states, ' or ')),
      detail = 'Whatever the plan: end one that is no longer needed, or use it for the other purpose too.';
  end if;
  return null;
end
$function$;
alter function platform.check_count() owner to freehold_owner;
comment on function platform.check_count() is 'Trigger, after insert: check_count(''50'', ''{enabled,disabled}'') allows a tenant so many rows in these states, whatever its plan. For what one tenant
could make without end at the cost of all.';

CREATE OR REPLACE FUNCTION platform.check_declaration(relation regclass, permissions jsonb, lifecycle jsonb, hidden text[], creatable text[], editable text[], due jsonb, events jsonb, limited_by jsonb, tasks jsonb)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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
      select platform.declared_event_types(entity, events, lifecycle)
      union all
      -- declared before it, by platform.declare_event
      select r.type
      from (select e.type, e.entity as subject from catalog.event_type e where e.recorded) r
      where r.subject = entity));
  wrong := wrong || array(
    select format('descriptions: there is no event %s', d)
    from jsonb_object_keys(events -> 'descriptions') d
    where d not in (select platform.declared_event_types(entity, events, lifecycle)));
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of %s is not acceptable', relation),
      detail = array_to_string(wrong, '; ');
  end if;
end
$function$;
alter function platform.check_declaration(relation regclass, permissions jsonb, lifecycle jsonb, hidden text[], creatable text[], editable text[], due jsonb, events jsonb, limited_by jsonb, tasks jsonb) owner to freehold_owner;
comment on function platform.check_declaration(relation regclass, permissions jsonb, lifecycle jsonb, hidden text[], creatable text[], editable text[], due jsonb, events jsonb, limited_by jsonb, tasks jsonb) is 'Refuses a wrong declaration (ZF013), listing all that is wrong.';

CREATE OR REPLACE FUNCTION platform.check_invoice_total(tenant uuid, invoice uuid)
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  stated bigint;
  summed bigint;
begin
  perform platform.require_tenant(tenant);
  select i.total into stated from app.invoice i where i.tenant_id = tenant and i.id = invoice;
  select coalesce(sum(l.amount), 0) into summed from app.invoice_line l where l.tenant_id = tenant and l.invoice_id = invoice;
  if stated is distinct from summed then
    raise exception using
      errcode = '23514',
      constraint = 'invoice_total_equals_lines',
      message = format('the total %s is not the sum of the lines, %s', stated, summed),
      detail = format('invoice %s', invoice);
  end if;
end
$function$;
alter function platform.check_invoice_total(tenant uuid, invoice uuid) owner to freehold_owner;
grant execute on function platform.check_invoice_total(tenant uuid, invoice uuid) to freehold_user;
comment on function platform.check_invoice_total(tenant uuid, invoice uuid) is 'Raises 23514 unless the total of an invoice is the sum of its lines.';

CREATE OR REPLACE FUNCTION platform.claim(field integer)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN NULLIF(split_part(current_setting('freehold.claims'::text, true), '|'::text, field), ''::text);
alter function platform.claim(field integer) owner to freehold_owner;
grant execute on function platform.claim(field integer) to freehold_dispatcher;
grant execute on function platform.claim(field integer) to freehold_janitor;
grant execute on function platform.claim(field integer) to freehold_recorder;
grant execute on function platform.claim(field integer) to freehold_resolver;
grant execute on function platform.claim(field integer) to freehold_user;
grant execute on function platform.claim(field integer) to freehold_worker;
comment on function platform.claim(field integer) is 'One field of the claims, unverified; null when absent.';

CREATE OR REPLACE FUNCTION platform.claim_deliveries(most integer DEFAULT 1000, batch_size integer DEFAULT 100, lease interval DEFAULT '00:00:30'::interval, in_flight integer DEFAULT 200)
 RETURNS TABLE(identifier text, payload json, job_key text, max_attempts smallint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  busy integer;
  due platform.delivery_queue[];
begin
  -- One dispatcher at a time: of two, the second could give out a later delivery of an ordered endpoint while the first still holds an
  -- earlier one. A round takes milliseconds.
  perform pg_advisory_xact_lock(7100041);

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

  with taken as (
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
  )
  select array_agg(t::platform.delivery_queue) into due from taken t;

  perform platform.to_lane(array_agg(d.tenant_id), array_agg(d.endpoint_id), array_agg(d.delivery_id), array_agg(d.attempt))
  from unnest(due) d
  join platform.endpoint_flow f on f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id
  where f.laned
  having count(*) > 0;

  return query
    -- An endpoint with much to receive, or that failed before, has batches of its own: it keeps nobody else waiting. The
    -- rest share theirs, or a round over a thousand tenants would be a thousand jobs.
    with shared as (
      select d.*,
        case when d.attempt = 1 and count(*) over (partition by d.tenant_id, d.endpoint_id) < 10 then null else d.endpoint_id end as own
      from unnest(due) d
      where d.task is null
        and not exists (
          select from platform.endpoint_flow f where f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id and f.laned)
    ),
    numbered as (
      select s.*, (row_number() over (partition by s.own order by s.due_at, s.delivery_id) - 1) / batch_size as part
      from shared s
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
    from unnest(due) d
    where d.task is not null;

  return query select * from platform.claim_lanes(batch_size, lease, greatest(in_flight / 20, 2));
end
$function$;
alter function platform.claim_deliveries(most integer, batch_size integer, lease interval, in_flight integer) owner to freehold_dispatcher;
grant execute on function platform.claim_deliveries(most integer, batch_size integer, lease interval, in_flight integer) to freehold_worker;
comment on function platform.claim_deliveries(most integer, batch_size integer, lease interval, in_flight integer) is 'Takes at most that many due deliveries of all tenants under a lease, and returns the jobs to add for them in this same transaction.';

CREATE OR REPLACE FUNCTION platform.claim_lanes(batch_size integer, lease interval, most_unwell integer)
 RETURNS TABLE(identifier text, payload json, job_key text, max_attempts smallint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  places integer;
begin
  if not exists (select from platform.endpoint_flow f where f.laned and f.waiting and f.not_before <= statement_timestamp()) then
    return;
  end if;

  -- A lane that has run empty waits no more. Who was in one for being slow or failing, and is well again, needs none.
  delete from platform.endpoint_flow f
  where f.laned and f.waiting and not f.asked and f.failures = 0
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);
  update platform.endpoint_flow f
  set waiting = false
  where f.laned and f.waiting
    and f.not_before <= statement_timestamp()
    and not exists (select from platform.lane_queue q where q.tenant_id = f.tenant_id and q.endpoint_id = f.endpoint_id)
    and not exists (select from platform.delivery_batch b where b.id = f.batch_id);

  select greatest(0, most_unwell - count(distinct f.batch_id))
  into places
  from platform.endpoint_flow f
  join platform.delivery_batch b on b.id = f.batch_id
  where f.laned and (not f.asked or f.failures > 0);

  return query
    with ready as materialized (
      select f.tenant_id, f.endpoint_id,
        -- one that tripped the breaker is only probed; its probes share a batch with those of others
        f.trips > 0 and w.status = 'enabled' as probe,
        not f.asked or f.failures > 0 as unwell,
        w.ordered,
        case when w.ordered then 1 else coalesce(w.concurrency, 25) end as parallel,
        case
          when w.status <> 'enabled' then batch_size
          when f.trips > 0 then 1
          when w.rate_limit is not null then least(greatest(w.rate_limit / 10, 1), batch_size)
          else batch_size
        end as most,
        w.rate_limit
      from platform.endpoint_flow f
      join app.webhook_endpoint w on w.tenant_id = f.tenant_id and w.id = f.endpoint_id
      where f.laned
        and f.waiting
        and f.not_before <= statement_timestamp()
        and not exists (select from platform.delivery_batch b where b.id = f.batch_id)
      order by f.not_before
      limit 1000
    ),
    lane as (
      select r.*, r.endpoint_id as own from ready r where not r.unwell
      union all
      -- Slow or failing ones together hold at most so many of the workers' places, however many they are.
      (select r.*, r.endpoint_id from ready r where r.unwell and not r.probe limit places)
      union all
      (select r.*, null from ready r where r.probe limit places * 25)
    ),
    taken as (
      delete from platform.lane_queue q
      using (
        select l.tenant_id, l.endpoint_id, l.own, l.parallel, l.ordered, x.delivery_id
        from lane l
        cross join lateral (
          select c.delivery_id
          from platform.lane_queue c
          where c.tenant_id = l.tenant_id and c.endpoint_id = l.endpoint_id
          order by c.delivery_id
          limit l.most
        ) x
      ) t
      where q.tenant_id = t.tenant_id and q.endpoint_id = t.endpoint_id and q.delivery_id = t.delivery_id
      returning q.*, t.own, t.parallel, t.ordered
    ),
    grouped as materialized (
      select uuidv7() as id, t.own, coalesce(max(t.parallel) filter (where t.own is not null), 25) as parallel,
        bool_or(t.ordered) filter (where t.own is not null) as ordered,
        array_agg(t.tenant_id order by t.delivery_id) as tenant_ids,
        array_agg(t.endpoint_id order by t.delivery_id) as endpoint_ids,
        array_agg(t.delivery_id order by t.delivery_id) as delivery_ids,
        array_agg(t.attempt order by t.delivery_id) as attempts
      from taken t
      group by t.own
    ),
    marked as (
      update platform.endpoint_flow f
      set batch_id = g.id,
        not_before = case
          when l.rate_limit is null then f.not_before
          else statement_timestamp() + make_interval(secs => g.share::double precision / l.rate_limit)
        end
      from (
        select x.id, u.tenant_id, u.endpoint_id, count(*) as share
        from grouped x, unnest(x.tenant_ids, x.endpoint_ids) u (tenant_id, endpoint_id)
        group by x.id, u.tenant_id, u.endpoint_id
      ) g
      join lane l on l.tenant_id = g.tenant_id and l.endpoint_id = g.endpoint_id
      where f.tenant_id = g.tenant_id
        and f.endpoint_id = g.endpoint_id
    ),
    batch as (
      insert into platform.delivery_batch (id, expires_at, tenant_ids, delivery_ids, attempts, parallel, ordered, lane)
      select g.id, statement_timestamp() + lease, g.tenant_ids, g.delivery_ids, g.attempts, g.parallel, coalesce(g.ordered, false), true
      from grouped g
      returning id, claim
    )
    select 'deliver', json_build_object('batch', b.id, 'claim', b.claim), 'deliver:' || b.id, 3::smallint
    from batch b;
end
$function$;
alter function platform.claim_lanes(batch_size integer, lease interval, most_unwell integer) owner to freehold_dispatcher;
comment on function platform.claim_lanes(batch_size integer, lease interval, most_unwell integer) is 'The next batch of each lane whose time has come: one at a time for each endpoint, as many as its rate allows, one alone while its breaker is open.';

CREATE OR REPLACE FUNCTION platform.closed_tenants()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT t.id
    FROM app.tenant t
   WHERE (t.status = 'closed'::text)
   ORDER BY t.id;
END;
alter function platform.closed_tenants() owner to freehold_janitor;
grant execute on function platform.closed_tenants() to freehold_worker;
comment on function platform.closed_tenants() is 'Tenants that are closed and not yet purged.';

CREATE OR REPLACE FUNCTION platform.column_tag(relation regclass, named name, tag text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
RETURN (SELECT TRIM(BOTH FROM "substring"(col_description(a.attrelid, (a.attnum)::integer), format('(?:^|\n)@%s +([^\n]+)'::text, column_tag.tag))) AS btrim FROM pg_attribute a WHERE ((a.attrelid = (column_tag.relation)::oid) AND (a.attname = column_tag.named)));
alter function platform.column_tag(relation regclass, named name, tag text) owner to freehold_owner;
comment on function platform.column_tag(relation regclass, named name, tag text) is 'What a column''s comment says in a line "@tag ...": @format email, @example ada@example.com.';

CREATE OR REPLACE FUNCTION platform.context_valid()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM platform.verified_context)) AS "exists";
END;
alter function platform.context_valid() owner to freehold_owner;
grant execute on function platform.context_valid() to freehold_dispatcher;
grant execute on function platform.context_valid() to freehold_janitor;
grant execute on function platform.context_valid() to freehold_recorder;
grant execute on function platform.context_valid() to freehold_resolver;
grant execute on function platform.context_valid() to freehold_user;
grant execute on function platform.context_valid() to freehold_worker;
comment on function platform.context_valid() is 'Whether there is a verified context.';

CREATE OR REPLACE FUNCTION platform.count_events()
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  place platform.event_total_position;
  -- in this order: whoever gets a transaction id above the ceiling writes after that moment
  moment timestamptz := clock_timestamp();
  present_ceiling xid8 := pg_snapshot_xmax(pg_current_snapshot());
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  select p.* into place from platform.event_total_position p for update skip locked;
  if not found or horizon <= place.xid then
    return false;
  end if;
  insert into platform.event_total as t (type, plan, count)
  select e.type, coalesce(p.plan, 'none'), count(*)
  from app.event e
  left join platform.tenant_plan p on p.tenant_id = e.tenant_id
  -- by time of writing first, which an index knows: 1 ms where nothing is new, of a million events
  where e.id >= platform.uuidv7_floor(place.counted_to - interval '1 second')
    and e.xid >= place.xid
    and e.xid < horizon
  group by e.type, p.plan
  on conflict on constraint event_total_pkey do update
    set count = t.count + excluded.count;
  update platform.event_total_position p
  set xid = horizon,
    -- nobody writes any more who began before the ceiling was noted
    counted_to = case when horizon >= place.ceiling then place.noted_at else place.counted_to end,
    ceiling = case when horizon >= place.ceiling then present_ceiling else place.ceiling end,
    noted_at = case when horizon >= place.ceiling then moment else place.noted_at end;
  return true;
end
$function$;
alter function platform.count_events() owner to freehold_dispatcher;
grant execute on function platform.count_events() to freehold_worker;
comment on function platform.count_events() is 'Adds the events that have become final to platform.event_total. False when there are none, or somebody else is at it.';

CREATE OR REPLACE FUNCTION platform.create_tenant(name text, slug text, owner_email text, owner_name text, issuer text, subject text, plan text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  tenant uuid := platform.begin_tenant(name, slug, plan);
  person uuid := identity.ensure_person(issuer, subject, owner_email, owner_name);
begin
  insert into app.membership (tenant_id, person_id, email, name, role)
  values (tenant, person, owner_email, owner_name, 'owner');
  perform app.activate_tenant(tenant);
  return tenant;
end
$function$;
alter function platform.create_tenant(name text, slug text, owner_email text, owner_name text, issuer text, subject text, plan text) owner to freehold_owner;
grant execute on function platform.create_tenant(name text, slug text, owner_email text, owner_name text, issuer text, subject text, plan text) to freehold_worker;
comment on function platform.create_tenant(name text, slug text, owner_email text, owner_name text, issuer text, subject text, plan text) is 'Creates a tenant with its owner and subscription, and activates it; the transaction stays in the tenant as the system. Returns its id.';

CREATE OR REPLACE FUNCTION platform.csv_value(value jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 WITH plain AS (
          SELECT
                 CASE jsonb_typeof(csv_value.value)
                     WHEN 'null'::text THEN ''::text
                     WHEN 'string'::text THEN regexp_replace((csv_value.value #>> '{}'::text[]), '^([=+@\t\r-])'::text, '''\1'::text)
                     ELSE (csv_value.value)::text
                 END AS text
         )
  SELECT
         CASE
             WHEN (p.text ~ '[",\r\n]'::text) THEN (('"'::text || replace(p.text, '"'::text, '""'::text)) || '"'::text)
             ELSE p.text
         END AS text
    FROM plain p;
END;
alter function platform.csv_value(value jsonb) owner to freehold_owner;
comment on function platform.csv_value(value jsonb) is 'A value as a field of CSV (RFC 4180); a text that a spreadsheet would run is given a quote.';

CREATE OR REPLACE FUNCTION platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb DEFAULT NULL::jsonb, events jsonb DEFAULT '{}'::jsonb, hidden text[] DEFAULT '{}'::text[], creatable text[] DEFAULT NULL::text[], editable text[] DEFAULT NULL::text[], limited_by jsonb DEFAULT NULL::jsonb, due jsonb DEFAULT '{}'::jsonb, tasks jsonb DEFAULT '{}'::jsonb, across jsonb DEFAULT '{}'::jsonb, channel text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
    'due', due, 'tasks', tasks, 'across', across, 'channel', channel, 'concealed', lifecycle -> 'concealed')))
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
$function$;
alter function platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb, channel text) owner to freehold_owner;
comment on function platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb, channel text) is 'Declares an entity of the domain. See docs/extending.md.
permissions: {"read": "viewer", "create": "member", "archive": ["admin"]}, a role or roles for each command and verb; [] is the system alone.
lifecycle:   {"initial": "active", "concealed": ["deleted"], "transitions": {"archive": {"from": ["active"], "to": "archived", "event": "project.archived"}}}.
events:      {"created": ..., "updated": ..., "changed": [{"event": ..., "when": "new.role <> old.role"}]}, where names differ from entity.created and entity.updated;
             "descriptions": {"project.archived": "A project was put away."}, what receivers read of each.
hidden:      columns that never leave the table. creatable, editable: columns a request may set; all, when null.
limited_by:  {"entitlement": "projects", "counted": "new.status <> ''deleted''", "usage": "(select count(*) ...)"}.
due:         {"expire": {"column": "expires_at", "states": ["pending"]}}, what the worker does when the time has come.
tasks:       {"report.requested": "export_report"}, internal subscribers of its events and of those that platform.declare_event gave it before.
across:      {"freehold_resolver": ["select"]}, narrow roles and their commands over all tenants.
channel:     SQL over new that gives the channel of its events besides entity:id, such as ''project:'' || new.project_id; webhook endpoints filter by it.
Errors: ZF013 with what to correct.';

CREATE OR REPLACE FUNCTION platform.declare_event(type text, entity text, description text, schema jsonb DEFAULT NULL::jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  described boolean := coalesce(jsonb_typeof(schema -> 'properties') = 'object' and schema -> 'properties' <> '{}', false);
  wrong text[] := '{}';
begin
  if coalesce(description, '') !~ '\S' then
    wrong := wrong || 'it has no description'::text;
  end if;
  if not described or schema ->> 'type' is distinct from 'object' then
    wrong := wrong || 'its schema is not that of an object with properties'::text;
  end if;
  if described then
    wrong := wrong || array(
      select format('property %s has no description', p.key)
      from jsonb_each(schema -> 'properties') p
      where coalesce(p.value ->> 'description', '') !~ '\S');
    wrong := wrong || array(
      select format('required %s is no property', r)
      from jsonb_array_elements_text(schema -> 'required') r
      where not (schema -> 'properties') ? r);
  end if;
  if wrong <> '{}' then
    raise exception using
      errcode = 'ZF013',
      message = format('the declaration of event %s is not acceptable', type),
      detail = array_to_string(wrong, '; ');
  end if;
  insert into catalog.event_type (type, entity, description, schema, recorded)
  values (declare_event.type, declare_event.entity, declare_event.description,
    '{"$schema": "https://json-schema.org/draft/2020-12/schema", "additionalProperties": true}' || declare_event.schema, true)
  on conflict on constraint event_type_pkey do update
    set (entity, description, schema, recorded) = (excluded.entity, excluded.description, excluded.schema, true);
end
$function$;
alter function platform.declare_event(type text, entity text, description text, schema jsonb) owner to freehold_owner;
comment on function platform.declare_event(type text, entity text, description text, schema jsonb) is 'Declares an event that no row change causes, with the JSON Schema of its data: an object with properties, each with its description.
platform.record_event records it. Before the declaration of its entity when that names a task for it. Errors: ZF013 with what to correct.';

CREATE OR REPLACE FUNCTION platform.declare_record(relation regclass, permissions jsonb DEFAULT '{}'::jsonb, hidden text[] DEFAULT '{}'::text[], across jsonb DEFAULT '{}'::jsonb, retained boolean DEFAULT false)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'record', jsonb_build_object(
    'permissions', permissions, 'hidden', hidden, 'across', across, 'retained', retained))
  on conflict (name) do update
    set declaration = excluded.declaration;
  perform platform.write_permissions(entity_name, permissions, 'May %s %s rows.');
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  execute format('revoke all on %s from public, freehold_user', relation);
  perform platform.grant_columns(relation, 'select',
    array(select 'tenant_id'::name union all select c.name from platform.shown_columns(relation, hidden) c));
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  -- it fires when tenant_id is named in the SET list, so it costs other updates nothing
  execute format('create or replace trigger _100_keep_tenant before update of tenant_id on %s for each row execute function platform.keep_tenant()',
    relation);
end
$function$;
alter function platform.declare_record(relation regclass, permissions jsonb, hidden text[], across jsonb, retained boolean) owner to freehold_owner;
comment on function platform.declare_record(relation regclass, permissions jsonb, hidden text[], across jsonb, retained boolean) is 'Declares a tenant table that the platform or an entity''s functions write and the tenant only reads: no lifecycle, no events of its own.
across:   narrow roles and their commands over all tenants.
retained: requests see as far back as the plan''s retention_days.';

CREATE OR REPLACE FUNCTION platform.declare_states(relation text, states jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  entity text := regexp_replace(split_part(relation, '.', 2), '_status$', '');
begin
  execute format('create table if not exists %s (value text primary key, description text not null)', relation);
  execute format('insert into %s (value, description)
    select key, value from jsonb_each_text($1)
    on conflict (value) do update set description = excluded.description
    where %s.description is distinct from excluded.description', relation, relation::regclass) using states;
  begin
    execute format('delete from %s where value <> all (array(select jsonb_object_keys($1)))', relation) using states;
  exception when foreign_key_violation then
    raise exception using
      errcode = 'ZF013',
      message = format('a state that %s no longer has is in use', relation),
      detail = 'Take its rows to another state first, in the same migration.';
  end;
  execute format('comment on table %s is %L', relation, format(E'@enum\n@reference\nStates of a %s.', replace(entity, '_', ' ')));
  execute format('grant select on %s to freehold_user, freehold_worker', relation);
  insert into platform.entity (name, relation, kind, declaration)
  values (split_part(relation, '.', 2), relation, 'states', states)
  on conflict (name) do update
    set declaration = excluded.declaration;
end
$function$;
alter function platform.declare_states(relation text, states jsonb) owner to freehold_owner;
comment on function platform.declare_states(relation text, states jsonb) is 'Makes the state table of an entity: {"active": "In use."}. A table, not a PostgreSQL enum: enum_eq is not leakproof,
so under row-level security an index on it is not used (100 to 200 times slower).';

CREATE OR REPLACE FUNCTION platform.declared_event_types(entity text, events jsonb, lifecycle jsonb)
 RETURNS SETOF text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE((declared_event_types.events ->> e.name), format('%s.%s'::text, declared_event_types.entity, e.name)) AS "coalesce"
    FROM unnest('{created,updated}'::text[]) e(name)
 UNION
  SELECT (c.value ->> 'event'::text)
    FROM jsonb_array_elements((declared_event_types.events -> 'changed'::text)) c(value)
 UNION
  SELECT COALESCE((t.value ->> 'event'::text), format('%s.%s'::text, declared_event_types.entity, (t.value ->> 'to'::text))) AS "coalesce"
    FROM jsonb_each((declared_event_types.lifecycle -> 'transitions'::text)) t(key, value);
END;
alter function platform.declared_event_types(entity text, events jsonb, lifecycle jsonb) owner to freehold_owner;
comment on function platform.declared_event_types(entity text, events jsonb, lifecycle jsonb) is 'The event types that follow from a declaration.';

CREATE OR REPLACE FUNCTION platform.describe_columns(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  told record;
begin
  for told in
    select a.attname, d.description
    from (values
      ('id', 'Identifier.'),
      ('status', 'State in its lifecycle.'),
      ('version', 'Counts its changes, from 1: the version to expect when changing it.'),
      ('created_at', 'When it was created.'),
      ('updated_at', 'When it was last changed.')
    ) d (name, description)
    join pg_catalog.pg_attribute a on a.attrelid = relation and a.attname = d.name
    where col_description(a.attrelid, a.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', relation, told.attname, told.description);
  end loop;
end
$function$;
alter function platform.describe_columns(relation regclass) owner to freehold_owner;
comment on function platform.describe_columns(relation regclass) is 'Comments the columns that every entity has, where they have no comment of their own.';

CREATE OR REPLACE FUNCTION platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  -- Before it looks: who falls asleep and then finds nothing has missed nothing. The lock is that of platform.wake_dispatcher.
  if resting is distinct from 'asleep' then
    resting := case
      when pg_try_advisory_lock(7100040) then 'asleep'
      -- Writers hold it shared, a sleeper does not. That one may be gone by the next look, and writers would notify nobody.
      when not pg_try_advisory_lock_shared(7100040) then 'beside'
    end;
    if resting is null then
      perform pg_advisory_unlock_shared(7100040);
    end if;
  end if;

  select count(*)
  into jobs
  from (
    select array_agg(row(c.identifier, c.payload, null, null, c.max_attempts, c.job_key, null, null)::graphile_worker.job_spec) as specs
    from platform.claim_deliveries(most, batch_size, lease, in_flight) c
  ) claimed
  cross join lateral graphile_worker.add_jobs(claimed.specs, true)
  where claimed.specs is not null;

  if jobs > 0 then
    -- Awake while there is work, or each writer would notify.
    if resting = 'asleep' then
      perform pg_advisory_unlock(7100040);
    end if;
    resting := null;
  end if;
  if resting is not null then
    due_in := platform.next_due(poll, in_flight);
  end if;
end
$function$;
alter function platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer) owner to freehold_owner;
grant execute on function platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer) to freehold_worker;
comment on function platform.dispatch(most integer, batch_size integer, lease interval, in_flight integer, poll interval, INOUT resting text, OUT jobs integer, OUT due_in integer) is 'Adds jobs for what is due, and says how to rest: resting is asleep (this session holds the lock, and is notified), beside (another does, and its notifications
wake us too) or null (look again soon: there were jobs, or transactions that have written deliveries are about to commit); due_in is how many milliseconds until
something is due, at most poll. Takes the resting that it last returned, in the same session.';

CREATE OR REPLACE FUNCTION platform.drop_old_partitions()
 RETURNS SETOF text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET lock_timeout TO '2s'
AS $function$
declare
  kept uuid;
  old record;
begin
  -- one plan without a limit keeps everything
  select platform.uuidv7_floor(statement_timestamp() - make_interval(days => max(e.value)::integer))
  into kept
  from catalog.plan_entitlement e
  where e.key = 'retention_days'
  having bool_and(e.value is not null);
  for old in
    select c.oid::regclass::text as relation
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join platform.entity e on e.relation = i.inhparent::regclass::text and (e.declaration ->> 'retained')::boolean
    where (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([0-9a-f-]{36})''\)'))[1]::uuid <= kept
    order by 1
  loop
    execute format('drop table %s', old.relation);
    return next old.relation;
  end loop;
end
$function$;
alter function platform.drop_old_partitions() owner to freehold_owner;
grant execute on function platform.drop_old_partitions() to freehold_worker;
comment on function platform.drop_old_partitions() is 'Drops the partitions of retained records that lie wholly before what the longest plan keeps in sight. Returns those it dropped.';

CREATE OR REPLACE FUNCTION platform.drop_transitions(entity text, lifecycle jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  verb text;
begin
  for verb in
    select former.key
    from platform.entity e, jsonb_each(e.declaration #> '{lifecycle,transitions}') former
    where e.name = drop_transitions.entity
      and not coalesce((former.value ->> 'handwritten')::boolean, false)
      and (
        not coalesce(lifecycle -> 'transitions' ? former.key, false)
        or coalesce((lifecycle #>> array['transitions', former.key, 'handwritten'])::boolean, false))
  loop
    execute format('drop function if exists app.%I(uuid, integer)', verb || '_' || entity);
  end loop;
end
$function$;
alter function platform.drop_transitions(entity text, lifecycle jsonb) owner to freehold_owner;
comment on function platform.drop_transitions(entity text, lifecycle jsonb) is 'Drops the functions of verbs that a new declaration no longer has, or writes by hand.';

CREATE OR REPLACE FUNCTION platform.due_rows(most integer DEFAULT 1000)
 RETURNS TABLE(tenant_id uuid, entity text, verb text, id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  action record;
begin
  for action in
    select d.entity, d.verb, d.due_column, d.states, e.relation
    from platform.due_action d
    join platform.entity e on e.name = d.entity
  loop
    return query execute format(
      'select tenant_id, %L, %L, id from %s where %I <= statement_timestamp() and status = any ($1) order by %I limit $2',
      action.entity, action.verb, action.relation, action.due_column, action.due_column)
    using action.states, most;
  end loop;
end
$function$;
alter function platform.due_rows(most integer) owner to freehold_janitor;
grant execute on function platform.due_rows(most integer) to freehold_worker;
comment on function platform.due_rows(most integer) is 'Rows of all tenants whose time has come, at most that many for each action. The worker enters the tenant and calls the verb.';

CREATE OR REPLACE FUNCTION platform.endpoint_health(endpoint uuid)
 RETURNS TABLE(failing_since timestamp with time zone, resumes_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT f.failing_since,
         CASE
             WHEN (f.trips > 0) THEN f.not_before
             ELSE NULL::timestamp with time zone
         END AS "case"
    FROM (platform.endpoint_flow f
      JOIN platform.verified_context v ON ((v.tenant_id = f.tenant_id)))
   WHERE (f.endpoint_id = endpoint_health.endpoint);
END;
alter function platform.endpoint_health(endpoint uuid) owner to freehold_dispatcher;
grant execute on function platform.endpoint_health(endpoint uuid) to freehold_owner;
comment on function platform.endpoint_health(endpoint uuid) is 'What the delivery machinery knows of an endpoint of the tenant of the verified context.';

CREATE OR REPLACE FUNCTION platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid DEFAULT NULL::uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  minted record;
begin
  minted := platform.sign_context(tenant, principal, statement_timestamp() + interval '60 seconds', impersonator, permissions);
  perform set_config('freehold.tenant_id', tenant::text, true),
    set_config('freehold.claims', minted.claims, true),
    set_config('freehold.signature', minted.signature, true);
end
$function$;
alter function platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid) owner to freehold_owner;
comment on function platform.enter(tenant uuid, principal uuid, permissions text[], impersonator uuid) is 'Takes the rest of the transaction into a tenant as one of its principals, for 60 seconds. For functions that have made sure of who it is; nobody else may call it.';

CREATE OR REPLACE FUNCTION platform.enter_as_system(tenant uuid, reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (
    select from identity.principal p
    where p.tenant_id = enter_as_system.tenant
      and p.id = enter_as_system.tenant
      and p.kind = 'system'
  ) then
    raise exception using errcode = 'ZF004', message = 'there is no such tenant', detail = format('tenant %s', tenant);
  end if;
  insert into platform.system_entry (tenant_id, login, reason)
  values (tenant, session_user, reason);
  perform platform.enter(tenant, tenant, array(select p.key from platform.permission p order by p.key));
end
$function$;
alter function platform.enter_as_system(tenant uuid, reason text) owner to freehold_owner;
grant execute on function platform.enter_as_system(tenant uuid, reason text) to freehold_worker;
comment on function platform.enter_as_system(tenant uuid, reason text) is 'Takes the rest of the transaction into a tenant as the system, for 60 seconds, and records why. For the worker;
the caller then runs "set local role freehold_user".';

CREATE OR REPLACE FUNCTION platform.error_vocabulary()
 RETURNS SETOF platform.error
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 50
 SET search_path TO ''
BEGIN ATOMIC
 SELECT e.sqlstate,
     e.code,
     e.http_status,
     e.message,
     e.remedy
    FROM platform.error e
   ORDER BY e.sqlstate;
END;
alter function platform.error_vocabulary() owner to freehold_owner;
grant execute on function platform.error_vocabulary() to freehold_app;
grant execute on function platform.error_vocabulary() to freehold_gate;
grant execute on function platform.error_vocabulary() to freehold_worker;
comment on function platform.error_vocabulary() is 'The error vocabulary, for the processes that translate errors.';

CREATE OR REPLACE FUNCTION platform.event_totals()
 RETURNS TABLE(type text, plan text, count bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT t.type,
     t.plan,
     t.count
    FROM platform.event_total t
   ORDER BY t.type, t.plan;
END;
alter function platform.event_totals() owner to freehold_dispatcher;
grant execute on function platform.event_totals() to freehold_worker;
comment on function platform.event_totals() is 'How many events of each type there ever were, by the plan that their tenant had when they were counted.';

CREATE OR REPLACE FUNCTION platform.execute_as(role_name name, statement text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  former text := current_setting('role');
begin
  -- A function is replaced by its owner only, and narrow roles are not inherited by the migrator (their policies would be too).
  perform set_config('role', role_name, true);
  execute statement;
  perform set_config('role', former, true);
end
$function$;
alter function platform.execute_as(role_name name, statement text) owner to freehold_owner;
comment on function platform.execute_as(role_name name, statement text) is 'Runs one DDL statement as a narrow role, which then owns what it made.';

CREATE OR REPLACE FUNCTION platform.failing_endpoints(disable_after interval DEFAULT '5 days'::interval, least_failures integer DEFAULT 10)
 RETURNS TABLE(tenant_id uuid, endpoint_id uuid, verdict text, failing_since timestamp with time zone, disables_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT f.tenant_id,
     f.endpoint_id,
         CASE
             WHEN f.gone THEN 'gone'::text
             WHEN (((f.last_failure_at - f.failing_since) >= failing_endpoints.disable_after) AND (f.failures >= failing_endpoints.least_failures)) THEN 'failing'::text
             ELSE 'warning'::text
         END AS "case",
     f.failing_since,
     (f.failing_since + failing_endpoints.disable_after)
    FROM (platform.endpoint_flow f
      JOIN app.webhook_endpoint w ON (((w.tenant_id = f.tenant_id) AND (w.id = f.endpoint_id))))
   WHERE ((f.failing_since IS NOT NULL) AND (w.status = 'enabled'::text) AND (f.gone OR (((f.last_failure_at - f.failing_since) >= failing_endpoints.disable_after) AND (f.failures >= failing_endpoints.least_failures)) OR ((f.warned_at IS NULL) AND ((f.last_failure_at - f.failing_since) >= (failing_endpoints.disable_after / (2)::double precision)) AND (f.failures >= (failing_endpoints.least_failures / 2)))));
END;
alter function platform.failing_endpoints(disable_after interval, least_failures integer) owner to freehold_dispatcher;
grant execute on function platform.failing_endpoints(disable_after interval, least_failures integer) to freehold_worker;
comment on function platform.failing_endpoints(disable_after interval, least_failures integer) is 'Enabled endpoints of which something must be said: gone (answered 410), failing (nothing but failures for so long, and so many at least), or warning (for half of it).';

CREATE OR REPLACE FUNCTION platform.fan_out()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  written integer;
begin
  with added as (
    insert into app.delivery (tenant_id, event_id, endpoint_id, task, next_attempt_at)
    select r.tenant_id, r.id, w.id, null, statement_timestamp()
    from recorded r
    join app.webhook_endpoint w on w.tenant_id = r.tenant_id
    where w.status = 'enabled'
      and platform.wants_event(w.event_types, w.channels, r.type, r.channel, r.entity, r.entity_id)
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
  -- for the line about the request or the job: the first twenty, gone with the transaction
  perform set_config('freehold.recorded', left(concat_ws(E'\n', nullif(current_setting('freehold.recorded', true), ''), (
    select string_agg(concat_ws(' ', r.type, r.entity, r.entity_id,
      case when r.previous ? 'status' then (r.previous ->> 'status') || '->' || (r.data ->> 'status') end), E'\n')
    from (select x.type, x.entity, x.entity_id, x.previous, x.data from recorded x limit 20) r)), 2000), true);
  -- What the function asks first, asked here: each write would pay for the call, and few need it.
  if written > 0 and not pg_try_advisory_xact_lock_shared(7100040) then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$function$;
alter function platform.fan_out() owner to freehold_dispatcher;
grant execute on function platform.fan_out() to freehold_owner;
comment on function platform.fan_out() is 'Trigger: one pending delivery for each enabled endpoint and internal task that wants the event. Nobody subscribed, nothing written.';

CREATE OR REPLACE FUNCTION platform.feed_position(after uuid, first integer DEFAULT 1, types text[] DEFAULT NULL::text[], OUT xid xid8, OUT id uuid)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  unknown text;
begin
  perform platform.require('event:read');
  if first is null or first not between 1 and 1000 then
    raise exception using errcode = 'ZF010', message = '"first" is out of range', detail = 'From 1 to 1000.';
  end if;
  -- a type that does not exist would be waited for without end
  select string_agg(coalesce(quote_literal(w), 'null'), ', ')
  into unknown
  from unnest(types) w
  where w is null
    or w <> '*' and not exists (select from catalog.event_type t where w in (t.type, split_part(t.type, '.', 1) || '.*'));
  if unknown is not null then
    raise exception using
      errcode = 'ZF010',
      message = format('there is no event type %s', left(unknown, 200)),
      detail = 'Use types of events, all of an entity (invoice.*), or *.';
  end if;
  -- Whatever the plan shows of it: a reader who was here keeps the place. Only what the feed has shown is one: with an event that is still
  -- above the oldest running transaction, what commits before it would be stepped over.
  select e.xid, e.id
  into feed_position.xid, feed_position.id
  from app.event e
  where e.tenant_id = platform.tenant_id()
    and e.id = after
    and e.xid < pg_snapshot_xmin(pg_current_snapshot());
  if found then
    return;
  end if;
  -- an event that retention may have dropped came before everything that is left
  if after is null or uuid_extract_version(after) = 7 and after < platform.retention_floor() then
    xid := '0';
    id := '00000000-0000-0000-0000-000000000000';
    return;
  end if;
  raise exception using
    errcode = 'ZF004',
    message = 'there is no such place in the change feed',
    detail = 'Go on with a cursor that the feed has given, or without one, from the beginning.';
end
$function$;
alter function platform.feed_position(after uuid, first integer, types text[], OUT xid xid8, OUT id uuid) owner to freehold_owner;
grant execute on function platform.feed_position(after uuid, first integer, types text[], OUT xid xid8, OUT id uuid) to freehold_user;
comment on function platform.feed_position(after uuid, first integer, types text[], OUT xid xid8, OUT id uuid) is 'Where in the change feed an event is. Null is the beginning. Raises ZF001, ZF002 and ZF003 as platform.require does, ZF010 for arguments that are not
acceptable, and ZF004 for an id that is of no event which the feed has shown in this tenant.';

CREATE OR REPLACE FUNCTION platform.finish_deliveries(batch uuid, claim integer, results json, last boolean DEFAULT true)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
declare
  held boolean;
  lane boolean;
  told record;
begin
  select b.lane
  into lane
  from platform.delivery_batch b
  where b.id = batch
    and b.claim = finish_deliveries.claim
  for update;
  held := found;

  with result as materialized (
    select r.*
    from json_to_recordset(results) r (
      tenant_id uuid, delivery_id uuid, endpoint_id uuid, attempt integer, succeeded boolean, final boolean, released boolean,
      status_code integer, error text, latency_ms integer, response_excerpt text, retry_after integer, occurred_at timestamptz)
  ),
  attempted as (
    insert into app.delivery_attempt (
      tenant_id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt, occurred_at)
    select r.tenant_id, r.delivery_id, r.endpoint_id, r.attempt, r.succeeded, r.status_code, r.error, r.latency_ms, r.response_excerpt, r.occurred_at
    from result r
    where r.latency_ms is not null
  ),
  verdict as materialized (
    select r.*, w.ordered,
      case when not r.succeeded and not coalesce(r.final, false)
        then statement_timestamp() + platform.retry_delay(w.retry_delays, r.attempt - d.schedule_start, r.retry_after)
      end as next_attempt_at
    from result r
    -- by key, and for failures alone: a success needs to know nothing
    left join lateral (
      select x.schedule_start from app.delivery x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.delivery_id offset 0
    ) d on true
    left join lateral (
      select x.ordered, x.retry_delays from app.webhook_endpoint x where not r.succeeded and x.tenant_id = r.tenant_id and x.id = r.endpoint_id offset 0
    ) w on true
    where not coalesce(r.released, false)
      -- who lost the lease still tells of a success, and leaves a failure to the new holder
      and (held or r.succeeded)
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
    returning d.tenant_id, d.id, d.endpoint_id, d.attempt_count, d.next_attempt_at, v.ordered
  ),
  queued as (
    insert into platform.delivery_queue (due_at, delivery_id, tenant_id, endpoint_id, attempt)
    select s.next_attempt_at, s.id, s.tenant_id, s.endpoint_id, s.attempt_count + 1
    from settled s
    where s.next_attempt_at is not null
      and not s.ordered
  ),
  -- What goes back to a lane: the failed one of an ordered endpoint, which holds up the rest, and what was not sent at all.
  back as (
    select s.tenant_id, s.endpoint_id, s.id as delivery_id, s.attempt_count + 1 as attempt
    from settled s
    where s.next_attempt_at is not null
      and s.ordered
    union all
    select r.tenant_id, r.endpoint_id, r.delivery_id, r.attempt
    from result r
    where r.released
      and held
  ),
  health as (
    select v.tenant_id, v.endpoint_id, bool_or(v.succeeded) as well,
      count(*) filter (where not v.succeeded) as failures,
      min(v.occurred_at) as first_at, max(v.occurred_at) as last_at,
      coalesce(bool_or(v.status_code = 410), false) as gone,
      max(v.next_attempt_at) as next_attempt_at
    from verdict v
    where v.latency_ms is not null
    group by v.tenant_id, v.endpoint_id
  )
  select
    (select json_agg(b) from back b) as back,
    -- Where all went well and nobody had failed before there is nothing to follow: one look-up an endpoint.
    (select json_agg(h)
     from health h
     where not h.well
       or exists (
         select from platform.endpoint_flow f
         where f.tenant_id = h.tenant_id and f.endpoint_id = h.endpoint_id and (f.laned or f.failures > 0))) as health
  into told;

  if told.back is not null then
    perform platform.to_lane(array_agg(b.tenant_id), array_agg(b.endpoint_id), array_agg(b.delivery_id), array_agg(b.attempt))
    from json_to_recordset(told.back) b (tenant_id uuid, endpoint_id uuid, delivery_id uuid, attempt integer);
  end if;
  if held and told.health is not null then
    perform platform.follow_health(told.health);
  end if;
  if last and held then
    delete from platform.delivery_batch b where b.id = batch;
  end if;
  -- A lane may give out its next batch, or has got something.
  if last and lane or told.back is not null or told.health is not null then
    perform platform.wake_dispatcher();
  end if;
  return held;
end
$function$;
alter function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean) owner to freehold_dispatcher;
grant execute on function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean) to freehold_worker;
comment on function platform.finish_deliveries(batch uuid, claim integer, results json, last boolean) is 'Records results of a batch, some or the last: [{tenant_id, delivery_id, endpoint_id, attempt, succeeded, final, released, status_code, error, latency_ms,
response_excerpt, retry_after, occurred_at}]. final gives up without further attempts; released was not sent, and waits in its lane; without latency_ms
no attempt was made; retry_after is in seconds. False when the lease was lost.';

CREATE OR REPLACE FUNCTION platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH settled AS (
          UPDATE app.delivery d SET attempt_count = (d.attempt_count + 1), status =
                 CASE
                     WHEN (finish_task.error IS NULL) THEN 'succeeded'::text
                     WHEN finish_task.final THEN 'failed'::text
                     ELSE 'pending'::text
                 END, next_attempt_at = NULL::timestamp with time zone, last_error = "left"(finish_task.error, 1000), updated_at = statement_timestamp()
           WHERE ((d.tenant_id = finish_task.tenant) AND (d.id = finish_task.delivery) AND (d.task IS NOT NULL) AND (d.status = 'pending'::text))
           RETURNING d.tenant_id,
             d.id,
             d.attempt_count
         )
  INSERT INTO app.delivery_attempt (tenant_id, delivery_id, attempt, succeeded, error, latency_ms)  SELECT s.tenant_id,
             s.id,
             s.attempt_count,
             (finish_task.error IS NULL),
             "left"(finish_task.error, 1000) AS "left",
             finish_task.latency_ms AS latency_ms
            FROM settled s;
END;
alter function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) owner to freehold_dispatcher;
grant execute on function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) to freehold_worker;
comment on function platform.finish_task(tenant uuid, delivery uuid, error text, final boolean, latency_ms integer) is 'Records how a task went: done when error is null, given up when final, and otherwise left to the job''s next attempt.';

CREATE OR REPLACE FUNCTION platform.follow_endpoint()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  asks constant boolean := new.ordered or new.rate_limit is not null or new.concurrency is not null;
begin
  if tg_op = 'INSERT' then
    if asks then
      insert into platform.endpoint_flow (tenant_id, endpoint_id, asked, laned)
      values (new.tenant_id, new.id, true, true);
    end if;
    return null;
  end if;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, asked, laned)
  select new.tenant_id, new.id, asks, asks
  where asks
  on conflict (tenant_id, endpoint_id) do update
    set asked = true,
      laned = true;
  -- With another status or another address it begins anew: what waits is given out at once, to be sent or to be given up.
  update platform.endpoint_flow f
  set asked = asks,
    not_before = '-infinity',
    failures = 0,
    failing_since = null,
    last_failure_at = null,
    warned_at = null,
    gone = false,
    trips = 0,
    waiting = f.laned
  where f.tenant_id = new.tenant_id
    and f.endpoint_id = new.id
    and ((new.status, new.url, new.ordered, new.rate_limit, new.concurrency)
      is distinct from (old.status, old.url, old.ordered, old.rate_limit, old.concurrency));
  if found then
    perform platform.wake_dispatcher();
  end if;
  return null;
end
$function$;
alter function platform.follow_endpoint() owner to freehold_dispatcher;
grant execute on function platform.follow_endpoint() to freehold_owner;
comment on function platform.follow_endpoint() is 'Trigger: what an owner asks of an endpoint, or a change of its status, decides how its deliveries flow.';

CREATE OR REPLACE FUNCTION platform.follow_health(told json)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into platform.endpoint_flow (tenant_id, endpoint_id)
  select t.tenant_id, t.endpoint_id
  from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid)
  order by 1, 2
  on conflict do nothing;
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select t.tenant_id, t.endpoint_id from json_to_recordset(told) t (tenant_id uuid, endpoint_id uuid))
  order by f.tenant_id, f.endpoint_id
  for update;

  update platform.endpoint_flow f
  set failures = case when t.well then 0 else f.failures + t.failures end,
    failing_since = case when not t.well then coalesce(f.failing_since, t.first_at) end,
    last_failure_at = case when not t.well then t.last_at end,
    warned_at = case when not t.well then f.warned_at end,
    gone = f.gone or t.gone,
    -- Ten in a row open the breaker; each probe that fails doubles the time until the next, from 10 s to 5 min.
    trips = case
      when t.well then 0
      when f.failures + t.failures >= 10 and f.not_before <= statement_timestamp() then f.trips + 1
      else f.trips
    end,
    laned = f.laned or f.failures + t.failures >= 10,
    not_before = case
      when t.failures = 0 and f.trips > 0 then statement_timestamp()
      else greatest(f.not_before,
        -- the failed one holds up those after it
        case when w.ordered and t.failures > 0 then t.next_attempt_at end,
        case when not t.well and f.failures + t.failures >= 10 and f.not_before <= statement_timestamp()
          then statement_timestamp() + least(interval '10 s' * power(2, least(f.trips, 10)), interval '5 min') * (0.8 + 0.4 * random())
        end)
    end
  from json_to_recordset(told) t (
    tenant_id uuid, endpoint_id uuid, well boolean, failures integer, first_at timestamptz, last_at timestamptz, gone boolean, next_attempt_at timestamptz)
  join app.webhook_endpoint w on w.tenant_id = t.tenant_id and w.id = t.endpoint_id
  where f.tenant_id = t.tenant_id
    and f.endpoint_id = t.endpoint_id;
end
$function$;
alter function platform.follow_health(told json) owner to freehold_dispatcher;
comment on function platform.follow_health(told json) is 'Counts failures of endpoints, and opens and closes their breakers. For platform.finish_deliveries, which says what came of a batch, by endpoint:
[{tenant_id, endpoint_id, well, failures, first_at, last_at, gone, next_attempt_at}]. well: something was accepted.';

CREATE OR REPLACE FUNCTION platform.grant_columns(relation regclass, privilege text, columns name[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if columns <> '{}' then
    execute format('grant %s (%s) on %s to freehold_user', privilege,
      (select string_agg(quote_ident(c), ', ') from unnest(columns) c), relation);
  end if;
end
$function$;
alter function platform.grant_columns(relation regclass, privilege text, columns name[]) owner to freehold_owner;
comment on function platform.grant_columns(relation regclass, privilege text, columns name[]) is 'Grants a privilege on the listed columns to the request role.';

CREATE OR REPLACE FUNCTION platform.grants_of(relation regclass)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT string_agg(g.line, '
'::text ORDER BY g.line) AS string_agg
    FROM ( SELECT format('%s %s'::text, (x.grantee)::regrole, x.privilege_type) AS line
            FROM pg_class c,
             LATERAL aclexplode(c.relacl) x(grantor, grantee, privilege_type, is_grantable)
           WHERE ((c.oid = (grants_of.relation)::oid) AND (x.grantee <> c.relowner))
         UNION ALL
          SELECT format('%s %s (%s)'::text, (x.grantee)::regrole, x.privilege_type, a.attname) AS format
            FROM ((pg_class c
              JOIN pg_attribute a ON (((a.attrelid = c.oid) AND (NOT a.attisdropped))))
              CROSS JOIN LATERAL aclexplode(a.attacl) x(grantor, grantee, privilege_type, is_grantable))
           WHERE ((c.oid = (grants_of.relation)::oid) AND (x.grantee <> c.relowner))) g;
END;
alter function platform.grants_of(relation regclass) owner to freehold_owner;
comment on function platform.grants_of(relation regclass) is 'The privileges on a table and its columns as text, in order.';

CREATE OR REPLACE FUNCTION platform.hide_statistics(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  told record;
begin
  for told in
    select a.attname, i.relname as index_name, a.attnum, t.relname, t.relnamespace::regnamespace::text as schema_name
    from pg_catalog.pg_class t
    left join pg_catalog.pg_index x on x.indrelid = t.oid
    join pg_catalog.pg_class i on i.oid in (t.oid, x.indexrelid)
    join pg_catalog.pg_attribute a on a.attrelid = i.oid and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0
    where t.oid = relation
      and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
      -- of an index, only its expressions have statistics of their own
      and (i.oid = t.oid or x.indkey[a.attnum - 1] = 0)
      -- states and other words of the schema, of which the planner should know how common they are
      and not exists (
        select from pg_catalog.pg_constraint k
        where k.conrelid = t.oid and k.contype = 'f' and k.conkey = array[a.attnum] and i.oid = t.oid)
    group by a.attname, i.relname, a.attnum, t.relname, t.relnamespace
  loop
    if told.index_name = told.relname then
      execute format('alter table %s alter column %I set statistics 0', relation, told.attname);
    else
      execute format('alter index %I.%I alter column %s set statistics 0', told.schema_name, told.index_name, told.attnum);
    end if;
    perform pg_catalog.pg_clear_attribute_stats(told.schema_name, told.index_name, told.attname, false);
  end loop;
end
$function$;
alter function platform.hide_statistics(relation regclass) owner to freehold_owner;
comment on function platform.hide_statistics(relation regclass) is 'Keeps what people write (names, addresses, texts) out of pg_statistic, which holds values of all tenants: the planner answers from it, and EXPLAIN
tells whoever may run SQL how many rows it expects, row-level security or not.';

CREATE OR REPLACE FUNCTION platform.invite_owner(email text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
$function$;
alter function platform.invite_owner(email text) owner to freehold_owner;
grant execute on function platform.invite_owner(email text) to freehold_user;
comment on function platform.invite_owner(email text) is 'Invites to own the tenant of the context, unless that is a member or invited already; whether it is a new invitation. With the rights of the caller.';

CREATE OR REPLACE FUNCTION platform.is_closed(tenant uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return exists (select from app.tenant t where t.tenant_id = tenant and t.status = 'closed');
end
$function$;
alter function platform.is_closed(tenant uuid) owner to freehold_owner;
comment on function platform.is_closed(tenant uuid) is 'Whether the tenant is closed, so that its rows may be purged. For triggers on DELETE: who sees the tenant not, deletes nothing.';

CREATE OR REPLACE FUNCTION platform.isolate_endpoints(tenants uuid[], endpoints uuid[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 INSERT INTO platform.endpoint_flow AS f (tenant_id, endpoint_id, laned)  SELECT DISTINCT u.tenant_id,
             u.endpoint_id,
             true
            FROM UNNEST(isolate_endpoints.tenants, isolate_endpoints.endpoints) u(tenant_id, endpoint_id)
           ORDER BY u.tenant_id, u.endpoint_id ON CONFLICT(tenant_id, endpoint_id) DO UPDATE SET laned = true
   WHERE (NOT f.laned);
END;
alter function platform.isolate_endpoints(tenants uuid[], endpoints uuid[]) owner to freehold_dispatcher;
grant execute on function platform.isolate_endpoints(tenants uuid[], endpoints uuid[]) to freehold_worker;
comment on function platform.isolate_endpoints(tenants uuid[], endpoints uuid[]) is 'These endpoints keep a worker waiting at this moment: what comes for them goes through a lane, until they are quick again.';

CREATE OR REPLACE FUNCTION platform.json_type(type regtype)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
RETURN (CASE WHEN ((type)::oid = ('uuid'::regtype)::oid) THEN '{"type": "string", "format": "uuid"}'::text WHEN ((type)::oid = ('timestamp with time zone'::regtype)::oid) THEN '{"type": "string", "format": "date-time"}'::text WHEN ((type)::oid = ('date'::regtype)::oid) THEN '{"type": "string", "format": "date"}'::text WHEN ((type)::oid = ('boolean'::regtype)::oid) THEN '{"type": "boolean"}'::text WHEN ((type)::oid = ANY ((ARRAY['smallint'::regtype, 'integer'::regtype, 'bigint'::regtype])::oid[])) THEN '{"type": "integer"}'::text WHEN ((type)::oid = ANY ((ARRAY['text[]'::regtype, 'cidr[]'::regtype])::oid[])) THEN '{"type": "array", "items": {"type": "string"}}'::text WHEN ((type)::oid = ('integer[]'::regtype)::oid) THEN '{"type": "array", "items": {"type": "integer"}}'::text WHEN ((type)::oid = ('jsonb'::regtype)::oid) THEN '{}'::text ELSE '{"type": "string"}'::text END)::jsonb;
alter function platform.json_type(type regtype) owner to freehold_owner;
comment on function platform.json_type(type regtype) is 'How a column type appears in JSON, as JSON Schema.';

CREATE OR REPLACE FUNCTION platform.keep_tenant()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.tenant_id is distinct from old.tenant_id then
    raise exception using
      errcode = 'ZF008',
      message = 'the tenant of a row never changes',
      detail = 'Create a new one instead.';
  end if;
  return new;
end
$function$;
alter function platform.keep_tenant() owner to freehold_owner;
comment on function platform.keep_tenant() is 'Trigger: a row stays with its tenant. For records; entities have their guard.';

CREATE OR REPLACE FUNCTION platform.key_prefix()
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT
         CASE
             WHEN d.production THEN 'fh_live_'::text
             ELSE 'fh_test_'::text
         END AS "case"
    FROM platform.deployment d;
END;
alter function platform.key_prefix() owner to freehold_owner;
grant execute on function platform.key_prefix() to freehold_user;
comment on function platform.key_prefix() is 'fh_live_ in production, fh_test_ elsewhere: by which a leaked key tells what it opens.';

CREATE OR REPLACE FUNCTION platform.link_organization(issuer text, organization text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform platform.require(null);
  insert into identity.organization as o (issuer, organization, tenant_id)
  select link_organization.issuer, link_organization.organization, v.tenant_id
  from platform.verified_context v
  where v.actor_type = 'system'
  on conflict on constraint organization_pkey do update
    set tenant_id = excluded.tenant_id
    where o.tenant_id = excluded.tenant_id;
  if not found then
    raise exception using
      errcode = '23505',
      message = 'the organization belongs to another tenant',
      detail = format('organization %s of %s', link_organization.organization, link_organization.issuer);
  end if;
end
$function$;
alter function platform.link_organization(issuer text, organization text) owner to freehold_owner;
grant execute on function platform.link_organization(issuer text, organization text) to freehold_worker;
comment on function platform.link_organization(issuer text, organization text) is 'Tokens of this issuer that name this organization are of the tenant that the transaction has entered as the system. Errors: 23505 when they are of another.';

CREATE OR REPLACE FUNCTION platform.load_deliveries(batch uuid, claim integer, lease interval DEFAULT '00:00:30'::interval)
 RETURNS TABLE(tenant_id uuid, delivery_id uuid, attempt integer, endpoint_id uuid, enabled boolean, url text, keys text[], headers text[], message_id text, body text, traceparent text, entity_id uuid, parallel integer, ordered boolean, lane boolean, entity text, request_id text, waited_ms double precision)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
  -- Each row by its key, whatever the planner knows of the tables (offset 0 keeps each look-up to itself): queues fill and empty faster than
  -- statistics follow, and a plan for a short one would read a whole backlog for each batch.
  return query
    with wanted as materialized (
      select d.tenant_id, d.id, d.event_id, d.endpoint_id, h.attempt
      from unnest(held.tenant_ids, held.delivery_ids, held.attempts) h (tenant_id, delivery_id, attempt)
      cross join lateral (
        select x.* from app.delivery x where x.tenant_id = h.tenant_id and x.id = h.delivery_id offset 0
      ) d
      -- what an earlier holder of the batch has settled is not sent again
      where d.status = 'pending'
        and d.attempt_count = h.attempt - 1
    ),
    target as materialized (
      select w.tenant_id, w.id, w.status = 'enabled' as enabled, w.url,
        array(
          select k.scheme || ' ' || k.sealed_key
          from app.webhook_signing_key k
          where k.tenant_id = w.tenant_id and k.endpoint_id = w.id and (k.expires_at is null or k.expires_at > statement_timestamp())
          -- the present key first
          order by k.id desc) as keys,
        array(
          select x.name || ' ' || x.sealed_value
          from app.webhook_header x
          where x.tenant_id = w.tenant_id and x.endpoint_id = w.id
          order by x.name) as headers
      from (select distinct d.tenant_id, d.endpoint_id from wanted d) t
      cross join lateral (
        select x.* from app.webhook_endpoint x where x.tenant_id = t.tenant_id and x.id = t.endpoint_id offset 0
      ) w
    )
    select d.tenant_id, d.id, d.attempt, w.id, w.enabled, w.url, w.keys, w.headers,
      'evt_' || e.id,
      -- Built here, where numbers keep their digits; the text is what is signed and what is sent.
      '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
        || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
        || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"api_version":"v1","data":' || e.data || '}',
      e.traceparent, e.entity_id, held.parallel, held.ordered, held.lane, e.entity, e.request_id,
      -- by one clock, whichever the worker's is
      extract(epoch from statement_timestamp() - uuid_extract_timestamp(d.id))::double precision * 1000
    from wanted d
    join target w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
    cross join lateral (
      select x.* from app.event x where x.tenant_id = d.tenant_id and x.id = d.event_id offset 0
    ) e
    -- ids are of the time of the event: of one resource, the earlier version goes first
    order by d.id;
end
$function$;
alter function platform.load_deliveries(batch uuid, claim integer, lease interval) owner to freehold_dispatcher;
grant execute on function platform.load_deliveries(batch uuid, claim integer, lease interval) to freehold_worker;
comment on function platform.load_deliveries(batch uuid, claim integer, lease interval) is 'Renews the lease of a batch and returns what of it is still to be sent: URL, webhook-id and the bytes of the body; keys as "v1 <sealed>", headers as
"<name> <sealed>", which the worker opens. Nothing when the lease was lost. The only reader of both.';

CREATE OR REPLACE FUNCTION platform.load_task(tenant uuid, delivery uuid)
 RETURNS TABLE(event_id uuid, type text, entity text, entity_id uuid, data text, actor_type text, occurred_at timestamp with time zone, request_id text, traceparent text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT e.id,
     e.type,
     e.entity,
     e.entity_id,
     (e.data)::text AS data,
     e.actor_type,
     e.occurred_at,
     e.request_id,
     e.traceparent
    FROM (app.delivery d
      JOIN app.event e ON (((e.tenant_id = d.tenant_id) AND (e.id = d.event_id))))
   WHERE ((d.tenant_id = load_task.tenant) AND (d.id = load_task.delivery) AND (d.task IS NOT NULL) AND (d.status = 'pending'::text));
END;
alter function platform.load_task(tenant uuid, delivery uuid) owner to freehold_dispatcher;
grant execute on function platform.load_task(tenant uuid, delivery uuid) to freehold_worker;
comment on function platform.load_task(tenant uuid, delivery uuid) is 'The event of a task that is still to be done; nothing when it was done already.';

CREATE OR REPLACE FUNCTION platform.make_all_partitions()
 RETURNS SETOF text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET lock_timeout TO '2s'
AS $function$
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
$function$;
alter function platform.make_all_partitions() owner to freehold_owner;
grant execute on function platform.make_all_partitions() to freehold_worker;
comment on function platform.make_all_partitions() is 'Makes the partitions of this and the next three months for every declared table that has partitions. Takes no argument, so that it can be the worker''s.';

CREATE OR REPLACE FUNCTION platform.make_partitions(relation regclass, months integer DEFAULT 3)
 RETURNS SETOF text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  month timestamptz := date_trunc('month', now(), 'UTC');
  partition text;
  parent_schema text := (select c.relnamespace::regnamespace::text from pg_catalog.pg_class c where c.oid = relation);
  parent_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  for i in 0..months loop
    partition := format('%s_%s', parent_name, to_char(month at time zone 'UTC', 'YYYY_MM'));
    if to_regclass(format('%I.%I', parent_schema, partition)) is null then
      execute format('create table %I.%I partition of %s for values from (%L) to (%L)', parent_schema, partition, relation,
        platform.uuidv7_floor(month), platform.uuidv7_floor(month + interval '1 month'));
      -- reached through the parent only, whose policies hold; a direct grant would go around them
      execute format('alter table %I.%I enable row level security, force row level security', parent_schema, partition);
      -- row triggers are the parent's, those of statements are not passed on
      if exists (
        select from pg_catalog.pg_trigger g
        where g.tgrelid = relation and g.tgfoid = 'platform.refuse_change()'::regprocedure
      ) then
        execute format('create trigger _110_refuse_truncate before truncate on %I.%I for each statement execute function platform.refuse_change()',
          parent_schema, partition);
      end if;
      perform platform.hide_statistics(format('%I.%I', parent_schema, partition)::regclass);
      return next partition;
    end if;
    month := month + interval '1 month';
  end loop;
end
$function$;
alter function platform.make_partitions(relation regclass, months integer) owner to freehold_owner;
comment on function platform.make_partitions(relation regclass, months integer) is 'Makes the monthly partitions of a table that is partitioned by a version 7 id, from this month on. Returns those it made.';

CREATE OR REPLACE FUNCTION platform.mark_warned(endpoint uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH marked AS (
          UPDATE platform.endpoint_flow f SET warned_at = statement_timestamp()
            FROM platform.verified_context v
           WHERE ((f.tenant_id = v.tenant_id) AND (f.endpoint_id = mark_warned.endpoint) AND (f.failing_since IS NOT NULL) AND (f.warned_at IS NULL))
           RETURNING 1 AS "?column?"
         )
  SELECT (EXISTS ( SELECT
            FROM marked)) AS "exists";
END;
alter function platform.mark_warned(endpoint uuid) owner to freehold_dispatcher;
grant execute on function platform.mark_warned(endpoint uuid) to freehold_owner;
comment on function platform.mark_warned(endpoint uuid) is 'Whether its owner is to be warned now: true once while it fails.';

CREATE OR REPLACE FUNCTION platform.month_after(anchor timestamp with time zone, months integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
RETURN (((anchor AT TIME ZONE 'UTC'::text) + make_interval(months => months)) AT TIME ZONE 'UTC'::text);
alter function platform.month_after(anchor timestamp with time zone, months integer) owner to freehold_owner;
comment on function platform.month_after(anchor timestamp with time zone, months integer) is 'The anchor some months on, in UTC whatever the session''s time zone; the 31st becomes the last day of a shorter month.';

CREATE OR REPLACE FUNCTION platform.next_due(most interval DEFAULT '00:00:01'::interval, in_flight integer DEFAULT 200)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT
         CASE
             WHEN (( SELECT count(*) AS count
                FROM platform.delivery_batch) >= in_flight) THEN 10
             ELSE (ceil((EXTRACT(epoch FROM GREATEST('00:00:00'::interval, LEAST(most, (( SELECT min(q.due_at) AS min
                FROM platform.delivery_queue q) - clock_timestamp()), (( SELECT min(f.not_before) AS min
                FROM platform.endpoint_flow f
               WHERE (f.laned AND f.waiting AND (f.not_before > (statement_timestamp() - '00:00:00.05'::interval)) AND (NOT (EXISTS ( SELECT
                        FROM platform.delivery_batch b
                       WHERE (b.id = f.batch_id)))))) - clock_timestamp())))) * (1000)::numeric)))::integer
         END AS ceil;
END;
alter function platform.next_due(most interval, in_flight integer) owner to freehold_dispatcher;
grant execute on function platform.next_due(most interval, in_flight integer) to freehold_worker;
comment on function platform.next_due(most interval, in_flight integer) is 'Milliseconds until something is due, at most that long; ten while so many batches are out.';

CREATE OR REPLACE FUNCTION platform.next_number(name text)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 INSERT INTO platform.counter (tenant_id, name, value)
   VALUES (platform.tenant_id(), next_number.name, 1) ON CONFLICT(tenant_id, name) DO UPDATE SET value = (counter.value + 1)
   RETURNING counter.value;
END;
alter function platform.next_number(name text) owner to freehold_owner;
comment on function platform.next_number(name text) is 'The next number of the tenant''s counter, without gaps: the next caller waits until this transaction ends.';

CREATE OR REPLACE FUNCTION platform.not_held(permissions text[])
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT string_agg(DISTINCT p.p, ', '::text ORDER BY p.p) AS string_agg
    FROM unnest(not_held.permissions) p(p)
   WHERE (NOT platform.allows(p.p));
END;
alter function platform.not_held(permissions text[]) owner to freehold_owner;
comment on function platform.not_held(permissions text[]) is 'What of these permissions the caller does not hold, listed for a message; null when nothing. For triggers by which no one gives or takes more than they hold.';

CREATE OR REPLACE FUNCTION platform.note_told(tenant uuid, event uuid, member uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 DELETE FROM platform.notice n
   WHERE ((n.tenant_id = note_told.tenant) AND (n.told_at < (statement_timestamp() - '7 days'::interval)));
 INSERT INTO platform.notice (tenant_id, membership_id, event_id)
   VALUES (note_told.tenant, note_told.member, note_told.event) ON CONFLICT DO NOTHING;
END;
alter function platform.note_told(tenant uuid, event uuid, member uuid) owner to freehold_dispatcher;
grant execute on function platform.note_told(tenant uuid, event uuid, member uuid) to freehold_worker;
comment on function platform.note_told(tenant uuid, event uuid, member uuid) is 'Notes that a member was told of an event by mail, and forgets notes of former weeks.';

CREATE OR REPLACE FUNCTION platform.own_roles()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (ARRAY( SELECT (r.r)::text AS r
            FROM platform.runtime_roles() r(r)) || '{freehold_owner,freehold_resolver,freehold_recorder,freehold_dispatcher,freehold_janitor}'::text[]);
END;
alter function platform.own_roles() owner to freehold_owner;
comment on function platform.own_roles() is 'All roles of Freehold.';

CREATE OR REPLACE FUNCTION platform.permissions_of(role text)
 RETURNS text[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(array_agg(DISTINCT rp.permission ORDER BY rp.permission), '{}'::text[]) AS "coalesce"
    FROM platform.role_permission rp
   WHERE (rp.role IN ( SELECT platform.role_closure(permissions_of.role) AS role_closure));
END;
alter function platform.permissions_of(role text) owner to freehold_owner;
grant execute on function platform.permissions_of(role text) to freehold_resolver;
grant execute on function platform.permissions_of(role text) to freehold_user;
comment on function platform.permissions_of(role text) is 'All permissions of a built-in role, sorted.';

CREATE OR REPLACE FUNCTION platform.permissions_of(tenant uuid, role text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE(NULLIF(platform.permissions_of(role), '{}'::text[]), ( SELECT r.permissions
            FROM app.role r
           WHERE ((r.tenant_id = permissions_of.tenant) AND (r.key = permissions_of.role) AND (r.status = 'active'::text))), '{}'::text[]) AS "coalesce";
END;
alter function platform.permissions_of(tenant uuid, role text) owner to freehold_owner;
grant execute on function platform.permissions_of(tenant uuid, role text) to freehold_resolver;
grant execute on function platform.permissions_of(tenant uuid, role text) to freehold_user;
comment on function platform.permissions_of(tenant uuid, role text) is 'All permissions of a role, built-in or the tenant''s own; empty for one that there is not. With the rights of the caller.';

CREATE OR REPLACE FUNCTION platform.policies_of(relation regclass)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT string_agg(concat_ws(' '::text, p.polname, p.polcmd, p.polpermissive, ( SELECT string_agg(((r.r)::regrole)::text, ','::text ORDER BY ((r.r)::regrole)::text) AS string_agg
            FROM unnest(p.polroles) r(r)), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), '
'::text ORDER BY p.polname) AS string_agg
    FROM pg_policy p
   WHERE (p.polrelid = (policies_of.relation)::oid);
END;
alter function platform.policies_of(relation regclass) owner to freehold_owner;
comment on function platform.policies_of(relation regclass) is 'The policies of a table as text, in order of name.';

CREATE OR REPLACE FUNCTION platform.principal_version(tenant uuid, principal uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT p.version
    FROM identity.principal p
   WHERE ((p.tenant_id = principal_version.tenant) AND (p.id = principal_version.principal));
END;
alter function platform.principal_version(tenant uuid, principal uuid) owner to freehold_owner;
grant execute on function platform.principal_version(tenant uuid, principal uuid) to freehold_resolver;
comment on function platform.principal_version(tenant uuid, principal uuid) is 'The version of a principal, in the snapshot of the statement that asks.';

CREATE OR REPLACE FUNCTION platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 WITH told AS (
          SELECT
                 CASE
                     WHEN (property_of.states IS NULL) THEN platform.json_type(property_of.type)
                     ELSE jsonb_build_object('type', 'string', 'enum', to_jsonb(property_of.states))
                 END AS schema,
             platform.column_tag(property_of.relation, property_of.named, 'format'::text) AS format,
             platform.column_tag(property_of.relation, property_of.named, 'example'::text) AS example
         )
  SELECT ((((t.schema ||
         CASE
             WHEN (property_of.required OR (NOT (t.schema ? 'type'::text))) THEN '{}'::jsonb
             ELSE jsonb_build_object('type', jsonb_build_array((t.schema -> 'type'::text), 'null'))
         END) ||
         CASE
             WHEN (property_of.required OR (NOT (t.schema ? 'enum'::text))) THEN '{}'::jsonb
             ELSE jsonb_build_object('enum', ((t.schema -> 'enum'::text) || 'null'::jsonb))
         END) || jsonb_strip_nulls(jsonb_build_object('format', COALESCE(t.format, (t.schema ->> 'format'::text)), 'description', TRIM(BOTH '
 '::text FROM property_of.description)))) ||
         CASE
             WHEN (t.example IS NULL) THEN '{}'::jsonb
             WHEN ((t.schema ->> 'type'::text) = 'string'::text) THEN jsonb_build_object('examples', jsonb_build_array(t.example))
             ELSE jsonb_build_object('examples', jsonb_build_array((t.example)::jsonb))
         END)
    FROM told t;
END;
alter function platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[]) owner to freehold_owner;
comment on function platform.property_of(relation regclass, named name, type regtype, required boolean, description text, states text[]) is 'JSON Schema of one column, as platform.shown_columns tells it. Its comment is the description; lines "@format" and "@example" say what the type does not.';

CREATE OR REPLACE FUNCTION platform.prorate(amount bigint, from_part bigint, to_part bigint, whole bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
RETURN (platform.rounded_share(amount, to_part, whole) - platform.rounded_share(amount, from_part, whole));
alter function platform.prorate(amount bigint, from_part bigint, to_part bigint, whole bigint) owner to freehold_owner;
comment on function platform.prorate(amount bigint, from_part bigint, to_part bigint, whole bigint) is 'The share of an amount for the stretch from_part..to_part of whole. Rounding is done on the running sum, so that the
shares of any division of the whole add up to the amount, to the last minor unit.';

CREATE OR REPLACE FUNCTION platform.purge_tenant(tenant uuid, most integer DEFAULT 10000)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.invited_member m where m.tenant_id = tenant;
  delete from identity.blocked_member b where b.tenant_id = tenant;
  delete from identity.barred_person b where b.tenant_id = tenant;
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
$function$;
alter function platform.purge_tenant(tenant uuid, most integer) owner to freehold_owner;
grant execute on function platform.purge_tenant(tenant uuid, most integer) to freehold_worker;
comment on function platform.purge_tenant(tenant uuid, most integer) is 'Deletes rows of a closed tenant, at most that many, and in the end the tenant with its keys, sessions and people. Returns whether there is more.
What remains are its slug and platform.system_entry. Errors: ZF004 when it is gone, ZF005 when it is not closed.';

CREATE OR REPLACE FUNCTION platform.queue_metrics()
 RETURNS TABLE(deliveries bigint, oldest_due_seconds double precision, relay_lag_seconds double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM ( SELECT
                    FROM platform.delivery_queue q
                   WHERE (q.due_at <= statement_timestamp())
                  LIMIT 100000) c) AS count,
     (EXTRACT(epoch FROM (statement_timestamp() - LEAST(( SELECT q.due_at
            FROM platform.delivery_queue q
           ORDER BY q.due_at
          LIMIT 1), ( SELECT b.expires_at
            FROM platform.delivery_batch b
           ORDER BY b.expires_at
          LIMIT 1), statement_timestamp()))))::double precision AS "extract",
     (COALESCE(( SELECT EXTRACT(epoch FROM (statement_timestamp() - p.counted_to)) AS "extract"
            FROM platform.event_total_position p
           WHERE (p.counted_to > '-infinity'::timestamp with time zone)), (0)::numeric))::double precision AS "coalesce";
END;
alter function platform.queue_metrics() owner to freehold_dispatcher;
grant execute on function platform.queue_metrics() to freehold_worker;
comment on function platform.queue_metrics() is 'Deliveries whose time has come, for how long the first that no worker holds has waited, and how long ago the moment was up to which all events are counted.';

CREATE OR REPLACE FUNCTION platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  legal text;
begin
  select string_agg(format('%s (to %s)', t.name, t.to_state), ', ' order by t.name)
  into legal
  from platform.transition t
  where t.entity = raise_illegal_transition.entity
    and t.from_state = raise_illegal_transition.from_state;
  raise exception using
    errcode = 'ZF005',
    message = format('%s cannot %s: it is %s', entity, attempted, from_state),
    detail = format('Legal from %s: %s.', from_state, coalesce(legal, 'nothing, it is a final state'));
end
$function$;
alter function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text) owner to freehold_owner;
grant execute on function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text) to freehold_user;
grant execute on function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text) to freehold_worker;
comment on function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text) is 'Raises ZF005 with the transitions that are legal from the present state.';

CREATE OR REPLACE FUNCTION platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if version = wanted then
    raise exception using
      errcode = 'ZF008',
      message = 'tenant and id of a row never change',
      detail = 'Create a new one instead.';
  end if;
  raise exception using
    errcode = 'ZF006',
    message = format('%s has version %s, not %s', entity, version, coalesce(wanted::text, 'null')),
    detail = format('Current version: %s.', version);
end
$function$;
alter function platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer) owner to freehold_owner;
grant execute on function platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer) to freehold_user;
comment on function platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer) is 'Raises ZF006 when another version was expected, ZF008 when tenant or id would change.';

CREATE OR REPLACE FUNCTION platform.record_event(type text, entity text, entity_id uuid, data jsonb)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  made uuid;
begin
  perform platform.require(null);
  if not exists (select from catalog.event_type t where t.type = record_event.type) then
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
$function$;
alter function platform.record_event(type text, entity text, entity_id uuid, data jsonb) owner to freehold_recorder;
grant execute on function platform.record_event(type text, entity text, entity_id uuid, data jsonb) to freehold_owner;
comment on function platform.record_event(type text, entity text, entity_id uuid, data jsonb) is 'Records what happens without a row changing (a sign-in, an export, a refusal) in the tenant of the verified context. Returns the event id.';

CREATE OR REPLACE FUNCTION platform.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF012',
    message = format('%s is append-only', tg_table_name),
    detail = 'Rows leave with their partition when retention ends, or with their closed tenant, never before.';
end
$function$;
alter function platform.refuse_change() owner to freehold_owner;
comment on function platform.refuse_change() is 'Trigger: refuses UPDATE, DELETE and TRUNCATE, whoever asks. The rows of a closed tenant may be deleted.';

CREATE OR REPLACE FUNCTION platform.refuse_delete()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF008',
    message = format('a %s is never deleted by DELETE', tg_table_name),
    detail = 'Take it to its final state; what is left is purged with its tenant.';
end
$function$;
alter function platform.refuse_delete() owner to freehold_owner;
comment on function platform.refuse_delete() is 'Trigger: a row of an entity is deleted with its closed tenant, and never before.';

CREATE OR REPLACE FUNCTION platform.renew_batch(batch uuid, claim integer, lease interval DEFAULT '00:00:30'::interval)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 WITH renewed AS (
          UPDATE platform.delivery_batch b SET expires_at = (statement_timestamp() + renew_batch.lease)
           WHERE ((b.id = renew_batch.batch) AND (b.claim = renew_batch.claim))
           RETURNING 1 AS "?column?"
         )
  SELECT (EXISTS ( SELECT
            FROM renewed)) AS "exists";
END;
alter function platform.renew_batch(batch uuid, claim integer, lease interval) owner to freehold_dispatcher;
grant execute on function platform.renew_batch(batch uuid, claim integer, lease interval) to freehold_worker;
comment on function platform.renew_batch(batch uuid, claim integer, lease interval) is 'Keeps a batch while its slowest receiver is waited for. False when the lease was lost.';

CREATE OR REPLACE FUNCTION platform.require(permission text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if not platform.context_valid() then
    if coalesce(current_setting('freehold.claims', true), '') = '' then
      raise exception using errcode = 'ZF001', message = 'no context: who is calling is not known';
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
      raise exception using
        errcode = 'ZF010',
        message = format('nothing can be done in a transaction that is %s', current_setting('transaction_isolation')),
        detail = 'Its snapshot would not show what was revoked or counted meanwhile: use read committed.';
    end if;
    raise exception using errcode = 'ZF002', message = 'the context is not valid, or no longer';
  end if;
  if permission is not null and not platform.allows(permission) then
    raise exception using
      errcode = 'ZF003',
      message = format('permission %s is required', permission),
      detail = format('Your role or key does not hold %s.', permission);
  end if;
end
$function$;
alter function platform.require(permission text) owner to freehold_owner;
grant execute on function platform.require(permission text) to freehold_dispatcher;
grant execute on function platform.require(permission text) to freehold_janitor;
grant execute on function platform.require(permission text) to freehold_recorder;
grant execute on function platform.require(permission text) to freehold_resolver;
grant execute on function platform.require(permission text) to freehold_user;
grant execute on function platform.require(permission text) to freehold_worker;
comment on function platform.require(permission text) is 'Raises ZF001 without a context, ZF010 in another isolation than read committed, ZF002 with one that does not hold, ZF003 without the
permission. With null it only verifies.';

CREATE OR REPLACE FUNCTION platform.require_feature(feature text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if app.entitlement(feature) = 0 then
    raise exception using
      errcode = 'ZF014',
      message = format('the plan does not include %s', feature),
      detail = format('Feature: %s.', feature);
  end if;
end
$function$;
alter function platform.require_feature(feature text) owner to freehold_owner;
grant execute on function platform.require_feature(feature text) to freehold_user;
comment on function platform.require_feature(feature text) is 'Raises ZF014 unless the plan includes the feature.';

CREATE OR REPLACE FUNCTION platform.require_tenant(tenant uuid)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if not exists (select from platform.verified_context v where v.tenant_id = require_tenant.tenant) then
    perform platform.require(null);
    raise exception using errcode = 'ZF002', message = 'the context is not of the tenant of this row';
  end if;
end
$function$;
alter function platform.require_tenant(tenant uuid) owner to freehold_owner;
grant execute on function platform.require_tenant(tenant uuid) to freehold_dispatcher;
grant execute on function platform.require_tenant(tenant uuid) to freehold_janitor;
grant execute on function platform.require_tenant(tenant uuid) to freehold_recorder;
grant execute on function platform.require_tenant(tenant uuid) to freehold_resolver;
grant execute on function platform.require_tenant(tenant uuid) to freehold_user;
grant execute on function platform.require_tenant(tenant uuid) to freehold_worker;
comment on function platform.require_tenant(tenant uuid) is 'Raises ZF001 or ZF002 unless the verified context is of this tenant. For triggers that read the claims or count rows: between the policy
and the trigger, the statement could have changed the settings.';

CREATE OR REPLACE FUNCTION platform.retention_days(tenant uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (
    select e.value
    from catalog.plan_entitlement e
    where e.key = 'retention_days'
      and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = tenant), 'free'));
end
$function$;
alter function platform.retention_days(tenant uuid) owner to freehold_owner;
grant execute on function platform.retention_days(tenant uuid) to freehold_janitor;
comment on function platform.retention_days(tenant uuid) is 'Days that the plan of a tenant keeps in sight; null for all.';

CREATE OR REPLACE FUNCTION platform.retention_floor()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- null, and so nothing in sight, without a context: the setting alone proves nothing
  return (
    select platform.uuidv7_floor(coalesce(
      statement_timestamp() - make_interval(days => platform.retention_days(v.tenant_id)::integer), '-infinity'))
    from platform.verified_context v);
end
$function$;
alter function platform.retention_floor() owner to freehold_owner;
grant execute on function platform.retention_floor() to freehold_user;
comment on function platform.retention_floor() is 'The first version 7 id that the tenant''s plan keeps in sight. Policies of records that are retained ask for it once a statement.';

CREATE OR REPLACE FUNCTION platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer DEFAULT NULL::integer)
 RETURNS interval
 LANGUAGE sql
 PARALLEL SAFE
 SET search_path TO ''
RETURN make_interval(secs => (((delays)[failed_attempts])::double precision * GREATEST(((0.8)::double precision + ((0.4)::double precision * random())), ((CASE WHEN (retry_after IS NOT NULL) THEN LEAST(retry_after, 86400) ELSE NULL::integer END)::double precision / ((delays)[failed_attempts])::double precision))));
alter function platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer) owner to freehold_owner;
grant execute on function platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer) to freehold_dispatcher;
comment on function platform.retry_delay(delays integer[], failed_attempts integer, retry_after integer) is 'How long to wait after so many failed attempts: the delay of that number in seconds, +-20 % so that a receiver that comes back is not met by all at once, and at
least what its Retry-After asked for, up to a day. Null after the last: the delivery has failed.';

CREATE OR REPLACE FUNCTION platform.role_closure(role text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 WITH RECURSIVE held AS (
          SELECT r.key,
             r.includes
            FROM platform.role r
           WHERE (r.key = role_closure.role)
         UNION
          SELECT r.key,
             r.includes
            FROM (held h_1
              JOIN platform.role r ON ((r.key = ANY (h_1.includes))))
         )
  SELECT h.key
    FROM held h;
END;
alter function platform.role_closure(role text) owner to freehold_owner;
comment on function platform.role_closure(role text) is 'The role and all roles that it includes.';

CREATE OR REPLACE FUNCTION platform.rounded_share(amount bigint, part bigint, whole bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
RETURN (div(((((2)::numeric * (amount)::numeric) * (part)::numeric) + (whole)::numeric), ((2)::numeric * (whole)::numeric)))::bigint;
alter function platform.rounded_share(amount bigint, part bigint, whole bigint) owner to freehold_owner;
comment on function platform.rounded_share(amount bigint, part bigint, whole bigint) is 'amount * part / whole, rounded half up, in exact integers. amount and part not negative, whole positive.';

CREATE OR REPLACE FUNCTION platform.run_due(entity text, verb text, id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if not exists (select from platform.due_action d where d.entity = run_due.entity and d.verb = run_due.verb) then
    raise exception using errcode = 'ZF004', message = format('%s has no due action %s', entity, verb);
  end if;
  execute format('select app.%I($1)', verb || '_' || entity) using id;
end
$function$;
alter function platform.run_due(entity text, verb text, id uuid) owner to freehold_owner;
grant execute on function platform.run_due(entity text, verb text, id uuid) to freehold_user;
comment on function platform.run_due(entity text, verb text, id uuid) is 'Takes one due row through its verb, in the tenant that the transaction has entered.';

CREATE OR REPLACE FUNCTION platform.runtime_roles()
 RETURNS SETOF name
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT unnest('{freehold_gate,freehold_app,freehold_user,freehold_worker}'::name[]) AS unnest;
END;
alter function platform.runtime_roles() owner to freehold_owner;
comment on function platform.runtime_roles() is 'The roles in which processes run requests and jobs.';

CREATE OR REPLACE FUNCTION platform.schema_of(relation regclass, hidden text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT (jsonb_build_object('$schema', 'https://json-schema.org/draft/2020-12/schema', 'title', ( SELECT t.relname
            FROM pg_class t
           WHERE (t.oid = (schema_of.relation)::oid)), 'type', 'object', 'properties', jsonb_object_agg(c.name, platform.property_of(schema_of.relation, c.name, c.type, c.required, c.description, c.states)), 'required', jsonb_agg(c.name), 'additionalProperties', true) || jsonb_strip_nulls(jsonb_build_object('description', NULLIF(TRIM(BOTH '
 '::text FROM regexp_replace(obj_description((schema_of.relation)::oid, 'pg_class'::name), '(^|\n)@[^\n]*'::text, ''::text, 'g'::text)), ''::text))))
    FROM platform.shown_columns(schema_of.relation, schema_of.hidden) c(name, type, required, description, states);
END;
alter function platform.schema_of(relation regclass, hidden text[]) owner to freehold_owner;
comment on function platform.schema_of(relation regclass, hidden text[]) is 'JSON Schema (2020-12) of an entity as its events show it. "required" has the columns in their order.';

CREATE OR REPLACE FUNCTION platform.seal_anew(former text[], sealed text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
#variable_conflict use_variable
declare
  keys integer;
  headers integer;
begin
  -- A sealed text is unique, and nobody but the key's owner can make another: whoever names the former may replace it.
  update app.webhook_signing_key k
  set sealed_key = v.sealed
  from unnest(former, sealed) v (former, sealed)
  where k.sealed_key = v.former;
  get diagnostics keys = row_count;
  update app.webhook_header h
  set sealed_value = v.sealed
  from unnest(former, sealed) v (former, sealed)
  where h.sealed_value = v.former;
  get diagnostics headers = row_count;
  return keys + headers;
end
$function$;
alter function platform.seal_anew(former text[], sealed text[]) owner to freehold_dispatcher;
grant execute on function platform.seal_anew(former text[], sealed text[]) to freehold_worker;
comment on function platform.seal_anew(former text[], sealed text[]) is 'Replaces sealed texts by others of the same content; what was changed meanwhile is left alone. Returns how many were replaced.';

CREATE OR REPLACE FUNCTION platform.sealed_otherwise(key_id text, most integer DEFAULT 500, skip integer DEFAULT 0)
 RETURNS TABLE(tenant_id uuid, id uuid, sealed text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT v.tenant_id,
     v.id,
     v.sealed
    FROM ( SELECT k.tenant_id,
             k.id,
             k.sealed_key AS sealed
            FROM app.webhook_signing_key k
         UNION ALL
          SELECT h.tenant_id,
             h.id,
             h.sealed_value
            FROM app.webhook_header h) v
   WHERE (split_part((v.sealed)::text, '.'::text, 1) <> sealed_otherwise.key_id)
   ORDER BY v.id
  OFFSET sealed_otherwise.skip
  LIMIT sealed_otherwise.most;
END;
alter function platform.sealed_otherwise(key_id text, most integer, skip integer) owner to freehold_dispatcher;
grant execute on function platform.sealed_otherwise(key_id text, most integer, skip integer) to freehold_worker;
comment on function platform.sealed_otherwise(key_id text, most integer, skip integer) is 'Signing keys and header values that were sealed with another key than that one, without those that the caller was told of and could not open.';

CREATE OR REPLACE FUNCTION platform.shown_columns(relation regclass, hidden text[])
 RETURNS TABLE(name name, type regtype, required boolean, description text, states text[])
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  shown record;
begin
  for shown in
    select a.attname, a.atttypid::regtype as type, a.attnotnull,
      col_description(a.attrelid, a.attnum) as description,
      (select c.confrelid::regclass::text
       from pg_catalog.pg_constraint c
       where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum]
         and exists (select from platform.entity e where e.kind = 'states' and e.relation = c.confrelid::regclass::text)
       limit 1) as state_table
    from pg_catalog.pg_attribute a
    where a.attrelid = relation
      and a.attnum > 0
      and not a.attisdropped
      and a.attname <> 'tenant_id'
      and a.attname <> all (hidden)
    order by a.attnum
  loop
    name := shown.attname;
    type := shown.type;
    required := shown.attnotnull;
    -- lines that begin with @ are smart tags, for GraphQL
    description := nullif(regexp_replace(coalesce(shown.description, ''), '(^|\n)@[^\n]*', '', 'g'), '');
    states := null;
    if shown.state_table is not null then
      execute format('select array_agg(value order by value) from %s', shown.state_table) into states;
    end if;
    return next;
  end loop;
end
$function$;
alter function platform.shown_columns(relation regclass, hidden text[]) owner to freehold_owner;
comment on function platform.shown_columns(relation regclass, hidden text[]) is 'The columns of a table that may leave it, in order: what events, schemas and grants have in common.';

CREATE OR REPLACE FUNCTION platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], version bigint DEFAULT NULL::bigint, OUT claims text, OUT signature text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  signer identity.principal;
begin
  select p.*
  into strict signer
  from identity.principal p
  where p.tenant_id = sign_context.tenant
    and p.id = sign_context.principal;
  -- what is signed was read before: it must not be vouched for as of now
  if signer.version <> sign_context.version then
    raise exception using errcode = 'ZF002', message = 'the principal has changed meanwhile';
  end if;
  claims := concat_ws('|',
    signer.id, floor(extract(epoch from expires_at))::bigint, coalesce(impersonator::text, ''),
    (select string_agg(case when p.key = any (permissions) then '1' else '0' end, '' order by n)
     from generate_series(1, (select max(p.number) from platform.permission p)) n
     left join platform.permission p on p.number = n));
  signature := encode(
    sha256(signer.outer_pad || sha256(signer.inner_block || convert_to(claims, 'UTF8'))), 'hex');
end
$function$;
alter function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], version bigint, OUT claims text, OUT signature text) owner to freehold_owner;
grant execute on function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], version bigint, OUT claims text, OUT signature text) to freehold_resolver;
comment on function platform.sign_context(tenant uuid, principal uuid, expires_at timestamp with time zone, impersonator uuid, permissions text[], version bigint, OUT claims text, OUT signature text) is 'Mints the claims and their signature. Executable by the resolver and by the system entry alone. version: that of the principal when its permissions were read; errors: ZF002
when it is another by now.';

CREATE OR REPLACE FUNCTION platform.table_violations()
 RETURNS TABLE(rule text, object text, remedy text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 WITH app_table AS (
          SELECT c.oid,
             ((c.oid)::regclass)::text AS name,
             c.relkind,
             c.relrowsecurity,
             c.relforcerowsecurity,
             c.relispartition,
             e.kind,
             e.policies,
             e.grants
            FROM (pg_class c
              LEFT JOIN platform.entity e ON ((e.relation = ((c.oid)::regclass)::text)))
           WHERE ((c.relnamespace = ('app'::regnamespace)::oid) AND (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char", 'f'::"char", 'S'::"char"])))
         ), tenant_table AS (
          SELECT app_table.oid,
             app_table.name,
             app_table.relkind,
             app_table.relrowsecurity,
             app_table.relforcerowsecurity,
             app_table.relispartition,
             app_table.kind,
             app_table.policies,
             app_table.grants
            FROM app_table
           WHERE ((app_table.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT app_table.relispartition) AND (app_table.kind IS DISTINCT FROM 'states'::text))
         ), tenant_column AS (
          SELECT t.oid,
             t.name,
             a.attnum,
             a.attnotnull,
             a.atttypid
            FROM (tenant_table t
              LEFT JOIN pg_attribute a ON (((a.attrelid = t.oid) AND (a.attname = 'tenant_id'::name) AND (NOT a.attisdropped))))
         )
  SELECT 'undeclared_table'::text,
     tenant_table.name,
     'Declare it with platform.declare_entity or platform.declare_record.'::text
    FROM tenant_table
   WHERE (tenant_table.kind IS NULL)
 UNION ALL
  SELECT 'no_tenant_id'::text,
     tenant_column.name,
     'Add tenant_id uuid not null default platform.tenant_id().'::text
    FROM tenant_column
   WHERE ((tenant_column.attnum IS NULL) OR (NOT tenant_column.attnotnull) OR (tenant_column.atttypid <> ('uuid'::regtype)::oid))
 UNION ALL
  SELECT 'row_security_off'::text,
     app_table.name,
     'Enable and force row-level security: declare the table again.'::text
    FROM app_table
   WHERE ((app_table.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (app_table.kind IS DISTINCT FROM 'states'::text) AND (NOT (app_table.relrowsecurity AND app_table.relforcerowsecurity)))
 UNION ALL
  SELECT 'policies_changed'::text,
     tenant_table.name,
     'Policies are written by platform.write_policies alone: declare the table again.'::text
    FROM tenant_table
   WHERE ((tenant_table.kind IS NOT NULL) AND (tenant_table.policies IS DISTINCT FROM platform.policies_of((tenant_table.oid)::regclass)))
 UNION ALL
  SELECT DISTINCT 'permission_number'::text,
     ((t.name || ' '::text) || named.says[1]),
     'The policy asks for the number of another permission: declare the table again.'::text
    FROM (tenant_table t
      CROSS JOIN LATERAL regexp_matches(platform.policies_of((t.oid)::regclass), 'allows\(''([^'']+)''::text, (\d+)\)'::text, 'g'::text) named(says))
   WHERE (NOT (EXISTS ( SELECT
            FROM platform.permission p
           WHERE ((p.key = named.says[1]) AND ((p.number)::text = named.says[2])))))
 UNION ALL
  SELECT 'policy_on_partition'::text,
     t.name,
     'A partition is reached through its parent only: drop the policy.'::text
    FROM app_table t
   WHERE (t.relispartition AND (EXISTS ( SELECT
            FROM pg_policy p
           WHERE (p.polrelid = t.oid))))
 UNION ALL
  SELECT 'key_without_tenant'::text,
     ((t.name || ' '::text) || ((i.indexrelid)::regclass)::text),
     'Begin the key or index with tenant_id.'::text
    FROM (tenant_column t
      JOIN pg_index i ON ((i.indrelid = t.oid)))
   WHERE (i.indkey[0] IS DISTINCT FROM t.attnum)
 UNION ALL
  SELECT 'primary_key'::text,
     t.name,
     'Use primary key (tenant_id, id).'::text
    FROM tenant_table t
   WHERE (NOT (EXISTS ( SELECT
            FROM pg_constraint k
           WHERE ((k.conrelid = t.oid) AND (k.contype = 'p'::"char") AND (pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)'::text)))))
 UNION ALL
  SELECT 'foreign_key_without_tenant'::text,
     ((t.name || ' '::text) || (k.conname)::text),
     'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'::text
    FROM ((tenant_column t
      JOIN pg_constraint k ON (((k.conrelid = t.oid) AND (k.contype = 'f'::"char"))))
      JOIN tenant_column target ON ((target.oid = k.confrelid)))
   WHERE ((k.conkey[1] <> t.attnum) OR (k.confkey[1] <> target.attnum))
 UNION ALL
  SELECT 'foreign_key_action'::text,
     ((t.name || ' '::text) || (k.conname)::text),
     'Use no action, restrict or cascade: set null would clear tenant_id.'::text
    FROM (tenant_table t
      JOIN pg_constraint k ON (((k.conrelid = t.oid) AND (k.contype = 'f'::"char"))))
   WHERE ((k.confdeltype = ANY (ARRAY['n'::"char", 'd'::"char"])) OR (k.confupdtype <> 'a'::"char"))
 UNION ALL
  SELECT 'missing_trigger'::text,
     ((t.name || ' '::text) || (needed.name)::text),
     'Declare the entity again; do not drop or replace its triggers.'::text
    FROM ((tenant_table t
      CROSS JOIN LATERAL ( SELECT split_part(t.name, '.'::text, 2) AS entity) e)
      CROSS JOIN LATERAL ( VALUES ('entity'::text,'_100_begin'::name,('generated.'::text || quote_ident((e.entity || '_begin'::text)))), ('entity'::text,'_100_follow'::name,('generated.'::text || quote_ident((e.entity || '_follow'::text)))), ('entity'::text,'_100_refuse_delete'::name,'platform.refuse_delete'::text), ('entity'::text,'_900_record_insert'::name,('generated.'::text || quote_ident((e.entity || '_record_insert'::text)))), ('entity'::text,'_900_record_update'::name,('generated.'::text || quote_ident((e.entity || '_record_update'::text)))), ('record'::text,'_100_keep_tenant'::name,'platform.keep_tenant'::text)) needed(kind, name, function))
   WHERE ((t.kind = needed.kind) AND (NOT (EXISTS ( SELECT
            FROM pg_trigger g
           WHERE ((g.tgrelid = t.oid) AND (g.tgname = needed.name) AND (g.tgfoid = (to_regproc(needed.function))::oid) AND (g.tgqual IS NULL))))))
 UNION ALL
  SELECT 'disabled_trigger'::text,
     ((((g.tgrelid)::regclass)::text || ' '::text) || (g.tgname)::text),
     'Enable it: rules hold for everybody, and revocation is one of them.'::text
    FROM (pg_trigger g
      JOIN pg_class c ON ((c.oid = g.tgrelid)))
   WHERE ((NOT g.tgisinternal) AND (g.tgenabled <> ALL (ARRAY['O'::"char", 'A'::"char"])) AND (((c.relnamespace)::regnamespace)::text = ANY (ARRAY['app'::text, 'platform'::text, 'identity'::text, 'catalog'::text])))
 UNION ALL
  SELECT 'grants_changed'::text,
     t.name,
     'Privileges follow from the declaration alone: declare the table again.'::text
    FROM tenant_table t
   WHERE ((t.kind IS NOT NULL) AND (t.grants IS DISTINCT FROM platform.grants_of((t.oid)::regclass)))
 UNION ALL
  SELECT 'trigger_name'::text,
     ((t.name || ' '::text) || (g.tgname)::text),
     'Name triggers _NNN_verb: they fire in order of name.'::text
    FROM (tenant_table t
      JOIN pg_trigger g ON (((g.tgrelid = t.oid) AND (NOT g.tgisinternal))))
   WHERE (g.tgname !~ '^_[0-9]{3}_[a-z_]+$'::text)
 UNION ALL
  SELECT 'enum_column'::text,
     ((t.name || '.'::text) || (a.attname)::text),
     'Use text and platform.declare_states: enum_eq is not leakproof.'::text
    FROM ((tenant_table t
      JOIN pg_attribute a ON (((a.attrelid = t.oid) AND (a.attnum > 0) AND (NOT a.attisdropped))))
      JOIN pg_type ty ON (((ty.oid = a.atttypid) AND (ty.typtype = 'e'::"char"))))
 UNION ALL
  SELECT 'unsafe_view'::text,
     v.name,
     'Create it with (security_invoker = true); no materialized views.'::text
    FROM app_table v
   WHERE ((v.relkind = ANY (ARRAY['m'::"char", 'f'::"char"])) OR ((v.relkind = 'v'::"char") AND (NOT (COALESCE(( SELECT c.reloptions
            FROM pg_class c
           WHERE (c.oid = v.oid)), '{}'::text[]) @> '{security_invoker=true}'::text[]))))
 UNION ALL
  SELECT 'sequence'::text,
     app_table.name,
     'A sequence counts over all tenants: use uuidv7() or platform.next_number().'::text
    FROM app_table
   WHERE (app_table.relkind = 'S'::"char");
END;
alter function platform.table_violations() owner to freehold_owner;
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app.';

CREATE OR REPLACE FUNCTION platform.tenant_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('freehold.tenant_id'::text, true), ''::text))::uuid;
alter function platform.tenant_id() owner to freehold_owner;
grant execute on function platform.tenant_id() to freehold_dispatcher;
grant execute on function platform.tenant_id() to freehold_janitor;
grant execute on function platform.tenant_id() to freehold_recorder;
grant execute on function platform.tenant_id() to freehold_resolver;
grant execute on function platform.tenant_id() to freehold_user;
grant execute on function platform.tenant_id() to freehold_worker;
comment on function platform.tenant_id() is 'The tenant of the context, unverified. STABLE and without SET, so that it inlines and the planner sees the value;
never IMMUTABLE, or a cached plan serves the former tenant.';

CREATE OR REPLACE FUNCTION platform.tenant_of_slug(slug text)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT s.tenant_id
    FROM identity.tenant_slug s
   WHERE (s.slug = tenant_of_slug.slug);
END;
alter function platform.tenant_of_slug(slug text) owner to freehold_owner;
grant execute on function platform.tenant_of_slug(slug text) to freehold_worker;
comment on function platform.tenant_of_slug(slug text) is 'The tenant that has, or had, a slug; null for none.';

CREATE OR REPLACE FUNCTION platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- in one order, here and wherever several are locked
  perform
  from platform.endpoint_flow f
  where (f.tenant_id, f.endpoint_id) in (select * from unnest(tenants, endpoints))
  order by f.tenant_id, f.endpoint_id
  for update;
  insert into platform.endpoint_flow as f (tenant_id, endpoint_id, laned, waiting)
  select distinct u.tenant_id, u.endpoint_id, true, true
  from unnest(tenants, endpoints) u (tenant_id, endpoint_id)
  order by 1, 2
  on conflict (tenant_id, endpoint_id) do update
    set laned = true,
      waiting = true
    where not (f.laned and f.waiting);
  insert into platform.lane_queue (tenant_id, endpoint_id, delivery_id, attempt)
  select *
  from unnest(tenants, endpoints, deliveries, attempts)
  on conflict do nothing;
end
$function$;
alter function platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[]) owner to freehold_dispatcher;
comment on function platform.to_lane(tenants uuid[], endpoints uuid[], deliveries uuid[], attempts integer[]) is 'Puts deliveries into the lanes of their endpoints, which are made where they are missing.';

CREATE OR REPLACE FUNCTION platform.told_members(tenant uuid, event uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT n.membership_id
    FROM platform.notice n
   WHERE ((n.tenant_id = told_members.tenant) AND (n.event_id = told_members.event));
END;
alter function platform.told_members(tenant uuid, event uuid) owner to freehold_dispatcher;
grant execute on function platform.told_members(tenant uuid, event uuid) to freehold_worker;
comment on function platform.told_members(tenant uuid, event uuid) is 'The members who were told of an event by mail, in the last days.';

CREATE OR REPLACE FUNCTION platform.uuidv7_floor(at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
RETURN (rpad(lpad(to_hex((LEAST(GREATEST(floor((EXTRACT(epoch FROM at) * (1000)::numeric)), (0)::numeric), ('281474976710655'::bigint)::numeric))::bigint), 12, '0'::text), 32, '0'::text))::uuid;
alter function platform.uuidv7_floor(at timestamp with time zone) owner to freehold_owner;
grant execute on function platform.uuidv7_floor(at timestamp with time zone) to freehold_dispatcher;
grant execute on function platform.uuidv7_floor(at timestamp with time zone) to freehold_janitor;
comment on function platform.uuidv7_floor(at timestamp with time zone) is 'The smallest UUID of that millisecond: bounds of partitions and of time ranges over version 7 ids.';

CREATE OR REPLACE FUNCTION platform.violations()
 RETURNS TABLE(rule text, object text, remedy text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
BEGIN ATOMIC
 SELECT v.rule,
     v.object,
     v.remedy
    FROM platform.table_violations() v(rule, object, remedy)
 UNION ALL
  SELECT v.rule,
     v.object,
     v.remedy
    FROM platform.access_violations() v(rule, object, remedy)
  ORDER BY 1, 2;
END;
alter function platform.violations() owner to freehold_owner;
comment on function platform.violations() is 'Everything in the catalog that breaks a rule of isolation, with the remedy. Empty, or the build fails.';

CREATE OR REPLACE FUNCTION platform.wake_dispatcher()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if not pg_try_advisory_xact_lock_shared(7100040) then
    perform pg_notify('freehold_delivery', '');
  end if;
end
$function$;
alter function platform.wake_dispatcher() owner to freehold_owner;
grant execute on function platform.wake_dispatcher() to freehold_dispatcher;
comment on function platform.wake_dispatcher() is 'After new rows in platform.delivery_queue: notifies on channel freehold_delivery, but only if a dispatcher sleeps.';

CREATE OR REPLACE FUNCTION platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((event_types && ARRAY[type, (split_part(type, '.'::text, 1) || '.*'::text), '*'::text]) AND ((channels = '{}'::text[]) OR (channels && ARRAY[channel, ((entity || ':'::text) || entity_id)])) AND (type <> 'webhook_endpoint.tested'::text));
alter function platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid) owner to freehold_owner;
grant execute on function platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid) to freehold_dispatcher;
comment on function platform.wants_event(event_types text[], channels text[], type text, channel text, entity text, entity_id uuid) is 'Whether an endpoint with these event types and channels is told of an event. Each event is in the channel entity:id, and in the one that its entity declares.';

CREATE OR REPLACE FUNCTION platform.write_due(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  delete from platform.due_action d where d.entity = write_due.entity;
  insert into platform.due_action (entity, verb, due_column, states)
  select write_due.entity, a.key, a.value ->> 'column', array(select jsonb_array_elements_text(a.value -> 'states'))
  from platform.entity e, jsonb_each(e.declaration -> 'due') a
  where e.name = write_due.entity;
end
$function$;
alter function platform.write_due(entity text) owner to freehold_owner;
comment on function platform.write_due(entity text) is 'Writes the due actions of an entity.';

CREATE OR REPLACE FUNCTION platform.write_due_functions()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform platform.execute_as('freehold_janitor', $sql$
create or replace function platform.due_rows(most integer default 1000)
returns table (tenant_id uuid, entity text, verb text, id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $due$
declare
  action record;
begin
  for action in
    select d.entity, d.verb, d.due_column, d.states, e.relation
    from platform.due_action d
    join platform.entity e on e.name = d.entity
  loop
    return query execute format(
      'select tenant_id, %L, %L, id from %s where %I <= statement_timestamp() and status = any ($1) order by %I limit $2',
      action.entity, action.verb, action.relation, action.due_column, action.due_column)
    using action.states, most;
  end loop;
end
$due$;
$sql$);
  perform platform.execute_as('freehold_janitor', 'grant execute on function platform.due_rows(integer) to freehold_worker');
  perform platform.execute_as('freehold_janitor', $sql$comment on function platform.due_rows(integer) is
    'Rows of all tenants whose time has come, at most that many for each action. The worker enters the tenant and calls the verb.'$sql$);
end
$function$;
alter function platform.write_due_functions() owner to freehold_owner;
comment on function platform.write_due_functions() is 'Writes platform.due_rows as the janitor, which owns it.';

CREATE OR REPLACE FUNCTION platform.write_event_types(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  declared platform.entity;
  told jsonb;
  noun text := case when entity ~ '^[aeio]' then 'An ' else 'A ' end || replace(entity, '_', ' ');
  schema jsonb;
begin
  select e.* into strict declared from platform.entity e where e.name = write_event_types.entity;
  schema := platform.schema_of(declared.relation::regclass,
    array(select jsonb_array_elements_text(declared.declaration -> 'hidden')));
  select jsonb_object_agg(e.type, coalesce(declared.declaration #>> array['events', 'descriptions', e.type], e.description))
  into told
  from (
    select declared.declaration #>> '{events,created}', format('%s was created.', noun)
    union all
    select declared.declaration #>> '{events,updated}',
      format(case when declared.declaration ? 'lifecycle' then '%s was changed, other than by a step of its lifecycle.' else '%s was changed.' end, noun)
    union all
    select c ->> 'event', coalesce(c ->> 'description', format('%s was changed.', noun))
    from jsonb_array_elements(declared.declaration #> '{events,changed}') c
    union all
    -- two steps may have one event
    select t.event, format('%s became %s.', noun, string_agg(distinct replace(t.to_state, '_', ' '), ' or '))
    from platform.transition t
    where t.entity = write_event_types.entity
    group by t.event
  ) e (type, description);
  -- an event that the entity no longer has; those of platform.declare_event are not its own, and stay
  delete from catalog.event_type t
  where t.entity = write_event_types.entity
    and not told ? t.type
    and not t.recorded;
  insert into catalog.event_type (type, entity, description, schema)
  select t.key, write_event_types.entity, t.value, schema
  from jsonb_each_text(told) t
  on conflict (type) do update
    set (entity, description, schema, recorded) = (excluded.entity, excluded.description, excluded.schema, false);
  delete from platform.event_task et
  using catalog.event_type t
  where et.type = t.type
    and t.entity = write_event_types.entity;
  insert into platform.event_task (type, task)
  select t.key, t.value #>> '{}'
  from jsonb_each(declared.declaration -> 'tasks') t;
end
$function$;
alter function platform.write_event_types(entity text) owner to freehold_owner;
comment on function platform.write_event_types(entity text) is 'Writes the event types of an entity with their JSON Schema, and their internal subscribers.';

CREATE OR REPLACE FUNCTION platform.write_guard(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  declared platform.entity;
  initial text[];
  legal text;
  begins text := '';
  follows text := '';
begin
  select e.* into strict declared from platform.entity e where e.name = write_guard.entity;
  if declared.declaration -> 'lifecycle' is not null then
    initial := array(
      select jsonb_array_elements_text(case jsonb_typeof(declared.declaration #> '{lifecycle,initial}')
        when 'array' then declared.declaration #> '{lifecycle,initial}'
        else jsonb_build_array(declared.declaration #> '{lifecycle,initial}') end));
    begins := format($sql$
  if new.status <> all (%L::text[]) then
    raise exception using
      errcode = 'ZF005',
      message = format('%s cannot begin as %%s', new.status),
      detail = %L;
  end if;$sql$, initial, entity, format('A new one is %s.', array_to_string(initial, ' or ')));
    -- The pairs are written into the function: looking them up cost 5 µs a row, comparing constants is not measurable.
    select string_agg(distinct format('(%L, %L)', t.from_state, t.to_state), ', ')
    into legal
    from platform.transition t
    where t.entity = write_guard.entity;
    follows := format($sql$
  if new.status <> old.status and (old.status, new.status) not in (%s) then
    perform platform.raise_illegal_transition(%L, old.id, old.status, 'become ' || new.status);
  end if;$sql$, coalesce(legal, '(null, null)'), entity);
  end if;

  -- One function for each command and few, large expressions: PL/pgSQL prepares every expression anew in each
  -- transaction, at 2 to 3 µs.
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
set search_path = ''
as $guard$
begin%2$s
  new.version := 1;
  return new;
end
$guard$;
$sql$, entity || '_begin', begins);
  execute format('comment on function generated.%I() is %L', entity || '_begin',
    format('Before a %s is inserted: its version is 1 and its state an initial one.', entity));
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
set search_path = ''
as $guard$
begin
  if (new.tenant_id, new.id, new.version) is distinct from (old.tenant_id, old.id, old.version) then
    perform platform.raise_unchangeable(%2$L, old.id, old.version, new.version);
  end if;%3$s
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := statement_timestamp();
  end if;
  return new;
end
$guard$;
$sql$, entity || '_follow', entity, follows);
  execute format('comment on function generated.%I() is %L', entity || '_follow',
    format('Before a %s is changed: tenant and id are fixed, the version counts, the state follows the lifecycle.', entity));
  execute format('create or replace trigger _100_begin before insert on %s for each row execute function generated.%I()',
    declared.relation, entity || '_begin');
  execute format('create or replace trigger _100_follow before update on %s for each row execute function generated.%I()',
    declared.relation, entity || '_follow');
  execute format('create or replace trigger _100_refuse_delete before delete on %s for each row execute function platform.refuse_delete()',
    declared.relation);
end
$function$;
alter function platform.write_guard(entity text) owner to freehold_owner;
comment on function platform.write_guard(entity text) is 'Writes the guard triggers of an entity: immutability, version, lifecycle, no DELETE.';

CREATE OR REPLACE FUNCTION platform.write_limit(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  declared platform.entity;
  rule jsonb;
  command text;
  counted text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_limit.entity;
  rule := declared.declaration -> 'limit';
  if rule is null then
    for command in
      select g.tgname
      from pg_catalog.pg_trigger g
      where g.tgrelid = declared.relation::regclass
        and g.tgname like '\_800\_limit\_%'
    loop
      execute format('drop trigger %I on %s', command, declared.relation);
    end loop;
    execute format('drop function if exists generated.%I()', entity || '_limit');
    return;
  end if;
  execute format($sql$
create or replace function generated.%1$I()
returns trigger
language plpgsql
security definer
set search_path = ''
as $limit$
declare
  allowed bigint;
  used bigint;
begin
  select e.value
  into allowed
  from catalog.plan_entitlement e
  where e.key = %2$L
    and e.plan = coalesce((select p.plan from platform.tenant_plan p where p.tenant_id = new.tenant_id), 'free');
  if found and allowed is null then
    return null;
  end if;
  -- what a plan does not name is not included
  allowed := coalesce(allowed, 0);
  perform platform.require_tenant(new.tenant_id);
  -- One writer of a limited entity at a time in a tenant: an advisory lock writes nothing, a locked row would.
  -- The count that follows sees what was committed meanwhile: a context holds in READ COMMITTED alone.
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || %2$L, 0));
  used := %3$s;
  if used > allowed then
    raise exception using
      errcode = 'ZF007',
      message = format('the plan allows %%s %2$s', allowed),
      detail = format('%%s would be in use.', used);
  end if;
  return null;
end
$limit$;
$sql$, entity || '_limit', rule ->> 'entitlement', rule ->> 'usage');
  execute format('comment on function generated.%I() is %L', entity || '_limit',
    format('After a %s begins to count: no more than the plan''s %s.', entity, rule ->> 'entitlement'));
  -- Only what begins to count is counted.
  counted := rule ->> 'counted';
  execute format('create or replace trigger _800_limit_insert after insert on %s for each row when (%s) execute function generated.%I()',
    declared.relation, counted, entity || '_limit');
  execute format('create or replace trigger _800_limit_update after update of status on %s for each row when (%s and not (%s)) execute function generated.%I()',
    declared.relation, counted, regexp_replace(counted, '\mnew\.', 'old.', 'g'), entity || '_limit');
end
$function$;
alter function platform.write_limit(entity text) owner to freehold_owner;
comment on function platform.write_limit(entity text) is 'Writes the trigger that holds an entity to its entitlement. counted: a condition over new, without subqueries; usage: SQL that gives the number in use.';

CREATE OR REPLACE FUNCTION platform.write_permissions(entity text, permissions jsonb, sentence text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  verb record;
begin
  delete from platform.role_permission rp
  using platform.permission p
  where rp.permission = p.key
    and p.entity = write_permissions.entity;
  delete from platform.permission p
  where p.entity = write_permissions.entity
    and not permissions ? split_part(p.key, ':', 2);
  for verb in select key as name, value as roles from jsonb_each(permissions) loop
    -- not "on conflict": it would spend a number each time, and claims are as long as the numbers are high
    insert into platform.permission (key, entity, description)
    select entity || ':' || verb.name, entity, format(sentence, replace(verb.name, '_', ' '), replace(entity, '_', ' '))
    where not exists (select from platform.permission p where p.key = write_permissions.entity || ':' || verb.name);
    insert into platform.role_permission (role, permission)
    select r, entity || ':' || verb.name
    from jsonb_array_elements_text(case jsonb_typeof(verb.roles) when 'array' then verb.roles else jsonb_build_array(verb.roles) end) r;
  end loop;
end
$function$;
alter function platform.write_permissions(entity text, permissions jsonb, sentence text) owner to freehold_owner;
comment on function platform.write_permissions(entity text, permissions jsonb, sentence text) is 'Writes who may do what: {"read": "viewer", "pay": ["billing"], "expire": []}. An empty list leaves a verb to the system.';

CREATE OR REPLACE FUNCTION platform.write_policies(entity text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  declared platform.entity;
  own constant text := 'tenant_id = platform.tenant_id()';
  verb text;
  permission platform.permission;
  guard text;
  shown text := '';
  policy record;
begin
  select e.* into strict declared from platform.entity e where e.name = write_policies.entity;

  execute format('alter table %s enable row level security, force row level security', declared.relation);
  for policy in
    select p.polname from pg_catalog.pg_policy p where p.polrelid = declared.relation::regclass
  loop
    execute format('drop policy %I on %s', policy.polname, declared.relation);
  end loop;

  -- Requests: own tenant, a verified context, and the permission of the command.
  -- tenant_id() is a setting, which a statement can change under way: it serves the index and the estimate, and proves nothing.
  -- The proof is the tenant that was verified, once a statement, in the InitPlan. Each row is compared with it by a function call, not
  -- by =, for the planner may put one equal expression in the place of another, and would trust the setting again.
  -- Tried: tenant_id = any (array(select ...)), which no equivalence replaces and the index takes: a count of many rows costs 1.06
  -- instead of 1.16, and EXPLAIN ANALYZE counts no row of another tenant. But the planner multiplies the two conditions, expects a row
  -- or two of a tenant whatever its size, and takes any index for any other: an update by id went through that of lead_id.
  if declared.declaration ->> 'concealed' is not null then
    shown := (
      select string_agg(format(' and status <> %L', s), '')
      from jsonb_array_elements_text(declared.declaration -> 'concealed') s);
  end if;
  if (declared.declaration ->> 'retained')::boolean then
    shown := shown || ' and id >= (select platform.retention_floor())';
  end if;
  foreach verb in array array['select', 'insert', 'update', 'delete'] loop
    select p.*
    into permission
    from platform.permission p
    where p.key = write_policies.entity || ':' || case verb when 'select' then 'read' when 'insert' then 'create' else verb end;
    continue when not found;
    guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v where platform.allows(%L, %s)))',
      own, permission.key, permission.number);
    execute format('create policy %I on %s as permissive for %s to freehold_user %s',
      'request_' || verb, declared.relation, verb,
      case verb
        when 'select' then format('using (%s%s)', guard, shown)
        when 'insert' then format('with check (%s)', guard)
        -- the row was reached through USING, which verified the context for this statement: 40 µs saved
        when 'update' then format('using (%s%s) with check (%s)', guard, shown, own)
        else format('using (%s%s)', guard, shown)
      end);
  end loop;

  -- Definer functions of the owner check their permission by name; here they are held to the verified tenant.
  guard := format('%s and uuid_eq(tenant_id, (select v.tenant_id from platform.verified_context v))', own);
  execute format('create policy definer_select on %s as permissive for select to freehold_owner using (%s)', declared.relation, guard);
  execute format('create policy definer_insert on %s as permissive for insert to freehold_owner with check (%s)', declared.relation, guard);
  execute format('create policy definer_update on %s as permissive for update to freehold_owner using (%s) with check (%s)',
    declared.relation, guard, own);
  execute format('create policy definer_delete on %s as permissive for delete to freehold_owner using (%s)', declared.relation, guard);

  execute format('revoke all on %s from freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor', declared.relation);
  -- Narrow roles of the platform's own functions that cross tenants: {"freehold_janitor": ["select"]}.
  for policy in
    select r.key as role, v.value as command
    from jsonb_each(coalesce(declared.declaration -> 'across', '{}')) r,
      jsonb_array_elements_text(r.value) v
  loop
    execute format('create policy %I on %s as permissive for %s to %I %s',
      policy.role || '_' || policy.command, declared.relation, policy.command, policy.role,
      case policy.command
        when 'insert' then 'with check (true)'
        when 'update' then 'using (true) with check (true)'
        else 'using (true)'
      end);
    execute format('grant %s on %s to %I', policy.command, declared.relation, policy.role);
  end loop;

  return platform.policies_of(declared.relation::regclass);
end
$function$;
alter function platform.write_policies(entity text) owner to freehold_owner;
comment on function platform.write_policies(entity text) is 'Enables and forces row-level security on a declared table and writes its policies anew. Returns them as text, which platform.violations() compares.';

CREATE OR REPLACE FUNCTION platform.write_record(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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

  perform platform.write_record_function(entity, 'insert', quote_literal(declared.declaration #>> '{events,created}'), 'null', pairs,
    declared.declaration ->> 'channel');
  perform platform.write_record_function(entity, 'update',
    case when choice = '' then quote_literal(declared.declaration #>> '{events,updated}')
    else format('case%s else %L end', choice, declared.declaration #>> '{events,updated}') end,
    '''{}''::jsonb' || coalesce(changes, ''), pairs, declared.declaration ->> 'channel');
end
$function$;
alter function platform.write_record(entity text) owner to freehold_owner;
comment on function platform.write_record(entity text) is 'Writes the triggers that record each change of an entity as an event.';

CREATE OR REPLACE FUNCTION platform.write_record_event()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
  if not exists (select from catalog.event_type t where t.type = record_event.type) then
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
$function$;
alter function platform.write_record_event() owner to freehold_owner;
comment on function platform.write_record_event() is 'Writes platform.record_event as the recorder, which owns it.';

CREATE OR REPLACE FUNCTION platform.write_record_function(entity text, command text, event_type text, former text, pairs text, channel text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
    tenant_id, type, entity, entity_id, entity_version, data, previous%7$s,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s%8$s,
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
    tenant_id, type, entity, entity_id, entity_version, data, previous%7$s, actor_type)
  values (
    new.tenant_id, %3$s, %4$L, new.id, new.version, jsonb_build_object(%5$s), %6$s%8$s, 'operator');
  return null;
end
$record$;
$sql$,
    name,
    -- an update that changes nothing is not an event: the guard left its version as it was
    case command when 'update' then E'\n  if new.version = old.version then\n    return null;\n  end if;' else '' end,
    event_type, entity, pairs, former,
    case when channel is not null then ', channel' else '' end, coalesce(', ' || channel, '')));
  perform platform.execute_as('freehold_recorder', format('comment on function generated.%I() is %L',
    name, format('After each %s of %s: one event.', command, entity)));
  perform platform.execute_as('freehold_recorder',
    format('grant execute on function generated.%I() to freehold_owner', name));
  execute format('create or replace trigger %I after %s on %s for each row execute function generated.%I()',
    '_900_record_' || command, command, relation, name);
end
$function$;
alter function platform.write_record_function(entity text, command text, event_type text, former text, pairs text, channel text) owner to freehold_owner;
comment on function platform.write_record_function(entity text, command text, event_type text, former text, pairs text, channel text) is 'Writes the trigger that records one command on an entity as an event, owned by the narrow role that may insert events.';

CREATE OR REPLACE FUNCTION platform.write_transitions(entity text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  declared platform.entity;
  verb record;
  function_name text;
begin
  select e.* into strict declared from platform.entity e where e.name = write_transitions.entity;
  for verb in
    select t.name,
      min(t.to_state) as to_state,
      array_agg(t.from_state order by t.from_state) as from_states,
      min(t.event) as event,
      declared.declaration #>> array['lifecycle', 'transitions', t.name, 'description'] as description,
      min(p.number) as permission_number
    from platform.transition t
    join platform.permission p on p.key = t.entity || ':' || t.name
    where t.entity = write_transitions.entity
      -- a verb with arguments or effects of its own is written by hand, in the entity's folder
      and not coalesce((declared.declaration #>> array['lifecycle', 'transitions', t.name, 'handwritten'])::boolean, false)
    group by t.name
  loop
    function_name := format('app.%I', verb.name || '_' || entity);
    execute format($sql$
create or replace function %1$s(id uuid, expected_version integer default null)
returns %2$s
language plpgsql
volatile
security definer
set search_path = ''
as $verb$
#variable_conflict use_column
declare
  found_status text;
  result %2$s;
begin
  update %2$s
  set status = %4$L,
    version = coalesce(%5$I.expected_version, version)
  where tenant_id = platform.tenant_id()
    and id = %5$I.id
    and status = any (%6$L)
    -- The policy verifies the context. As an IF of its own this took 15 µs: PL/pgSQL prepares each expression anew in each transaction.
    and platform.allows(%3$L, %10$s)
  returning * into result;
  if not found then
    -- tells what is wrong, if it is the caller
    perform platform.require(%3$L);
    select status into found_status from %2$s where tenant_id = platform.tenant_id() and id = %5$I.id;
    if not found then
      raise exception using
        errcode = 'ZF004',
        message = 'there is no such %7$s',
        detail = format('%7$s %%s', %5$I.id);
    end if;
    perform platform.raise_illegal_transition(%7$L, %5$I.id, found_status, %8$L);
  end if;%9$s
  return result;
end
$verb$;
$sql$,
      function_name, declared.relation, entity || ':' || verb.name, verb.to_state, verb.name || '_' || entity,
      verb.from_states, entity, verb.name,
      (select coalesce(string_agg(format(E'\n  result.%I := null;', h), ''), '')
       from jsonb_array_elements_text(declared.declaration -> 'hidden') h),
      verb.permission_number);
    execute format('comment on function %s(uuid, integer) is %L', function_name,
      -- a verb that is the system's alone is no mutation of the API
      case when declared.declaration #> array['permissions', verb.name] = '[]' then E'@behavior -mutationField\n' else '' end
      || coalesce(verb.description, format('Takes a %s from %s to %s.', entity, array_to_string(verb.from_states, ' or '), verb.to_state))
      || format(' Event: %s. Permission: %s:%s.', verb.event, entity, verb.name));
    execute format('grant execute on function %s(uuid, integer) to freehold_user', function_name);
  end loop;
end
$function$;
alter function platform.write_transitions(entity text) owner to freehold_owner;
comment on function platform.write_transitions(entity text) is 'Writes one function for each verb of the lifecycle: app.archive_project(id, expected_version). Errors: ZF003, ZF004, ZF005, ZF006.';

-- ======== public ==========================================================================

create schema public authorization pg_database_owner;
comment on schema public is 'standard public schema';
