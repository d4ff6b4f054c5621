import { expect, it } from 'vitest';
import type { Source } from '../../../runtime/incident/source.ts';
import { readTrace, traceText } from '../../../runtime/incident/trace-report.ts';
import { verdict } from '../../../runtime/incident/verdict.ts';
import type { Look } from '../../../runtime/incident/waterfall.ts';
import type { Span } from '../../../runtime/telemetry-store/records.ts';
import { client, span, spanId, traceId } from './traces.ts';

const plain: Look = { width: 120, full: false, paint: (_, text) => text };
const [one, other] = ['1'.repeat(32), '2'.repeat(32)];

function sourceOf(spans: readonly Span[]): Source {
  return {
    spans: {
      trace: async (id) => spans.filter((its) => its.traceId === id),
      linkingTo: async () => undefined,
    },
    lines: { ofTrace: async () => [], ofRequest: async () => [], async *calls() {} },
    absence: '',
    close() {},
  };
}

const linkTo = (id: string, n: number) => ({
  links: [{ traceId: id, spanId: spanId(n), attributes: {} }],
});
const request = (n: number, id: string) =>
  span(n, undefined, 'POST /graphql', [0, 5], {}, { kind: 2, traceId: id });
const post = (n: number, id: string, parent: number, [start, end]: [number, number]) =>
  span(
    n,
    parent,
    'POST webhook',
    [start, end],
    { 'freehold.layer': 'delivery' },
    {
      ...client,
      traceId: id,
      ...linkTo(traceId, 1),
    },
  );
/** A job that answers two requests, and posts in the traces of both; beneath one post is a span that links to nothing. */
const job = [
  span(
    1,
    undefined,
    'job deliver',
    [10, 3_020],
    { 'freehold.layer': 'job' },
    {
      links: [...linkTo(one, 20).links, ...linkTo(other, 30).links],
    },
  ),
  span(2, 1, 'pg.query:finish_deliveries', [3_010, 3_020], { 'db.system.name': 'postgresql' }, client),
];
const theirs = [
  request(20, one),
  post(21, one, 20, [15, 215]),
  span(22, 21, 'tls', [16, 100], {}, { traceId: one }),
  request(30, other),
  post(31, other, 30, [15, 3_005]),
];

it('a job shows what it did in the traces that it answers', async () => {
  const source = sourceOf([...job, ...theirs]);
  const report = await readTrace(source, traceId);
  expect(report.tree.nodes.map(({ span: { name, spanId: id } }) => [name, Number.parseInt(id, 16)])).toEqual([
    ['job deliver', 1],
    ['POST webhook', 31],
    ['POST webhook', 21],
    ['tls', 22],
    ['pg.query:finish_deliveries', 2],
  ]);
  expect(verdict(report.tree)).toContain('in `POST webhook` (span 000000000000001f)');
  const text = traceText(report, '', plain).join('\n');
  expect(text).toContain(`of trace ${one}`);
  expect(text).toContain(`of trace ${other}`);
  expect(text).toContain(`linked to trace ${other}`);
});

it('a request does not show what a job did for others', async () => {
  const report = await readTrace(sourceOf([...job, ...theirs]), one);
  expect(report.tree.nodes.map(({ span: { name } }) => name)).toEqual([
    'POST /graphql',
    'POST webhook',
    'tls',
  ]);
});
