import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EventType, eventCatalogue } from '../../db/event-catalogue.ts';
import { envelope, eventsPage } from '../../db/events-page.ts';
import { createTestDatabase } from '../support/database.ts';
import { dataValidator, type Schema, validatorOf } from '../support/schemas.ts';

const database = await createTestDatabase();
const owner = database.pool('owner');
let types: EventType[];
let page: string;

beforeAll(async () => {
  const client = await owner.connect();
  types = (await eventCatalogue(client)).flatMap((entity) => entity.types);
  page = await eventsPage(client);
  client.release();
});

describe('every event type', () => {
  it('has a schema that is valid JSON Schema 2020-12, and strict: no keyword or format passes unseen', () => {
    expect(types.length).toBeGreaterThan(40);
    for (const { type, schema } of types) {
      expect([type, (schema as unknown as Schema).$schema]).toEqual([
        type,
        'https://json-schema.org/draft/2020-12/schema',
      ]);
      // compiled strictly: throws when it is not
      expect([type, validatorOf(schema as unknown as Schema)({}).length > 0]).toEqual([type, true]);
    }
  });

  it('says what happened, in a sentence of its own', () => {
    const told = types.map(({ description }) => description);
    for (const description of told) expect(description).toMatch(/^[A-Z][^\n]{10,}\.$/);
    expect(told.filter((description, index) => told.indexOf(description) !== index)).toEqual([]);
  });

  it('says of every field what it is: the comment of its column', () => {
    const silent = types.flatMap(({ type, schema }) =>
      Object.entries(schema.properties)
        .filter(([, { description }]) => !description || !/^[^@\n]/.test(description))
        .map(([name]) => `${type}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('happens: by creation, a change, a step of a lifecycle, or by being recorded', () => {
    expect(types.filter(({ causes }) => causes.length === 0).map(({ type }) => type)).toEqual([]);
  });

  it('tells of formats that a type alone does not', () => {
    const formats = new Set(
      types.flatMap(({ schema }) => Object.values(schema.properties).map(({ format }) => format)),
    );
    expect([...formats].sort()).toEqual(['date', 'date-time', 'email', 'uri', 'uuid', undefined]);
  });
});

describe('docs/events.md', () => {
  it('is what the catalogue says (npm run db dump writes it)', () => {
    expect(readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')).toBe(page);
  });

  it('has every type, and shows bodies that are valid, with the schema beside them', () => {
    for (const { type, description } of types) expect(page).toContain(`| \`${type}\` | ${description} |`);
    const blocks = [...page.matchAll(/```json\n(.*?)\n```/gs)].map(([, json = '']) => JSON.parse(json));
    const examples = blocks.filter(({ data }) => data);
    const schemas = blocks.filter(({ properties }) => properties);
    expect(examples.length).toBeGreaterThan(10);
    expect(schemas).toHaveLength(examples.length);
    for (const [n, example] of examples.entries()) {
      const { schema } = types.find(({ type }) => type === example.type) ?? {};
      expect([example.type, schemas[n]]).toEqual([example.type, schema]);
      expect([example.type, dataValidator(schemas[n])(example.data)]).toEqual([example.type, []]);
      expect([example.type, dataValidator(envelope as unknown as Schema)(example)]).toEqual([
        example.type,
        [],
      ]);
    }
  });
});
