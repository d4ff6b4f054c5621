import { explain, Failure } from '../failure.ts';
import { cut, plain } from './text.ts';

/**
 * Asks an HTTP API for JSON. Resolves to undefined for 404.
 * @param name for messages: Jaeger, Loki
 * @throws Failure in words
 */
export async function getJson(name: string, base: string, path: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base), { signal: AbortSignal.timeout(60_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new Failure(
      'source_unreachable',
      `${name} does not answer at ${plain(base)} (${plain(explain(cause))}).`,
      'Correct the URL, or make it reachable from here.',
    );
  }
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (response.ok) {
    try {
      return JSON.parse(text);
    } catch {
      // told below
    }
  }
  throw new Failure(
    'source_failed',
    `${name} answered ${response.status} at ${plain(base)}: ${cut(plain(text), 200)}.`,
    `Is that ${name}, in a version that docs/incidents.md names?`,
  );
}

/** Keeps the path that a proxy may have put before an API. */
export function under(base: string, path: string): string {
  return `${new URL(base).pathname.replace(/\/+$/, '')}${path}`;
}
