-- The audit trail in the public contract: the events again, as an auditor reads them: the latest first, by whom and about what, with names.

create or replace view api_v1.audit_trail with (security_invoker = true) as
select e.id, e.type, e.entity, e.entity_id, e.entity_version, e.occurred_at,
  e.actor_type, e.actor_id, coalesce(m.name, k.name) as actor_name, m.email as actor_email,
  i.email as impersonator_email, i.reason as impersonator_reason, e.request_id, e.data, e.previous
from app.event e
left join app.membership m on m.tenant_id = e.tenant_id and m.id = e.actor_id
left join app.api_key k on k.tenant_id = e.tenant_id and k.id = e.actor_id
left join app.impersonation i on i.tenant_id = e.tenant_id and i.id = e.impersonator_id;
comment on view api_v1.audit_trail is E'@title audit_entry\nWho did what, when, and to what.';
comment on column api_v1.audit_trail.id is 'Identifier of the event.';
comment on column api_v1.audit_trail.type is E'@example project.archived\nKind of event.';
comment on column api_v1.audit_trail.entity is E'@example project\nName of the entity that changed.';
comment on column api_v1.audit_trail.entity_id is 'The resource that changed.';
comment on column api_v1.audit_trail.entity_version is 'Version of the resource after the change.';
comment on column api_v1.audit_trail.occurred_at is 'When it happened.';
comment on column api_v1.audit_trail.actor_type is E'@example member\nmember, api_key, system (a job) or operator (a person in psql).';
comment on column api_v1.audit_trail.actor_id is 'The membership or API key that did it.';
comment on column api_v1.audit_trail.actor_name is E'@example Ada Lovelace\nName of the member or key that did it.';
comment on column api_v1.audit_trail.actor_email is E'@format email\n@example ada@example.com\nAddress of the member who did it.';
comment on column api_v1.audit_trail.impersonator_email is E'@format email\n@example support@example.com\nThe support person who acted as the member, if one did.';
comment on column api_v1.audit_trail.impersonator_reason is 'Why support acted as the member.';
comment on column api_v1.audit_trail.request_id is 'The request that caused it, as the response''s x-request-id tells.';
comment on column api_v1.audit_trail.data is 'The resource after the change.';
comment on column api_v1.audit_trail.previous is 'Former values of what changed; null when it was created.';
grant select on api_v1.audit_trail to freehold_user;
