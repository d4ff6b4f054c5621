import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { deployDrill } from '../../runtime/deploy-drill/drill.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { find } from '../support/find.ts';

/* The short form of npm run drill:deploy, where there is a HAProxy; in CI there must be one. */
const there = process.env.CI || process.env.HAPROXY || find('haproxy');
const directory = mkdtempSync(join(tmpdir(), 'freehold-deploy-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const database = there ? await createTestDatabase({ eventsChange: true }) : undefined;

it.runIf(there)(
  'a deployment under load fails no request and loses no delivery',
  async () => {
    const { urls } = database as TestDatabase;
    const outcome = await deployDrill({
      database: { adminUrl: urls.admin, urls },
      directory,
      requests: 600,
      perSecond: 60,
      connections: 30,
      projects: 1_200,
      soakSeconds: 1,
      short: true,
      say: () => {},
    });
    expect(outcome.broken).toBeUndefined();
    expect(outcome.failed).toEqual([]);
    expect(outcome.unclean).toEqual([]);
    expect(outcome.deliveries).toMatchObject({ missing: 0 });
    expect(outcome).toMatchObject({ ok: true, restarts: 3, untitled: 0 });
    expect(outcome.requests).toBeGreaterThanOrEqual(600);
    expect(outcome.deliveries.expected).toBeGreaterThan(100);
  },
  300_000,
);
