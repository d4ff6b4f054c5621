--! Undoes: sha1:f4e2f5311b485225f6da247dfaa93919a7b9cd89
--! Loses: nothing

-- Undoes "group role".
set local check_function_bodies = off;
create or replace function identity.group_role_of(issuer text, organization text, subject text, tenant uuid)
returns text
language sql
stable
security definer
set search_path = ''
begin atomic
  select r.role
  from identity.directory_users_of(issuer, organization, subject) d
  join identity.provider_object gu
    on gu.issuer = d.issuer and gu.subject = d.id and gu.kind = 'directory_group_user' and (gu.data ->> 'present')::boolean
  join identity.provider_object g
    on g.issuer = d.issuer and g.kind = 'directory_group' and g.id = gu.data ->> 'directory_group_id' and not g.ended
  join app.group_role r on r.tenant_id = tenant and r.group_name = g.data ->> 'name' and r.status = 'active'
  where identity.is_active_directory_user(d)
  order by r.position, r.group_name
  limit 1;
end;
