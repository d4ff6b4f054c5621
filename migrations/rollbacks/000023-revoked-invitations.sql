--! Undoes: sha1:6f6acddb50bbf0d9d54a261c483c4c3c1645aa7f
--! Loses: identity.barred_person.lifted_by, the rows of identity.invited_member, identity.provided_invitation.withdrawn, identity.provider_address.verified_at, identity.provider_object.active_at

-- Undoes "revoked invitations".
set local check_function_bodies = off;
alter table identity.provider_address add column verified boolean default false not null;
comment on column identity.barred_person.lifted_by is null;
comment on column identity.provided_invitation.withdrawn is null;
comment on column identity.provider_address.verified_at is null;
comment on column identity.provider_object.active_at is null;
create or replace function app.membership_end_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
    on conflict do nothing;
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
$$;
create or replace function identity.admit(issuer text, organization text, subject text, tenant uuid, email text, name text)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  invitation uuid := identity.waiting_invitation(issuer, subject);
  joined app.membership;
  person uuid;
  former_role text;
  invited boolean;
begin
  if invitation is not null then
    joined := app.accept_invitation(invitation, issuer, subject, name);
    delete from identity.barred_person b where b.tenant_id = tenant and b.person_id = joined.person_id;
    return joined;
  end if;
  person := identity.ensure_person(issuer, subject, email, name);
  if exists (select from identity.barred_person b where b.tenant_id = tenant and b.person_id = person) then
    return null;
  end if;
  -- who was invited once, and was removed by nobody here, comes back by the provider
  select f.role, coalesce(f.invited, false) into former_role, invited from identity.former_member(tenant, person) f;
  if not invited and not identity.is_admitted(issuer, organization, subject, tenant) then
    return null;
  end if;
  insert into app.membership (person_id, email, name, role)
  values (person, email, name, coalesce(
    case when platform.permissions_of(tenant, former_role) <> '{}' then former_role end, (select t.default_role from app.tenant t where t.tenant_id = tenant and t.id = tenant)))
  returning * into joined;
  if not invited then
    insert into identity.admitted_member (tenant_id, membership_id)
    values (tenant, joined.id);
  end if;
  return joined;
end
$$;
create or replace function identity.follow_object(object identity.provider_object)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  ending identity.session;
  link identity.provided_invitation;
begin
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
  if object.kind = 'invitation' and object.data ->> 'state' = 'revoked' then
    select pi.* into link from identity.provided_invitation pi where pi.issuer = object.issuer and pi.id = object.id;
    if found then
      perform platform.enter_as_system(link.tenant_id, 'identity provider');
      perform app.revoke_invitation(i.id)
      from app.invitation i
      where i.tenant_id = link.tenant_id and i.id = link.invitation_id and i.status = 'pending';
    end if;
  end if;
end
$$;
drop routine identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean, OUT invitation uuid);
CREATE OR REPLACE FUNCTION identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT r.role
    FROM (((( SELECT d_1.id
            FROM identity.directory_users_of(group_role_of.issuer, group_role_of.organization, group_role_of.subject) d_1(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
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
CREATE OR REPLACE FUNCTION identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_admitted.issuer, is_admitted.organization, is_admitted.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR (( SELECT t.admit_verified_domains
            FROM app.tenant t
           WHERE ((t.tenant_id = is_admitted.tenant) AND (t.id = is_admitted.tenant))) AND identity.is_of_domain(issuer, organization, subject)));
END;
CREATE OR REPLACE FUNCTION identity.is_deprovisioned(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE((NOT bool_or(identity.is_active_directory_user(d.*))), false) AS "coalesce"
    FROM identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory);
END;
CREATE OR REPLACE FUNCTION identity.is_eligible(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_eligible.issuer, is_eligible.organization, is_eligible.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR identity.is_of_domain(issuer, organization, subject));
END;
create or replace function identity.is_of_domain(issuer text, organization text, subject text)
returns boolean
language sql
stable
security definer
set search_path = ''
begin atomic
  select exists (
    select
    from identity.provider_address a
    join identity.provider_object d
      on d.issuer = a.issuer and d.organization = is_of_domain.organization and d.kind = 'organization_domain'
      and lower(d.data ->> 'domain') = split_part(a.email, '@', 2)
    join identity.provider_object m
      on m.issuer = a.issuer and m.organization = is_of_domain.organization and m.subject = a.id
      and m.kind = 'organization_membership' and not m.ended
    where a.issuer = is_of_domain.issuer
      and a.kind = 'user'
      and a.id = is_of_domain.subject
      and a.verified
      and d.data ->> 'state' in ('verified', 'legacy_verified')
      -- who came before the organization gave the domain up came rightly, whenever we hear of it
      and (not d.ended or (m.data ->> 'created_at')::timestamptz < d.updated_at));
end;
create or replace function identity.observe(issuer text, kind text, id text, data jsonb, updated_at timestamptz, told_by text, ended boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  if observe.kind in ('user', 'directory_user') and observe.data ->> 'email' is not null then
    insert into identity.provider_address as a (issuer, kind, id, email, verified)
    values (
      observe.issuer, observe.kind, observe.id, lower(observe.data ->> 'email'), coalesce((observe.data ->> 'email_verified')::boolean, false))
    on conflict on constraint provider_address_pkey do update
      set verified = a.verified or excluded.verified;
  end if;
  insert into identity.provider_object as o (issuer, kind, id, data, updated_at, told_by, ended)
  values (observe.issuer, observe.kind, observe.id, observe.data, observe.updated_at, observe.told_by, observe.ended)
  on conflict on constraint provider_object_pkey do update
    set (data, updated_at, told_by, ended) = (excluded.data, excluded.updated_at, excluded.told_by, excluded.ended)
    where (excluded.ended, excluded.updated_at, excluded.told_by) > (o.ended, o.updated_at, o.told_by);
  return found;
end
$$;
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
    select i.*
    into accepted
    from app.invitation i
    where i.tenant_id = member.tenant_id
      and i.id = identity.waiting_invitation(issuer, subject);
  end if;
  if accepted.id is null then
    return;
  end if;
  update app.invitation i
  set status = 'accepted',
    membership_id = member.id
  where i.tenant_id = accepted.tenant_id
    and i.id = accepted.id;
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
drop routine identity.withdraw(invitation app.invitation, object identity.provider_object);
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
$$;
comment on function identity.waiting_invitation(issuer text, subject text) is 'The invitation that a user of the identity provider has come by; null for none. Inside the tenant.';
comment on column identity.provider_address.verified is 'The user has shown that it is theirs.';
create or replace function identity.former_member(tenant uuid, person uuid, out role text, out invited boolean)
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(g.former_role, m.role),
    not exists (select from identity.admitted_member a where a.tenant_id = m.tenant_id and a.membership_id = m.id)
  from app.membership m
  left join identity.group_member g on g.tenant_id = m.tenant_id and g.membership_id = m.id
  where m.tenant_id = former_member.tenant
    and m.person_id = former_member.person
    and m.status = 'removed'
  order by m.updated_at desc, m.id desc
  limit 1;
end;
alter function identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean) owner to freehold_owner;
comment on function identity.former_member(tenant uuid, person uuid, OUT role text, OUT invited boolean) is 'The role that somebody had whose membership has ended, and whether they had been invited; null for who never was a member. Inside the tenant.';
drop table identity.invited_member;
CREATE OR REPLACE FUNCTION identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT r.role
    FROM (((( SELECT d_1.id
            FROM identity.directory_users_of(group_role_of.issuer, group_role_of.organization, group_role_of.subject) d_1(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
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
CREATE OR REPLACE FUNCTION identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_admitted.issuer, is_admitted.organization, is_admitted.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR (( SELECT t.admit_verified_domains
            FROM app.tenant t
           WHERE ((t.tenant_id = is_admitted.tenant) AND (t.id = is_admitted.tenant))) AND identity.is_of_domain(issuer, organization, subject)));
END;
CREATE OR REPLACE FUNCTION identity.is_deprovisioned(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE((NOT bool_or(identity.is_active_directory_user(d.*))), false) AS "coalesce"
    FROM identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory);
END;
CREATE OR REPLACE FUNCTION identity.is_eligible(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_eligible.issuer, is_eligible.organization, is_eligible.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR identity.is_of_domain(issuer, organization, subject));
END;
alter table identity.barred_person drop column lifted_by cascade;
alter table identity.provided_invitation drop column withdrawn;
drop routine identity.came_before(invitation identity.provider_object, email text, subject text);
CREATE OR REPLACE FUNCTION identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT r.role
    FROM (((( SELECT d_1.id
            FROM identity.directory_users_of(group_role_of.issuer, group_role_of.organization, group_role_of.subject) d_1(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
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
CREATE OR REPLACE FUNCTION identity.is_admitted(issuer text, organization text, subject text, tenant uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_admitted.issuer, is_admitted.organization, is_admitted.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR (( SELECT t.admit_verified_domains
            FROM app.tenant t
           WHERE ((t.tenant_id = is_admitted.tenant) AND (t.id = is_admitted.tenant))) AND identity.is_of_domain(issuer, organization, subject)));
END;
CREATE OR REPLACE FUNCTION identity.is_deprovisioned(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT COALESCE((NOT bool_or(identity.is_active_directory_user(d.*))), false) AS "coalesce"
    FROM identity.directory_users_of(is_deprovisioned.issuer, is_deprovisioned.organization, is_deprovisioned.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory);
END;
CREATE OR REPLACE FUNCTION identity.is_eligible(issuer text, organization text, subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM identity.directory_users_of(is_eligible.issuer, is_eligible.organization, is_eligible.subject) d(issuer, kind, id, data, updated_at, told_by, ended, organization, subject, directory)
           WHERE identity.is_active_directory_user(d.*))) OR identity.is_of_domain(issuer, organization, subject));
END;
create or replace function identity.waiting_invitation(issuer text, subject text)
returns uuid
language sql
stable
security definer
set search_path = ''
begin atomic
  -- the one that the provider says this user accepted, or else one to an address that is, or was, verified as theirs
  select i.id
  from app.invitation i
  left join identity.provided_invitation pi on pi.tenant_id = i.tenant_id and pi.invitation_id = i.id
  left join identity.provider_object p on p.issuer = pi.issuer and p.kind = 'invitation' and p.id = pi.id
  where i.tenant_id = platform.tenant_id()
    and i.status = 'pending'
    and i.expires_at > statement_timestamp()
    and (p.data ->> 'accepted_user_id' = waiting_invitation.subject
      or exists (
        select from identity.provider_address a
        where a.issuer = waiting_invitation.issuer and a.kind = 'user' and a.id = waiting_invitation.subject and a.verified and a.email = lower(i.email)))
  order by p.data ->> 'accepted_user_id' = waiting_invitation.subject desc nulls last, i.id
  limit 1;
end;
alter function identity.waiting_invitation(issuer text, subject text) owner to freehold_owner;
comment on function identity.waiting_invitation(issuer text, subject text) is 'The invitation that a user of the identity provider has come by; null for none. Inside the tenant.';
alter table identity.provider_address drop column verified_at;
alter table identity.provider_object drop column active_at;
