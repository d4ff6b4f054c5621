import type { Outcome } from './drill.ts';
import type { Failed } from './figures.ts';

/** The figures of a drill, for people. */
export function summary(outcome: Outcome): string[] {
  const { requests, failures, failed, phases, steps, deliveries, balancer, unclean } = outcome;
  const row = (cells: (string | number)[]) =>
    cells.map((cell, n) => (n === 0 ? String(cell).padEnd(20) : String(cell).padStart(10))).join('');
  return [
    `requests    ${requests} in ${outcome.seconds} s (${outcome.perSecond}/s), ${failures} failed`,
    `deliveries  ${deliveries.expected} expected, ${deliveries.received} received, ${deliveries.missing} missing, ${deliveries.duplicates} duplicates; the last ${deliveries.seconds} s after the load`,
    `processes   ${outcome.restarts} restarts${unclean.length > 0 ? `; ${unclean.join('; ')}` : ', all ended as they were asked to'}`,
    `haproxy     ${balancer.retries} connections retried, ${balancer.redispatches} redispatched, ${balancer.errors} errors, ${balancer.downs} times a server was taken out`,
    `data        ${outcome.untitled} rows lost their name`,
    '',
    row(['phase', 'requests', 'failed', 'p50 ms', 'p99 ms', 'max ms']),
    ...phases.map((its) => row([its.phase, its.requests, its.failures, its.p50, its.p99, its.longest])),
    '',
    ...Object.entries(steps).map(([name, seconds]) => `${String(seconds).padStart(6)} s  ${name}`),
    '',
    ...grouped(failed),
    ...(outcome.broken === undefined ? [] : [`broken: ${outcome.broken}`]),
    outcome.ok ? 'No request failed, and no delivery was lost.' : 'FAILED',
  ];
}

/** The most frequent first, without ids. */
function grouped(failed: readonly Failed[]): string[] {
  const counts = new Map<string, number>();
  for (const { phase, operation, reason } of failed) {
    const line = `${operation} while ${phase}: ${reason.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '…')}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 20)
    .map(([line, count]) => `failed ${count} times: ${line}`);
}
