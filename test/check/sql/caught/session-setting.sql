select set_config('freehold.tenant_id', 'x', false); -- caught
create function platform.enter(tenant text) returns void language plpgsql set search_path = '' as $$
begin
  perform set_config('freehold.tenant_id', tenant, false); -- caught
  set statement_timeout = '1s'; -- caught
end
$$;
comment on function platform.enter(text) is 'Leaks.';
