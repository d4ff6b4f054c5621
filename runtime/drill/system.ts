import { join } from 'node:path';
import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';
import { freePorts } from '../free-ports.ts';
import type { Running } from '../launch.ts';
import { launch, stop } from '../launch.ts';
import { drill, type Outcome } from './drill.ts';
import { administer } from './faults.ts';
import { type Load, startLoad } from './load.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import type { Scenario } from './scenarios.ts';
import { beginSignIns } from './sign-ins.ts';

interface Performance {
  scenario: Scenario;
  /** Where all state goes. */
  directory: string;
  aborted: AbortSignal;
  say: (line: string) => void;
  /** What the processes print. */
  log: (text: string) => void;
}

/** Starts everything, plays the scenario on it, and stops everything, whatever came of it. @throws Failure */
export async function perform({ scenario, directory, aborted, say, log }: Performance): Promise<Outcome> {
  const [port = 0, workos, store, metrics = 0, workerMetrics = 0, ownPort = 0] = await freePorts(6);
  // launch() gives its children our environment. A database or a collector of the developer's is none of ours.
  for (const name of ['DATABASE_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'PUBLIC_URL']) delete process.env[name];
  Object.assign(process.env, scenario.environment, {
    PORT: String(port),
    WORKOS_STAND_IN_PORT: String(workos),
    TELEMETRY_STORE_PORT: String(store),
    METRICS_PORT: String(metrics),
  });
  for (const name of ['WORKOS_API_KEY', 'WORKOS_CLIENT_ID']) delete process.env[name];
  const config = readConfig(process.env, 'start', directory);
  const running: Running = {};
  let prometheus: Prometheus | undefined;
  let load: Load | undefined;
  try {
    prometheus = await startPrometheus(directory, ownPort, { server: metrics, worker: workerMetrics });
    const { database, tenants, failed } = await launch(config, running, {
      aborted,
      step: (line) => say(`  ${line} …`),
      onRestart: say,
      output: { write: log },
    });
    const stage = await setStage(config, database.adminUrl, tenants, running);
    await scenario.prepare?.(stage);
    load = startLoad({
      url: stage.url,
      apiKey: stage.tenant.apiKey,
      projectId: stage.projectId,
      perSecond: scenario.load?.perSecond ?? 10,
      writesOfTen: scenario.load?.writesOfTen ?? 5,
      ...(scenario.load?.query !== undefined && { query: scenario.load.query }),
      signIns: await beginSignIns(stage.url, scenario.signIns ?? 0),
    });
    const telemetry = join(directory, 'telemetry.db');
    return await Promise.race([
      drill({ scenario, stage: { ...stage, load }, prometheus, store: telemetry, aborted, say }),
      failed,
    ]);
  } finally {
    await load?.stop();
    await prometheus?.stop();
    await stop(running, config);
  }
}

async function setStage(
  config: Config,
  adminUrl: string,
  tenants: Awaited<ReturnType<typeof launch>>['tenants'],
  running: Running,
) {
  const [tenant] = tenants;
  if (!tenant) throw new Error('the development data has no tenant');
  const [project] = await administer<{ id: string }>(
    adminUrl,
    `select id from app.project where tenant_id = $1 and status = 'active' order by id limit 1`,
    [tenant.id],
  );
  if (!project) throw new Error('the development data has no active project');
  const url = `http://127.0.0.1:${config.http.port}`;
  return { running, adminUrl, url, tenant, projectId: project.id };
}
