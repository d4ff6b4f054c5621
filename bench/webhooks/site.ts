import { Client } from 'pg';
import type { Context } from '../../server/database/context.ts';
import { contextsOf, tenantsOf } from '../support/caller.ts';
import { startChild } from '../support/child.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer, BenchUrls } from '../support/database.ts';
import type { Endpoint } from '../support/endpoints.ts';
import { createEndpoints } from '../support/endpoints.ts';
import type { Expectation, Report } from '../support/receiver.ts';

export interface Receiver {
  pid: number;
  port: number;
  /** Forgets what came, and knows these endpoints from now on. */
  expect(endpoints: readonly Endpoint[], changes?: boolean): Promise<void>;
  /** @returns false when that many distinct messages have not come in time */
  until(count: number, seconds: number): Promise<boolean>;
  /** @throws when a signature did not fit */
  report(): Promise<Report>;
  hang(hang: boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const child = await startChild('support/receiver.ts');
  const port = await child.ask<number>('listen');
  return {
    pid: child.pid,
    port,
    expect: (endpoints, changes = false) => {
      const keys = Object.fromEntries(endpoints.map(({ url, key }) => [new URL(url).pathname, key]));
      return child.ask('expect', { keys, changes } satisfies Expectation);
    },
    until: (count, seconds) => child.ask<boolean>('until', { count, ms: seconds * 1_000 }),
    async report() {
      const report = await child.ask<Report>('report');
      if (report.refused > 0) throw new Error(`${report.refused} signatures did not fit`);
      return report;
    },
    hang: (hang) => child.ask('hang', hang),
    stop: () => child.stop(),
  };
}

/** Tenants with endpoints, in a database that is theirs alone. */
export interface Site {
  urls: BenchUrls;
  contexts: Context[];
  endpoints: Endpoint[];
  drop(): Promise<void>;
}

export interface SiteOptions {
  name: string;
  profile: Profile;
  tenants: number;
  /** Endpoints of each tenant, told of everything about projects. */
  each: number;
  /** Port of the receiver of a tenant. */
  port: (tenant: number) => number;
}

export async function openSite(server: BenchServer, options: SiteOptions): Promise<Site> {
  const { name, profile, tenants, each, port } = options;
  const { urls, drop } = await server.fresh(name, profile);
  try {
    const chosen = (await tenantsOf(urls.owner)).slice(0, tenants);
    const wanted = chosen.flatMap((tenant, t) =>
      Array.from({ length: each }, (_, e) => ({ tenant, url: `http://127.0.0.1:${port(t)}/${t}/${e}` })),
    );
    const endpoints = await createEndpoints(urls.owner, wanted);
    return { urls, endpoints, contexts: await contextsOf(urls.owner, chosen), drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

export async function withAdmin<T>(urls: BenchUrls, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: urls.admin });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
