--! Previous: sha1:f336a593a455e6444e583fcf6a08c1e51e42e036
--! Hash: sha1:090dbb200b18f05aa5f02cc7d367e25b94692878
--! Message: invoice numbers

-- From a tenant's millionth invoice on, numbers have seven digits: they were cut to six, and the unique key refused them.

--! Included invoice/finalize.sql
-- What an invoice gets when it is finalized and when it is paid. The trigger is in invoice.sql.

create or replace function app.invoice_finalize()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  next text;
begin
  perform platform.require_tenant(new.tenant_id);
  if new.status = 'paid' then
    new.paid_at := statement_timestamp();
    return new;
  end if;
  next := platform.next_number('invoice')::text;
  -- lpad cuts what is longer: the millionth has seven digits
  new.number := 'INV-' || lpad(next, greatest(6, length(next)), '0');
  new.issued_at := statement_timestamp();
  new.due_at := new.issued_at + interval '14 days';
  return new;
end
$$;
comment on function app.invoice_finalize() is 'Trigger: a finalized invoice gets its number and dates, a paid one its time.';
--! EndIncluded invoice/finalize.sql
