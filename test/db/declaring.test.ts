import { beforeAll, describe, expect, it } from 'vitest';
import { definitionFiles } from '../../check/definitions.ts';
import { dumpSchema } from '../../db/dump.ts';
import { asMember, asTenant, refusal, refusalOf } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';

const database = await createTestDatabase();
const owner = database.pool('owner');

/** The catalog as text: what two states of a database have in common, or not. */
async function catalog(): Promise<string> {
  const client = await owner.connect();
  try {
    return await dumpSchema(client);
  } finally {
    client.release();
  }
}

const table = `
  select platform.declare_states('app.note_status', '{"open": "To be read.", "read": "Was read.", "gone": "Put away."}');
  create table app.note (
    tenant_id uuid not null default platform.tenant_id(),
    id uuid not null default uuidv7(),
    title text not null check (length(title) between 1 and 200),
    secret text,
    pinned_by uuid,
    status text not null default 'open' references app.note_status,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, pinned_by) references app.membership (tenant_id, id)
  );
  create index on app.note (tenant_id, pinned_by);
  comment on table app.note is 'A note.';
  comment on column app.note.title is 'What it is about.'`;

const declaration = `select platform.declare_entity('app.note',
  permissions => '{"read": "viewer", "create": "member", "update": "member", "read_through": "member", "put_away": "admin"}',
  lifecycle => '{"initial": "open", "concealed": ["gone"], "transitions": {
    "read_through": {"from": ["open"], "to": "read", "event": "note.read"},
    "put_away": {"from": ["open", "read"], "to": "gone", "event": "note.put_away"}}}',
  hidden => '{secret}')`;

describe('replaying every definition', () => {
  it('twice leaves the catalog as it was', async () => {
    const before = await catalog();
    for (const round of [1, 2]) {
      for (const { path, text } of definitionFiles()) {
        await owner.query(text).catch((error) => {
          throw new Error(`${path}, round ${round}: ${error.message}`);
        });
      }
    }
    expect(await catalog()).toBe(before);
    expect((await owner.query('select * from platform.violations()')).rows).toEqual([]);
  });
});

describe('an entity that one file declares', () => {
  let tenant: TestTenant;
  let other: TestTenant;

  beforeAll(async () => {
    await owner.query(table);
    await owner.query(declaration);
    tenant = await createTenant(database, { members: ['admin', 'member', 'viewer'] });
    other = await createTenant(database);
  });

  it('breaks no rule: policies, grants, guards and record are there', async () => {
    expect((await owner.query('select * from platform.violations()')).rows).toEqual([]);
  });

  it('is created, changed and taken through its lifecycle by those who may', async () => {
    const { rows } = await asMember(database, tenant, 'member', (client) =>
      client.query(`insert into app.note (title) values ('one') returning id, title, status, version`),
    );
    expect(rows).toEqual([expect.objectContaining({ title: 'one', status: 'open', version: 1 })]);
    const { id } = rows[0];
    await asMember(database, tenant, 'viewer', async (client) => {
      expect((await client.query('select from app.note')).rowCount).toBe(1);
      expect((await refusal(client, `insert into app.note (title) values ('two')`)).code).toBe('42501');
      expect((await refusal(client, 'select app.read_through_note($1)', [id])).code).toBe('ZF003');
    });
    await asMember(database, tenant, 'member', async (client) => {
      await client.query(`update app.note set title = 'changed', version = 1 where id = $1`, [id]);
      expect((await client.query('select status from app.read_through_note($1, 2)', [id])).rows).toEqual([
        { status: 'read' },
      ]);
      expect((await refusal(client, 'select app.put_away_note($1)', [id])).code).toBe('ZF003');
      // hidden, also to the one who wrote it
      expect((await refusal(client, 'select secret from app.note')).code).toBe('42501');
      expect((await refusal(client, `update app.note set secret = 'x'`)).code).toBe('42501');
      expect((await refusal(client, `insert into app.note (title, status) values ('x', 'read')`)).code).toBe(
        '42501',
      );
    });
    await asTenant(database, other, async (client) => {
      expect((await client.query('select from app.note')).rowCount).toBe(0);
      expect((await refusal(client, 'select app.put_away_note($1)', [id])).code).toBe('ZF004');
    });
    await asMember(database, tenant, 'admin', async (client) => {
      await client.query('select app.put_away_note($1)', [id]);
      expect((await client.query('select from app.note')).rowCount).toBe(0);
    });
    const events = await database
      .pool('admin')
      .query(
        'select type, entity_version, data from app.event where entity_id = $1 order by entity_version',
        [id],
      );
    expect(events.rows.map(({ type, entity_version }) => [type, entity_version])).toEqual([
      ['note.created', 1],
      ['note.updated', 2],
      ['note.read', 3],
      ['note.put_away', 4],
    ]);
    expect(Object.keys(events.rows[0].data)).not.toContain('secret');
  });

  it('has permissions, event types with a schema, and functions that say what they do', async () => {
    const { rows } = await database.pool('admin').query(
      `select (select array_agg(key order by key) from platform.permission where entity = 'note') as permissions,
         (select array_agg(type order by type) from catalog.event_type where entity = 'note') as events,
         (select schema #>> '{properties,title,description}' from catalog.event_type where type = 'note.created') as title,
         (select schema #> '{properties,status,enum}' from catalog.event_type where type = 'note.created') as states,
         (select schema #> '{properties}' ? 'secret' from catalog.event_type where type = 'note.created') as secret,
         obj_description('app.put_away_note(uuid, integer)'::regprocedure) as comment`,
    );
    expect(rows[0]).toEqual({
      permissions: ['note:create', 'note:put_away', 'note:read', 'note:read_through', 'note:update'],
      events: ['note.created', 'note.put_away', 'note.read', 'note.updated'],
      title: 'What it is about.',
      states: ['gone', 'open', 'read'],
      secret: false,
      comment: 'Takes a note from open or read to gone. Event: note.put_away. Permission: note:put_away.',
    });
  });

  it('declared again without a change is the same', async () => {
    const before = await catalog();
    await owner.query(declaration);
    await owner.query(declaration);
    expect(await catalog()).toBe(before);
  });

  it('declared again with a state, a verb, a permission and a column more has them', async () => {
    await database.checkEvents();
    await owner.query(`
      select platform.declare_states('app.note_status', '{"open": "To be read.", "read": "Was read.", "gone": "Put away.", "starred": "Dear."}');
      alter table app.note add column colour text not null default 'none' check (length(colour) <= 20)`);
    await owner.query(
      declaration
        .replace('"put_away": "admin"', '"put_away": "viewer", "star": "member"')
        .replace(
          '"transitions": {',
          '"transitions": {"star": {"from": ["open"], "to": "starred", "event": "note.starred"},',
        ),
    );
    expect((await owner.query('select * from platform.violations()')).rows).toEqual([]);
    const { rows } = await asMember(database, tenant, 'member', (client) =>
      client.query(`insert into app.note (title, colour) values ('red', 'red') returning id`),
    );
    await asMember(database, tenant, 'member', async (client) => {
      await client.query(`update app.note set colour = 'blue' where id = $1`, [rows[0].id]);
      await client.query('select app.star_note($1)', [rows[0].id]);
      expect((await refusal(client, 'select app.put_away_note($1)', [rows[0].id])).code).toBe('ZF005');
    });
    const events = await database
      .pool('admin')
      .query('select type, data, previous from app.event where entity_id = $1 order by entity_version', [
        rows[0].id,
      ]);
    expect(events.rows.map(({ type }) => type)).toEqual(['note.created', 'note.updated', 'note.starred']);
    expect(events.rows[1].data.colour).toBe('blue');
    expect(events.rows[1].previous).toEqual({ colour: 'red' });
  });

  it('declared again without a verb, a permission and a column to edit has lost them', async () => {
    await database.checkEvents();
    await owner.query(`select platform.declare_entity('app.note',
      permissions => '{"read": "viewer", "create": "member", "put_away": "admin"}',
      lifecycle => '{"initial": "open", "transitions": {"put_away": {"from": ["open", "read"], "to": "gone", "event": "note.put_away"}}}',
      hidden => '{secret}')`);
    expect((await owner.query('select * from platform.violations()')).rows).toEqual([]);
    const { rows } = await database.pool('admin').query(
      `select to_regprocedure('app.read_through_note(uuid, integer)') as function,
         (select array_agg(key order by key) from platform.permission where entity = 'note') as permissions,
         (select array_agg(type order by type) from catalog.event_type where entity = 'note') as events`,
    );
    expect(rows).toEqual([
      {
        function: null,
        permissions: ['note:create', 'note:put_away', 'note:read'],
        events: ['note.created', 'note.put_away', 'note.updated'],
      },
    ]);
    await asMember(database, tenant, 'member', async (client) => {
      expect((await refusal(client, `update app.note set title = 'x'`)).code).toBe('42501');
    });
  });
});

describe('a wrong declaration', () => {
  const lifecycle = (transitions: string, initial = '"open"') =>
    `lifecycle => '{"initial": ${initial}, "transitions": {${transitions}}}'`;
  const wrong: [what: string, sql: string, told: string[]][] = [
    [
      'a role that does not exist',
      `permissions => '{"read": "king", "create": ["member", "queen"]}'`,
      ['role king does not exist', 'role queen does not exist'],
    ],
    ['no permission to read', `permissions => '{}'`, ['permission read is missing']],
    [
      'columns that do not exist',
      `permissions => '{"read": "viewer"}', hidden => '{nope}', creatable => '{nor}', editable => '{neither}'`,
      ['column nope does not exist', 'column nor does not exist', 'column neither does not exist'],
    ],
    [
      'a status without a lifecycle',
      `permissions => '{"read": "viewer"}'`,
      ['column status has no lifecycle'],
    ],
    [
      'states that do not exist',
      `permissions => '{"read": "viewer", "go": []}', ${lifecycle('"go": {"from": ["here"], "to": "there"}')}`,
      ['state here does not exist', 'state there does not exist'],
    ],
    [
      'a first state that does not exist',
      `permissions => '{"read": "viewer"}', ${lifecycle('', '"nowhere"')}`,
      ['nowhere'],
    ],
    [
      'no first state',
      `permissions => '{"read": "viewer"}', lifecycle => '{"transitions": {}}'`,
      ['initial'],
    ],
    [
      'a verb without a permission',
      `permissions => '{"read": "viewer"}', ${lifecycle('"go": {"from": ["open"], "to": "read"}')}`,
      ['transition go has no permission'],
    ],
    [
      'a verb that leads nowhere',
      `permissions => '{"read": "viewer", "go": []}', ${lifecycle('"go": {"from": ["open"]}')}`,
      ['go'],
    ],
    [
      'a verb that begins nowhere',
      `permissions => '{"read": "viewer", "go": []}', ${lifecycle('"go": {"to": "read"}')}`,
      ['go'],
    ],
    [
      'a due column that does not exist',
      `permissions => '{"read": "viewer", "go": []}', ${lifecycle('"go": {"from": ["open"], "to": "read"}')}, due => '{"go": {"column": "when", "states": ["open"]}}'`,
      ['column when does not exist'],
    ],
    [
      'a due verb that does not exist',
      `permissions => '{"read": "viewer"}', ${lifecycle('')}, due => '{"go": {"column": "created_at", "states": ["open"]}}'`,
      ['go'],
    ],
    [
      'a task for an event that it does not have',
      `permissions => '{"read": "viewer"}', ${lifecycle('')}, tasks => '{"draft.exploded": "task"}'`,
      ['draft.exploded'],
    ],
    [
      'a limit that says half',
      `permissions => '{"read": "viewer"}', ${lifecycle('')}, limited_by => '{"entitlement": "drafts"}'`,
      ['limited_by'],
    ],
    [
      'several things at once',
      `permissions => '{"create": "king"}', hidden => '{nope}', ${lifecycle('"go": {"from": ["here"], "to": "there"}')}`,
      ['role king', 'permission read', 'column nope', 'state here', 'transition go has no permission'],
    ],
  ];

  it.each(wrong)('with %s is refused, and says so', async (_, sql, told) => {
    const client = await owner.connect();
    try {
      await client.query('begin');
      await client.query(table.replaceAll('note', 'draft'));
      const { code, detail } = await refusal(client, `select platform.declare_entity('app.draft', ${sql})`);
      expect([code, detail]).toEqual(['ZF013', expect.any(String)]);
      for (const part of told) expect(detail).toContain(part);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('of a table without its columns, or outside of app, is refused', async () => {
    const client = await owner.connect();
    try {
      await client.query('begin; create table platform.bare (name text, status text)');
      const { code, detail } = await refusal(
        client,
        `select platform.declare_entity('platform.bare', permissions => '{"read": "viewer"}')`,
      );
      expect(code).toBe('ZF013');
      for (const column of ['tenant_id', 'id', 'version', 'created_at', 'updated_at']) {
        expect(detail).toContain(`column ${column} is missing`);
      }
      expect(detail).toContain('not in schema app');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('leaves nothing behind', async () => {
    const before = await catalog();
    const { code } = await refusalOf(
      owner.query(`select platform.declare_entity('app.project', permissions => '{"read": "king"}')`),
    );
    expect(code).toBe('ZF013');
    expect(await catalog()).toBe(before);
  });
});
