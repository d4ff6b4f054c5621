interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

const formats: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
};
const known = [
  '$schema',
  'type',
  'format',
  'enum',
  'properties',
  'required',
  'items',
  'description',
  'additionalProperties',
];

/**
 * What is wrong with a value, by the part of JSON Schema 2020-12 that event types use.
 * @throws for a keyword that this does not know: it would pass unseen
 */
export function mistakes(schema: Schema, value: unknown, at = '$'): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !known.includes(keyword));
  if (unknown.length > 0) throw new Error(`cannot check ${unknown.join(', ')}`);
  if (schema.type && ![schema.type].flat().includes(typeOf(value))) return [`${at} is ${typeOf(value)}`];
  const wrong: string[] = [];
  if (schema.enum && !schema.enum.includes(value)) wrong.push(`${at} is none of ${schema.enum.join(', ')}`);
  if (schema.format && typeof value === 'string' && !formats[schema.format]?.test(value)) {
    wrong.push(`${at} is no ${schema.format}: ${value}`);
  }
  if (typeOf(value) === 'object') {
    const object = value as Record<string, unknown>;
    for (const name of schema.required ?? []) if (!(name in object)) wrong.push(`${at}.${name} is missing`);
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (name in object) wrong.push(...mistakes(inner, object[name], `${at}.${name}`));
    }
  }
  if (Array.isArray(value) && schema.items) {
    for (const [n, item] of value.entries()) wrong.push(...mistakes(schema.items, item, `${at}[${n}]`));
  }
  return wrong;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
