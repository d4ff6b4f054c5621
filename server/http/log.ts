import type { Request, RequestHandler } from 'express';
import type { Logger } from '../../runtime/log.ts';
import { countRequest } from '../../runtime/telemetry/instruments.ts';
import { canonicalLine, type Deployed } from '../../runtime/telemetry/line.ts';
import { outcomeOf } from './describe.ts';

/**
 * One canonical line for each request when it is over, and its metrics: all that a search would look for, under the same names in each (docs/observability.md).
 * Those that were aborted have one too; probes have none.
 */
export function logRequests(logger: Logger, deployed: Deployed): RequestHandler {
  // The line holds no secret, and looking for them takes a third of its time.
  const log = logger.child({}, { redact: [] });
  return (request, response, next) => {
    response.once('close', () => {
      const { call } = request;
      const { who, work } = call;
      const aborted = !response.writableFinished && !call.streams;
      const status = aborted ? 499 : response.statusCode;
      const route = routeOf(request);
      const took = performance.now() - call.startedAt;
      const outcome = outcomeOf(status, call);
      // How long a stream is open is no answer's duration (freehold_event_streams_ended).
      if (!call.streams) {
        countRequest({
          method: request.method,
          route,
          status,
          operation: call.operation,
          outcome,
          codes: call.errors ?? [],
          seconds: took / 1_000,
          queries: work.queries,
        });
      }
      const line = canonicalLine(
        {
          // How long it is open says nothing of how quick answers are: a search for slow requests is not to find it.
          event: call.streams ? 'stream' : 'request',
          requestId: call.requestId,
          traceparent: call.traceparent,
          tenantId: who?.tenantId ?? null,
          userId: who?.actorId ?? null,
          actorType: who?.actorType ?? null,
          operation: call.operation ?? null,
          method: request.method,
          route: route || null,
          statusCode: status,
          milliseconds: took,
          errorCode: call.errors?.[0] ?? null,
          aborted,
        },
        work,
        deployed,
      );
      if (outcome === 'server_error') log.error(line, line.event);
      else log.info(line, line.event);
    });
    next();
  };
}

/** The pattern and not the path, which holds ids: /reports/:id/content. '' where nothing is. */
function routeOf({ call, baseUrl, route }: Request): string {
  if (call.route) return call.route;
  return route ? `${baseUrl}${(route as { path: string }).path}` : '';
}
