import { createServer } from 'node:http';
import { Failure } from '../runtime/failure.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface HealthServer {
  stop(): Promise<void>;
}

/**
 * What supervisors ask a worker, on HEALTH_PORT of all its addresses: GET /livez and GET /readyz, each 200 or 503 with the reason in a line.
 *
 * A worker lives while its heartbeat turns, whether the database answers or not: to start it again would mend nothing there. It is ready
 * while its beats are written.
 * @throws Failure port_taken
 */
export async function startHealthServer(
  port: number,
  heartbeat: Pick<Heartbeat, 'turning' | 'beating'>,
): Promise<HealthServer> {
  const probes: Record<string, () => string | undefined> = {
    '/livez': () => (heartbeat.turning() ? undefined : 'the heartbeat hangs'),
    '/readyz': () => (heartbeat.beating() ? undefined : 'the database does not answer'),
  };
  const server = createServer((request, response) => {
    const probe = probes[request.url ?? ''];
    const problem = probe ? probe() : 'there is nothing here';
    response.writeHead(probe ? (problem ? 503 : 200) : 404, {
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(`${problem ?? 'ok'}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Failure(
              'port_taken',
              `Port ${port} is taken.`,
              'Stop what listens there, or set HEALTH_PORT to another.',
            )
          : error,
      ),
    );
    server.listen(port, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
