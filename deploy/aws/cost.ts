import { databaseHour, hoursOfMonth, prices } from './prices.ts';
import { type Environment, environments, type Sizes, sizes } from './sizes.ts';

/*
 * npm run cost: what each environment costs a month, as the table of docs/deployment.md. Resources come from sizes.ts, at their least;
 * what depends on use is assumed here.
 */
interface Use {
  /** GB in and out by the NAT gateway, GB of logs, millions of requests, GB that the database holds. */
  readonly nat: number;
  readonly logs: number;
  readonly requests: number;
  readonly data: number;
}

const use: Readonly<Record<Environment, Use>> = {
  dev: { nat: 5, logs: 2, requests: 0.1, data: 5 },
  staging: { nat: 20, logs: 10, requests: 1, data: 50 },
  production: { nat: 200, logs: 100, requests: 50, data: 200 },
};

/** Scraped four times a minute. Measured: 168 after four kinds of operations, each of which adds some 20; a worker has 90. */
const seriesOfServer = 500;
const seriesOfWorker = 100;

const hours = (price: number, count = 1): number => price * count * hoursOfMonth;

function fargate(cpu: number, memory: number, tasks: number): number {
  return hours((cpu / 1024) * prices.vcpuHour + (memory / 1024) * prices.memoryHour, tasks);
}

function estimate(of: Sizes, { nat, logs, requests, data }: Use): Record<string, number> {
  const instance = databaseHour[of.databaseClass];
  if (instance === undefined) throw new Error(`prices.ts has no price of ${of.databaseClass}`);
  const copies = of.databaseMultiAz ? 2 : 1;
  // Full on the first day, then what has changed: 2 % a day. Twice with a copy in another region.
  const backups = data * (1 + 0.02 * of.backupDays + 0.3 * of.backupMonths) * (of.backupCopyRegion ? 2 : 1);
  return {
    'PostgreSQL, instances': hours(instance, copies),
    'PostgreSQL, storage': of.databaseStorage * prices.databaseStorage * copies,
    backups: backups * prices.snapshot,
    servers: fargate(of.serverCpu, of.serverMemory, of.serversLeast),
    workers: fargate(of.workerCpu, of.workerMemory, of.workersLeast),
    PgBouncer: fargate(256, 512, of.poolers),
    'NAT gateway and addresses':
      hours(prices.natHour, of.natZones) + nat * prices.natGigabyte + hours(prices.addressHour, 6),
    'load balancer': hours(prices.balancerHour + prices.capacityUnitHour),
    firewall: prices.firewall + 4 * prices.firewallRule + requests * prices.firewallMillion,
    'logs, metrics, alarms':
      logs * prices.logGigabyte +
      (((of.serversLeast * seriesOfServer + of.workersLeast * seriesOfWorker) * 4 * 60 * hoursOfMonth) /
        10_000_000) *
        prices.metricSamples +
      16 * prices.alarm * 4 +
      6 * prices.compositeAlarm,
    'secrets and key': 8 * prices.secret + prices.key,
  };
}

export function costTable(): string {
  const columns = environments.map((name) => estimate(sizes[name], use[name]));
  const [first = {}] = columns;
  const dollars = (value: number) => String(Math.round(value));
  const row = (name: string, values: number[]) => `| ${name} | ${values.map(dollars).join(' | ')} |`;
  const total = columns.map((column) => Object.values(column).reduce((sum, value) => sum + value, 0));
  return [
    `| $ a month | ${environments.join(' | ')} |`,
    `|---|${environments.map(() => '---:|').join('')}`,
    ...Object.keys(first).map((name) =>
      row(
        name,
        columns.map((column) => column[name] ?? 0),
      ),
    ),
    row('**all**', total),
  ].join('\n');
}

if (import.meta.main) console.log(costTable());
