import { beforeAll, describe, expect, it } from 'vitest';
import { asTenant } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTenant } from '../support/tenants.ts';

/* What a declaration wrote and no longer says is gone, whatever it was. The tests build on each other. */
const database = await createTestDatabase();
const owner = database.pool('owner');
const states = (...names: string[]) =>
  owner.query('select platform.declare_states($1, $2)', [
    'app.memo_status',
    JSON.stringify(Object.fromEntries(names.map((name) => [name, `${name}.`]))),
  ]);
const declare = (more = '') =>
  owner.query(`select platform.declare_entity('app.memo',
    permissions => '{"read": "viewer", "create": "member", "file": "member"}',
    lifecycle => '{"initial": "open", "transitions": {"file": {"from": ["open"], "to": "filed", "event": "memo.filed"}}}' ${more})`);

async function left() {
  const { rows } = await database.pool('admin').query(
    `select has_table_privilege('freehold_resolver', 'app.memo', 'select') as across,
       to_regproc('generated.memo_limit') is not null as limit,
       (select array_agg(value order by value) from app.memo_status) as states,
       (select count(*)::int from platform.violations()) as violations`,
  );
  return rows[0];
}

beforeAll(async () => {
  await states('open', 'filed');
  await owner.query(`create table app.memo (
    tenant_id uuid not null default platform.tenant_id(),
    id uuid not null default uuidv7(),
    title text not null default '',
    status text not null default 'open' references app.memo_status,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
  )`);
});

describe('a declaration that no longer names', () => {
  it('a role that looked across tenants, a limit and a state has lost all three', async () => {
    await states('open', 'filed', 'lost');
    await declare(`, across => '{"freehold_resolver": ["select"]}', limited_by => '{"entitlement": "projects",
      "counted": "new.status = ''open''", "usage": "(select count(*) from app.memo m where m.tenant_id = new.tenant_id)"}'`);
    expect(await left()).toEqual({
      across: true,
      limit: true,
      states: ['filed', 'lost', 'open'],
      violations: 0,
    });
    await states('open', 'filed');
    await declare();
    expect(await left()).toEqual({ across: false, limit: false, states: ['filed', 'open'], violations: 0 });
  });

  it('a state that rows are in is refused, and says so', async () => {
    const tenant = await createTenant(database);
    await asTenant(database, tenant, (client) => client.query('insert into app.memo (title) values ($$x$$)'));
    await expect(states('filed')).rejects.toMatchObject({
      code: 'ZF013',
      message: expect.stringContaining('in use'),
    });
    expect((await left()).states).toEqual(['filed', 'open']);
  });
});

describe('an event that platform.declare_event gave an entity', () => {
  const declareEvent = (type: string, entity: string) =>
    owner.query('select platform.declare_event($1, $2, $3, $4)', [
      type,
      entity,
      'Something was noticed.',
      { type: 'object', properties: { id: { type: 'string', description: 'Of what.' } } },
    ]);
  const noticed = async () => {
    const { rows } = await database.pool('admin').query(
      `select t.schema #>> '{properties,id,type}' as id, (select array_agg(k.task) from platform.event_task k where k.type = t.type) as tasks
       from catalog.event_type t where t.type = 'memo.noticed'`,
    );
    return rows;
  };

  it('can have a task, and stays when the entity is declared anew, without the task that is no longer named', async () => {
    await declareEvent('memo.noticed', 'memo');
    await declare(`, tasks => '{"memo.noticed": "look"}'`);
    expect(await noticed()).toEqual([{ id: 'string', tasks: ['look'] }]);
    await declare();
    expect(await noticed()).toEqual([{ id: 'string', tasks: null }]);
  });

  it('has no task by another entity', async () => {
    await declareEvent('paper.noticed', 'paper');
    await expect(declare(`, tasks => '{"paper.noticed": "look"}'`)).rejects.toMatchObject({
      code: 'ZF013',
      detail: expect.stringContaining('there is no event paper.noticed'),
    });
  });
});
