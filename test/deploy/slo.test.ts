import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { observabilityFiles } from '../../check/observability/files.ts';
import { findProblems } from '../../check/observability/problems.ts';
import { logKeys, named } from '../../check/observability/promql.ts';
import { readSlos } from '../../deploy/openslo.ts';
import { sloRules } from '../../deploy/rules.ts';
import { runNode } from '../support/process.ts';

const root = new URL('../..', import.meta.url);
const declared = readFileSync(new URL('deploy/slo.yaml', root), 'utf8');
const boards = ['service', 'tenant', 'queue', 'slo', 'business'];

/** What the check finds when a file reads otherwise; each text must have been there. */
function problemsWith(path: string, before: string, after: string): string[] {
  const files = observabilityFiles();
  const text = files.get(path) ?? '';
  expect(text).toContain(before);
  return findProblems(files.set(path, text.replace(before, after)));
}

it('finds nothing wrong with what is there', () => {
  expect(findProblems(observabilityFiles())).toEqual([]);
});

it('is what npm run slo writes, which has nothing to write', async () => {
  const slo = runNode(['runtime/run.js', 'deploy/generated.ts'], { cwd: fileURLToPath(root) });
  expect(await slo.closed).toBe(0);
  expect(slo.output().trim().split('\n')).toEqual(
    ['prometheus/slo-rules.yaml', ...boards.map((name) => `grafana/dashboards/${name}.json`)].map(
      (path) => `deploy/${path} is as it should be`,
    ),
  );
});

const alerts = 'deploy/prometheus/alerts.yaml';
const board = 'deploy/grafana/dashboards/queue.json';
const tenant = 'deploy/grafana/dashboards/tenant.json';

it.each([
  [
    'a metric that nobody exposes',
    alerts,
    'max(freehold_relay_lag_seconds)',
    'max(freehold_relay_lag)',
    'there is no metric freehold_relay_lag in',
  ],
  [
    'a label that the metric lacks',
    alerts,
    '{outcome="failure"}',
    '{result="failure"}',
    'freehold_logins_total has no label result',
  ],
  [
    'a value that the label never has',
    alerts,
    '{outcome="failure"}',
    '{outcome="failed"}',
    'outcome is never "failed"',
  ],
  [
    'an alternative that matches no value',
    alerts,
    '=~"success|failure"',
    '=~"success|error"',
    'outcome is never like ^(?:error)$',
  ],
  [
    'a histogram without its suffix',
    alerts,
    'http_server_request_duration_seconds_count',
    'http_server_request_duration_seconds',
    'there is no metric http_server_request_duration_seconds in',
  ],
  [
    'a grouping by what is no label',
    alerts,
    'max by (job, instance)',
    'max by (job, host)',
    'groups by host',
  ],
  [
    'a bound that is no bucket',
    'deploy/prometheus/slo-rules.yaml',
    'le="0.5"',
    'le="0.4"',
    'le is never "0.4"',
  ],
  [
    'a recorded series that no rule records',
    'deploy/prometheus/slo-rules.yaml',
    'slo:error_ratio:rate1h{',
    'slo:error_ratio:rate60m{',
    'there is no metric slo:error_ratio:rate60m',
  ],
  [
    'a record that nothing reads',
    'deploy/prometheus/slo-rules.yaml',
    'record: slo:requests:sum5m',
    'record: slo:requests:sum7m',
    'slo:requests:sum7m is recorded, and nothing reads it',
  ],
  [
    'a sum over processes that all show the same',
    alerts,
    'max(freehold_relay_lag_seconds)',
    'sum(freehold_relay_lag_seconds)',
    'is the same in every process',
  ],
  [
    'a runbook that does not exist',
    alerts,
    'runbooks/relay-lag.md',
    'runbooks/relay.md',
    'its runbook docs/runbooks/relay.md does not exist',
  ],
  [
    'an alert without a runbook',
    alerts,
    'runbook_url: docs/runbooks/relay-lag.md',
    'runbook: none',
    'RelayLag: it has no runbook_url',
  ],
  [
    'a runbook of another alert',
    alerts,
    'runbooks/relay-lag.md',
    'runbooks/pool-exhausted.md',
    'does not name it',
  ],
  [
    'a runbook that the index lacks',
    'docs/runbooks/README.md',
    '(relay-lag.md)',
    '()',
    'relay-lag.md: docs/runbooks/README.md does not link it',
  ],
  [
    'a severity that nobody routes',
    alerts,
    'severity: page',
    'severity: critical',
    'its severity is neither page nor ticket',
  ],
  [
    'a dashboard that does not exist',
    alerts,
    '/d/freehold-business',
    '/d/freehold-money',
    'its dashboard /d/freehold-money does not exist',
  ],
  [
    'a panel of what nobody exposes',
    board,
    'max by (queue) (freehold_queue_depth)',
    'max by (queue) (freehold_queue_length)',
    'What waits: there is no metric freehold_queue_length',
  ],
  [
    'a panel that adds up what is the same',
    board,
    'max by (queue) (freehold_queue_depth)',
    'sum by (queue) (freehold_queue_depth)',
    'is the same in every process',
  ],
  [
    'a variable of what nobody exposes',
    'deploy/grafana/dashboards/slo.json',
    'label_values(slo:objective:ratio, slo)',
    'label_values(slo:objectives, slo)',
    'variable slo: there is no metric slo:objectives',
  ],
  [
    'a key that log lines lack',
    tenant,
    'unwrap duration_ms',
    'unwrap duration',
    'log lines have no key duration ',
  ],
  [
    'an event that is not logged',
    tenant,
    'event=\\"job\\"',
    'event=\\"task\\"',
    'there is no event "task" in the log',
  ],
])('finds %s', (_, path, before, after, finding) => {
  expect(problemsWith(path, before, after).join('\n')).toContain(finding);
});

it('shows events of the business that are declared', () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const types = [...page.matchAll(/`([a-z_]+[.][a-z_]+)`/g)].map(([, type = '']) => type);
  const asked = [
    ...(observabilityFiles().get('deploy/grafana/dashboards/business.json') ?? '').matchAll(
      /type=~\\"([^"\\]+)/g,
    ),
  ];
  expect(asked.length).toBeGreaterThan(4);
  const unknown = asked.filter(
    ([, pattern]) => !types.some((type) => new RegExp(`^(?:${pattern})$`).test(type)),
  );
  expect(unknown).toEqual([]);
});

it('reads what a query names, and not what its functions are called', () => {
  const query = `histogram_quantile(0.95, sum by (le, route) (rate(a_bucket{x="1, }",y=~"b|c"}[5m]))) > on (z) group_left d offset 1h and e == 1e3`;
  expect(named(query)).toEqual({
    selectors: [
      {
        metric: 'a_bucket',
        matchers: [
          { label: 'x', op: '=', value: '1, }' },
          { label: 'y', op: '=~', value: 'b|c' },
        ],
      },
      { metric: 'd', matchers: [] },
      { metric: 'e', matchers: [] },
    ],
    grouping: ['le', 'route', 'z'],
  });
  expect(() => named('{__name__=~"slo:.*"}')).toThrow('names no metric');
});

it('reads the keys of a LogQL query', () => {
  const query =
    '{service_name=~"x"} | json | event="request" | a >= 400 or b!="" | unwrap c | __error__="" | line_format "{{.d}}"';
  expect(logKeys(`sum by (e) (count_over_time(${query} [5m]))`).sort()).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
    'event',
  ]);
});

it('refuses an SLO that it would compute wrongly', () => {
  const read = (before: string, after: string) => () => {
    expect(declared).toContain(before);
    return readSlos(declared.replace(before, after));
  };
  expect(read('duration: 30d', 'duration: 7d')).toThrow('api-latency: spec.timeWindow.0.duration');
  expect(read('budgetingMethod: Occurrences', 'budgetingMethod: Timeslices')).toThrow('budgetingMethod');
  expect(read('query: http_server', 'query: rate(http_server')).toThrow('without functions');
  expect(read('service: api\n', 'service: apis\n')).toThrow('no document declares');
  expect(read('name: api-errors', 'name: api-latency')).toThrow('declared twice');
  expect(read('target: 0.95', 'goal: 0.95')).toThrow('api-latency: spec.objectives.0');
  expect(read('freehold.dev/minimum-requests: "50"', 'freehold.dev/minimum: "50"')).toThrow('annotations');
});

it('refuses a target at which a page could never fire', () => {
  const slos = readSlos(declared.replace('target: 0.95', 'target: 0.9'));
  expect(() => sloRules(slos)).toThrow('the alert at 14.4 could never fire');
});
