import { createHash } from 'node:crypto';
import type { EventType, Property, Schema } from './event-catalogue.ts';

/** When everything in the examples happens. */
const HAPPENED = Date.UTC(2026, 0, 31, 12);

/**
 * The body of an event as a receiver gets it, made from the schema of its type: the same for the same catalogue. Columns that may be
 * null are, unless they have an example.
 */
export function exampleOf(event: EventType): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const name of namesOf(event.schema)) {
    const property = event.schema.properties[name] ?? {};
    const isState = name === 'status' && event.state !== undefined;
    data[name] = isState ? event.state : sampleOf(property, `${event.entity}.${name}`, name);
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

function sampleOf(property: Property, path: string, name: string): unknown {
  const [example] = property.examples ?? [];
  if (example !== undefined) return example;
  if (property.const !== undefined) return property.const;
  const types = [property.type ?? []].flat();
  if (types.includes('null') || types.length === 0) return null;
  if (property.enum) return property.enum[0];
  switch (types[0]) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return textOf(property.format, path, name);
  }
}

function textOf(format: string | undefined, path: string, name: string): string {
  switch (format) {
    case 'uuid':
      return uuidOf(path);
    case 'date-time':
      return new Date(HAPPENED).toISOString().replace('.000Z', '+00:00');
    case 'date':
      return new Date(HAPPENED).toISOString().slice(0, 10);
    case 'email':
      return 'ada@example.com';
    case 'uri':
      return 'https://example.com/';
    default:
      return name.replaceAll('_', ' ');
  }
}

/** A version 7 UUID that follows from a name. */
function uuidOf(name: string): string {
  const time = HAPPENED.toString(16).padStart(12, '0');
  const random = createHash('sha256').update(name).digest('hex');
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${random.slice(0, 3)}`,
    `8${random.slice(3, 6)}`,
    random.slice(6, 18),
  ].join('-');
}
