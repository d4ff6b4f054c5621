import { Connection, DatabaseError, type PoolClient } from 'pg';

/** What pg keeps of a connection and does not type. */
interface ConnectedClient {
  host: string;
  port: number;
  ssl: boolean | object;
  processID: number;
  secretKey: number;
}

/** Untyped parts of pg's Connection that a cancel request needs. */
interface RawConnection extends NodeJS.EventEmitter {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  stream: { destroy(): void; setTimeout(ms: number, then: () => void): void };
}

/**
 * Asks the server to cancel what the connection is running, over a connection of its own as the protocol
 * wants it. Resolves when the server has closed that one: the signal is then sent, and nothing arrives later.
 * Never rejects: at worst the statement runs to its timeout.
 */
export function requestCancel(client: PoolClient, timeoutMs = 5_000): Promise<void> {
  const { host, port, ssl, processID, secretKey } = client as unknown as ConnectedClient;
  const connection = new Connection({ ssl } as object) as unknown as RawConnection;
  return new Promise((resolve) => {
    const cancel = (): void => connection.cancel(processID, secretKey);
    connection.on('connect', () => (ssl ? connection.requestSsl() : cancel()));
    connection.on('sslconnect', cancel);
    connection.on('error', () => {
      connection.stream.destroy();
      resolve();
    });
    connection.on('end', () => resolve());
    connection.stream.setTimeout(timeoutMs, () => {
      connection.stream.destroy();
      resolve();
    });
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}

/**
 * Makes sure that a cancel request which was sent is spent, so that it cannot hit the connection's next user:
 * an empty statement goes through the server, twice when the first caught the cancellation. Rejects when the
 * connection is lost.
 */
export async function spendCancel(client: PoolClient): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await client.query('');
      return;
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== '57014') throw error;
    }
  }
}
