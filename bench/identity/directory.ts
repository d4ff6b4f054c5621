import { setTimeout as pause } from 'node:timers/promises';
import type { JobHelpers } from 'graphile-worker';
import { Pool } from 'pg';
import { pino } from 'pino';
import { migrate } from '../../db/migrate.ts';
import { LAZY_COMMITS } from '../../worker/dispatch.ts';
import { followPeople } from '../../worker/tasks/follow-people.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, quantile } from '../support/measure.ts';

const issuer = 'https://issuer.example';
const organization_id = 'org_large';

/** The people of a large directory, from their events in to the end of the directory; and whether others have to wait meanwhile. */
export async function directory(server: BenchServer, { smoke, say }: BenchOptions): Promise<Figure[]> {
  const people = smoke ? 200 : 10_000;
  // Without statistics, as a first import finds it: no plan may depend on them.
  const fresh = await server.fresh('directory');
  await migrate(fresh.urls.owner, { drafts: true });
  const admin = new Pool({ connectionString: fresh.urls.admin, max: 1 });
  const gate = new Pool({ connectionString: fresh.urls.gate, max: 1 });
  const worker = new Pool({ connectionString: fresh.urls.worker, max: 2, options: LAZY_COMMITS });
  try {
    const { rows } = await admin.query<{ tenant: string }>(
      `select platform.create_tenant('Large', 'large', 'boss@large.example', 'Boss', 'elsewhere', 'boss', 'enterprise') as tenant`,
    );
    await admin.query(
      'insert into identity.organization (issuer, organization, tenant_id) values ($1, $2, $3)',
      [issuer, organization_id, rows[0]?.tenant],
    );
    const hear = hearer(gate);
    const inBegan = performance.now();
    await hear('dsync.activated', { id: 'directory_large', organization_id, state: 'linked' });
    for (let n = 0; n < people; n += 1) await arrive(hear, `person${n}`);
    const inSeconds = (performance.now() - inBegan) / 1_000;
    const active = async () =>
      (
        await admin.query<{ n: number }>(
          `select count(*)::int as n from app.membership where tenant_id = $1 and status = 'active'`,
          [rows[0]?.tenant],
        )
      ).rows[0]?.n ?? 0;
    if ((await active()) !== people + 1) throw new Error(`${await active()} are members, not ${people + 1}`);

    const task = followPeople(worker, pino({ level: 'silent' }), undefined);
    const follow = async () =>
      task({}, { abortSignal: new AbortController().signal } as unknown as JobHelpers);
    const nothing = await seconds(async () => {
      await admin.query(`select identity.follow_organization($1, $2)`, [issuer, organization_id]);
      await follow();
    });
    const end = await seconds(() =>
      hear('dsync.deleted', { id: 'directory_large', organization_id, state: 'deleting' }),
    );
    // Another customer's people come and change meanwhile.
    const waits: number[] = [];
    let over = false;
    const meanwhile = (async () => {
      for (let n = 0; !over; n += 1) {
        await pause(20);
        waits.push(
          await seconds(() => hear('user.updated', { id: 'user_else', email: `else${n}@else.example` })),
        );
      }
    })();
    const out = await seconds(follow);
    over = true;
    await meanwhile;
    if ((await active()) !== 1) throw new Error(`${(await active()) - 1} are members still`);
    const p99 = quantile(waits, 0.99);
    say(
      `identity.directory: ${people} people; an event of others took ${(median(waits) * 1_000).toFixed(1)} ms (p99 ${(p99 * 1_000).toFixed(1)}) meanwhile`,
    );
    return [
      { name: 'identity.directory.events', value: round((people * 4) / inSeconds, 0), unit: '/s' },
      { name: 'identity.directory.end_event', value: round(end * 1_000, 0), unit: 'ms' },
      { name: 'identity.directory.out', value: round(people / out, 0), unit: '/s' },
      { name: 'identity.directory.unchanged', value: round(people / nothing, 0), unit: '/s' },
      { name: 'identity.directory.others_p99', value: round(p99 * 1_000, 1), unit: 'ms' },
    ];
  } finally {
    await Promise.all([admin.end(), gate.end(), worker.end()]);
    await fresh.drop();
  }
}

type Hear = (event: string, data: Record<string, unknown>) => Promise<void>;

/** Hands over an event, as its webhook does. */
function hearer(gate: Pool): Hear {
  let count = 0;
  return async (event, data) => {
    count += 1;
    const created_at = new Date().toISOString();
    const told = { id: `event_${count}`, event, created_at, data: { ...data, updated_at: created_at } };
    let { rows } = await gate.query<{ status: string }>(
      `select identity.receive_event($1, $2, 'webhook') as status`,
      [issuer, JSON.stringify(told)],
    );
    while (rows[0]?.status === 'pending')
      ({ rows } = await gate.query('select status from identity.apply_event($1)', [told.id]));
    if (rows[0]?.status !== 'applied') throw new Error(`${event} is ${rows[0]?.status}`);
  };
}

async function arrive(hear: Hear, name: string): Promise<void> {
  const email = `${name}@large.example`;
  await hear('dsync.user.created', {
    id: `directory_user_${name}`,
    directory_id: 'directory_large',
    organization_id,
    email,
    state: 'active',
  });
  await hear('user.created', { id: `user_${name}`, email, email_verified: true, first_name: name });
  await hear('organization_membership.created', {
    id: `om_${name}`,
    user_id: `user_${name}`,
    organization_id,
    status: 'active',
  });
  // one group that everybody is in
  const updated_at = new Date(0).toISOString();
  await hear('dsync.group.user_added', {
    directory_id: 'directory_large',
    user: {
      id: `directory_user_${name}`,
      directory_id: 'directory_large',
      organization_id,
      email,
      updated_at,
    },
    group: { id: 'group_all', directory_id: 'directory_large', organization_id, name: 'All', updated_at },
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
