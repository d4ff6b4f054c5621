import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { countAttempt, countFirstAttempt } from '../../runtime/telemetry/instruments.ts';
import { activeTraceparent, inSpan, linksTo } from '../../runtime/telemetry/trace.ts';
import { tellWait, within } from '../job.ts';
import { type Delivery, isFirst, queuedAt, type Result, waitedMs } from './batch.ts';

/**
 * Runs one attempt in its span. A first attempt goes on with the trace of its event, after spans for how long it waited; a repetition or a replay has the trace of its job,
 * and a link to the event's.
 * @param body is given the W3C trace context to send: of the span, or without telemetry of the event
 */
export async function inAttempt(
  delivery: Delivery,
  body: (traceparent: string | null) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const first = isFirst(delivery);
  const { traceparent } = delivery;
  const delay = waitedMs(delivery);
  if (first) tellWait(traceparent, queuedAt(delivery), delivery.dispatchedAt);
  const attributes = {
    'freehold.tenant_id': delivery.tenant_id,
    'freehold.webhook_endpoint_id': delivery.endpoint_id,
    'freehold.delivery_id': delivery.delivery_id,
    'freehold.attempt': delivery.attempt,
    'http.request.method': 'POST',
    // Without the path, which is a secret with some receivers.
    'server.address': URL.parse(delivery.url)?.hostname ?? '',
  };
  const place = first ? within(traceparent) : { links: linksTo([traceparent]) };
  return inSpan(
    'POST webhook',
    { layer: 'delivery', kind: SpanKind.CLIENT, attributes, ...place },
    async (span) => {
      const result = await body(activeTraceparent(span) || traceparent);
      if (result && result.latency_ms !== null) {
        // One that a stop ended is begun again, and counted then.
        if (first) countFirstAttempt(delay / 1_000, delivery.lane);
        countAttempt(result.succeeded ? 'accepted' : 'failed', result.latency_ms / 1_000);
        if (result.status_code !== null) span.setAttribute('http.response.status_code', result.status_code);
        if (!result.succeeded) span.setStatus({ code: SpanStatusCode.ERROR, message: result.error ?? '' });
      }
      return result;
    },
  );
}
