import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { asTenant, refusal } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants, tenantTables } from '../support/every-table.ts';

const database = await createTestDatabase();
let mine: FullTenant;
let other: FullTenant;

beforeAll(async () => {
  [mine, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
});

/** Every reference from a tenant table to another, from the catalog. */
async function references(): Promise<{ child: string; column: string; parent: string }[]> {
  const { rows } = await database.pool('admin').query(
    `select k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent,
       (select string_agg(a.attname, ',') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey[2:])) as column
     from pg_constraint k
     join platform.entity e on e.relation = k.confrelid::regclass::text and e.kind <> 'states'
     where k.contype = 'f' and k.connamespace = 'app'::regnamespace and k.conparentid = 0
     order by 1, 3`,
  );
  return rows;
}

describe('a reference to a row of another tenant', () => {
  it('is refused by every foreign key, even to a superuser without triggers', async () => {
    const keys = await references();
    expect(keys.length).toBeGreaterThanOrEqual(6);
    const client = await database.pool('admin').connect();
    try {
      for (const { child, column, parent } of keys) {
        await client.query('begin');
        // only the keys are asked here: whatever else would refuse is switched off
        await client.query(`set constraints all immediate; alter table ${child} disable trigger user`);
        const name = child.replace('app.', '');
        const update = (id: string | undefined) =>
          `update ${child} set ${column} = '${id}' where tenant_id = '${mine.id}' and id = '${mine.ids[name]}'`;
        await client.query(update(mine.ids[parent.replace('app.', '')]));
        const refused = await refusal(client, update(other.ids[parent.replace('app.', '')]));
        expect([child, column, refused.code]).toEqual([child, column, '23503']);
        await client.query('rollback');
      }
    } finally {
      client.release();
    }
  });

  it('is refused in a request with the words of one that never existed', async () => {
    await asTenant(
      database,
      mine,
      async (client) => {
        const insert = `insert into app.project (name, lead_id) values ('x', $1)`;
        const foreign = await refusal(client, insert, [other.members.get('owner')?.id]);
        const unknown = await refusal(client, insert, [randomUUID()]);
        expect(foreign.code).toBe('23503');
        const words = ({ message, detail = '' }: typeof foreign) =>
          message + detail.replaceAll(/[0-9a-f-]{36}/g, 'id');
        expect(words(foreign)).toBe(words(unknown));
      },
      { rollback: true },
    );
  });
});

describe('a row', () => {
  it('never changes its tenant, in any table, not even for a superuser', async () => {
    const client = await database.pool('admin').connect();
    try {
      await client.query('begin');
      await client.query(`select platform.enter_as_system($1, 'test')`, [mine.id]);
      for (const { relation } of await tenantTables(database)) {
        const { code } = await refusal(client, `update ${relation} set tenant_id = $1 where tenant_id = $2`, [
          other.id,
          mine.id,
        ]);
        expect([relation, code]).toEqual([relation, expect.stringMatching(/^ZF0(08|12)$/)]);
      }
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('what must be unique', () => {
  it('is unique within a tenant alone: values of another tenant are free', async () => {
    await asTenant(database, mine, async (client) => {
      await client.query(`insert into app.invitation (email, role) values ('both@example.com', 'viewer')`);
    });
    await asTenant(database, other, async (client) => {
      await client.query(`insert into app.invitation (email, role) values ('both@example.com', 'viewer')`);
      const twice = await refusal(
        client,
        `insert into app.invitation (email, role) values ('BOTH@example.com', 'viewer')`,
      );
      expect(twice.code).toBe('23505');
      // the row that was there is not shown
      expect(twice.detail ?? '').not.toContain('both@example.com');
    });
  });

  it('never shows through an id: the id of another tenant may be used again', async () => {
    const { rows } = await database.pool('admin').query(
      `select c.relname as name, i.indexrelid::regclass::text as index
       from pg_index i
       join pg_class c on c.oid = i.indrelid
       join platform.entity e on e.relation = c.oid::regclass::text and e.kind <> 'states'
       where i.indisunique
         and i.indkey[0] <> (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')`,
    );
    expect(rows).toEqual([]);
  });
});
