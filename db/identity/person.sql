-- People, and the logins by which they are recognised.

create or replace function identity.ensure_person(issuer text, subject text, email text, name text)
returns uuid
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  found_person uuid;
begin
  -- a sign-in and the news of it may come at once
  perform pg_advisory_xact_lock(hashtextextended(issuer || ' ' || subject, 7100051));
  select l.person_id
  into found_person
  from identity.login l
  where l.issuer = ensure_person.issuer
    and l.subject = ensure_person.subject;
  if not found then
    insert into identity.person (email, name)
    values (ensure_person.email, ensure_person.name)
    returning id into found_person;
    insert into identity.login (issuer, subject, person_id)
    values (ensure_person.issuer, ensure_person.subject, found_person);
  end if;
  return found_person;
end
$$;
comment on function identity.ensure_person(text, text, text, text) is
  'The person of an issuer and subject, made when new. People are never matched by e-mail.';
