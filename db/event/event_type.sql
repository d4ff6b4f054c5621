-- The catalogue of events, for every caller: it is the same for all tenants, and says nothing of any.

comment on table catalog.event_type is E'@reference\nA kind of event: what a webhook endpoint can subscribe to, and what its events carry.';
comment on column catalog.event_type.type is 'Name, such as project.archived.';
comment on column catalog.event_type.entity is E'@isIndexed\nName of the entity that it is about.';
comment on column catalog.event_type.description is 'What happened.';
comment on column catalog.event_type.schema is 'JSON Schema (2020-12) of the data of its events.';
comment on column catalog.event_type.recorded is 'Declared by platform.declare_event: no change of a row causes it.';
grant select (type, entity, description, schema) on catalog.event_type to freehold_user;
