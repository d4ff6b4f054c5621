import { exampleOfProperty, uuidOf } from '../../../runtime/json-example.ts';
import type { Contract, EventType, JsonSchema } from '../contract.ts';
import { componentName, componentsOf, refTo } from './components.ts';
import { pathsOf } from './paths.ts';

export type OpenApiDocument = Record<string, unknown> & {
  info: { version: string } & Record<string, unknown>;
  paths: Record<string, Record<string, unknown>>;
  components: Record<string, Record<string, unknown>>;
};

const about = `Partners and customers build on this API. It shows what the tenant of the credential has, and nothing else.

- **Lists** come page by page: \`limit\`, \`cursor\`; filters, \`sort\` and \`fields\` as each list says, \`expand\` for what is referred to.
- **Changes** take an \`Idempotency-Key\`, so that a request whose answer was lost can be sent again, and \`If-Match\` with the ETag that was read.
- **Problems** are RFC 9457, with a \`code\` for programs, a \`remedy\` for people and \`errors\` with the place of each mistake.
- **Versions** are dates: send the one that you built for as \`Freehold-Version\`.
- **Events** are delivered to webhook endpoints (see Webhooks) and can be polled: \`GET /events\`.`;

/** The OpenAPI 3.1 document of a version: all of it follows from the contract. `server`: where the API is, without a slash at the end. */
export function describeOpenApi(
  contract: Contract,
  eventTypes: readonly EventType[],
  server = '/v1',
): OpenApiDocument {
  const tags = [...contract.resources.values()].map(({ name, description }) => ({
    name,
    description: description ?? name.replaceAll('_', ' '),
  }));
  const components = componentsOf(contract) as OpenApiDocument['components'];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Freehold',
      version: contract.version,
      summary: 'The public REST API.',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server, description: 'This installation.' }],
    security: [{ api_key: [] }, { access_token: [] }, { session: [] }],
    tags,
    paths: pathsOf(contract) as OpenApiDocument['paths'],
    webhooks: Object.fromEntries(eventTypes.map((type) => [type.type, { post: webhookOf(type) }])),
    components: {
      ...components,
      schemas: {
        ...components.schemas,
        ...Object.fromEntries(eventTypes.map((type) => [dataName(type), dataSchema(type)])),
      },
    },
  };
}

/** The component of what events of a type carry: most types of an entity carry the same, the entity. */
function dataName({ type, entity, schema }: EventType): string {
  return schema.title === entity
    ? `${componentName(entity)}Data`
    : `${componentName(type.replaceAll('.', '_'))}Data`;
}

function dataSchema({ schema }: EventType): JsonSchema {
  const { $schema: _, title: __, ...data } = schema;
  return data;
}

/** What a receiver of an event gets (docs/webhooks.md). */
function webhookOf(eventType: EventType): Record<string, unknown> {
  const { type, entity, description, schema } = eventType;
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const example = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      exampleOfProperty(property, `${entity}.${name}`, name),
    ]),
  );
  return {
    operationId: `on_${type.replaceAll('.', '_')}`,
    summary: description,
    description: `Event ${type}. Signed as Standard Webhooks 1.0 has it: webhook-id, webhook-timestamp and webhook-signature.`,
    tags: ['events'],
    security: [],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            title: componentName(`${type.replaceAll('.', '_')}_message`),
            type: 'object',
            properties: {
              id: { type: 'string', description: 'evt_ and the id of the event; the same on every attempt.' },
              type: { type: 'string', const: type },
              timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
              tenant: { type: 'string', format: 'uuid', description: 'The tenant in which it happened.' },
              entity: { type: 'string', description: 'What kind of resource it is about.' },
              entity_id: { type: 'string', format: 'uuid', description: 'The resource.' },
              entity_version: {
                type: ['integer', 'null'],
                description: 'The order of the events of one resource.',
              },
              api_version: { type: 'string', description: 'Version of this envelope.' },
              data: refTo('schemas', dataName(eventType)),
            },
            required: [
              'id',
              'type',
              'timestamp',
              'tenant',
              'entity',
              'entity_id',
              'entity_version',
              'api_version',
              'data',
            ],
          },
          example: {
            id: `evt_${uuidOf(type)}`,
            type,
            timestamp: '2026-01-31T12:00:00.000Z',
            tenant: uuidOf('tenant.id'),
            entity,
            entity_id: example.id ?? uuidOf(`${entity}.id`),
            entity_version: example.version ?? null,
            api_version: 'v1',
            data: example,
          },
        },
      },
    },
    responses: {
      '2XX': { description: 'It was received. Anything else is tried again, for days.' },
      410: { description: 'Nobody is there any more: the endpoint is disabled.' },
    },
  };
}
