import { randomUUID } from 'node:crypto';
import { type Attributes, context } from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType } from '@opentelemetry/core';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { activeTraceparent } from '../../runtime/telemetry/trace.ts';
import { newWork, runWork, type Work } from '../../runtime/telemetry/work.ts';
import type { Credential } from '../auth/credential.ts';
import type { Caller, Context, Gone } from '../database/context.ts';

/** For the log and for traces. */
export type Who = Pick<Context, 'tenantId' | 'actorType' | 'actorId'>;

/** What the server knows of one request. */
export interface Call {
  readonly requestId: string;
  /** W3C trace context: of our span, or else of the caller; '' for none. */
  readonly traceparent: string;
  readonly startedAt: number;
  readonly work: Work;
  /** Known once a guard has let the request in. */
  caller: Caller | undefined;
  /** The caller with a context that holds now, for what goes on for longer than one. Rejects as the guard refuses. */
  again: (() => Promise<Caller>) | undefined;
  /** The answer is a stream, which its client ends by going away. */
  streams: boolean;
  credential: Credential | undefined;
  /** Who that is; or who signed in by it. */
  who: Who | undefined;
  /** The GraphQL operation's name, for the log. */
  operation: string | undefined;
  /** The codes of the errors that were answered, for the log. */
  errors: string[] | undefined;
  /** One of them is a fault of ours, whatever HTTP says. */
  failed: boolean;
  /** The pattern of the address, where express does not know one: for metrics, logs and traces. */
  route: string | undefined;
  /** Answer with this HTTP status instead of the one of the protocol. */
  status: number | undefined;
}

declare module 'express-serve-static-core' {
  interface Request {
    call: Call;
  }
}

const saneId = /^[0-9A-Za-z_.:=+/-]{8,128}$/;
/** Zeros name nothing, and there is no version ff (https://www.w3.org/TR/trace-context/#traceparent-header). */
const saneTraceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Begins a call: takes over the caller's X-Request-Id when it is one, or makes one; both log and answer carry
 * it.
 */
export const beginCall: RequestHandler = (request: Request, response: Response, next: NextFunction): void => {
  const { 'x-request-id': given, traceparent } = request.headers;
  const requestId = typeof given === 'string' && saneId.test(given) ? given : randomUUID();
  const its = activeTraceparent() || traceparentOf(traceparent);
  const call: Call = {
    requestId,
    traceparent: its,
    startedAt: performance.now(),
    work: newWork(requestId, its),
    caller: undefined,
    again: undefined,
    streams: false,
    credential: undefined,
    who: undefined,
    operation: undefined,
    errors: undefined,
    failed: false,
    route: undefined,
    status: undefined,
  };
  call.work.describe = () => describeCall(call);
  request.call = call;
  response.setHeader('x-request-id', requestId);
  runWork(call.work, next);
};

/** Whose a request is, and what it asks for, as far as that is known: in each of its spans. */
export function describeCall({ requestId, who, operation }: Call): Attributes {
  return {
    'freehold.request_id': requestId,
    ...(who && {
      'freehold.tenant_id': who.tenantId,
      'freehold.actor_type': who.actorType,
      'freehold.actor_id': who.actorId,
    }),
    ...(operation && { 'freehold.operation': operation }),
  };
}

/**
 * The trace of a request that has no span. Without telemetry it is the caller's. With it, the trace is one that is not kept, and told so to what follows; it has an id all
 * the same, by which lines, events and webhooks are found.
 */
function traceparentOf(given: string | string[] | undefined): string {
  const theirs = typeof given === 'string' && saneTraceparent.test(given) ? given : '';
  if (!isTracingSuppressed(context.active())) return theirs;
  if (theirs) return `${theirs.slice(0, -2)}00`;
  return `00-${hex()}-${hex().slice(0, 16)}-00`;
}

const hex = (): string => randomUUID().replaceAll('-', '');

/** Whether the client closed the connection before it had its answer: what is used of an AbortSignal, which took 6 % of the rate of a read by id. */
class GoneSignal implements Gone {
  aborted = false;
  #listeners = new Set<() => void>();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** Aborted when the client closes the connection before it has its answer. */
export function goneSignal(response: Response): Gone {
  const signal = new GoneSignal();
  response.once('close', () => {
    if (!response.writableFinished) signal.abort();
  });
  return signal;
}

/** Names the route of what express knows no pattern for, because it is mounted: in logs, metrics and the span. */
export function setRoute(call: Call, route: string): void {
  call.route = route;
  const metadata = getRPCMetadata(context.active());
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
}

/** The same for all that is mounted at one place. */
export function nameRoute(route: string): RequestHandler {
  return (request, _response, next) => {
    setRoute(request.call, route);
    next();
  };
}
