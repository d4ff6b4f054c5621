import type { Client } from 'pg';
import type { Catalog } from './catalog.ts';
import { readCatalog } from './catalog.ts';
import type { Step } from './difference.ts';
import { difference, unlike } from './difference.ts';
import type { Sources } from './source.ts';

export interface Reversal {
  statements: string[];
  loses: string[];
}

/**
 * Brings a scratch database back to the catalog that it had, and tells how: statements that do it again in one transaction. Their order is found by
 * trying: what fails because something else depends on it waits for the next round; what nothing helps is dropped with what depends on it, which
 * the next round makes anew.
 * @param work.admin reads the catalog
 * @param work.owner runs the statements, as a rollback does
 * @param work.sources functions as migrations before this one wrote them
 * @throws Error with the statements for which no order was found
 */
export async function reverseTo(
  then: Catalog,
  { admin, owner, sources }: { admin: Client; owner: Client; sources: Sources },
): Promise<Reversal> {
  await owner.query(`set check_function_bodies = off; set search_path = ''`);
  const statements = ['set local check_function_bodies = off;'];
  const loses = new Set<string>();
  let before = '';
  for (let round = 0; ; round += 1) {
    const now = await readCatalog(admin);
    const { steps, loses: lost } = difference(then, now);
    for (const what of lost) loses.add(what);
    const rest = steps.length === 0 ? unlike(then, now) : [];
    if (rest.length > 0) throw new Error(`the way back ends at another catalog:\n${rest.join('\n')}`);
    if (steps.length === 0) return { statements: statements.length > 1 ? statements : [], loses: [...loses] };
    const asked = steps.map(({ sql }) => sql).join('\n');
    const { done, failed } = await tryAll(owner, steps, sources);
    // Statements that ran and changed nothing (a function that shows the columns of a table that stands in the way) are none of it.
    const moved = asked !== before;
    before = asked;
    if (moved) statements.push(...done);
    if (moved && done.length > 0) continue;
    const forced = round < 100 ? await tryCascade(owner, failed) : undefined;
    if (!forced) {
      const list = failed.map(({ step, error }) => `${step.sql}\n-- ${error.message}`).join('\n');
      throw new Error(`no way back was found for:\n${list || asked}`);
    }
    statements.push(forced);
  }
}

interface FailedStep {
  step: Step;
  error: Error;
}

const written = ({ sql, role }: Step): string =>
  role ? `set local role ${role};\n${sql}\nset local role none;` : sql;

async function tryOne(owner: Client, sql: string): Promise<Error | undefined> {
  try {
    await owner.query(`begin; ${sql}\n commit`);
    return undefined;
  } catch (error) {
    await owner.query('rollback');
    return error as Error;
  }
}

async function tryAll(
  owner: Client,
  steps: readonly Step[],
  sources: Sources,
): Promise<{ done: string[]; failed: FailedStep[] }> {
  const done: string[] = [];
  let waiting = [...steps];
  for (;;) {
    const failed: FailedStep[] = [];
    for (const step of waiting) {
      const sql = await asWritten(owner, step, sources);
      const error = await tryOne(owner, sql);
      if (error) failed.push({ step, error });
      else done.push(sql);
    }
    if (failed.length === 0 || failed.length === waiting.length) return { done, failed };
    waiting = failed.map(({ step }) => step);
  }
}

/** The statement of a migration that makes just the function that the catalog showed; otherwise what the catalog showed. */
async function asWritten(owner: Client, step: Step, sources: Sources): Promise<string> {
  const name = ROUTINE.exec(step.sql)?.[2];
  for (const source of (name && sources.get(name)?.toReversed()) || []) {
    const sql = written({ ...step, sql: source });
    try {
      await owner.query(`begin; ${sql}`);
      const { rows } = await owner.query<{ text: string }>(
        `select pg_catalog.rtrim(pg_catalog.pg_get_functiondef(p.oid), E'\n') || ';' as text
           from pg_catalog.pg_proc p
          where pg_catalog.format('%I.%I', p.pronamespace::pg_catalog.regnamespace, p.proname) = $1 and p.prokind <> 'a'`,
        [name],
      );
      if (rows.some(({ text }) => text === step.sql)) return sql;
    } catch {
      // What it needs is not there yet: a later round.
    } finally {
      await owner.query('rollback');
    }
  }
  return written(step);
}

const ROUTINE = /^CREATE OR REPLACE (FUNCTION|PROCEDURE) ((?:"[^"]+"|[\w$.])+)\(/i;

/** The first that can be done when its dependents go along; for a function whose result is another, it must go before it comes. */
async function tryCascade(owner: Client, failed: readonly FailedStep[]): Promise<string | undefined> {
  for (const { step } of failed) {
    const replaced = ROUTINE.exec(step.sql);
    const drop = step.sql.startsWith('drop ')
      ? step.sql.replace(/(?: cascade)?;$/, ' cascade;')
      : /^alter table \S+ drop (column|constraint) /.test(step.sql)
        ? step.sql.replace(/;$/, ' cascade;')
        : replaced
          ? await dropOf(owner, replaced[2] ?? '', step.sql)
          : undefined;
    if (drop && !(await tryOne(owner, drop))) return drop;
  }
  return undefined;
}

/** The function that stands in the way of a replacement: same name and arguments. */
async function dropOf(owner: Client, name: string, sql: string): Promise<string | undefined> {
  const { rows } = await owner.query<{ signature: string; definition: string }>(
    `select p.oid::pg_catalog.regprocedure::text as signature, pg_catalog.pg_get_functiondef(p.oid) as definition
       from pg_catalog.pg_proc p where pg_catalog.format('%I.%I', p.pronamespace::pg_catalog.regnamespace, p.proname) = $1 and p.prokind <> 'a'`,
    [name],
  );
  const head = (text: string) => /\(([\s\S]*?)\)\s+RETURNS/i.exec(text)?.[1]?.replace(/ DEFAULT [^,]*/g, '');
  const same =
    rows.find(({ definition }) => head(definition) === head(sql)) ??
    (rows.length === 1 ? rows[0] : undefined);
  return same && `drop function ${same.signature} cascade;`;
}
