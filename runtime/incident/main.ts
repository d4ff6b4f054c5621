import { styleText } from 'node:util';
import { explain, Failure } from '../failure.ts';
import { summarize } from './calls.ts';
import { callsReport } from './calls-report.ts';
import { jaegerSpans } from './jaeger.ts';
import { openLocal } from './local.ts';
import { lokiLines } from './loki.ts';
import type { Options } from './options.ts';
import { readOptions, UsageError, usage } from './options.ts';
import type { LineSource, Source, SpanSource } from './source.ts';
import { plain, plainJson } from './text.ts';
import type { TraceReport } from './trace-report.ts';
import { readTrace, traceJson, traceText } from './trace-report.ts';
import type { Look } from './waterfall.ts';

/*
 * npm run incident: where the time of a request went, and which requests were slow or failed. Exits with 0 when something was found, 1 when
 * nothing was or it could not be read, 2 when the question is none.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const source = open(options);
  try {
    await answer(options, source);
  } finally {
    source.close();
  }
}

function open({ store, jaeger, loki, sinceMs }: Options): Source {
  if (jaeger === undefined && loki === undefined) return openLocal(store);
  const missing = (name: string, option: string) => () => {
    throw new Failure('no_source', `${name} is needed for that.`, `Say ${option} as well.`);
  };
  const noSpans = missing('Jaeger', '--jaeger URL');
  const spans: SpanSource = jaeger ? jaegerSpans(jaeger) : { trace: noSpans, linkingTo: noSpans };
  const noLines = missing('Loki', '--loki URL');
  const lines: LineSource = loki
    ? lokiLines(loki, sinceNs(sinceMs))
    : { ofTrace: async () => [], ofRequest: noLines, calls: noLines };
  const absence =
    'It may not have been sampled, be older than Jaeger or Loki keep, or not be sent yet (some seconds); --since says how far back Loki is asked.';
  return { spans, lines, absence, close: () => {} };
}

const sinceNs = (ms: number): bigint => BigInt(Math.floor(Date.now() - ms)) * 1_000_000n;

async function answer({ what, json, full, sinceMs }: Options, source: Source): Promise<void> {
  const look: Look = {
    // In a pipe or a file, what fits everywhere.
    width: process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 80,
    full,
    // Knows NO_COLOR, and whether there is a terminal.
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
  const print = (value: unknown, text: string[]) => console.log(json ? plainJson(value) : text.join('\n'));

  if (what.kind === 'calls') {
    const lines = source.lines.calls({ tenantId: what.tenantId, sinceNs: sinceNs(sinceMs) });
    const summary = await summarize(lines, what);
    print(summary, callsReport(summary, what, sinceMs, look));
    if (summary.all.count === 0) console.error(source.absence);
    if (summary.matching.count === 0) process.exitCode = 1;
    return;
  }
  if (what.kind === 'trace') {
    const report = await readTrace(source, what.id);
    if (report.tree.nodes.length + report.lines.length === 0) throw nothing(`trace ${what.id}`, source);
    print(traceJson(report), traceText(report, source.absence, look));
    return;
  }
  const lines = await source.lines.ofRequest(what.id);
  if (lines.length === 0) throw nothing(`request ${what.id}`, source);
  const traceIds = new Set(lines.map(({ traceId }) => traceId).filter((id) => id !== undefined));
  const reports: TraceReport[] = [];
  for (const traceId of traceIds) reports.push(await readTrace(source, traceId, lines));
  if (reports.length === 0) reports.push(await readTrace(source, undefined, lines));
  print(
    { requestId: what.id, traces: reports.map(traceJson) },
    reports.flatMap((report) => traceText(report, source.absence, look)),
  );
}

const nothing = (what: string, source: Source): Failure =>
  new Failure('nothing_found', `Nothing is known of ${what}.`, source.absence);

// Who reads us may have enough of it (| head).
process.stdout.on('error', () => process.exit());
try {
  await main();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  } else {
    console.error(plain(explain(error)));
    if (!(error instanceof Failure)) console.error(error);
    process.exitCode = 1;
  }
}
