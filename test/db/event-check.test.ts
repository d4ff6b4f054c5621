import { beforeAll, describe, expect, it } from 'vitest';
import { asTenant } from '../support/actors.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTenant } from '../support/tenants.ts';

/* The check that every database of a test goes through before it is dropped: it must be able to fail. */
const database = await createTestDatabase();
let id: string;

beforeAll(async () => {
  id = await createProject(database);
});

async function createProject(on: TestDatabase): Promise<string> {
  const tenant = await createTenant(on);
  const { rows } = await asTenant(on, tenant, (client) =>
    client.query(`insert into app.project (name) values ('one') returning id`),
  );
  return rows[0].id;
}

/** The event of a project again, with another id and whatever is wrong. */
async function forge(
  on: TestDatabase,
  project: string,
  wrong: { type?: string; data?: unknown; without?: string; previous?: unknown },
) {
  await on.pool('admin').query(
    `insert into app.event (tenant_id, type, entity, entity_id, entity_version, data, previous, actor_type)
     select tenant_id, $2, entity, entity_id, entity_version, (data || $3) - $4, $5, actor_type
     from app.event where entity_id = $1 and type = 'project.created' order by id limit 1`,
    [
      project,
      wrong.type ?? 'project.created',
      JSON.stringify(wrong.data ?? {}),
      wrong.without ?? '',
      wrong.previous === undefined ? null : JSON.stringify(wrong.previous),
    ],
  );
}

describe('the check of events', () => {
  it('has nothing to say of what the product recorded', async () => {
    expect(await database.checkEvents()).toBeGreaterThanOrEqual(5);
    expect(await database.checkEvents()).toBe(0);
  });

  it.each<[string, Parameters<typeof forge>[2], string]>([
    ['a number for a text', { data: { name: 1 } }, '/name must be string'],
    ['a text for a number', { data: { version: '1' } }, '/version must be integer'],
    ['null where there is always a value', { data: { name: null } }, '/name must be string'],
    ['an id that is none', { data: { id: 'x' } }, '/id must match format "uuid"'],
    [
      'a time that is none',
      { data: { created_at: 'yesterday' } },
      '/created_at must match format "date-time"',
    ],
    ['a time without its offset', { data: { created_at: '2026-01-31T12:00:00' } }, '/created_at must match'],
    ['a state that does not exist', { data: { status: 'nowhere' } }, '/status must be equal to one of'],
    ['a field that is missing', { without: 'name' }, "/ must have required property 'name'"],
    ['a field that nobody is told of', { data: { salary: 1 } }, 'additional properties salary'],
    ['former values that are wrong', { previous: { name: 1 } }, 'previous: /name must be string'],
    ['former values of nothing', { previous: { salary: 1 } }, 'previous: / must NOT have additional'],
    ['a type that does not exist', { type: 'project.exploded' }, 'the catalogue has no such type'],
  ])('finds %s, and tells of it once', async (_, wrong, told) => {
    await forge(database, id, wrong);
    const { rows } = await database
      .pool('admin')
      .query('select type, id from app.event order by id desc limit 1');
    await expect(database.checkEvents()).rejects.toThrow(`${rows[0].type} ${rows[0].id}: `);
    await forge(database, id, wrong);
    await expect(database.checkEvents()).rejects.toThrow(told);
    await database.checkEvents();
  });

  it('finds what was recorded while it looked, and committed after', async () => {
    const client = await database.pool('admin').connect();
    try {
      await client.query('begin');
      await client.query(
        `insert into app.event (tenant_id, type, entity, entity_id, data, actor_type)
         select tenant_id, type, entity, entity_id, '{}', actor_type from app.event where entity_id = $1 limit 1`,
        [id],
      );
      await createProject(database);
      await database.checkEvents();
      await client.query('commit');
    } finally {
      client.release();
    }
    await expect(database.checkEvents()).rejects.toThrow("must have required property 'id'");
  });

  it('is held against the catalogue of its time: what was checked may be declared otherwise', async () => {
    const retyped = `update catalog.event_type set schema = jsonb_set(schema, '{properties,name,type}', '"integer"')
      where type = 'project.created'`;
    await database.pool('owner').query(retyped);
    await database.checkEvents();
    await createProject(database);
    await expect(database.checkEvents()).rejects.toThrow('/name must be integer');
  });
});

it('is what a database goes through before it is dropped, with all it holds', async () => {
  const other = await createTestDatabase();
  await forge(other, await createProject(other), { data: { name: 1 } });
  await expect(other.drop()).rejects.toThrow('/name must be string');
  const { rows } = await database
    .pool('admin')
    .query('select from pg_database where datname = $1', [other.name]);
  expect(rows).toEqual([]);
});
