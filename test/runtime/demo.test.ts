import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../db/cluster.ts';
import type { EmbeddedServer } from '../../db/embedded.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { withDatabase } from '../../db/urls.ts';
import { serverOf } from '../../runtime/config.ts';
import { runNode } from '../support/process.ts';

/* npm run demo on a server of one's own, which others use: a cluster of this file's own, since roles belong to all of it. */
let directory: string;
let server: EmbeddedServer;
const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('freehold-demo-')).length;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-demonstrated-'));
  chmodSync(directory, 0o755);
  server = await startEmbedded({ directory, durable: false });
});

afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function demonstrate(env: Record<string, string>) {
  const demo = runNode(['runtime/demo/main.ts', '--json'], { env });
  const code = await demo.closed;
  return { code, told: JSON.parse(demo.output()) };
}

describe('the demo', () => {
  it('observes each step, and leaves the server as it was: databases, and the passwords of the logins', async () => {
    // the database does not exist: it is made, as the configuration says
    const url = withDatabase(server.url, 'freehold');
    const urls = await prepareCluster(url, { secret: serverOf(url) });
    const before = left();
    const { code, told } = await demonstrate({ DATABASE_URL: url });
    expect([code, told.ok, told.error]).toEqual([0, true, undefined]);
    expect(told.steps).toHaveLength(9);
    for (const login of ['gate', 'app', 'worker', 'owner'] as const) {
      const client = new Client({ connectionString: urls[login] });
      await client.connect();
      await client.end();
    }
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const { rows } = await admin.query(`select from pg_database where datname like '%demo%'`);
    await admin.end();
    expect(rows).toEqual([]);
    expect(left()).toBe(before);
  });

  it('says in one line why it cannot begin, in JSON too, and leaves nothing behind', async () => {
    const before = left();
    expect(await demonstrate({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' })).toEqual({
      code: 1,
      told: {
        ok: false,
        steps: [],
        error: expect.stringMatching(/^No PostgreSQL answers at 127\.0\.0\.1:1\. Start it/),
      },
    });
    expect(await demonstrate({ LOG_LEVEL: 'loud', PORT: 'x' })).toEqual({
      code: 1,
      told: { ok: false, steps: [], error: expect.stringMatching(/LOG_LEVEL must be/) },
    });
    expect(left()).toBe(before);
  });
});
