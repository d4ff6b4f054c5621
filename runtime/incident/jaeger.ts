import { Failure } from '../failure.ts';
import { readSpans } from '../telemetry-store/otlp.ts';
import { getJson, under } from './http.ts';
import type { SpanSource } from './source.ts';

/**
 * Spans of Jaeger 2, over its API v3, which answers in OTLP: GET /api/v3/traces/{id} gives {"result": {"resourceSpans": [...]}}. The older
 * /api/traces has a format of its own, without links' attributes and status, and is not read.
 * @throws Failure from each question, when it cannot be answered
 */
export function jaegerSpans(base: string): SpanSource {
  return {
    async trace(traceId) {
      const answer = await getJson('Jaeger', base, under(base, `/api/v3/traces/${traceId}`));
      if (answer === undefined) return [];
      try {
        return readSpans((answer as { result?: unknown }).result ?? {}).records;
      } catch (error) {
        throw new Failure(
          'source_failed',
          `Jaeger's answer is no OTLP: ${(error as Error).message}.`,
          'Versions from 2.0 on answer in it.',
        );
      }
    },
    // Its searches know the links that lead away from a span, and not who links to it.
    linkingTo: async () => undefined,
  };
}
