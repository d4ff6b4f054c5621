import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Board, boardQueries } from '../../check/observability/dashboards.ts';
import { find } from '../support/find.ts';

/*
 * Prometheus's own tool on deploy/prometheus, and the scenarios of test/deploy/rules: what fires, when, and what does not.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const scenarios = globSync('test/deploy/rules/*.yaml', { cwd: root }).sort();
const rules = globSync('deploy/prometheus/*.yaml', { cwd: root }).sort();

const promtool = find('promtool');
if (!promtool) {
  if (process.env.CI) throw new Error('there is no promtool, which CI needs: .ci/programs fetches it');
  console.log(
    'skipped: no promtool on this machine (Debian: .ci/programs fetches it, or apt-get install prometheus)',
  );
}

/** What promtool prints, when it is not content. */
function complaint(...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(promtool as string, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

interface RuleFile {
  groups: { rules: { alert?: string; expr: string }[] }[];
}
interface Scenario {
  tests: {
    alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[];
    promql_expr_test?: { exp_samples: { labels: string }[] }[];
  }[];
}

it('shows each alert as it fires, in a scenario', () => {
  const alerts = rules.flatMap((path) =>
    (parse(textOf(path)) as RuleFile).groups.flatMap((group) =>
      group.rules.flatMap(({ alert }) => alert ?? []),
    ),
  );
  const shown = new Set(
    scenarios
      .flatMap((path) => (parse(textOf(path)) as Scenario).tests)
      .flatMap(({ alert_rule_test: byAlert = [], promql_expr_test: byQuery = [] }) => [
        ...byAlert.filter((test) => (test.exp_alerts?.length ?? 0) > 0).map((test) => test.alertname),
        ...byQuery
          .flatMap((test) => test.exp_samples)
          .flatMap(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1] ?? []),
      ]),
  );
  expect([...new Set(alerts)].filter((alert) => !shown.has(alert))).toEqual([]);
  expect(alerts.length).toBeGreaterThan(20);
});

describe.skipIf(!promtool)('promtool', () => {
  it('takes rules and configuration', () => {
    expect(complaint('check', 'rules', ...rules)).toBeUndefined();
    expect(complaint('check', 'config', 'deploy/prometheus/prometheus.yml')).toBeUndefined();
  });

  it('can read each query of the dashboards', () => {
    const queries = globSync('deploy/grafana/dashboards/*.json', { cwd: root }).flatMap((path) =>
      boardQueries(JSON.parse(textOf(path)) as Board).filter(({ language }) => language === 'promql'),
    );
    const recordings = queries.map(({ query }, index) => ({
      record: `dashboard:query_${index}`,
      expr: query.replaceAll('$__rate_interval', '5m'),
    }));
    expect(recordings.length).toBeGreaterThan(30);
    const directory = mkdtempSync(join(tmpdir(), 'freehold-queries-'));
    try {
      const file = join(directory, 'queries.yaml');
      writeFileSync(file, stringify({ groups: [{ name: 'dashboards', rules: recordings }] }));
      expect(complaint('check', 'rules', file)).toBeUndefined();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it.each(scenarios.map((path) => [basename(path, '.yaml'), path]))(
    'finds what the scenarios of %s say',
    (_, path) => {
      expect(complaint('test', 'rules', path as string)).toBeUndefined();
    },
    90_000,
  );
});
