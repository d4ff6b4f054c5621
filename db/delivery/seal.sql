-- Sealing anew what an earlier FREEHOLD_SECRET_KEY sealed: the worker opens and seals, the database says what is left and keeps the result.

select platform.execute_as('freehold_dispatcher', $sql$
create or replace function platform.sealed_otherwise(key_id text, most integer default 500, skip integer default 0)
returns table (tenant_id uuid, id uuid, sealed text)
language sql
stable
security definer
set search_path = ''
begin atomic
  select v.tenant_id, v.id, v.sealed
  from (
    select k.tenant_id, k.id, k.sealed_key as sealed from app.webhook_signing_key k
    union all
    select h.tenant_id, h.id, h.sealed_value from app.webhook_header h
  ) v
  where split_part(v.sealed, '.', 1) <> key_id
  order by v.id
  limit most
  offset skip;
end;
comment on function platform.sealed_otherwise(text, integer, integer) is
  'Signing keys and header values that were sealed with another key than that one, without those that the caller was told of and could not open.';
grant execute on function platform.sealed_otherwise(text, integer, integer) to freehold_worker;

create or replace function platform.seal_anew(former text[], sealed text[])
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $seal$
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
$seal$;
comment on function platform.seal_anew(text[], text[]) is
  'Replaces sealed texts by others of the same content; what was changed meanwhile is left alone. Returns how many were replaced.';
grant execute on function platform.seal_anew(text[], text[]) to freehold_worker;
$sql$);
