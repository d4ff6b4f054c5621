--! Undoes: sha1:e36ce15c5af75ab8ea0f31ffd711813c46be460b
--! Loses: app.tenant.allowed_origins, the rows of platform.idempotency_key, the rows of platform.rate_limit

-- Undoes "api terms".
set local check_function_bodies = off;
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.created';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.updated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.activated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.suspended';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.reactivated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.security_changed';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closed';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso", "stream_audit_log"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "stream_audit_log": {"type": "boolean", "description": "Whether its events go to the audit log of the identity provider, from now on."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closing';
delete from catalog.plan_entitlement where (plan, key) in (('free', 'api_requests'), ('free', 'api_key_requests'), ('team', 'api_requests'), ('team', 'api_key_requests'), ('business', 'api_requests'), ('business', 'api_key_requests'), ('enterprise', 'api_requests'), ('enterprise', 'api_key_requests'));
update platform.entity set declaration = '{"due": {"finish_closing": {"column": "closes_at", "states": ["closing"]}}, "tasks": {}, "across": {"freehold_janitor": ["select"], "freehold_resolver": ["select"]}, "events": {"changed": [{"when": "(new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role)", "event": "tenant.security_changed", "description": "What a tenant demands of those who sign in, or whom it admits, was changed."}], "created": "tenant.created", "updated": "tenant.updated", "descriptions": {"tenant.closed": "A tenant ended with its grace period, and what it had is deleted.", "tenant.closing": "A tenant is about to end: everybody is locked out, and it is closed at closes_at.", "tenant.created": "A tenant was made, and is being set up.", "tenant.updated": "A tenant was given another name.", "tenant.activated": "A tenant was set up, and is in use.", "tenant.suspended": "A tenant was suspended: members and API keys are locked out, and nothing is lost.", "tenant.reactivated": "A suspended tenant is in use again."}}, "hidden": [], "resource": {"if_match": "required"}, "lifecycle": {"initial": "provisioning", "transitions": {"close": {"to": "closing", "from": ["active", "suspended"], "event": "tenant.closing", "description": "Begins the end of the tenant: everybody is locked out, and after 30 days it is closed."}, "suspend": {"to": "suspended", "from": ["active"], "event": "tenant.suspended"}, "activate": {"to": "active", "from": ["provisioning"], "event": "tenant.activated"}, "reactivate": {"to": "active", "from": ["suspended"], "event": "tenant.reactivated"}, "finish_closing": {"to": "closed", "from": ["closing"], "event": "tenant.closed"}}}, "permissions": {"read": "viewer", "close": "owner", "update": "owner", "suspend": [], "activate": [], "reactivate": [], "finish_closing": []}}', grants = 'freehold_janitor SELECT
freehold_resolver SELECT
freehold_user SELECT (admit_verified_domains)
freehold_user SELECT (allowed_networks)
freehold_user SELECT (closes_at)
freehold_user SELECT (created_at)
freehold_user SELECT (default_role)
freehold_user SELECT (id)
freehold_user SELECT (login_methods)
freehold_user SELECT (max_idle_minutes)
freehold_user SELECT (max_session_hours)
freehold_user SELECT (name)
freehold_user SELECT (require_sso)
freehold_user SELECT (slug)
freehold_user SELECT (status)
freehold_user SELECT (stream_audit_log)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)
freehold_user UPDATE (admit_verified_domains)
freehold_user UPDATE (allowed_networks)
freehold_user UPDATE (default_role)
freehold_user UPDATE (login_methods)
freehold_user UPDATE (max_idle_minutes)
freehold_user UPDATE (max_session_hours)
freehold_user UPDATE (name)
freehold_user UPDATE (require_sso)
freehold_user UPDATE (stream_audit_log)
freehold_user UPDATE (version)' where name = 'tenant';
delete from platform.error where (sqlstate) in (('ZF019'), ('ZF020'), ('ZF021'));
revoke update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log, allowed_origins) on api_v1.tenants from freehold_user;
comment on column api_v1.deliveries.created_at is null;
comment on column api_v1.deliveries.id is null;
comment on column api_v1.deliveries.status is null;
comment on column api_v1.deliveries.updated_at is null;
comment on column api_v1.delivery_attempts.delivery_id is null;
comment on column api_v1.delivery_attempts.id is null;
comment on column api_v1.delivery_attempts.occurred_at is null;
comment on column api_v1.events.id is null;
comment on column api_v1.events.occurred_at is null;
comment on column api_v1.invoice_lines.created_at is null;
comment on column api_v1.invoice_lines.description is null;
comment on column api_v1.invoice_lines.id is null;
comment on column api_v1.invoice_lines.invoice_id is null;
comment on column api_v1.invoice_lines.period_end is null;
comment on column api_v1.invoice_lines.period_start is null;
comment on column api_v1.tenants.allowed_origins is null;
comment on column api_v1.webhook_headers.created_at is null;
comment on column api_v1.webhook_headers.endpoint_id is null;
comment on column api_v1.webhook_headers.id is null;
comment on column api_v1.webhook_signing_keys.created_at is null;
comment on column api_v1.webhook_signing_keys.endpoint_id is null;
comment on column api_v1.webhook_signing_keys.id is null;
revoke select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log, allowed_origins) on app.tenant from freehold_user;
revoke update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log, allowed_origins) on app.tenant from freehold_user;
alter table app.tenant alter column allowed_origins set statistics default;
alter table app.tenant drop constraint tenant_allowed_origins_check;
drop table platform.rate_limit;
comment on column app.delivery.created_at is null;
comment on column app.delivery.id is null;
comment on column app.delivery.status is null;
comment on column app.delivery.updated_at is null;
comment on column app.delivery_attempt.delivery_id is null;
comment on column app.delivery_attempt.id is null;
comment on column app.delivery_attempt.occurred_at is null;
comment on column app.event.id is null;
comment on column app.event.occurred_at is null;
comment on column app.feature_usage.id is null;
comment on column app.invoice_line.created_at is null;
comment on column app.invoice_line.description is null;
comment on column app.invoice_line.id is null;
comment on column app.invoice_line.invoice_id is null;
comment on column app.invoice_line.period_end is null;
comment on column app.invoice_line.period_start is null;
comment on column app.report_chunk.id is null;
comment on column app.tenant.allowed_origins is null;
comment on column app.webhook_header.created_at is null;
comment on column app.webhook_header.endpoint_id is null;
comment on column app.webhook_header.id is null;
comment on column app.webhook_signing_key.created_at is null;
comment on column app.webhook_signing_key.endpoint_id is null;
comment on column app.webhook_signing_key.id is null;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.tenant_record_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), null,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.tenant_record_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.version = old.version then
    return null;
  end if;
  -- The caller is verified here too, for a statement can change the settings after the policy has looked at them.
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous,
    actor_type, actor_id, impersonator_id, request_id, traceparent)
  select
    new.tenant_id, case
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing'
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end
      || case when new.max_session_hours is distinct from old.max_session_hours then jsonb_build_object('max_session_hours', old.max_session_hours) else '{}' end
      || case when new.max_idle_minutes is distinct from old.max_idle_minutes then jsonb_build_object('max_idle_minutes', old.max_idle_minutes) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.login_methods is distinct from old.login_methods then jsonb_build_object('login_methods', old.login_methods) else '{}' end
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end
      || case when new.stream_audit_log is distinct from old.stream_audit_log then jsonb_build_object('stream_audit_log', old.stream_audit_log) else '{}' end,
    v.actor_type, v.actor_id, v.impersonator_id,
    left(nullif(current_setting('freehold.request_id', true), ''), 200), left(nullif(current_setting('freehold.traceparent', true), ''), 100)
  from platform.verified_context v
  where v.tenant_id = new.tenant_id;
  if found then
    return null;
  end if;
  -- the logins of processes act in a context only: a statement that emptied it under way is nobody's
  if platform.claim(1) is not null or session_user in ('freehold_app', 'freehold_worker') then
    perform platform.require_tenant(new.tenant_id);
  end if;
  -- without a context, row-level security lets nobody come here but a superuser in psql
  insert into app.event (
    tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
  values (
    new.tenant_id, case
      when old.status = 'active' and new.status = 'closing' then 'tenant.closing'
      when old.status = 'active' and new.status = 'suspended' then 'tenant.suspended'
      when old.status = 'closing' and new.status = 'closed' then 'tenant.closed'
      when old.status = 'provisioning' and new.status = 'active' then 'tenant.activated'
      when old.status = 'suspended' and new.status = 'active' then 'tenant.reactivated'
      when old.status = 'suspended' and new.status = 'closing' then 'tenant.closing'
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso, 'stream_audit_log', new.stream_audit_log), '{}'::jsonb
      || case when new.name is distinct from old.name then jsonb_build_object('name', old.name) else '{}' end
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', old.slug) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.closes_at is distinct from old.closes_at then jsonb_build_object('closes_at', old.closes_at) else '{}' end
      || case when new.admit_verified_domains is distinct from old.admit_verified_domains then jsonb_build_object('admit_verified_domains', old.admit_verified_domains) else '{}' end
      || case when new.default_role is distinct from old.default_role then jsonb_build_object('default_role', old.default_role) else '{}' end
      || case when new.max_session_hours is distinct from old.max_session_hours then jsonb_build_object('max_session_hours', old.max_session_hours) else '{}' end
      || case when new.max_idle_minutes is distinct from old.max_idle_minutes then jsonb_build_object('max_idle_minutes', old.max_idle_minutes) else '{}' end
      || case when new.allowed_networks is distinct from old.allowed_networks then jsonb_build_object('allowed_networks', old.allowed_networks) else '{}' end
      || case when new.login_methods is distinct from old.login_methods then jsonb_build_object('login_methods', old.login_methods) else '{}' end
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end
      || case when new.stream_audit_log is distinct from old.stream_audit_log then jsonb_build_object('stream_audit_log', old.stream_audit_log) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
drop routine platform.api_terms();
drop routine platform.are_origins(origins text[]);
drop routine platform.claim_idempotency_key(key text, route text, fingerprint text);
create or replace function platform.declare_record(
  relation regclass,
  permissions jsonb default '{}',
  hidden text[] default '{}',
  across jsonb default '{}',
  retained boolean default false,
  resource jsonb default null
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  entity_name text := (select c.relname from pg_catalog.pg_class c where c.oid = relation);
begin
  insert into platform.entity (name, relation, kind, declaration)
  values (entity_name, relation::text, 'record', jsonb_strip_nulls(jsonb_build_object(
    'permissions', permissions, 'hidden', hidden, 'across', across, 'retained', retained, 'resource', resource)))
  on conflict (name) do update
    set declaration = excluded.declaration;
  perform platform.write_permissions(entity_name, permissions, 'May %s %s rows.');
  update platform.entity e set policies = platform.write_policies(entity_name) where e.name = entity_name;
  perform platform.hide_statistics(relation);
  execute format('revoke all on %s from public, freehold_user', relation);
  perform platform.grant_columns(relation, 'select',
    array(select 'tenant_id'::name union all select c.name from platform.shown_columns(relation, hidden) c));
  update platform.entity e set grants = platform.grants_of(e.relation::regclass) where e.name = entity_name;
  -- it fires when tenant_id is named in the SET list, so it costs other updates nothing
  execute format('create or replace trigger _100_keep_tenant before update of tenant_id on %s for each row execute function platform.keep_tenant()',
    relation);
  perform platform.write_contract(entity_name);
end
$$;
create or replace function platform.describe_api()
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_agg(jsonb_build_object(
    'version', v.version, 'schema', v.schema, 'deprecated_on', v.deprecated_on, 'sunset_on', v.sunset_on, 'description', v.description,
    'resources', platform.described_resources(v.schema), 'functions', platform.described_functions(v.schema)) order by v.version desc)
  from platform.api_versions() v;
end;
drop routine platform.forget_idempotency_keys(most integer);
drop routine platform.keep_answer(key text, route text, fingerprint text, answer text, version integer, resource_key text);
drop routine platform.kept_answer(key text, route text, fingerprint text);
create or replace function platform.purge_tenant(tenant uuid, most integer default 10000)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  part record;
  deleted bigint;
begin
  -- Policies hold this to the tenant, as they hold everybody.
  perform platform.enter_as_system(tenant, 'purge');
  if not platform.is_closed(tenant) then
    raise exception using
      errcode = 'ZF005',
      message = 'a tenant that is not closed is not purged',
      detail = 'Close it, and wait for its grace period to end.';
  end if;
  -- Who refers to others goes first.
  for part in
    with recursive declared as (
      select e.relation::regclass as relation
      from platform.entity e
      where e.kind in ('entity', 'record')
    ),
    depth as (
      select d.relation, 0 as depth
      from declared d
      union all
      select k.conrelid::regclass, n.depth + 1
      from depth n
      join pg_catalog.pg_constraint k on k.confrelid = n.relation and k.contype = 'f' and k.conrelid <> k.confrelid
      join declared d on d.relation = k.conrelid
      where n.depth < 50
    )
    select n.relation
    from depth n
    where n.relation <> 'app.tenant'::regclass
    group by n.relation
    order by max(n.depth) desc, n.relation::text
  loop
    execute format('delete from %1$s where (tenant_id, id) in (select tenant_id, id from %1$s where tenant_id = $1 limit $2)', part.relation)
    using tenant, most;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      return true;
    end if;
  end loop;

  delete from platform.delivery_queue q where q.tenant_id = tenant;
  delete from platform.lane_queue q where q.tenant_id = tenant;
  delete from platform.replay_progress p where p.tenant_id = tenant;
  delete from platform.endpoint_flow f where f.tenant_id = tenant;
  delete from platform.counter c where c.tenant_id = tenant;
  delete from platform.tenant_plan p where p.tenant_id = tenant;
  delete from identity.api_key_secret s where s.tenant_id = tenant;
  delete from identity.session s where s.tenant_id = tenant;
  delete from identity.provider_address a
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory_user'
    and a.issuer = d.issuer and a.kind = d.kind and a.id = d.id;
  delete from identity.provider_object gu
  using identity.provider_object d, identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and d.organization = o.organization and d.kind = 'directory'
    and gu.issuer = d.issuer and gu.directory = d.id and gu.kind = 'directory_group_user';
  delete from identity.provider_object d
  using identity.organization o
  where o.tenant_id = tenant and d.issuer = o.issuer and (d.organization = o.organization or (d.kind = 'organization' and d.id = o.organization));
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.audit_position p where p.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
  delete from identity.invited_member m where m.tenant_id = tenant;
  delete from identity.blocked_member b where b.tenant_id = tenant;
  delete from identity.barred_person b where b.tenant_id = tenant;
  -- people stay who belong to another tenant
  with left_tenant as (
    delete from identity.person_principal m where m.tenant_id = tenant returning m.person_id
  )
  delete from identity.person p
  using left_tenant l
  where p.id = l.person_id
    and not exists (select from identity.person_principal o where o.person_id = p.id and o.tenant_id <> tenant);
  delete from app.tenant t where t.tenant_id = tenant;
  delete from identity.principal p where p.tenant_id = tenant;
  -- identity.tenant_slug stays: nobody else may answer under the name of a tenant that was
  return false;
end
$$;
comment on function platform.describe_api() is 'The whole contract, for the gateway at start and for the OpenAPI document; newest version first.';
comment on function platform.describe_columns(relation regclass) is 'Comments the columns that every entity has, where they have no comment of their own.';
grant select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant to freehold_user;
grant update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant to freehold_user;
grant update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on api_v1.tenants to freehold_user;
drop table platform.idempotency_key;
drop view api_v1.tenants cascade;
alter table app.tenant drop column allowed_origins;
create view api_v1.tenants with (security_invoker=true) as
 SELECT id,
    name,
    slug,
    status,
    closes_at,
    version,
    created_at,
    updated_at,
    admit_verified_domains,
    default_role,
    max_session_hours,
    max_idle_minutes,
    allowed_networks,
    login_methods,
    require_sso,
    stream_audit_log
   FROM app.tenant t;
alter view api_v1.tenants owner to freehold_owner;
grant select on api_v1.tenants to freehold_user;
grant update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on api_v1.tenants to freehold_user;
comment on view api_v1.tenants is 'The organization that everything else belongs to.';
comment on column api_v1.tenants.admit_verified_domains is 'Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified.';
comment on column api_v1.tenants.allowed_networks is '@example ["203.0.113.0/24"]
Where members and keys may come from, in CIDR notation; empty for anywhere.';
comment on column api_v1.tenants.closes_at is 'When the grace period ends and the tenant is closed.';
comment on column api_v1.tenants.created_at is 'When it was created.';
comment on column api_v1.tenants.default_role is '@example member
The role of who joins without an invitation or a group that gives one.';
comment on column api_v1.tenants.id is 'Identifier.';
comment on column api_v1.tenants.login_methods is '@example ["SSO", "Passkey"]
How members may sign in, as the identity provider names it; empty for any way.';
comment on column api_v1.tenants.max_idle_minutes is '@example 1440
How long a session may go unused: 5 to 129600 minutes.';
comment on column api_v1.tenants.max_session_hours is '@example 168
How long a session lasts at most: 1 to 2160 hours.';
comment on column api_v1.tenants.name is '@example Acme Ltd
Name as people see it.';
comment on column api_v1.tenants.require_sso is 'Whether members must come by single sign-on.';
comment on column api_v1.tenants.slug is '@example acme
Short name in addresses; unique over all tenants.';
comment on column api_v1.tenants.status is 'State in its lifecycle.';
comment on column api_v1.tenants.stream_audit_log is 'Whether its events go to the audit log of the identity provider, from now on.';
comment on column api_v1.tenants.updated_at is 'When it was last changed.';
comment on column api_v1.tenants.version is 'Counts its changes, from 1: the version to expect when changing it.';
CREATE OR REPLACE FUNCTION api_v1.close_tenant(id uuid, expected_version integer DEFAULT NULL::integer)
 RETURNS api_v1.tenants
 LANGUAGE sql
 SET search_path TO ''
BEGIN ATOMIC
 SELECT ROW(made.id, made.name, made.slug, made.status, made.closes_at, made.version, made.created_at, made.updated_at, made.admit_verified_domains, made.default_role, made.max_session_hours, made.max_idle_minutes, made.allowed_networks, made.login_methods, made.require_sso, made.stream_audit_log)::api_v1.tenants AS "row"
    FROM app.close_tenant(id => close_tenant.id, expected_version => close_tenant.expected_version) made(tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log);
END;
alter function api_v1.close_tenant(id uuid, expected_version integer) owner to freehold_owner;
grant execute on function api_v1.close_tenant(id uuid, expected_version integer) to freehold_user;
comment on function api_v1.close_tenant(id uuid, expected_version integer) is '@route POST tenants/{id}/close
Begins the end of the tenant: everybody is locked out, and after 30 days it is closed. Event: tenant.closing. Permission: tenant:close.';
