import type { Line } from '../telemetry-store/records.ts';
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
  return {
    traceId,
    tree: buildTree(spans),
    lines: [...own, ...more.filter((line) => line.traceId === undefined)],
    links: [
      ...[...new Set(to)].map((id) => ({ traceId: id, direction: 'to' as const })),
      ...linking.filter((id) => !to.includes(id)).map((id) => ({ traceId: id, direction: 'from' as const })),
    ],
  };
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
