import { idsOf } from './trace.ts';
import { businessOf, databaseMsOf, type Work } from './work.ts';

/** What is deployed, in each line. */
export interface Deployed {
  version: string;
  env: string;
}

/** What a request or a job was. Null where it does not apply. */
export interface Ended {
  event: 'request' | 'stream' | 'job';
  requestId: string | null;
  /** W3C trace context; '' for none. */
  traceparent: string;
  tenantId: string | null;
  userId: string | null;
  actorType: string | null;
  operation: string | null;
  method: string | null;
  route: string | null;
  statusCode: number | null;
  milliseconds: number;
  errorCode: string | null;
  aborted: boolean;
}

/** The keys of the canonical line, the same for requests and jobs (docs/observability.md). */
export function canonicalLine(ended: Ended, work: Work, { version, env }: Deployed) {
  return {
    event: ended.event,
    request_id: ended.requestId,
    ...idsOf(ended.traceparent),
    tenant_id: ended.tenantId,
    user_id: ended.userId,
    actor_type: ended.actorType,
    operation: ended.operation,
    method: ended.method,
    route: ended.route,
    status_code: ended.statusCode,
    duration_ms: rounded(ended.milliseconds),
    db_ms: rounded(databaseMsOf(work)),
    db_queries: work.queries,
    error_code: ended.errorCode,
    aborted: ended.aborted,
    version,
    env,
    ...businessOf(work),
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
