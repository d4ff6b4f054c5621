import { type Request, Router } from 'express';
import { badRequest, invalid } from './errors.ts';
import { queryList, queryOf } from './input.ts';
import { limitOf, orderOf } from './lists.ts';
import type { WorkosEvent } from './state.ts';
import type { World } from './world.ts';

export function eventRoutes(world: World): Router {
  const router = Router();
  router.get('/events', (request, response) => {
    const order = orderOf(request, 'asc');
    const limit = limitOf(request);
    const matches = filterOf(request);
    const rest = order === 'asc' ? afterOf(world, request) : beforeOf(world, request);
    // One more than is answered tells whether there are more.
    const found = rest.filter(matches).slice(0, limit + 1);
    const data = found.slice(0, limit);
    response.json({
      object: 'list',
      data,
      list_metadata: { before: null, after: found.length > limit ? (data.at(-1)?.id ?? null) : null },
    });
  });
  return router;
}

/** Oldest first, those that came after the cursor. */
const afterOf = (world: World, request: Request): WorkosEvent[] =>
  world.state.events.slice(cursorOf(world, request, -1) + 1);

/** Newest first, those that came before the cursor. */
const beforeOf = (world: World, request: Request): WorkosEvent[] =>
  world.state.events.slice(0, cursorOf(world, request, world.state.events.length)).reverse();

/** The place of `after` among all events: it need not be one that the filter lets through. */
function cursorOf(world: World, request: Request, absent: number): number {
  const after = queryOf(request, 'after');
  if (after === undefined) return absent;
  if (queryOf(request, 'range_start') !== undefined)
    throw badRequest('invalid_request', 'after and range_start exclude each other.');
  const at = world.state.events.findIndex(({ id }) => id === after);
  if (at < 0)
    throw invalid({ code: 'after_invalid', message: `there is no event '${after}'`, field: 'after' });
  return at;
}

function filterOf(request: Request): (event: WorkosEvent) => boolean {
  const names = queryList(request, 'events');
  const organization = queryOf(request, 'organization_id');
  const start = timeOf(request, 'range_start') ?? Number.NEGATIVE_INFINITY;
  const end = timeOf(request, 'range_end') ?? Number.POSITIVE_INFINITY;
  return (event) => {
    const at = Date.parse(event.created_at);
    return (
      (!names || names.includes(event.event)) &&
      (!organization || organizationOf(event) === organization) &&
      at >= start &&
      at <= end
    );
  };
}

function timeOf(request: Request, name: string): number | undefined {
  const text = queryOf(request, name);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw invalid({ code: `${name}_invalid`, message: 'an ISO 8601 time', field: name });
  return time;
}

/** Events of users are of no organization. */
function organizationOf({ data }: WorkosEvent): unknown {
  if (data.object === 'organization') return data.id;
  const { organization_id } = (data.user ?? {}) as { organization_id?: unknown };
  return data.organization_id ?? organization_id;
}
