import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { conflict } from './errors.ts';
import { now } from './timestamps.ts';
import type { World } from './world.ts';

/** As long as WorkOS keeps a key. */
const keptMs = 24 * 3_600_000;

/**
 * Answers a request that comes again under one Idempotency-Key as the first was answered, and does nothing. Errors are
 * not kept: they changed nothing, and may be mended. 409 when the key came with another body.
 */
export function idempotent(world: World): RequestHandler {
  const { answers } = world.state;
  return (request, response, next) => {
    const key = request.get('idempotency-key');
    if (!key) return next();
    const id = `${request.path} ${key}`;
    const hash = createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest('base64url');
    for (const old of answers.values())
      if (Date.parse(old.created_at) < Date.now() - keptMs) answers.delete(old.id);
    const old = answers.get(id);
    if (old && old.request !== hash)
      throw conflict('idempotency_key_reused', 'The idempotency key was used for another request.');
    if (old) return void response.status(old.status).json(old.body);
    const { json } = response;
    response.json = (body) => {
      const status = response.statusCode;
      // As it is now: objects change later, and the answer to the first request does not.
      const kept = structuredClone(body);
      if (status < 300) answers.set(id, { id, request: hash, status, body: kept, created_at: now() });
      return json.call(response, body);
    };
    next();
  };
}
