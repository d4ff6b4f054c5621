import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Where and as what the local store of telemetry runs under npm start. */
export interface TelemetryStorePlan {
  /** For its process. */
  environment: Record<string, string>;
  /** For the server and the worker, which send to it what they would send to a collector. */
  clients: Record<string, string>;
  url: string;
}

export function planTelemetryStore({ stateDirectory, telemetryStore }: Config): TelemetryStorePlan {
  const url = `http://127.0.0.1:${telemetryStore.port}`;
  return {
    url,
    environment: {
      TELEMETRY_STORE_PORT: String(telemetryStore.port),
      TELEMETRY_STORE_FILE: join(stateDirectory, 'telemetry.db'),
      TELEMETRY_RETENTION_HOURS: String(telemetryStore.retentionHours),
      TELEMETRY_MAX_MEGABYTES: String(telemetryStore.maxMegabytes),
    },
    clients: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_LOGS_EXPORTER: 'otlp' },
  };
}
