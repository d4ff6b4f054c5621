import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

interface Collector {
  receivers: Record<string, unknown>;
  processors: Record<string, unknown>;
  exporters: Record<string, unknown>;
  extensions?: Record<string, unknown>;
  service: {
    extensions?: string[];
    pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }>;
  };
}

export interface CollectorTarget {
  readonly job: 'server' | 'worker';
  readonly metricsPort: number;
  readonly region: string;
  readonly remoteWrite: string;
}

/**
 * The collector beside a task, from deploy/otel-collector.yaml: it receives and batches as there, and sends elsewhere. Traces go to X-Ray.
 * Metrics, which Prometheus scrapes elsewhere, are scraped here and sent to the workspace, under the names and labels that the rules
 * know. Lines of the log go to CloudWatch by the container's own output, and not by here.
 */
export function collectorConfig({ job, metricsPort, region, remoteWrite }: CollectorTarget): string {
  const base = parse(
    readFileSync(new URL('../../otel-collector.yaml', import.meta.url), 'utf8'),
  ) as Collector;
  const traces = base.service.pipelines.traces;
  if (!traces) throw new Error('deploy/otel-collector.yaml has no pipeline for traces');
  const config: Collector = {
    extensions: {
      sigv4auth: { region, service: 'aps' },
      health_check: { endpoint: '127.0.0.1:13133' },
    },
    receivers: {
      ...base.receivers,
      prometheus: {
        config: {
          scrape_configs: [
            {
              job_name: job,
              scrape_interval: '15s',
              static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }],
            },
          ],
        },
      },
    },
    processors: {
      ...base.processors,
      memory_limiter: { ...(base.processors.memory_limiter as object), limit_mib: COLLECTOR_MEMORY * 0.75 },
      // Each task scrapes 127.0.0.1: without this, the counters of all tasks would be one series.
      resourcedetection: { detectors: ['ecs'] },
      resource: {
        attributes: [{ key: 'service.instance.id', from_attribute: 'aws.ecs.task.arn', action: 'upsert' }],
      },
    },
    exporters: {
      awsxray: { region },
      prometheusremotewrite: {
        endpoint: remoteWrite,
        auth: { authenticator: 'sigv4auth' },
        target_info: { enabled: false },
      },
    },
    service: {
      extensions: ['sigv4auth', 'health_check'],
      pipelines: {
        traces: { ...traces, exporters: ['awsxray'] },
        metrics: {
          receivers: ['prometheus'],
          processors: ['memory_limiter', 'resourcedetection', 'resource', 'batch'],
          exporters: ['prometheusremotewrite'],
        },
      },
    },
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** MB of a task that are the collector's. */
export const COLLECTOR_MEMORY = 256;
