import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { Config } from '../config.ts';
import type { DescribeRequest } from './signals.ts';

export interface Telemetry {
  /** Sends what is still to be sent, within five seconds. */
  stop(): Promise<void>;
}

const nothing: Telemetry = { stop: async () => {} };

/**
 * Begins traces and metrics, as the configuration says. Before anything is imported that should be seen, such as express and pg: an entry point calls it first and
 * imports the rest afterwards. What is switched off is not loaded.
 */
export async function startTelemetry(
  { telemetry, env, secretKey }: Config,
  service: 'server' | 'worker',
  describe: DescribeRequest = () => ({}),
): Promise<Telemetry> {
  const { endpoint, metrics } = telemetry;
  if (!endpoint && !metrics) return nothing;
  const [{ NodeSDK }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/resources'),
  ]);
  const traces = endpoint ? await import('./signals.ts') : undefined;
  traces?.instrument(telemetry, secretKey, describe);
  const measures = metrics ? await import('./metrics.ts') : undefined;
  const sdk = new NodeSDK({
    // Nothing of the machine or its command line, which may hold secrets.
    autoDetectResources: false,
    resource: resourceFromAttributes({
      'service.name': `freehold-${service}`,
      'service.namespace': 'freehold',
      'service.version': telemetry.version,
      'deployment.environment.name': env,
    }),
    instrumentations: measures ? [measures.runtimeInstrumentation()] : [],
    spanProcessors: endpoint && traces ? traces.spanProcessors(endpoint) : [],
    ...(traces && { sampler: traces.sampler(telemetry.ratio, service) }),
    logRecordProcessors: endpoint && telemetry.logs ? await logProcessors(endpoint) : [],
    metricReaders: metrics && measures ? [await measures.metricReader(metrics)] : [],
    views: measures?.views ?? [],
  });
  sdk.start();
  return {
    async stop() {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, 5_000).unref();
      });
      await Promise.race([sdk.shutdown().catch(() => {}), late]);
    },
  };
}

async function logProcessors(endpoint: string): Promise<LogRecordProcessor[]> {
  const [{ BatchLogRecordProcessor }, { OTLPLogExporter }] = await Promise.all([
    import('@opentelemetry/sdk-logs'),
    import('@opentelemetry/exporter-logs-otlp-http'),
  ]);
  return [
    new BatchLogRecordProcessor({
      exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }),
      scheduledDelayMillis: 1_000,
      maxQueueSize: 8_192,
    }),
  ];
}
