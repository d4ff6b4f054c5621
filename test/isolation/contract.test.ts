import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

/* The grants of the public contract: all of it is for requests, and nothing of it is more than what stands behind it. */
const admin = (await createTestDatabase()).pool('admin');

async function names(sql: string): Promise<string[]> {
  const { rows } = await admin.query(`select n from (${sql}) q (n) order by n collate "C"`);
  return rows.map(({ n }) => n);
}

const contract = `in (select oid from pg_namespace where nspname ~ '^api_v')`;

it('every view of the contract is read by requests, and every function of it called, and by nobody else', async () => {
  const reachable = await names(
    `select c.oid::regclass::text from pg_class c, aclexplode(c.relacl) x
     where c.relnamespace ${contract} and x.grantee <> c.relowner
     group by c.oid having array_agg(distinct x.grantee::regrole::text || ' ' || x.privilege_type) = '{freehold_user SELECT}'`,
  );
  expect(reachable).toEqual(
    await names(`select oid::regclass::text from pg_class where relkind = 'v' and relnamespace ${contract}`),
  );
  const callable = await names(
    `select p.oid::regprocedure::text from pg_proc p, aclexplode(p.proacl) x
     where p.pronamespace ${contract} and x.grantee <> p.proowner
     group by p.oid having array_agg(distinct x.grantee::regrole::text) = '{freehold_user}'`,
  );
  expect(callable).toEqual(
    await names(`select oid::regprocedure::text from pg_proc where pronamespace ${contract}`),
  );
});

it('a column of the contract is written by whoever may write the one behind it', async () => {
  const more = await names(
    `select format('%s.%s: %s', v.oid::regclass, a.attname, p.privilege)
     from pg_class v
     join platform.entity e on platform.contract_view(e.name) = v.oid::regclass::text
     join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
     join pg_attribute t on t.attrelid = e.relation::regclass and t.attname = a.attname
     cross join (values ('insert'), ('update')) p (privilege)
     where v.relnamespace ${contract}
       and has_column_privilege('freehold_user', v.oid, a.attnum, p.privilege)
         is distinct from has_column_privilege('freehold_user', t.attrelid, t.attnum, p.privilege)`,
  );
  expect(more).toEqual([]);
});

it('nothing of the contract has rights of its own', async () => {
  expect(
    await names(
      `select oid::regclass::text from pg_class where relnamespace ${contract} and relkind <> 'c'
         and not coalesce(reloptions, '{}') @> '{security_invoker=true}'
       union all select oid::regprocedure::text from pg_proc where pronamespace ${contract} and prosecdef`,
    ),
  ).toEqual([]);
});
