import { connectAsUser, contextsOf, enter, tenantsOf } from '../support/caller.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { median, rates, ratioOfRounds } from '../support/measure.ts';

const clients = 8;

/** Insert and transition with policies, guard and event against a bare insert and update of the same row; durable commits. */
export async function write(
  server: BenchServer,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const urls = await server.database(profile);
  const tenants = (await tenantsOf(urls.owner)).slice(Math.min(20, profile.tenants - clients));
  const contexts = await contextsOf(urls.owner, tenants.slice(0, clients));
  const workers = await Promise.all(
    contexts.map(async (context) => {
      const client = await connectAsUser(urls.app);
      await enter(client, context);
      const { rows } = await client.query<{ id: string }>(
        `select id from app.project where status = 'active' limit 300`,
      );
      return { client, tenant: context.tenantId, ids: rows.map((row) => row.id), turn: 0, plainTurn: 0 };
    }),
  );
  const worker = (n: number) => workers[n] as (typeof workers)[number];
  try {
    const measured = await rates(
      [
        {
          name: 'plain insert',
          run: (n) =>
            worker(n).client.query({
              name: 'plain_insert',
              text: `insert into plain.project (tenant_id, name, description) values ($1, $2, $3) returning id, version`,
              values: [worker(n).tenant, 'A project', 'A few words about it'],
            }),
        },
        {
          name: 'declared insert',
          run: (n) =>
            worker(n).client.query({
              name: 'declared_insert',
              text: `insert into app.project (name, description) values ($1, $2) returning id, version`,
              values: ['A project', 'A few words about it'],
            }),
        },
        {
          name: 'plain update',
          run: (n) => {
            const mine = worker(n);
            const turn = mine.plainTurn++;
            return mine.client.query({
              name: 'plain_update',
              text: `update plain.project set status = $3, version = version + 1, updated_at = now()
                where tenant_id = $1 and id = $2 returning id, version`,
              values: [
                mine.tenant,
                mine.ids[(turn >> 1) % mine.ids.length],
                turn % 2 ? 'active' : 'archived',
              ],
            });
          },
        },
        {
          name: 'declared transition',
          run: (n) => {
            const mine = worker(n);
            const turn = mine.turn++;
            const verb = turn % 2 ? 'restore' : 'archive';
            return mine.client.query({
              name: `declared_${verb}`,
              text: `select id, version from app.${verb}_project($1)`,
              values: [mine.ids[(turn >> 1) % mine.ids.length]],
            });
          },
        },
      ],
      { clients, seconds: smoke ? 0.2 : 1, rounds: smoke ? 1 : 17 },
    );
    for (const [name, values] of Object.entries(measured)) say(`${name}: ${median(values).toFixed(0)} tx/s`);
    const of = (name: string) => measured[name] ?? [];
    return [
      {
        name: 'write.insert',
        value: round(ratioOfRounds(of('plain insert'), of('declared insert'))),
        unit: 'ratio',
        target: '≤ 2.3',
      },
      {
        name: 'write.transition',
        value: round(ratioOfRounds(of('plain update'), of('declared transition'))),
        unit: 'ratio',
        target: '≤ 2.3',
      },
    ];
  } finally {
    await Promise.all(workers.map(({ client }) => client.end()));
  }
}
