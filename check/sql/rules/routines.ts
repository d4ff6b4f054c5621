import type { Node } from 'libpg-query';
import type { Finding, Rule } from '../rule.ts';
import { statementsOf } from '../rule.ts';
import { lastName, nameParts, relationName, stringConstant, walk } from '../walk.ts';

/** Functions of PostgreSQL whose answer depends on more than their arguments. */
const IMPURE = new Set(
  `current_setting set_config now clock_timestamp statement_timestamp transaction_timestamp timeofday random
   gen_random_uuid uuidv4 uuidv7 nextval currval lastval pg_current_xact_id pg_current_snapshot pg_notify
   to_regclass to_regtype has_table_privilege has_column_privilege pg_has_role col_description obj_description`.split(
    /\s+/,
  ),
);

/** A DO block or a temporary function: it runs now, by hand or in a migration, and nobody calls it later. */
function isOneOff(name: string): boolean {
  return name === 'do' || name.startsWith('pg_temp.');
}

export const definerWithoutPath: Rule = {
  code: 'definer-without-path',
  reason:
    'A definer function runs with its owner’s rights: a name found through the caller’s search_path is the caller’s code.',
  safe: "security definer set search_path = ''",
  *check(file) {
    for (const { routine } of file.entries) {
      if (routine?.definer && routine.settings.get('search_path') !== '') {
        yield {
          line: routine.line,
          message: `${routine.name} is security definer without "set search_path = ''"`,
        };
      }
    }
    for (const { body, line } of statementsOf(file, 'AlterFunctionStmt')) {
      const { definer, path } = alteration(body.actions);
      const name = nameParts(body.func?.objname).join('.');
      if (definer && path !== '')
        yield { line, message: `${name} becomes security definer without "set search_path = ''"` };
      else if (path) yield { line, message: `${name} gets another search_path` };
    }
  },
};

/** What ALTER FUNCTION makes of the two: `path` is undefined when it is left as it was, and "reset" when nothing is left of it. */
function alteration(actions: Node[] | undefined): { definer: boolean; path: string | undefined } {
  let definer = false;
  let path: string | undefined;
  for (const action of actions ?? []) {
    if (!('DefElem' in action)) continue;
    const { defname, arg } = action.DefElem;
    if (defname === 'security')
      definer = arg !== undefined && 'Boolean' in arg && arg.Boolean.boolval === true;
    if (defname !== 'set' || !arg || !('VariableSetStmt' in arg)) continue;
    const { kind, name, args } = arg.VariableSetStmt;
    if (kind === 'VAR_RESET_ALL') path = 'reset';
    if (name === 'search_path') path = kind === 'VAR_SET_VALUE' ? (stringConstant(args?.[0]) ?? '') : 'reset';
  }
  return { definer, path };
}

export const bodyWithoutPath: Rule = {
  code: 'body-without-path',
  reason: 'A body kept as text resolves its names at each call, with whatever search_path the caller has.',
  safe: "set search_path = '', or a body of the form return ... or begin atomic ... end, which is bound when created",
  *check(file) {
    for (const { routine, statement } of file.entries) {
      if (!routine || isOneOff(routine.name) || routine.settings.has('search_path')) continue;
      const bound =
        'CreateFunctionStmt' in statement.tree && statement.tree.CreateFunctionStmt.sql_body !== undefined;
      if (!bound && !routine.definer)
        yield { line: routine.line, message: `${routine.name} pins no search_path` };
    }
  },
};

export const immutableNotPure: Rule = {
  code: 'immutable-not-pure',
  reason:
    'The planner computes an IMMUTABLE call once and keeps it: a cached plan then serves the former tenant’s rows.',
  safe: 'stable',
  *check(file, corpus) {
    for (const { routine } of file.entries) {
      if (routine?.volatility !== 'immutable') continue;
      const found: Finding[] = [];
      for (const unit of routine.units) {
        walk(unit.tree, {
          FuncCall: (call) => {
            const called = nameParts(call.funcname).join('.');
            const ours = corpus.routines.get(called);
            const impure = ours
              ? ours.some((other) => other.volatility !== 'immutable')
              : IMPURE.has(lastName(call.funcname));
            if (impure)
              found.push({
                line: unit.lineAt(call.location),
                message: `${routine.name} is immutable but calls ${called}()`,
              });
          },
          RangeVar: (relation) => {
            found.push({
              line: unit.lineAt(relation.location),
              message: `${routine.name} is immutable but reads ${relationName(relation)}`,
            });
          },
          SQLValueFunction: (value) => {
            found.push({
              line: unit.lineAt(value.location),
              message: `${routine.name} is immutable but reads the clock or the user`,
            });
          },
        });
      }
      yield* found;
    }
  },
};

export const signalInTrigger: Rule = {
  code: 'signal-in-trigger',
  reason:
    'NOTIFY takes a database-wide lock at commit: 8,000 to 12,000 transactions a second fall to 350 to 790 with add_job in the trigger.',
  safe: 'insert a delivery row; the dispatcher finds it',
  *check(file) {
    for (const { routine } of file.entries) {
      if (!routine?.trigger) continue;
      const found: Finding[] = [];
      for (const unit of routine.units) {
        walk(unit.tree, {
          NotifyStmt: () => found.push({ line: unit.lineAt(0), message: `${routine.name} sends a NOTIFY` }),
          FuncCall: (call) => {
            const name = lastName(call.funcname);
            if (!['pg_notify', 'add_job', 'add_jobs'].includes(name)) return;
            found.push({ line: unit.lineAt(call.location), message: `${routine.name} calls ${name}()` });
          },
        });
      }
      yield* found;
    }
  },
};

export const uncodedException: Rule = {
  code: 'uncoded-exception',
  reason: 'Without a SQLSTATE of platform.error an exception reaches the caller as a masked internal error.',
  safe: "raise exception using errcode = 'ZF010', message = '...'",
  *check(file, corpus) {
    for (const { routine } of file.entries) {
      if (!routine || isOneOff(routine.name)) continue;
      for (const raise of routine.raises) {
        if (raise.bare) continue;
        if (!raise.coded) yield { line: raise.line, message: `${routine.name} raises without an errcode` };
        const unknown = raise.code && /^[A-Z0-9]{5}$/.test(raise.code) && !corpus.errorCodes.has(raise.code);
        if (unknown && corpus.errorCodes.size > 0) {
          yield {
            line: raise.line,
            message: `${routine.name} raises ${raise.code}, which platform.error does not list`,
          };
        }
      }
    }
  },
};
