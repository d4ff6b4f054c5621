import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Caller } from './database/context.ts';
import { runStatement } from './database/run.ts';

const chunkSql = 'select position, content, format from app.report_content($1, $2)';

interface Chunk {
  content: string;
  format: string;
}

const ndjson = { type: 'application/x-ndjson; charset=utf-8', ending: 'ndjson' };
const csv = { type: 'text/csv; charset=utf-8; header=present', ending: 'csv' };

/**
 * GET /reports/:id/content: an exported report as newline-delimited JSON, or CSV (RFC 4180). The database decides who may (report:read) and records the
 * download; chunks come ten at a time, so that a large report is never whole in memory.
 */
export function downloadReport(pool: Pool): RequestHandler<{ id: string }> {
  return async (request: Request<{ id: string }>, response, next) => {
    const caller = request.call.caller as Caller;
    try {
      const chunks = readChunks(pool, caller, request.params.id);
      // The first chunk tells whether there is such a report: until then the answer can still be a problem.
      const first = await chunks.next();
      const { type, ending } = first.value?.format === 'csv' ? csv : ndjson;
      response.setHeader('content-type', type);
      response.setHeader(
        'content-disposition',
        `attachment; filename="report-${request.params.id}.${ending}"`,
      );
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('cache-control', 'no-store');
      const all = async function* () {
        if (!first.done) yield first.value.content;
        for await (const { content } of chunks) yield content;
      };
      await pipeline(Readable.from(all()), response);
    } catch (error) {
      if (!caller.signal?.aborted) next(error);
    }
  };
}

async function* readChunks(pool: Pool, caller: Caller, id: string): AsyncGenerator<Chunk, void> {
  for (let position = -1; ; ) {
    const { rows } = await runStatement(pool, caller, chunkSql, [id, String(position)], false);
    for (const [at, content, format] of rows) {
      position = Number(at);
      yield { content: String(content), format: String(format) };
    }
    if (rows.length === 0) return;
  }
}
