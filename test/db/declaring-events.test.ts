import { describe, expect, it } from 'vitest';
import { refusalOf } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const owner = database.pool('owner');

describe('an event that no change causes', () => {
  const declare = (description: string, schema: unknown) =>
    owner.query('select platform.declare_event($1, $2, $3, $4)', [
      'project.looked_at',
      'project',
      description,
      schema === undefined ? null : JSON.stringify(schema),
    ]);
  const seen = { properties: { at: { type: 'string', description: 'When.' } }, type: 'object' };

  it.each<[string, string, unknown, string]>([
    ['without a description', '', seen, 'it has no description'],
    [
      'without a schema',
      'Somebody looked.',
      undefined,
      'its schema is not that of an object with properties',
    ],
    ['of any object', 'Somebody looked.', { type: 'object' }, 'its schema is not that of an object'],
    [
      'without properties',
      'Somebody looked.',
      { ...seen, properties: {} },
      'its schema is not that of an object',
    ],
    [
      'that is no object',
      'Somebody looked.',
      { ...seen, type: 'string' },
      'its schema is not that of an object',
    ],
    [
      'with a property that says nothing',
      'Somebody looked.',
      { ...seen, properties: { at: { type: 'string' } } },
      'property at has no description',
    ],
    [
      'that requires what it does not have',
      'Somebody looked.',
      { ...seen, required: ['by'] },
      'required by is no property',
    ],
  ])('is refused %s', async (_, description, schema, told) => {
    const { code, detail } = await refusalOf(declare(description, schema));
    expect([code, detail]).toEqual(['ZF013', expect.stringContaining(told)]);
  });

  it('stays when its entity is declared again, and is in the catalogue as it was declared', async () => {
    await declare('Somebody looked.', { ...seen, required: ['at'] });
    const { rows: before } = await owner.query(
      `select e.declaration as told from platform.entity e where e.name = 'project'`,
    );
    const { permissions, lifecycle, events, limit } = before[0].told;
    await owner.query(
      `select platform.declare_entity('app.project', permissions => $1, lifecycle => $2, events => $3, limited_by => $4)`,
      [permissions, lifecycle, events, limit].map((part) => JSON.stringify(part)),
    );
    const { rows } = await owner.query(
      `select description, recorded, schema from catalog.event_type where type = 'project.looked_at'`,
    );
    expect(rows).toEqual([
      {
        description: 'Somebody looked.',
        recorded: true,
        schema: {
          ...seen,
          required: ['at'],
          additionalProperties: true,
          $schema: 'https://json-schema.org/draft/2020-12/schema',
        },
      },
    ]);
  });
});

describe('an event of an entity', () => {
  const tables = `
    create table app.memo (
      tenant_id uuid not null default platform.tenant_id(),
      id uuid not null default uuidv7(),
      reply_to text,
      topics text[] not null default '{}',
      more jsonb,
      status text references app.project_status,
      version integer not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (tenant_id, id)
    );
    comment on table app.memo is E'@behavior -*\\nA memo.\\nShort.';
    comment on column app.memo.reply_to is E'@format email\\n@example ada@example.com\\nWho is answered.';
    comment on column app.memo.topics is E'@example ["moon"]\\nWhat it is about.'`;
  const declare = (
    events: string,
  ) => `select platform.declare_entity('app.memo', permissions => '{"read": "viewer", "file": []}',
    lifecycle => '{"initial": "active", "transitions": {"file": {"from": ["active"], "to": "archived", "event": "memo.filed"}}}', events => '${events}')`;

  it('has the description of its declaration, or a sentence of its own; comments tell its schema', async () => {
    const client = await owner.connect();
    try {
      await client.query('begin');
      await client.query(tables);
      await client.query(declare('{"descriptions": {"memo.created": "A memo was written."}}'));
      const { rows } = await client.query(
        `select type, description, schema from catalog.event_type where entity = 'memo' order by type`,
      );
      expect(rows.map(({ type, description }) => [type, description])).toEqual([
        ['memo.created', 'A memo was written.'],
        ['memo.filed', 'A memo became archived.'],
        ['memo.updated', 'A memo was changed, other than by a step of its lifecycle.'],
      ]);
      const { title, description, properties } = rows[0].schema;
      expect({ title, description, ...properties }).toMatchObject({
        title: 'memo',
        description: 'A memo.\nShort.',
        reply_to: {
          type: ['string', 'null'],
          format: 'email',
          examples: ['ada@example.com'],
          description: 'Who is answered.',
        },
        topics: {
          type: 'array',
          items: { type: 'string' },
          examples: [['moon']],
          description: 'What it is about.',
        },
        more: {},
        status: { type: ['string', 'null'], enum: ['active', 'archived', 'deleted', null] },
      });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('is not described when it is none of its declaration', async () => {
    const refused = owner.query(`${tables}; ${declare('{"descriptions": {"memo.exploded": "Bang."}}')}`);
    const { code, detail } = await refusalOf(refused);
    expect([code, detail]).toEqual(['ZF013', 'descriptions: there is no event memo.exploded']);
  });
});
