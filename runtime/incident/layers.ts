import type { Span } from '../telemetry-store/records.ts';
import { textOf } from '../telemetry-store/records.ts';

/** What our own code calls the layers that no instrumentation knows (attribute `freehold.layer`), as they are shown. */
const named: Record<string, string> = {
  pool: 'pool wait',
  queue: 'queue wait',
  identity_provider: 'identity provider',
};

const [server, client, consumer] = [2, 3, 5];

/**
 * The part of the system that a span's own time was spent in.
 * @param above the layer of its parent: an instrumented client knows the address that it asked, and its caller knows for whom
 */
export function layerOf({ attributes, kind, scope, name }: Span, above: string | undefined): string {
  const own = textOf(attributes, 'freehold.layer');
  const http = textOf(attributes, 'http.request.method', 'http.method') !== undefined;
  if (kind === client && http) {
    const caller = own ?? above;
    if (caller === 'delivery') return 'webhook receiver';
    if (caller === 'identity_provider' || caller === named.identity_provider) return 'identity provider';
    if (own === undefined) return `http to ${textOf(attributes, 'server.address', 'net.peer.name') ?? '?'}`;
  }
  if (own !== undefined) return named[own] ?? own;
  // The span of pg's pool that waits for a connection carries the attributes of the database as well.
  if (name === 'pg-pool.connect') return 'pool wait';
  if (textOf(attributes, 'db.system.name', 'db.system') !== undefined) return 'sql';
  if (scope === '@opentelemetry/instrumentation-express') return 'middleware';
  if (http || kind === server) return 'http';
  if (kind === consumer) return 'job';
  return 'code';
}

/** One line of what a statement says. */
export function statementOf({ attributes }: Span): string | undefined {
  // A comment names the trace: with it, no statement would be the same as another.
  const text = textOf(attributes, 'db.query.text', 'db.statement')?.replace(/\/\*[\s\S]*?\*\//g, ' ');
  return text?.replace(/\s+/g, ' ').trim();
}

/** What of its attributes tells most about a span, the shortest first. The tenant where its parent does not tell it already: every span of ours does. */
export function tellingOf(span: Span, parent: Span | undefined): string[] {
  const { attributes, events } = span;
  const telling: string[] = [];
  const add = (label: string, value: string | undefined) => {
    if (value !== undefined) telling.push(label === '' ? value : `${label} ${value}`);
  };
  add('', textOf(attributes, 'http.route'));
  add('status', textOf(attributes, 'http.response.status_code', 'http.status_code'));
  add(
    'to',
    span.kind === client && statementOf(span) === undefined
      ? textOf(attributes, 'server.address')
      : undefined,
  );
  add('operation', textOf(attributes, 'graphql.operation.name'));
  const tenant = textOf(attributes, 'freehold.tenant_id');
  if (parent === undefined || tenant !== textOf(parent.attributes, 'freehold.tenant_id'))
    add('tenant', tenant);
  add('attempt', textOf(attributes, 'freehold.attempt'));
  add('', textOf(attributes, 'freehold.error_code'));
  if (span.status === 2) add('ERROR', span.statusMessage || textOf(attributes, 'error.type') || '');
  for (const event of events) {
    if (event.name !== 'exception') continue;
    const message = textOf(event.attributes, 'exception.message', 'exception.type');
    if (message !== span.statusMessage) add('exception', message);
  }
  add('', statementOf(span));
  return telling;
}
