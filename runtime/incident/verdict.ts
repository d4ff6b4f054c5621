import { statementOf } from './layers.ts';
import { cut, duration, plain, share } from './text.ts';
import type { Node, Tree } from './tree.ts';

export interface LayerTime {
  layer: string;
  /** Of the time from first to last. */
  ms: number;
  spans: number;
  /** The statement, or the name, that most of its spans have in common, when they are so many that one would do. */
  repeated: { what: string; times: number; ms: number } | undefined;
}

/** A part of a trace that is judged by itself. */
interface Part {
  nodes: Node[];
  waits: Tree['waits'];
  unknown: number;
  total: number;
}

/** As often as that in one trace, a statement stands in a loop. */
const often = 10;

/** Where the time from first to last went, the most first. The sum is all of it. */
export function timeByLayer(part: Omit<Part, 'total'>): LayerTime[] {
  const layers = new Map<string, Node[]>();
  for (const node of part.nodes) {
    const others = layers.get(node.layer);
    if (others) others.push(node);
    else layers.set(node.layer, [node]);
  }
  const times = [...layers].map(([layer, nodes]) => ({
    layer,
    ms: sum(nodes),
    spans: nodes.length,
    repeated: layer === 'sql' ? repetition(nodes) : undefined,
  }));
  const waited = part.waits.reduce((ms, wait) => ms + wait.ms, 0);
  const queue = times.find(({ layer }) => layer === 'queue wait');
  if (queue) queue.ms += waited;
  else if (waited > 0) times.push({ layer: 'queue wait', ms: waited, spans: 0, repeated: undefined });
  if (part.unknown > 0) {
    times.push({ layer: 'not recorded', ms: part.unknown, spans: 0, repeated: undefined });
  }
  return times.sort((a, b) => b.ms - a.ms);
}

/** One sentence: the layer and the span that added the most, of what the caller waited for, and of what came after. */
export function verdict(tree: Tree): string {
  const { now, after } = parts(tree);
  const first = judge(now) ?? 'nothing in it took any time';
  const second = after.total > 0 ? judge(after) : undefined;
  return `${first}${second === undefined ? '' : `; after it, ${second}`}.`;
}

/** Deliveries and jobs go on when the caller has its answer: a slow receiver says nothing of a slow request. */
function parts({ nodes, waits, unknown, total }: Tree): { now: Part; after: Part } {
  const later = new Set<Node>();
  // Parents stand before their children.
  for (const node of nodes) {
    // What waits for the worker began before the answer, and is not what the caller waits for.
    const waits = node.async || node.layer === 'queue wait';
    if (waits || later.has(node)) for (const one of [node, ...node.children]) later.add(one);
  }
  const now = nodes.filter((node) => !later.has(node));
  const end = now.reduce((latest, node) => Math.max(latest, node.end), 0);
  const begun = [...later].reduce((earliest, node) => Math.min(earliest, node.start), end);
  return {
    now: { nodes: now, waits: [], unknown: later.size > 0 ? 0 : unknown, total: end },
    after: { nodes: [...later], waits, unknown: later.size > 0 ? unknown : 0, total: total - begun },
  };
}

function judge(part: Part): string | undefined {
  const [most] = timeByLayer(part);
  if (!most || most.ms <= 0) return undefined;
  const { layer, ms, repeated } = most;
  const of = `${plain(layer)}: ${duration(ms)} of ${duration(part.total)} (${share(ms, part.total)})`;
  if (layer === 'not recorded') return `${of}, covered by no span`;
  if (repeated && repeated.ms >= ms / 2) {
    return `${of}: ${most.spans} statements, ${repeated.times} of them the same, ${duration(repeated.ms)} together: \`${cut(plain(repeated.what), 100)}\``;
  }
  const [span] = part.nodes.filter((node) => node.layer === layer).sort((a, b) => b.added - a.added);
  const [wait] = part.waits.toSorted((a, b) => b.ms - a.ms);
  if (layer === 'queue wait' && wait && wait.ms > (span?.added ?? 0)) {
    return `${of}${ms > wait.ms ? `, ${duration(wait.ms)} of it` : ''} until ${nameOf(wait.until)} began`;
  }
  return `${of}${most.spans > 1 ? `, ${duration(span?.added ?? 0)} of it` : ''} in ${span ? nameOf(span) : '?'}`;
}

function nameOf({ span }: Node): string {
  return `\`${cut(plain(statementOf(span) ?? span.name), 60)}\` (span ${span.spanId})`;
}

function repetition(nodes: readonly Node[]): LayerTime['repeated'] {
  const same = new Map<string, Node[]>();
  for (const node of nodes) {
    const what = statementOf(node.span) ?? node.span.name;
    const others = same.get(what);
    if (others) others.push(node);
    else same.set(what, [node]);
  }
  const [most] = [...same].sort(([, a], [, b]) => b.length - a.length);
  if (!most || most[1].length < often) return undefined;
  return { what: most[0], times: most[1].length, ms: sum(most[1]) };
}

const sum = (nodes: readonly Node[]): number => nodes.reduce((ms, { added }) => ms + added, 0);
