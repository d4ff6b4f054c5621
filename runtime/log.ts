import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { activeTraceparent, idsOf } from './telemetry/trace.ts';
import { currentWork } from './telemetry/work.ts';

export type { Logger } from 'pino';

/** Names whose values never reach a log, at the top and one level down. */
const secrets = [
  'authorization',
  'cookie',
  'credential',
  'password',
  'secret',
  'secretKey',
  'signature',
  'claims',
  'token',
  'apiKey',
  'connectionString',
];

const redact = {
  paths: [
    ...secrets.flatMap((name) => [name, `*.${name}`]),
    'req.headers.authorization',
    'req.headers.cookie',
    'headers["set-cookie"]',
  ],
  censor: '[hidden]',
};

/**
 * A logger for one process: JSON lines for machines, readable lines in a developer's terminal.
 * `name` is the process (server, worker). Secrets are hidden by name, and passwords in URLs by shape.
 */
export function createLogger(
  options: { level: string; format: 'json' | 'pretty' },
  name: string,
  destination?: DestinationStream,
): Logger {
  const target = destination ?? (options.format === 'pretty' ? prettyStream() : undefined);
  const settings = {
    level: options.level,
    name,
    redact,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: idsOfWork,
    formatters: { level: (label: string) => ({ level: label }) },
    // Drivers quote connection strings in messages, stacks and causes: the finished line is where all of them meet.
    hooks: { streamWrite: hidePasswords },
  };
  return target ? pino(settings, target) : pino(settings);
}

/** What a line belongs to: the request or job in which it is written, whether its trace is kept or not. */
function idsOfWork(): object {
  const work = currentWork();
  if (!work) return {};
  const traceparent = activeTraceparent() || work.traceparent;
  return {
    ...(work.requestId && { request_id: work.requestId }),
    ...(traceparent && idsOf(traceparent)),
  };
}

/** Hides the password of every URL in a text. */
export function hidePasswords(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, '$1:[hidden]@');
}

/** In-process and synchronous: a worker thread would lose the last lines before an exit. */
function prettyStream(): DestinationStream {
  // A development dependency: it is required only when asked for, and absent from the production image.
  const pretty = createRequire(import.meta.url)('pino-pretty') as (options: object) => DestinationStream;
  return pretty({
    colorize: process.stdout.isTTY,
    ignore: 'pid,hostname',
    translateTime: 'HH:MM:ss.l',
    sync: true,
  });
}
