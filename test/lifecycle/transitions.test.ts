import type { PoolClient } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { asOperator, refusal } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestTenant } from '../support/tenants.ts';
import { createTenant } from '../support/tenants.ts';
import type { Lifecycle, Row } from './lifecycles.ts';
import { begin, bring, call, eventsOf, find, legalFrom, lifecycles } from './lifecycles.ts';

/*
 * Every entity of the catalog × every state × every verb, and every pair of states by a plain UPDATE. As a superuser: what is
 * refused to psql is refused to everybody.
 */
const database = await createTestDatabase();
const all = await lifecycles(database);
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database, { plan: 'enterprise' });
});

/** Runs `work` on a row in each state, and takes everything back after each. */
async function inEachState(
  lifecycle: Lifecycle,
  work: (client: PoolClient, row: Row) => Promise<void>,
): Promise<string[]> {
  const reached: string[] = [];
  await asOperator(
    database,
    tenant.id,
    async (client) => {
      for (const state of lifecycle.states) {
        await client.query('savepoint state');
        const row = await bring(client, lifecycle, state);
        if (row) {
          expect(row.status).toBe(state);
          reached.push(state);
          await work(client, row);
        }
        await client.query('rollback to savepoint state');
      }
    },
    { rollback: true },
  );
  return reached;
}

/** Undoes what `work` did, so that the next finds the row as it was. */
async function undone(client: PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('savepoint undone');
  await work();
  await client.query('rollback to savepoint undone');
}

/** Verbs that may come twice, and then do nothing: their task is delivered at least once. */
const repeatable = new Set(['report start']);

describe.each(all)('the lifecycle of a $entity', (lifecycle) => {
  const { entity, states, initial, verbs, transitions } = lifecycle;

  it('reaches every state from its first one', async () => {
    expect(await inEachState(lifecycle, async () => {})).toEqual(states);
  });

  it('takes a row through each legal verb with one event of the declared type', async () => {
    let taken = 0;
    await inEachState(lifecycle, async (client, row) => {
      for (const { name, to, event, from } of transitions.filter((t) => t.from === row.status)) {
        await undone(client, async () => {
          const before = (await eventsOf(client, row.id)).length;
          const result = await call(client, entity, name, row.id);
          const added = (await eventsOf(client, row.id)).slice(before);
          expect([name, result?.status]).toEqual([name, to]);
          // to stay where one is, is no change
          const expected = from === to ? [] : [{ type: event, entity_version: row.version + 1 }];
          expect(added.map(({ type, entity_version }) => ({ type, entity_version }))).toEqual(expected);
          for (const { data, previous } of added) {
            expect([data.status, previous]).toEqual([to, expect.objectContaining({ status: from })]);
          }
          taken += 1;
        });
      }
    });
    expect(taken).toBe(transitions.length);
  });

  it('refuses each illegal verb with ZF005 and the list of legal ones, and writes nothing', async () => {
    await inEachState(lifecycle, async (client, row) => {
      const legal = transitions.filter((t) => t.from === row.status).map(({ name }) => name);
      for (const verb of verbs.filter((name) => !legal.includes(name))) {
        const before = await eventsOf(client, row.id);
        if (repeatable.has(`${entity} ${verb}`)) {
          expect(await call(client, entity, verb, row.id)).toBeNull();
        } else {
          await undone(client, async () => {
            const refused = await call(client, entity, verb, row.id).catch((error) => error);
            expect([verb, refused.code, refused.detail]).toEqual([
              verb,
              'ZF005',
              legalFrom(lifecycle, row.status),
            ]);
          });
        }
        expect(await find(client, entity, row.id)).toEqual(row);
        expect(await eventsOf(client, row.id)).toEqual(before);
      }
    });
  });

  it('holds for a plain UPDATE from every state to every other', async () => {
    await inEachState(lifecycle, async (client, row) => {
      for (const to of states) {
        const legal = transitions.filter((t) => t.from === row.status && t.to === to);
        const before = await eventsOf(client, row.id);
        const update = `update app.${entity} set status = '${to}' where id = '${row.id}'`;
        await undone(client, async () => {
          if (to === row.status) {
            await client.query(update);
            expect(await find(client, entity, row.id)).toEqual(row);
            expect(await eventsOf(client, row.id)).toEqual(before);
          } else if (legal.length > 0) {
            await client.query(update);
            expect(await find(client, entity, row.id)).toEqual({
              ...row,
              status: to,
              version: row.version + 1,
            });
            const added = (await eventsOf(client, row.id)).slice(before.length);
            expect(added.map(({ type }) => type)).toEqual([
              expect.toBeOneOf(legal.map(({ event }) => event)),
            ]);
          } else {
            const { code, detail } = await refusal(client, update);
            expect([to, code, detail]).toEqual([to, 'ZF005', legalFrom(lifecycle, row.status)]);
            expect(await find(client, entity, row.id)).toEqual(row);
            expect(await eventsOf(client, row.id)).toEqual(before);
          }
        });
      }
      const { code } = await refusal(
        client,
        `update app.${entity} set status = 'nowhere' where id = '${row.id}'`,
      );
      expect(code).toBe('ZF005');
      expect(
        (await refusal(client, `update app.${entity} set status = null where id = '${row.id}'`)).code,
      ).toBe('23502');
    });
  });

  it('begins in no state but a first one', async () => {
    await asOperator(
      database,
      tenant.id,
      async (client) => {
        const { id } = await begin(client, entity);
        for (const state of states.filter((name) => !initial.includes(name))) {
          const { code } = await refusal(
            client,
            `insert into app.${entity} select * from jsonb_populate_record(null::app.${entity},
               (select to_jsonb(t) from app.${entity} t where id = $1) || jsonb_build_object('id', uuidv7(), 'status', $2::text))`,
            [id, state],
          );
          expect([state, code]).toEqual([state, 'ZF005']);
        }
      },
      { rollback: true },
    );
  });

  it('refuses a stale version with ZF006, and takes the present one', async () => {
    const { rows } = await database.pool('admin').query(
      `select regexp_replace(proname, '_${entity}$', '') as verb from pg_proc
       where pronamespace = 'app'::regnamespace and proname like '%\\_${entity}' and 'expected_version' = any (proargnames)`,
    );
    const versioned = rows.map(({ verb }) => verb);
    await inEachState(lifecycle, async (client, row) => {
      for (const { name } of transitions.filter((t) => t.from === row.status && versioned.includes(t.name))) {
        for (const version of [row.version - 1, row.version + 1, 0, -1]) {
          await undone(client, async () => {
            const refused = await call(client, entity, name, row.id, version).catch((error) => error);
            expect([name, refused.code, refused.detail]).toEqual([
              name,
              'ZF006',
              `Current version: ${row.version}.`,
            ]);
          });
          expect(await find(client, entity, row.id)).toEqual(row);
        }
        await undone(client, async () => {
          expect((await call(client, entity, name, row.id, row.version))?.version).toBeGreaterThan(
            row.version,
          );
        });
      }
      const stale = `update app.${entity} set version = ${row.version + 1} where id = '${row.id}'`;
      expect((await refusal(client, stale)).code).toBe('ZF006');
    });
  });

  it('never changes tenant or id, and is never deleted', async () => {
    await asOperator(
      database,
      tenant.id,
      async (client) => {
        const { id } = await begin(client, entity);
        for (const change of ['tenant_id = uuidv7()', 'id = uuidv7()']) {
          const { code } = await refusal(client, `update app.${entity} set ${change} where id = $1`, [id]);
          expect([change, code]).toEqual([change, 'ZF008']);
        }
        expect((await refusal(client, `delete from app.${entity} where id = $1`, [id])).code).toBe('ZF008');
      },
      { rollback: true },
    );
  });
});
