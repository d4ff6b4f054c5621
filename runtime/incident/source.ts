import type { Line, Span } from '../telemetry-store/records.ts';

/** Which requests and jobs: all of them, or those of one tenant, that ended at or after a time. */
export interface CallQuery {
  tenantId: string | undefined;
  sinceNs: bigint;
}

/** Where spans are kept. */
export interface SpanSource {
  trace(traceId: string): Promise<Span[]>;
  /** Other traces with spans that link to this one; undefined where that cannot be asked. */
  linkingTo(traceId: string): Promise<string[] | undefined>;
}

/** Where log lines are kept. */
export interface LineSource {
  ofTrace(traceId: string): Promise<Line[]>;
  ofRequest(requestId: string): Promise<Line[]>;
  /** Canonical lines, the newest first. There may be very many. */
  calls(query: CallQuery): AsyncIterable<Line>;
}

/** What an incident is read from. */
export interface Source {
  spans: SpanSource;
  lines: LineSource;
  /** Why something may not be in it although it happened. */
  absence: string;
  close(): void;
}
