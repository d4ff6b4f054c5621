import { createHmac } from 'node:crypto';
import { Logger, run } from 'graphile-worker';
import { Pool } from 'pg';

// The naive design's worker: a task a delivery, which loads it, posts it with fetch (whose connections are kept alive) and records the
// attempt. Each of the two is one statement, prepared by name and without policies in the way: as cheap as this design can be.
const load = `
  select w.url, s.key, e.traceparent, 'evt_' || e.id as message_id,
    '{"id":"evt_' || e.id || '","type":' || to_json(e.type)
      || ',"timestamp":"' || to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      || '","tenant":"' || e.tenant_id || '","entity":' || to_json(e.entity) || ',"entity_id":"' || e.entity_id
      || '","entity_version":' || coalesce(e.entity_version::text, 'null') || ',"api_version":"v1","data":' || e.data || '}' as body
  from app.delivery d
  join app.webhook_endpoint w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id
  join naive.secret s on s.endpoint_id = w.id
  join app.event e on e.tenant_id = d.tenant_id and e.id = d.event_id
  where d.tenant_id = $1
    and d.id = $2
    and d.status = 'pending'`;
const finish = `
  with attempted as (
    insert into app.delivery_attempt (
      tenant_id, delivery_id, endpoint_id, attempt, succeeded, status_code, error, latency_ms, response_excerpt)
    select $1, $2, d.endpoint_id, $3, $5::text is null, $4, $5, $6, $7
    from app.delivery d
    where d.tenant_id = $1
      and d.id = $2
  )
  update app.delivery d
  set attempt_count = $3,
    status = case when $5::text is null then 'succeeded' else 'pending' end,
    next_attempt_at = null,
    last_error = $5,
    updated_at = statement_timestamp()
  where d.tenant_id = $1
    and d.id = $2`;

interface Loaded {
  url: string;
  key: Buffer;
  traceparent: string | null;
  message_id: string;
  body: string;
}

const concurrency = Number(process.env.CONCURRENCY);
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: concurrency + 2 });
pool.on('error', () => {});
pool.on('connect', (client) => client.on('error', () => {}));

await run({
  pgPool: pool,
  concurrency,
  noHandleSignals: true,
  logger: new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') console.error(message);
  }),
  parsedCronItems: [],
  taskList: {
    deliver_one: async (payload, helpers) => {
      const { tenant, delivery } = payload as { tenant: string; delivery: string };
      const { rows } = await pool.query<Loaded>({ name: 'load', text: load, values: [tenant, delivery] });
      const found = rows[0];
      if (!found) return;
      const { url, key, traceparent, message_id, body } = found;
      const timestamp = Math.floor(Date.now() / 1_000);
      const signature = createHmac('sha256', key)
        .update(`${message_id}.${timestamp}.${body}`)
        .digest('base64');
      const began = performance.now();
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'webhook-id': message_id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': `v1,${signature}`,
          ...(traceparent ? { traceparent } : {}),
        },
        body,
        signal: AbortSignal.timeout(15_000),
      });
      const text = (await answer.text()).slice(0, 16_384);
      const error = answer.ok ? null : `HTTP ${answer.status}`;
      const latency = Math.round(performance.now() - began);
      await pool.query({
        name: 'finish',
        text: finish,
        values: [tenant, delivery, helpers.job.attempts, answer.status, error, latency, text || null],
      });
      if (error) throw new Error(error);
    },
  },
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
