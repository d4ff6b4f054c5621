-- What identity keeps only for a while.

create or replace function identity.forget_ended(most integer default 10000)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  forgotten integer;
  more integer;
begin
  delete from identity.session s
  where s.id in (
    select e.id from identity.session e
    where e.expires_at < statement_timestamp() - interval '30 days'
    limit most);
  get diagnostics forgotten = row_count;
  -- longer than the provider keeps them for polling, so that none is taken in twice
  delete from identity.inbox i
  where i.id in (
    select o.id from identity.inbox o
    where o.received_at < statement_timestamp() - interval '90 days'
      and o.status in ('applied', 'ignored', 'failed')
    limit most);
  get diagnostics more = row_count;
  forgotten := forgotten + more;
  delete from identity.provider_object p
  where (p.issuer, p.kind, p.id) in (
    select o.issuer, o.kind, o.id from identity.provider_object o
    where o.kind = 'session'
      and o.updated_at < statement_timestamp() - interval '90 days'
    limit most);
  get diagnostics more = row_count;
  return forgotten + more;
end
$$;
comment on function identity.forget_ended(integer) is
  'Deletes sessions that ended a month ago and events of the identity provider that came three months ago and are done with, at most that many of each. Returns how many; 0 when all is done.';
grant execute on function identity.forget_ended(integer) to freehold_worker;
