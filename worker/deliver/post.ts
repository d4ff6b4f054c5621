import type { Agent, Dispatcher } from 'undici';
import { request } from 'undici';
import { TargetError } from './target-error.ts';

/** Bytes of an answer that are read and kept; what comes after is cut off with its connection. */
const EXCERPT_BYTES = 16_384;

export interface PostOptions {
  /** From createAgent: it decides what may be reached. */
  agent: Agent;
  /** Over all: connecting, sending, and reading the answer. */
  timeoutMs: number;
  /** Ends the attempt without an outcome. */
  signal: AbortSignal;
}

/** What came of one attempt. `statusCode` is null when there was no answer. */
export interface Outcome {
  succeeded: boolean;
  statusCode: number | null;
  error: string | null;
  latencyMs: number;
  excerpt: string | null;
  /** Seconds until which nothing more should come, as the receiver asked with Retry-After. */
  retryAfter: number | null;
}

/**
 * Posts a body once. Success is 2xx; a redirect is a failure and is not followed. Never rejects.
 * @returns undefined when `signal` ended it: nothing is known then of what the receiver saw
 */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  options: PostOptions,
): Promise<Outcome | undefined> {
  const { agent, timeoutMs, signal } = options;
  if (signal.aborted) return undefined;
  const began = performance.now();
  const limit = new AbortController();
  const expire = () => limit.abort();
  const timer = setTimeout(expire, timeoutMs);
  signal.addEventListener('abort', expire, { once: true });
  const outcome = (part: Partial<Outcome>): Outcome => ({
    succeeded: false,
    statusCode: null,
    error: null,
    excerpt: null,
    retryAfter: null,
    ...part,
    latencyMs: Math.round(performance.now() - began),
  });
  let statusCode: number | null = null;
  try {
    const answer = await request(parse(url), {
      method: 'POST',
      dispatcher: agent,
      headers: withoutHost(headers),
      body,
      signal: limit.signal,
    });
    statusCode = answer.statusCode;
    const excerpt = await readStart(answer.body);
    const succeeded = statusCode >= 200 && statusCode < 300;
    return outcome({
      succeeded,
      statusCode,
      excerpt,
      error: succeeded ? null : `HTTP ${statusCode}`,
      retryAfter: busy.has(statusCode) ? retryAfter(answer.headers['retry-after']) : null,
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    const reason = limit.signal.aborted
      ? `no complete answer within ${timeoutMs / 1_000} s`
      : describe(error);
    return outcome({ statusCode, error: reason });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', expire);
  }
}

/** Answers after which Retry-After is heard: too many requests, and gateways of somebody who is not there. */
const busy = new Set([429, 502, 503, 504]);

/** RFC 9110, section 10.2.3: seconds, or a date. Null when it is neither, or lies in the past. */
function retryAfter(header: string | string[] | undefined, now = Date.now()): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1_000);
  return seconds > 0 ? seconds : null;
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop destroys the stream: 50 MB are not read to keep a connection.
    if (length >= EXCERPT_BYTES) break;
  }
  // PostgreSQL keeps no NUL in a text; a character cut in half becomes U+FFFD.
  const text = Buffer.concat(chunks).subarray(0, EXCERPT_BYTES).toString('utf8').replaceAll('\0', '');
  return text.slice(0, EXCERPT_BYTES) || null;
}

function parse(url: string): URL {
  const target = URL.parse(url);
  if (!target) throw new TargetError('the URL is not valid');
  // undici would leave them out without a word
  if (target.username || target.password) throw new TargetError('the URL must not hold a user or password');
  return target;
}

/** Host is the URL's: with another, a header of the endpoint's owner would choose among the sites behind one address. */
function withoutHost(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'));
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 5 s',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be resolved',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is of an authority that is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes without its intermediate certificates',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
};

/** What the endpoint's owner is shown. Never an error's own message: those of Node and undici name addresses. */
function describe(error: unknown): string {
  if (error instanceof TargetError) return error.message;
  // Of several addresses of one host, Node reports all the failures together.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const code = (cause as { code?: string }).code;
  if (!code) return 'the request failed';
  if (reasons[code]) return reasons[code];
  if (code.startsWith('HPE_')) return `the answer is not HTTP (${code})`;
  return `the ${/TLS|SSL|CERT/.test(code) ? 'TLS connection' : 'request'} failed (${code})`;
}
