/** Statuses that say: not now. Nothing was done, or what was done is kept under the idempotency key. */
const passing = new Set([429, 502, 503, 504]);

export interface RetryOptions {
  /** Attempts after the first; default 4. */
  readonly retries?: number;
  /** Milliseconds before the first retry, doubled for each further one, each ±25 %; default 250. */
  readonly delay?: number;
  /** Milliseconds to wait at most, whatever Retry-After says; default 60,000. */
  readonly longestDelay?: number;
}

/**
 * Sends a request again when it may be sent again: GET, HEAD, and what carries an Idempotency-Key, so that it is done once however often it comes. After a
 * lost connection, 429, 502, 503, 504, and while an earlier attempt is under way (409 request_in_progress).
 */
export function fetchWithRetries(
  send: typeof fetch,
  options: RetryOptions = {},
): (request: Request) => Promise<Response> {
  const { retries = 4, delay = 250, longestDelay = 60_000 } = options;
  return async (request) => {
    const repeatable =
      request.method === 'GET' || request.method === 'HEAD' || request.headers.has('idempotency-key');
    for (let attempt = 0; ; attempt++) {
      const last = !repeatable || attempt >= retries;
      let wait = delay * 2 ** attempt * (0.75 + Math.random() / 2);
      try {
        // The body of a request can be read once.
        const response = await send(last ? request : request.clone());
        if (last || !(await isPassing(response))) return response;
        wait = Math.max(wait, Number(response.headers.get('retry-after') ?? 0) * 1_000);
        await response.body?.cancel();
      } catch (error) {
        if (last || request.signal.aborted) throw error;
      }
      await pause(Math.min(wait, longestDelay), request.signal);
    }
  };
}

async function isPassing(response: Response): Promise<boolean> {
  if (passing.has(response.status)) return true;
  if (response.status !== 409) return false;
  const problem = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string };
  return problem.code === 'request_in_progress' || problem.code === 'conflict_retry';
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
