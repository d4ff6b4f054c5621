import { createHash } from 'node:crypto';

/** What an example is made of: a JSON Schema of a property, as the database derives it. */
export interface ExampleProperty {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
}

/** When everything in the examples happens. */
export const HAPPENED = Date.UTC(2026, 0, 31, 12);

/** A value that a property may have, the same for the same name and path. What may be null is, unless it has an example. */
export function exampleOfProperty(property: ExampleProperty, path: string, name: string): unknown {
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
export function uuidOf(name: string): string {
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
