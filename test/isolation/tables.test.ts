import { beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, asMember, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants, tenantTables } from '../support/every-table.ts';
import { fingerprint } from '../support/fingerprint.ts';
import { roles } from '../support/tenants.ts';
import type { Attempt, Outcome } from './attempts.ts';
import { attemptsOn, copiesOf, copyAll, tryAll } from './attempts.ts';
import { contextOfTenant, forgedContexts, revocableContexts } from './contexts.ts';

/*
 * The matrix: every tenant table, from the catalog, × every command × every kind of context. A context that is not good sees
 * nothing and writes nothing; the same attempts in a good context find rows, or the matrix would prove nothing.
 */
const database = await createTestDatabase();
let victim: FullTenant;
let other: FullTenant;
let attempts: Attempt[];
let tables: string[];
let copies: Map<string, string>;

beforeAll(async () => {
  [victim, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
  attempts = await attemptsOn(database, victim);
  copies = await copiesOf(database);
  tables = (await tenantTables(database)).map(({ name }) => name);
});

/** Runs the attempts and commits, so that what was written would stay. */
const run = (context: TestContext | undefined): Promise<Outcome[]> =>
  asContext(database, context, (client) => tryAll(client, attempts));

const told = (outcomes: Outcome[]) =>
  outcomes.map(({ table, command, rows, error }) => `${table} ${command}: ${error ?? `${rows} rows`}`);

async function seesAndWritesNothing(context: TestContext | undefined): Promise<void> {
  const outcomes = await run(context);
  expect(told(outcomes.filter(({ rows }) => rows > 0))).toEqual([]);
  // refusals are refusals of rights, never a constraint that tells of a row
  expect(
    told(outcomes.filter(({ error }) => error && !/^(42501|22P02|0A000|428C9|ZF00[12])$/.test(error))),
  ).toEqual([]);
  const inserts = outcomes.filter(({ command }) => command.startsWith('insert'));
  expect(told(inserts.filter(({ error }) => error === null))).toEqual([]);
  const copied = await asContext(database, context, (client) => copyAll(client, copies)).catch((error) => {
    if (error.code !== '22P02') throw error;
    return [];
  });
  expect(copied).toEqual([]);
}

describe('in their own tenant', () => {
  it.each(roles)(
    'a member in the role %s finds rows in just the tables that the role may read',
    async (role) => {
      const context = await resolveContext(database, 'session', victim.members.get(role)?.session ?? '');
      const outcomes = await asContext(database, context, (client) => tryAll(client, attempts), {
        rollback: true,
      });
      const { rows } = await database
        .pool('admin')
        .query<{ held: string[] }>('select platform.permissions_of($1) as held', [role]);
      const permitted = (verb: string) => (table: string) => rows[0]?.held.includes(`${table}:${verb}`);
      const found = outcomes.filter((o) => o.command === 'select' && o.rows > 0).map((o) => o.table);
      expect(found).toEqual(tables.filter(permitted('read')));
      const copied = await asContext(database, context, (client) => copyAll(client, copies));
      expect(copied).toEqual(found);
      const updated = outcomes.filter((o) => o.command === 'update' && o.rows > 0).map((o) => o.table);
      expect([...new Set(updated)]).toEqual(tables.filter(permitted('update')));
    },
  );

  it('an owner inserts where the declaration lets a request create', async () => {
    const outcomes = await asMember(database, victim, 'owner', (client) => tryAll(client, attempts), {
      rollback: true,
    });
    const inserted = outcomes.filter((o) => o.command === 'insert' && o.rows > 0).map((o) => o.table);
    const { rows } = await database.pool('admin').query<{ name: string }>(
      `select e.name from platform.entity e
       where e.declaration -> 'permissions' ? 'create' and has_any_column_privilege('freehold_user', e.relation, 'insert')
       order by 1`,
    );
    expect(inserted).toEqual(rows.map(({ name }) => name));
    expect(inserted).toContain('project');
  });

  it('every table is seen by an owner, save what only functions show', async () => {
    const outcomes = await asMember(database, victim, 'owner', (client) => tryAll(client, attempts), {
      rollback: true,
    });
    const unseen = outcomes.filter((o) => o.command === 'select by id' && o.rows !== 1).map((o) => o.table);
    expect(unseen).toEqual(['report_chunk']);
  });

  it('nobody names a tenant, deletes, truncates, locks or merges', async () => {
    const outcomes = await asMember(database, victim, 'owner', (client) => tryAll(client, attempts), {
      rollback: true,
    });
    const forbidden = /^(insert with tenant|insert tenant alone|update tenant|delete|truncate|lock|merge)$/;
    const tried = outcomes.filter(({ command }) => forbidden.test(command));
    expect(tried).toHaveLength(7 * tables.length);
    expect(told(tried.filter(({ error }) => error !== '42501'))).toEqual([]);
  });
});

describe('a context of another tenant', () => {
  it('finds its own rows, and none of the victim', async () => {
    const context = await resolveContext(database, 'session', other.members.get('owner')?.session ?? '');
    const before = await fingerprint(database, victim.id);
    const outcomes = await run(context);
    const aimed = outcomes.filter(({ command }) =>
      /of the tenant|by id|with tenant|tenant alone|merge/.test(command),
    );
    expect(told(aimed.filter(({ rows }) => rows > 0))).toEqual([]);
    const found = outcomes.filter((o) => o.command === 'select' && o.rows > 0);
    expect(found.map((o) => o.table)).toEqual(tables.filter((table) => table !== 'report_chunk'));
    expect(await fingerprint(database, victim.id)).toEqual(before);
  });

  it('sees exactly the rows that are its own', async () => {
    const context = await resolveContext(database, 'session', other.members.get('owner')?.session ?? '');
    for (const { name, relation } of await tenantTables(database)) {
      if (name === 'report_chunk') continue;
      const seen = await asContext(database, context, async (client) => {
        const { rows } = await client.query(
          `select array_agg(distinct tenant_id) as tenants from ${relation}`,
        );
        return rows[0].tenants;
      });
      expect([name, seen]).toEqual([name, [other.id]]);
    }
  });
});

describe('a context that is not good sees nothing and writes nothing', () => {
  it('whatever is forged or expired in it', async () => {
    const contexts = await forgedContexts(database, victim, other);
    const before = await fingerprint(database);
    for (const [name, context] of contexts) {
      await expect(seesAndWritesNothing(context), name).resolves.toBeUndefined();
    }
    expect(await fingerprint(database)).toEqual(before);
  });

  it('after whatever revokes it', async () => {
    for (const [name, { context, revoke }] of await revocableContexts(database, victim)) {
      const good = await asContext(database, context, (client) => tryAll(client, attempts), {
        rollback: true,
      });
      expect(good.filter((o) => o.command === 'select' && o.rows > 0).length, name).toBeGreaterThan(5);
      await revoke();
      const before = await fingerprint(database);
      await expect(seesAndWritesNothing(context), name).resolves.toBeUndefined();
      expect(await fingerprint(database), name).toEqual(before);
    }
  });

  it.each(['suspend', 'close'])('after %s of its tenant', async (verb) => {
    const { context, revoke } = await contextOfTenant(database, verb);
    const good = await asContext(database, context, (client) => client.query('select from app.project'));
    expect(good.rowCount).toBe(1);
    await revoke();
    await seesAndWritesNothing(context);
  });
});
