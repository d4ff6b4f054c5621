// The worker as worker/main.ts runs it, but one that is taken for dead after two seconds: for tests that kill it.
import { loadConfig } from '../../../runtime/config.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startWorker } from '../../../worker/start.ts';

const config = loadConfig('worker');
const log = createLogger(config.log, 'worker');
const worker = await startWorker(config, log, { leaseMs: 2_000, deadAfterMs: 2_000 });
log.info('the worker is ready');
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
