import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkosEvent } from './state.ts';

export interface WebhookSender {
  /** Sends in the background, each event for itself: as at WorkOS, a later one may arrive first. */
  send(event: WorkosEvent): void;
  /** Gives up what is under way. */
  close(): void;
}

/** Milliseconds before each next attempt. */
const pauses = [250, 1_000, 4_000, 16_000];
const timeoutMs = 5_000;

export function createWebhookSender(
  { url, secret }: { url: string; secret: string },
  report: (message: string, error: unknown) => void,
): WebhookSender {
  const closing = new AbortController();
  return {
    send(event) {
      const body = JSON.stringify(event);
      deliver(url, secret, body, closing.signal).catch((error: unknown) => {
        if (!closing.signal.aborted) report(`the webhook of ${event.event} was not taken`, error);
      });
    },
    close: () => closing.abort(),
  };
}

async function deliver(url: string, secret: string, body: string, closing: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await post(url, secret, body, closing);
    } catch (error) {
      const wait = pauses[attempt];
      if (wait === undefined || closing.aborted) throw error;
      // Unreferenced: a product's test that is over does not wait for it.
      await pause(wait, undefined, { ref: false, signal: closing });
    }
  }
}

async function post(url: string, secret: string, body: string, closing: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'workos-signature': signatureOf(secret, body) },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered with ${response.status}`);
}

/** As `SignatureProvider` of the SDK reads it: the time is in milliseconds, and is signed with the body. */
function signatureOf(secret: string, body: string): string {
  const time = Date.now();
  const hash = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return `t=${time}, v1=${hash}`;
}
