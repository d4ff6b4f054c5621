import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../runtime/log.ts';
import { countRequest } from '../../runtime/telemetry/instruments.ts';
import { canonicalLine, type Deployed } from '../../runtime/telemetry/line.ts';
import { newWork } from '../../runtime/telemetry/work.ts';

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

/** Answers what never becomes a request: problem details (RFC 9457), and the line and the count of a request, where Node answers with a bare status. */
export function answerClientErrors(server: Server, log: Logger, deployed: Deployed): void {
  // Whose body turns out to be no HTTP has a line already, when it is over.
  const serving = new WeakSet<Socket>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    serving.add(socket);
    response.once('close', () => serving.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { status, code, title } = problems[error.code ?? ''] ?? malformed;
    // Who has gone, or was answered already, is told nothing.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    if (!serving.has(socket)) tell(log, deployed, status, code);
    log.info({ reason: error.code, ip: socket.remoteAddress }, 'what came is no request');
    const body = JSON.stringify({ type: 'about:blank', title, status, code });
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

function tell(log: Logger, deployed: Deployed, statusCode: number, errorCode: string): void {
  countRequest({
    method: '',
    route: '',
    status: statusCode,
    operation: undefined,
    outcome: 'client_error',
    codes: [errorCode],
    seconds: 0,
    queries: 0,
  });
  const ended = {
    event: 'request' as const,
    requestId: null,
    traceparent: '',
    tenantId: null,
    userId: null,
    actorType: null,
    operation: null,
    method: null,
    route: null,
    statusCode,
    milliseconds: 0,
    errorCode,
    aborted: false,
  };
  log.info(canonicalLine(ended, newWork(), deployed), 'request');
}
