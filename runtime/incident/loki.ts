import { Failure } from '../failure.ts';
import type { Attributes, Line } from '../telemetry-store/records.ts';
import { textOf } from '../telemetry-store/records.ts';
import { getJson, under } from './http.ts';
import type { LineSource } from './source.ts';

/** How much it gives in one answer by default (limits_config.max_entries_limit_per_query). */
const page = 5_000;

/** What canonical lines count: Loki keeps every attribute as text. */
const numbers = ['duration_ms', 'db_ms', 'db_queries', 'status_code'];

/**
 * Log lines of Loki 3, to which they came by OTLP: service.name is a label, attributes are structured metadata with _ for each dot
 * (https://grafana.com/docs/loki/latest/send-data/otel/). Asked with GET /loki/api/v1/query_range.
 * @param sinceNs how far back a request or a trace is looked for
 * @throws Failure from each question, when it cannot be answered
 */
export function lokiLines(base: string, sinceNs: bigint): LineSource {
  const all = async (filter: string): Promise<Line[]> => {
    const lines: Line[] = [];
    for await (const line of ask(base, filter, sinceNs)) lines.push(line);
    return lines.reverse();
  };
  return {
    ofTrace: (traceId) => all(`| trace_id=${quoted(traceId)}`),
    ofRequest: (requestId) => all(`| request_id=${quoted(requestId)}`),
    calls: (query) =>
      ask(
        base,
        `| event=~"request|job"${query.tenantId === undefined ? '' : ` | tenant_id=${quoted(query.tenantId)}`}`,
        query.sinceNs,
      ),
  };
}

/** The newest first, a page at a time. */
async function* ask(base: string, filter: string, sinceNs: bigint): AsyncGenerator<Line> {
  let end = BigInt(Date.now() + 60_000) * 1_000_000n;
  let seen = new Set<string>();
  for (;;) {
    const parameters = new URLSearchParams({
      query: `{service_name=~".+"} ${filter}`,
      start: String(sinceNs),
      end: String(end),
      limit: String(page),
      direction: 'backward',
    });
    const answer = await getJson('Loki', base, under(base, `/loki/api/v1/query_range?${parameters}`));
    const entries = entriesOf(answer).sort((a, b) => Number(b.line.timeNs - a.line.timeNs));
    const fresh = entries.filter(({ key }) => !seen.has(key));
    for (const { line } of fresh) yield line;
    const last = entries.at(-1)?.line.timeNs;
    if (entries.length < page || last === undefined || fresh.length === 0) return;
    // `end` is exclusive: others of that very nanosecond may be on the next page, and those that were here come again.
    seen = new Set(entries.filter(({ line }) => line.timeNs === last).map(({ key }) => key));
    end = last + 1n;
  }
}

function entriesOf(answer: unknown): { line: Line; key: string }[] {
  const { data } = (answer ?? {}) as { data?: { resultType?: unknown; result?: unknown } };
  if (data?.resultType !== 'streams' || !Array.isArray(data.result)) {
    throw new Failure('source_failed', "Loki's answer holds no streams.", 'Versions from 3.0 on are read.');
  }
  return data.result.flatMap(({ stream, values }) =>
    (values as [string, string][]).map(([time, body]) => ({
      line: lineOf(stream, time, body),
      key: `${time} ${body} ${JSON.stringify(stream)}`,
    })),
  );
}

function lineOf(stream: Record<string, string>, time: string, body: string): Line {
  const attributes: Attributes = { ...stream };
  for (const name of numbers) {
    if (stream[name] !== undefined && stream[name] !== '') attributes[name] = Number(stream[name]);
  }
  if (stream.aborted !== undefined) attributes.aborted = stream.aborted === 'true';
  return {
    timeNs: BigInt(time),
    service: textOf(attributes, 'service_name') ?? '',
    severity: (textOf(attributes, 'severity_text', 'detected_level', 'level') ?? '').toLowerCase(),
    body,
    traceId: hex(stream.trace_id, 32),
    spanId: hex(stream.span_id, 16),
    attributes,
  };
}

/** Any text may stand in metadata: only an id is asked for, and shown as one. */
const hex = (text: string | undefined, length: number): string | undefined =>
  text?.length === length && /^[0-9a-f]+$/i.test(text) ? text.toLowerCase() : undefined;

/** A string of LogQL, which has Go's escapes: JSON's are among them. */
const quoted = (text: string): string => JSON.stringify(text);
