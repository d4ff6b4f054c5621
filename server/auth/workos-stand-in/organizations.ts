import { Router } from 'express';
import * as z from 'zod';
import { deleteConnection } from './connections.ts';
import { deleteDirectory } from './directories.ts';
import { createDomain, deleteDomain, demandDomainFree, domainsOf, verifyDomain } from './domains.ts';
import { conflict, notFound } from './errors.ts';
import { newId } from './ids.ts';
import { domain, mergeMetadata, metadata, parse, pathOf, queryList, text } from './input.ts';
import { listOf } from './lists.ts';
import { deleteMembership } from './memberships.ts';
import type { Organization } from './state.ts';
import { born, change } from './timestamps.ts';
import type { World } from './world.ts';

const changes = z.object({
  name: text.nullish(),
  domain_data: z.array(z.object({ domain, state: z.enum(['pending', 'verified']) })).nullish(),
  stripe_customer_id: text.nullish(),
  external_id: text.nullish(),
  metadata: metadata.nullish(),
});
const creation = changes.extend({ name: text });

export function findOrganization(world: World, id: string): Organization {
  const organization = world.state.organizations.get(id);
  if (!organization) throw notFound('Organization', id);
  return organization;
}

function organizationWire(world: World, row: Organization): object {
  const { require_sso, ...organization } = row;
  return { ...organization, domains: domainsOf(world, row.id) };
}

/** Makes an organization. `id` is given only when seeding. Emits nothing. */
export function newOrganization(
  input: { name: string; external_id?: string | null | undefined },
  id: string = newId('org'),
): Organization {
  return {
    object: 'organization',
    id,
    name: input.name,
    allow_profiles_outside_organization: false,
    external_id: input.external_id ?? null,
    metadata: {},
    require_sso: false,
    ...born(),
  };
}

/** @throws ApiError 409 when the external id or a domain belongs to another */
export function createOrganization(world: World, input: z.infer<typeof creation>): Organization {
  const { state } = world;
  demandFree(world, input);
  for (const entry of input.domain_data ?? []) demandDomainFree(world, entry.domain);
  const organization = newOrganization(input);
  organization.metadata = mergeMetadata({}, input.metadata ?? {});
  if (input.stripe_customer_id) organization.stripe_customer_id = input.stripe_customer_id;
  state.organizations.set(organization.id, organization);
  const domains = (input.domain_data ?? []).map((entry) =>
    createDomain(world, organization.id, entry.domain, entry.state, { silent: true }),
  );
  world.emit('organization.created', organizationWire(world, organization));
  for (const created of domains) {
    world.emit('organization_domain.created', created);
    if (created.state === 'verified') world.emit('organization_domain.verified', created);
  }
  return organization;
}

function updateOrganization(world: World, organization: Organization, input: z.infer<typeof changes>): void {
  demandFree(world, input, organization);
  if (input.domain_data) replaceDomains(world, organization, input.domain_data);
  change(organization, {
    ...(input.name && { name: input.name }),
    ...(input.stripe_customer_id && { stripe_customer_id: input.stripe_customer_id }),
    ...(input.external_id !== undefined && { external_id: input.external_id }),
    ...(input.metadata && { metadata: mergeMetadata(organization.metadata, input.metadata) }),
  });
  world.emit('organization.updated', organizationWire(world, organization));
}

/** `domain_data` is the whole list: those that it does not name go. */
function replaceDomains(
  world: World,
  organization: Organization,
  wanted: { domain: string; state: 'pending' | 'verified' }[],
): void {
  for (const entry of wanted) demandDomainFree(world, entry.domain, organization.id);
  const old = domainsOf(world, organization.id);
  for (const row of old) if (!wanted.some((entry) => entry.domain === row.domain)) deleteDomain(world, row);
  for (const entry of wanted) {
    const row = old.find((one) => one.domain === entry.domain);
    if (!row) createDomain(world, organization.id, entry.domain, entry.state);
    else if (entry.state === 'verified' && row.state !== 'verified') verifyDomain(world, row);
  }
}

function demandFree(world: World, { external_id }: z.infer<typeof changes>, self?: Organization): void {
  const others = [...world.state.organizations.values()].filter((one) => one !== self);
  if (external_id && others.some((one) => one.external_id === external_id))
    throw conflict(
      'external_id_already_used',
      `The external id ${external_id} belongs to another organization.`,
    );
}

/** Whether its people have to come through its connection. WorkOS's API does not show it, and has no event for it. */
export function requireSso(organization: Organization, require_sso: boolean): Organization {
  return change(organization, { require_sso });
}

/** All that belongs to it goes first, each with its own event; a directory with one. */
function deleteOrganization(world: World, organization: Organization): void {
  const { directories, connections, memberships, invitations, organizations } = world.state;
  const ours = <T extends { organization_id: string | null }>(rows: Map<string, T>): T[] =>
    [...rows.values()].filter((row) => row.organization_id === organization.id);
  for (const row of ours(directories)) deleteDirectory(world, row);
  for (const row of ours(connections)) deleteConnection(world, row);
  for (const row of ours(memberships)) deleteMembership(world, row);
  for (const row of ours(invitations)) invitations.delete(row.id);
  const wire = organizationWire(world, organization);
  for (const row of domainsOf(world, organization.id)) deleteDomain(world, row);
  organizations.delete(organization.id);
  world.emit('organization.deleted', wire);
}

export function organizationRoutes(world: World): Router {
  const { organizations } = world.state;
  const wire = (row: Organization) => organizationWire(world, row);
  const router = Router();
  router.get('/organizations', (request, response) => {
    const domains = queryList(request, 'domains');
    const found = [...organizations.values()].filter(
      ({ id }) => !domains || domainsOf(world, id).some((row) => domains.includes(row.domain)),
    );
    response.json(listOf(request, found, wire));
  });
  router.post('/organizations', (request, response) => {
    response.status(201).json(wire(createOrganization(world, parse(creation, request.body))));
  });
  router.get('/organizations/external_id/:externalId', (request, response) => {
    const externalId = pathOf(request, 'externalId');
    const organization = [...organizations.values()].find((one) => one.external_id === externalId);
    if (!organization) throw notFound('Organization', externalId);
    response.json(wire(organization));
  });
  router.get('/organizations/:id', (request, response) => {
    response.json(wire(findOrganization(world, pathOf(request, 'id'))));
  });
  router.put('/organizations/:id', (request, response) => {
    const organization = findOrganization(world, pathOf(request, 'id'));
    updateOrganization(world, organization, parse(changes, request.body));
    response.json(wire(organization));
  });
  router.delete('/organizations/:id', (request, response) => {
    deleteOrganization(world, findOrganization(world, pathOf(request, 'id')));
    response.status(204).end();
  });
  return router;
}
