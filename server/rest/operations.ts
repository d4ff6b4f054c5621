import type { ApiFunction, Contract, JsonSchema, Method, Reference, Resource } from './contract.ts';
import { callSchema, createSchema, expectedVersion, updateSchema } from './schemas.ts';

/** One thing that the API does: a method of a path. All of them follow from the contract; the OpenAPI document lists the same ones. */
export interface Operation {
  /** Unique, in snake case: list_projects. What clients call it by. */
  readonly id: string;
  readonly method: Method;
  /** /projects/{id}/archive */
  readonly path: string;
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'call' | 'download';
  /** The resource that it is about, or that a call returns. */
  readonly resource: Resource | undefined;
  /** Of a list beneath a resource: what its rows refer to that by. */
  readonly parent: { readonly resource: Resource; readonly reference: Reference } | undefined;
  readonly called: ApiFunction | undefined;
  /** What the caller must hold, where that is known. */
  readonly permission: string | null;
  readonly reads: boolean;
  /** Of the body; undefined when it takes none. */
  readonly body: JsonSchema | undefined;
  /** Whether it takes If-Match, and whether it must. */
  readonly ifMatch: 'none' | 'optional' | 'required';
}

/** What the API of a version does, in order of path. */
export function operationsOf(contract: Contract): readonly Operation[] {
  const called = contract.functions.map((own) => callOf(contract, own));
  const taken = new Set(called.map(({ method, path }) => `${method} ${path}`));
  const plain = [...contract.resources.values()].flatMap((resource) => [
    ...operationsOfResource(resource),
    ...resource.references.flatMap((reference) => beneath(contract, resource, reference)),
  ]);
  return [
    ...called,
    ...downloads(contract),
    ...plain.filter(({ method, path }) => !taken.has(`${method} ${path}`)),
  ].sort((a, b) => (a.path === b.path ? a.method.localeCompare(b.method) : a.path.localeCompare(b.path)));
}

const permissionOf = ({ entity, permissions }: Resource, verb: string): string | null =>
  entity && verb in permissions ? `${entity}:${verb}` : null;

function operationsOfResource(resource: Resource): Operation[] {
  const { name, title, columns, key, if_match } = resource;
  const about = { resource, parent: undefined, called: undefined };
  const read = {
    ...about,
    reads: true,
    body: undefined,
    ifMatch: 'none',
    permission: permissionOf(resource, 'read'),
  } as const;
  const operations: Operation[] = [
    { ...read, id: `list_${name}`, method: 'GET', path: `/${name}`, kind: 'list' },
  ];
  const path = `/${name}/{${key[0]}}`;
  if (key.length === 1) operations.push({ ...read, id: `get_${title}`, method: 'GET', path, kind: 'get' });
  if (columns.some(({ create }) => create)) {
    operations.push({
      ...about,
      id: `create_${title}`,
      method: 'POST',
      path: `/${name}`,
      kind: 'create',
      reads: false,
      body: createSchema(resource),
      ifMatch: 'none',
      permission: permissionOf(resource, 'create'),
    });
  }
  if (columns.some(({ edit }) => edit)) {
    operations.push({
      ...about,
      id: `update_${title}`,
      method: 'PATCH',
      path,
      kind: 'update',
      reads: false,
      body: updateSchema(resource),
      ifMatch: if_match ? 'required' : isVersioned(resource) ? 'optional' : 'none',
      permission: permissionOf(resource, 'update'),
    });
  }
  return operations;
}

/** The rows that refer to a resource, beneath it: /invoices/{id}/lines. */
function beneath(contract: Contract, resource: Resource, reference: Reference): Operation[] {
  const above = contract.resources.get(reference.resource);
  if (!above || !reference.reverse) return [];
  return [
    {
      id: `list_${reference.reverse}_of_${above.title}`,
      method: 'GET',
      path: `/${above.name}/{${above.key[0]}}/${reference.reverse}`,
      kind: 'list',
      resource,
      parent: { resource: above, reference },
      called: undefined,
      permission: permissionOf(resource, 'read'),
      reads: true,
      body: undefined,
      ifMatch: 'none',
    },
  ];
}

/** The one thing that is no JSON: server/reports.ts answers with it. */
function downloads(contract: Contract): Operation[] {
  const reports = contract.resources.get('reports');
  if (!reports) return [];
  return [
    {
      id: 'download_report',
      method: 'GET',
      path: '/reports/{id}/content',
      kind: 'download',
      resource: undefined,
      parent: undefined,
      called: undefined,
      permission: permissionOf(reports, 'read'),
      reads: true,
      body: undefined,
      ifMatch: 'none',
    },
  ];
}

function callOf(contract: Contract, called: ApiFunction): Operation {
  const { method, path, returns, reads } = called;
  const resource = contract.resources.get(returns.resource ?? returns.page ?? '');
  const about = contract.resources.get(path.split('/')[0] ?? '');
  const takesVersion = called.arguments.some(({ name }) => name === expectedVersion);
  return {
    id: called.name,
    method,
    path: `/${path}`,
    kind: 'call',
    resource,
    parent: undefined,
    called,
    permission: null,
    reads,
    body: method === 'GET' ? undefined : callSchema(called),
    ifMatch: !takesVersion ? 'none' : about?.if_match ? 'required' : 'optional',
  };
}

/** Whether a call makes something: it answers 201, with where that is. */
export const creates = ({ kind, method, path, called }: Operation): boolean =>
  kind === 'create' ||
  (method === 'POST' &&
    called?.returns.resource !== undefined &&
    (!path.includes('{') || called.returns.also !== undefined));

/** Whether each change of it counts a version, which is its ETag. */
export const isVersioned = (resource: Resource | undefined): boolean =>
  resource?.columns.some(({ name }) => name === 'version') ?? false;
