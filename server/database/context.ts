import { connectionName } from '../../runtime/telemetry/trace.ts';
import { encodeParameters } from './wire.ts';

/**
 * Who is calling, as the database minted it (`identity.resolve`). The server carries it and cannot make or
 * change one. `claims` and `signature` are opaque here.
 */
export interface Context {
  readonly tenantId: string;
  readonly claims: string;
  readonly signature: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly permissions: readonly string[];
  readonly expiresAt: Date;
}

/** What is used of an AbortSignal: each listener is called once. */
export interface Gone {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** One request as the database sees it. */
export interface Caller {
  readonly context: Context;
  readonly requestId: string;
  /** W3C trace context of the request; '' when there is none. */
  readonly traceparent: string;
  /** Aborted when the client has gone. */
  readonly signal?: Gone | undefined;
  /**
   * Called when the database refused the context (revoked, changed or expired). Resolves with a new one, and
   * rejects when the credential is good no more.
   */
  readonly renew?: (() => Promise<Context>) | undefined;
}

/** Asked after a write, in the same message. */
export const recordedStatement = 'freehold_recorded';

export const contextStatement = 'freehold_context';

/**
 * The first statement of each transaction. No setting is ever null, so no term ends the chain early, and the
 * WHERE is false: nothing is sent back, where a select list would return the claims with every request.
 */
export const contextSql = `select
where set_config('role', 'freehold_user', true) is null
  or set_config('freehold.tenant_id', $1, true) is null
  or set_config('freehold.claims', $2, true) is null
  or set_config('freehold.signature', $3, true) is null
  or set_config('freehold.request_id', $4, true) is null
  or set_config('freehold.traceparent', $5, true) is null
  or set_config('application_name', $6, true) is null`;

/** Parameters of `contextSql` that come from the context; those of the request follow. */
export const contextParameterCount = 3;

const encoded = new WeakMap<Context, Buffer>();

/** The context's parameters on the wire, encoded once for all requests that it serves in its 60 seconds. */
export function encodedContext(context: Context): Buffer {
  let bytes = encoded.get(context);
  if (!bytes) {
    bytes = encodeParameters([context.tenantId, context.claims, context.signature]);
    encoded.set(context, bytes);
  }
  return bytes;
}

/** Parameters of `contextSql` that come from the request. */
export function requestParameters({ requestId, traceparent }: Caller): string[] {
  return [requestId, traceparent, connectionName('app', traceparent)];
}

/** The parameters of `contextSql`. */
export function contextParameters(caller: Caller): string[] {
  const { tenantId, claims, signature } = caller.context;
  return [tenantId, claims, signature, ...requestParameters(caller)];
}
