import { readFileSync } from 'node:fs';
import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { readSlos, type Slo } from '../../openslo.ts';
import { burns } from '../../rules.ts';
import type { Sizes } from '../sizes.ts';
import type { Balancer } from './balancer.ts';
import type { Database } from './database.ts';
import type { Monitoring, Severity } from './monitoring.ts';

interface Parts {
  readonly sizes: Sizes;
  readonly database: Database;
  readonly balancer: Balancer;
  readonly monitoring: Monitoring;
}

/** CloudWatch has no metric over a longer time than a day. The burn of three days is the workspace's alone. */
const LONGEST_SECONDS = 86_400;

/**
 * What the load balancer sees of the SLOs, by the same multi-window burn rates as deploy/rules.ts: it sees requests that no server was
 * there to count, needs no collector, and is what a deployment is rolled back by. All SLOs, with all windows, are rules of the Prometheus
 * workspace (monitoring.ts).
 */
export function addAlarms(stack: Construct, parts: Parts): { rollback: readonly Alarm[] } {
  const scope = new Construct(stack, 'Alarms');
  const slos = readSlos(readFileSync(new URL('../../slo.yaml', import.meta.url), 'utf8'));
  const rollback: Alarm[] = [];
  for (const slo of slos.filter(({ service }) => service === 'api')) {
    const [fastest] = burns;
    for (const burn of burns) {
      if (secondsOf(burn.long) > LONGEST_SECONDS) continue;
      const short = burnAlarm(scope, parts.balancer, slo, burn.rate, burn.short);
      const long = burnAlarm(scope, parts.balancer, slo, burn.rate, burn.long);
      tell(
        parts.monitoring,
        burn.severity,
        new CompositeAlarm(scope, `${slo.name}-${burn.rate}`, {
          compositeAlarmName: `${Aws.STACK_NAME}-${slo.name}-${burn.rate}`,
          alarmDescription: `${slo.description} The budget burns at rate ${burn.rate}: docs/runbooks/${slo.name}.md`,
          alarmRule: AlarmRule.allOf(
            AlarmRule.fromAlarm(short, AlarmState.ALARM),
            AlarmRule.fromAlarm(long, AlarmState.ALARM),
          ),
        }),
      );
      // During a bake of minutes the long window still shows the old version.
      if (burn === fastest) rollback.push(short);
    }
  }
  addCauses(scope, parts);
  return { rollback };
}

function burnAlarm(scope: Construct, balancer: Balancer, slo: Slo, rate: number, window: string): Alarm {
  const period = Duration.seconds(secondsOf(window));
  const { bad, total } = countersOf(slo, balancer, period);
  return new Alarm(scope, `${slo.name}-${rate}-${window}`, {
    alarmDescription: `${slo.description} Rate ${rate} over ${window}.`,
    metric: new MathExpression({
      expression: `IF(total >= ${slo.minimumRequests}, bad / total, 0)`,
      usingMetrics: { bad, total },
      label: 'share that is bad',
      period,
    }),
    threshold: Number((rate * slo.budget).toPrecision(10)),
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Bad requests and all of them, as the load balancer counts what the SLO's queries do. */
function countersOf(
  slo: Slo,
  { loadBalancer }: Balancer,
  period: Duration,
): Record<'bad' | 'total', IMetric> {
  const of = { period, statistic: 'Sum' };
  const within = /_bucket\{.*le="([\d.]+)"/.exec(slo.good)?.[1];
  if (within !== undefined) {
    const time = (statistic: string) => loadBalancer.metrics.targetResponseTime({ period, statistic });
    const total = time('SampleCount');
    return {
      total,
      bad: new MathExpression({
        expression: 'answered * (100 - FILL(within, 100)) / 100',
        // Share of the answers, in percent, that took no longer than so many seconds.
        usingMetrics: { answered: total, within: time(`PR(:${within})`) },
        period,
      }),
    };
  }
  if (!slo.good.includes('outcome=~"ok|client_error"'))
    throw new Error(`${slo.name}: the load balancer cannot count what its query does: ${slo.good}`);
  return {
    total: loadBalancer.metrics.requestCount(of),
    bad: new MathExpression({
      expression: 'FILL(servers, 0) + FILL(balancer, 0)',
      usingMetrics: {
        servers: loadBalancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, of),
        // No server was there, or it hung up.
        balancer: loadBalancer.metrics.custom('HTTPCode_ELB_5XX_Count', of),
      },
      period,
    }),
  };
}

/** What no SLO shows soon enough, and the product itself cannot see. */
function addCauses(scope: Construct, { sizes, database: { instance }, monitoring }: Parts): void {
  const period = Duration.minutes(5);
  const gigabyte = 1024 ** 3;
  const above = ComparisonOperator.GREATER_THAN_THRESHOLD;
  const below = ComparisonOperator.LESS_THAN_THRESHOLD;
  const causes: [string, Severity, IMetric, ComparisonOperator, number, string][] = [
    [
      'StorageLow',
      'page',
      instance.metricFreeStorageSpace({ period, statistic: 'Minimum' }),
      below,
      sizes.databaseStorage * 0.1 * gigabyte,
      'A tenth of the storage is left; it grows by itself, and not more often than each six hours.',
    ],
    [
      'ConnectionsHigh',
      'ticket',
      instance.metricDatabaseConnections({ period, statistic: 'Maximum' }),
      above,
      sizes.databaseConnections * 0.8,
      'Four of five connections are taken: docs/runbooks/pool-exhaustion.md',
    ],
    [
      'CpuHigh',
      'ticket',
      instance.metricCPUUtilization({ period }),
      above,
      85,
      'The database computes all the time: docs/runbooks/slow-query.md',
    ],
    [
      'TransactionIdsHigh',
      'page',
      instance.metric('MaximumUsedTransactionIDs', { period, statistic: 'Maximum' }),
      above,
      1_000_000_000,
      'Half of the transaction ids are used and not frozen: autovacuum does not come through.',
    ],
  ];
  for (const [id, severity, metric, comparisonOperator, threshold, alarmDescription] of causes) {
    const evaluationPeriods = 3;
    const rest = { metric, comparisonOperator, threshold, alarmDescription, evaluationPeriods };
    tell(
      monitoring,
      severity,
      new Alarm(scope, id, { ...rest, treatMissingData: TreatMissingData.BREACHING }),
    );
  }
}

function tell({ topics }: Monitoring, severity: Severity, alarm: Alarm | CompositeAlarm): void {
  const action = new SnsAction(topics[severity]);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
}

function secondsOf(window: string): number {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(window) ?? [];
  const seconds = { m: 60, h: 3_600, d: 86_400 }[unit];
  if (!count || !seconds) throw new Error(`${window} is no window`);
  return Number(count) * seconds;
}
