-- The warning before an endpoint is disabled. No row changes with it: whoever counts the failures records it.

select platform.declare_event(
  'webhook_endpoint.failing',
  'webhook_endpoint',
  'Nothing but failures at a webhook endpoint, for half of the time after which it is disabled.',
  '{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "webhook_endpoint_warning",
    "description": "A webhook endpoint at which everything fails.",
    "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid", "description": "The endpoint."},
      "url": {"type": "string", "description": "Where it is."},
      "description": {"type": "string", "description": "What it is for."},
      "failing_since": {"type": "string", "format": "date-time", "description": "Since when every delivery to it has failed."},
      "disables_at": {"type": "string", "format": "date-time", "description": "When it is disabled, unless a delivery succeeds before."}
    },
    "required": ["id", "url", "description", "failing_since", "disables_at"],
    "additionalProperties": true
  }'
);
