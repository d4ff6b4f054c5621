import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'postgraphile/graphql';
import type { Logger } from '../../runtime/log.ts';
import { publicError } from '../errors/public-error.ts';
import type { Vocabulary } from '../errors/vocabulary.ts';
import { maskedError } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { type CostFunction, costOf, maximumCost } from './cost.ts';
import { rewrite } from './rewrite.ts';
import { withoutSuggestion } from './rules.ts';

export interface ExecutionOptions {
  vocabulary: Vocabulary;
  log: Logger;
  /** Whether the schema is told: by introspection, and by errors that suggest its names. */
  suggests: boolean;
}

const costs = new WeakMap<DocumentNode, ReadonlyMap<string, CostFunction>>();

/** The answer to an operation that is too expensive; undefined when it may run. */
export function tooExpensive(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): ExecutionResult | undefined {
  let byName = costs.get(document);
  if (!byName) {
    byName = costOf(schema, document);
    costs.set(document, byName);
  }
  const cost = byName.get(operationName ?? getOperationAST(document)?.name?.value ?? '')?.(variables) ?? 0;
  if (cost <= maximumCost) return undefined;
  const error = new GraphQLError(
    `The operation may return ${cost} objects; at most ${maximumCost} are allowed.`,
    {
      extensions: { code: 'too_large', remedy: 'Ask for smaller pages, or for less on each.' },
    },
  );
  return { errors: [error] };
}

/** Replaces the errors of an answer by what the client may see, and logs what it may not. */
export function showErrors(result: ExecutionResult, call: Call, options: ExecutionOptions): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error) => shownError(error, call, options));
  call.errors = errors.map((error) => String(error.extensions.code));
  return { ...result, errors };
}

function shownError(error: GraphQLError, call: Call, options: ExecutionOptions): GraphQLError {
  const { vocabulary, log, suggests } = options;
  const cause = rootCause(error);
  // The request itself is wrong: a variable that is missing or of another type.
  if (cause === undefined && error.path === undefined) {
    const shown = suggests ? error : withoutSuggestion(error);
    return rewrite(error, shown.message, { code: 'invalid_input', ...error.extensions });
  }
  let known = publicError(cause, vocabulary);
  if (!known) {
    known = maskedError(call.requestId);
    log.error({ err: cause ?? error, path: error.path?.join('.') }, 'an unknown error was masked');
  }
  const { message, status, ...extensions } = known;
  if (status === 401) call.status = 401;
  if (status >= 500) call.failed = true;
  return rewrite(error, message, status >= 500 ? { ...extensions, requestId: call.requestId } : extensions);
}

/** What was thrown, under the GraphQLErrors that executors wrap it in. */
function rootCause(error: GraphQLError): Error | undefined {
  let cause: Error | undefined = error.originalError;
  while (cause instanceof GraphQLError) cause = cause.originalError;
  return cause ?? undefined;
}

/** Errors of a document that did not get as far as execution: syntax and validation. */
export function documentErrors(errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.map((error) =>
    rewrite(error, error.message, { code: 'invalid_document', ...error.extensions }),
  );
}
