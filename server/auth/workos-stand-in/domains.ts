import { Router } from 'express';
import * as z from 'zod';
import { conflict, notFound } from './errors.ts';
import { newId, newSecret } from './ids.ts';
import { domain, parse, pathOf, text } from './input.ts';
import type { OrganizationDomain } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

const creation = z.object({ domain, organization_id: text });

export const domainsOf = (world: World, organizationId: string): OrganizationDomain[] =>
  [...world.state.domains.values()].filter((row) => row.organization_id === organizationId);

/** @throws ApiError 409 when a domain belongs to an organization already, except to `own` */
export function demandDomainFree(world: World, name: string, own?: string): void {
  for (const row of world.state.domains.values())
    if (row.domain === name && row.organization_id !== own)
      throw conflict('domain_already_exists', `The domain ${name} belongs to an organization already.`);
}

/** Adds a domain. `silent`: its events are left to the caller. */
export function createDomain(
  world: World,
  organizationId: string,
  name: string,
  state: 'pending' | 'verified',
  { silent = false } = {},
): OrganizationDomain {
  const row: OrganizationDomain = {
    object: 'organization_domain',
    id: newId('org_domain'),
    organization_id: organizationId,
    domain: name,
    state,
    // What the customer of WorkOS vouches for needs no record in the DNS.
    verification_strategy: state === 'verified' ? 'manual' : 'dns',
    ...(state === 'pending' && {
      verification_token: newSecret().slice(0, 24),
      verification_prefix: 'workos',
    }),
    ...born(),
  };
  world.state.domains.set(row.id, row);
  if (silent) return row;
  world.emit('organization_domain.created', row);
  if (state === 'verified') world.emit('organization_domain.verified', row);
  return row;
}

/** There is no DNS to look into here: whoever asks for it gets it. */
export function verifyDomain(world: World, row: OrganizationDomain): void {
  if (row.state === 'verified') return;
  change(row, { state: 'verified' });
  world.emit('organization_domain.updated', row);
  world.emit('organization_domain.verified', row);
}

export function deleteDomain(world: World, row: OrganizationDomain): void {
  world.state.domains.delete(row.id);
  world.emit('organization_domain.deleted', row);
}

export function domainRoutes(world: World): Router {
  const find = (id: string): OrganizationDomain => {
    const row = world.state.domains.get(id);
    if (!row) throw notFound('Organization domain', id);
    return row;
  };
  const router = Router();
  router.post('/organization_domains', (request, response) => {
    const input = parse(creation, request.body);
    if (!world.state.organizations.has(input.organization_id))
      throw notFound('Organization', input.organization_id);
    demandDomainFree(world, input.domain);
    response.status(201).json(createDomain(world, input.organization_id, input.domain, 'pending'));
  });
  router.get('/organization_domains/:id', (request, response) => {
    response.json(find(pathOf(request, 'id')));
  });
  router.post('/organization_domains/:id/verify', (request, response) => {
    const row = find(pathOf(request, 'id'));
    verifyDomain(world, row);
    response.json(row);
  });
  router.delete('/organization_domains/:id', (request, response) => {
    deleteDomain(world, find(pathOf(request, 'id')));
    response.status(204).end();
  });
  return router;
}
