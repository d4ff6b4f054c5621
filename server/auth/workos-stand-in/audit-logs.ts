import { Router } from 'express';
import * as z from 'zod';
import { mismatches } from './audit-schemas.ts';
import { ApiError, notFound } from './errors.ts';
import { newId } from './ids.ts';
import { text } from './input.ts';
import type { World } from './world.ts';

/** WorkOS's limits: 50 keys of 40 characters, values of 500. */
const metadata = z
  .record(z.string().max(40), z.union([z.string().max(500), z.number(), z.boolean()]))
  .refine((value) => Object.keys(value).length <= 50, 'at most 50 keys');
const entity = z.object({ id: text, type: text, name: z.string().optional(), metadata: metadata.optional() });
const creation = z.object({
  organization_id: text,
  event: z.object({
    action: text,
    version: z.number().int().min(1).optional(),
    occurred_at: z.iso.datetime({ offset: true }),
    actor: entity,
    targets: z.array(entity).min(1),
    context: z.object({ location: text, user_agent: z.string().optional() }),
    metadata: metadata.default({}),
  }),
});

/** 400, which is how WorkOS refuses an audit log event; 422 is for everything else. */
const refused = (problems: string[]): ApiError =>
  new ApiError(400, {
    code: 'invalid_audit_log',
    message: `The event is not a good one: ${problems.join('; ')}.`,
    errors: problems.map((message) => ({ code: 'invalid_audit_log', message })),
  });

/** Its idempotency is the caller's: see `idempotent`. */
export function auditLogRoutes(world: World): Router {
  const router = Router();
  router.post('/audit_logs/events', (request, response) => {
    const result = creation.safeParse(request.body);
    if (!result.success)
      throw refused(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
    const { organization_id, event } = result.data;
    if (!world.state.organizations.has(organization_id)) throw notFound('Organization', organization_id);
    const { version, ...row } = { ...event, id: newId('audit_log_event'), organization_id };
    const problems = mismatches(world, row, version);
    if (problems.length > 0) throw refused(problems);
    world.state.auditEvents.set(row.id, row);
    response.status(201).json({ success: true });
  });
  return router;
}
