import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Pool } from 'pg';
import { DatabaseError } from 'pg';
import type { Caller } from '../database/context.ts';
import type { QueryResult, Sql } from '../database/one-sync.ts';
import { runStatement } from '../database/run.ts';
import { ProblemError } from './problem.ts';

/** The name that its sender gave a request, so that it is done once however often it comes. */
export interface IdempotencyKey {
  readonly key: string;
  /** Method and path. */
  readonly route: string;
  /** Of all that the request says. */
  readonly fingerprint: string;
}

/** What a statement that changes something answered, and whether that was another time. */
export interface Once extends QueryResult {
  readonly replayed: boolean;
}

/** Visible ASCII, so that a key is the same for everybody who carries it. */
const acceptable = /^[\x21-\x7e]{1,255}$/;

const answeredBefore = 'ZF021';

/**
 * The key of a request (draft-ietf-httpapi-idempotency-key-header-07); undefined when it has none.
 * @throws ProblemError for one that is not acceptable
 */
export function readIdempotencyKey(
  headers: IncomingHttpHeaders,
  method: string,
  url: string,
  body: string,
): IdempotencyKey | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  // The draft writes it as a quoted string; most clients do not.
  const key = String(given).replace(/^"(.*)"$/, '$1');
  if (!acceptable.test(key)) {
    throw new ProblemError({
      code: 'invalid_idempotency_key',
      status: 400,
      message: 'The idempotency key is not acceptable.',
      remedy: 'Send 1 to 255 visible ASCII characters, such as a UUID.',
      errors: [
        { header: 'Idempotency-Key', code: 'pattern', detail: 'is not 1 to 255 visible ASCII characters' },
      ],
    });
  }
  const said = [url, headers['if-match'] ?? '', headers['freehold-version'] ?? '', body];
  return {
    key,
    route: `${method} ${url.split('?', 1)[0]}`,
    fingerprint: hash('sha256', JSON.stringify(said)),
  };
}

/**
 * Runs a statement that answers with JSON, version and key; with an idempotency key, once. The key is taken, the statement done and its answer kept in one
 * transaction and one round trip. `forgets`: the answer holds a secret in clear, which is kept nowhere: a replay shows null in its place.
 *
 * Rejects as runStatement does, ZF019 and ZF020 among them.
 */
export async function runOnce(
  pool: Pool,
  caller: Caller,
  { text, values }: Sql,
  permission: string | null,
  idempotency: IdempotencyKey | undefined,
  forgets: boolean,
): Promise<Once> {
  if (!idempotency) {
    return { ...(await runStatement(pool, caller, text, values, false, permission)), replayed: false };
  }
  const { key, route, fingerprint } = idempotency;
  const claimed = [key, route, fingerprint];
  const places = claimed.map((_, n) => `$${values.length + n + 1}`).join(', ');
  const kept = forgets ? `(a.c1::jsonb || '{"secret": null}')::text` : 'a.c1';
  const keeping = `with a (c1, c2, c3) as (${text}) select a.c1, a.c2, a.c3, platform.keep_answer(${places}, ${kept}, a.c2, a.c3) from a`;
  const before = { text: 'select platform.claim_idempotency_key($1, $2, $3)', values: claimed };
  try {
    const result = await runStatement(
      pool,
      caller,
      keeping,
      [...values, ...claimed],
      false,
      permission,
      before,
    );
    return { ...result, replayed: false };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== answeredBefore) throw error;
    const asked = 'select answer, version, resource_key from platform.kept_answer($1, $2, $3)';
    return { ...(await runStatement(pool, caller, asked, claimed, true, permission)), replayed: true };
  }
}
