import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import type { Keyring } from '../../runtime/sealing.ts';

/** Values that one transaction replaces. */
const AT_A_TIME = 500;

/**
 * The task `seal_anew`: what was sealed with a key of FREEHOLD_FORMER_SECRET_KEYS is sealed with FREEHOLD_SECRET_KEY, so that the former can be
 * forgotten. Does nothing when nothing is left, and says when nothing is.
 */
export function sealAnew(pool: Pool, log: Logger, keyring: Keyring): Task {
  return async (_payload, { abortSignal }) => {
    const present = keyring.keyId;
    if (!present) return;
    let replaced = 0;
    const unknown = new Map<string, number>();
    for (let skip = 0; ; ) {
      abortSignal.throwIfAborted();
      const { rows } = await pool.query<{ sealed: string }>(
        'select sealed from platform.sealed_otherwise($1, $2, $3)',
        [present, AT_A_TIME, skip],
      );
      if (rows.length === 0) break;
      const former: string[] = [];
      const sealed: string[] = [];
      for (const row of rows) {
        try {
          sealed.push(keyring.seal(keyring.open(row.sealed)));
          former.push(row.sealed);
        } catch (error) {
          const { message } = error as Error;
          unknown.set(message, (unknown.get(message) ?? 0) + 1);
          skip += 1;
        }
      }
      const result = await pool.query<{ count: number }>('select platform.seal_anew($1, $2) as count', [
        former,
        sealed,
      ]);
      replaced += result.rows[0]?.count ?? 0;
    }
    for (const [reason, count] of unknown) log.error({ count, reason }, 'secrets could not be sealed anew');
    if (replaced > 0) log.info({ count: replaced, key: present }, 'secrets were sealed anew');
    if (unknown.size === 0) log.info({ key: present }, 'all secrets are sealed with FREEHOLD_SECRET_KEY');
  };
}
