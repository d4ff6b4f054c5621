import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokenPromises, promisesOf, readRelease, writeRelease } from '../../check/api/promises.ts';
import { readDescription } from '../../server/rest/contract.ts';
import { describeOpenApi } from '../../server/rest/openapi/document.ts';
import { createTestDatabase } from '../support/database.ts';

/* What a served version of the API has promised is kept: docs/api/<version>.txt (npm run openapi writes it, where nothing is broken). */
const database = await createTestDatabase();
const owner = database.pool('owner');

/** The promises of the newest version after a change of the database, which is rolled back. */
async function promisedAfter(sql: string) {
  const client = await owner.connect();
  try {
    await client.query(`begin; ${sql}`);
    const { contracts, eventTypes } = await readDescription(client as never);
    return promisesOf(describeOpenApi(contracts[0] as never, eventTypes));
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const { contracts, eventTypes } = await readDescription(database.pool('app'));
const releaseOf = (version: string) =>
  readRelease(readFileSync(new URL(`../../docs/api/${version}.txt`, import.meta.url), 'utf8'));

describe('a version that is served', () => {
  it.each(contracts.map((contract) => [contract.version, contract] as const))(
    '%s keeps what it promised, and all that it has is promised',
    (version, contract) => {
      const now = promisesOf(describeOpenApi(contract, eventTypes));
      expect(brokenPromises(releaseOf(version), now)).toEqual([]);
      // npm run openapi
      expect(readFileSync(new URL(`../../docs/api/${version}.txt`, import.meta.url), 'utf8')).toBe(
        writeRelease(now),
      );
    },
  );
});

describe('a change', () => {
  const newest = releaseOf(contracts[0]?.version ?? '');

  it('that takes something away, or asks for something more, is broken', async () => {
    for (const [sql, line] of [
      ['drop view api_v1.projects cascade', 'gone: GET /projects'],
      ['drop function api_v1.archive_project(uuid, integer)', 'gone: POST /projects/{id}/archive'],
      ['revoke insert on api_v1.projects from freehold_user', 'gone: POST /projects'],
      [
        `alter table app.project drop constraint project_name_check, add check (length(name) between 5 and 200)`,
        'new: POST /projects takes body name minLength 5',
      ],
      [
        'alter table app.project alter column description drop default',
        'new: POST /projects takes body description',
      ],
      ['drop index app.project_by_status', 'gone: GET /projects takes query status: string'],
      ['alter table app.invoice alter column currency drop not null', 'gone: Invoice has currency: string'],
    ] as const) {
      expect(brokenPromises(newest, await promisedAfter(sql)), sql).toContain(line);
    }
  });

  it('that adds something is none', async () => {
    for (const sql of [
      `alter table app.project add column color text; select platform.declare_entity('app.project', permissions => e.declaration -> 'permissions',
         lifecycle => e.declaration -> 'lifecycle', limited_by => e.declaration -> 'limit') from platform.entity e where e.name = 'project'`,
      'create index on app.project (tenant_id, name)',
      'alter table app.project drop constraint project_name_check',
    ]) {
      expect(brokenPromises(newest, await promisedAfter(sql)), sql).toEqual([]);
    }
  });
});
