-- Idempotency keys: a request that is sent again is done once. The key and what the request did are one transaction, so that there is never the one
-- without the other, whatever crashes.

create or replace function platform.claim_idempotency_key(key text, route text, fingerprint text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := platform.tenant_id();
  kept platform.idempotency_key;
begin
  perform platform.require(null);
  -- Until its transaction ends; whoever comes meanwhile is told so and does not wait.
  if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(E'\n', tenant, claim_idempotency_key.route, claim_idempotency_key.key), 0)) then
    raise exception using
      errcode = 'ZF019', message = 'a request with this idempotency key is under way', detail = 'Its answer is kept: ask for it again in a moment.';
  end if;
  select k.*
  into kept
  from platform.idempotency_key k
  where k.tenant_id = tenant
    and k.key = claim_idempotency_key.key
    and k.route = claim_idempotency_key.route
    and k.created_at > statement_timestamp() - interval '24 hours';
  if not found then
    return;
  end if;
  -- a key is its sender's: what was answered to one who may see more is not shown to another
  if kept.fingerprint <> claim_idempotency_key.fingerprint
    or kept.actor_id is distinct from (select v.actor_id from platform.verified_context v)
  then
    raise exception using
      errcode = 'ZF020', message = 'this idempotency key was used for another request', detail = 'Give each request a key of its own, and repeat it as it was.';
  end if;
  raise exception using errcode = 'ZF021', message = 'this request was answered before';
end
$$;
comment on function platform.claim_idempotency_key(text, text, text) is
  'Takes a key for the transaction that it is called in, before that does anything. fingerprint: of the request, which must be the same each time.
Errors: ZF019 while another transaction has it, ZF020 when it was used for another request or by another caller, ZF021 when it was answered: platform.kept_answer has that.';
grant execute on function platform.claim_idempotency_key(text, text, text) to freehold_user;

create or replace function platform.keep_answer(key text, route text, fingerprint text, answer text, version integer, resource_key text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into platform.idempotency_key as k (tenant_id, key, route, actor_id, fingerprint, answer, version, resource_key)
  select v.tenant_id, keep_answer.key, keep_answer.route, v.actor_id, keep_answer.fingerprint, keep_answer.answer, keep_answer.version, keep_answer.resource_key
  from platform.verified_context v
  on conflict on constraint idempotency_key_pkey do update
    set (actor_id, fingerprint, answer, version, resource_key, created_at)
      = (excluded.actor_id, excluded.fingerprint, excluded.answer, excluded.version, excluded.resource_key, excluded.created_at);
  if not found then
    perform platform.require(null);
  end if;
end
$$;
comment on function platform.keep_answer(text, text, text, text, integer, text) is
  'Keeps what a request came to, under the key that it has claimed, for 24 hours.';
grant execute on function platform.keep_answer(text, text, text, text, integer, text) to freehold_user;

create or replace function platform.kept_answer(key text, route text, fingerprint text)
returns table (answer text, version integer, resource_key text)
language sql
stable
security definer
set search_path = ''
rows 1
begin atomic
  select k.answer, k.version, k.resource_key
  from platform.idempotency_key k
  join platform.verified_context v on v.tenant_id = k.tenant_id and v.actor_id is not distinct from k.actor_id
  where k.key = kept_answer.key
    and k.route = kept_answer.route
    and k.fingerprint = kept_answer.fingerprint;
end;
comment on function platform.kept_answer(text, text, text) is 'What an earlier request with this key came to, for who sent it.';
grant execute on function platform.kept_answer(text, text, text) to freehold_user;

create or replace function platform.forget_idempotency_keys(most integer default 10000)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  forgotten integer;
begin
  delete from platform.idempotency_key k
  where k.ctid = any (array(
    select old.ctid
    from platform.idempotency_key old
    where old.created_at < statement_timestamp() - interval '24 hours'
    order by old.created_at
    limit most));
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;
comment on function platform.forget_idempotency_keys(integer) is 'Deletes keys whose 24 hours are over; how many. For the worker, until it is 0.';
grant execute on function platform.forget_idempotency_keys(integer) to freehold_worker;
