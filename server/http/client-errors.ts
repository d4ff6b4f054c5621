import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../runtime/log.ts';

const problems: Record<string, { status: number; code: string; title: string }> = {
  // Node's limit is 16 kB for all of them.
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    title: 'The headers of the request are too large, cookies among them.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'timeout', title: 'The request took too long to arrive.' },
};
const malformed = { status: 400, code: 'invalid_request', title: 'What came is not HTTP.' };

/** Answers what never becomes a request: problem details (RFC 9457) and a line in the log, where Node answers with a bare status. */
export function answerClientErrors(server: Server, log: Logger): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { status, code, title } = problems[error.code ?? ''] ?? malformed;
    // Who has gone, or was answered already, is told nothing.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    log.info(
      {
        event: 'request',
        status_code: status,
        error_code: code,
        reason: error.code,
        ip: socket.remoteAddress,
      },
      'request',
    );
    const body = JSON.stringify({ type: 'about:blank', title, status, code });
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}
