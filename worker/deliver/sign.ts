import { createHmac } from 'node:crypto';

/**
 * Standard Webhooks 1.0, "Signature scheme": v1 is HMAC-SHA256, in base64, over `id.timestamp.body`.
 * @param secret the key itself: what stands, in base64, after `whsec_`
 * @param timestamp of the attempt, in seconds
 * @param body the very text that is sent
 */
export function sign(secret: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** The headers that a receiver verifies. `id` is the same on every attempt, `timestamp` the attempt's own. */
export function signedHeaders(
  secret: Buffer,
  id: string,
  timestamp: number,
  body: string,
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(secret, id, timestamp, body),
  };
}
