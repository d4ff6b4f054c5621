import { explain } from '../failure.ts';
import { createLogger } from '../log.ts';
import { startReceiver } from './receiver.ts';
import { keepWithin } from './retention.ts';
import { openStore } from './store.ts';

/*
 * The local store of telemetry, one of the processes of npm start: receives the spans and log lines of server and worker, and keeps them in a
 * file for npm run incident. It reads no configuration of its own: who starts it has checked these.
 */
const log = createLogger({ level: 'info', format: 'json' }, 'telemetry-store');
const {
  TELEMETRY_STORE_PORT: port = '0',
  TELEMETRY_STORE_FILE: file = '.freehold/telemetry.db',
  TELEMETRY_RETENTION_HOURS: hours = '72',
  TELEMETRY_MAX_MEGABYTES: megabytes = '500',
} = process.env;

try {
  const store = openStore(file, (line) => log.warn(line));
  const report = (err: unknown): void => log.error({ err }, 'telemetry could not be written');
  const receiver = await startReceiver({ store, port: Number(port), report });
  const endRetention = keepWithin(store, { hours: Number(hours), megabytes: Number(megabytes) }, report);
  const stop = async (): Promise<void> => {
    await receiver.close();
    endRetention();
    store.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  // Last: who reads it may ask us to stop at once.
  log.info({ url: receiver.url, file }, 'the telemetry store is ready');
} catch (error) {
  log.fatal({ err: error }, explain(error));
  process.exit(1);
}
