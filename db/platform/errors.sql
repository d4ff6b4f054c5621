-- The one list of errors. Classes that begin with I to Z are left to applications by the SQL standard,
-- and PostgreSQL uses none that begin with Z: ours are ZFnnn and can collide with neither.

insert into platform.error (sqlstate, code, http_status, message, remedy)
values
  ('ZF001', 'unauthenticated', 401, 'No valid credential came with the request.', 'Send an API key or a session.'),
  ('ZF002', 'context_expired', 401, 'The credential was revoked, changed or has expired.', 'Authenticate again.'),
  ('ZF003', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission that the detail names.'),
  ('ZF004', 'not_found', 404, 'There is no such resource.', 'Check the id; it may belong to another tenant or be deleted.'),
  ('ZF005', 'illegal_transition', 409, 'The resource is not in a state that allows this.', 'Use one of the transitions that the detail lists.'),
  ('ZF006', 'stale_version', 409, 'The resource was changed by somebody else.', 'Read it again and repeat with its current version.'),
  ('ZF007', 'plan_limit_reached', 403, 'The limit of the plan is reached.', 'Upgrade the subscription, or free what the detail names.'),
  ('ZF008', 'immutable', 409, 'This can no longer be changed.', 'Create a new one, or correct it as the detail says.'),
  ('ZF009', 'last_owner', 409, 'A tenant keeps at least one active owner.', 'Make somebody else an owner first.'),
  ('ZF010', 'invalid_argument', 422, 'An argument is not acceptable.', 'Correct the argument that the detail names.'),
  ('ZF011', 'tenant_not_active', 403, 'The tenant is not active.', 'Contact support to reactivate it.'),
  ('ZF012', 'append_only', 409, 'Events are never changed or deleted.', 'Record a new event.'),
  ('ZF013', 'invalid_declaration', 500, 'A declaration is not acceptable.', 'Correct the declaration as the detail says.'),
  ('ZF014', 'feature_not_in_plan', 403, 'The plan does not include this feature.', 'Upgrade to a plan that includes it.'),
  ('ZF015', 'wrong_plan_direction', 409, 'The plan is not in that direction.', 'Use the verb that the detail names.'),
  ('ZF016', 'identity_unavailable', 503, 'The identity provider does not answer.', 'Repeat the request later.'),
  ('ZF017', 'not_a_member', 403, 'You are not an active member of this tenant.', 'Ask an owner for an invitation, or sign in to another organization.'),
  ('ZF018', 'refused_by_policy', 403, 'The security policy of the tenant does not allow this.', 'Come as it asks, or have an owner change what it asks.'),
  ('ZF019', 'request_in_progress', 409, 'A request with this idempotency key is under way.', 'Ask again in a moment: its answer is kept.'),
  ('ZF020', 'idempotency_key_reused', 422, 'This idempotency key was used for another request.', 'Give each request a key of its own, and repeat it as it was.'),
  ('ZF021', 'answered_before', 409, 'This request was answered before.', 'Its answer is kept for 24 hours.'),
  ('22000', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22001', 'value_too_long', 400, 'A value is too long.', 'Shorten it.'),
  ('22003', 'value_out_of_range', 400, 'A number is out of range.', 'Send a number within the range of its type.'),
  ('22007', 'invalid_input', 400, 'A date or time is not well formed.', 'Send ISO 8601.'),
  ('22008', 'value_out_of_range', 400, 'A date or time is out of range.', 'Send a date that exists.'),
  ('22021', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove the NUL character.'),
  ('22023', 'invalid_input', 400, 'A value is not acceptable.', 'Correct the value.'),
  ('22P02', 'invalid_input', 400, 'A value is not well formed.', 'Send the type that the documentation names.'),
  ('22P05', 'invalid_input', 400, 'A text holds a character that cannot be stored.', 'Remove that character.'),
  ('23502', 'value_required', 422, 'A required value is missing.', 'Send the value.'),
  ('23503', 'reference_not_found', 422, 'A referenced resource does not exist.', 'Check the ids; they must be of your own tenant.'),
  ('23505', 'already_exists', 409, 'A resource with these values exists.', 'Use the existing one, or other values.'),
  ('23514', 'invalid_value', 422, 'A value breaks a rule of the resource.', 'Correct the value.'),
  ('23P01', 'already_exists', 409, 'A resource that excludes this one exists.', 'Use the existing one, or other values.'),
  ('40001', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('40P01', 'conflict_retry', 409, 'A concurrent change got in the way.', 'Repeat the request.'),
  ('42501', 'permission_denied', 403, 'You may not do this.', 'Ask an owner for the permission.'),
  ('53300', 'overloaded', 503, 'The service is busy.', 'Repeat the request later.'),
  ('54000', 'too_large', 413, 'The request is too large.', 'Split the request.'),
  ('55P03', 'conflict_retry', 409, 'Somebody else holds the resource.', 'Repeat the request.'),
  ('57014', 'timeout', 504, 'The request took too long and was cancelled.', 'Ask for less at once.'),
  ('57P01', 'unavailable', 503, 'The database is restarting.', 'Repeat the request later.')
on conflict (sqlstate) do update
  set (code, http_status, message, remedy) = (excluded.code, excluded.http_status, excluded.message, excluded.remedy);

create or replace function platform.error_vocabulary()
returns setof platform.error
language sql
stable
security definer
set search_path = ''
rows 50
begin atomic
  select e.*
  from platform.error e
  order by e.sqlstate;
end;
comment on function platform.error_vocabulary() is 'The error vocabulary, for the processes that translate errors.';
grant execute on function platform.error_vocabulary() to freehold_app, freehold_gate, freehold_worker;
