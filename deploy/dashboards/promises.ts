import { curves, dashboardJson, figure, lines, logCurves, rows } from './panels.ts';

const windows = ['5m', '30m', '1h', '6h', '1d', '3d'];

/** What is promised, what is left of the budget, and how fast it goes. */
export const slo = () =>
  dashboardJson({
    uid: 'freehold-slo',
    title: 'Freehold: SLO',
    description:
      'Error budgets of 30 days: how much is consumed, and how fast. docs/slos.md says what is promised.',
    from: 'now-7d',
    variables: [
      { name: 'slo', label: 'SLO', query: 'label_values(slo:objective:ratio, slo)', value: 'api-latency' },
    ],
    panels: [
      figure('Promised', 'percentunit', [{ expr: 'slo:objective:ratio', legend: '{{slo}}' }], { width: 12 }),
      figure(
        'Error budget consumed',
        'percentunit',
        [{ expr: 'slo:error_budget_consumed:ratio', legend: '{{slo}}' }],
        { width: 12, alarm: 0.8 },
      ),
      curves(
        'Burn rate of $slo',
        'short',
        windows.map((window) => ({
          expr: `slo:error_ratio:rate${window}{slo="$slo"} / (1 - slo:objective:ratio{slo="$slo"})`,
          legend: window,
        })),
        {
          width: 24,
          alarm: 14.4,
          description:
            '1 spends the budget in 30 days. Pages: 14.4 over 1h and 5m, 6 over 6h and 30m. Tickets: 3 over 1d and 2h, 1 over 3d and 6h.',
        },
      ),
      curves(
        'Error budget consumed, over time',
        'percentunit',
        [{ expr: 'slo:error_budget_consumed:ratio', legend: '{{slo}}' }],
        { alarm: 0.8 },
      ),
      curves('Requests that count, and bad ones, of $slo', 'reqps', [
        { expr: 'slo:total:rate5m{slo="$slo"}', legend: 'all' },
        { expr: 'slo:bad:rate5m{slo="$slo"}', legend: 'bad' },
      ]),
      rows('Alerts that fire', 'count by (alertname, severity, slo) (ALERTS{alertstate="firing"})', {
        width: 24,
      }),
    ],
  });

const same = (labels: string, metric: string) => `max by (${labels}) (${metric})`;
const happened = (types: string, by: string) =>
  `sum by (${by}) (max by (type, plan) (increase(freehold_events_total{type=~"${types}"}[$__rate_interval])))`;

/** What the business does, from events that are counted once in PostgreSQL. */
export const business = () =>
  dashboardJson({
    uid: 'freehold-business',
    title: 'Freehold: business',
    description:
      'Read from PostgreSQL: every worker shows the same numbers, so they are never added up over workers.',
    from: 'now-30d',
    panels: [
      figure(
        'Active tenants',
        'short',
        [{ expr: `sum(${same('plan', 'freehold_active_tenants')})`, legend: 'all' }],
        { width: 8 },
      ),
      figure('Seats', 'short', [{ expr: `sum(${same('plan', 'freehold_seats')})`, legend: 'all' }], {
        width: 8,
      }),
      figure(
        'These numbers are behind by',
        's',
        [{ expr: 'max(freehold_relay_lag_seconds)', legend: 'lag' }],
        {
          width: 8,
          alarm: 300,
        },
      ),
      curves(
        'Monthly recurring revenue, in minor units',
        'short',
        [
          {
            expr: same('plan, currency', 'freehold_monthly_recurring_revenue'),
            legend: '{{plan}} {{currency}}',
          },
        ],
        { description: 'Cents and the like. Currencies are not added up.' },
      ),
      curves(
        'Active tenants by plan',
        'short',
        [{ expr: same('plan', 'freehold_active_tenants'), legend: '{{plan}}' }],
        {
          stacked: true,
        },
      ),
      curves('Seats by plan', 'short', [{ expr: same('plan', 'freehold_seats'), legend: '{{plan}}' }], {
        stacked: true,
      }),
      curves('Tenants that come and go', 'short', [
        { expr: happened('tenant[.].*', 'type'), legend: '{{type}}' },
      ]),
      curves('Subscriptions', 'short', [{ expr: happened('subscription[.].*', 'type'), legend: '{{type}}' }]),
      curves('Invoices', 'short', [{ expr: happened('invoice[.].*', 'type'), legend: '{{type}}' }]),
      curves('Features used, by plan', 'short', [
        { expr: happened('feature[.]used', 'plan'), legend: '{{plan}}' },
      ]),
      curves('Reports exported, by plan', 'short', [
        { expr: happened('report[.]exported', 'plan'), legend: '{{plan}}' },
      ]),
    ],
  });

// Tenants are no label of metrics: there are too many. The log has one line for each request and job. Its keys are read from the line, or
// are already beside it where the line came by OTLP and is no JSON: hence the error of json is dropped, and not the line.
const of = (event: string) =>
  `{service_name=~"$service"} | json | drop __error__, __error_details__ | event="${event}" | tenant_id="$tenant"`;

/** What one tenant sees. */
export const tenant = () =>
  dashboardJson({
    uid: 'freehold-tenant',
    title: 'Freehold: tenant',
    description: 'What one tenant sees, from the log: a line for each request and each job.',
    from: 'now-3h',
    variables: [
      { name: 'tenant', label: 'Tenant (id)', value: '' },
      { name: 'service', label: 'Services', value: '.+' },
    ],
    panels: [
      logCurves(
        'Requests by status',
        'short',
        [
          {
            expr: `sum by (status_code) (count_over_time(${of('request')} [$__auto]))`,
            legend: '{{status_code}}',
          },
        ],
        { stacked: true },
      ),
      logCurves(
        'Duration of requests',
        'ms',
        [0.5, 0.95, 0.99].map((quantile) => ({
          expr: `quantile_over_time(${quantile}, ${of('request')} | unwrap duration_ms | __error__="" [$__auto]) by (event)`,
          legend: `p${quantile * 100}`,
        })),
        { alarm: 500 },
      ),
      logCurves('Errors by code', 'short', [
        {
          expr: `sum by (error_code) (count_over_time(${of('request')} | error_code!="" [$__auto]))`,
          legend: '{{error_code}}',
        },
      ]),
      logCurves(
        'Queries for each request',
        'short',
        [
          {
            expr: `avg_over_time(${of('request')} | unwrap db_queries | __error__="" [$__auto]) by (operation)`,
            legend: '{{operation}}',
          },
        ],
        { alarm: 50 },
      ),
      logCurves('Time in PostgreSQL, p95', 'ms', [
        {
          expr: `quantile_over_time(0.95, ${of('request')} | unwrap db_ms | __error__="" [$__auto]) by (operation)`,
          legend: '{{operation}}',
        },
      ]),
      logCurves('Jobs', 'short', [
        { expr: `sum by (operation) (count_over_time(${of('job')} [$__auto]))`, legend: '{{operation}}' },
      ]),
      lines(
        'Requests that failed, or that the caller gave up',
        `${of('request')} | status_code >= 400 or error_code!="" or aborted="true"`,
      ),
      lines('Requests slower than 500 ms', `${of('request')} | duration_ms > 500`, {
        description: 'trace_id opens the trace.',
      }),
      lines('Jobs that failed', `${of('job')} | error_code!=""`),
    ],
  });
