import { blocked, type LockMode, strongest } from './locks.ts';
import type { Observation } from './observe.ts';
import type { Limits } from './profile.ts';

/** What is wrong with a statement when it is seen at work. `reason` says what goes wrong, `safe` what to write instead. */
export interface Rule {
  code: string;
  reason: string;
  safe: string;
  verdict: Exclude<Verdict, 'safe'>;
}

/**
 * safe: nobody notices. slow: it takes long, and nobody waits. blocks: others wait, or would with more rows. wrong: it does not do what
 * it says. fails: it ends with an error. All but the first two are reasons not to deploy.
 */
export type Verdict = (typeof verdicts)[number];
const verdicts = ['safe', 'slow', 'blocks', 'wrong', 'fails'] as const;

export const isBad = (verdict: Verdict): boolean => verdict !== 'safe' && verdict !== 'slow';

export function worstVerdict(all: Iterable<Verdict>): Verdict {
  return verdicts[Math.max(0, ...[...all].map((one) => verdicts.indexOf(one)))] ?? 'safe';
}

export interface Finding {
  code: string;
  /** What was seen, with its figures. */
  message: string;
}

export const rules = {
  tableRewrite: {
    code: 'table-rewrite',
    verdict: 'blocks',
    reason:
      'The table is copied under ACCESS EXCLUSIVE: nobody reads or writes it until the copy and all its indexes are made, and until then it takes its size again.',
    safe: 'add the column without a volatile default, in the next migration fill it in batches, then set the default; for another type, a new column, filled in batches, and a rename in a contract migration',
  },
  exclusiveLockWithScan: {
    code: 'exclusive-lock-with-scan',
    verdict: 'blocks',
    reason:
      'A lock that keeps others waiting is held while a whole table is read, so they wait longer the more it grows.',
    safe: 'a constraint: NOT VALID, and VALIDATE CONSTRAINT in a migration of its own; NOT NULL: a validated CHECK (column is not null) first, and SET NOT NULL does not scan; an index: CONCURRENTLY in a migration that begins with --! no-transaction; rows: in a migration of their own, before the lock',
  },
  longLock: {
    code: 'long-lock',
    verdict: 'blocks',
    reason:
      'A lock is held until the transaction ends: all that comes after it in the migration keeps others waiting, and they those behind them.',
    safe: 'a migration of its own for what takes long, and the statement that locks last',
  },
  manyRowsChanged: {
    code: 'many-rows-changed',
    verdict: 'blocks',
    reason:
      'Every changed row stays locked until the transaction ends, its old version until vacuum, and replicas get all of it at once.',
    safe: 'batches of some thousand rows, each a transaction: a procedure that commits, or a task of the worker',
  },
  changesNothing: {
    code: 'changes-nothing',
    verdict: 'wrong',
    reason:
      'Migrations run as freehold_owner, whom forced row-level security binds like everyone: without a context it sees no row, and the statement changes none, without an error.',
    safe: 'alter table ... no force row level security before it and force after it, in the same transaction; or a task of the worker that enters each tenant',
  },
  foreignKeyUnchecked: {
    code: 'foreign-key-unchecked',
    verdict: 'wrong',
    reason:
      'PostgreSQL looks for rows without a parent as freehold_owner, from whom forced row-level security hides all rows: it finds none, and the key counts as valid whatever is in the tables.',
    safe: 'NOT VALID; then, in a migration of its own: revoke select on the table from freehold_owner; validate constraint; grant select on it again. Without SELECT the check goes row by row, past the policies',
  },
  failsOnData: {
    code: 'fails-on-data',
    verdict: 'fails',
    reason: 'The migration fails on rows that a small database may not have.',
    safe: 'mend the rows in a migration before, and rehearse again',
  },
  othersWaited: {
    code: 'others-waited',
    verdict: 'blocks',
    reason:
      'Whoever waits for the migration holds a connection and locks of their own meanwhile: the queue grows, and ends in timeouts.',
    safe: 'a lock_timeout that gives up early and tries again, a lock that is taken last, and none that lasts while rows are read',
  },
  lockNotHad: {
    code: 'lock-not-had',
    verdict: 'blocks',
    reason: 'While it waits for a strong lock, everybody who comes later waits behind it.',
    safe: 'a migration of its own for this statement, at an hour with few long transactions',
  },
  trafficFailed: {
    code: 'traffic-failed',
    verdict: 'fails',
    reason: 'Code that is deployed now runs against the new schema until it is replaced.',
    safe: 'expand first (what old code does without), deploy, and contract when no old code is left',
  },
  violations: {
    code: 'violations',
    verdict: 'wrong',
    reason: 'The result breaks a rule of the schema, and db migrate would refuse it.',
    safe: 'what platform.violations() says',
  },
  slow: {
    code: 'slow',
    verdict: 'slow',
    reason: 'It takes long at the volume of production. Nobody waits for it but the deployment.',
    safe: 'nothing needs to be done; know how long it takes before you begin',
  },
} as const satisfies Record<string, Rule>;

export function ruleOf(code: string): Rule {
  return Object.values(rules).find((rule) => rule.code === code) as Rule;
}

/** A statement that was run, in the order of its migration. */
export type Seen = { observation: Observation } | { error: string };

/** The findings of each statement of one migration. */
export function judge(seen: readonly Seen[], limits: Limits, transaction: boolean): Finding[][] {
  return seen.map((statement, index) => {
    if ('error' in statement) return [{ code: rules.failsOnData.code, message: statement.error }];
    const { observation } = statement;
    const rewrites = rewrite(observation, limits);
    return [
      ...rewrites,
      // the scan is what the rewrite reads
      ...(rewrites.length > 0 ? [] : scan(observation, limits)),
      ...(transaction ? held(seen, index, limits) : []),
      ...change(observation, limits),
      ...observation.unchecked.map((key) => ({
        code: rules.foreignKeyUnchecked.code,
        message: `${key} was not checked against the rows that are there`,
      })),
      ...observation.missed.map((name) => ({
        code: rules.changesNothing.code,
        message: `changes no row of ${name}, which has rows`,
      })),
    ];
  });
}

function rewrite({ rewritten }: Observation, { rows: many }: Limits): Finding[] {
  return [...rewritten]
    .filter(([, rows]) => rows >= many)
    .map(([name, rows]) => ({
      code: rules.tableRewrite.code,
      message: `writes ${name} anew, ${amount(rows)} rows`,
    }));
}

function scan({ scanned, held: locks }: Observation, { rows: many }: Limits): Finding[] {
  const [name, mode] = worst(locks) ?? [];
  const whom = blocked(mode);
  const large = [...scanned].filter(([, { read, rows }]) => (rows || read) >= many && read >= many);
  if (!whom || large.length === 0) return [];
  const read = large.map(([table, count]) => `${amount(count.read)} rows of ${table}`).join(', ');
  return [
    {
      code: rules.exclusiveLockWithScan.code,
      message: `reads ${read} while ${mode} on ${name} keeps ${whom} waiting`,
    },
  ];
}

function change({ changed }: Observation, { rows: many }: Limits): Finding[] {
  return [...changed].flatMap(([name, { inserted, updated, deleted }]) =>
    inserted + updated + deleted < many
      ? []
      : [
          {
            code: rules.manyRowsChanged.code,
            message: `changes ${name} in one transaction: ${[`${amount(inserted)} inserted`, `${amount(updated)} updated`, `${amount(deleted)} deleted`].filter((part) => !part.startsWith('0 ')).join(', ')}`,
          },
        ],
  );
}

/** Of the statement that took the lock: from then to the end of the transaction. */
function held(seen: readonly Seen[], index: number, { lockMs }: Limits): Finding[] {
  const statement = seen[index];
  const [name, mode] = (statement && 'observation' in statement && worst(statement.observation.locks)) || [];
  const whom = blocked(mode);
  if (!whom) return [];
  const milliseconds = seen
    .slice(index)
    .reduce((sum, one) => sum + ('observation' in one ? one.observation.milliseconds : 0), 0);
  if (milliseconds <= lockMs) return [];
  return [
    {
      code: rules.longLock.code,
      message: `${mode} on ${name} keeps ${whom} waiting for ${amount(milliseconds)} ms, to the end of the migration`,
    },
  ];
}

/** The strongest lock and what it is on. */
export function worst(locks: ReadonlyMap<string, LockMode>): [string, LockMode] | undefined {
  const mode = strongest(locks.values());
  const name = [...locks].find(([, its]) => its === mode)?.[0];
  return mode && name ? [name, mode] : undefined;
}

export const amount = (value: number): string => Math.round(value).toLocaleString('en');
