import { stringify } from 'yaml';
import type { Slo } from './openslo.ts';

/*
 * Prometheus rules of the SLOs: the multi-window, multi-burn-rate alerts of the SRE workbook (chapter 5), and the error budget.
 *
 * Each counter is rated once, over 5 minutes, summed over all of its series, and recorded. Longer windows add up those records: a sum
 * of bad by a sum of all, so that a request weighs the same at night as at noon. An average of ratios would let one failed request of a
 * quiet hour weigh as much as a thousand of a busy one. It is also cheap: 30 days read two recorded series, not every bucket.
 */
const INTERVAL_SECONDS = 30;

/**
 * Burn rate 1 spends the budget in exactly 30 days; 14.4 spends 2 % of it in an hour, 6 spends 5 % in 6 hours, 3 spends 10 % in a day.
 * @public of deploy/aws too, which has a package.json of its own
 */
export const burns = [
  { severity: 'page', rate: 14.4, long: '1h', short: '5m' },
  { severity: 'page', rate: 6, long: '6h', short: '30m' },
  { severity: 'ticket', rate: 3, long: '1d', short: '2h' },
  { severity: 'ticket', rate: 1, long: '3d', short: '6h' },
] as const;

const longer = ['30m', '1h', '2h', '6h', '1d', '3d', '30d'] as const;

/** From this share of the error budget on, somebody decides what is not released. */
const CONSUMED = 0.8;
/** A budget of fewer bad requests than these is none yet: one alone would be more than a fifth of it. */
const LEAST_BUDGET = 5;

const dashboardPath = '/d/freehold-slo';

interface Recording {
  record: string;
  expr: string;
  labels: Record<string, string>;
}
interface Alert {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** The text of deploy/prometheus/slo-rules.yaml. */
export function sloRules(slos: readonly Slo[]): string {
  const groups = slos.map((slo) => ({
    name: `slo-${slo.name}`,
    interval: `${INTERVAL_SECONDS}s`,
    rules: [...recordings(slo), ...burns.map((burn) => burnAlert(slo, burn)), consumedAlert(slo)],
  }));
  return `# Written by npm run slo from deploy/slo.yaml: change that.\n${stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function recordings(slo: Slo): Recording[] {
  const of = `{slo="${slo.name}"}`;
  const total = `sum(rate(${slo.total}[5m]))`;
  const good = `sum(rate(${slo.good}[5m]))`;
  const sum = (record: string, window: string) => `sum_over_time(${record}${of}[${window}])`;
  const exprs = {
    // Zero and not absent without traffic: the sums over longer windows then count a quiet hour for what it is.
    'slo:total:rate5m': `${total} or vector(0)`,
    // Where every request fails there is no good series at all, and total - good would be empty: hence the zero within.
    'slo:bad:rate5m': `clamp_min(${total} - (${good} or vector(0)), 0) or vector(0)`,
    // Without traffic (> 0 drops it) there is no ratio, rather than 0/0.
    'slo:error_ratio:rate5m': `slo:bad:rate5m${of} / (slo:total:rate5m${of} > 0)`,
    ...Object.fromEntries(
      longer.map((window) => [
        `slo:error_ratio:rate${window}`,
        `${sum('slo:bad:rate5m', window)} / (${sum('slo:total:rate5m', window)} > 0)`,
      ]),
    ),
    // How many: each record stands for the seconds until the next.
    ...Object.fromEntries(
      [...burns.map((burn) => burn.short), '30d'].map((window) => [
        `slo:requests:sum${window}`,
        `${sum('slo:total:rate5m', window)} * ${INTERVAL_SECONDS}`,
      ]),
    ),
    'slo:objective:ratio': `vector(${slo.target})`,
    'slo:error_budget_consumed:ratio': `slo:error_ratio:rate30d${of} / ${slo.budget}`,
  };
  const labels = { slo: slo.name, service: slo.service };
  return Object.entries(exprs).map(([record, expr]) => ({ record, expr, labels }));
}

function burnAlert(slo: Slo, { severity, rate, long, short }: (typeof burns)[number]): Alert {
  const of = `{slo="${slo.name}"}`;
  const threshold = Number((rate * slo.budget).toPrecision(10));
  if (threshold >= 1) {
    throw new Error(
      `${slo.name}: with a target of ${slo.target} all requests may fail and burn no more than ${(1 / slo.budget).toFixed(1)} times the budget, so the alert at ${rate} could never fire`,
    );
  }
  return {
    alert: `${pascal(slo.name)}BudgetBurn`,
    expr: [
      `slo:error_ratio:rate${long}${of} > ${threshold}`,
      `and slo:error_ratio:rate${short}${of} > ${threshold}`,
      `and slo:requests:sum${short}${of} >= ${slo.minimumRequests}`,
    ].join('\n'),
    labels: { severity, slo: slo.name, burn_rate: String(rate), long_window: long, short_window: short },
    annotations: {
      summary: `${slo.displayName}: the error budget burns at rate ${rate}`,
      description: `${slo.description} Over the last ${long} {{ $value | humanizePercentage }} were bad, and over the last ${short} as many; the budget is ${percent(slo.budget)}.`,
      ...links(slo),
    },
  };
}

function consumedAlert(slo: Slo): Alert {
  const of = `{slo="${slo.name}"}`;
  return {
    alert: `${pascal(slo.name)}BudgetConsumed`,
    expr: [
      `slo:error_budget_consumed:ratio${of} >= ${CONSUMED}`,
      `and slo:requests:sum30d${of} >= ${Number((LEAST_BUDGET / slo.budget).toPrecision(10))}`,
    ].join('\n'),
    labels: { severity: 'ticket', slo: slo.name },
    annotations: {
      summary: `${slo.displayName}: ${percent(CONSUMED)} of the error budget is consumed`,
      description: `${slo.description} {{ $value | humanizePercentage }} of what may be bad in 30 days was.`,
      ...links(slo),
    },
  };
}

const links = (slo: Slo) => ({
  runbook_url: `docs/runbooks/${slo.name}.md`,
  dashboard: `${dashboardPath}?var-slo=${slo.name}`,
});

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
