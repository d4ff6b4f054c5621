import { Client, Pool } from 'pg';
import { sendOneSync } from '../../server/database/one-sync.ts';
import { contextsOf, tenantsOf } from '../support/caller.ts';
import type { Profile } from '../support/data.ts';
import type { BenchServer } from '../support/database.ts';
import { startDelayProxy } from '../support/delay-proxy.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { round } from '../support/figures.ts';
import { latencies, median } from '../support/measure.ts';

// Without row-level security on both sides: only the transaction and the context differ.
const text = `select p.id, p.name, p.status, p.version, p.created_at
  from plain.project p
  where p.tenant_id = $1
  order by p.id desc
  limit 50`;

/** Transaction, role and context around a query, against the bare query: on loopback and through a link of 1 ms. */
export async function envelope(
  server: BenchServer,
  profile: Profile,
  { smoke, say }: BenchOptions,
): Promise<Figure[]> {
  const urls = await server.database(profile);
  const tenant = (await tenantsOf(urls.owner))[10] as string;
  const [context] = await contextsOf(urls.owner, [tenant]);
  if (!context) throw new Error('the data has no tenant');
  const proxy = await startDelayProxy(new URL(urls.app));
  const figures: Figure[] = [];
  try {
    for (const [name, url, target] of [
      ['loopback', urls.app, '≤ 1.3'],
      ['delay1ms', proxy.url, '≤ 1.1'],
    ] as const) {
      const bare = new Client({ connectionString: url });
      await bare.connect();
      await bare.query('set role freehold_user');
      const pool = new Pool({ connectionString: url, max: 1 });
      const enveloped = await pool.connect();
      const caller = { context, requestId: 'bench', traceparent: '' };
      const measured = await latencies(
        [
          { name: 'enveloped', run: () => sendOneSync(enveloped, caller, text, [tenant]) },
          { name: 'bare', run: () => bare.query({ name: 'bare', text, values: [tenant], rowMode: 'array' }) },
        ],
        smoke ? 50 : name === 'loopback' ? 5000 : 1500,
      );
      const [with_, without] = [median(measured.enveloped ?? []), median(measured.bare ?? [])];
      say(`envelope.${name}: ${with_.toFixed(0)} µs in the envelope, ${without.toFixed(0)} µs bare`);
      figures.push({ name: `envelope.${name}`, value: round(with_ / without), unit: 'ratio', target });
      enveloped.release();
      await pool.end();
      await bare.end();
    }
  } finally {
    proxy.stop();
  }
  return figures;
}
