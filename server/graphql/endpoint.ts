import type { Request, RequestHandler, Response } from 'express';
import { stringifyPayload } from 'grafast';
import type { Pool } from 'pg';
import {
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'postgraphile/graphql';
import type { PublicError } from '../errors/public-error.ts';
import { answerGraphqlError, maskedError } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { withCaller } from './adaptor.ts';
import { sendCached } from './caching.ts';
import type { Documents } from './documents.ts';
import { type ExecutionOptions, showErrors, tooExpensive } from './execution.ts';
import {
  answerType,
  type GraphqlRequest,
  headerProblem,
  parseAddress,
  parseBody,
  plainJson,
} from './protocol.ts';
import { executeTraced, prepareTraced } from './traced.ts';

export interface EndpointOptions extends ExecutionOptions {
  schema: GraphQLSchema;
  preset: GraphileConfig.ResolvedPreset;
  documents: Documents;
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
  const { log } = options;
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
      request.resume();
      refuse(request, response, problem);
      return;
    }
    const answer = (parsed: GraphqlRequest | PublicError): void => {
      if ('status' in parsed) {
        refuse(request, response, parsed);
        return;
      }
      run(parsed, request, options)
        .then((result) => {
          if ('status' in result) refuse(request, response, result);
          else send(request, response, type, result);
        })
        .catch((error: unknown) => {
          log.error({ err: error }, 'an operation could not be run');
          if (!response.headersSent)
            answerGraphqlError(request, response, maskedError(request.call.requestId));
        });
    };
    if (request.method === 'GET') answer(parseAddress(request.originalUrl));
    else readBody(request, maximumBody, (tooLarge, text) => answer(tooLarge ?? parseBody(text)));
  };
}

/** What a GET may not do: it is safe, and browsers send it for anybody (RFC 9110, section 9.2.1). */
const queriesAlone: PublicError = {
  code: 'method_not_allowed',
  status: 405,
  message: 'With GET, queries are run alone.',
  remedy: 'Send it with POST.',
};

function refuse(request: Request, response: Response, error: PublicError): void {
  if (error.status === 405) response.setHeader('allow', error === queriesAlone ? 'POST' : 'GET, POST');
  answerGraphqlError(request, response, error);
}

async function run(
  { source, operationName, variables }: GraphqlRequest,
  { call, method }: Request,
  options: EndpointOptions,
): Promise<ExecutionResult | PublicError> {
  const { schema, preset, pool, documents } = options;
  if (!call.caller) throw new Error('an operation was to be run without a caller');
  const prepared = prepareTraced(documents, source);
  if ('errors' in prepared) {
    call.errors = codesOf(prepared.errors);
    return prepared;
  }
  const { document } = prepared;
  // A name that the document does not have is refused below, and is no operation's.
  const operation = getOperationAST(document, operationName);
  const selected = operation?.name?.value;
  call.operation = selected?.slice(0, longestName);
  if (method === 'GET' && operation && operation.operation !== 'query') return queriesAlone;
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
  if (request.method === 'GET') {
    sendCached(request, response, text, !failed && !result.errors);
    return;
  }
  response.setHeader('content-length', Buffer.byteLength(text));
  // As text, so that headers and body leave in one write.
  response.end(text);
}
