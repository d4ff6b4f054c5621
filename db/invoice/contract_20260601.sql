-- Invoices as version 2026-06-01 of the contract has them: total was called amount_due. An older version is a schema with what differed, over the
-- present one; all else is as the next newer version has it.

create or replace view api_v1_20260601.invoices with (security_invoker = true) as
select i.id, i.number, i.subscription_id, i.currency, i.total as amount_due, i.status, i.period_start, i.period_end, i.issued_at, i.due_at, i.paid_at,
  i.version, i.created_at, i.updated_at
from api_v1.invoices i;
comment on view api_v1_20260601.invoices is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column api_v1_20260601.invoices.amount_due is E'@example 4900\nSum of the lines, in minor units of the currency. Called total since 2026-11-27.';
do $$
declare
  told record;
begin
  for told in
    select a.attname, col_description(a.attrelid, a.attnum) as comment
    from pg_catalog.pg_attribute a
    where a.attrelid = 'api_v1.invoices'::regclass
      and a.attnum > 0
      and a.attname <> 'total'
  loop
    execute format('comment on column api_v1_20260601.invoices.%I is %L', told.attname, told.comment);
  end loop;
end
$$;
grant select on api_v1_20260601.invoices to freehold_user;
