-- Issuing an invoice; amounts of a part of a period always add up to the whole.

create or replace function platform.rounded_share(amount bigint, part bigint, whole bigint)
returns bigint
language sql
immutable
set search_path = ''
return div(2 * amount::numeric * part + whole, 2 * whole::numeric)::bigint;
comment on function platform.rounded_share(bigint, bigint, bigint) is
  'amount * part / whole, rounded half up, in exact integers. amount and part not negative, whole positive.';

create or replace function platform.prorate(amount bigint, from_part bigint, to_part bigint, whole bigint)
returns bigint
language sql
immutable
set search_path = ''
return platform.rounded_share(amount, to_part, whole) - platform.rounded_share(amount, from_part, whole);
comment on function platform.prorate(bigint, bigint, bigint, bigint) is
  'The share of an amount for the stretch from_part..to_part of whole. Rounding is done on the running sum, so that the
shares of any division of the whole add up to the amount, to the last minor unit.';

create or replace function app.issue_invoice(subscription app.subscription, lines app.invoice_line[])
returns app.invoice
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  issued app.invoice;
begin
  perform platform.require(null);
  insert into app.invoice (subscription_id, currency, total, period_start, period_end)
  select subscription.id, p.currency, (select coalesce(sum(l.amount), 0) from unnest(lines) l),
    subscription.current_period_start, subscription.current_period_end
  from catalog.plan p
  where p.key = subscription.plan
  returning * into issued;
  insert into app.invoice_line (invoice_id, description, amount, period_start, period_end)
  select issued.id, l.description, l.amount, l.period_start, l.period_end
  from unnest(lines) l;
  update app.invoice i
  set status = 'open'
  where i.tenant_id = issued.tenant_id
    and i.id = issued.id
  returning * into issued;
  return issued;
end
$$;
comment on function app.issue_invoice(app.subscription, app.invoice_line[]) is
  'Writes an invoice with its lines and finalizes it. Called by the functions of the subscription; nobody else may.';
