import { Client } from 'pg';
import { Failure } from '../runtime/failure.ts';
import { hidePasswords } from '../runtime/log.ts';

const oldestSupported = 180_000;

/**
 * One connection, or one line that says why not.
 * @param variable the environment variable that holds the URL, for the remedy
 * @throws Failure database_unreachable, database_refused, server_too_old
 */
export async function connectOrExplain(url: string, variable: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: `freehold ${process.pid}`,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks between two queries is reported by the next one.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ number: number; version: string }>(
      `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
    );
    const { number = 0, version = '' } = rows[0] ?? {};
    if (number < oldestSupported) {
      throw new Failure(
        'server_too_old',
        `The server of ${variable} is PostgreSQL ${version}, and Freehold needs 18 or newer.`,
        'Upgrade it, or unset DATABASE_URL to use the embedded one.',
      );
    }
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw explainConnection(error, url, variable);
  }
}

/** One connection, for as long as `work` takes. @throws as connectOrExplain, and what `work` throws */
export async function connected<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  variable = 'DATABASE_URL',
): Promise<T> {
  const client = await connectOrExplain(url, variable);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Turns an error of connecting into a Failure; anything else is passed through. */
export function explainConnection(error: unknown, url: string, variable: string): unknown {
  if (error instanceof Failure) return error;
  const { hostname, port, username } = new URL(url);
  const at = `${hostname}:${port || 5432}`;
  // Of several addresses of one name, Node reports all the failures together.
  const cause = error instanceof AggregateError ? (error.errors[0] as Error) : (error as Error);
  const { code = '', message } = cause as { code?: string; message: string };
  const fail = (kind: string, reason: string, remedy: string) =>
    new Failure(kind, hidePasswords(reason), remedy, { cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return fail(
        'database_unreachable',
        `No PostgreSQL answers at ${at}.`,
        `Start it, or correct ${variable}.`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        'database_unreachable',
        `The host ${hostname} of ${variable} is not known.`,
        `Correct ${variable}.`,
      );
    case '28P01':
    case '28000':
      return fail(
        'database_refused',
        `PostgreSQL at ${at} refuses user ${username}: ${message}.`,
        `Correct ${variable}.`,
      );
    case '3D000':
    case '42501':
      return fail(
        'database_refused',
        `PostgreSQL at ${at} refuses: ${message}.`,
        `Correct ${variable}, or run the migrations.`,
      );
    case '53300':
      return fail(
        'database_refused',
        `PostgreSQL at ${at} has no connection left.`,
        'Raise max_connections, or lower the pool sizes.',
      );
    default:
      if (/timeout|terminated|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(`${code} ${message}`)) {
        return fail(
          'database_unreachable',
          `PostgreSQL at ${at} does not answer.`,
          `Check the network and ${variable}.`,
        );
      }
      if (/SSL|certificate|self-signed/i.test(message)) {
        return fail(
          'database_refused',
          `TLS with PostgreSQL at ${at} fails: ${message}.`,
          `Correct sslmode in ${variable}.`,
        );
      }
      return error;
  }
}
