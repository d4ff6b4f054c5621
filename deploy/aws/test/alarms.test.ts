import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSlos } from '../../openslo.ts';
import { collectorConfig } from '../stack/collector.ts';
import { resourcesOf } from './templates.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const slos = readSlos(read('deploy/slo.yaml'));
const resources = Object.values(resourcesOf('production'));
const ofType = (type: string) =>
  resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);

it('has the thresholds of deploy/slo.yaml for what the load balancer sees, a pair of windows for each burn rate', () => {
  const shares = ofType('AWS::CloudWatch::Alarm').filter((alarm) =>
    JSON.stringify(alarm).includes('share that is bad'),
  );
  for (const { name, budget, minimumRequests } of slos.filter(({ service }) => service === 'api')) {
    const own = shares.filter(({ AlarmDescription }) =>
      String(AlarmDescription).startsWith(slos.find((slo) => slo.name === name)?.description ?? name),
    );
    const thresholds = own.map(({ Threshold }) => Number(Threshold)).sort((a, b) => b - a);
    expect(thresholds, name).toEqual(
      [14.4, 14.4, 6, 6, 3, 3].map((rate) => Number((rate * budget).toPrecision(10))),
    );
    expect(JSON.stringify(own)).toContain(`IF(total >= ${minimumRequests}, bad / total, 0)`);
  }
  const composites = ofType('AWS::CloudWatch::CompositeAlarm');
  expect(composites.length).toBe(6);
  expect(composites.filter(({ AlarmRule }) => !JSON.stringify(AlarmRule).includes(' AND '))).toEqual([]);
});

it('asks how many answers were within the seconds of the SLO', () => {
  const within = /le="([\d.]+)"/.exec(slos.find(({ name }) => name === 'api-latency')?.good ?? '')?.[1];
  expect(JSON.stringify(ofType('AWS::CloudWatch::Alarm'))).toContain(`"Stat":"PR(:${within})"`);
});

it('loads the rules of deploy/prometheus as they are, and tells people of both severities', () => {
  const data = ofType('AWS::APS::RuleGroupsNamespace').map(({ Data }) => Data);
  expect(data).toEqual([read('deploy/prometheus/slo-rules.yaml'), read('deploy/prometheus/alerts.yaml')]);
  const [workspace] = ofType('AWS::APS::Workspace');
  const definition = workspace?.AlertManagerDefinition as { 'Fn::Sub': [string] } | undefined;
  const text = definition?.['Fn::Sub'][0] ?? '';
  const { route, receivers } = parse(parse(text).alertmanager_config) as {
    route: { receiver: string; routes: { receiver: string }[] };
    receivers: { name: string; sns_configs: { topic_arn: string }[] }[];
  };
  expect([route.receiver, ...route.routes.map(({ receiver }) => receiver)]).toEqual(['ticket', 'page']);
  expect(receivers.map(({ name, sns_configs: [sns] }) => [name, sns?.topic_arn.slice(2, -1)])).toEqual([
    ['page', 'Page'],
    ['ticket', 'Ticket'],
  ]);
});

it('scrapes under the job names that the rules know, and sends by pipelines whose parts exist', () => {
  const { scrape_configs } = parse(read('deploy/prometheus/prometheus.yml')) as {
    scrape_configs: { job_name: string }[];
  };
  for (const [job, metricsPort] of [
    ['server', 9464],
    ['worker', 9465],
  ] as const) {
    const config = parse(
      collectorConfig({ job, metricsPort, region: 'eu-central-1', remoteWrite: 'https://x/' }),
    );
    const [scraped] = config.receivers.prometheus.config.scrape_configs;
    expect(scrape_configs.map(({ job_name }) => job_name)).toContain(scraped.job_name);
    expect(scraped.static_configs).toEqual([{ targets: [`127.0.0.1:${metricsPort}`] }]);
    for (const pipeline of Object.values<Record<string, string[]>>(config.service.pipelines)) {
      expect(pipeline.processors?.[0]).toBe('memory_limiter');
      for (const [kind, names] of Object.entries(pipeline))
        for (const name of names) expect(config[kind], `${kind} ${name}`).toHaveProperty([name]);
    }
    expect(config.service.extensions.filter((name: string) => !(name in config.extensions))).toEqual([]);
  }
});
