import type { ServerResponse } from 'node:http';
import { StreamEndedError } from '../streams/streams.ts';

export const eventStream = 'text/event-stream';

/** Whether the client reads server-sent events: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections. */
export const wantsStream = (accept: string | undefined): boolean => accept?.includes(eventStream) ?? false;

/** Proxies take a connection for dead after a minute without a byte, as a rule. */
const heartbeatMs = 15_000;

/** For what is still to be written when a stream ends. */
const lingerMs = 5_000;

/** Answers with a stream of server-sent events. */
export class SseWriter {
  readonly #response: ServerResponse;
  readonly #slowMs: number;
  #heartbeat: NodeJS.Timeout | undefined;
  #isWaiting = false;
  /** The place to resume at that the client has not been told yet. */
  #place: string | undefined;

  constructor(response: ServerResponse, slowMs: number) {
    this.#response = response;
    this.#slowMs = slowMs;
  }

  /** @param place where who comes back before anything was sent goes on */
  begin(place?: string | null): void {
    const response = this.#response;
    response.writeHead(200, {
      'content-type': `${eventStream}; charset=utf-8`,
      'cache-control': 'no-cache, no-transform',
      // nginx would keep it back.
      'x-accel-buffering': 'no',
    });
    // Browsers come back after so long, not all at once: a server that stops has sent them all away together.
    const retry = `retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n`;
    response.write(place ? `${retry}id: ${place}\n\n` : `${retry}\n`);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  /**
   * Sends one result. Resolves when there is room for more.
   * @param id what the client goes on after, if it is the last that it sees
   * @throws StreamEndedError when the client does not read
   */
  async next(result: object, id: string): Promise<void> {
    this.#place = undefined;
    if (this.#response.write(`event: next\nid: ${id}\ndata: ${JSON.stringify(result)}\n\n`)) return;
    this.#isWaiting = true;
    await drained(this.#response, this.#slowMs);
    this.#isWaiting = false;
  }

  /** Everything up to here was of other types: told with the next heartbeat, so that who resumes need not read it again. */
  passed(place: string): void {
    this.#place = place;
  }

  /** Says the last, which is why it ends, or all there is. A client that does not read even that is cut off. */
  end(result: string): void {
    if (!this.#response.headersSent) this.begin();
    clearInterval(this.#heartbeat);
    this.#response.end(`event: next\ndata: ${result}\n\nevent: complete\ndata:\n\n`);
    setTimeout(() => this.#response.destroy(), lingerMs).unref();
  }

  #beat(): void {
    if (this.#isWaiting) return;
    this.#response.write(this.#place === undefined ? ':\n\n' : `:\nid: ${this.#place}\n\n`);
    this.#place = undefined;
  }
}

function drained(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => (): void => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      then();
    };
    const done = settle(resolve);
    const timer = setTimeout(
      settle(() => reject(new StreamEndedError(tooSlow))),
      ms,
    );
    response.once('drain', done);
    // The reader of the feed finds out by itself that nobody is there any more.
    response.once('close', done);
  });
}

const tooSlow = {
  code: 'client_too_slow',
  status: 200,
  message: 'What was sent was not read in time.',
  remedy: 'Read faster, or select less; open the stream again after the last cursor.',
};
