import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Line, Span } from './records.ts';
import { numberOf, textOf } from './records.ts';
import { openOrBegin } from './schema.ts';

/** Where spans and lines are kept: a file of SQLite, with one writer and any number of readers. */
export interface Store {
  /**
   * Writes what one request of OTLP brought, in one transaction. It is on its way to the disk when this returns: the end of this process
   * cannot take it back.
   * @param bytes the request as it came: the same again, from a sender that missed our answer, changes nothing
   * @throws when the file cannot be written
   */
  write(bytes: Buffer, records: { spans?: readonly Span[]; lines?: readonly Line[] }): void;
  /**
   * One small step of retention: removes the oldest batch when it came before `beforeMs`, or when all take more than `maxBytes`.
   * @returns whether there may be more to do
   */
  trim(beforeMs: number, maxBytes: number): boolean;
  /** Bytes that are in use. */
  size(): number;
  close(): void;
}

/**
 * @param file made when it is not there
 * @param warn told when a file had to be put aside
 */
export function openStore(file: string, warn: (line: string) => void, now = Date.now): Store {
  const database = openOrBegin(file, warn);
  const statements = prepare(database);
  const transaction = (work: () => void): void => {
    database.exec('begin immediate');
    try {
      work();
      database.exec('commit');
    } catch (error) {
      // A full disk has ended the transaction already.
      if (database.isTransaction) database.exec('rollback');
      throw error;
    }
  };
  const size = (): number => {
    const { bytes } = statements.size.get() as { bytes: number };
    return bytes;
  };

  return {
    write(bytes, { spans = [], lines = [] }) {
      if (spans.length + lines.length === 0) return;
      const digest = createHash('sha256').update(bytes).digest();
      transaction(() => {
        const batch = statements.batch.get(now(), digest) as { id: number } | undefined;
        if (!batch) return;
        for (const span of spans) writeSpan(statements, batch.id, span);
        for (const line of lines) writeLine(statements, batch.id, line);
      });
    },
    trim(beforeMs, maxBytes) {
      const oldest = statements.oldest.get() as { id: number; received_ms: number } | undefined;
      if (!oldest || (oldest.received_ms >= beforeMs && size() <= maxBytes)) return false;
      transaction(() => {
        for (const remove of statements.remove) remove.run(oldest.id);
      });
      // Gives the pages back to the file system, as many as a step may cost.
      database.exec('pragma incremental_vacuum(2000)');
      return true;
    },
    size,
    close: () => database.close(),
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    batch: database.prepare(
      'insert into batch (received_ms, digest) values (?, ?) on conflict do nothing returning id',
    ),
    span: database.prepare(
      `insert into span (batch, trace_id, span_id, parent_span_id, name, kind, service, scope, start_ns, end_ns, status, status_message, attributes, links, events)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    ),
    link: database.prepare('insert into span_link (batch, linked_trace_id, trace_id) values (?, ?, ?)'),
    line: database.prepare(
      `insert into line (batch, time_ns, service, severity, body, trace_id, span_id, event, request_id, tenant_id, duration_ms, attributes)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    oldest: database.prepare('select id, received_ms from batch order by id limit 1'),
    remove: [
      'delete from span where batch = ?',
      'delete from span_link where batch = ?',
      'delete from line where batch = ?',
      'delete from batch where id = ?',
    ].map((sql) => database.prepare(sql)),
    size: database.prepare(
      `select (page_count - freelist_count) * page_size as bytes
       from pragma_page_count, pragma_freelist_count, pragma_page_size`,
    ),
  };
}

function writeSpan(statements: Statements, batch: number, span: Span): void {
  const { changes } = statements.span.run(
    batch,
    span.traceId,
    span.spanId,
    span.parentSpanId ?? null,
    span.name,
    span.kind,
    span.service,
    span.scope,
    span.startNs,
    span.endNs,
    span.status,
    span.statusMessage,
    JSON.stringify(span.attributes),
    JSON.stringify(span.links),
    JSON.stringify(span.events),
  );
  if (changes === 0) return;
  for (const linked of new Set(span.links.map((link) => link.traceId))) {
    if (linked !== span.traceId) statements.link.run(batch, linked, span.traceId);
  }
}

function writeLine(statements: Statements, batch: number, line: Line): void {
  const { attributes } = line;
  const event = textOf(attributes, 'event');
  statements.line.run(
    batch,
    line.timeNs,
    line.service,
    line.severity,
    line.body,
    line.traceId ?? null,
    line.spanId ?? null,
    event === 'request' || event === 'job' ? event : null,
    textOf(attributes, 'request_id') ?? null,
    textOf(attributes, 'tenant_id') ?? null,
    numberOf(attributes, 'duration_ms') ?? null,
    JSON.stringify(attributes),
  );
}
