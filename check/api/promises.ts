import type { OpenApiDocument } from '../../server/rest/openapi/document.ts';

/*
 * What a version of the API has promised, one line for each promise: that an operation is there, what it takes, and what its answers have. A promise that
 * was made is kept as long as the version is served; a demand that was not made is not added.
 */

type Json = Record<string, unknown>;

export interface Promises {
  /** What clients may do, and may rely on. */
  readonly promises: readonly string[];
  /** What clients must send. */
  readonly demands: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Json;
}

/** The promises of a document, sorted. */
export function promisesOf(document: OpenApiDocument): Promises {
  const promises = new Set<string>();
  const demands = new Set<string>();
  const resolve = <T>(value: T & { $ref?: string }): T =>
    value.$ref
      ? (value.$ref
          .slice(2)
          .split('/')
          .reduce((at: unknown, key) => (at as Json)[key], document) as T)
      : value;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, value] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      const operation = value as {
        parameters?: Parameter[];
        requestBody?: Json;
        responses: Record<string, Json>;
      };
      promises.add(name);
      for (const parameter of (operation.parameters ?? []).map((own) => resolve(own))) {
        const taken = `${name} takes ${parameter.in} ${parameter.name}`;
        for (const told of typesOf(parameter.schema)) promises.add(`${taken}: ${told}`);
        for (const own of (parameter.schema.enum as unknown[]) ?? []) promises.add(`${taken} as ${own}`);
        if (parameter.required) demands.add(taken);
      }
      const body = (operation.requestBody as { content?: Record<string, { schema: Json }> } | undefined)
        ?.content;
      for (const [type, { schema }] of Object.entries(body ?? {})) {
        promises.add(`${name} takes ${type}`);
        takes(schema, `${name} takes body`, promises, demands);
      }
      for (const [status, response] of Object.entries(operation.responses)) {
        if (!status.startsWith('2')) continue;
        promises.add(`${name} answers ${status}`);
        const content = (response.content ?? {}) as Record<string, { schema: Json }>;
        for (const [type, { schema }] of Object.entries(content)) {
          for (const line of gives(schema)) promises.add(`${name} answers ${status} ${type} ${line}`);
        }
      }
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas ?? {})) {
    for (const line of gives(schema as Json)) promises.add(`${name} ${line}`);
  }
  for (const name of Object.keys((document.webhooks ?? {}) as Json)) promises.add(`webhook ${name}`);
  return { promises: [...promises].sort(), demands: [...demands].sort() };
}

/** The types that a schema allows: each is one that a client may send. */
const typesOf = (schema: Json): string[] => {
  const format = schema.format ? ` (${schema.format})` : '';
  return ([schema.type ?? 'anything'].flat() as string[]).map((type) =>
    type === 'string' ? `${type}${format}` : type,
  );
};

function takes(schema: Json, at: string, promises: Set<string>, demands: Set<string>): void {
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, Json>)) {
    for (const type of typesOf(property)) promises.add(`${at} ${name}: ${type}`);
    for (const own of (property.enum as unknown[]) ?? []) promises.add(`${at} ${name} as ${own}`);
    for (const bound of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum']) {
      if (bound in property) demands.add(`${at} ${name} ${bound} ${property[bound]}`);
    }
  }
  for (const name of (schema.required ?? []) as string[]) demands.add(`${at} ${name}`);
}

/** What an answer has: each property with all its types together, for a new one is one that a client does not know. */
function gives(schema: Json): string[] {
  if (schema.$ref) return [`is ${String(schema.$ref).split('/').at(-1)}`];
  const lines: string[] = [];
  for (const part of [...((schema.allOf ?? []) as Json[]), ...((schema.anyOf ?? []) as Json[])])
    lines.push(...gives(part));
  const required = new Set((schema.required ?? []) as string[]);
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, Json>)) {
    const items = (property.items ?? {}) as Json;
    const of =
      property.type === 'array'
        ? ` of ${items.$ref ? String(items.$ref).split('/').at(-1) : typesOf(items).join(' or ')}`
        : '';
    lines.push(`has ${name}${required.has(name) ? '' : '?'}: ${typesOf(property).join(' or ')}${of}`);
  }
  return lines;
}

/** What of a release is broken, or newly demanded of operations that were there. Empty when nothing is. */
export function brokenPromises(released: Promises, now: Promises): string[] {
  const kept = new Set(now.promises);
  const demanded = new Set(released.demands);
  const operations = released.promises.filter((line) => /^[A-Z]+ \/\S+$/.test(line));
  return [
    ...released.promises.filter((line) => !kept.has(line)).map((line) => `gone: ${line}`),
    ...now.demands
      .filter(
        (line) => !demanded.has(line) && operations.some((operation) => line.startsWith(`${operation} `)),
      )
      .map((line) => `new: ${line}`),
  ];
}

const heading = 'What clients must send:';

/** A release as a file. */
export const writeRelease = ({ promises, demands }: Promises): string =>
  `What clients may do and rely on:\n${promises.join('\n')}\n\n${heading}\n${demands.join('\n')}\n`;

/** A release as it was written. */
export function readRelease(text: string): Promises {
  const [first = '', second = ''] = text.split(`\n\n${heading}\n`);
  const lines = (part: string): string[] => part.split('\n').filter((line) => line !== '');
  return { promises: lines(first).slice(1), demands: lines(second) };
}
