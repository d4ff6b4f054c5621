import type { Span } from '../telemetry-store/records.ts';
import { layerOf } from './layers.ts';

/** A span in its place. Times are milliseconds, offsets from the first start in the trace. */
export interface Node {
  span: Span;
  layer: string;
  parent: Node | undefined;
  children: Node[];
  start: number;
  end: number;
  /** Its duration less the union of its children's, as far as they lie within it. */
  self: number;
  /** What it added to the time from first to last: as `self`, with what happens at one time divided among those that do it. */
  added: number;
  /** It began when its parent had ended: a delivery, a job. */
  async: boolean;
  /** Its parent is not here: not sampled, still under way, or the caller's own. Or its parents go in a circle, which is cut here. */
  orphan: boolean;
}

export interface Tree {
  roots: Node[];
  /** All of them, as they are shown: parents before children, the earliest first. */
  nodes: Node[];
  startNs: bigint;
  /** From the first start to the last end. */
  total: number;
  /** Time in which nothing was recorded before an asynchronous span began: it waited for a process to take it up. */
  waits: { until: Node; ms: number }[];
  /** Time in which nothing was recorded, and nobody knows why. */
  unknown: number;
}

type Interval = readonly [start: number, end: number];

/** Puts spans of one trace in their places. Parents that are missing make roots, and so do parents in a circle. */
export function buildTree(spans: readonly Span[]): Tree {
  const sorted = [...spans].sort((a, b) => compare(a.startNs, b.startNs) || compare(b.endNs, a.endNs));
  const startNs = sorted[0]?.startNs ?? 0n;
  const at = (ns: bigint) => Number(ns - startNs) / 1e6;
  const byId = new Map<string, Node>();
  const inOrder: Node[] = [];
  for (const span of sorted) {
    const node: Node = {
      span,
      layer: '',
      parent: undefined,
      children: [],
      start: at(span.startNs),
      end: at(span.endNs),
      self: 0,
      added: 0,
      async: false,
      orphan: false,
    };
    inOrder.push(node);
    // Two spans of one id are a sender's mistake: both are shown, and the first has the children.
    if (!byId.has(span.spanId)) byId.set(span.spanId, node);
  }
  const cuts = circles(inOrder, byId);
  const roots = inOrder.filter((node) => {
    const { parentSpanId } = node.span;
    const parent = parentSpanId === undefined ? undefined : byId.get(parentSpanId);
    node.orphan = (parentSpanId !== undefined && parent === undefined) || cuts.has(node);
    if (!parent || node.orphan) return true;
    node.parent = parent;
    parent.children.push(node);
    node.async = node.start >= parent.end && node.end > parent.end;
    return false;
  });
  const nodes: Node[] = [];
  const visit = (top: Node): void => {
    const stack: [Node, Node | undefined][] = [[top, undefined]];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const [node, parent] = next;
      node.layer = layerOf(node.span, parent?.layer);
      nodes.push(node);
      for (const child of node.children.toReversed()) stack.push([child, node]);
    }
  };
  for (const root of roots) visit(root);
  const total = inOrder.reduce((latest, { end }) => Math.max(latest, end), 0);
  return { roots, nodes, startNs, total, ...divide(inOrder, total) };
}

/** Of each circle of parents the earliest: there it is cut. Each node is looked at once. */
function circles(nodes: readonly Node[], byId: ReadonlyMap<string, Node>): Set<Node> {
  const cuts = new Set<Node>();
  const known = new Set<Node>();
  for (const first of nodes) {
    const path = new Set<Node>();
    let at: Node | undefined = first;
    while (at && !known.has(at)) {
      known.add(at);
      path.add(at);
      at = at.span.parentSpanId === undefined ? undefined : byId.get(at.span.parentSpanId);
    }
    if (!at || !path.has(at)) continue;
    const walked = [...path];
    const circle = new Set(walked.slice(walked.indexOf(at)));
    const earliest = nodes.find((node) => circle.has(node));
    if (earliest) cuts.add(earliest);
  }
  return cuts;
}

/** Fills in `self` and `added`, and finds the time that nobody has. */
function divide(nodes: readonly Node[], total: number): Pick<Tree, 'waits' | 'unknown'> {
  const own = nodes.map((node) => [node, uncovered(node)] as const);
  const edges: [at: number, change: number][] = [];
  for (const [node, intervals] of own) {
    for (const [start, end] of intervals) {
      node.self += end - start;
      edges.push([start, 1], [end, -1]);
    }
  }
  edges.sort(([a], [b]) => a - b);
  // How much one of those that are busy at one time has had until then: each has an equal part of it.
  const shares = new Map<number, number>([[0, 0]]);
  const gaps: Interval[] = [];
  let [before, busy, had] = [0, 0, 0];
  for (const [at, change] of edges) {
    if (at > before) {
      if (busy > 0) had += (at - before) / busy;
      else gaps.push([before, at]);
    }
    before = at;
    busy += change;
    shares.set(at, had);
  }
  if (total > before) gaps.push([before, total]);
  for (const [node, intervals] of own) {
    for (const [start, end] of intervals) {
      node.added += (shares.get(end) ?? 0) - (shares.get(start) ?? 0);
    }
  }
  const waits: Tree['waits'] = [];
  let unknown = 0;
  for (const [start, end] of gaps) {
    const until = nodes.find((node) => node.async && node.start === end);
    if (until) waits.push({ until, ms: end - start });
    else unknown += end - start;
  }
  return { waits, unknown };
}

/** What of a span no child of it covers. */
function uncovered({ start, end, children }: Node): Interval[] {
  const intervals: Interval[] = [];
  let from = start;
  for (const child of children) {
    if (child.start >= end) break;
    if (child.start > from) intervals.push([from, child.start]);
    from = Math.max(from, child.end);
  }
  if (from < end) intervals.push([from, end]);
  return intervals;
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
