import { SafeError } from 'grafast';
import { DatabaseError } from 'pg';
import { RefusedError } from '../auth/refused.ts';
import { ClientGoneError } from '../database/run.ts';
import { type ErrorEntry, isOurs, type Vocabulary } from './vocabulary.ts';

/** An error as a client may see it: no SQL, no stack, no name of a table. */
export interface PublicError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly detail?: string;
  readonly remedy?: string;
  /** The constraint that a value broke, for a form to find its field. */
  readonly constraint?: string;
}

const unauthenticated = 'ZF001';
const overloaded = '53300';
const unavailable = '57P01';

/**
 * What a client may know of an error; undefined when it may know nothing, and the error is one for the log.
 */
export function publicError(error: unknown, vocabulary: Vocabulary): PublicError | undefined {
  if (error instanceof DatabaseError) return ofDatabase(error, vocabulary);
  if (error instanceof RefusedError) return ofRefusal(error, vocabulary);
  if (error instanceof ClientGoneError) {
    return { code: 'client_gone', status: 499, message: 'The client closed the connection.' };
  }
  if (error instanceof SafeError) return ofSafeError(error as SafeErrorLike, vocabulary);
  const state = connectionState(error);
  return state === undefined ? undefined : ofEntry(vocabulary.get(state));
}

/** Who is not known is not told why; who is, and may not come in, is told what to do about it. */
function ofRefusal({ sqlstate, cause }: RefusedError, vocabulary: Vocabulary): PublicError | undefined {
  if (cause instanceof DatabaseError && sqlstate !== unauthenticated) return ofDatabase(cause, vocabulary);
  return ofEntry(vocabulary.get(sqlstate));
}

function ofDatabase(error: DatabaseError, vocabulary: Vocabulary): PublicError | undefined {
  const sqlstate = error.code ?? '';
  const entry = vocabulary.find(sqlstate);
  if (!entry) return undefined;
  if (isOurs(sqlstate)) {
    return {
      code: entry.code,
      status: entry.httpStatus,
      message: sentence(error.message),
      ...(error.detail && { detail: error.detail }),
      remedy: error.hint ?? entry.remedy,
    };
  }
  return {
    ...ofEntry(entry),
    ...(sqlstate.startsWith('23') && error.constraint && { constraint: error.constraint }),
  };
}

interface SafeErrorLike extends Error {
  readonly sqlstate?: string;
  readonly extensions?: { code?: string; statusCode?: number };
}

function ofSafeError(error: SafeErrorLike, vocabulary: Vocabulary): PublicError {
  if (error.sqlstate) return { ...ofEntry(vocabulary.get(error.sqlstate)), message: error.message };
  return {
    code: error.extensions?.code ?? 'invalid_request',
    status: error.extensions?.statusCode ?? 400,
    message: error.message,
  };
}

const ofEntry = (entry: ErrorEntry): PublicError => ({
  code: entry.code,
  status: entry.httpStatus,
  message: entry.message,
  remedy: entry.remedy,
});

/** The SQLSTATE that says the same as an error of the connection itself. */
function connectionState(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/timeout exceeded when trying to connect/.test(error.message)) return overloaded;
  const code = (error as NodeJS.ErrnoException).code;
  if (code && ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'ENOENT'].includes(code))
    return unavailable;
  return /^(Connection terminated|Client has encountered a connection error)/.test(error.message)
    ? unavailable
    : undefined;
}

/** Database messages begin in lower case by PostgreSQL's convention; clients are shown sentences. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
