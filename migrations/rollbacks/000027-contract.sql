--! Undoes: sha1:1428825a136ee03c844f7dd212b0484a66b894ea
--! Loses: the rows of platform.exposed_function, schema api_v1, schema api_v1_20260601

-- Undoes "contract".
set local check_function_bodies = off;
update platform.entity set declaration = '{"due": {"renew": {"column": "current_period_end", "states": ["active"]}, "activate": {"column": "trial_ends_at", "states": ["trialing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [{"when": "new.plan <> old.plan and catalog.plan_rank(new.plan) > catalog.plan_rank(old.plan)", "event": "subscription.upgraded", "description": "The subscription went to a higher plan."}, {"when": "new.plan <> old.plan", "event": "subscription.downgraded", "description": "The subscription went to a lower plan."}, {"when": "new.period > old.period", "event": "subscription.renewed", "description": "A new period of the subscription began."}], "created": "subscription.created", "updated": "subscription.updated", "descriptions": {"subscription.paused": "A subscription was set aside: nothing is charged, and the free plan holds.", "subscription.created": "A subscription began, with a trial when its plan has one.", "subscription.resumed": "A paused subscription goes on, and its plan holds again.", "subscription.updated": "A subscription was changed in a way that has no event of its own: a downgrade waits for the next period.", "subscription.canceled": "A subscription ended, and the free plan holds.", "subscription.past_due": "A payment failed; the plan still holds.", "subscription.activated": "A trial turned into a paid subscription, or what was past due was paid."}}, "hidden": [], "lifecycle": {"initial": ["trialing", "active"], "transitions": {"pause": {"to": "paused", "from": ["active"], "event": "subscription.paused", "description": "Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds."}, "cancel": {"to": "canceled", "from": ["trialing", "active", "past_due", "paused"], "event": "subscription.canceled", "description": "Ends the subscription now; the free plan holds from then on."}, "resume": {"to": "active", "from": ["paused"], "event": "subscription.resumed", "handwritten": true}, "recover": {"to": "active", "from": ["past_due"], "event": "subscription.activated"}, "activate": {"to": "active", "from": ["trialing"], "event": "subscription.activated", "handwritten": true}, "mark_past_due": {"to": "past_due", "from": ["active"], "event": "subscription.past_due"}}}, "permissions": {"read": "viewer", "pause": "billing", "renew": [], "cancel": "billing", "resume": "billing", "recover": [], "upgrade": "billing", "activate": [], "downgrade": "billing", "mark_past_due": []}}' where name = 'subscription';
update platform.entity set declaration = '{"across": {"freehold_recorder": ["insert", "select"], "freehold_dispatcher": ["select"]}, "hidden": [], "retained": true, "permissions": {"read": ["admin"]}}' where name = 'event';
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "invoice.created", "updated": "invoice.updated", "descriptions": {"invoice.paid": "An invoice was paid.", "invoice.voided": "An invoice was withdrawn; its number stays.", "invoice.created": "An invoice was begun as a draft, which may still change.", "invoice.updated": "The draft of an invoice was changed.", "invoice.finalized": "An invoice got its number and its dates; it is fixed, and waits for payment.", "invoice.marked_uncollectible": "An invoice was given up; it can still be paid, or voided."}}, "hidden": [], "channel": "''subscription:'' || new.subscription_id", "lifecycle": {"initial": "draft", "transitions": {"pay": {"to": "paid", "from": ["open", "uncollectible"], "event": "invoice.paid"}, "void": {"to": "void", "from": ["open", "uncollectible"], "event": "invoice.voided"}, "finalize": {"to": "open", "from": ["draft"], "event": "invoice.finalized"}, "mark_uncollectible": {"to": "uncollectible", "from": ["open"], "event": "invoice.marked_uncollectible"}}}, "permissions": {"pay": [], "read": ["billing", "admin"], "void": [], "finalize": [], "mark_uncollectible": []}}' where name = 'invoice';
update platform.entity set declaration = '{"across": {}, "hidden": [], "retained": false, "permissions": {"read": ["billing", "admin"]}}' where name = 'invoice_line';
update platform.entity set declaration = '{"due": {}, "limit": {"usage": "app.projects_used()", "counted": "new.status <> ''deleted''", "entitlement": "projects"}, "tasks": {}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "project.created", "updated": "project.updated", "descriptions": {"project.created": "A project was begun.", "project.deleted": "A project was removed from view for good.", "project.updated": "The name, the description or the lead of a project was changed.", "project.archived": "A project was put away; it can be restored.", "project.restored": "An archived project was taken up again."}}, "hidden": [], "concealed": ["deleted"], "lifecycle": {"initial": "active", "concealed": ["deleted"], "transitions": {"delete": {"to": "deleted", "from": ["active", "archived"], "event": "project.deleted", "description": "Removes a project from view for good."}, "archive": {"to": "archived", "from": ["active"], "event": "project.archived", "description": "Puts a project away; it can be restored."}, "restore": {"to": "active", "from": ["archived"], "event": "project.restored", "description": "Takes an archived project up again."}}}, "permissions": {"read": "viewer", "create": "member", "delete": "admin", "update": "member", "archive": "member", "restore": "member"}}' where name = 'project';
update platform.entity set declaration = '{"due": {}, "tasks": {"webhook_endpoint.failing": "notify_endpoint_owners", "webhook_endpoint.disabled": "notify_endpoint_owners"}, "across": {"freehold_janitor": ["select"], "freehold_dispatcher": ["select"]}, "events": {"changed": [], "created": "webhook_endpoint.created", "updated": "webhook_endpoint.updated", "descriptions": {"webhook_endpoint.created": "A webhook endpoint was made. Its signing secret is in no event.", "webhook_endpoint.enabled": "A webhook endpoint was enabled, and what happens from now on is delivered to it.", "webhook_endpoint.updated": "What a webhook endpoint is told of, where, or how, was changed.", "webhook_endpoint.disabled": "A webhook endpoint was disabled, and nothing is delivered to it."}}, "hidden": [], "lifecycle": {"initial": "enabled", "transitions": {"enable": {"to": "enabled", "from": ["disabled"], "event": "webhook_endpoint.enabled", "description": "Begins deliveries of what happens from now on."}, "disable": {"to": "disabled", "from": ["enabled"], "event": "webhook_endpoint.disabled", "description": "Stops deliveries to an endpoint; those under way are given up and can be resent."}, "give_up": {"to": "disabled", "from": ["enabled"], "event": "webhook_endpoint.disabled", "handwritten": true}}}, "permissions": {"read": "admin", "create": "admin", "enable": "admin", "update": "admin", "disable": "admin", "give_up": []}}' where name = 'webhook_endpoint';
update platform.entity set declaration = '{"across": {"freehold_dispatcher": ["select", "update"]}, "hidden": ["sealed_key"], "retained": false, "permissions": {"read": "admin"}}' where name = 'webhook_signing_key';
update platform.entity set declaration = '{"across": {"freehold_dispatcher": ["select", "update"]}, "hidden": ["sealed_value"], "retained": false, "permissions": {"read": "admin"}}' where name = 'webhook_header';
update platform.entity set declaration = '{"across": {"freehold_dispatcher": ["select", "insert", "update"]}, "hidden": [], "retained": true, "permissions": {"read": "admin", "resend": "admin"}}' where name = 'delivery';
update platform.entity set declaration = '{"across": {"freehold_dispatcher": ["select", "insert"]}, "hidden": [], "retained": true, "permissions": {"read": "admin"}}' where name = 'delivery_attempt';
update platform.entity set declaration = '{"due": {}, "tasks": {"webhook_replay.requested": "replay_events"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "webhook_replay.requested", "updated": "webhook_replay.updated", "descriptions": {"webhook_replay.failed": "A replay could not be gone on with: queued says how far it came.", "webhook_replay.updated": "A replay went on: queued counts the deliveries that it has made so far.", "webhook_replay.canceled": "A replay was stopped, by somebody or because its endpoint was disabled; what it had queued is delivered.", "webhook_replay.completed": "All events of a replay were queued for delivery.", "webhook_replay.requested": "Somebody asked that the events of a time be sent to an endpoint, once more or for the first time."}}, "hidden": [], "lifecycle": {"initial": "running", "transitions": {"fail": {"to": "failed", "from": ["running"], "event": "webhook_replay.failed", "description": "The replay could not be gone on with; a new one may begin where it ended."}, "cancel": {"to": "canceled", "from": ["running"], "event": "webhook_replay.canceled", "description": "Stops a replay; what it has queued already is delivered."}, "complete": {"to": "completed", "from": ["running"], "event": "webhook_replay.completed", "description": "All of it was queued for delivery."}}}, "permissions": {"fail": [], "read": "admin", "cancel": "admin", "create": "admin", "complete": []}}' where name = 'webhook_replay';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["active"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "api_key.created", "updated": "api_key.updated", "descriptions": {"api_key.created": "An API key was made. Its secret is in no event.", "api_key.expired": "The time of an API key is over, and it opens nothing any more.", "api_key.revoked": "An API key was revoked, and opens nothing from its next use on.", "api_key.updated": "An API key was given another name, other networks, or, when it was rotated, an end."}}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"expire": {"to": "expired", "from": ["active"], "event": "api_key.expired"}, "revoke": {"to": "revoked", "from": ["active"], "event": "api_key.revoked", "description": "Ends a key from its next use on."}}}, "permissions": {"read": "admin", "create": "admin", "expire": [], "revoke": "admin", "update": "admin"}}' where name = 'api_key';
update platform.entity set declaration = '{"due": {"finish_closing": {"column": "closes_at", "states": ["closing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [{"when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)", "event": "tenant.security_changed", "description": "What a tenant demands of those who sign in, or whom it admits, was changed."}], "created": "tenant.created", "updated": "tenant.updated", "descriptions": {"tenant.closed": "A tenant ended with its grace period, and what it had is deleted.", "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.", "tenant.created": "A tenant was made, and is being set up.", "tenant.updated": "A tenant was given another name.", "tenant.activated": "A tenant was set up, and is in use.", "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.", "tenant.reactivated": "A suspended tenant is in use again."}}, "hidden": [], "lifecycle": {"initial": "provisioning", "transitions": {"close": {"to": "closing", "from": ["active", "suspended"], "event": "tenant.closing", "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."}, "suspend": {"to": "suspended", "from": ["active"], "event": "tenant.suspended"}, "activate": {"to": "active", "from": ["provisioning"], "event": "tenant.activated"}, "reactivate": {"to": "active", "from": ["suspended"], "event": "tenant.reactivated"}, "finish_closing": {"to": "closed", "from": ["closing"], "event": "tenant.closed"}}}, "permissions": {"read": "viewer", "close": "owner", "update": "owner", "suspend": [], "activate": [], "reactivate": [], "finish_closing": []}}' where name = 'tenant';
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "impersonation.began", "updated": "impersonation.updated", "descriptions": {"impersonation.began": "Support began to act as a member of the tenant, for the reason that it gives.", "impersonation.updated": "Never recorded: an impersonation does not change."}}, "hidden": [], "permissions": {"read": "admin"}}' where name = 'impersonation';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["exported"]}}, "tasks": {"report.requested": "export_report"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "report.requested", "updated": "report.updated", "descriptions": {"report.failed": "A report could not be made; error says why.", "report.expired": "The content of a report was deleted; it can no longer be downloaded.", "report.started": "The worker began to make a report.", "report.exported": "A report is ready, and can be downloaded until expires_at.", "report.requested": "A report was asked for, and waits for the worker."}}, "hidden": [], "lifecycle": {"initial": "requested", "transitions": {"fail": {"to": "failed", "from": ["requested", "running"], "event": "report.failed", "handwritten": true}, "start": {"to": "running", "from": ["requested", "running"], "event": "report.started", "handwritten": true}, "expire": {"to": "expired", "from": ["exported"], "event": "report.expired", "handwritten": true}, "finish": {"to": "exported", "from": ["running"], "event": "report.exported", "handwritten": true}}}, "permissions": {"fail": [], "read": "admin", "start": [], "create": "admin", "expire": [], "finish": []}}' where name = 'report';
update platform.entity set declaration = '{"due": {}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [], "created": "role.created", "updated": "role.updated", "descriptions": {"role.created": "The tenant was given a role of its own.", "role.deleted": "A role of the tenant ended.", "role.updated": "A role was given another name, or other permissions, which its members have from their next statement on."}}, "hidden": [], "concealed": ["deleted"], "lifecycle": {"initial": "active", "concealed": ["deleted"], "transitions": {"delete": {"to": "deleted", "from": ["active"], "event": "role.deleted", "description": "Ends a role that nobody has, and nothing gives."}}}, "permissions": {"read": "viewer", "create": "admin", "delete": "admin", "update": "admin"}}' where name = 'role';
update platform.entity set declaration = '{"due": {}, "tasks": {"group_role.created": "follow_groups", "group_role.deleted": "follow_groups", "group_role.updated": "follow_groups"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "group_role.created", "updated": "group_role.updated", "descriptions": {"group_role.created": "A group of the directory was given a role.", "group_role.deleted": "A group of the directory gives no role any more.", "group_role.updated": "Another role, name or position was given to a group of the directory."}}, "hidden": [], "concealed": ["deleted"], "lifecycle": {"initial": "active", "concealed": ["deleted"], "transitions": {"delete": {"to": "deleted", "from": ["active"], "event": "group_role.deleted", "description": "Ends what a group gives: its members have the role from before, unless another group gives one."}}}, "permissions": {"read": "admin", "create": "admin", "delete": "admin", "update": "admin"}}' where name = 'group_role';
update platform.entity set declaration = '{"due": {}, "limit": {"usage": "app.seats_used()", "counted": "new.status <> ''removed''", "entitlement": "seats"}, "tasks": {"user.removed": "tell_provider", "user.suspended": "tell_provider", "user.reactivated": "tell_provider"}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [{"when": "new.role <> old.role", "event": "user.role_changed", "description": "A member was given another role."}], "created": "user.joined", "updated": "user.updated", "descriptions": {"user.joined": "A person became a member of the tenant.", "user.removed": "A member left the tenant, or was removed from it, for good.", "user.updated": "The name or the address of a member was changed.", "user.suspended": "A member was locked out, from their next request on.", "user.reactivated": "A suspended member was let in again."}}, "hidden": [], "lifecycle": {"initial": "active", "transitions": {"remove": {"to": "removed", "from": ["active", "suspended"], "event": "user.removed", "description": "Ends a membership for good; the person can be invited again."}, "suspend": {"to": "suspended", "from": ["active"], "event": "user.suspended", "description": "Locks a member out from their next request on."}, "reactivate": {"to": "active", "from": ["suspended"], "event": "user.reactivated", "description": "Lets a suspended member in again."}}}, "permissions": {"read": "viewer", "remove": "admin", "update": "admin", "suspend": "admin", "reactivate": "admin"}}' where name = 'membership';
update platform.entity set declaration = '{"due": {"expire": {"column": "expires_at", "states": ["pending"]}}, "limit": {"usage": "app.seats_used()", "counted": "new.status = ''pending''", "entitlement": "seats"}, "tasks": {"user.invited": "tell_provider", "invitation.resent": "tell_provider", "invitation.revoked": "tell_provider"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [{"when": "new.expires_at > old.expires_at", "event": "invitation.resent", "description": "An invitation was sent again, and can be accepted for longer."}], "created": "user.invited", "updated": "invitation.updated", "descriptions": {"user.invited": "A person was invited to join the tenant, and a seat is held for them.", "invitation.expired": "An invitation was not accepted in time, and its seat is free.", "invitation.revoked": "An invitation was taken back, and its seat is free.", "invitation.updated": "Never recorded: an invitation is sent again, or ends.", "invitation.accepted": "The person who was invited joined the tenant."}}, "hidden": [], "lifecycle": {"initial": "pending", "transitions": {"accept": {"to": "accepted", "from": ["pending"], "event": "invitation.accepted", "handwritten": true}, "expire": {"to": "expired", "from": ["pending"], "event": "invitation.expired"}, "revoke": {"to": "revoked", "from": ["pending"], "event": "invitation.revoked", "description": "Takes an invitation back and frees its seat."}}}, "permissions": {"read": "member", "accept": [], "create": "admin", "expire": [], "resend": "admin", "revoke": "admin"}}' where name = 'invitation';
drop table platform.exposed_function;
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
  where (nspname = 'identity' or name = 'platform.counter')
    and grantee::regrole::text in (select platform.runtime_roles()::text)
  union all
  select 'secret_grant', format('%s.%s to %s', g.name, a.attname, r), 'Hide the column in the declaration: what is sealed is read by narrow roles alone.'
  from (select distinct oid, name from grants) g
  join pg_catalog.pg_attribute a on a.attrelid = g.oid and a.atttypid = 'platform.sealed'::regtype
  cross join platform.runtime_roles() r
  where has_column_privilege(r, g.oid, a.attnum, 'select')
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
drop routine platform.checked_schema(relation regclass, column_name name);
drop routine platform.contract_comment(told text);
drop routine platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb, channel text, resource jsonb);
drop routine platform.declare_record(relation regclass, permissions jsonb, hidden text[], across jsonb, retained boolean, resource jsonb);
drop routine platform.describe_api();
drop routine platform.described_functions(schema name);
drop routine platform.described_resources(schema name);
drop routine platform.described_type(type oid);
drop routine platform.drop_contract(entity text);
create or replace function platform.drop_transitions(entity text, lifecycle jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
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
$$;
drop routine platform.expose_function(target regprocedure, route text, resource text, renamed jsonb, name text);
drop routine platform.grant_contract(entity text);
create or replace function platform.table_violations()
returns table (rule text, object text, remedy text)
language sql
stable
set search_path = ''
begin atomic
  with app_table as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, e.kind, e.policies, e.grants
    from pg_catalog.pg_class c
    left join platform.entity e on e.relation = c.oid::regclass::text
    where c.relnamespace = 'app'::regnamespace
      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  ),
  tenant_table as (
    select * from app_table where relkind in ('r', 'p') and not relispartition and kind is distinct from 'states'
  ),
  tenant_column as (
    select t.oid, t.name, a.attnum, a.attnotnull, a.atttypid
    from tenant_table t
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  )
  select 'undeclared_table', name, 'Declare it with platform.declare_entity or platform.declare_record.'
  from tenant_table
  where kind is null
  union all
  select 'no_tenant_id', name, 'Add tenant_id uuid not null default platform.tenant_id().'
  from tenant_column
  where attnum is null or not attnotnull or atttypid <> 'uuid'::regtype
  union all
  select 'row_security_off', name, 'Enable and force row-level security: declare the table again.'
  from app_table
  where relkind in ('r', 'p') and kind is distinct from 'states' and not (relrowsecurity and relforcerowsecurity)
  union all
  select 'policies_changed', name, 'Policies are written by platform.write_policies alone: declare the table again.'
  from tenant_table
  where kind is not null and policies is distinct from platform.policies_of(oid)
  union all
  select distinct 'permission_number', t.name || ' ' || named.says[1], 'The policy asks for the number of another permission: declare the table again.'
  from tenant_table t
  cross join regexp_matches(platform.policies_of(t.oid), 'allows\(''([^'']+)''::text, (\d+)\)', 'g') named (says)
  where not exists (select from platform.permission p where p.key = named.says[1] and p.number::text = named.says[2])
  union all
  select 'policy_on_partition', name, 'A partition is reached through its parent only: drop the policy.'
  from app_table t
  where t.relispartition and exists (select from pg_catalog.pg_policy p where p.polrelid = t.oid)
  union all
  select 'key_without_tenant', t.name || ' ' || i.indexrelid::regclass::text, 'Begin the key or index with tenant_id.'
  from tenant_column t
  join pg_catalog.pg_index i on i.indrelid = t.oid
  where i.indkey[0] is distinct from t.attnum
  union all
  select 'primary_key', t.name, 'Use primary key (tenant_id, id).'
  from tenant_table t
  where not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = t.oid and k.contype = 'p' and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')
  union all
  select 'foreign_key_without_tenant', t.name || ' ' || k.conname, 'Reference (tenant_id, x_id): a single column lets a tenant point at another''s row.'
  from tenant_column t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  join tenant_column target on target.oid = k.confrelid
  where k.conkey[1] <> t.attnum or k.confkey[1] <> target.attnum
  union all
  select 'foreign_key_action', t.name || ' ' || k.conname, 'Use no action, restrict or cascade: set null would clear tenant_id.'
  from tenant_table t
  join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  where k.confdeltype in ('n', 'd') or k.confupdtype <> 'a'
  union all
  select 'missing_trigger', t.name || ' ' || needed.name, 'Declare the entity again; do not drop or replace its triggers.'
  from tenant_table t
  cross join lateral (
    select split_part(t.name, '.', 2) as entity
  ) e
  cross join lateral (values
    ('entity', '_100_begin'::name, 'generated.' || quote_ident(e.entity || '_begin')),
    ('entity', '_100_follow', 'generated.' || quote_ident(e.entity || '_follow')),
    ('entity', '_100_refuse_delete', 'platform.refuse_delete'),
    ('entity', '_900_record_insert', 'generated.' || quote_ident(e.entity || '_record_insert')),
    ('entity', '_900_record_update', 'generated.' || quote_ident(e.entity || '_record_update')),
    ('record', '_100_keep_tenant', 'platform.keep_tenant')
  ) needed (kind, name, function)
  where t.kind = needed.kind
    and not exists (
      select from pg_catalog.pg_trigger g
      where g.tgrelid = t.oid and g.tgname = needed.name and g.tgfoid = to_regproc(needed.function) and g.tgqual is null)
  union all
  select 'disabled_trigger', g.tgrelid::regclass::text || ' ' || g.tgname, 'Enable it: rules hold for everybody, and revocation is one of them.'
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  where not g.tgisinternal
    and g.tgenabled not in ('O', 'A')
    and c.relnamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog')
  union all
  select 'grants_changed', name, 'Privileges follow from the declaration alone: declare the table again.'
  from tenant_table t
  where kind is not null
    and t.grants is distinct from platform.grants_of(oid)
  union all
  select 'trigger_name', t.name || ' ' || g.tgname, 'Name triggers _NNN_verb: they fire in order of name.'
  from tenant_table t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  where g.tgname !~ '^_[0-9]{3}_[a-z_]+$'
  union all
  select 'enum_column', t.name || '.' || a.attname, 'Use text and platform.declare_states: enum_eq is not leakproof.'
  from tenant_table t
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type ty on ty.oid = a.atttypid and ty.typtype = 'e'
  union all
  select 'unsafe_view', name, 'Create it with (security_invoker = true); no materialized views.'
  from app_table v
  where relkind in ('m', 'f')
    or (relkind = 'v' and not coalesce((select c.reloptions from pg_catalog.pg_class c where c.oid = v.oid), '{}') @> '{security_invoker=true}')
  union all
  select 'sequence', name, 'A sequence counts over all tenants: use uuidv7() or platform.next_number().'
  from app_table
  where relkind = 'S';
end;
drop routine platform.value_schema(type regtype);
drop routine platform.write_contract(entity text);
drop routine platform.write_contract_verbs(entity text);
drop routine platform.write_result_type(name text, returned regtype, resource text);
comment on function platform.table_violations() is 'What breaks the rules of tables, policies and triggers in schema app.';
drop schema api_v1 cascade;
drop schema api_v1_20260601 cascade;
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
  across jsonb default '{}',
  channel text default null
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
$$;
create or replace function platform.declare_record(
  relation regclass,
  permissions jsonb default '{}',
  hidden text[] default '{}',
  across jsonb default '{}',
  retained boolean default false
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
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
$$;
alter function platform.declare_entity(relation regclass, permissions jsonb, lifecycle jsonb, events jsonb, hidden text[], creatable text[], editable text[], limited_by jsonb, due jsonb, tasks jsonb, across jsonb, channel text) owner to freehold_owner;
alter function platform.declare_record(relation regclass, permissions jsonb, hidden text[], across jsonb, retained boolean) owner to freehold_owner;
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
comment on function platform.declare_record(relation regclass, permissions jsonb, hidden text[], across jsonb, retained boolean) is 'Declares a tenant table that the platform or an entity''s functions write and the tenant only reads: no lifecycle, no events of its own.
across:   narrow roles and their commands over all tenants.
retained: requests see as far back as the plan''s retention_days.';
drop routine platform.api_versions();
drop routine platform.contract_columns(view regclass);
drop routine platform.contract_property(view regclass, shown record);
drop routine platform.contract_references(view regclass);
drop routine platform.contract_title(view text);
drop routine platform.contract_view(entity text);
drop routine platform.is_leakproof(type regtype);
drop routine platform.leads_index(relation regclass, number smallint);
drop routine platform.plural(word text);
drop routine platform.told_name(told text, tag text);
drop routine platform.column_sources(view regclass);
