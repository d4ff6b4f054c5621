import { type ApiFunction, type Column, type JsonSchema, type Resource, withoutNull } from './contract.ts';

/* JSON Schemas of bodies, for the gateway that validates them and for the OpenAPI document that tells of them. */

/** Types of arguments that are no business of clients: the server makes a key for each call. */
export const isMadeByServer = (type: string): boolean => type === 'platform.fresh_key';

/** The argument by which a version is expected: it comes as If-Match. */
export const expectedVersion = 'expected_version';

/** What a client sends of a column. A default stands where it sends nothing; null is sent only where it may stay. */
const inputOf = ({ schema, required }: Column): JsonSchema => {
  const { deprecated: _, ...input } = required ? withoutNull(schema) : schema;
  return input;
};

function objectOf(
  properties: readonly (readonly [string, JsonSchema])[],
  required: readonly string[],
): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** The body that makes a resource. */
export function createSchema({ columns }: Resource): JsonSchema {
  const own = columns.filter(({ create }) => create);
  return objectOf(
    own.map((column) => [column.name, inputOf(column)]),
    own.filter((column) => column.required && !column.default).map(({ name }) => name),
  );
}

/** The body that changes a resource: what it does not name stays (RFC 7396). */
export function updateSchema({ columns }: Resource): JsonSchema {
  return objectOf(
    columns.filter(({ edit }) => edit).map((column) => [column.name, inputOf(column)]),
    [],
  );
}

/** The arguments of a function that come in the body, or in the query of a GET. */
export function bodyArguments({ arguments: all, path }: ApiFunction): ApiFunction['arguments'] {
  return all.filter(
    ({ name, type }) => name !== expectedVersion && !isMadeByServer(type) && !path.includes(`{${name}}`),
  );
}

/** The body of a call of a function; undefined when it takes none. */
export function callSchema(own: ApiFunction): JsonSchema | undefined {
  const taken = bodyArguments(own);
  if (taken.length === 0) return undefined;
  return objectOf(
    taken.map(({ name, schema, required }) => [name, required ? schema : nullable(schema)]),
    taken.filter(({ required }) => required).map(({ name }) => name),
  );
}

/** An argument that need not be given may be null too: its default stands for that. */
function nullable(schema: JsonSchema): JsonSchema {
  if (typeof schema.type !== 'string') return schema;
  return {
    ...schema,
    type: [schema.type, 'null'],
    ...(Array.isArray(schema.enum) && { enum: [...schema.enum, null] }),
  };
}

/** What is shown may be longer or larger than may be sent: bounds can change, and what there is stays. */
export function shownSchema(schema: JsonSchema): JsonSchema {
  const {
    minLength: _,
    maxLength: __,
    minItems: ___,
    maxItems: ____,
    minimum: _____,
    maximum: ______,
    ...shown
  } = schema;
  return shown;
}
