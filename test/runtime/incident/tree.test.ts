import { describe, expect, it } from 'vitest';
import { layerOf } from '../../../runtime/incident/layers.ts';
import type { Tree } from '../../../runtime/incident/tree.ts';
import { buildTree } from '../../../runtime/incident/tree.ts';
import { timeByLayer, verdict } from '../../../runtime/incident/verdict.ts';
import { client, server, span, spanId, sql, wholeStory } from './traces.ts';

const http = { 'http.request.method': 'POST' };
const selfOf = (tree: Tree) => Object.fromEntries(tree.nodes.map((node) => [node.span.name, node.self]));
const addedOf = (tree: Tree) => Object.fromEntries(tree.nodes.map((node) => [node.span.name, node.added]));
const layersOf = (tree: Tree) => timeByLayer(tree).map(({ layer, ms }) => [layer, ms]);

describe('the self time of a span', () => {
  it('is its duration without the union of its children', () => {
    const tree = buildTree([
      span(1, undefined, 'root', [0, 100]),
      span(2, 1, 'a', [10, 40]),
      span(3, 1, 'overlaps a', [30, 60]),
      span(4, 1, 'within a', [15, 20]),
      span(5, 1, 'goes on after', [90, 130]),
      span(6, 2, 'grandchild', [10, 25]),
    ]);
    expect(selfOf(tree)).toEqual({
      // 0 to 10 and 60 to 90
      root: 40,
      a: 15,
      'overlaps a': 30,
      'within a': 5,
      'goes on after': 40,
      grandchild: 15,
    });
  });

  it('does not count what began when it had ended', () => {
    const tree = buildTree([
      span(1, undefined, 'request', [0, 50]),
      span(2, 1, 'delivery', [50, 80]),
      span(3, 1, 'retry', [200, 210]),
    ]);
    expect(selfOf(tree)).toEqual({ request: 50, delivery: 30, retry: 10 });
    expect(tree.nodes.map(({ async }) => async)).toEqual([false, true, true]);
    expect(tree.waits.map(({ until, ms }) => [until.span.name, ms])).toEqual([['retry', 120]]);
    expect(tree.unknown).toBe(0);
  });

  it('is divided among those that work at one time, so that all of it is the time from first to last', () => {
    const tree = buildTree([
      span(1, undefined, 'root', [0, 100]),
      span(2, 1, 'a', [0, 60]),
      span(3, 1, 'b', [20, 60]),
      span(4, undefined, 'other', [150, 160]),
    ]);
    expect(addedOf(tree)).toEqual({ root: 40, a: 40, b: 20, other: 10 });
    expect(tree.unknown).toBe(50);
    expect(tree.total).toBe(160);
    expect(timeByLayer(tree).reduce((sum, { ms }) => sum + ms, 0)).toBe(160);
  });
});

describe('a trace', () => {
  it('has spans whose parent is not here as roots', () => {
    const tree = buildTree([span(1, 99, 'server', [5, 10]), span(2, 1, 'child', [6, 7])]);
    expect(tree.roots.map((node) => [node.span.name, node.orphan])).toEqual([['server', true]]);
    expect(tree.nodes.map(({ orphan }) => orphan)).toEqual([true, false]);
  });

  it('whose parents go in a circle is cut, and shown whole', () => {
    const tree = buildTree([
      span(1, 3, 'a', [10, 20]),
      span(2, 1, 'b', [5, 8]),
      span(3, 2, 'c', [5, 9]),
      span(4, 4, 'itself', [0, 1]),
      span(5, 1, 'leaf', [11, 12]),
    ]);
    expect(tree.roots.map((node) => node.span.name)).toEqual(['itself', 'c']);
    expect(tree.nodes.map((node) => node.span.name)).toEqual(['itself', 'c', 'a', 'b', 'leaf']);
  });

  it('of thousands of spans, each the child of the one before, is no matter of the stack', () => {
    const spans = Array.from({ length: 20_000 }, (_, n) =>
      span(n + 1, n === 0 ? undefined : n, 's', [n, 50_000]),
    );
    expect(buildTree(spans).nodes.length).toBe(20_000);
  });

  it('of nothing is empty', () => {
    const tree = buildTree([]);
    expect([tree.nodes, tree.total, verdict(tree)]).toEqual([[], 0, 'nothing in it took any time.']);
  });
});

describe('a layer', () => {
  const cases: [string, Parameters<typeof span>[4], Partial<ReturnType<typeof span>>, string | undefined][] =
    [
      ['http', http, server, undefined],
      ['sql', { ...sql('select 1') }, client, undefined],
      ['sql', { 'db.system': 'postgresql' }, client, undefined],
      ['pool wait', { 'db.system.name': 'postgresql' }, { ...client, name: 'pg-pool.connect' }, undefined],
      ['pool wait', { 'freehold.layer': 'pool' }, {}, undefined],
      ['queue wait', { 'freehold.layer': 'queue' }, {}, undefined],
      ['graphql', { 'freehold.layer': 'graphql' }, {}, undefined],
      ['job', { 'freehold.layer': 'job' }, {}, undefined],
      ['delivery', { 'freehold.layer': 'delivery' }, {}, undefined],
      ['identity provider', { 'freehold.layer': 'identity_provider' }, {}, undefined],
      ['middleware', {}, { scope: '@opentelemetry/instrumentation-express' }, 'http'],
      ['webhook receiver', { ...http, 'freehold.layer': 'delivery' }, client, undefined],
      ['webhook receiver', http, client, 'delivery'],
      ['identity provider', { ...http, 'freehold.layer': 'identity_provider' }, client, undefined],
      ['http to api.example', { ...http, 'server.address': 'api.example' }, client, 'job'],
      ['code', {}, {}, 'http'],
    ];
  for (const [layer, attributes, more, above] of cases) {
    it(`is ${layer} for ${JSON.stringify({ ...attributes, ...more })} below ${above}`, () => {
      expect(layerOf(span(1, undefined, 's', [0, 1], attributes, more), above)).toBe(layer);
    });
  }
});

describe('the verdict', () => {
  it('names the layer and the span, of what the caller waited for and of what came after', () => {
    const tree = buildTree(wholeStory);
    expect(layersOf(tree)).toEqual([
      ['sql', 1_930],
      ['queue wait', 490],
      ['webhook receiver', 350],
      ['job', 150],
      ['graphql', 52],
      ['http', 18],
      ['pool wait', 8],
      ['middleware', 2],
    ]);
    expect(verdict(tree)).toBe(
      `sql: 1.93 s of 2.01 s (96 %) in \`update project set name = $1 where id = $2\` (span ${spanId(5)}); after it, queue wait: 490 ms of 990 ms (49 %) until \`job deliver\` (span ${spanId(6)}) began.`,
    );
  });

  it('does not count the wait for the worker among what the caller waited for', () => {
    const tree = buildTree([
      span(1, undefined, 'POST /graphql', [0, 100], http, server),
      span(2, 1, 'q', [0, 90], sql("select 1 /*traceparent='00-0af7'*/")),
      span(3, 1, 'wait for the worker', [90, 150], { 'freehold.layer': 'queue' }),
      span(4, 1, 'job deliver', [150, 160], { 'freehold.layer': 'job' }),
    ]);
    expect(verdict(tree)).toBe(
      `sql: 90 ms of 100 ms (90 %) in \`select 1\` (span ${spanId(2)}); after it, queue wait: 60 ms of 70 ms (86 %) in \`wait for the worker\` (span ${spanId(3)}).`,
    );
  });

  it('recognises a statement that stands in a loop', () => {
    const statements = Array.from({ length: 143 }, (_, n) =>
      span(
        n + 2,
        1,
        'pg.query',
        [n * 10, n * 10 + 8],
        sql(n < 141 ? 'select *\n from task where id = $1' : `select ${n}`),
      ),
    );
    expect(verdict(buildTree([span(1, undefined, 'GET /x', [0, 1_430], http, server), ...statements]))).toBe(
      'sql: 1.14 s of 1.43 s (80 %): 143 statements, 141 of them the same, 1.13 s together: `select * from task where id = $1`.',
    );
  });

  it('says how much of it one span was, when there are others', () => {
    const tree = buildTree([
      span(1, undefined, 'GET /x', [0, 100], http, server),
      span(2, 1, 'q', [0, 30], sql('select 1')),
      span(3, 1, 'q', [30, 80], sql('select 2')),
    ]);
    expect(verdict(tree)).toBe(
      `sql: 80 ms of 100 ms (80 %), 50 ms of it in \`select 2\` (span ${spanId(3)}).`,
    );
  });

  it('admits what nobody recorded', () => {
    const tree = buildTree([span(1, 7, 'a', [0, 10]), span(2, 8, 'b', [90, 100])]);
    expect(verdict(tree)).toBe('not recorded: 80 ms of 100 ms (80 %), covered by no span.');
  });
});
