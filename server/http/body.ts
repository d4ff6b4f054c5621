import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { keepWork } from '../../runtime/telemetry/work.ts';
import type { PublicError } from '../errors/public-error.ts';

const tooLarge = (limit: number): PublicError => ({
  code: 'too_large',
  status: 413,
  message: `The body is larger than ${limit} bytes.`,
});

/**
 * Reads a body of at most `limit` bytes as text. Calls back once, with the text or with why not; not at all
 * when the client goes away first.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (error: PublicError | undefined, text: string) => void,
): void {
  if (Number(request.headers['content-length']) > limit) {
    request.resume();
    done(tooLarge(limit), '');
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  });
  const end = () => {
    if (length > limit) return done(tooLarge(limit), '');
    const [only] = chunks;
    const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks);
    // What is not UTF-8 would be altered, and the altered text stored.
    if (!isUtf8(bytes))
      return done({ code: 'invalid_input', status: 400, message: 'The body is not UTF-8.' }, '');
    done(undefined, bytes.toString('utf8'));
  };
  // The rest of the body is the socket's doing, and what follows is this request's.
  request.on('end', keepWork(end));
  // The response's 'close' tells the rest of the server.
  request.on('error', () => undefined);
}
