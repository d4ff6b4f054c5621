--! Undoes: sha1:d4e2936f141b1b373fb9c7ceee49bb2ef2a3db36
--! Loses: nothing

-- Undoes "replay events".
set local check_function_bodies = off;
update catalog.event_type set description = 'A webhook replay became failed.' where type = 'webhook_replay.failed';
update catalog.event_type set description = 'A webhook replay was changed, other than by a step of its lifecycle.' where type = 'webhook_replay.updated';
update catalog.event_type set description = 'A webhook replay became canceled.' where type = 'webhook_replay.canceled';
update catalog.event_type set description = 'A webhook replay became completed.' where type = 'webhook_replay.completed';
update catalog.event_type set description = 'A webhook replay was created.' where type = 'webhook_replay.requested';
update platform.entity set declaration = '{"due": {}, "tasks": {"webhook_replay.requested": "replay_events"}, "across": {"freehold_janitor": ["select"]}, "events": {"changed": [], "created": "webhook_replay.requested", "updated": "webhook_replay.updated"}, "hidden": [], "lifecycle": {"initial": "running", "transitions": {"fail": {"to": "failed", "from": ["running"], "event": "webhook_replay.failed", "description": "The replay could not be gone on with; a new one may begin where it ended."}, "cancel": {"to": "canceled", "from": ["running"], "event": "webhook_replay.canceled", "description": "Stops a replay; what it has queued already is delivered."}, "complete": {"to": "completed", "from": ["running"], "event": "webhook_replay.completed", "description": "All of it was queued for delivery."}}}, "permissions": {"fail": [], "read": "admin", "cancel": "admin", "create": "admin", "complete": []}}' where name = 'webhook_replay';
