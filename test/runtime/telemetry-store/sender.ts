import { logs, SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

/*
 * A process that is instrumented as ours are: the SDK with its own exporters, configured by the environment. Makes as many traces as its argument
 * says, each a request with one statement and its canonical line, sends them, and prints their ids.
 */
const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();
const tracer = trace.getTracer('test-sender', '1.0.0');
const logger = logs.getLogger('test-sender');
for (let n = 0; n < Number(process.argv[2]); n += 1) {
  tracer.startActiveSpan(
    'POST /graphql',
    { kind: SpanKind.SERVER, attributes: { 'http.route': '/graphql' } },
    (span) => {
      tracer.startSpan('pg.query', { attributes: { 'db.system.name': 'postgresql' } }).end();
      const { traceId } = span.spanContext();
      logger.emit({
        body: 'request',
        severityText: 'info',
        attributes: {
          event: 'request',
          request_id: `request-${traceId}`,
          duration_ms: 12.5,
          list: [1, 'two'],
          nested: { a: { b: true } },
        },
      });
      span.end();
      console.log(traceId);
    },
  );
}
await sdk.shutdown();
