import type { Request, RequestHandler, Response } from 'express';
import { stringifyPayload } from 'grafast';
import type { Pool } from 'pg';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'postgraphile/graphql';
import { type PublicError, publicError } from '../errors/public-error.ts';
import { answerGraphqlError, maskedError } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { StreamEndedError, type Streams } from '../streams/streams.ts';
import { withCaller } from './adaptor.ts';
import { sendCached } from './caching.ts';
import type { Documents } from './documents.ts';
import { type ExecutionOptions, showErrors, tooExpensive } from './execution.ts';
import { follow } from './follow.ts';
import {
  answerType,
  type GraphqlRequest,
  headerProblem,
  parseAddress,
  parseBody,
  plainJson,
} from './protocol.ts';
import { eventStream, SseWriter, wantsStream } from './sse.ts';
import { pageOf } from './subscription.ts';
import { executeTraced, prepareTraced } from './traced.ts';

export interface EndpointOptions extends ExecutionOptions {
  schema: GraphQLSchema;
  preset: GraphileConfig.ResolvedPreset;
  documents: Documents;
  /** Login freehold_app. */
  pool: Pool;
  /** Absent: nothing is streamed. */
  streams?: Streams | undefined;
}

/** Bytes of a request body at most. */
const maximumBody = 100_000;

/** Of an operation, in log, metrics and traces: its name is the client's, and has no end of its own. */
const longestName = 100;

const refusals = {
  notAcceptable: {
    code: 'not_acceptable',
    status: 406,
    message: 'The answer is application/graphql-response+json, application/json, or text/event-stream.',
  },
  /** What a GET may not do: it is safe, and browsers send it for anybody (RFC 9110, section 9.2.1). */
  mutationByGet: {
    code: 'method_not_allowed',
    status: 405,
    message: 'With GET, nothing is changed.',
    remedy: 'Send it with POST.',
  },
  noStream: {
    code: 'not_acceptable',
    status: 406,
    message: 'A subscription is answered with text/event-stream.',
    remedy: 'Send Accept: text/event-stream.',
  },
} satisfies Record<string, PublicError>;

/**
 * GraphQL over HTTP, for requests that have a caller (server/auth/guard.ts).
 *
 * grafserv would do it too, and takes 90 to 100 µs of CPU more for a request (by id, of 370): a dozen
 * promises, copies of the headers, and a body that is written as header and buffer apart. It still serves
 * Ruru.
 */
export function graphqlEndpoint(options: EndpointOptions): RequestHandler {
  return (request, response) => {
    const type = wantsStream(request.headers.accept) ? eventStream : answerType(request.headers.accept);
    if (!type) {
      answerGraphqlError(request, response, refusals.notAcceptable);
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
      run(parsed, request, response, type, options).catch((error: unknown) => {
        const shown =
          error instanceof StreamEndedError ? error.shown : publicError(error, options.vocabulary);
        if (shown && !response.headersSent) {
          refuse(request, response, shown);
          return;
        }
        options.log.error({ err: error }, 'an operation could not be run');
        if (!response.headersSent) answerGraphqlError(request, response, maskedError(request.call.requestId));
      });
    };
    if (request.method === 'GET') answer(parseAddress(request.originalUrl));
    else readBody(request, maximumBody, (tooLarge, text) => answer(tooLarge ?? parseBody(text)));
  };
}

function refuse(request: Request, response: Response, error: PublicError): void {
  if (error.status === 405)
    response.setHeader('allow', error === refusals.mutationByGet ? 'POST' : 'GET, POST');
  if (error.status === 429 || error.status === 503) response.setHeader('retry-after', '5');
  answerGraphqlError(request, response, error);
}

async function run(
  parsed: GraphqlRequest,
  request: Request,
  response: Response,
  type: string,
  options: EndpointOptions,
): Promise<void> {
  const { source, operationName, variables } = parsed;
  const { call } = request;
  const { schema, documents, streams } = options;
  const fail = (result: { errors?: readonly GraphQLError[] }): void => {
    call.errors = result.errors?.map((error) => String(error.extensions.code));
    send(request, response, type, result, options);
  };
  const prepared = prepareTraced(documents, source);
  if ('errors' in prepared) return fail(prepared);
  const { document } = prepared;
  // A name that the document does not have is refused below, and is no operation's.
  const operation = getOperationAST(document, operationName) ?? undefined;
  const selected = operation?.name?.value;
  call.operation = selected?.slice(0, longestName);
  const kind = operation?.operation;
  if (kind === 'mutation' && request.method === 'GET')
    return refuse(request, response, refusals.mutationByGet);
  const isSubscription = operation && kind === 'subscription';
  const costly = isSubscription ? pageOf(document, operation).document : document;
  const refused = tooExpensive(schema, costly, operationName ?? selected, variables);
  if (refused) return fail(refused);
  if (!isSubscription) {
    const result = await executeOnce(document, parsed, request, options);
    return send(request, response, type, result, options);
  }
  if (type !== eventStream || !streams) return refuse(request, response, refusals.noStream);
  return follow(request, response, { document, operation, variables }, { ...options, streams });
}

async function executeOnce(
  document: DocumentNode,
  { operationName, variables }: GraphqlRequest,
  { call }: Request,
  options: EndpointOptions,
): Promise<ExecutionResult> {
  const { schema, preset, pool } = options;
  if (!call.caller) throw new Error('an operation was to be run without a caller');
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

function send(
  request: Request,
  response: Response,
  type: string,
  result: ExecutionResult,
  { streams }: EndpointOptions,
): void {
  // Nobody is there to read it.
  if (response.destroyed) return;
  const text = stringifyPayload(result as never, true);
  if (type === eventStream) {
    new SseWriter(response, streams?.limits.slowMs ?? 0).end(text);
    return;
  }
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
