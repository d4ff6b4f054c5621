--! Undoes: sha1:6041a0e56d4204ef147b426f2229b1fce85be0dd
--! Loses: app.report.format, the rows of app.role, the rows of app.role_status, app.tenant.stream_audit_log, the rows of identity.audit_position

-- Undoes "roles and audit".
set local check_function_bodies = off;
delete from catalog.event_type where (type) in (('role.deleted'), ('role.updated'), ('role.created'));
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.failed';
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.expired';
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.started';
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.updated';
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.exported';
update catalog.event_type set schema = '{"type": "object", "title": "report", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "kind", "since", "status", "row_count", "byte_count", "error", "expires_at", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "kind": {"type": "string", "examples": ["invoices"], "description": "events, invoices, members or usage."}, "error": {"type": ["string", "null"], "description": "Why it failed."}, "since": {"type": ["string", "null"], "format": "date-time", "description": "Only what happened from then on; all when null."}, "status": {"enum": ["expired", "exported", "failed", "requested", "running"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "row_count": {"type": ["integer", "null"], "description": "Rows in the export."}, "byte_count": {"type": ["integer", "null"], "description": "Size of the export."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Until when it can be downloaded."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "An export of the tenant''s data as newline-delimited JSON, made by the worker.", "additionalProperties": true}' where type = 'report.requested';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.removed';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.joined';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closed';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.closing';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.created';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.updated';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.updated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.activated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.suspended';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.reactivated';
update catalog.event_type set schema = '{"type": "object", "title": "tenant", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "name", "slug", "status", "closes_at", "version", "created_at", "updated_at", "admit_verified_domains", "default_role", "max_session_hours", "max_idle_minutes", "allowed_networks", "login_methods", "require_sso"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Acme Ltd"], "description": "Name as people see it."}, "slug": {"type": "string", "examples": ["acme"], "description": "Short name in addresses; unique over all tenants."}, "status": {"enum": ["active", "closed", "closing", "provisioning", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "closes_at": {"type": ["string", "null"], "format": "date-time", "description": "When the grace period ends and the tenant is closed."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}, "require_sso": {"type": "boolean", "description": "Whether members must come by single sign-on."}, "default_role": {"type": "string", "examples": ["member"], "description": "The role of who joins without an invitation or a group that gives one."}, "login_methods": {"type": "array", "items": {"type": "string"}, "examples": [["SSO", "Passkey"]], "description": "How members may sign in, as the identity provider names it; empty for any way."}, "allowed_networks": {"type": "array", "items": {"type": "string"}, "examples": [["203.0.113.0/24"]], "description": "Where members and keys may come from, in CIDR notation; empty for anywhere."}, "max_idle_minutes": {"type": "integer", "examples": [1440], "description": "How long a session may go unused: 5 to 129600 minutes."}, "max_session_hours": {"type": "integer", "examples": [168], "description": "How long a session lasts at most: 1 to 2160 hours."}, "admit_verified_domains": {"type": "boolean", "description": "Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified."}}, "description": "The organization that everything else belongs to.", "additionalProperties": true}' where type = 'tenant.security_changed';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.suspended';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.reactivated';
update catalog.event_type set schema = '{"type": "object", "title": "membership", "$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["id", "person_id", "email", "name", "role", "status", "version", "created_at", "updated_at"], "properties": {"id": {"type": "string", "format": "uuid", "description": "Identifier."}, "name": {"type": "string", "examples": ["Ada Lovelace"], "description": "Name as people see it."}, "role": {"type": "string", "examples": ["member"], "description": "owner, admin, member, viewer or billing."}, "email": {"type": "string", "format": "email", "examples": ["ada@example.com"], "description": "Address as the identity provider verified it."}, "status": {"enum": ["active", "removed", "suspended"], "type": "string", "description": "State in its lifecycle."}, "version": {"type": "integer", "description": "Counts its changes, from 1: the version to expect when changing it."}, "person_id": {"type": "string", "format": "uuid", "description": "The person, whatever tenants they belong to."}, "created_at": {"type": "string", "format": "date-time", "description": "When it was created."}, "updated_at": {"type": "string", "format": "date-time", "description": "When it was last changed."}}, "description": "A person who works in the tenant, with one role.", "additionalProperties": true}' where type = 'user.role_changed';
delete from identity.guarded_entity where (entity) in (('role'));
delete from platform.entity where (name) in (('role_status'), ('role'));
update platform.entity set grants = 'freehold_janitor SELECT
freehold_user INSERT (kind)
freehold_user INSERT (since)
freehold_user SELECT (byte_count)
freehold_user SELECT (created_at)
freehold_user SELECT (error)
freehold_user SELECT (expires_at)
freehold_user SELECT (id)
freehold_user SELECT (kind)
freehold_user SELECT (row_count)
freehold_user SELECT (since)
freehold_user SELECT (status)
freehold_user SELECT (tenant_id)
freehold_user SELECT (updated_at)
freehold_user SELECT (version)' where name = 'report';
update platform.entity set grants = 'freehold_janitor SELECT
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
freehold_user UPDATE (version)' where name = 'tenant';
delete from platform.permission where (key) in (('role:read'), ('role:create'), ('role:delete'), ('role:update'));
delete from platform.role_permission where (role, permission) in (('viewer', 'role:read'), ('admin', 'role:create'), ('admin', 'role:delete'), ('admin', 'role:update'));
delete from platform.transition where (entity, name, from_state) in (('role', 'delete', 'active'));
revoke insert (kind, since, format) on app.report from freehold_user;
revoke select (tenant_id, id, kind, since, status, row_count, byte_count, error, expires_at, version, created_at, updated_at, format) on app.report from freehold_user;
revoke select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant from freehold_user;
revoke select on identity.organization from freehold_janitor;
revoke update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso, stream_audit_log) on app.tenant from freehold_user;
drop trigger _190_check_role on app.group_role;
drop trigger _190_check_role on app.invitation;
drop trigger _190_check_role on app.membership;
drop trigger _190_check_role on app.tenant;
drop index app.membership_role;
alter table app.group_role alter column role set statistics default;
alter table app.invitation alter column role set statistics default;
alter table app.membership alter column role set statistics default;
alter table app.report alter column format set statistics default;
alter table app.tenant alter column default_role set statistics default;
alter table app.group_role add constraint group_role_role_fkey FOREIGN KEY (role) REFERENCES platform.role(key);
alter table app.invitation add constraint invitation_role_fkey FOREIGN KEY (role) REFERENCES platform.role(key);
alter table app.membership add constraint membership_role_fkey FOREIGN KEY (role) REFERENCES platform.role(key);
alter table app.report drop constraint report_format_check;
alter table app.report drop constraint report_kind_check;
alter table app.report drop column format;
alter table app.report add constraint report_kind_check CHECK ((kind = ANY (ARRAY['events'::text, 'invoices'::text, 'members'::text, 'usage'::text])));
alter table app.tenant add constraint tenant_default_role_fkey FOREIGN KEY (default_role) REFERENCES platform.role(key);
comment on column app.membership.role is '@example member
owner, admin, member, viewer or billing.';
comment on column app.report.kind is '@example invoices
events, invoices, members or usage.';
comment on column app.tenant.stream_audit_log is null;
comment on table app.report is 'An export of the tenant''s data as newline-delimited JSON, made by the worker.';
drop routine app.audit_rows(since timestamp with time zone);
drop routine app.check_role();
drop routine app.delete_role(id uuid, expected_version integer);
create or replace function app.finish_report(id uuid)
returns app.report
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  running app.report := app.lock_report(finish_report.id, 'finish', '{running}');
begin
  insert into app.report_chunk (report_id, position, content)
  select running.id, (n - 1) / 1000, string_agg(row_text || E'\n', '' order by n)
  from app.report_rows(running) with ordinality r (row_text, n)
  group by (n - 1) / 1000;
  update app.report
  set status = 'exported',
    expires_at = statement_timestamp() + interval '7 days',
    (row_count, byte_count) = (
      select coalesce(sum(length(content) - length(replace(content, E'\n', ''))), 0), coalesce(sum(octet_length(content)), 0)
      from app.report_chunk c
      where c.tenant_id = running.tenant_id and c.report_id = running.id)
  where tenant_id = running.tenant_id
    and id = running.id
  returning * into running;
  return running;
end
$$;
drop routine app.grantable_permissions();
create or replace function app.group_role_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot have a group give the role %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.invitation_check()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  select coalesce(case when v.actor_type = 'member' then v.actor_id end, new.invited_by)
  into new.invited_by
  from platform.verified_context v;
  if new.expires_at not between now() and now() + interval '30 days' then
    raise exception using
      errcode = 'ZF010',
      message = 'an invitation lasts at most 30 days',
      detail = 'expires_at must lie within the next 30 days.';
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from unnest(platform.permissions_of(new.role)) p
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot invite a %s', new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
create or replace function app.membership_check_role()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  lacking text;
begin
  perform platform.require_tenant(new.tenant_id);
  -- asked of the context that is verified here: a statement could have begun in another one
  perform platform.require('membership:update');
  if (select v.actor_type from platform.verified_context v) = 'system' then
    return new;
  end if;
  select string_agg(p, ', ' order by p)
  into lacking
  from (
    select unnest(platform.permissions_of(new.role))
    union
    select unnest(platform.permissions_of(old.role))
  ) held (p)
  where not platform.allows(p);
  if lacking is not null then
    raise exception using
      errcode = 'ZF003',
      message = format('you cannot change a member from %s to %s', old.role, new.role),
      detail = format('You do not hold yourself: %s.', lacking);
  end if;
  return new;
end
$$;
drop routine app.report_lines(report app.report);
create or replace function app.report_rows(report app.report)
returns setof text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform platform.require('report:start');
  case report.kind
    when 'events' then
      -- how many transactions the whole cluster makes is no tenant's business
      return query select (to_jsonb(e) - 'xid')::text from app.event e
        where e.tenant_id = platform.tenant_id() and (report.since is null or e.id >= platform.uuidv7_floor(report.since))
        order by e.id;
    when 'invoices' then
      return query select (to_jsonb(i) || jsonb_build_object('lines', (
          select jsonb_agg(to_jsonb(l) order by l.id) from app.invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id)))::text
        from app.invoice i
        where i.tenant_id = platform.tenant_id() and (report.since is null or i.created_at >= report.since)
        order by i.id;
    when 'members' then
      return query select to_jsonb(m)::text from app.membership m
        where m.tenant_id = platform.tenant_id() and (report.since is null or m.created_at >= report.since)
        order by m.id;
    else
      return query select to_jsonb(u)::text from app.feature_usage_by_day u
        where report.since is null or u.day >= (report.since at time zone 'UTC')::date
        order by u.day, u.feature;
  end case;
end
$$;
drop routine app.require_role(tenant uuid, role text);
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.report_record_insert()
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
    new.tenant_id, 'report.requested', 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null,
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
    new.tenant_id, 'report.requested', 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), null, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_recorder;
CREATE OR REPLACE FUNCTION generated.report_record_update()
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
      when old.status = 'exported' and new.status = 'expired' then 'report.expired'
      when old.status = 'requested' and new.status = 'failed' then 'report.failed'
      when old.status = 'requested' and new.status = 'running' then 'report.started'
      when old.status = 'running' and new.status = 'exported' then 'report.exported'
      when old.status = 'running' and new.status = 'failed' then 'report.failed' else 'report.updated' end, 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.kind is distinct from old.kind then jsonb_build_object('kind', old.kind) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.row_count is distinct from old.row_count then jsonb_build_object('row_count', old.row_count) else '{}' end
      || case when new.byte_count is distinct from old.byte_count then jsonb_build_object('byte_count', old.byte_count) else '{}' end
      || case when new.error is distinct from old.error then jsonb_build_object('error', old.error) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end,
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
      when old.status = 'exported' and new.status = 'expired' then 'report.expired'
      when old.status = 'requested' and new.status = 'failed' then 'report.failed'
      when old.status = 'requested' and new.status = 'running' then 'report.started'
      when old.status = 'running' and new.status = 'exported' then 'report.exported'
      when old.status = 'running' and new.status = 'failed' then 'report.failed' else 'report.updated' end, 'report', new.id, new.version, jsonb_build_object('id', new.id, 'kind', new.kind, 'since', new.since, 'status', new.status, 'row_count', new.row_count, 'byte_count', new.byte_count, 'error', new.error, 'expires_at', new.expires_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at), '{}'::jsonb
      || case when new.kind is distinct from old.kind then jsonb_build_object('kind', old.kind) else '{}' end
      || case when new.since is distinct from old.since then jsonb_build_object('since', old.since) else '{}' end
      || case when new.status is distinct from old.status then jsonb_build_object('status', old.status) else '{}' end
      || case when new.row_count is distinct from old.row_count then jsonb_build_object('row_count', old.row_count) else '{}' end
      || case when new.byte_count is distinct from old.byte_count then jsonb_build_object('byte_count', old.byte_count) else '{}' end
      || case when new.error is distinct from old.error then jsonb_build_object('error', old.error) else '{}' end
      || case when new.expires_at is distinct from old.expires_at then jsonb_build_object('expires_at', old.expires_at) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso), null,
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
    new.tenant_id, 'tenant.created', 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso), null, 'operator');
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
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso), '{}'::jsonb
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
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end,
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
      when (new.max_session_hours, new.max_idle_minutes, new.allowed_networks, new.login_methods, new.require_sso, new.admit_verified_domains, new.default_role) is distinct from (old.max_session_hours, old.max_idle_minutes, old.allowed_networks, old.login_methods, old.require_sso, old.admit_verified_domains, old.default_role) then 'tenant.security_changed' else 'tenant.updated' end, 'tenant', new.id, new.version, jsonb_build_object('id', new.id, 'name', new.name, 'slug', new.slug, 'status', new.status, 'closes_at', new.closes_at, 'version', new.version, 'created_at', new.created_at, 'updated_at', new.updated_at, 'admit_verified_domains', new.admit_verified_domains, 'default_role', new.default_role, 'max_session_hours', new.max_session_hours, 'max_idle_minutes', new.max_idle_minutes, 'allowed_networks', new.allowed_networks, 'login_methods', new.login_methods, 'require_sso', new.require_sso), '{}'::jsonb
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
      || case when new.require_sso is distinct from old.require_sso then jsonb_build_object('require_sso', old.require_sso) else '{}' end, 'operator');
  return null;
end
$function$;
set local role none;
set local role freehold_resolver;
create or replace function identity.describe_session(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'id', s.id,
    'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(case
      when s.impersonation_id is null then platform.permissions_of(m.role)
      else identity.permissions_of_impersonator(platform.permissions_of(m.role)) end)),
    'method', s.method,
    'impersonator', (
      select jsonb_build_object('email', i.email, 'reason', i.reason)
      from app.impersonation i
      where i.tenant_id = s.tenant_id and i.id = s.impersonation_id),
    'created_at', s.created_at,
    'expires_at', s.expires_at,
    'organizations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', o.organization, 'name', ot.name, 'role', om.role, 'current', ot.id = s.tenant_id) order by ot.name, o.organization), '[]')
      from identity.person_principal pp
      join app.membership om on om.tenant_id = pp.tenant_id and om.id = pp.principal_id and om.status = 'active'
      join app.tenant ot on ot.tenant_id = om.tenant_id and ot.id = om.tenant_id and ot.status = 'active'
      join identity.organization o on o.tenant_id = ot.id and o.issuer = s.issuer
      where pp.person_id = s.person_id))
  from identity.session s
  join identity.person p on p.id = s.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
  where s.token_hash = describe_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and not exists (select from identity.blocked_member b where b.tenant_id = m.tenant_id and b.membership_id = m.id);
end;
set local role none;
create or replace function identity.enter_as_member(tenant uuid, person uuid, method text, ip inet)
returns app.membership
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  member app.membership;
begin
  perform platform.enter_as_system(tenant, 'sign-in');
  perform identity.check_policy(t, 'session', method, ip)
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant;
  select m.*
  into member
  from app.membership m
  where m.tenant_id = tenant
    and m.person_id = person
    and m.status = 'active';
  if not found or exists (
    select from identity.blocked_member b where b.tenant_id = tenant and b.membership_id = member.id) then
    raise exception using errcode = 'ZF017', message = 'the person is no active member of the tenant';
  end if;
  perform platform.enter(tenant, member.id, platform.permissions_of(member.role));
  return member;
end
$$;
drop routine identity.move_audit_position(after uuid);
set local role freehold_resolver;
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after);
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is null then method else 'Impersonation' end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions) s;
  return next;
end
$resolve$;
set local role none;
create or replace function identity.sign_in(
  issuer text,
  subject text,
  organization text,
  email text,
  name text,
  method text,
  provider_session text,
  token_hash bytea,
  sealed_tokens text,
  tokens_expire_at timestamptz,
  ip inet,
  user_agent text,
  impersonator_email text default null,
  impersonator_reason text default null
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  tenant uuid := identity.tenant_of(issuer, organization);
  person uuid := identity.ensure_person(issuer, subject, email, name);
  member app.membership := identity.enter_as_member(tenant, person, case when impersonator_email is null then method else 'Impersonation' end, ip);
  acting app.impersonation;
  made identity.session;
begin
  -- the news of its end came before it
  if (identity.known(issuer, 'session', provider_session)).ended then
    raise exception using errcode = 'ZF001', message = 'the identity provider has ended the session';
  end if;
  update identity.person p
  set email = sign_in.email,
    name = sign_in.name
  where p.id = person
    and (p.email, p.name) is distinct from (sign_in.email, sign_in.name);
  if impersonator_email is not null then
    insert into app.impersonation (membership_id, email, reason)
    values (member.id, impersonator_email, left(coalesce(nullif(impersonator_reason, ''), 'no reason was given'), 1000))
    returning * into acting;
    perform platform.enter(tenant, member.id, platform.permissions_of(member.role), acting.id);
  end if;
  insert into identity.session (
    token_hash, person_id, tenant_id, expires_at, issuer, provider_session, method, ip, user_agent, sealed_tokens, tokens_expire_at, impersonation_id)
  select sign_in.token_hash, person, tenant,
    statement_timestamp() + case when acting.id is null then make_interval(hours => t.max_session_hours) else interval '1 hour' end,
    sign_in.issuer, sign_in.provider_session, sign_in.method, sign_in.ip, left(sign_in.user_agent, 500), sign_in.sealed_tokens,
    sign_in.tokens_expire_at, acting.id
  from app.tenant t
  where t.tenant_id = tenant
    and t.id = tenant
  returning * into made;
  perform platform.record_event('user.signed_in', 'membership', member.id, jsonb_build_object(
    'id', member.id, 'session_id', made.id, 'method', made.method, 'ip', host(made.ip), 'user_agent', made.user_agent));
  return made.expires_at;
end
$$;
create or replace function identity.write_resolve()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.resolve(kind text, credential bytea, request jsonb default '{}')
returns table (
  tenant_id uuid,
  claims text,
  signature text,
  actor_type text,
  actor_id uuid,
  permissions text[],
  expires_at timestamptz,
  refresh_due boolean
)
language plpgsql
volatile
security definer
set search_path = ''
as $resolve$
declare
  tenant app.tenant;
  method text;
  begun_at timestamptz;
  seen_at timestamptz;
  acting uuid;
  credential_ends timestamptz;
  tokens_end timestamptz;
begin
  -- Each kind finds its member or key; everything after is common to all.
  case kind
    when 'api_key' then
      select k.tenant_id, k.id, k.expires_at, k.scopes
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.api_key_secret s
      join app.api_key k on k.tenant_id = s.tenant_id and k.id = s.api_key_id
      where s.hash = credential
        and k.status = 'active'
        and (k.expires_at is null or k.expires_at > statement_timestamp())
        and (k.created_by is null or exists (
          select from app.membership m where m.tenant_id = k.tenant_id and m.id = k.created_by and m.status = 'active'))
        -- whose address is not known is in no network
        and (k.allowed_networks = '{}' or nullif(request ->> 'ip', '')::inet <<= any (k.allowed_networks));
      actor_type := 'api_key';
    when 'session' then
      select m.tenant_id, m.id, s.expires_at, s.tokens_expire_at, s.method, s.created_at, s.last_seen_at, s.impersonation_id, platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, tokens_end, method, begun_at, seen_at, acting, permissions
      from identity.session s
      join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
      where s.token_hash = credential
        and s.revoked_at is null
        and s.expires_at > statement_timestamp();
      actor_type := 'member';
      -- the provider does not answer: for a while that is no reason to lock everybody out
      if tokens_end < statement_timestamp() - interval '1 hour' then
        raise exception using errcode = 'ZF016', message = 'the identity provider has not confirmed the session for an hour';
      end if;
    when 'token' then
      select m.tenant_id, m.id, to_timestamp((request -> 'token' ->> 'expires_at')::bigint), platform.permissions_of(m.role)
      into resolve.tenant_id, actor_id, credential_ends, permissions
      from identity.organization o
      join identity.login l on l.issuer = o.issuer and l.subject = request -> 'token' ->> 'subject'
      join app.membership m on m.tenant_id = o.tenant_id and m.person_id = l.person_id and m.status = 'active'
      where o.issuer = request -> 'token' ->> 'issuer'
        and o.organization = request -> 'token' ->> 'organization'
        and (l.sessions_valid_after is null or to_timestamp((request -> 'token' ->> 'issued_at')::bigint) >= l.sessions_valid_after);
      actor_type := 'member';
    else
      raise exception using
        errcode = 'ZF010',
        message = format('there is no credential kind %s', kind),
        detail = 'Known kinds: api_key, session, token.';
  end case;
  -- the last owner of a tenant is not suspended, and locked out all the same
  if actor_id is null or exists (
    select from identity.blocked_member b where b.tenant_id = resolve.tenant_id and b.membership_id = actor_id) then
    raise exception using errcode = 'ZF001', message = 'the credential is not known, or no longer good';
  end if;

  select t.*
  into tenant
  from app.tenant t
  where t.tenant_id = resolve.tenant_id
    and t.id = resolve.tenant_id;
  perform identity.check_policy(tenant, kind, case when acting is null then method else 'Impersonation' end, nullif(request ->> 'ip', '')::inet);
  if kind = 'session' then
    -- of the tenant as it is now, not as it was at the sign-in
    credential_ends := least(credential_ends, begun_at + make_interval(hours => tenant.max_session_hours));
    if credential_ends <= statement_timestamp() or seen_at + make_interval(mins => tenant.max_idle_minutes) <= statement_timestamp() then
      raise exception using errcode = 'ZF001', message = 'the session has ended by the policy of the tenant';
    end if;
    if acting is not null then
      permissions := identity.permissions_of_impersonator(permissions);
    end if;
  end if;

  if kind = 'session' then
    update identity.session s
    set last_seen_at = statement_timestamp()
    where s.token_hash = credential
      and s.last_seen_at < statement_timestamp() - interval '1 minute';
  end if;
  if kind = 'api_key' then
    update identity.api_key_secret s
    set last_used_at = statement_timestamp()
    where s.hash = credential
      and (s.last_used_at is null or s.last_used_at < statement_timestamp() - interval '1 minute');
  end if;

  refresh_due := coalesce(tokens_end <= statement_timestamp(), false);
  expires_at := least(statement_timestamp() + interval '60 seconds', credential_ends, case when not refresh_due then tokens_end end);
  select s.claims, s.signature
  into resolve.claims, resolve.signature
  from platform.sign_context(
    resolve.tenant_id, resolve.actor_id, resolve.expires_at, acting, resolve.permissions) s;
  return next;
end
$resolve$;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.resolve(text, bytea, jsonb) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.resolve(text, bytea, jsonb) is
    'Turns the SHA-256 of a session cookie (kind session) or API key (kind api_key), or a token that the server has verified (kind token; request.token holds
issuer, subject, organization, issued_at and expires_at in seconds since 1970), into a signed context of at most 60 seconds. request.ip is the caller''s address.
refresh_due: the tokens of the session''s provider have expired, and it should be asked (identity.claim_tokens); the context holds nevertheless.
Errors: ZF001 for a credential that is not good, ZF011 for a tenant that is not active, ZF018 for one that does not let them in this way, ZF016 when the provider has not answered for an hour.'$sql$);
end
$write$;
create or replace function identity.write_session_view()
returns void
language plpgsql
volatile
set search_path = ''
as $write$
begin
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.describe_session(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select jsonb_build_object(
    'id', s.id,
    'person', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
    'membership', jsonb_build_object('id', m.id, 'role', m.role, 'permissions', to_jsonb(case
      when s.impersonation_id is null then platform.permissions_of(m.role)
      else identity.permissions_of_impersonator(platform.permissions_of(m.role)) end)),
    'method', s.method,
    'impersonator', (
      select jsonb_build_object('email', i.email, 'reason', i.reason)
      from app.impersonation i
      where i.tenant_id = s.tenant_id and i.id = s.impersonation_id),
    'created_at', s.created_at,
    'expires_at', s.expires_at,
    'organizations', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', o.organization, 'name', ot.name, 'role', om.role, 'current', ot.id = s.tenant_id) order by ot.name, o.organization), '[]')
      from identity.person_principal pp
      join app.membership om on om.tenant_id = pp.tenant_id and om.id = pp.principal_id and om.status = 'active'
      join app.tenant ot on ot.tenant_id = om.tenant_id and ot.id = om.tenant_id and ot.status = 'active'
      join identity.organization o on o.tenant_id = ot.id and o.issuer = s.issuer
      where pp.person_id = s.person_id))
  from identity.session s
  join identity.person p on p.id = s.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  join app.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id and m.status = 'active'
  where s.token_hash = describe_session.token_hash
    and s.revoked_at is null
    and s.expires_at > statement_timestamp()
    and not exists (select from identity.blocked_member b where b.tenant_id = m.tenant_id and b.membership_id = m.id);
end;
$sql$);
  perform platform.execute_as('freehold_resolver', $sql$
create or replace function identity.list_sessions(token_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'tenant', jsonb_build_object('id', t.id, 'name', t.name),
    'method', s.method,
    'impersonated', s.impersonation_id is not null,
    'ip', host(s.ip),
    'user_agent', s.user_agent,
    'created_at', s.created_at,
    'last_seen_at', s.last_seen_at,
    'expires_at', s.expires_at,
    'current', s.id = own.id) order by s.last_seen_at desc, s.id), '[]')
  from identity.session own
  join identity.session s on s.person_id = own.person_id
  join app.tenant t on t.tenant_id = s.tenant_id and t.id = s.tenant_id
  where own.token_hash = list_sessions.token_hash
    and own.revoked_at is null
    and own.expires_at > statement_timestamp()
    and s.revoked_at is null
    and s.expires_at > statement_timestamp();
end;
$sql$);
  perform platform.execute_as('freehold_resolver',
    'grant execute on function identity.describe_session(bytea), identity.list_sessions(bytea) to freehold_gate');
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.describe_session(bytea) is
    'Who the cookie is, in which tenant, with which permissions, and the organizations that they can switch to; null when the session has ended.'$sql$);
  perform platform.execute_as('freehold_resolver', $sql$comment on function identity.list_sessions(bytea) is
    'All sessions of the person whose cookie it is, the last used first.'$sql$);
end
$write$;
drop routine platform.audit_streams(issuer text);
drop routine platform.csv_value(value jsonb);
drop routine platform.permissions_of(tenant uuid, role text);
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
  delete from identity.organization o where o.tenant_id = tenant;
  delete from identity.provided_member m where m.tenant_id = tenant;
  delete from identity.provided_invitation i where i.tenant_id = tenant;
  delete from identity.group_member g where g.tenant_id = tenant;
  delete from identity.admitted_member a where a.tenant_id = tenant;
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
grant insert (kind, since) on app.report to freehold_user;
grant select (tenant_id, id, kind, since, status, row_count, byte_count, error, expires_at, version, created_at, updated_at) on app.report to freehold_user;
grant select (tenant_id, id, name, slug, status, closes_at, version, created_at, updated_at, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso) on app.tenant to freehold_user;
grant update (name, version, admit_verified_domains, default_role, max_session_hours, max_idle_minutes, allowed_networks, login_methods, require_sso) on app.tenant to freehold_user;
drop table app.role;
drop table app.role_status;
alter table app.tenant drop column stream_audit_log;
drop table identity.audit_position;
drop routine app.role_check();
drop routine app.role_check_unused();
drop routine generated.role_begin();
drop routine generated.role_follow();
drop routine generated.role_record_insert();
drop routine generated.role_record_update();
drop routine identity.follow_role_permissions();
drop function app.report_content(uuid,integer) cascade;
create or replace function app.report_content(id uuid, after_position integer default -1)
returns table ("position" integer, content text)
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  wanted app.report;
begin
  perform platform.require('report:read');
  select r.*
  into wanted
  from app.report r
  where r.tenant_id = platform.tenant_id()
    and r.id = report_content.id
    and r.status = 'exported';
  if not found then
    raise exception using errcode = 'ZF004', message = 'there is no such report to download', detail = format('report %s', id);
  end if;
  if after_position = -1 then
    perform platform.record_event('report.downloaded', 'report', wanted.id, jsonb_build_object(
      'id', wanted.id, 'kind', wanted.kind, 'row_count', wanted.row_count, 'byte_count', wanted.byte_count));
  end if;
  return query
    select c.position, c.content
    from app.report_chunk c
    where c.tenant_id = platform.tenant_id()
      and c.report_id = report_content.id
      and c.position > after_position
    order by c.position
    limit 10;
end
$$;
alter function app.report_content(id uuid, after_position integer) owner to freehold_owner;
grant execute on function app.report_content(id uuid, after_position integer) to freehold_user;
comment on function app.report_content(id uuid, after_position integer) is '@behavior -mutationField
The next ten chunks of an exported report, for the download. Permission: report:read. Event, at the first: report.downloaded.';
