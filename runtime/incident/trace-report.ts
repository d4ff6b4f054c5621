import type { Line, Span } from '../telemetry-store/records.ts';
import { callLines, logLines } from './lines.ts';
import type { Source } from './source.ts';
import type { Tree } from './tree.ts';
import { buildTree } from './tree.ts';
import { timeByLayer, verdict } from './verdict.ts';
import type { Look } from './waterfall.ts';
import { waterfall } from './waterfall.ts';

/** All that is known of one trace. */
export interface TraceReport {
  traceId: string | undefined;
  tree: Tree;
  lines: Line[];
  /** Traces that spans of this one link to, and such that link to it; the latter unknown with Jaeger. */
  links: { traceId: string; direction: 'to' | 'from' }[];
}

/**
 * @param traceId undefined: only lines are known
 * @param more lines that belong to it whether they name the trace or not
 */
export async function readTrace(
  source: Source,
  traceId: string | undefined,
  more: readonly Line[] = [],
): Promise<TraceReport> {
  if (traceId === undefined) return { traceId, tree: buildTree([]), lines: [...more], links: [] };
  const [spans, own, linking = []] = await Promise.all([
    source.spans.trace(traceId),
    source.lines.ofTrace(traceId),
    source.spans.linkingTo(traceId),
  ]);
  const to = spans.flatMap(({ links }) => links.map((link) => link.traceId)).filter((id) => id !== traceId);
  const others = await Promise.all([...new Set(to)].slice(0, mostLinked).map((id) => source.spans.trace(id)));
  return {
    traceId,
    tree: buildTree([...spans, ...others.flatMap((other) => madeByJobs(spans, other))]),
    lines: [...own, ...more.filter((line) => line.traceId === undefined)],
    links: [
      ...[...new Set(to)].map((id) => ({ traceId: id, direction: 'to' as const })),
      ...linking.filter((id) => !to.includes(id)).map((id) => ({ traceId: id, direction: 'from' as const })),
    ],
  };
}

/** Traces that are looked into for what a job of this one did on their behalf. */
const mostLinked = 20;

/**
 * A job that answers several traces does its work in theirs, in spans that link to its own: those, with all beneath them, each as a child of the job's. Without them the job
 * would seem to have done by itself what it waited for.
 */
function madeByJobs(spans: readonly Span[], other: readonly Span[]): Span[] {
  const jobs = new Set(
    spans.filter(({ attributes }) => attributes['freehold.layer'] === 'job').map(({ spanId }) => spanId),
  );
  const adopted = other.flatMap((span) => {
    const job = span.links.find((link) => jobs.has(link.spanId));
    return job ? [{ ...span, parentSpanId: job.spanId }] : [];
  });
  for (const parent of adopted)
    adopted.push(
      ...other
        .filter(
          ({ parentSpanId, spanId }) =>
            parentSpanId === parent.spanId && adopted.every((known) => known.spanId !== spanId),
        )
        .map((span) => ({ ...span, parentSpanId: parent.spanId })),
    );
  return adopted;
}

export function traceText(
  { traceId, tree, lines, links }: TraceReport,
  absence: string,
  look: Look,
): string[] {
  const empty = tree.nodes.length === 0;
  return [
    ...callLines(lines, look),
    ...(empty || traceId === undefined
      ? [
          traceId === undefined ? 'It names no trace.' : `There are no spans of trace ${traceId}. ${absence}`,
          '',
        ]
      : [...waterfall(traceId, tree, look), '']),
    ...logLines(lines, empty ? (lines[0]?.timeNs ?? 0n) : tree.startNs, look),
    ...links.flatMap(({ traceId: other, direction }) => [
      `${direction === 'to' ? 'linked to' : 'linked from'} trace ${other}: npm run incident -- --trace ${other}`,
    ]),
  ];
}

/** The same for machines. Times are milliseconds. */
export function traceJson({ traceId, tree, lines, links }: TraceReport): object {
  return {
    traceId,
    startNs: tree.startNs,
    totalMs: tree.total,
    verdict: verdict(tree),
    layers: timeByLayer(tree).map(({ layer, ms, spans, repeated }) => ({ layer, ms, spans, repeated })),
    spans: tree.nodes.map(({ span, layer, start, end, self, added, async, orphan }) => ({
      ...span,
      layer,
      offsetMs: start,
      durationMs: end - start,
      selfMs: self,
      addedMs: added,
      async,
      orphan,
    })),
    lines,
    links,
  };
}
