import { parse } from 'yaml';
import { z } from 'zod';

const values = z.union([z.literal('any'), z.array(z.string()).min(1)]);

const metric = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]*$/),
    type: z.enum(['counter', 'gauge', 'histogram']),
    unit: z.string().min(1),
    process: z.array(z.enum(['server', 'worker'])).min(1),
    same: z.literal(true).optional(),
    help: z.string().regex(/^[^\n]+$/, 'must be one line'),
    labels: z.record(z.string(), values),
    buckets: z.array(z.number()).optional(),
  })
  .refine(
    ({ name, type }) => (type === 'counter') === name.endsWith('_total'),
    'counters, and no others, end in _total',
  );

const contract = z.strictObject({
  metrics: z.array(metric),
  logs: z.strictObject({ events: z.array(z.string()), keys: z.array(z.string()) }),
});

/** A series that queries may name. */
export interface Series {
  /** Values of each label; undefined where they are not ours to list. */
  readonly labels: ReadonlyMap<string, readonly string[] | undefined>;
  /** Every process shows the same number: to be read with max, never with sum. */
  readonly same: boolean;
}

export interface Contract {
  /** By the names that Prometheus knows, of a histogram its three. */
  readonly series: ReadonlyMap<string, Series>;
  readonly logKeys: ReadonlySet<string>;
  readonly logEvents: ReadonlySet<string>;
}

/** Reads deploy/metrics.yaml. */
export function readContract(text: string): Contract {
  const { metrics, logs } = contract.parse(parse(text));
  const series = new Map<string, Series>();
  // What Prometheus makes itself, and the labels that it adds to what it scrapes.
  const scraped = (jobs: readonly string[]): [string, readonly string[] | undefined][] => [
    ['job', jobs],
    ['instance', undefined],
  ];
  series.set('up', { labels: new Map(scraped(['server', 'worker'])), same: false });
  series.set('ALERTS', {
    labels: new Map<string, readonly string[] | undefined>([
      ['alertname', undefined],
      ['alertstate', ['pending', 'firing']],
      ['severity', ['page', 'ticket']],
      ['slo', undefined],
    ]),
    same: false,
  });
  for (const { name, type, labels, buckets, process, same = false } of metrics) {
    const own = Object.entries(labels).map(([label, listed]): [string, readonly string[] | undefined] => [
      label,
      listed === 'any' ? undefined : listed,
    ]);
    const all = [...scraped(process), ...own];
    const one = (more: typeof all = []) => ({ labels: new Map([...all, ...more]), same });
    if (type !== 'histogram') {
      series.set(name, one());
      continue;
    }
    // 5 is "5" to Prometheus 2 and "5.0" to Prometheus 3.
    const bounds = buckets?.flatMap((bound) => [String(bound), bound.toFixed(1)]);
    series.set(`${name}_bucket`, one([['le', bounds && [...bounds, '+Inf']]]));
    series.set(`${name}_sum`, one());
    series.set(`${name}_count`, one());
  }
  return { series, logKeys: new Set(logs.keys), logEvents: new Set(logs.events) };
}
