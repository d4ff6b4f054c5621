import { setTimeout as pause } from 'node:timers/promises';
import type { Client, QueryResult } from 'pg';
import type { Counters, Known, Touched } from './catalogue.ts';
import {
  noCounters,
  readCounters,
  readForeignKeys,
  readKnown,
  readSizes,
  readTouched,
  readWal,
} from './catalogue.ts';
import type { LockMode } from './locks.ts';
import { isStronger, modeOf } from './locks.ts';

/** What one statement did, on a database where nobody else was at work. Relations are named by schema; partitions by their parent. */
export interface Observation {
  milliseconds: number;
  /** Locks on relations from before the migration that it took, or made stronger; the strongest of each. */
  locks: Map<string, LockMode>;
  /** All that the transaction holds after it, with those of earlier statements. */
  held: Map<string, LockMode>;
  /** Tables from before the migration that were written anew, with their rows. */
  rewritten: Map<string, number>;
  /** Indexes from before the migration that were built anew. */
  rebuilt: string[];
  /** Rows read by scans of tables, or entries of their indexes (a foreign key may be checked by an index alone), and how many rows a table has. */
  scanned: Map<string, { read: number; rows: number }>;
  /** Rows changed in tables from before the migration. */
  changed: Map<string, { inserted: number; updated: number; deleted: number }>;
  /** Tables from before the migration of which an UPDATE or DELETE changed no row, though they have rows, and forced row-level security. */
  missed: string[];
  /** Foreign keys of tables with rows that count as valid from now on, though forced row-level security hid the rows from the check. */
  unchecked: string[];
  walBytes: number;
  /** Bytes by which tables grew with their indexes; new ones count whole. */
  growth: Map<string, number>;
}

/** Looks at the statements of one migration. */
export interface Observer {
  /** Inside the transaction that the caller has begun. @throws what the statement throws */
  inTransaction(sql: string): Promise<Observation>;
  /**
   * One that must not stand in a transaction. Its locks are gone when it ends: `watcher`, a second connection, looks at them meanwhile,
   * every 2 ms, and does not see what is held for less.
   */
  alone(sql: string, watcher: Client): Promise<Observation>;
}

/** Call it before the migration, in its transaction if there is one: what exists now is what others use. */
export async function startObserving(client: Client): Promise<Observer> {
  const known = await readKnown(client);
  const sizes = await readSizes(client);
  const counts = await readCounters(client, 'transaction');
  let keys = await readForeignKeys(client);
  let ever = new Map<number, Counters>();
  let held = new Map<string, LockMode>();

  const compare = async (
    after: { milliseconds: number; walBytes: number; touched: readonly Touched[]; result: QueryResult },
    before: Map<number, Counters>,
  ): Promise<Observation> => {
    const now = heldOf(after.touched, known);
    const seen: Observation = {
      milliseconds: after.milliseconds,
      walBytes: after.walBytes,
      locks: new Map([...now].filter(([name, mode]) => isStronger(mode, held.get(name)))),
      held: now,
      rewritten: new Map(),
      rebuilt: [],
      scanned: new Map(),
      changed: new Map(),
      missed: [],
      unchecked: [],
      growth: new Map(),
    };
    held = now;
    for (const relation of after.touched) note(seen, relation, { known, before, sizes });
    if (['UPDATE', 'DELETE'].includes(after.result.command) && after.result.rowCount === 0)
      seen.missed = [...known.values()]
        .filter(({ name, forced, rows }) => forced && rows > 0 && seen.locks.get(name) === 'ROW EXCLUSIVE')
        .map(({ name }) => name);
    const valid = await readForeignKeys(client);
    seen.unchecked = [...valid]
      .filter(([key, { table, hidden }]) => hidden && !keys.has(key) && known.get(table)?.rows)
      .map(([key, { table }]) => `${key.replace(/^\d+ /, '')} of ${known.get(table)?.name}`);
    keys = valid;
    return seen;
  };

  return {
    async inTransaction(sql) {
      const wal = await readWal(client);
      const start = performance.now();
      const result = await client.query(sql);
      const milliseconds = performance.now() - start;
      const walBytes = (await readWal(client)) - wal;
      return compare({ milliseconds, walBytes, result, touched: await readTouched(client) }, counts);
    },
    async alone(sql, watcher) {
      ever = await flushed(client);
      const wal = await readWal(client);
      const watch = watchLocks(client, watcher);
      const start = performance.now();
      let modes = new Map<number, Set<string>>();
      const result = await client.query(sql).finally(async () => {
        modes = await watch.stop();
      });
      const milliseconds = performance.now() - start;
      const walBytes = (await readWal(client)) - wal;
      return compare({ milliseconds, walBytes, result, touched: await touchedAlone(client, modes) }, ever);
    },
  };
}

function heldOf(touched: readonly Touched[], known: ReadonlyMap<number, Known>): Map<string, LockMode> {
  const held = new Map<string, LockMode>();
  for (const { oid, modes } of touched) {
    const relation = known.get(oid);
    if (!relation) continue;
    for (const mode of modes.map(modeOf))
      if (isStronger(mode, held.get(relation.name))) held.set(relation.name, mode);
  }
  return held;
}

/** Adds what one relation shows, and remembers how it stands for the next statement. */
function note(
  seen: Observation,
  relation: Touched,
  state: { known: Map<number, Known>; before: Map<number, Counters>; sizes: Map<number, number> },
): void {
  const { oid, file, bytes, counters, table } = relation;
  const former = state.known.get(oid);
  const name = former?.name ?? relation.name ?? `oid ${oid}`;
  const before = state.before.get(oid) ?? noCounters;
  state.before.set(oid, counters);
  const read = counters.scanned - before.scanned;
  // Of a table that was never analyzed, or is new, what was read is the best guess of what it holds.
  const rows = former?.rows || read;
  if (table !== null) {
    const its = state.known.get(table);
    if (its && read > 0) add(seen.scanned, its.name, { read, rows: 0 });
  }
  if (relation.isTable) {
    if (read > 0) add(seen.scanned, name, { read, rows });
    const changed = {
      inserted: counters.inserted - before.inserted,
      updated: counters.updated - before.updated,
      deleted: counters.deleted - before.deleted,
    };
    if (former && changed.inserted + changed.updated + changed.deleted > 0) add(seen.changed, name, changed);
    if (bytes !== null) {
      const grown = bytes - (state.sizes.get(oid) ?? 0);
      if (grown !== 0) seen.growth.set(name, (seen.growth.get(name) ?? 0) + grown);
      state.sizes.set(oid, bytes);
    }
  }
  // A dropped relation has no file any more, and nothing of it was written anew.
  if (!former || file === null || former.file === file) return;
  if (former.kind === 'table') seen.rewritten.set(name, (seen.rewritten.get(name) ?? 0) + rows);
  if (former.kind === 'index') seen.rebuilt.push(name);
  state.known.set(oid, { ...former, file });
}

/** Partitions add up under the name of their parent. */
function add<T extends Record<string, number>>(sums: Map<string, T>, name: string, more: T): void {
  const sum = sums.get(name);
  const added = Object.entries(more).map(([key, value]) => [key, value + (sum?.[key] ?? 0)]);
  sums.set(name, Object.fromEntries(added) as T);
}

/** Counters of all that this connection did are reported once a second, or when it is told to. */
async function flushed(client: Client): Promise<Map<number, Counters>> {
  await client.query('select pg_catalog.pg_stat_force_next_flush()');
  return await readCounters(client, 'ever');
}

async function touchedAlone(client: Client, modes: Map<number, Set<string>>): Promise<Touched[]> {
  const [counters, sizes, relations] = [
    await flushed(client),
    await readSizes(client),
    await readKnown(client),
  ];
  return [...relations].map(([oid, { name, file, kind }]) => ({
    oid,
    name,
    file,
    modes: [...(modes.get(oid) ?? [])],
    isTable: kind === 'table',
    table: null,
    bytes: sizes.get(oid) ?? null,
    counters: counters.get(oid) ?? noCounters,
  }));
}

function watchLocks(client: Client, watcher: Client): { stop(): Promise<Map<number, Set<string>>> } {
  const modes = new Map<number, Set<string>>();
  const { processID } = client as Client & { processID: number };
  let over = false;
  const look = async (): Promise<void> => {
    while (!over) {
      const { rows } = await watcher.query<{ oid: number; mode: string }>({
        name: 'watch locks',
        text: `select l.relation::int8::float8 as oid, l.mode from pg_catalog.pg_locks l where l.pid = $1 and l.granted and l.locktype = 'relation'`,
        values: [processID],
      });
      for (const { oid, mode } of rows) modes.set(oid, (modes.get(oid) ?? new Set()).add(mode));
      await pause(2);
    }
  };
  const looking = look();
  return {
    async stop() {
      over = true;
      await looking;
      return modes;
    },
  };
}
