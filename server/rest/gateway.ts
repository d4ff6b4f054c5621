import type { Request, RequestHandler, Response } from 'express';
import { DatabaseError } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import type { Caller } from '../database/context.ts';
import type { Vocabulary } from '../errors/vocabulary.ts';
import { maskedError } from '../http/answer.ts';
import { setRoute } from '../http/call.ts';
import { type Answer, type PerformOptions, sparseType } from './asked.ts';
import { readJsonBody } from './body.ts';
import { etagOf, expectedVersionOf, isKnown, preconditionFailed } from './conditions.ts';
import type { Contract } from './contract.ts';
import { answerPreflight } from './cors.ts';
import { readIdempotencyKey } from './idempotency.ts';
import type { Operation } from './operations.ts';
import { perform } from './perform.ts';
import { notFound, type Problem, ProblemError, problemOf, sendProblem } from './problem.ts';
import { createRouter, type Router } from './router.ts';
import { type Validate, validatorOf } from './validate.ts';
import { createVersions, type Versions } from './versions.ts';

export interface GatewayOptions extends PerformOptions {
  /** Newest first. */
  contracts: readonly Contract[];
  vocabulary: Vocabulary;
  log: Logger;
  /** Answers with what is no JSON: the content of a report. */
  download: RequestHandler<{ id: string }>;
}

/** A request that has found its operation. */
interface Matched {
  readonly contract: Contract;
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string | undefined>>;
}

export interface Gateway {
  /** Before anybody is known: what is at this address, in which version, and how it may be asked for. */
  readonly match: RequestHandler;
  /** For a request that has a caller. */
  readonly serve: RequestHandler;
  /** Of a refusal elsewhere, such as of a guard. */
  readonly refuse: (request: Request, response: Response, problem: Problem) => void;
  /** Answers with what a client may know of an error, and logs the others. */
  readonly fail: (request: Request, response: Response, error: unknown) => void;
}

/** Kept with the answer. A WeakMap by request kept all of them until the next full garbage collection, which took a tenth of the CPU. */
const matchedOf = (response: Response): Matched | undefined => response.locals.matched;

const noBody: Validate = validatorOf({ type: 'object', additionalProperties: false });

/**
 * REST over the contract of the database. It knows no resource by name: each follows from what platform.describe_api told at start.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { contracts, vocabulary, log } = options;
  const versions = createVersions(contracts);
  const routers = new Map(contracts.map((contract) => [contract, createRouter(contract)]));
  const validators = new WeakMap<Operation, Validate>();

  const validatorFor = (operation: Operation): Validate => {
    let validate = validators.get(operation);
    if (!validate) {
      validate = operation.body ? validatorOf(operation.body) : noBody;
      validators.set(operation, validate);
    }
    return validate;
  };
  const fail = (request: Request, response: Response, error: unknown): void => {
    if (response.headersSent || response.destroyed) return;
    const found = matchedOf(response);
    const problem = problemOf(error, vocabulary, found?.operation.resource);
    if (!problem) log.error({ err: error }, 'an unknown error was masked');
    sendProblem(request, response, problem ?? maskedError(request.call.requestId));
  };

  const match: RequestHandler = (request, response, next) => {
    try {
      response.setHeader('vary', 'authorization, cookie, origin, freehold-version');
      response.setHeader('x-content-type-options', 'nosniff');
      const contract = chooseVersion(versions, request, response);
      const router = routers.get(contract) as Router;
      const found = router.find(request.method, request.path);
      if (!found) return void refuseMethod(router, request, response);
      setRoute(request.call, `/v1${found.operation.path}`);
      const types = found.operation.kind === 'download' ? downloaded : ['application/json'];
      if (!accepts(request, types)) throw new ProblemError(notAcceptable(types));
      response.locals.matched = { contract, ...found };
      next();
    } catch (error) {
      fail(request, response, error);
    }
  };

  const serve: RequestHandler = (request, response) => {
    const found = matchedOf(response);
    if (!found) throw new Error('a request was to be served that was not matched');
    if (found.operation.kind === 'download') {
      Object.assign(request.params, found.path);
      void options.download(request as Request<{ id: string }>, response, (error) =>
        fail(request, response, error),
      );
      return;
    }
    serveMatched(options, found, request, validatorFor(found.operation))
      .then((answer) => sendAnswer(request, response, answer))
      .catch((error: unknown) => fail(request, response, error));
  };
  return { match, serve, fail, refuse: sendProblem };
}

/** What clients of JSON send is not parsed: that took 5 µs. */
function accepts(request: Request, types: string[]): boolean {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*' || accept === types[0]) return true;
  return request.accepts(types) !== false;
}

const downloaded = ['application/x-ndjson', 'text/csv'];

const notAcceptable = (types: readonly string[]): Problem => ({
  code: 'not_acceptable',
  status: 406,
  message: `The answer is ${types.join(' or ')}.`,
  remedy: 'Say so in Accept, or leave it out.',
});

function chooseVersion(versions: Versions, request: Request, response: Response): Contract {
  const asked = request.headers['freehold-version'];
  const contract = versions.choose(typeof asked === 'string' ? asked : undefined);
  if (!contract) {
    throw new ProblemError({
      code: 'unknown_version',
      status: 400,
      message: 'There is no such version.',
      remedy: `Send one of ${versions.all.join(', ')} as Freehold-Version, or none for the newest.`,
      errors: [
        {
          header: 'Freehold-Version',
          code: 'unknown_version',
          detail: `is none of ${versions.all.join(', ')}`,
        },
      ],
    });
  }
  for (const [name, value] of Object.entries(versions.headersOf(contract))) response.setHeader(name, value);
  return contract;
}

/** Something may be there for another method; OPTIONS asks for which. */
function refuseMethod(router: Router, request: Request, response: Response): void {
  const allowed = router.allowed(request.path);
  if (allowed.length === 0) {
    throw new ProblemError({
      ...notFound,
      code: 'no_such_page',
      message: 'There is nothing at this address.',
      remedy: 'The reference lists all addresses: /v1/docs.',
    });
  }
  const allow = allowed.join(', ');
  if (request.method !== 'OPTIONS') {
    throw new ProblemError({
      code: 'method_not_allowed',
      status: 405,
      message: `This address takes ${allow}.`,
      headers: { allow },
    });
  }
  setRoute(request.call, '/v1');
  response.statusCode = 204;
  response.setHeader('allow', allow);
  answerPreflight(request, response, allow);
  response.end();
}

async function serveMatched(
  options: GatewayOptions,
  { contract, operation, path }: Matched,
  request: Request,
  validate: Validate,
): Promise<Answer> {
  const version =
    operation.ifMatch === 'none'
      ? undefined
      : expectedVersionOf(request.headers, operation.ifMatch === 'required');
  const body = operation.reads ? undefined : await readJsonBody(request, operation, validate);
  const query = request.url.indexOf('?');
  const asked = {
    caller: request.call.caller as Caller,
    path,
    query: query < 0 ? '' : request.url.slice(query + 1),
    body: body?.value,
    version,
    idempotency: operation.reads
      ? undefined
      : readIdempotencyKey(request.headers, request.method, request.originalUrl, body?.text ?? ''),
  };
  try {
    return await perform(options, contract, operation, asked);
  } catch (error) {
    // What the database calls a stale version is a failed precondition to who sent one.
    if (version !== undefined && error instanceof DatabaseError && error.code === 'ZF006') {
      throw new ProblemError(preconditionFailed(error.detail));
    }
    throw error;
  }
}

function sendAnswer(
  request: Request,
  response: Response,
  { status, json, version, location, replayed, sparse }: Answer,
): void {
  if (response.destroyed) return;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  response.setHeader('cache-control', reads ? 'private, no-cache' : 'no-store');
  if (location) response.setHeader('location', location);
  if (replayed) response.setHeader('idempotency-replayed', 'true');
  if (version !== null && version !== undefined) {
    const etag = etagOf(version);
    response.setHeader('etag', etag);
    if (reads && isKnown(request.headers['if-none-match'], etag)) {
      response.statusCode = 304;
      response.end();
      return;
    }
  }
  response.statusCode = status;
  if (json === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', sparse ? sparseType : 'application/json');
  response.setHeader('content-length', Buffer.byteLength(json));
  response.end(json);
}
