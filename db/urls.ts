import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Login } from '../runtime/config.ts';
import { logins } from '../runtime/config.ts';

/** A URL for each login, all of one database. */
export type LoginUrls = Record<Login, string>;

/** Password of a login: hex(hmac_sha256(secret, role)). The same secret gives the same passwords, everywhere. */
function rolePassword(secret: string, role: string): string {
  return createHmac('sha256', secret).update(role).digest('hex');
}

/**
 * URLs of the four logins in the database that `adminUrl` names.
 * @param passwords of logins that have one of their own; the others' are derived from `secret`
 */
export function loginUrls(
  adminUrl: string,
  secret: string,
  passwords: Partial<Record<Login, string>> = {},
): LoginUrls {
  const entries = logins.map((login) => {
    const url = new URL(adminUrl);
    url.username = `freehold_${login}`;
    url.password = encodeURIComponent(passwords[login] ?? rolePassword(secret, `freehold_${login}`));
    return [login, url.href] as const;
  });
  return Object.fromEntries(entries) as LoginUrls;
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

export function passwordOf(url: string): string {
  return decodeURIComponent(new URL(url).password);
}

export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/**
 * What PostgreSQL stores for a password (RFC 5803), so that the password itself is never sent.
 * The salt is derived too: setting the same password again then changes nothing.
 */
export function scramVerifier(password: string, role: string): string {
  const iterations = 4096;
  const salt = createHash('sha256').update(`freehold:${role}:${password}`).digest().subarray(0, 16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
