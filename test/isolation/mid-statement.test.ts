import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants, tenantTables } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';

/*
 * A statement can change the settings of the context while it runs: with set_config() in its select list or in a join. A check
 * made once a statement would then stand for a tenant that it never saw.
 */
const database = await createTestDatabase();
let victim: FullTenant;
let attacker: FullTenant;
let owner: TestContext;
let admin: TestContext;

beforeAll(async () => {
  [victim, attacker] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
});

let before: Record<string, string>;
beforeEach(async () => {
  owner = await resolveContext(database, 'session', attacker.members.get('owner')?.session ?? '');
  admin = await resolveContext(database, 'session', attacker.members.get('admin')?.session ?? '');
  before = await fingerprint(database, victim.id);
});

const plans = [
  'set local enable_seqscan = on',
  'set local enable_indexscan = off; set local enable_bitmapscan = off; set local enable_indexonlyscan = off',
  'set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_material = off; set local enable_memoize = off',
  'set local enable_seqscan = off; set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_material = off',
];
const switchTo = (tenant: string) => `set_config('freehold.tenant_id', '${tenant}', true)`;

/** Statements that begin in the attacker's tenant and go on in the victim's. */
const readers = (relation: string): string[] => [
  `select tenant_id, ${switchTo(victim.id)} from ${relation}`,
  `select t.tenant_id from (select set_config('freehold.tenant_id', x, true) as s from unnest(array['${attacker.id}', '${victim.id}']) x offset 0) s
   cross join lateral (select tenant_id from ${relation} t where s.s is not null offset 0) t`,
  `select t.tenant_id from ${relation} t cross join lateral (select ${switchTo(victim.id)} where t.tenant_id is not null offset 0) s`,
  `with recursive r (n, t) as (select 0, null::uuid union all select n + 1, (select tenant_id from ${relation} where ${switchTo(victim.id)} is not null limit 1) from r where n < 3) select t as tenant_id from r`,
  `select (select max(tenant_id::text) from ${relation} where x = x)::uuid as tenant_id from (select set_config('freehold.tenant_id', x, true) as x from unnest(array['${attacker.id}', '${victim.id}']) x offset 0) s`,
];

describe('settings changed in the middle of a statement', () => {
  it('show no row of the tenant that was put in', async () => {
    let statements = 0;
    for (const { name, relation } of await tenantTables(database)) {
      for (const plan of plans) {
        const sql = readers(relation);
        for (const statement of sql) {
          const seen = await asContext(database, owner, async (client) => {
            await client.query(plan);
            const { rows } = await client.query(statement);
            return rows.map((row) => row.tenant_id);
          });
          expect([statement, seen.filter((id) => id === victim.id)]).toEqual([statement, []]);
          if (name !== 'report_chunk' && seen.includes(attacker.id)) statements += 1;
        }
      }
    }
    // they did read what is theirs: the statements are no dead letters
    expect(statements).toBeGreaterThan(100);
    expect(await fingerprint(database, victim.id)).toEqual(before);
  });

  it('write nothing into the tenant that was put in', async () => {
    const writers = [
      `insert into app.project (name) select case n when 2 then left(${switchTo(victim.id)}, 1) else 'x' end from generate_series(1, 4) n`,
      `update app.project set name = left(${switchTo(victim.id)}, 5)`,
      `update app.project p set name = 'taken' from (select set_config('freehold.tenant_id', x, true) as s from unnest(array['${attacker.id}', '${victim.id}']) x offset 0) s`,
      `select (select (app.archive_project('${victim.ids.project}')).id where s is not null) from (select ${switchTo(victim.id)} as s offset 0) s`,
      `select app.use_feature('search', 1) from (select ${switchTo(victim.id)} as s offset 0) s where s is not null`,
    ];
    for (const plan of plans) {
      for (const statement of writers) {
        await asContext(database, owner, async (client) => {
          await client.query(plan);
          await client.query(statement);
        }).catch(({ code }) =>
          expect([statement, code]).toEqual([statement, expect.stringMatching(/^(42501|ZF00[124]|ZF008)$/)]),
        );
      }
    }
    expect(await fingerprint(database, victim.id)).toEqual(before);
  });
});

describe('claims changed in the middle of a statement', () => {
  const forged = (changes: Record<number, string>) => {
    const claims = admin.claims.split('|').map((value, n) => changes[n] ?? value);
    return claims.join('|');
  };

  it('name no other actor in the record', async () => {
    const ownerId = attacker.members.get('owner')?.id ?? '';
    const claims = [
      forged({ 0: ownerId }),
      forged({ 0: attacker.id }),
      forged({ 2: ownerId }),
      '',
      '|',
      '||||||',
    ];
    const spoofs = [
      `insert into app.project (name)
       select 'spoof' || left(case n when 1 then set_config('freehold.claims', $1, true) else '' end, 0) from generate_series(1, 3) n`,
      `insert into app.project (name)
       select 'spoof' || left(case n when 2 then set_config('freehold.claims', $1, true) else '' end, 0) from generate_series(1, 3) n`,
      `update app.project set name = 'spoof' || left(set_config('freehold.claims', $1, true), 0)`,
      `update app.project set name = 'spoof' || left(set_config('freehold.claims', $1, true) || set_config('freehold.signature', '', true), 0)`,
    ];
    for (const claim of claims) {
      for (const spoof of spoofs) {
        await asContext(database, admin, (client) => client.query(spoof, [claim])).catch(({ code }) =>
          expect(code).toMatch(/^(42501|ZF00[12]|22P02)$/),
        );
      }
    }
    const { rows } = await database
      .pool('admin')
      .query(
        `select distinct e.actor_type, e.actor_id from app.event e where e.data ->> 'name' like 'spoof%' and e.tenant_id = $1`,
        [attacker.id],
      );
    const adminId = attacker.members.get('admin')?.id;
    expect(rows.filter((row) => row.actor_type !== 'member' || row.actor_id !== adminId)).toEqual([]);
  });

  it('of another context, equally good, give no role that neither may give', async () => {
    const billing = await resolveContext(database, 'session', attacker.members.get('billing')?.session ?? '');
    const { id } = attacker.members.get('viewer') ?? {};
    await expect(
      asContext(database, admin, (client) =>
        client.query(
          `update app.membership
           set role = case when set_config('freehold.claims', $1, true) || set_config('freehold.signature', $2, true) is not null then 'billing' end
           where id = $3`,
          [billing.claims, billing.signature, id],
        ),
      ),
    ).rejects.toMatchObject({ code: 'ZF003' });
  });

  it('give no role that the caller does not hold', async () => {
    const { id } = attacker.members.get('viewer') ?? {};
    const all = { 3: owner.claims.split('|')[3] ?? '' };
    for (const claim of [forged({ 0: attacker.id, ...all }), forged(all)]) {
      await asContext(database, admin, (client) =>
        client.query(
          `update app.membership set role = left(set_config('freehold.claims', $1, true), 0) || 'owner' where id = $2`,
          [claim, id],
        ),
      ).catch(({ code }) => expect(code).toMatch(/^(42501|ZF00[123])$/));
      await asContext(database, admin, (client) =>
        client.query(
          `insert into app.invitation (email, role)
           select n || '@spoof.example', left(case n when 2 then set_config('freehold.claims', $1, true) else '' end, 0) || case n when 1 then 'viewer' else 'owner' end
           from generate_series(1, 2) n`,
          [claim],
        ),
      ).catch(({ code }) => expect(code).toMatch(/^(42501|ZF00[123])$/));
    }
    const { rows } = await database.pool('admin').query(
      `select role from app.membership where id = $1
       union all select role from app.invitation where email like '%@spoof.example' and role = 'owner'`,
      [id],
    );
    expect(rows).toEqual([{ role: 'viewer' }]);
  });
});
