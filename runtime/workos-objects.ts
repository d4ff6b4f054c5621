import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { IdentityUnavailableError, type ProviderObject, type ToldObject } from './identity-provider.ts';

/**
 * WorkOS's objects, read in its own words: its SDK's names of fields are others, and change.
 */

/**
 * A GET of WorkOS's API, through its SDK.
 * @returns the body; undefined for 404
 * @throws IdentityRefusedError, IdentityUnavailableError
 */
export type Get = (path: string, query?: Readonly<Record<string, string | number>>) => Promise<unknown>;

export interface WorkosObjects {
  /** All that match. */
  list(path: string, query: Readonly<Record<string, string>>): Promise<ProviderObject[]>;
  byPath(path: string): Promise<ProviderObject | undefined>;
  find(kind: string, id: string): Promise<ProviderObject | undefined>;
  describeMember(subject: string, organization: string): Promise<ToldObject[]>;
  listOrganization(organization: string): AsyncGenerator<ToldObject[]>;
}

const providerObject = z.looseObject({ id: z.string().min(1) });
const objectList = z.object({
  data: z.array(providerObject),
  list_metadata: z.object({ after: z.string().nullish() }).optional(),
});

/** Where objects are asked for. */
const paths = {
  user: '/user_management/users',
  organization: '/organizations',
  organization_membership: '/user_management/organization_memberships',
  organization_domain: '/organization_domains',
  invitation: '/user_management/invitations',
  connection: '/connections',
  directory: '/directories',
  directory_user: '/directory_users',
  directory_group: '/directory_groups',
} as const;

/** Its own default is the active ones alone. */
const statuses = 'active,inactive,pending';

/** How often a page is asked for again that came too soon after others. */
const MOST_WAITS = 10;
const LONGEST_WAIT_SECONDS = 30;

export function readObjects(get: Get): WorkosObjects {
  const byPath = async (path: string): Promise<ProviderObject | undefined> => {
    const body = await patiently(() => get(path));
    return body === undefined ? undefined : providerObject.parse(body);
  };
  const find: WorkosObjects['find'] = async (kind, id) =>
    Object.hasOwn(paths, kind)
      ? byPath(`${paths[kind as keyof typeof paths]}/${encodeURIComponent(id)}`)
      : undefined;

  async function* pages(path: string, query: Readonly<Record<string, string>>) {
    let after: string | null | undefined;
    do {
      const asked = { ...query, limit: 100, order: 'asc', ...(after && { after }) };
      const { data, list_metadata } = objectList.parse(await patiently(() => get(path, asked)));
      yield data;
      after = list_metadata?.after;
    } while (after);
  }
  const list: WorkosObjects['list'] = async (path, query) => {
    const found: ProviderObject[] = [];
    for await (const page of pages(path, query)) found.push(...page);
    return found;
  };
  async function* told(kind: keyof typeof paths, query: Readonly<Record<string, string>>) {
    for await (const page of pages(paths[kind], query)) yield page.map((object) => ({ kind, object }));
  }
  const organizationAndDomains = async (id: string): Promise<ToldObject[]> => {
    const object = await find('organization', id);
    if (!object) return [];
    const domains = z.array(providerObject).catch([]).parse(object.domains);
    return [
      { kind: 'organization', object },
      ...domains.map((domain) => ({ kind: 'organization_domain', object: domain })),
    ];
  };

  /** Who is in a group is asked of the group: what its users say of that is empty for teams that began in May 2026 or later. */
  async function* listDirectory(directory: string): AsyncGenerator<ToldObject[]> {
    const groups: string[] = [];
    for await (const page of told('directory_group', { directory })) {
      groups.push(...page.map(({ object }) => object.id));
      yield page;
    }
    yield* told('directory_user', { directory });
    for (const group of groups) {
      for await (const page of pages(paths.directory_user, { group })) {
        yield page.map(({ id }) => ({
          kind: 'directory_group_user',
          object: {
            id: `${group}/${id}`,
            directory_id: directory,
            directory_group_id: group,
            directory_user_id: id,
            present: true,
          },
        }));
      }
    }
  }

  return {
    list,
    byPath,
    find,
    async describeMember(subject, organization) {
      const [user, around, memberships] = await Promise.all([
        find('user', subject),
        organizationAndDomains(organization),
        list(paths.organization_membership, { user_id: subject, organization_id: organization, statuses }),
      ]);
      return [
        ...(user ? [{ kind: 'user', object: user }] : []),
        ...around,
        ...memberships.map((object) => ({ kind: 'organization_membership', object })),
      ];
    },
    async *listOrganization(organization_id) {
      const around = await organizationAndDomains(organization_id);
      if (around.length === 0) return;
      yield around;
      yield* told('user', { organization_id });
      yield* told('organization_membership', { organization_id, statuses });
      yield* told('connection', { organization_id });
      for await (const directories of told('directory', { organization_id })) {
        yield directories;
        for (const { object } of directories) yield* listDirectory(object.id);
      }
    },
  };
}

/** Again when there were too many questions: WorkOS answers four a second about the users of one directory. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask();
    } catch (error) {
      const seconds = error instanceof IdentityUnavailableError ? error.retryAfterSeconds : undefined;
      if (seconds === undefined || waits === MOST_WAITS) throw error;
      await pause(Math.min(seconds, LONGEST_WAIT_SECONDS) * 1_000);
    }
  }
}

/** What PostgreSQL can keep: in texts and names, U+0000 and halves of surrogate pairs become U+FFFD. */
export function storable(value: unknown): unknown {
  // JSON.stringify writes both as escapes; `.` is any other escape, so that a backslash that is itself escaped begins none.
  const text = JSON.stringify(value).replace(/\\(u0000|ud[89a-f]..|.)/g, (written, name: string) =>
    name.length > 1 ? '\uFFFD' : written,
  );
  return JSON.parse(text);
}
