create function platform.enter(tenant text) returns void language plpgsql set search_path = '' as $$
begin
  perform set_config('freehold.tenant_id', tenant, true);
  set local statement_timeout = '1s';
end
$$;
comment on function platform.enter(text) is 'For the transaction.';
