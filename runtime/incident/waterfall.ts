import { statementOf, tellingOf } from './layers.ts';
import { cut, duration, plain, share, timestamp } from './text.ts';
import type { Node, Tree } from './tree.ts';
import { timeByLayer, verdict } from './verdict.ts';

export interface Look {
  /** Characters of a line. */
  width: number;
  /** Every span, instead of a few of many that are the same. */
  full: boolean;
  /** How a part of a line is marked; text as it is where there are no colours. */
  paint: (style: 'bold' | 'dim' | 'red', text: string) => string;
}

/** More that are the same in a row are counted instead. */
const alike = 5;
const mostRows = 300;

type Row = { node: Node; depth: number } | { more: Node[]; depth: number };

/** A trace as text: each span with when it began, how long it took and how long itself, and where the time went. */
export function waterfall(traceId: string, tree: Tree, look: Look): string[] {
  const { paint } = look;
  const services = [...new Set(tree.nodes.map(({ span }) => span.service).filter(Boolean))].map(plain);
  const rows = rowsOf(tree.roots, look.full);
  const shown = look.full ? rows : rows.slice(0, mostRows);
  return [
    paint('bold', `trace ${traceId}`),
    `${duration(tree.total)} from first to last, ${tree.nodes.length} span${tree.nodes.length === 1 ? '' : 's'} of ${services.join(', ') || '?'}, from ${timestamp(tree.startNs)} UTC`,
    '',
    paint('dim', `${['offset', 'took', 'self'].map((head) => head.padStart(8)).join(' ')}`),
    ...shown.flatMap((row) => ('node' in row ? spanLines(row, traceId, tree, look) : [moreLine(row, look)])),
    ...(rows.length > shown.length ? [`… ${rows.length - shown.length} more: --full shows them`] : []),
    ...legend(shown),
    '',
    ...layerLines(tree, look),
    '',
    paint('bold', verdict(tree)),
  ];
}

function spanLines(
  { node, depth }: { node: Node; depth: number },
  traceId: string,
  tree: Tree,
  look: Look,
): string[] {
  const { span } = node;
  const times = [node.start, node.end - node.start, node.self]
    .map((ms) => duration(ms).padStart(8))
    .join(' ');
  const mark = node.async ? '» ' : node.orphan ? '◦ ' : '';
  const indent = `${'  '.repeat(Math.min(depth, 12))}${mark}`;
  const width = barWidth(look.width);
  const room = look.width - 29 - width;
  const what = cut(`${indent}${plain(node.layer)}  ${plain(span.name)}`, Math.max(room, 20));
  const first = `${times} ${bar(node, tree.total, width)}  ${span.status === 2 ? look.paint('red', what) : what}`;
  const process = depth === 0 || node.async ? [`in ${plain(span.service)}`] : [];
  const elsewhere = span.traceId === traceId ? [] : [`of trace ${span.traceId}`];
  const telling = [...process, ...elsewhere, ...tellingOf(span, node.parent?.span).map(plain)].join(' · ');
  if (telling === '') return [first];
  return [first, look.paint('dim', `${' '.repeat(11)}${cut(telling, Math.max(look.width - 11, 40))}`)];
}

function moreLine({ more, depth }: { more: Node[]; depth: number }, look: Look): string {
  const [first] = more;
  const together = more.reduce((ms, node) => ms + node.end - node.start, 0);
  const text = `${'  '.repeat(Math.min(depth, 12))}… ${more.length} more of the same, ${duration(together)} together`;
  return `${duration(first?.start ?? 0).padStart(8)}${' '.repeat(21 + barWidth(look.width))}${text}`;
}

const barWidth = (width: number): number => Math.min(40, Math.max(10, Math.floor((width - 27) * 0.3)));

/** █ for the time of its own, ░ for that of its children. */
function bar({ start, end, self }: Node, total: number, width: number): string {
  if (total <= 0) return ' '.repeat(width);
  const from = Math.min(width - 1, Math.floor((start / total) * width));
  const length = Math.max(1, Math.min(width - from, Math.round(((end - start) / total) * width)));
  const own = end > start ? Math.max(self > 0 ? 1 : 0, Math.round((self / (end - start)) * length)) : length;
  return `${' '.repeat(from)}${'█'.repeat(own)}${'░'.repeat(length - own)}`.padEnd(width);
}

/** Parents before children; of many leaves in a row that are the same, the first two and a number. */
function rowsOf(roots: readonly Node[], full: boolean): Row[] {
  const rows: Row[] = [];
  const stack: Row[] = [];
  const push = (nodes: readonly Node[], depth: number): void => {
    const next: Row[] = [];
    for (let at = 0; at < nodes.length; ) {
      let end = at + 1;
      const node = nodes[at] as Node;
      while (!full && end < nodes.length && same(node, nodes[end] as Node)) end += 1;
      const collapse = end - at >= alike;
      for (const one of nodes.slice(at, collapse ? at + 2 : end)) next.push({ node: one, depth });
      if (collapse) next.push({ more: nodes.slice(at + 2, end), depth });
      at = end;
    }
    stack.push(...next.reverse());
  };
  push(roots, 0);
  for (let row = stack.pop(); row; row = stack.pop()) {
    rows.push(row);
    if ('node' in row) push(row.node.children, row.depth + 1);
  }
  return rows;
}

function same(a: Node, b: Node): boolean {
  return (
    a.children.length + b.children.length === 0 &&
    a.layer === b.layer &&
    a.span.name === b.span.name &&
    a.span.status === b.span.status &&
    a.async === b.async &&
    statementOf(a.span) === statementOf(b.span)
  );
}

function legend(rows: readonly Row[]): string[] {
  const nodes = rows.flatMap((row) => ('node' in row ? [row.node] : row.more));
  const lines: string[] = [];
  if (nodes.some((node) => node.async)) lines.push('» began when its parent had ended');
  if (nodes.some((node) => node.orphan))
    lines.push("◦ its parent is not here: not sampled, not sent yet, or the caller's own");
  return lines.length > 0 ? ['', ...lines] : [];
}

function layerLines(tree: Tree, { paint }: Look): string[] {
  const layers = timeByLayer(tree);
  const width = Math.max(...layers.map(({ layer }) => plain(layer).length), 5);
  return [
    paint('dim', `${'layer'.padEnd(width)}      time   share`),
    ...layers.map(({ layer, ms, spans, repeated }) => {
      const times = spans > 0 ? `  ${spans} span${spans === 1 ? '' : 's'}` : '';
      const repeats = repeated ? `, ${repeated.times} of them the same` : '';
      return `${plain(layer).padEnd(width)}  ${duration(ms).padStart(8)}  ${share(ms, tree.total).padStart(6)}${times}${repeats}`;
    }),
  ];
}
