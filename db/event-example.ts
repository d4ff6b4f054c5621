import { exampleOfProperty, HAPPENED, uuidOf } from '../runtime/json-example.ts';
import type { EventType, Schema } from './event-catalogue.ts';

/**
 * The body of an event as a receiver gets it, made from the schema of its type: the same for the same catalogue. Columns that may be
 * null are, unless they have an example.
 */
export function exampleOf(event: EventType): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const name of namesOf(event.schema)) {
    const property = event.schema.properties[name] ?? {};
    const isState = name === 'status' && event.state !== undefined;
    data[name] = isState ? event.state : exampleOfProperty(property, `${event.entity}.${name}`, name);
  }
  const entityId = typeof data.id === 'string' ? data.id : uuidOf(`${event.entity}.id`);
  return {
    id: `evt_${uuidOf(event.type)}`,
    type: event.type,
    timestamp: new Date(HAPPENED).toISOString(),
    tenant: uuidOf('tenant.id'),
    entity: event.entity,
    entity_id: entityId,
    entity_version: event.recorded ? null : (data.version ?? null),
    api_version: 'v1',
    data,
  };
}

/** Names of the properties in order of the columns, which "required" has. */
export function namesOf(schema: Schema): string[] {
  return [...new Set([...(schema.required ?? []), ...Object.keys(schema.properties)])];
}
