import type { Call, Summary } from './calls.ts';
import type { Options } from './options.ts';
import { cut, duration, plain, share, timestamp } from './text.ts';
import type { Look } from './waterfall.ts';

type Question = Extract<Options['what'], { kind: 'calls' }>;

/** Requests and jobs as a table, with how many there were and what they were. */
export function callsReport(summary: Summary, question: Question, sinceMs: number, look: Look): string[] {
  const { all, matching, groups, calls } = summary;
  const whose = question.tenantId ? `of tenant ${question.tenantId}` : 'of all tenants';
  const asked = [
    question.slowerThanMs === undefined ? '' : `took over ${duration(question.slowerThanMs)}`,
    question.failedOnly ? 'failed' : '',
  ].filter(Boolean);
  const time = groups.reduce((sum, { ms }) => sum + ms, 0);
  return [
    look.paint(
      'bold',
      `${all.count === 1 ? '1 request or job' : `${all.count} requests and jobs`} ${whose} in the last ${duration(sinceMs)}: p50 ${duration(all.p50)}, p95 ${duration(all.p95)}, ${all.failed} failed`,
    ),
    ...(asked.length > 0
      ? [
          `${matching.count} of them ${asked.join(' and ')}: p50 ${duration(matching.p50)}, p95 ${duration(matching.p95)}`,
        ]
      : []),
    '',
    ...(matching.count === 0 ? [] : table(calls, question.tenantId, look)),
    ...(matching.count > calls.length
      ? [`… ${matching.count - calls.length} more: --limit ${matching.count}`, '']
      : []),
    ...groups
      .slice(0, 10)
      .map(
        (group, at) =>
          `${(at === 0 ? 'by operation' : '').padEnd(13)}${share(group.ms, time).padStart(6)} of the time  ${String(group.count).padStart(5)} ×  p95 ${duration(group.p95).padStart(8)}  ${cut(plain(group.what), 60)}`,
      ),
    ...(groups.length > 10 ? [`${' '.repeat(13)}and ${groups.length - 10} others`] : []),
  ];
}

function table(calls: readonly Call[], tenantId: string | undefined, { paint }: Look): string[] {
  const head = [
    'time (UTC)'.padEnd(23),
    'took'.padStart(8),
    'in db'.padStart(8),
    'stmts'.padStart(5),
    'status ',
    'what',
  ];
  return [
    paint('dim', head.join('  ')),
    ...calls.flatMap((call) => {
      const cells = [
        timestamp(call.time),
        duration(call.ms).padStart(8),
        (call.dbMs === undefined ? '' : duration(call.dbMs)).padStart(8),
        String(call.dbQueries ?? '').padStart(5),
        plain(call.status).padEnd(7),
        [call.what, call.route && !call.what.endsWith(call.route) ? call.route : '', call.errorCode ?? '']
          .filter(Boolean)
          .map(plain)
          .join('  '),
      ];
      const ids = [
        ['request', call.requestId],
        ['trace', call.traceId],
        ['by', call.who || undefined],
        ['tenant', tenantId ? undefined : call.tenantId],
      ]
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name} ${plain(String(value))}`);
      const line = cells.join('  ');
      return [call.failed ? paint('red', line) : line, paint('dim', `${' '.repeat(4)}${ids.join('  ')}`)];
    }),
    '',
  ];
}
