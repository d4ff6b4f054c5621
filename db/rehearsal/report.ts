import { excuse } from './lint.ts';
import type { Live, LiveMigration, Ran } from './live.ts';
import type { LockMode } from './locks.ts';
import { blocked } from './locks.ts';
import type { Migration, Statement } from './migrations.ts';
import type { Observation } from './observe.ts';
import type { Limits } from './profile.ts';
import type { Finding, Rule, Seen, Verdict } from './rules.ts';
import { amount, judge, ruleOf, rules, worst, worstVerdict } from './rules.ts';
import type { Sample } from './traffic.ts';
import { renewAfterMs } from './traffic.ts';
import type { Wait } from './waits.ts';

/** What `db rehearse --json` prints. Times are in milliseconds, sizes in bytes. */
export interface Report {
  verdict: Verdict;
  base: { name: string; profile: string; bytes: number };
  traffic: Quantiles & { failed: number };
  migrations: MigrationReport[];
  findings: ReportedFinding[];
}

export interface MigrationReport {
  name: string;
  verdict: Verdict;
  transaction: boolean;
  /** Absent when the quiet run failed: then there was no live one. */
  live?: { milliseconds: number; attempts: number; traffic: Quantiles };
  statements: StatementReport[];
}

export interface StatementReport {
  path: string;
  line: number;
  sql: string;
  verdict: Verdict;
  /** Under traffic; alone, when it was not run under traffic. */
  milliseconds: number;
  /** Without traffic. */
  quietMilliseconds: number;
  lock?: { mode: LockMode; relation: string };
  /** What others waited for this statement: altogether, and the longest. A wait counts for the statement that took the lock. */
  waited: { milliseconds: number; count: number; longest: number };
  rewritten: string[];
  rebuilt: string[];
  rowsRead: number;
  rowsChanged: number;
  walBytes: number;
  growthBytes: number;
  /** Of the transactions that were under way meanwhile. */
  traffic: Quantiles;
  findings: ReportedFinding[];
  /** What comments allow. */
  excused: string[];
}

export type ReportedFinding = Finding & Pick<Rule, 'reason' | 'safe' | 'verdict'>;

export interface Quantiles {
  count: number;
  /** Absent below twenty transactions, of which no 95th percentile can be told. */
  p95?: number;
}

export interface Rehearsed {
  base: Report['base'];
  migrations: readonly Migration[];
  seen: readonly Seen[][];
  /** Absent when the quiet run failed. */
  live?: Live;
  limits: Limits;
}

/** Puts together what the quiet run saw and what the live run measured. */
export function makeReport({ base, migrations, seen, live, limits }: Rehearsed): Report {
  const start = live?.migrations[0]?.from ?? 0;
  const before = (live?.samples ?? []).filter(({ end }) => end < start);
  const reports = migrations
    .slice(0, seen.length)
    .map((migration, index) =>
      reportMigration(migration, seen[index] ?? [], live?.migrations[index], live, limits),
    );
  const findings = [...failures(live, start), ...violations(live)].map(reported);
  return {
    verdict: worstVerdict([...reports, ...findings].map(({ verdict }) => verdict)),
    base,
    traffic: { ...quantiles(before), failed: before.filter(({ error }) => error).length },
    migrations: reports,
    findings,
  };
}

function reportMigration(
  migration: Migration,
  seen: readonly Seen[],
  ran: LiveMigration | undefined,
  live: Live | undefined,
  limits: Limits,
): MigrationReport {
  const judged = judge(seen, limits, migration.transaction);
  const waits = waitsOf(seen, ran, live?.waits ?? []);
  const last = Math.min(migration.statements.length, Math.max(seen.length, 1)) - 1;
  const statements = migration.statements.slice(0, last + 1).map((statement, index) => {
    const one = seen[index];
    const its = waits[index] ?? [];
    const timing = ran?.statements[index];
    const findings = [
      // what a commit said is told at the last statement
      ...(index === last ? judged.slice(index).flat() : (judged[index] ?? [])),
      ...liveFindings({
        others: judged[index]?.length ?? 0,
        waits: its,
        timing,
        ran,
        isLast: index === (ran?.statements.length ?? 0) - 1,
        limits,
      }),
    ];
    const during = timing
      ? (live?.samples ?? []).filter(({ due, end }) => due < timing.to && end > timing.from)
      : [];
    return reportStatement(statement, one && 'observation' in one ? one.observation : undefined, {
      findings,
      waits: its,
      during,
      timing,
    });
  });
  const verdict = worstVerdict(statements.map((one) => one.verdict));
  const { name, transaction } = migration;
  if (!ran) return { name, verdict, transaction, statements };
  const { from, to, attempts } = ran;
  const during = (live?.samples ?? []).filter(({ due, end }) => due < to && end > from);
  return {
    name,
    verdict,
    transaction,
    live: { milliseconds: to - from, attempts, traffic: quantiles(during) },
    statements,
  };
}

function reportStatement(
  statement: Statement,
  seen: Observation | undefined,
  {
    findings,
    waits,
    during,
    timing,
  }: { findings: Finding[]; waits: Wait[]; during: readonly Sample[]; timing: Ran | undefined },
): StatementReport {
  const { standing, excused } = excuse(statement, findings);
  const told = standing.map(reported);
  const [relation, mode] = (seen && worst(seen.locks)) ?? [];
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const changed = [...(seen?.changed.values() ?? [])];
  return {
    path: statement.path,
    line: statement.line,
    sql: statement.sql.replaceAll(/\s+/g, ' ').slice(0, 200),
    verdict: worstVerdict(told.map(({ verdict }) => verdict)),
    milliseconds: timing ? timing.to - timing.from : (seen?.milliseconds ?? 0),
    quietMilliseconds: seen?.milliseconds ?? 0,
    ...(mode && relation && { lock: { mode, relation } }),
    waited: {
      milliseconds: sum(waits.map(({ milliseconds }) => milliseconds)),
      count: waits.length,
      longest: Math.max(0, ...waits.map(({ milliseconds }) => milliseconds)),
    },
    rewritten: [...(seen?.rewritten.keys() ?? [])],
    rebuilt: seen?.rebuilt ?? [],
    rowsRead: sum([...(seen?.scanned.values() ?? [])].map(({ read }) => read)),
    rowsChanged: sum(changed.map(({ inserted, updated, deleted }) => inserted + updated + deleted)),
    walBytes: seen?.walBytes ?? 0,
    growthBytes: sum(seen?.growth.values() ?? []),
    traffic: quantiles(during),
    findings: told,
    excused: excused.map(({ code, message }) => `${code}: ${message}: ${statement.allowed.get(code)}`),
  };
}

/** The waits for each statement: for the one that took the lock on what they wanted, or else for the one that ran then. */
function waitsOf(seen: readonly Seen[], ran: LiveMigration | undefined, all: readonly Wait[]): Wait[][] {
  const waits: Wait[][] = [];
  for (const wait of all) {
    if (!ran || wait.from > ran.to || wait.from + wait.milliseconds < ran.from) continue;
    const taker = seen.findIndex(
      (one) => 'observation' in one && blocked(one.observation.locks.get(wait.relation)),
    );
    const then = ran.statements.findIndex(({ to }) => to > wait.from);
    const index = taker >= 0 ? taker : Math.max(then, 0);
    waits[index] = [...(waits[index] ?? []), wait];
  }
  return waits;
}

function liveFindings({
  others,
  waits,
  timing,
  ran,
  isLast,
  limits,
}: {
  /** How many findings it has already. */
  others: number;
  waits: Wait[];
  timing: Ran | undefined;
  ran: LiveMigration | undefined;
  isLast: boolean;
  limits: Limits;
}): Finding[] {
  const findings: Finding[] = [];
  const longest = Math.max(0, ...waits.map(({ milliseconds }) => milliseconds));
  if (longest > limits.waitMs)
    findings.push({
      code: rules.othersWaited.code,
      message: `${waits.length} waited for it, the longest ${amount(longest)} ms`,
    });
  // what keeps others waiting has worse to be said of it
  if (timing && timing.to - timing.from > limits.slowMs && others + findings.length === 0)
    findings.push({ code: rules.slow.code, message: `takes ${amount(timing.to - timing.from)} ms` });
  if (ran?.error && isLast) {
    const code = ran.attempts > 1 ? rules.lockNotHad.code : rules.failsOnData.code;
    findings.push({ code, message: `${ran.error}, at attempt ${ran.attempts}` });
  }
  return findings;
}

/** Errors of the traffic since the first migration began, by their text. */
function failures(live: Live | undefined, start: number): Finding[] {
  const failed = (live?.samples ?? []).filter(({ end, error }) => error && end >= start);
  const counted = (code: string, what: string, samples: readonly Sample[]): Finding[] =>
    [...Map.groupBy(samples, ({ error }) => error)].map(([error, { length }]) => ({
      code,
      message: `${length} transactions ${what}: ${error}`,
    }));
  return [
    ...counted(rules.othersWaited.code, 'gave up waiting', failed.filter(waitedTooLong)),
    ...counted(
      rules.trafficFailed.code,
      'of the present code failed',
      failed.filter((sample) => !waitedTooLong(sample)),
    ),
  ];
}

/**
 * Not what the new schema does, but what waiting for it does: lock_timeout, statement_timeout and deadlock, and the context that ran out meanwhile, which functions
 * tell as ZF002 and policies as a row that violates them. That a privilege is missing has the same code as the latter, and is the new schema's doing.
 */
function waitedTooLong({ due, end, error = '' }: Sample): boolean {
  if (/^(55P03|57014|40P01) /.test(error)) return true;
  return /^(ZF002|42501 new row violates) /.test(error) && end - due > renewAfterMs;
}

function violations(live: Live | undefined): Finding[] {
  return (live?.violations ?? []).map((message) => ({ code: rules.violations.code, message }));
}

function reported(finding: Finding): ReportedFinding {
  const { reason, safe, verdict } = ruleOf(finding.code);
  return { ...finding, reason, safe, verdict };
}

function quantiles(samples: readonly Sample[]): Quantiles {
  const taken = samples.map(({ due, end }) => end - due).sort((a, b) => a - b);
  const p95 = taken[Math.ceil(taken.length * 0.95) - 1];
  return { count: taken.length, ...(taken.length >= 20 && p95 !== undefined && { p95 }) };
}
