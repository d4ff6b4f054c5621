import { Router } from 'express';
import * as z from 'zod';
import { newId } from './ids.ts';
import { parse, pathOf, text } from './input.ts';
import { listOf } from './lists.ts';
import type { AuditEvent, AuditSchema, MetadataSchema } from './state.ts';
import { now } from './timestamps.ts';
import type { World } from './world.ts';

const properties = z.object({
  type: z.literal('object'),
  properties: z.record(z.string(), z.object({ type: z.enum(['string', 'number', 'boolean']) })),
});
const creation = z.object({
  targets: z.array(z.object({ type: text, metadata: properties.optional() })).min(1),
  actor: z.object({ metadata: properties }).optional(),
  metadata: properties.optional(),
});

function schemaWire(row: AuditSchema): object {
  const { id, action, ...schema } = row;
  return { object: 'audit_log_schema', ...schema };
}

/** The schemas of an action, oldest first. */
const schemasOf = (world: World, action: string): AuditSchema[] =>
  [...world.state.auditSchemas.values()].filter((row) => row.action === action);

/** What an event has against the schema of its action and version (the newest when it names none). */
export function mismatches(world: World, event: Omit<AuditEvent, 'id'>, version?: number): string[] {
  const schemas = schemasOf(world, event.action);
  const schema = version ? schemas.find((row) => row.version === version) : schemas.at(-1);
  if (!schema) return [`there is no schema of the action ${event.action}${version ? ` ${version}` : ''}`];
  const targets = event.targets.flatMap((target) => {
    const known = schema.targets.find(({ type }) => type === target.type);
    if (!known) return [`a target of type ${target.type} is not in the schema`];
    return wrongTypes(`the metadata of the target ${target.type}`, known.metadata, target.metadata);
  });
  return [
    ...targets,
    ...wrongTypes('the metadata of the actor', schema.actor?.metadata, event.actor.metadata),
    ...wrongTypes('the metadata', schema.metadata, event.metadata),
  ];
}

function wrongTypes(
  what: string,
  schema: MetadataSchema | undefined,
  given: Record<string, unknown> | undefined,
): string[] {
  return Object.entries(given ?? {}).flatMap(([name, value]) => {
    const wanted = schema?.properties[name]?.type;
    return wanted && typeof value !== wanted ? [`${name} of ${what} is not a ${wanted}`] : [];
  });
}

export function auditSchemaRoutes(world: World): Router {
  const path = '/audit_logs/actions/:action/schemas';
  const router = Router();
  router.post(path, (request, response) => {
    const action = pathOf(request, 'action');
    const row: AuditSchema = {
      ...parse(creation, request.body),
      id: newId('audit_log_schema'),
      action,
      version: schemasOf(world, action).length + 1,
      created_at: now(),
    };
    world.state.auditSchemas.set(row.id, row);
    response.status(201).json(schemaWire(row));
  });
  router.get(path, (request, response) => {
    response.json(listOf(request, schemasOf(world, pathOf(request, 'action')), schemaWire));
  });
  return router;
}
