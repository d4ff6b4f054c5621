import { randomUUID } from 'node:crypto';

/** An answer that is not what the operation expects. */
export class UnexpectedError extends Error {}

/** How one connection sends a request. Rejects when there is no whole answer. */
export type Send = (request: {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}) => Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }>;

/** A project of one connection's own, which nobody else changes: what it must look like is known. */
export interface Known {
  id: string;
  name: string;
  version: number;
  status: 'active' | 'archived';
}

/** What one connection has made, and what a project's name is called in GraphQL just now. */
export interface Session {
  send: Send;
  field: 'name' | 'title';
  projects: Known[];
}

interface Shown {
  id: string;
  name: string;
  version: number;
  status: string;
}

function expectSame(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new UnexpectedError(
    `${what} is ${JSON.stringify(found)?.slice(0, 600)}, not ${JSON.stringify(expected)}`,
  );
}

const shown = ({ id, name, version, status }: Shown): Shown => ({ id, name, version, status });

async function graphql<Data>({ send }: Session, query: string, variables: object): Promise<Data> {
  const answer = await send({ method: 'POST', path: '/graphql', body: { query, variables } });
  expectSame(`the status (${answer.text.slice(0, 300)})`, answer.status, 200);
  const { data, errors } = JSON.parse(answer.text) as { data: Data; errors?: unknown };
  expectSame('errors', errors, undefined);
  return data;
}

/** `name` whatever it is called: an enum is in capitals nowhere. */
const fields = ({ field }: Session): string => `id name: ${field} version status`;

async function rest(
  { send }: Session,
  expected: number,
  request: Parameters<Send>[0],
): Promise<{ body: Shown; headers: Record<string, string | string[] | undefined> }> {
  const { status, headers, text } = await send({ ...request, path: `/v1${request.path}` });
  expectSame(`the status (${text.slice(0, 300)})`, status, expected);
  return { body: text ? JSON.parse(text) : undefined, headers };
}

const key = () => ({ 'idempotency-key': randomUUID() });
const named = () => `Project ${randomUUID().slice(0, 8)}`;

function anyOf(session: Session): Known {
  const one = session.projects[Math.floor(Math.random() * session.projects.length)];
  if (!one) throw new Error('a connection begins with a project');
  return one;
}

/** The verb that its state allows. */
const verbOf = ({ status }: Known) => (status === 'active' ? 'archive' : 'restore');
const after = { archive: 'archived', restore: 'active' } as const;

function change(project: Known, changes: Partial<Known>, found: Shown | null | undefined): void {
  Object.assign(project, changes, { version: project.version + 1 });
  expectSame('the project', found && shown(found), project);
}

/** What a frontend and a partner do, and how often of a hundred times. */
export const operations: Record<string, { share: number; run: (session: Session) => Promise<void> }> = {
  'graphql get': {
    share: 17,
    async run(session) {
      const project = anyOf(session);
      const { project: found } = await graphql<{ project: Shown }>(
        session,
        `query Get($id: UUID!) { project(id: $id) { ${fields(session)} } }`,
        { id: project.id },
      );
      expectSame('the project', found && shown(found), project);
    },
  },
  'graphql list': {
    share: 8,
    async run(session) {
      const { projects } = await graphql<{ projects: { nodes: Shown[] } }>(
        session,
        `query List { projects(first: 20) { nodes { ${fields(session)} } } }`,
        {},
      );
      expectSame('the number of projects', projects.nodes.filter(({ name }) => name.length > 0).length, 20);
    },
  },
  'graphql create': {
    share: 6,
    async run(session) {
      const name = named();
      const { createProject } = await graphql<{ createProject: { project: Shown } }>(
        session,
        `mutation Create($project: ProjectInput!) { createProject(input: {project: $project}) { project { ${fields(session)} } } }`,
        { project: { [session.field]: name } },
      );
      const found = createProject.project;
      session.projects.push({ id: found.id, name, version: 1, status: 'active' });
      expectSame('the project', shown(found), session.projects.at(-1));
    },
  },
  'graphql update': {
    share: 12,
    async run(session) {
      const project = anyOf(session);
      const name = named();
      const { updateProject } = await graphql<{ updateProject: { project: Shown } }>(
        session,
        `mutation Update($id: UUID!, $patch: ProjectPatch!) { updateProject(input: {id: $id, patch: $patch}) { project { ${fields(session)} } } }`,
        { id: project.id, patch: { [session.field]: name } },
      );
      change(project, { name }, updateProject.project);
    },
  },
  'graphql transition': {
    share: 9,
    async run(session) {
      const project = anyOf(session);
      const verb = verbOf(project);
      const data = await graphql<Record<string, { project: Shown }>>(
        session,
        `mutation Move($id: UUID!) { ${verb}Project(input: {id: $id}) { project { ${fields(session)} } } }`,
        { id: project.id },
      );
      change(project, { status: after[verb] }, data[`${verb}Project`]?.project);
    },
  },
  'rest get': {
    share: 17,
    async run(session) {
      const project = anyOf(session);
      const { body, headers } = await rest(session, 200, { method: 'GET', path: `/projects/${project.id}` });
      expectSame('the project', shown(body), project);
      expectSame('its ETag', headers.etag, `"${project.version}"`);
    },
  },
  'rest list': {
    share: 8,
    async run(session) {
      const { body } = await rest(session, 200, { method: 'GET', path: '/projects?limit=20&sort=-id' });
      const { data } = body as unknown as { data: Shown[] };
      expectSame('the number of projects', data.filter(({ name }) => name.length > 0).length, 20);
    },
  },
  'rest create': {
    share: 6,
    async run(session) {
      const request = { method: 'POST', path: '/projects', headers: key(), body: { name: named() } };
      const { body } = await rest(session, 201, request);
      session.projects.push({ id: body.id, name: request.body.name, version: 1, status: 'active' });
      expectSame('the project', shown(body), session.projects.at(-1));
      // A client that did not see the answer: the same again is done once.
      const again = await rest(session, 201, request);
      expectSame('the answer to the same request', again.body, body);
      expectSame('Idempotency-Replayed', again.headers['idempotency-replayed'], 'true');
    },
  },
  'rest update': {
    share: 10,
    async run(session) {
      const project = anyOf(session);
      const name = named();
      const { body } = await rest(session, 200, {
        method: 'PATCH',
        path: `/projects/${project.id}`,
        headers: { ...key(), 'if-match': `"${project.version}"` },
        body: { name },
      });
      change(project, { name }, body);
    },
  },
  'rest transition': {
    share: 7,
    async run(session) {
      const project = anyOf(session);
      const verb = verbOf(project);
      const { body } = await rest(session, 200, {
        method: 'POST',
        path: `/projects/${project.id}/${verb}`,
        headers: { ...key(), 'if-match': `"${project.version}"` },
      });
      change(project, { status: after[verb] }, body);
    },
  },
};
