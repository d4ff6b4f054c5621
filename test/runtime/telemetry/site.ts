import { expect, onTestFinished } from 'vitest';
import { freePort } from '../../../runtime/free-ports.ts';
import type { TestDatabase } from '../../support/database.ts';
import { runNode, type TestProcess } from '../../support/process.ts';
import type { TestMember } from '../../support/tenants.ts';
import { waitUntil } from '../../support/wait.ts';
import { type Collector, startCollector } from './collector.ts';

export interface ObservedSite {
  url: string;
  collector: Collector;
  server: TestProcess;
  worker: TestProcess;
  /** Addresses of /metrics. */
  metrics: { server: string; worker: string };
  /** One operation as a member, with the headers that are given. */
  ask(
    member: TestMember,
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Samples of one metric, as Prometheus' text has them: labels and value. */
  samples(process: 'server' | 'worker', metric: string): Promise<Sample[]>;
  /** The lines that a process has printed. */
  lines(process: 'server' | 'worker'): Record<string, unknown>[];
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answer's shape is the query's
  data: any;
  errors?: { extensions: { code: string } }[];
}

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** Server and worker as processes with all their telemetry, on a database. They end with the test. */
export async function startObservedSite(
  database: TestDatabase,
  environment: Record<string, string> = {},
): Promise<ObservedSite> {
  const collector = await startCollector();
  const [port, serverPort, workerPort] = [await freePort(), await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const start = (file: string, metricsPort: number) =>
    runNode([file], {
      env: {
        ...database.environment,
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'info',
        PORT: String(port),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_LOGS_EXPORTER: 'otlp',
        FREEHOLD_VERSION: 'v-test',
        METRICS_PORT: String(metricsPort),
        ...environment,
      },
    });
  const server = start('server/main.ts', serverPort);
  const worker = start('worker/main.ts', workerPort);
  onTestFinished(async () => {
    for (const { signal } of [server, worker]) signal('SIGTERM');
    await Promise.all([server.ended, worker.ended]);
    await collector.close();
    for (const process of [server, worker]) expect(process.output()).not.toContain('were cut off');
  });
  await Promise.all([server.printed(/the server is ready/), worker.printed(/the worker is ready/)]);
  const metrics = {
    server: `http://127.0.0.1:${serverPort}/metrics`,
    worker: `http://127.0.0.1:${workerPort}/metrics`,
  };
  const processes = { server, worker };
  return {
    url,
    collector,
    server,
    worker,
    metrics,
    async ask(member, query, variables = {}, headers = {}) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          cookie: `freehold_session=${member.session}`,
          origin: url,
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      return { status: answer.status, ...((await answer.json()) as Omit<Answer, 'status'>) };
    },
    async samples(process, metric) {
      const text = await (await fetch(metrics[process])).text();
      return text.split('\n').flatMap((line) => {
        const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        if (name !== metric) return [];
        const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, its]) => [key, its]);
        return [{ labels: Object.fromEntries(pairs), value: Number(value) }];
      });
    },
    lines: (process) =>
      processes[process]
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
  };
}

/** The one line that fits, once it is there. */
export function untilLine(
  site: ObservedSite,
  process: 'server' | 'worker',
  expected: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  return waitUntil(`a line with ${JSON.stringify(expected)}`, () =>
    site.lines(process).find((line) => Object.entries(expected).every(([key, value]) => line[key] === value)),
  );
}
