-- Totals equal lines: a constraint, checked at commit.

create or replace function platform.check_invoice_total(tenant uuid, invoice uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  stated bigint;
  summed bigint;
begin
  perform platform.require_tenant(tenant);
  select i.total into stated from app.invoice i where i.tenant_id = tenant and i.id = invoice;
  select coalesce(sum(l.amount), 0) into summed from app.invoice_line l where l.tenant_id = tenant and l.invoice_id = invoice;
  if stated is distinct from summed then
    raise exception using
      errcode = '23514',
      constraint = 'invoice_total_equals_lines',
      message = format('the total %s is not the sum of the lines, %s', stated, summed),
      detail = format('invoice %s', invoice);
  end if;
end
$$;
comment on function platform.check_invoice_total(uuid, uuid) is 'Raises 23514 unless the total of an invoice is the sum of its lines.';
grant execute on function platform.check_invoice_total(uuid, uuid) to freehold_user;

create or replace function app.invoice_check_total()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform platform.check_invoice_total(new.tenant_id, new.id);
  return null;
end
$$;
comment on function app.invoice_check_total() is 'Constraint trigger, at commit: the total of an invoice is the sum of its lines.';

create or replace function app.invoice_line_check_total()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    if not platform.is_closed(old.tenant_id) then
      perform platform.check_invoice_total(old.tenant_id, old.invoice_id);
    end if;
  else
    perform platform.check_invoice_total(new.tenant_id, new.invoice_id);
  end if;
  return null;
end
$$;
comment on function app.invoice_line_check_total() is 'Constraint trigger, at commit: as app.invoice_check_total, from the side of the lines.';

do $$
begin
  -- there is no "create or replace constraint trigger"
  if not exists (select from pg_catalog.pg_trigger g where g.tgrelid = 'app.invoice'::regclass and g.tgname = '_600_check_total') then
    create constraint trigger _600_check_total
      after insert or update of total on app.invoice
      deferrable initially deferred
      for each row execute function app.invoice_check_total();
    create constraint trigger _600_check_total
      after insert or update or delete on app.invoice_line
      deferrable initially deferred
      for each row execute function app.invoice_line_check_total();
  end if;
end
$$;
