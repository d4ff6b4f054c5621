import type { MigrationReport, Quantiles, Report, ReportedFinding, StatementReport } from './report.ts';

/** The report for people: a table for each migration, and under it what is wrong, why, and the safe form. */
export function printReport(report: Report): string {
  const { base, traffic, migrations, findings, verdict } = report;
  // the reason of a rule is told once
  const told = new Set<string>();
  const lines = [
    `profile ${base.profile}, ${bytes(base.bytes)}; before the migrations: ${quantiles(traffic)}`,
    ...migrations.flatMap((migration) => printMigration(migration, told)),
    ...findings.flatMap((finding) => printFinding(finding, '', told)),
    '',
    `verdict: ${verdict}`,
  ];
  return lines.join('\n');
}

const head = [
  'line',
  'ms',
  'alone',
  'lock',
  'others waited',
  'rows read',
  'WAL',
  'growth',
  'p95',
  'verdict',
  'statement',
];

function printMigration(
  { name, live, transaction, statements }: MigrationReport,
  told: Set<string>,
): string[] {
  const how = [
    transaction ? '' : 'no transaction',
    live ? `${milliseconds(live.milliseconds)} under traffic` : 'not run under traffic',
    live && live.attempts > 1 ? `${live.attempts} attempts` : '',
    live ? `meanwhile: ${quantiles(live.traffic)}` : '',
  ].filter(Boolean);
  const rows = statements.map(cells);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(column === row.length - 1 ? 0 : (widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    '',
    `${name}: ${how.join(', ')}`,
    `  ${line(head)}`,
    ...rows.flatMap((row, index) => [
      `  ${line(row)}`,
      ...(statements[index]?.findings ?? []).flatMap((finding) => printFinding(finding, '      ', told)),
      ...(statements[index]?.excused ?? []).map((text) => `      allowed: ${text}`),
    ]),
  ];
}

function cells(statement: StatementReport): string[] {
  const { lock, waited, rewritten, traffic } = statement;
  return [
    String(statement.line),
    milliseconds(statement.milliseconds),
    milliseconds(statement.quietMilliseconds),
    lock ? `${lock.mode} ${lock.relation}` : '',
    waited.count > 0
      ? `${milliseconds(waited.milliseconds)} (${waited.count}, longest ${milliseconds(waited.longest)})`
      : '',
    statement.rowsRead > 0 ? statement.rowsRead.toLocaleString('en') : '',
    bytes(statement.walBytes),
    statement.growthBytes === 0 ? '' : bytes(statement.growthBytes),
    traffic.p95 === undefined ? '' : milliseconds(traffic.p95),
    statement.verdict + (rewritten.length > 0 ? ' (rewrite)' : ''),
    statement.sql.length > 60 ? `${statement.sql.slice(0, 59)}…` : statement.sql,
  ];
}

function printFinding(
  { code, message, reason, safe }: ReportedFinding,
  indent: string,
  told: Set<string>,
): string[] {
  const line = `${indent}${code}: ${message}`;
  if (told.has(code)) return [line];
  told.add(code);
  return [line, `${indent}    why:  ${reason}`, `${indent}    safe: ${safe}`];
}

function quantiles({ count, p95 }: Quantiles): string {
  return `${count} transactions${p95 === undefined ? '' : `, p95 ${milliseconds(p95)}`}`;
}

function milliseconds(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function bytes(value: number): string {
  const size = Math.abs(value);
  const unit = size < 2 ** 20 ? 'kB' : size < 2 ** 30 ? 'MB' : 'GB';
  const by = { kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }[unit];
  return `${(value / by).toFixed(value === 0 ? 0 : 1)} ${unit}`;
}
