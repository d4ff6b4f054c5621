import type { RequestHandler } from 'express';
import type { Logger } from '../../runtime/log.ts';

/** One line for each request, when it is over, with all that a search would look for. Probes are left out. */
export function logRequests(logger: Logger): RequestHandler {
  // The line holds no secret, and looking for them takes a third of its time.
  const log = logger.child({}, { redact: [] });
  return (request, response, next) => {
    response.once('close', () => {
      const { call } = request;
      const gone = !response.writableFinished;
      const status = gone ? 499 : response.statusCode;
      const line = {
        requestId: call.requestId,
        method: request.method,
        // Without the query string: it may hold what is not for logs.
        path: request.originalUrl.split('?', 1)[0],
        status,
        ms: Math.round((performance.now() - call.startedAt) * 10) / 10,
        ...(call.context && {
          tenant: call.context.tenantId,
          actorType: call.context.actorType,
          actor: call.context.actorId,
        }),
        ...(call.operation && { operation: call.operation }),
        ...(call.errors && { errors: call.errors }),
        ...(call.traceparent && { traceparent: call.traceparent }),
      };
      if (status >= 500) log.error(line, 'request');
      else log.info(line, 'request');
    });
    next();
  };
}
