-- The roles of Freehold, for the whole cluster. Idempotent; run by db/cluster.ts as an administrator: a superuser, or
-- a role with CREATEROLE on PostgreSQL 16 or newer (managed services), in one transaction that holds an advisory lock.
-- Passwords arrive as SCRAM verifiers in settings of this transaction, so that no log of statements shows one.

create or replace function pg_temp.ensure_role(name text, login boolean)
returns void
language plpgsql
as $$
declare
  existing pg_catalog.pg_roles;
begin
  select * into existing from pg_catalog.pg_roles where rolname = name;
  if not found then
    execute pg_catalog.format('create role %I %s', name, case when login then 'login' else 'nologin' end);
    return;
  end if;
  -- A role that can step over row-level security is never repaired silently: someone made it so, and must know.
  if existing.rolsuper or existing.rolbypassrls or existing.rolcreaterole or existing.rolreplication then
    raise exception 'role % has SUPERUSER, BYPASSRLS, CREATEROLE or REPLICATION, so row-level security would not bind it', name
      using hint = pg_catalog.format('alter role %I nosuperuser nobypassrls nocreaterole noreplication', name);
  end if;
  if existing.rolcanlogin <> login then
    execute pg_catalog.format('alter role %I %s', name, case when login then 'login' else 'nologin' end);
  end if;
end
$$;

-- Logins. What each may do is granted in db/, object by object.
select pg_temp.ensure_role('freehold_owner', true);
select pg_temp.ensure_role('freehold_gate', true);
select pg_temp.ensure_role('freehold_app', true);
select pg_temp.ensure_role('freehold_worker', true);
-- The role in which requests run.
select pg_temp.ensure_role('freehold_user', false);
-- Owners of the few functions that look across tenants: one task each.
select pg_temp.ensure_role('freehold_resolver', false);
select pg_temp.ensure_role('freehold_recorder', false);
select pg_temp.ensure_role('freehold_dispatcher', false);
select pg_temp.ensure_role('freehold_janitor', false);

comment on role freehold_owner is 'Owns the schemas and runs migrations. Row-level security is forced, so it binds this role too.';
comment on role freehold_gate is 'May only execute identity.resolve(): turns a credential into a signed context.';
comment on role freehold_app is 'The server''s pool. Has no rights of its own: a request becomes freehold_user.';
comment on role freehold_worker is 'The worker''s pool: deliveries and scheduled jobs.';
comment on role freehold_user is 'The role in which requests run, inside a signed context.';
comment on role freehold_resolver is 'Owns identity.resolve() and what it reads.';
comment on role freehold_recorder is 'Owns the functions that write events.';
comment on role freehold_dispatcher is 'Owns the functions that claim and settle deliveries.';
comment on role freehold_janitor is 'Owns the functions that find what is due, closed or forgotten.';

-- Membership lets a login become the role (SET), never act as it unasked (INHERIT).
grant freehold_user to freehold_app, freehold_worker with inherit false, set true;
-- Whoever hands a function to a role must be able to become that role.
grant freehold_resolver, freehold_recorder, freehold_dispatcher, freehold_janitor
  to freehold_owner with inherit false, set true;

do $$
declare
  login text;
  verifier text;
begin
  foreach login in array array['freehold_owner', 'freehold_gate', 'freehold_app', 'freehold_worker'] loop
    verifier := pg_catalog.current_setting('freehold_setup.' || login, true);
    if verifier <> '' then
      execute pg_catalog.format('alter role %I password %L', login, verifier);
    end if;
    -- Every name in the project is qualified; an empty path makes a forgotten one fail at once, and nothing can
    -- be slipped in between.
    execute pg_catalog.format('alter role %I set search_path = %L', login, '');
    execute pg_catalog.format('alter role %I set timezone = %L', login, 'UTC');
    -- Compiling costs tens of milliseconds, and the queries of requests take less than one.
    execute pg_catalog.format('alter role %I set jit = off', login);
  end loop;
end
$$;

alter role freehold_gate set statement_timeout = '5s';
alter role freehold_gate set idle_in_transaction_session_timeout = '5s';
alter role freehold_app set lock_timeout = '5s';
alter role freehold_app set idle_in_transaction_session_timeout = '15s';
alter role freehold_worker set lock_timeout = '15s';
alter role freehold_worker set idle_in_transaction_session_timeout = '60s';

do $$
begin
  execute pg_catalog.format(
    'alter role freehold_app set statement_timeout = %L',
    pg_catalog.current_setting('freehold_setup.app_statement_timeout_ms')
  );
  execute pg_catalog.format(
    'alter role freehold_worker set statement_timeout = %L',
    pg_catalog.current_setting('freehold_setup.worker_statement_timeout_ms')
  );
end
$$;
