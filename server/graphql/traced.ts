import { SpanStatusCode } from '@opentelemetry/api';
import { execute, type GrafastExecutionArgs } from 'grafast';
import { Middleware } from 'graphile-config';
import { type DocumentNode, type ExecutionResult, getOperationAST } from 'postgraphile/graphql';
import { inSpan, inSpanSync, isTraced } from '../../runtime/telemetry/trace.ts';
import type { Call } from '../http/call.ts';
import type { DocumentSource, Documents, Prepared } from './documents.ts';

/** Planning has a span of its own: it is done once for a document, and may take longer than its statements. */
const planning = new Middleware<GraphileConfig.GrafastMiddleware>();
planning.register('establishOperationPlan', (next) => inSpanSync('graphql plan', { layer: 'graphql' }, next));

/** Parses and validates; in a span where the request is traced. */
export function prepareTraced(documents: Documents, source: DocumentSource): Prepared {
  if (!isTraced()) return documents.prepare(source);
  return inSpanSync('graphql prepare', { layer: 'graphql' }, () => documents.prepare(source));
}

/** Executes an operation; in a span where the request is traced, with that of its planning. */
export async function executeTraced(
  args: GrafastExecutionArgs & { document: DocumentNode },
  call: Call,
  show: (result: ExecutionResult) => ExecutionResult,
): Promise<ExecutionResult> {
  // Without middleware, grafast takes its direct paths.
  if (!isTraced()) return show((await execute({ ...args, middleware: null })) as ExecutionResult);
  const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'operation';
  const attributes = {
    'graphql.operation.type': kind,
    ...(call.operation && { 'graphql.operation.name': call.operation }),
  };
  return inSpan(`graphql ${kind}`, { layer: 'graphql', attributes }, async (span) => {
    const result = show((await execute({ ...args, middleware: planning })) as ExecutionResult);
    if (call.failed) span.setStatus({ code: SpanStatusCode.ERROR, message: call.errors?.join(', ') ?? '' });
    return result;
  });
}
