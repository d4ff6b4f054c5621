import { loadConfig } from '../runtime/config.ts';
import { explain } from '../runtime/failure.ts';
import { startTelemetry } from '../runtime/telemetry/start.ts';

const config = loadConfig('worker');
const telemetry = await startTelemetry(config, 'worker').catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
// What is imported from here on, and nothing before it, is seen by the instrumentations.
const { work } = await import('./work.ts');
await work(config, telemetry);
