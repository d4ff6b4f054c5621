import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { exportTenant } from '../../../db/backup/export-tenant.ts';
import { exportedTables, notExported } from '../../../db/backup/tenant-tables.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { TestTenant } from '../../support/tenants.ts';
import { asAdmin, createRichTenant, exportPlace, exportTo, filesOf, hostile } from './exported.ts';

const database = await createTestDatabase();
const admin = database.pool('admin');
const place = exportPlace();
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createRichTenant(database);
});

it('an export for the customer holds what its people may see, and no secret', async () => {
  const to = place.next();
  const { tables } = await exportTo(to, database, tenant, 'portable');
  expect(tables.filter(({ table }) => !table.startsWith('app.'))).toEqual([]);
  const columns = tables.flatMap(({ table, columns }) => columns.map(({ name }) => `${table}.${name}`));
  expect(columns).toContain('app.project.name');
  expect(columns.filter((name) => /sealed|hash|secret/.test(name))).toEqual([]);
  const { rows: secrets } = await admin.query<{ secret: string }>(
    `select sealed_key::text as secret from app.webhook_signing_key
     union all select encode(hash, 'hex') from identity.api_key_secret
     union all select encode(token_hash, 'hex') from identity.session
     union all select encode(outer_pad, 'hex') from identity.principal`,
  );
  const all = Object.values(filesOf(to)).join('');
  expect(secrets.length).toBeGreaterThan(5);
  expect(secrets.filter(({ secret }) => all.includes(secret))).toEqual([]);
  const file = tables.find(({ table }) => table === 'app.project')?.file ?? '';
  const projects = readFileSync(join(to, file), 'utf8').split('\n').filter(Boolean);
  expect(projects.map((line) => JSON.parse(line).name)).toEqual(expect.arrayContaining(hostile));
});

it('an export is readable by its owner alone, and written over by nobody', async () => {
  const to = place.next();
  await exportTo(to, database, tenant);
  expect(statSync(to).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(to)) expect(statSync(join(to, name)).mode & 0o777).toBe(0o600);
  await expect(exportTo(to, database, tenant)).rejects.toMatchObject({ code: 'export_exists' });
});

it('a login that row-level security binds is refused, and leaves nothing half written', async () => {
  const before = readdirSync(place.directory);
  const client = await database.pool('owner').connect();
  await expect(
    exportTenant(client, { tenant: tenant.id, to: place.next(), kind: 'restorable' }).finally(() =>
      client.release(),
    ),
  ).rejects.toMatchObject({ code: 'row_security_binds' });
  expect(readdirSync(place.directory)).toEqual(before);
});

it('an export knows each table that knows tenants, and what their rows refer to outside of one', async () => {
  const names = (await asAdmin(database, exportedTables)).map(({ name }) => name);
  const { rows: tenanted } = await admin.query(
    `select c.oid::regclass::text as name
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'`,
  );
  const known = new Set([...names, ...notExported]);
  expect(tenanted.filter(({ name }) => !known.has(name))).toEqual([]);
  expect(notExported.filter((name) => names.includes(name))).toEqual([]);
  // the rest is in every database, by its migrations
  const { rows: outside } = await admin.query(
    `select distinct k.confrelid::regclass::text as name from pg_constraint k
     where k.contype = 'f' and k.conrelid::regclass::text = any ($1) and not k.confrelid::regclass::text = any ($1)
       and coalesce(obj_description(k.confrelid, 'pg_class'), '') !~ '@(enum|reference)'`,
    [names],
  );
  expect(outside).toEqual([]);
});
