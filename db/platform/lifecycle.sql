-- Lifecycles: the guard that holds for every path, psql included.

create or replace function platform.raise_illegal_transition(entity text, id uuid, from_state text, attempted text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
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
$$;
comment on function platform.raise_illegal_transition(text, uuid, text, text) is
  'Raises ZF005 with the transitions that are legal from the present state.';
grant execute on function platform.raise_illegal_transition(text, uuid, text, text) to freehold_user, freehold_worker;

create or replace function platform.is_closed(tenant uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (select from app.tenant t where t.tenant_id = tenant and t.status = 'closed');
end
$$;
comment on function platform.is_closed(uuid) is
  'Whether the tenant is closed, so that its rows may be purged. For triggers on DELETE: who sees the tenant not, deletes nothing.';

create or replace function platform.refuse_delete()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if platform.is_closed(old.tenant_id) then
    return old;
  end if;
  raise exception using
    errcode = 'ZF008',
    message = format('a %s is never deleted by DELETE', tg_table_name),
    detail = 'Take it to its final state; what is left is purged with its tenant.';
end
$$;
comment on function platform.refuse_delete() is 'Trigger: a row of an entity is deleted with its closed tenant, and never before.';

create or replace function platform.keep_tenant()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.tenant_id is distinct from old.tenant_id then
    raise exception using
      errcode = 'ZF008',
      message = 'the tenant of a row never changes',
      detail = 'Create a new one instead.';
  end if;
  return new;
end
$$;
comment on function platform.keep_tenant() is 'Trigger: a row stays with its tenant. For records; entities have their guard.';

create or replace function platform.raise_unchangeable(entity text, id uuid, version integer, wanted integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function platform.raise_unchangeable(text, uuid, integer, integer) is
  'Raises ZF006 when another version was expected, ZF008 when tenant or id would change.';
grant execute on function platform.raise_unchangeable(text, uuid, integer, integer) to freehold_user;

create or replace function platform.write_guard(entity text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
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
$$;
comment on function platform.write_guard(text) is 'Writes the guard triggers of an entity: immutability, version, lifecycle, no DELETE.';
