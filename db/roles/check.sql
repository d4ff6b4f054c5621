-- Fails when the catalog breaks a rule of Freehold: a tenant table that was never declared, a missing policy, a grant
-- too many. The rules are in platform.violations(); this stops the migration that broke one.
do $$
declare
  found text;
begin
  if pg_catalog.to_regprocedure('platform.violations()') is null then
    return;
  end if;
  execute $query$
    select pg_catalog.string_agg(pg_catalog.to_jsonb(v)::text, E'\n')
    from platform.violations() as v
  $query$
  into found;
  if found is not null then
    raise exception E'the database breaks rules of Freehold (platform.violations()):\n%', found;
  end if;
end
$$;
