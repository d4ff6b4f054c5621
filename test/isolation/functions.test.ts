import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { asAnonymous, asSystem, asTenant } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';
import { keyring } from '../support/keyring.ts';
import type { Attempt, Outcome } from './attempts.ts';
import { tryAll } from './attempts.ts';

/*
 * Every function that requests may call, from pg_proc, with the ids of another tenant's rows. The caller is once the owner and
 * once the system of their own tenant, which holds every permission: what stops them can only be the tenant.
 */
const database = await createTestDatabase();
let mine: FullTenant;
let other: FullTenant;

interface Callable {
  name: string;
  /** Names of the arguments that identify a row. */
  ids: string[];
  /** Other arguments that must be given, as SQL. */
  rest: string[];
  volatile: boolean;
}

async function callables(): Promise<Callable[]> {
  const { rows } = await database.pool('admin').query(
    `select p.oid::regproc::text as name, p.provolatile = 'v' as volatile,
       array_agg(a.name order by a.n) filter (where a.type = 'uuid'::regtype) as ids,
       coalesce(array_agg(format('%I => %s', a.name, case
           when a.name = 'plan' then '''enterprise'''
           when a.name = 'verb' then '''expire'''
           when a.name = 'entity' then '''report'''
           when a.type = 'integer'::regtype then '1'
           when a.type = 'timestamptz'::regtype then 'now()'
           when a.type = 'platform.sealed'::regtype then quote_literal($1::text)
           else format('''x''::%s', a.type::regtype) end)
         order by a.n) filter (where a.type <> 'uuid'::regtype and a.n <= p.pronargs - p.pronargdefaults), '{}') as rest
     from pg_proc p,
       unnest(p.proargtypes::oid[], p.proargnames[:p.pronargs]) with ordinality a (type, name, n)
     where p.pronamespace::regnamespace::text in ('app', 'platform', 'catalog', 'identity')
       and has_function_privilege('freehold_user', p.oid, 'execute')
     group by p.oid
     having bool_or(a.type = 'uuid'::regtype)
     order by 1`,
    [keyring.seal(Buffer.from('x'))],
  );
  return rows;
}

/** Each function with one id; several ids of one function are all the same row. */
function calls(functions: Callable[], ids: Record<string, string>): Attempt[] {
  return functions.flatMap(({ name, ids: names, rest }) =>
    Object.entries(ids).map(([table, id]) => ({
      table,
      command: name,
      sql: `select ${name}(${[...names.map((n) => `${n} => '${id}'`), ...rest].join(', ')})`,
    })),
  );
}

/**
 * Functions of the mechanism that compare, raise or refuse a tenant that is not the verified one, and look nothing up; or, permissions_of, with the caller's rights
 * in a table whose policies hold them to it.
 */
const indifferent = [
  'platform.check_invoice_total',
  'platform.permissions_of',
  'platform.raise_illegal_transition',
  'platform.raise_unchangeable',
  'platform.require_tenant',
];

beforeAll(async () => {
  [mine, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
});

const told = (outcomes: Outcome[]) =>
  outcomes.map(({ table, command, error }) => `${command} of a ${table}: ${error ?? 'not refused'}`);

describe('a function called with the id of another tenant', () => {
  it('is not there for the owner, and nothing is changed', async () => {
    const attempts = calls(await callables(), other.ids);
    expect(attempts.length).toBeGreaterThan(20 * Object.keys(other.ids).length);
    const before = await fingerprint(database);
    const outcomes = await asTenant(database, mine, (client) => tryAll(client, attempts));
    const wrong = outcomes.filter(
      ({ command, error }) => !indifferent.includes(command) && !/^(ZF003|ZF004)$/.test(error ?? ''),
    );
    expect(told(wrong)).toEqual([]);
    expect(await fingerprint(database)).toEqual(before);
  });

  it('is not there for the system either, whose permissions are all', async () => {
    const attempts = calls(await callables(), other.ids);
    const before = {
      mine: await fingerprint(database, mine.id),
      other: await fingerprint(database, other.id),
    };
    const outcomes = await asSystem(database, mine.id, (client) => tryAll(client, attempts));
    const wrong = outcomes.filter(
      ({ command, error }) => !indifferent.includes(command) && !/^ZF004$/.test(error ?? ''),
    );
    expect(told(wrong)).toEqual([]);
    const after = {
      mine: await fingerprint(database, mine.id),
      other: await fingerprint(database, other.id),
    };
    // that the system entered is on record
    delete before.mine['platform.system_entry'];
    delete after.mine['platform.system_entry'];
    expect(after).toEqual(before);
  });

  it('answers the same as to an id that never existed', async () => {
    const functions = await callables();
    const ids = Object.keys(other.ids);
    const unknown = Object.fromEntries(ids.map((table) => [table, randomUUID()]));
    const [foreign, random] = await asSystem(
      database,
      mine.id,
      async (client) => [
        await tryAll(client, calls(functions, other.ids)),
        await tryAll(client, calls(functions, unknown)),
      ],
      { rollback: true },
    );
    expect(told(foreign as Outcome[])).toEqual(told(random as Outcome[]));
  });

  it('works with ids of the own tenant: the matrix can fail', async () => {
    const attempts = calls(await callables(), mine.ids);
    const outcomes = await asSystem(database, mine.id, (client) => tryAll(client, attempts), {
      rollback: true,
    });
    const worked = new Set(outcomes.filter(({ error }) => error === null).map(({ command }) => command));
    for (const name of ['app.archive_project', 'app.pay_invoice', 'app.expire_report']) {
      expect(worked).toContain(name);
    }
  });
});

describe('a function without a context', () => {
  it('is refused, whichever it is', async () => {
    const attempts = calls(await callables(), mine.ids);
    const before = await fingerprint(database);
    const outcomes = await asAnonymous(database, (client) => tryAll(client, attempts));
    const wrong = outcomes.filter(
      ({ command, error }) => !indifferent.includes(command) && !/^(ZF001|ZF002)$/.test(error ?? ''),
    );
    expect(told(wrong)).toEqual([]);
    expect(await fingerprint(database)).toEqual(before);
  });

  it('cannot be called by freehold_app before it has become freehold_user', async () => {
    const { rows } = await database.pool('app').query(
      `select p.oid::regprocedure::text as name
       from pg_proc p
       where p.pronamespace::regnamespace::text in ('app', 'platform', 'identity', 'catalog', 'generated', 'api_v1')
         and has_function_privilege('freehold_app', p.oid, 'execute')
         and p.prorettype <> 'trigger'::regtype`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([
      'platform.describe_api()',
      'platform.end_serving(uuid)',
      'platform.error_vocabulary()',
      'platform.report_serving(uuid,text,text,text,text)',
      'platform.watch_events(uuid,uuid[],interval)',
    ]);
  });
});
