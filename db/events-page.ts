import type { ClientBase } from 'pg';
import { layOut } from './dump.ts';
import type { EntityEvents, EventType, Property, Schema } from './event-catalogue.ts';
import { eventCatalogue } from './event-catalogue.ts';
import { exampleOf, namesOf } from './event-example.ts';

/** What is around the data of every event, as a webhook carries it (db/delivery/load.sql writes it). */
export const envelope: Schema = {
  type: 'object',
  properties: {
    id: {
      type: 'string',
      description: 'Names the event, also in the header `webhook-id`; the same on every attempt.',
    },
    type: { type: 'string', description: 'The event type.' },
    timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
    tenant: { type: 'string', format: 'uuid', description: 'The tenant in which it happened.' },
    entity: { type: 'string', description: 'Name of the entity that it is about.' },
    entity_id: { type: 'string', format: 'uuid', description: 'The resource that it is about.' },
    entity_version: {
      type: ['integer', 'null'],
      description:
        'Version of the resource after it, which orders the events of one resource; null when nothing of it changed.',
    },
    api_version: { const: 'v1', description: 'Form of the envelope.' },
    data: {
      type: 'object',
      description: 'The resource as it was after the event, or what the type says below.',
    },
  },
  required: [
    ...['id', 'type', 'timestamp', 'tenant', 'entity', 'entity_id', 'entity_version', 'api_version', 'data'],
  ],
};

const INTRODUCTION = `# Events

Each change of the domain is one event, written in the transaction of the change; so are a few things that change nothing. Webhook endpoints are sent
them, and GraphQL shows them (\`events\`). This catalogue is in GraphQL too: \`eventTypes { nodes { type entity description schema } }\`, and
\`eventType(type: "invoice.paid")\`.

<!-- Written by npm run db dump from catalog.event_type, never by hand: what stands here are the descriptions of declarations and the comments of columns. -->
`;

const RULES = `The schema of a type is that of its \`data\` (JSON Schema 2020-12).

- Fields are added to \`data\`, and states to a status, without notice: ignore what you do not know. Nothing is removed or changes its meaning within an \`api_version\`.
- An event stays as it was recorded: a field that came later is missing in events from before, though the schema requires it of new ones.
- Columns that are secret are in no event. Former values are not sent; GraphQL has them as \`previous\`.
- \`format\` tells what a text means. Ids, times and days always have their form; an \`email\` may have letters beyond ASCII, and so may a \`uri\`.
`;

/** docs/events.md, from the catalogue of a database: the same text for the same declarations. Any login that reads platform. */
export async function eventsPage(client: ClientBase): Promise<string> {
  const entities = await eventCatalogue(client);
  const contents = entities.map(({ entity, types }) => {
    const names = types.map(({ type }) => `\`${type}\``);
    return `- [${entity}](#${entity}): ${names.join(', ')}`;
  });
  const sections = entities.map(sectionOf);
  return `${[INTRODUCTION, contents.join('\n'), envelopeSection(), ...sections].join('\n').trimEnd()}\n`;
}

function envelopeSection(): string {
  return ['', '## The envelope', '', fieldTable(envelope, {}), '', RULES].join('\n');
}

function sectionOf({ entity, types, states }: EntityEvents): string {
  const rows = types.map(({ type, description, causes }) => [
    `\`${type}\``,
    description,
    causes.join('; ') || 'never',
  ]);
  const about = types.find(({ recorded }) => !recorded)?.schema.description;
  const lines = [`## ${entity}`, '', ...(about ? [about, ''] : []), table(['event', 'what', 'when'], rows)];
  for (const group of bySchema(types)) {
    const [first] = group as [EventType, ...EventType[]];
    lines.push('', dataTitle(group, types), '', fieldTable(first.schema, states));
    lines.push('', `Example, \`${first.type}\`:`, '', block(layOut(exampleOf(first), 0)));
    lines.push(
      '',
      '<details><summary>JSON Schema</summary>',
      '',
      block(layOut(inOrder(first.schema), 0)),
      '',
    );
    lines.push('</details>');
  }
  return `${lines.join('\n')}\n`;
}

function dataTitle(group: EventType[], all: EventType[]): string {
  if (group.length === all.length) return 'Their `data`:';
  const names = group.map(({ type }) => `\`${type}\``);
  return group.length > all.length / 2 ? '`data` of the others:' : `\`data\` of ${names.join(', ')}:`;
}

/** Types that carry the same, the exceptions first. */
function bySchema(types: EventType[]): EventType[][] {
  const groups = new Map<string, EventType[]>();
  for (const type of types) {
    const key = JSON.stringify(type.schema);
    groups.set(key, [...(groups.get(key) ?? []), type]);
  }
  return [...groups.values()].sort((a, b) => a.length - b.length);
}

function fieldTable(schema: Schema, states: Record<string, Record<string, string>>): string {
  const rows = namesOf(schema).map((name) => {
    const property = schema.properties[name] ?? {};
    const meanings = Object.entries(states[name] ?? {}).sort();
    return [
      `\`${name}\``,
      typeName(property),
      isNullable(property) ? 'yes' : '',
      meanings.map(([state, meaning]) => `\`${state}\`: ${meaning}`).join('<br>'),
      property.description ?? '',
    ];
  });
  return table(['field', 'type', 'null', 'states', 'description'], rows);
}

function isNullable(property: Property): boolean {
  if (property.const !== undefined) return false;
  return property.type === undefined || [property.type].flat().includes('null');
}

function typeName(property: Property): string {
  if (property.const !== undefined) return `\`"${property.const}"\``;
  const [type = 'any'] = [property.type ?? []].flat().filter((one) => one !== 'null');
  if (type === 'array') return `list of ${property.items ? typeName(property.items) : 'any'}`;
  return property.format ? `${type}, ${property.format}` : type;
}

/** With the columns in their order, where PostgreSQL sorts keys by length. */
function inOrder({ $schema, title, description, type, properties, required, ...rest }: Ordered): unknown {
  const names = namesOf({ properties, ...(required && { required }) });
  const ordered = Object.fromEntries(names.map((name) => [name, properties[name]]));
  const whole = { $schema, title, description, type, properties: ordered, required, ...rest };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

type Ordered = Schema & { $schema?: string; title?: string };

/** A table without empty columns. */
function table(heads: string[], rows: string[][]): string {
  const used = heads.map((_, column) => rows.some((row) => row[column]));
  const line = (cells: string[]) =>
    `| ${cells
      .filter((_, column) => used[column])
      .map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))
      .join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function block(json: string): string {
  return `\`\`\`json\n${json}\n\`\`\``;
}
