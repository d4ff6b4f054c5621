import { Router } from 'express';
import * as z from 'zod';
import { sameText } from './authenticate.ts';
import { notFound } from './errors.ts';
import { newId, newSecret } from './ids.ts';
import { parse, pathOf, queryOf, text } from './input.ts';
import type { AuditEvent, AuditExport } from './state.ts';
import { born } from './timestamps.ts';
import type { World } from './world.ts';

const names = z.array(text).nullish();
const creation = z.object({
  organization_id: text,
  range_start: z.iso.datetime({ offset: true }),
  range_end: z.iso.datetime({ offset: true }),
  actions: names,
  actor_names: names,
  actor_ids: names,
  targets: names,
});

function exportWire(world: World, row: AuditExport): object {
  const { csv, secret, ...wire } = row;
  return { ...wire, url: `${world.settings.url}/audit_logs/exports/${row.id}/download?secret=${secret}` };
}

function eventsOf(world: World, input: z.infer<typeof creation>): AuditEvent[] {
  const start = Date.parse(input.range_start);
  const end = Date.parse(input.range_end);
  const among = (wanted: string[] | null | undefined, ...given: (string | undefined)[]): boolean =>
    !wanted || given.some((one) => one !== undefined && wanted.includes(one));
  return [...world.state.auditEvents.values()].filter((event) => {
    const at = Date.parse(event.occurred_at);
    return (
      event.organization_id === input.organization_id &&
      at >= start &&
      at <= end &&
      among(input.actions, event.action) &&
      among(input.actor_names, event.actor.name) &&
      among(input.actor_ids, event.actor.id) &&
      among(input.targets, ...event.targets.map(({ type }) => type))
    );
  });
}

const columns: [string, (event: AuditEvent) => unknown][] = [
  ['id', (event) => event.id],
  ['occurred_at', (event) => event.occurred_at],
  ['action', (event) => event.action],
  ['actor_id', (event) => event.actor.id],
  ['actor_type', (event) => event.actor.type],
  ['actor_name', (event) => event.actor.name],
  ['targets', (event) => JSON.stringify(event.targets)],
  ['location', (event) => event.context.location],
  ['user_agent', (event) => event.context.user_agent],
  ['metadata', (event) => JSON.stringify(event.metadata)],
];

/** RFC 4180, every field in quotes. */
function csvOf(events: AuditEvent[]): string {
  const rows = [
    columns.map(([name]) => name),
    ...events.map((event) => columns.map(([, read]) => read(event))),
  ];
  const field = (value: unknown): string => `"${String(value ?? '').replaceAll('"', '""')}"`;
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function find(world: World, id: string): AuditExport {
  const row = world.state.auditExports.get(id);
  if (!row) throw notFound('Audit log export', id);
  return row;
}

export function auditExportRoutes(world: World): Router {
  const router = Router();
  router.post('/audit_logs/exports', (request, response) => {
    const input = parse(creation, request.body);
    if (!world.state.organizations.has(input.organization_id))
      throw notFound('Organization', input.organization_id);
    const row: AuditExport = {
      object: 'audit_log_export',
      id: newId('audit_log_export'),
      state: 'ready',
      csv: csvOf(eventsOf(world, input)),
      secret: newSecret(),
      ...born(),
    };
    world.state.auditExports.set(row.id, row);
    response.status(201).json(exportWire(world, row));
  });
  router.get('/audit_logs/exports/:id', (request, response) => {
    response.json(exportWire(world, find(world, pathOf(request, 'id'))));
  });
  return router;
}

/** Whoever has the URL has the file; it carries no API key. */
export function auditExportFiles(world: World): Router {
  const router = Router();
  router.get('/audit_logs/exports/:id/download', (request, response) => {
    const row = find(world, pathOf(request, 'id'));
    if (!sameText(queryOf(request, 'secret') ?? '', row.secret)) throw notFound('Audit log export', row.id);
    response.attachment(`${row.id}.csv`).type('text/csv').send(row.csv);
  });
  return router;
}
