-- On what terms a tenant uses the API: how many requests its plan allows, and which web pages may call it.

create or replace function platform.api_terms()
returns table (requests bigint, key_requests bigint, allowed_origins text[])
language plpgsql
stable
security definer
set search_path = ''
rows 1
as $$
begin
  perform platform.require(null);
  return query
    select app.entitlement('api_requests'), app.entitlement('api_key_requests'), t.allowed_origins
    from app.tenant t
    where t.tenant_id = platform.tenant_id();
end
$$;
comment on function platform.api_terms() is
  'Requests in a minute that the tenant has, and that each of its keys has, null for no limit; and the origins whose pages may read its answers.';
grant execute on function platform.api_terms() to freehold_user;

grant select, insert, update, delete on platform.rate_limit to freehold_gate;

create or replace function platform.are_origins(origins text[])
returns boolean
language sql
immutable
parallel safe
set search_path = ''
-- scheme, host and port, as a browser writes them (RFC 6454, section 6.2)
return (
  select coalesce(bool_and(o is not null and o ~ '^https?://([a-z0-9-]+\.)*[a-z0-9-]+(:[0-9]{1,5})?$'), true)
  from unnest(origins) o);
grant execute on function platform.are_origins(text[]) to freehold_user, freehold_janitor;
comment on function platform.are_origins(text[]) is 'Whether each is the origin of a web page: https://app.example.com.';
