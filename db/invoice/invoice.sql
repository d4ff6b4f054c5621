-- Invoices: numbered without gaps, equal to their lines, and fixed once finalized.

comment on table app.invoice is 'What the tenant is asked to pay. Fixed from the moment it is open.';
comment on column app.invoice.number is 'INV-000001 and on, without gaps in a tenant; given when the invoice is finalized.';
comment on column app.invoice.subscription_id is 'The subscription that it is for.';
comment on column app.invoice.currency is E'@example EUR\nCurrency of all its amounts, as ISO 4217 has it.';
comment on column app.invoice.total is E'@example 4900\nSum of the lines, in minor units of the currency.';
comment on column app.invoice.period_start is 'Start of the time that it is for.';
comment on column app.invoice.period_end is E'@example 2026-02-28T12:00:00+00:00\nEnd of the time that it is for.';
comment on column app.invoice.issued_at is 'When it was finalized.';
comment on column app.invoice.due_at is 'When it should be paid: 14 days after it was finalized.';
comment on column app.invoice.paid_at is 'When it was paid.';

select platform.declare_entity(
  'app.invoice',
  permissions => '{"read": ["billing", "admin"], "finalize": [], "pay": [], "void": [], "mark_uncollectible": []}',
  lifecycle => '{
    "initial": "draft",
    "transitions": {
      "finalize": {"from": ["draft"], "to": "open", "event": "invoice.finalized"},
      "pay": {"from": ["open", "uncollectible"], "to": "paid", "event": "invoice.paid"},
      "void": {"from": ["open", "uncollectible"], "to": "void", "event": "invoice.voided"},
      "mark_uncollectible": {"from": ["open"], "to": "uncollectible", "event": "invoice.marked_uncollectible"}
    }
  }',
  channel => '''subscription:'' || new.subscription_id',
  events => '{"descriptions": {
    "invoice.created": "An invoice was begun as a draft, which may still change.",
    "invoice.updated": "The draft of an invoice was changed.",
    "invoice.finalized": "An invoice got its number and its dates; it is fixed, and waits for payment.",
    "invoice.paid": "An invoice was paid.",
    "invoice.voided": "An invoice was withdrawn; its number stays.",
    "invoice.marked_uncollectible": "An invoice was given up; it can still be paid, or voided."
  }}'
);

comment on table app.invoice_line is 'One position of an invoice.';
comment on column app.invoice_line.invoice_id is 'The invoice that it is on.';
comment on column app.invoice_line.description is E'@example Team, per month\nWhat is charged.';
comment on column app.invoice_line.period_start is 'Start of the time that it is for.';
comment on column app.invoice_line.period_end is E'@example 2026-02-28T12:00:00+00:00\nEnd of the time that it is for.';
comment on column app.invoice_line.amount is 'In minor units of the invoice''s currency; a credit is negative.';
select platform.declare_record('app.invoice_line', permissions => '{"read": ["billing", "admin"]}', resource => '{}');

create or replace function platform.next_number(name text)
returns bigint
language sql
volatile
security definer
set search_path = ''
begin atomic
  insert into platform.counter (tenant_id, name, value)
  values (platform.tenant_id(), name, 1)
  on conflict (tenant_id, name) do update
    set value = counter.value + 1
  returning value;
end;
comment on function platform.next_number(text) is
  'The next number of the tenant''s counter, without gaps: the next caller waits until this transaction ends.';

create or replace trigger _200_finalize
  before update of status on app.invoice
  for each row
  when (new.status is distinct from old.status and new.status in ('open', 'paid'))
  execute function app.invoice_finalize();

create or replace function app.invoice_freeze()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if (new.number, new.subscription_id, new.currency, new.total, new.period_start, new.period_end, new.issued_at, new.due_at)
    is distinct from
    (old.number, old.subscription_id, old.currency, old.total, old.period_start, old.period_end, old.issued_at, old.due_at)
    or old.paid_at is not null and new.paid_at is distinct from old.paid_at
  then
    raise exception using
      errcode = 'ZF008',
      message = format('invoice %s is final', old.number),
      detail = 'Void it and issue a new one.';
  end if;
  return new;
end
$$;
comment on function app.invoice_freeze() is 'Trigger: of a finalized invoice only the state changes.';
create or replace trigger _300_freeze
  before update on app.invoice
  for each row
  when (old.status <> 'draft')
  execute function app.invoice_freeze();

create or replace function app.invoice_line_freeze()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  line app.invoice_line := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'DELETE' and platform.is_closed(old.tenant_id) then
    return old;
  end if;
  perform platform.require_tenant(line.tenant_id);
  -- the lock keeps the invoice from being finalized between this line and the commit
  perform from app.invoice i
  where i.tenant_id = line.tenant_id
    and i.id = line.invoice_id
    and i.status = 'draft'
  for no key update;
  if not found then
    raise exception using errcode = 'ZF008', message = 'the lines of a final invoice never change', detail = 'Void it and issue a new one.';
  end if;
  if tg_op = 'UPDATE' and (new.tenant_id, new.invoice_id) is distinct from (old.tenant_id, old.invoice_id) then
    raise exception using errcode = 'ZF008', message = 'a line stays with its invoice', detail = 'Delete it and add another.';
  end if;
  return line;
end
$$;
comment on function app.invoice_line_freeze() is 'Trigger: lines change only while their invoice is a draft.';
create or replace trigger _200_freeze
  before insert or update or delete on app.invoice_line
  for each row execute function app.invoice_line_freeze();
