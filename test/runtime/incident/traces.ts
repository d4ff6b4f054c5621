import type { Attributes, Line, Span } from '../../../runtime/telemetry-store/records.ts';

/** When hand-made traces begin: 2026-01-01 00:00:00 UTC. */
export const began = 1_767_225_600_000_000_000n;
export const traceId = '0af7651916cd43dd8448eb211c80319c';

/** 1 is 0000000000000001 */
export const spanId = (n: number): string => n.toString(16).padStart(16, '0');

/** A span by its number, its parent's, and when it was, in milliseconds from the beginning. */
export function span(
  n: number,
  parent: number | undefined,
  name: string,
  [start, end]: readonly [number, number],
  attributes: Attributes = {},
  more: Partial<Span> = {},
): Span {
  return {
    traceId,
    spanId: spanId(n),
    parentSpanId: parent === undefined ? undefined : spanId(parent),
    name,
    kind: 1,
    service: 'server',
    scope: '',
    startNs: began + BigInt(Math.round(start * 1e6)),
    endNs: began + BigInt(Math.round(end * 1e6)),
    status: 0,
    statusMessage: '',
    attributes,
    links: [],
    events: [],
    ...more,
  };
}

export const sql = (text: string): Attributes => ({ 'db.system.name': 'postgresql', 'db.query.text': text });
export const server = { kind: 2 };
export const client = { kind: 3 };

export function line(at: number, attributes: Attributes, more: Partial<Line> = {}): Line {
  return {
    timeNs: began + BigInt(at * 1e6),
    service: 'server',
    severity: 'info',
    body: 'request',
    traceId,
    spanId: undefined,
    attributes,
    ...more,
  };
}

/** A request with a slow statement, and the webhook that followed: every layer once, and a link. */
export const wholeStory: Span[] = [
  span(
    1,
    undefined,
    'POST /graphql',
    [0, 2_010],
    { 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200 },
    server,
  ),
  span(2, 1, 'middleware - json', [1, 3], {}, { scope: '@opentelemetry/instrumentation-express' }),
  span(3, 1, 'mutation updateProject', [10, 2_000], { 'freehold.layer': 'graphql' }),
  span(4, 3, 'pg-pool.connect', [12, 20], { 'freehold.layer': 'pool' }, client),
  span(5, 3, 'pg.query', [20, 1_950], sql('update project\n  set name = $1\n  where id = $2'), client),
  span(6, 5, 'job deliver', [2_500, 3_000], { 'freehold.layer': 'job' }, { service: 'worker' }),
  span(
    7,
    6,
    'POST',
    [2_600, 2_950],
    { 'freehold.layer': 'delivery', 'http.request.method': 'POST', 'server.address': 'hooks.example' },
    {
      ...client,
      service: 'worker',
      status: 2,
      statusMessage: 'answered 500',
      links: [{ traceId: 'f'.repeat(32), spanId: spanId(9), attributes: {} }],
    },
  ),
];
