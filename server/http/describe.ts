import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
import type { RequestOutcome } from '../../runtime/telemetry/instruments.ts';
import { type Call, describeCall } from './call.ts';

/** What the span of a request tells besides HTTP: asked for when the request has ended. */
export function describeRequest(request: IncomingMessage & { call?: Call }): Attributes {
  const { call } = request;
  if (!call) return {};
  return {
    ...describeCall(call),
    ...(call.operation && { 'graphql.operation.name': call.operation }),
    ...(call.errors?.[0] && { 'freehold.error_code': call.errors[0] }),
  };
}

/** Whose fault it is that a request failed. A GraphQL error of ours is one, though HTTP says 200. */
export function outcomeOf(status: number, { errors, failed }: Call): RequestOutcome {
  if (status >= 500 || failed) return 'server_error';
  return status >= 400 || errors ? 'client_error' : 'ok';
}
