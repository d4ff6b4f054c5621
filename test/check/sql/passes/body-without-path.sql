create function app.count_notes() returns bigint language plpgsql stable set search_path = '' as $$
begin
  return (select count(*) from app.note);
end
$$;
comment on function app.count_notes() is 'Pinned.';
-- inlines, because it has no SET, and is bound to its objects when created
create function app.tenant() returns uuid language sql stable
return nullif(current_setting('freehold.tenant_id', true), '')::uuid;
comment on function app.tenant() is 'Bound.';
