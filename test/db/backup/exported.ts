import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { afterAll } from 'vitest';
import { exportTenant } from '../../../db/backup/export-tenant.ts';
import { type ImportMode, importTenant } from '../../../db/backup/import-tenant.ts';
import type { ExportKind } from '../../../db/backup/tenant-file.ts';
import { verify } from '../../../db/backup/verify.ts';
import { asTenant } from '../../support/actors.ts';
import type { TestDatabase } from '../../support/database.ts';
import { newSigningKey } from '../../support/keyring.ts';
import { createTenant, type TestTenant } from '../../support/tenants.ts';

/** What a text can hold and a format trips over. NUL is none of it: PostgreSQL refuses it. */
export const hostile = [
  'two\nlines\r\nand\ttabs',
  `quotes ' " \` \\ \\n \\. \\N $1 $$ ''`,
  'null',
  '{"a": null}',
  '{NULL,"NULL",}',
  'é e\u0301 ß 漢字 👩‍👩‍👧 \u202eright to left\u202c \u2028\u2029 \ufeff',
  '\u0001\u001b[31m\u007f\u0085',
  ' ',
];

/** A directory for exports, of which each has a name of its own. */
export function exportPlace() {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-export-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let made = 0;
  return {
    directory,
    next() {
      made += 1;
      return join(directory, String(made));
    },
  };
}

export async function asAdmin<T>(
  database: TestDatabase,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool('admin').connect();
  return work(client).finally(() => client.release());
}

export const exportTo = (
  to: string,
  database: TestDatabase,
  tenant: TestTenant,
  kind: ExportKind = 'restorable',
) => asAdmin(database, (client) => exportTenant(client, { tenant: tenant.id, to, kind }));

export const importFrom = (directory: string, database: TestDatabase, mode: ImportMode = 'absent') =>
  asAdmin(database, (client) => importTenant(client, directory, mode));

/** Its files, but for the one that says when. */
export const filesOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .filter((name) => name !== 'taken.json')
      .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );

/** As an operator who makes a mistake: past row-level security, triggers and keys. */
export const lose = (database: TestDatabase, ...statements: string[]) =>
  asAdmin(database, (client) =>
    client.query(`begin; set local session_replication_role = replica; ${statements.join('; ')}; commit`),
  );

/** What db verify finds wrong. */
export async function wrongIn(database: TestDatabase) {
  const findings = await asAdmin(database, verify);
  return findings.filter(({ problems }) => problems.length > 0);
}

/** A tenant with something in the tables whose types are hard to write down. */
export async function createRichTenant(database: TestDatabase): Promise<TestTenant> {
  const tenant = await createTenant(database, { plan: 'enterprise', members: ['admin'], paid: true });
  await asTenant(database, tenant, async (client) => {
    for (const text of hostile)
      await client.query('insert into app.project (name, description) values ($1, $1)', [text]);
    await client.query(`insert into app.project (name, description) values ('empty', '')`);
    await client.query(
      `select app.create_webhook_endpoint('https://receiver.example/', '{project.*}', signing_key => $1, ordered => true)`,
      [newSigningKey()],
    );
    await client.query(`update app.project set name = 'told' where name = 'empty'`);
    await client.query(
      `select app.create_api_key('key', '{project:read}', allowed_networks => '{10.0.0.0/8,2001:db8::/32}')`,
    );
  });
  return tenant;
}
