import { beforeAll, describe, expect, it } from 'vitest';
import { asSystem, asTenant, refusal, refusalOf } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';
import { keyring, newSigningKey } from '../support/keyring.ts';
import { refused } from './bad-values.ts';

/*
 * The database's half of "Bad input": every argument of every function and every column that a request may write, with values
 * that are no good. A coded refusal, and nothing written.
 */
const database = await createTestDatabase();
let tenant: FullTenant;
let other: FullTenant;

beforeAll(async () => {
  [tenant, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
});

describe.each(Object.entries(refused))('for %s', (_, cases) => {
  it('every bad value is refused with its code, and nothing is written', async () => {
    const before = await fingerprint(database);
    await asTenant(database, tenant, async (client) => {
      for (const [sql, values, code] of cases) {
        const shown = JSON.stringify(values).slice(0, 60);
        const { code: told, message } = await refusal(client, sql, values);
        expect([sql, shown, told]).toEqual([sql, shown, code]);
        expect(message.length).toBeLessThan(1000);
      }
    });
    expect(await fingerprint(database)).toEqual(before);
  });
});

describe('every function', () => {
  const functions = async () => {
    const { rows } = await database.pool('admin').query(
      `select p.oid::regproc::text as name, p.proargnames[:p.pronargs] as names,
         array(select format_type(t, null) from unnest(p.proargtypes::oid[]) with ordinality u (t, n) order by n) as types
       from pg_proc p
       where p.pronamespace = 'app'::regnamespace and has_function_privilege('freehold_user', p.oid, 'execute') and p.pronargs > 0
       order by 1`,
    );
    return rows as { name: string; names: string[]; types: string[] }[];
  };
  const bad: Record<string, string[]> = {
    uuid: ['null', `'00000000-0000-0000-0000-000000000000'`, `'ffffffff-ffff-ffff-ffff-ffffffffffff'`],
    text: [
      'null',
      `''`,
      `repeat('x', 1000000)`,
      `'😀‮\u200b é'`,
      `'''; drop table app.project; --'`,
      `'%s%n%I'`,
      `E'\\n'`,
    ],
    boolean: ['null'],
    'integer[]': ['null', `'{}'`, `'{NULL}'`, `'{-1}'`, `array(select n from generate_series(1, 10000) n)`],
    'platform.fresh_key': ['null', `'x'`],
    'platform.sealed': ['null', `'x'`],
    'app.api_key': ['null'],
    'app.webhook_endpoint': ['null'],
    'app.webhook_replay': ['null'],
    integer: ['null', '-1', '0', '2147483647', '-2147483648'],
    'text[]': [
      'null',
      `'{}'`,
      `'{NULL}'`,
      `array[repeat('x', 100000)]`,
      `array(select 'x' from generate_series(1, 10000))`,
    ],
    'cidr[]': [
      'null',
      `'{}'`,
      `'{NULL}'`,
      `array(select '10.0.0.0/8'::cidr from generate_series(1, 10000))`,
      `'{10.0.0.1/8}'`,
      `'{x}'`,
    ],
    'timestamp with time zone': ['null', `'-infinity'`, `'infinity'`, `'294276-12-31'`],
  };
  const good: Record<string, string> = {
    uuid: 'uuidv7()',
    text: `'x'`,
    integer: '1',
    boolean: 'true',
    'integer[]': `'{1}'`,
    'platform.fresh_key': `'${newSigningKey()}'`,
    'platform.sealed': `'${keyring.seal(Buffer.from('x'))}'`,
    'app.api_key': 'null',
    'app.webhook_endpoint': 'null',
    'app.webhook_replay': 'null',
    'text[]': `'{project:read}'`,
    'cidr[]': `'{10.0.0.0/8}'`,
    'timestamp with time zone': `now() + interval '1 day'`,
  };

  it('refuses nulls, extremes and strange texts in each argument with a code of the vocabulary', async () => {
    const { rows: known } = await database
      .pool('app')
      .query('select sqlstate from platform.error_vocabulary()');
    const codes = known.map(({ sqlstate }) => sqlstate);
    let tried = 0;
    await asSystem(
      database,
      tenant.id,
      async (client) => {
        for (const { name, names, types } of await functions()) {
          for (const [n] of names.entries()) {
            for (const value of bad[types[n] ?? ''] ?? [`missing ${types[n]}`]) {
              const args = names.map((arg, m) => `${arg} => ${n === m ? value : good[types[m] ?? '']}`);
              await client.query('savepoint attempt');
              const outcome = await client
                .query(`select ${name}(${args.join(', ')})`)
                .catch((error) => error);
              await client.query('rollback to savepoint attempt');
              // some strange texts are good texts: what is not refused must have worked
              if (outcome instanceof Error)
                expect([name, value, codes]).toEqual([
                  name,
                  value,
                  expect.arrayContaining([(outcome as { code?: string }).code]),
                ]);
              tried += 1;
            }
          }
        }
      },
      { rollback: true },
    );
    expect(tried).toBeGreaterThan(150);
  });
});

describe('unicode', () => {
  it('is kept as it came: 200 characters are 200, whatever their bytes', async () => {
    for (const name of ['😀'.repeat(200), 'é', 'שלום', '日本語', 'a\u200b\u202eb', 'x\ny', ' ']) {
      await asTenant(
        database,
        tenant,
        async (client) => {
          const { rows } = await client.query(
            'insert into app.project (name) values ($1) returning id, name',
            [name],
          );
          expect(rows[0].name).toBe(name);
        },
        { rollback: true },
      );
    }
  });
});

describe("another tenant's id", () => {
  it('in any column that a request writes is refused like an unknown one', async () => {
    await asTenant(
      database,
      tenant,
      async (client) => {
        for (const id of [other.ids.membership, other.members.get('owner')?.id]) {
          expect(
            (await refusal(client, `insert into app.project (name, lead_id) values ('x', $1)`, [id])).code,
          ).toBe('23503');
          expect((await refusal(client, 'update app.project set lead_id = $1', [id])).code).toBe('23503');
        }
      },
      { rollback: true },
    );
  });
});

describe('amounts', () => {
  it('beyond what money can be are refused before they overflow', async () => {
    const admin = database.pool('admin');
    const { code } = await refusalOf(admin.query(`select platform.prorate(9223372036854775807, 0, 2, 1)`));
    expect(code).toBe('22003');
    const { rows } = await admin.query('select platform.prorate(9223372036854775807, 0, 1, 1) as all');
    expect(rows).toEqual([{ all: '9223372036854775807' }]);
    for (const price of ['-1', '100000000001']) {
      const refusedPrice = await refusalOf(
        admin.query('update catalog.plan set monthly_price = $1', [price]),
      );
      expect(refusedPrice.code).toBe('23514');
    }
  });
});
