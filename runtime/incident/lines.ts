import type { Attributes, Line, Value } from '../telemetry-store/records.ts';
import { textOf } from '../telemetry-store/records.ts';
import { callOf } from './calls.ts';
import { cut, duration, plain, timestamp } from './text.ts';
import type { Look } from './waterfall.ts';

/** What the heading of a trace says already. */
const told = new Set(['trace_id', 'span_id', 'trace_flags', 'request_id', 'version', 'env', 'pid']);
const errorKeys = /^(err|error|exception)([._]|$)/;
const mostLines = 40;

/** The canonical lines among them, in full: all that a request or a job says of itself. */
export function callLines(lines: readonly Line[], { paint }: Look): string[] {
  return lines.flatMap((line) => {
    const call = callOf(line);
    if (!call) return [];
    const facts = Object.entries(line.attributes)
      .filter(
        ([key, value]) => key !== 'event' && value !== null && (typeof value !== 'object' || isList(value)),
      )
      .map(
        ([key, value]) =>
          `  ${plain(key).padEnd(12)} ${plain(isList(value) ? value.join(', ') : String(value))}`,
      );
    const title = `${call.kind} ${timestamp(call.time)} UTC  ${plain(call.what)}  ${plain(call.status)}  ${duration(call.ms)}`;
    return [paint('bold', title), ...facts, ''];
  });
}

/** Such as the types of events that were recorded. */
const isList = (value: Value): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** The others, in time order, with the message of their error: they often name the cause. */
export function logLines(lines: readonly Line[], startNs: bigint, look: Look): string[] {
  const others = lines.filter((line) => !callOf(line));
  if (others.length === 0) return [];
  const shown = look.full ? others : others.slice(0, mostLines);
  return [
    look.paint('dim', 'log'),
    ...shown.flatMap((line) => {
      const offset = Number(line.timeNs - startNs) / 1e6;
      const when = (offset < 0 ? `-${duration(-offset)}` : duration(offset)).padStart(8);
      const severity = plain(line.severity).padEnd(5);
      const text = `${when} ${severity} ${plain(line.service)}: ${plain(line.body)}`;
      const bad = line.severity === 'error' || line.severity === 'fatal';
      const detail = [errorOf(line.attributes), ...factsOf(line.attributes)].filter(Boolean).join(' · ');
      return [
        bad ? look.paint('red', text) : text,
        ...(detail === '' ? [] : [`${' '.repeat(9)}${cut(detail, Math.max(look.width - 9, 200))}`]),
      ];
    }),
    ...(others.length > shown.length ? [`… ${others.length - shown.length} more: --full shows them`] : []),
    '',
  ];
}

/** The message of the error that a line carries, as pino, OpenTelemetry or Loki write it. */
function errorOf(attributes: Attributes): string | undefined {
  const nested = attributes.err ?? attributes.error;
  const object =
    typeof nested === 'object' && nested !== null && !Array.isArray(nested) ? nested : ({} as Attributes);
  const type = textOf(object, 'type', 'code') ?? textOf(attributes, 'err.type', 'err_type', 'exception.type');
  const message =
    textOf(object, 'message') ??
    textOf(
      attributes,
      'err.message',
      'err_message',
      'exception.message',
      'exception_message',
      'err',
      'error',
    );
  return message === undefined ? undefined : plain([type, message].filter(Boolean).join(': '));
}

function factsOf(attributes: Attributes): string[] {
  return Object.entries(attributes)
    .filter(
      ([key, value]) => !told.has(key) && !errorKeys.test(key) && value !== null && typeof value !== 'object',
    )
    .map(([key, value]) => `${plain(key)} ${plain(String(value))}`);
}
