import { onTestFinished } from 'vitest';
import { waitUntil } from '../support/wait.ts';

/** One message of a stream: an event, or how it ended. */
export interface Message {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  readonly data: any;
}

export interface StreamReader {
  readonly status: number;
  readonly headers: Headers;
  /** All that came, heartbeats left out. */
  readonly messages: Message[];
  /** Names of the projects whose events came. */
  names(): string[];
  /** The cursor to go on after. */
  cursor(): string;
  /** Resolves with the code of the last error, once the server has ended the stream. */
  ended(limitMs?: number): Promise<string>;
  close(): void;
}

export const subscription = `subscription Live($after: Cursor, $types: [String!]) {
  event(after: $after, types: $types) { cursor node { id type entityId entityVersion data } }
}`;

/**
 * Opens a stream as a browser or a library would, and reads it until the test ends.
 * @param key an API key; '' for a session, whose cookie is in the headers
 */
export async function openStream(
  url: string,
  key: string,
  { query = subscription, headers = {}, ...variables }: Record<string, unknown> = {},
): Promise<StreamReader> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(key && { authorization: `Bearer ${key}` }),
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  });
  return readStream(response, () => leaving.abort());
}

/** Reads a stream that was opened. */
export function readStream(response: Response, close: () => void): StreamReader {
  const messages: Message[] = [];
  let isOver = false;
  let cursor = '';
  const read = async (): Promise<void> => {
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        );
        const event = fields.get('event');
        // As a browser keeps it, also where nothing comes with it.
        cursor = fields.get('id') ?? cursor;
        if (event)
          messages.push({
            event,
            id: fields.get('id'),
            data: fields.get('data') ? JSON.parse(fields.get('data') as string) : undefined,
          });
      }
    }
  };
  read()
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  return {
    status: response.status,
    headers: response.headers,
    messages,
    names: () => messages.flatMap(({ data }) => data?.data?.event?.node.data?.name ?? []),
    cursor: () => cursor,
    async ended(limitMs = 20_000) {
      await waitUntil('the server has ended the stream', () => isOver, limitMs);
      const last = messages.findLast(({ event }) => event === 'next');
      return last?.data.errors?.[0]?.extensions.code ?? 'none';
    },
    close,
  };
}
