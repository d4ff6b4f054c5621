import type { Config } from '../runtime/config.ts';
import { explain, Failure } from '../runtime/failure.ts';
import { createLogger } from '../runtime/log.ts';
import type { Telemetry } from '../runtime/telemetry/start.ts';
import { startWorker } from './start.ts';

/** The whole worker process: it works until a signal comes, and ends the process. */
export async function work(config: Config, telemetry: Telemetry): Promise<void> {
  const log = createLogger(config.log, 'worker');

  try {
    // Also before it is ready: it then stops as soon as it is, and nobody waits for a process that was killed.
    const asked = new Promise<string>((resolve) => {
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
    });
    const worker = await startWorker(config, log);
    // After it listens: who reads it may ask us to stop at once.
    log.info({ concurrency: config.worker.concurrency }, 'the worker is ready');
    const signal = await Promise.race([asked, worker.unfit]);
    if (signal instanceof Error) log.fatal({ err: signal }, explain(signal));
    else log.info({ signal }, 'the worker stops');
    // What will not end is abandoned: its lease ends by itself, and its job is given back by another worker's heartbeat.
    setTimeout(() => {
      log.error({ graceMs: config.shutdownGraceMs }, 'the worker did not stop in time');
      process.exit(1);
    }, config.shutdownGraceMs).unref();
    await worker.stop();
    await telemetry.stop();
    log.info('the worker has stopped');
    process.exit(signal instanceof Error ? 1 : 0);
  } catch (error) {
    log.fatal(error instanceof Failure ? {} : { err: error }, 'the worker cannot work');
    console.error(explain(error));
    process.exit(1);
  }
}
