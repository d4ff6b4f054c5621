import { beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from '../support/actors.ts';
import { asContext, resolveContext } from '../support/actors.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { createFullTenants, tenantReadings } from '../support/every-table.ts';
import { waitUntil } from '../support/wait.ts';
import { forgedContexts, revocableContexts } from './contexts.ts';

/*
 * What shows rows of tenants and is no table: every view of schema app, and every function that needs no argument, from the catalog. In a context of the
 * tenant they show its rows; in one of another tenant, or in one that is not good, nothing of it.
 */
const database = await createTestDatabase();
let victim: FullTenant;
let other: FullTenant;
let readings: { name: string; from: string }[];
/** Every id of the victim that a row could show. */
let ids: string[];
let events: number;

/** What a reading shows: its rows as text without those that say nothing, or the code of its refusal. */
async function shown(context: TestContext | undefined): Promise<Map<string, string[] | string>> {
  return asContext(
    database,
    context,
    async (client) => {
      const found = new Map<string, string[] | string>();
      for (const { name, from } of readings) {
        const sql = `select to_jsonb(r)::text as row from ${from} r where to_jsonb(r) is not null and to_jsonb(r) not in ('null', '0')`;
        await client.query('savepoint reading');
        const outcome = await client.query(sql).catch((error) => error);
        await client.query('rollback to savepoint reading');
        found.set(
          name,
          outcome instanceof Error
            ? (outcome as unknown as { code: string }).code
            : outcome.rows.map((r: { row: string }) => r.row),
        );
      }
      return found;
    },
    { rollback: true },
  );
}

const ownerOf = (tenant: FullTenant) =>
  resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');

async function showsNothing(context: TestContext | undefined): Promise<void> {
  for (const [name, outcome] of await shown(context)) {
    if (typeof outcome === 'string')
      expect([name, outcome]).toEqual([name, expect.stringMatching(/^(42501|22P02|ZF00[12])$/)]);
    else expect([name, outcome]).toEqual([name, []]);
  }
}

beforeAll(async () => {
  [victim, other] = (await createFullTenants(database, 2)) as [FullTenant, FullTenant];
  readings = await tenantReadings(database);
  const { rows } = await database
    .pool('admin')
    .query('select id from app.event where tenant_id = $1', [victim.id]);
  events = rows.length;
  ids = [victim.id, ...Object.values(victim.ids), ...rows.map(({ id }) => id)];
});

describe('a view or a function of schema app', () => {
  it('shows a tenant its own rows: the test can fail', async () => {
    expect(readings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['change_feed', 'change_feed_end', 'feature_usage_by_day', 'projects_used']),
    );
    const owner = await ownerOf(victim);
    const found = await waitUntil('the change feed shows all of it', async () => {
      const all = await shown(owner);
      return all.get('change_feed')?.length === events ? all : undefined;
    });
    const empty = readings
      .map(({ name }) => name)
      .filter((name) => !Array.isArray(found.get(name)) || found.get(name)?.length === 0);
    expect(empty).toEqual(['change_feed_held_since']);
    expect([...found.values()].flat().some((row) => row.includes(victim.ids.project as string))).toBe(true);
  });

  it('shows another tenant nothing of it', async () => {
    for (const [name, outcome] of await shown(await ownerOf(other)))
      expect([name, ids.filter((id) => String(outcome).includes(id))]).toEqual([name, []]);
  });

  it('shows nothing in a context that is forged or expired, or in none', async () => {
    for (const [name, context] of await forgedContexts(database, victim, other))
      await expect(showsNothing(context), name).resolves.toBeUndefined();
  });

  it('shows nothing after whatever revokes a context', async () => {
    for (const [name, { context, revoke }] of await revocableContexts(database, victim)) {
      await revoke();
      await expect(showsNothing(context), name).resolves.toBeUndefined();
    }
  });
});
