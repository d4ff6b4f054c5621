-- Support who acts as a member: who they are, and why, for the tenant to see. Events that they cause carry its id.

comment on table app.impersonation is 'Support acted as a member of the tenant. The events of that time have its id as their impersonator.';
comment on column app.impersonation.membership_id is 'The member as whom they acted.';
comment on column app.impersonation.email is E'@format email\n@example support@vendor.example\nWho acted.';
comment on column app.impersonation.reason is E'@example Ticket 4711: the export fails.\nWhy, as they gave it.';

select platform.declare_entity(
  'app.impersonation',
  permissions => '{"read": "admin"}',
  across => '{"freehold_resolver": ["select"]}',
  events => '{"created": "impersonation.began", "descriptions": {
    "impersonation.began": "Support began to act as a member of the tenant, for the reason that it gives.",
    "impersonation.updated": "Never recorded: an impersonation does not change."
  }}'
);

insert into identity.guarded_entity (entity)
values ('tenant'), ('membership'), ('invitation'), ('api_key'), ('group_role'), ('role')
on conflict do nothing;

create or replace function identity.permissions_of_impersonator(permissions text[])
returns text[]
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(array_agg(p order by p), '{}')
  from unnest(permissions) p
  where p like '%:read'
    or split_part(p, ':', 1) not in (select g.entity from identity.guarded_entity g);
end;
comment on function identity.permissions_of_impersonator(text[]) is
  'What is left of a member''s permissions to support who acts as them: not who may come in, nor with what (identity.guarded_entity).';
grant execute on function identity.permissions_of_impersonator(text[]) to freehold_resolver;
