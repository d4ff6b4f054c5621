import { Router } from 'express';
import { domainsOf } from './domains.ts';
import { notFound } from './errors.ts';
import { newId } from './ids.ts';
import { pathOf, queryOf } from './input.ts';
import { listOf } from './lists.ts';
import type { Connection } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

function connectionWire(world: World, row: Connection): object {
  const domains = domainsOf(world, row.organization_id).map(({ id, domain }) => ({
    object: 'connection_domain',
    id,
    domain,
  }));
  return { ...row, domains };
}

/** The connection through which an organization's people come, if it has an active one. */
export const ssoConnection = (world: World, organizationId: string): Connection | undefined =>
  [...world.state.connections.values()].find(
    (row) => row.organization_id === organizationId && row.state === 'active',
  );

export function findConnection(world: World, id: string): Connection {
  const row = world.state.connections.get(id);
  if (!row) throw notFound('Connection', id);
  return row;
}

/** Makes an active connection, as if the customer's IT had set it up in the portal. */
export function createConnection(
  world: World,
  input: { organization_id: string; name: string; connection_type: string },
): Connection {
  const row: Connection = {
    object: 'connection',
    id: newId('conn'),
    organization_id: input.organization_id,
    name: input.name,
    connection_type: input.connection_type,
    state: 'active',
    ...born(),
  };
  world.state.connections.set(row.id, row);
  world.emit('connection.activated', connectionWire(world, row));
  return row;
}

export function setConnectionState(world: World, row: Connection, state: Connection['state']): void {
  if (row.state === state) return;
  change(row, { state });
  world.emit(
    state === 'active' ? 'connection.activated' : 'connection.deactivated',
    connectionWire(world, row),
  );
}

export function deleteConnection(world: World, row: Connection): void {
  world.state.connections.delete(row.id);
  world.emit('connection.deleted', connectionWire(world, { ...row, state: 'inactive' }));
}

export function connectionRoutes(world: World): Router {
  const wire = (row: Connection) => connectionWire(world, row);
  const router = Router();
  router.get('/connections', (request, response) => {
    const organization = queryOf(request, 'organization_id');
    const type = queryOf(request, 'connection_type');
    const domain = queryOf(request, 'domain');
    const found = [...world.state.connections.values()].filter(
      (row) =>
        (!organization || row.organization_id === organization) &&
        (!type || row.connection_type === type) &&
        (!domain || domainsOf(world, row.organization_id).some((one) => one.domain === domain)),
    );
    response.json(listOf(request, found, wire));
  });
  router.get('/connections/:id', (request, response) => {
    response.json(wire(findConnection(world, pathOf(request, 'id'))));
  });
  router.delete('/connections/:id', (request, response) => {
    deleteConnection(world, findConnection(world, pathOf(request, 'id')));
    response.status(204).end();
  });
  return router;
}
