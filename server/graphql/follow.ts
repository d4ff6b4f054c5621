import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Request, Response } from 'express';
import { execute } from 'grafast';
import type { Pool } from 'pg';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  type OperationDefinitionNode,
} from 'postgraphile/graphql';
import { countStream, countStreamEvents } from '../../runtime/telemetry/instruments.ts';
import type { Caller } from '../database/context.ts';
import { ClientGoneError, runStatement } from '../database/run.ts';
import { publicError } from '../errors/public-error.ts';
import { maskedError } from '../http/answer.ts';
import { expired, type Place, StreamEndedError, type Streams, stopping } from '../streams/streams.ts';
import { withCaller } from './adaptor.ts';
import { type ExecutionOptions, showErrors } from './execution.ts';
import { cursorOf } from './feed-cursor.ts';
import { SseWriter } from './sse.ts';
import { type FeedPage, names, pageOf } from './subscription.ts';

/** What a page of the feed answers (subscription.ts). */
interface Page {
  edges: { [name: string]: unknown }[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

export interface FollowOptions extends ExecutionOptions {
  schema: GraphQLSchema;
  preset: GraphileConfig.ResolvedPreset;
  /** Login freehold_app. */
  pool: Pool;
  streams: Streams;
}

export interface Subscribed {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Record<string, unknown>;
}

/** While events are held back by an older transaction, they are looked for again after so many ms, and twice as many each time. */
const [heldAtFirstMs, heldAtMostMs] = [5, 1_000];

/**
 * Answers a subscription: follows the change feed for as long as the client reads, as the client, with each statement. It ends by itself when the
 * credential is good no more, the client does not read, the stream is as old as one may be, or the server stops; and says which.
 * @throws StreamEndedError before anything was answered, when there may be no more streams
 */
export async function follow(
  request: Request,
  response: Response,
  subscribed: Subscribed,
  options: FollowOptions,
): Promise<void> {
  const { call } = request;
  const { streams } = options;
  const tenant = call.caller?.context.tenantId ?? '';
  const place = await streams.enter(tenant);
  // Its place is free at once, and not when it next looks.
  response.once('close', place.leave);
  if (response.closed) place.leave();
  const writer = new SseWriter(response, streams.limits.slowMs);
  call.streams = true;
  let reason = 'client_gone';
  try {
    // A trace would grow for as long as the stream is open.
    await context.with(suppressTracing(context.active()), () =>
      new Follower(request, subscribed, options, place, writer).run(),
    );
  } catch (error) {
    if (error instanceof ClientGoneError || call.caller?.signal?.aborted) return;
    const result = error instanceof ResultError ? error.result : { errors: [told(error, request, options)] };
    reason = String(result.errors?.[0]?.extensions?.code);
    call.errors = [reason];
    writer.end(JSON.stringify(result));
  } finally {
    place.leave();
    countStream(reason);
  }
}

/** A page could not be read: its errors, as the client may see them. */
class ResultError extends Error {
  readonly result: ExecutionResult;

  constructor(result: ExecutionResult) {
    super('a page of the feed could not be read');
    this.result = result;
  }
}

class Follower {
  readonly #request: Request;
  readonly #options: FollowOptions;
  readonly #subscribed: Subscribed;
  readonly #page: FeedPage;
  readonly #place: Place;
  readonly #writer: SseWriter;

  constructor(
    request: Request,
    subscribed: Subscribed,
    options: FollowOptions,
    place: Place,
    writer: SseWriter,
  ) {
    this.#request = request;
    this.#options = options;
    this.#subscribed = subscribed;
    this.#page = pageOf(subscribed.document, subscribed.operation);
    this.#place = place;
    this.#writer = writer;
  }

  /** Never resolves. */
  async run(): Promise<never> {
    const { streams } = this.#options;
    const { lifetimeMs, pollMs } = streams.limits;
    const end = Date.now() + lifetimeMs;
    let cursor = this.#start() ?? (await this.#read((caller) => this.#latest(caller)));
    // Who sees this is told of all that follows.
    this.#writer.begin(cursor);
    let isNews = true as boolean;
    let heldMs = 0;
    for (;;) {
      // Asked before the page is read: what was committed by then, and is not held back, is in the page.
      const isHeld: boolean = isNews && (await this.#read((caller) => this.#isHeldBack(caller)));
      for (let more = true; more; ) {
        const page = await this.#read((caller) => this.#readPage(caller, cursor));
        cursor = await this.#send(page, cursor);
        more = page.data.pageInfo.hasNextPage;
      }
      heldMs = isHeld ? Math.min(heldMs * 2 || heldAtFirstMs, heldAtMostMs) : 0;
      const left = end - Date.now();
      if (left <= 0) throw new StreamEndedError(expired);
      isNews = (await this.#place.wait(Math.min(heldMs || pollMs, left))) || isHeld;
      if (streams.stopped.aborted) throw new StreamEndedError(stopping);
    }
  }

  /** What the client has seen: by the header that browsers send when they come back, or by the argument. */
  #start(): string | null | undefined {
    const { operation, variables } = this.#subscribed;
    const { schema } = this.#options;
    const field = schema.getSubscriptionType()?.getFields()[this.#page.field.name.value];
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (errors || !field) throw new ResultError(this.#shown({ errors: errors ?? [] }));
    const { after } = getArgumentValues(field, this.#page.field, coerced) as { after?: string | null };
    return this.#request.get('last-event-id') || after;
  }

  /** As the caller is now: it is resolved anew as often as the context ends, and must be of the tenant that it was of. */
  async #read<T>(work: (caller: Caller) => Promise<T>): Promise<T> {
    const { call } = this.#request;
    return this.#options.streams.read(async () => {
      if (call.caller?.signal?.aborted) throw new ClientGoneError();
      if (!call.again) throw new Error('a stream was to be followed without a caller');
      return work(await call.again());
    });
  }

  /** The cursor of now. */
  async #latest(caller: Caller): Promise<string | null> {
    const { rows } = await runStatement(this.#options.pool, caller, 'select app.change_feed_end()', [], true);
    const id = rows[0]?.[0] as string | null;
    return id === null ? null : cursorOf(id);
  }

  async #isHeldBack(caller: Caller): Promise<boolean> {
    // A boolean, for null would have the context verified a second time (server/database/run.ts).
    const text = 'select app.change_feed_held_since() is not null';
    return (await runStatement(this.#options.pool, caller, text, [], true)).rows[0]?.[0] === true;
  }

  async #readPage(
    caller: Caller,
    cursor: string | null,
  ): Promise<{ data: Page; errors: readonly GraphQLError[] }> {
    const { schema, preset, pool } = this.#options;
    const result = (await execute({
      schema,
      document: this.#page.document,
      variableValues: { ...this.#subscribed.variables, [names.after]: cursor },
      rootValue: null,
      contextValue: { pgSettings: null, withPgClient: withCaller(pool, caller) },
      resolvedPreset: preset,
      middleware: null,
    })) as ExecutionResult;
    const { errors = [], data } = result.errors ? this.#shown(result) : result;
    const page = data?.changeFeed as Page | null | undefined;
    if (!page) {
      // Their paths are those of a page, which the client knows nothing of.
      const own = errors.map(({ message, extensions }) => new GraphQLError(message, { extensions }));
      throw new ResultError({ errors: own });
    }
    return { data: page, errors };
  }

  /** @returns where to go on */
  async #send(
    { data, errors }: { data: Page; errors: readonly GraphQLError[] },
    before: string | null,
  ): Promise<string | null> {
    const { responseName } = this.#page;
    let last = before;
    for (const [n, edge] of data.edges.entries()) {
      const { [names.cursor]: cursor, [names.written]: written, ...wanted } = edge;
      const its = errors
        .filter(({ path }) => path?.[2] === n)
        .map(({ message, path = [], extensions }) => ({
          message,
          path: [responseName, ...path.slice(3)],
          extensions,
        }));
      last = cursor as string;
      await this.#writer.next(
        { data: { [responseName]: wanted }, ...(its.length > 0 && { errors: its }) },
        last,
      );
      if (this.#request.call.caller?.signal?.aborted) throw new ClientGoneError();
      countStreamEvents((Date.now() - Date.parse((written as { occurredAt: string }).occurredAt)) / 1_000);
    }
    const { endCursor } = data.pageInfo;
    if (endCursor !== null && endCursor !== last) this.#writer.passed(endCursor);
    return endCursor;
  }

  #shown(result: ExecutionResult): ExecutionResult {
    return showErrors(result, this.#request.call, this.#options);
  }
}

function told(error: unknown, { call }: Request, { vocabulary, log }: FollowOptions): GraphQLError {
  let shown = error instanceof StreamEndedError ? error.shown : publicError(error, vocabulary);
  if (!shown) {
    shown = maskedError(call.requestId);
    log.error({ err: error }, 'an unknown error was masked');
  }
  const { message, status, ...extensions } = shown;
  // That the server stops is nobody's fault.
  if (status >= 500 && shown !== stopping) call.failed = true;
  return new GraphQLError(message, { extensions: { ...extensions, requestId: call.requestId } });
}
