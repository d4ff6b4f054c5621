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
