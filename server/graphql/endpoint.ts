import type { Request, RequestHandler, Response } from 'express';
import { stringifyPayload } from 'grafast';
import type { Pool } from 'pg';
import {
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'postgraphile/graphql';
import { answerGraphqlError, maskedError } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { withCaller } from './adaptor.ts';
import { Documents } from './documents.ts';
import { type ExecutionOptions, showErrors, tooExpensive } from './execution.ts';
import { answerType, type GraphqlRequest, headerProblem, parseRequest, plainJson } from './protocol.ts';
import { validationRules } from './rules.ts';
import { executeTraced, prepareTraced } from './traced.ts';

export interface EndpointOptions extends ExecutionOptions {
  schema: GraphQLSchema;
  preset: GraphileConfig.ResolvedPreset;
  /** Login freehold_app. */
  pool: Pool;
}

/** Bytes of a request body at most. */
const maximumBody = 100_000;

/** Of an operation, in log, metrics and traces: its name is the client's, and has no end of its own. */
const longestName = 100;

/**
 * GraphQL over HTTP, for requests that have a caller (server/auth/guard.ts).
 *
 * grafserv would do it too, and takes 90 to 100 µs of CPU more for a request (by id, of 370): a dozen
 * promises, copies of the headers, and a body that is written as header and buffer apart. It still serves
 * Ruru.
 */
export function graphqlEndpoint(options: EndpointOptions): RequestHandler {
  const { schema, log } = options;
  const documents = new Documents(schema, validationRules(options.suggests));
  return (request, response) => {
    const type = answerType(request.headers.accept);
    if (!type) {
      answerGraphqlError(request, response, {
        code: 'not_acceptable',
        status: 406,
        message: 'The answer is application/graphql-response+json or application/json.',
      });
      return;
    }
    const problem = headerProblem(request.method, request.headers);
    if (problem) {
      if (problem.status === 405) response.setHeader('allow', 'POST');
      request.resume();
      answerGraphqlError(request, response, problem);
      return;
    }
    readBody(request, maximumBody, (tooLarge, text) => {
      const parsed = tooLarge ?? parseRequest(text);
      if ('status' in parsed) {
        answerGraphqlError(request, response, parsed);
        return;
      }
      run(parsed, request, documents, options)
        .then((result) => send(request, response, type, result))
        .catch((error: unknown) => {
          log.error({ err: error }, 'an operation could not be run');
          if (!response.headersSent)
            answerGraphqlError(request, response, maskedError(request.call.requestId));
        });
    });
  };
}

async function run(
  { query, operationName, variables }: GraphqlRequest,
  { call }: Request,
  documents: Documents,
  options: EndpointOptions,
): Promise<ExecutionResult> {
  const { schema, preset, pool } = options;
  if (!call.caller) throw new Error('an operation was to be run without a caller');
  const prepared = prepareTraced(documents, query);
  if ('errors' in prepared) {
    call.errors = codesOf(prepared.errors);
    return prepared;
  }
  const { document } = prepared;
  // A name that the document does not have is refused below, and is no operation's.
  const selected = getOperationAST(document, operationName)?.name?.value;
  call.operation = selected?.slice(0, longestName);
  const refused = tooExpensive(schema, document, operationName ?? selected, variables);
  if (refused?.errors) {
    call.errors = codesOf(refused.errors);
    return refused;
  }
  return executeTraced(
    {
      schema,
      document,
      operationName,
      variableValues: variables,
      rootValue: null,
      contextValue: { pgSettings: null, withPgClient: withCaller(pool, call.caller) },
      resolvedPreset: preset,
      outputDataAsString: true,
    },
    call,
    (result) => showErrors(result, call, options),
  );
}

const codesOf = (errors: readonly GraphQLError[]): string[] =>
  errors.map((error) => String(error.extensions.code));

function send(request: Request, response: Response, type: string, result: ExecutionResult): void {
  // Nobody is there to read it.
  if (response.destroyed) return;
  const text = stringifyPayload(result as never, true);
  // A request that did not run is the client's mistake; application/json has always answered 200 to those
  // too.
  const failed = result.data === undefined && type !== plainJson;
  response.statusCode = request.call.status ?? (failed ? 400 : 200);
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('content-length', Buffer.byteLength(text));
  // As text, so that headers and body leave in one write.
  response.end(text);
}
