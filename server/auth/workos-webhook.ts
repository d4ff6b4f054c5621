import { setTimeout as pause } from 'node:timers/promises';
import express, { type RequestHandler } from 'express';
import type { Pool } from 'pg';
import { WebhookRefusedError, type Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';
import { answerProblem } from '../http/answer.ts';
import { factsOf } from './guard.ts';
import { askGate, type RequestFacts } from './resolve.ts';

/** Five seconds together; the worker does what is left, within a minute. */
const TURNS = 50;
const PAUSE_MS = 100;

export interface WorkosWebhookOptions {
  workos: Workos;
  gate: Pool;
  log: Logger;
  /** Of the endpoint in WorkOS's dashboard. */
  secret: string;
}

/**
 * POST /webhooks/workos: takes in one event of WorkOS and applies it, so that who was deprovisioned is refused from then on. The signature is of the bytes as they
 * came. What cannot be applied yet is kept and tried again by the worker: WorkOS is told that it arrived. An event that came before changes nothing.
 */
export function workosWebhook({ workos, gate, log, secret }: WorkosWebhookOptions): RequestHandler[] {
  const statusOf = async (
    facts: RequestFacts,
    text: string,
    values: unknown[],
  ): Promise<string | undefined> => {
    const { rows } = await askGate<{ status: string }>(gate, { text, values }, facts);
    return rows[0]?.status;
  };
  const take: RequestHandler = async (request, response, next) => {
    const facts = factsOf(request);
    const body: unknown = request.body;
    try {
      const signature = request.headers['workos-signature'];
      const event = await workos.readWebhook(
        Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        typeof signature === 'string' ? signature : '',
        secret,
      );
      let status = await statusOf(facts, `select identity.receive_event($1, $2, 'webhook') as status`, [
        workos.issuer,
        JSON.stringify(event),
      ]);
      // Others are applied just now: it waits here, and not on a connection that those who call need.
      for (let turn = 0; status === 'pending' && turn < TURNS; turn += 1) {
        await pause(PAUSE_MS);
        status = await statusOf(facts, 'select status from identity.apply_event($1)', [event.id]);
      }
      log.info({ provider_event: event.id, type: event.event, status }, 'an event of the identity provider');
      response.json({ status });
    } catch (error) {
      if (!(error instanceof WebhookRefusedError)) return next(error);
      log.warn({ reason: error.message, ip: request.ip }, 'a webhook of the identity provider was refused');
      answerProblem(request, response, {
        code: 'invalid_signature',
        status: 401,
        message: 'The webhook is not signed by WorkOS, or was signed more than three minutes ago.',
        remedy: 'Compare WORKOS_WEBHOOK_SECRET with the endpoint in the dashboard of WorkOS, and the clocks.',
      });
    }
  };
  // As bytes, whatever it says it is.
  return [express.raw({ type: () => true, limit: '1mb' }), take];
}
