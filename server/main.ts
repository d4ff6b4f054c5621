import { loadConfig } from '../runtime/config.ts';
import { explain } from '../runtime/failure.ts';
import { startTelemetry } from '../runtime/telemetry/start.ts';
import { describeRequest } from './http/describe.ts';

const config = loadConfig('server');
const telemetry = await startTelemetry(config, 'server', describeRequest).catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
// What is imported from here on, and nothing before it, is seen by the instrumentations.
const { serve } = await import('./serve.ts');
await serve(config, telemetry);
