import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { connectAsUser, enter } from '../support/caller.ts';
import { clock } from '../support/child.ts';
import type { Site } from './site.ts';

/** A change that was committed: of which resource to which version, and when its COMMIT was sent. */
export interface Change {
  tenant: number;
  entity: string;
  version: number;
  at: number;
}

export interface Writers {
  /** Renames that many projects, an equal number in each tenant, ten a transaction and the tenants in turn. */
  fill(events: number): Promise<void>;
  /** Renames one project of a tenant in one transaction. */
  rename(tenant: number): Promise<Change>;
  close(): Promise<void>;
}

const SLICE = 10;

/** Connections of the request role that write as the owners of the site's tenants. */
export async function openWriters(site: Site, connections: number): Promise<Writers> {
  const clients = await Promise.all(Array.from({ length: connections }, () => connectAsUser(site.urls.app)));
  const projects = await projectsOf(clients[0] as Client, site);
  const idsOf = (tenant: number, from: number, count: number): string[] => {
    const ids = projects[tenant] as string[];
    return Array.from({ length: count }, (_, n) => ids[(from + n) % ids.length] as string);
  };
  const free = [...clients];
  const waiting: ((client: Client) => void)[] = [];
  const as = async <T>(tenant: number, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = free.pop() ?? (await new Promise<Client>((resolve) => waiting.push(resolve)));
    try {
      const context = site.contexts[tenant];
      if (!context) throw new Error(`there is no tenant ${tenant}`);
      await enter(client, context);
      return await work(client);
    } finally {
      const next = waiting.shift();
      if (next) next(client);
      else free.push(client);
    }
  };
  let names = 0;
  return {
    async fill(events) {
      const tenants = site.contexts.length;
      const slices = Math.ceil(events / SLICE);
      let next = 0;
      const lane = async () => {
        for (let slice = next++; slice < slices; slice = next++) {
          const from = Math.floor(slice / tenants) * SLICE;
          const ids = idsOf(slice % tenants, from, Math.min(SLICE, events - slice * SLICE));
          await as(slice % tenants, (client) =>
            client.query({
              name: 'fill',
              text: 'update app.project set name = $1 where id = any ($2)',
              values: [`Renamed ${++names}`, ids],
            }),
          );
        }
      };
      await Promise.all(Array.from({ length: connections }, lane));
    },
    rename: (tenant) =>
      as(tenant, async (client) => {
        const [id] = idsOf(tenant, names, 1);
        await client.query('begin');
        const { rows } = await client.query<{ version: number }>({
          name: 'rename',
          text: 'update app.project set name = $1 where id = $2 returning version',
          values: [`Renamed ${++names}`, id],
        });
        const at = clock();
        await client.query('commit');
        return { tenant, entity: id as string, version: rows[0]?.version as number, at };
      }),
    async close() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}

async function projectsOf(client: Client, site: Site): Promise<string[][]> {
  const projects: string[][] = [];
  for (const context of site.contexts) {
    await enter(client, context);
    const { rows } = await client.query<{ id: string }>(
      `select id from app.project where status = 'active' order by id limit 200`,
    );
    projects.push(rows.map(({ id }) => id));
  }
  return projects;
}

/** Calls `fire` so often a second, at random moments (a Poisson process), whether or not earlier calls have ended. */
export async function atRate<T>(perSecond: number, seconds: number, fire: () => Promise<T>): Promise<T[]> {
  const begun: Promise<T>[] = [];
  const start = clock();
  for (let due = 0; due < seconds * 1_000; due += (-Math.log(1 - Math.random()) * 1_000) / perSecond) {
    const early = start + due - clock();
    if (early > 0) await pause(early);
    begun.push(fire());
  }
  return await Promise.all(begun);
}
