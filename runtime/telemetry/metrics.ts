import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { AggregationType, type IMetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { Failure } from '../failure.ts';

/** Event loop, garbage collection and heap. */
export const runtimeInstrumentation = (): Instrumentation => new RuntimeNodeInstrumentation();

/**
 * GET /metrics on a port of its own, which is for the inside alone.
 * @throws Failure port_taken
 */
export async function metricReader({ host, port }: { host: string; port: number }): Promise<IMetricReader> {
  const exporter = new PrometheusExporter({ host, port, withoutScopeInfo: true, preventServerStart: true });
  try {
    await exporter.startServer();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Failure(
      'port_taken',
      `Port ${port} is taken.`,
      'Stop what listens there, or set METRICS_PORT to another.',
    );
  }
  return exporter;
}

const drop = (meterName: string, instrumentName = '*'): ViewOptions => ({
  meterName,
  instrumentName,
  aggregation: { type: AggregationType.DROP },
});
const runtime = '@opentelemetry/instrumentation-runtime-node';
const renamed = (instrumentName: string, unit: string): ViewOptions => ({
  meterName: runtime,
  instrumentName,
  name: `${instrumentName.replaceAll('.', '_')}_${unit}`,
});

/** Names as Prometheus has them, with their unit; and a bound on what one metric of ours may cost, whatever its labels come to be. Each view that fits makes a metric. */
export const views: ViewOptions[] = [
  { meterName: 'freehold', instrumentName: '*', aggregationCardinalityLimit: 2_000 },
  ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((of) =>
    renamed(`nodejs.eventloop.delay.${of}`, 'seconds'),
  ),
  renamed('nodejs.eventloop.time', 'seconds'),
  renamed('nodejs.eventloop.utilization', 'ratio'),
  renamed('v8js.gc.duration', 'seconds'),
  renamed('v8js.memory.heap.used', 'bytes'),
  renamed('v8js.memory.heap.limit', 'bytes'),
  ...['v8js.memory.heap.space.*', 'v8js.heap.space.*', 'v8js.resource.*'].map((name) => drop(runtime, name)),
];
