import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** Why a request is not taken, as OTLP wants it said: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface BodyLimits {
  /** Of one body, before and after decompression. OTLP recommends 20 MiB. */
  body: number;
  /** Of all bodies that are on their way at one time. */
  together: number;
}

/**
 * Reads bodies, and knows how much of them is in memory at one time: what is more is refused with 429, which senders take as a request to
 * come again.
 */
export function bodyReader(limits: BodyLimits): (request: IncomingMessage) => Promise<Buffer> {
  let held = 0;
  const tooLarge = () =>
    new Refusal(413, `the body is larger than ${limits.body} bytes: send smaller batches`);
  const busy = () => new Refusal(429, 'too much is on its way at one time: come again in a second');

  return async (request) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limits.body) throw tooLarge();
    if (held + announced > limits.together) throw busy();
    let length = 0;
    try {
      const chunks: Buffer[] = [];
      // Kept whole when this stops early: its connection carries the answer.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        length += chunk.length;
        held += chunk.length;
        if (length > limits.body) throw tooLarge();
        if (held > limits.together) throw busy();
        chunks.push(chunk);
      }
      const bytes = Buffer.concat(chunks);
      return request.headers['content-encoding'] === 'gzip' ? gunzip(bytes) : bytes;
    } finally {
      held -= length;
    }
  };

  // Synchronously: however many small bodies would become large ones, one at a time does.
  function gunzip(bytes: Buffer): Buffer {
    try {
      return gunzipSync(bytes, { maxOutputLength: limits.body });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
      throw new Refusal(400, 'the body is not gzip, as its content-encoding says');
    }
  }
}
