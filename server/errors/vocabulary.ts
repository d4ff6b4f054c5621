import type { Pool } from 'pg';

/** One error of the platform: what an SQLSTATE means to a client. */
export interface ErrorEntry {
  readonly sqlstate: string;
  readonly code: string;
  readonly httpStatus: number;
  readonly message: string;
  readonly remedy: string;
}

/** Our own SQLSTATEs: their messages and details are written to be shown. */
export const isOurs = (sqlstate: string): boolean => sqlstate.startsWith('ZF');

/** The error vocabulary, table platform.error, as it was at boot. */
export class Vocabulary {
  readonly #bySqlstate: ReadonlyMap<string, ErrorEntry>;

  constructor(entries: readonly ErrorEntry[]) {
    this.#bySqlstate = new Map(entries.map((entry) => [entry.sqlstate, entry]));
  }

  /** The entry of an SQLSTATE; undefined when it is not for clients to know. */
  find(sqlstate: string): ErrorEntry | undefined {
    return this.#bySqlstate.get(sqlstate);
  }

  /** The entry of an SQLSTATE that the server itself raises. Throws when the table lacks it. */
  get(sqlstate: string): ErrorEntry {
    const entry = this.find(sqlstate);
    if (!entry) throw new Error(`platform.error has no row for ${sqlstate}: run the migrations`);
    return entry;
  }
}

/** Reads the vocabulary from the database, with any of the runtime logins. */
export async function readVocabulary(pool: Pool): Promise<Vocabulary> {
  const { rows } = await pool.query<Omit<ErrorEntry, 'httpStatus'> & { http_status: number }>(
    'select sqlstate, code, http_status, message, remedy from platform.error_vocabulary()',
  );
  return new Vocabulary(rows.map(({ http_status, ...row }) => ({ ...row, httpStatus: http_status })));
}
