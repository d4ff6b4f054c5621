import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';

const rules = join(import.meta.dirname, '../../deploy/prometheus/*.yaml');

export interface Alert {
  name: string;
  state: 'pending' | 'firing';
  severity: string;
  summary: string;
  runbook: string;
}

export interface Prometheus {
  /** Those that are pending or firing now. */
  alerts(): Promise<Alert[]>;
  /** The value of an expression; undefined where it has none. */
  value(expression: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

/**
 * A real Prometheus on loopback with the rules of deploy/prometheus as they are, which asks and evaluates every second: PROMETHEUS, or the one in PATH.
 * @param targets ports of server and worker, by the names of their jobs
 * @throws Failure no_prometheus
 */
export async function startPrometheus(
  directory: string,
  port: number,
  targets: Readonly<Record<'server' | 'worker', number>>,
): Promise<Prometheus> {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: Object.entries(targets).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [`127.0.0.1:${target}`] }],
    })),
  };
  const file = join(directory, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  const child = spawn(
    process.env.PROMETHEUS || 'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    // Detached: Ctrl-C reaches the whole group of the terminal, and the order of stopping is ours.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      words += error.message;
      resolve();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const api = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
    return ((await answer.json()) as { data: T }).data;
  };
  await untilReady(child, ended, url, () => words);
  return {
    async alerts() {
      interface Told {
        state: Alert['state'];
        labels: Record<string, string>;
        annotations: Record<string, string>;
      }
      const { alerts } = await api<{ alerts: Told[] }>('/api/v1/alerts');
      return alerts.map(({ state, labels, annotations }) => ({
        state,
        name: labels.alertname ?? '',
        severity: labels.severity ?? '',
        summary: annotations.summary ?? '',
        runbook: annotations.runbook_url ?? '',
      }));
    },
    async value(expression) {
      const { result } = await api<{ result: { value: [number, string] }[] }>(
        `/api/v1/query?query=${encodeURIComponent(expression)}`,
      );
      return result[0] && Number(result[0].value[1]);
    },
    async stop() {
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

async function untilReady(
  child: ChildProcess,
  ended: Promise<void>,
  url: string,
  words: () => string,
): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 300 && !over; turn += 1) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await pause(100);
  }
  child.kill('SIGKILL');
  throw new Failure(
    'no_prometheus',
    over
      ? `There is no Prometheus that starts (${words().trim() || 'it ended at once'}).`
      : 'Prometheus was not ready within 30 s.',
    'Install one (Debian: .ci/programs takes it out of the package prometheus), or set PROMETHEUS to its file.',
  );
}
