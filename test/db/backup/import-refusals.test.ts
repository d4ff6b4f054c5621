import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { fingerprint } from '../../support/fingerprint.ts';
import { createTenant, type TestTenant } from '../../support/tenants.ts';
import { exportPlace, exportTo, importFrom, lose } from './exported.ts';

const database = await createTestDatabase();
const place = exportPlace();
let tenant: TestTenant;
let other: TestTenant;
let directory: string;
let before: Record<string, string>;

beforeAll(async () => {
  tenant = await createTenant(database, { members: ['admin'] });
  other = await createTenant(database);
});
beforeEach(async () => {
  directory = place.next();
  await exportTo(directory, database, tenant);
});
/** As the database is when the import begins. */
const begin = async () => {
  before = await fingerprint(database);
};
afterEach(async () => {
  expect(await fingerprint(database)).toEqual(before);
});

const refused = (mode: 'absent' | 'replace' = 'replace') =>
  importFrom(directory, database, mode).then(
    () => 'it was imported',
    ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
  );

it('an export of which a byte was changed is refused', async () => {
  await begin();
  const name = readdirSync(directory).find((file) => file.endsWith('app.membership.ndjson')) ?? '';
  const text = readFileSync(join(directory, name), 'utf8');
  writeFileSync(join(directory, name), text.replace('"admin"', '"owner"'));
  expect(await refused()).toMatch(/^export_damaged: .*app\.membership\.ndjson was changed or cut/);
});

it('an export of another migration is refused, and the message names both', async () => {
  await begin();
  const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  manifest.migration = { filename: '000001.sql', hash: 'sha1:0' };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  expect(await refused()).toMatch(
    /^migration_mismatch: .*at migration 000001\.sql, and this database is at 0000\d\d\.sql/,
  );
});

it('a portable export is refused', async () => {
  await begin();
  directory = place.next();
  await exportTo(directory, database, tenant, 'portable');
  expect(await refused()).toMatch(/^export_portable/);
});

it('a tenant that is there is refused, and what is there is counted', async () => {
  await begin();
  expect(await refused('absent')).toMatch(/^tenant_exists: .*app\.membership 2/);
});

it('a tenant whose slug belongs to another by now is refused', async () => {
  const { rows } = await database.pool('admin').query('select tenant_id, slug from identity.tenant_slug');
  const slug = rows.find(({ tenant_id }) => tenant_id === tenant.id).slug;
  const others = rows.find(({ tenant_id }) => tenant_id === other.id).slug;
  const swap = (from: string, to: string) =>
    lose(database, `update identity.tenant_slug set slug = '${to}' where slug = '${from}'`);
  await swap(slug, 'aside');
  await swap(others, slug);
  await begin();
  expect(await refused()).toMatch(/^import_conflict: A row of identity\.tenant_slug meets another/);
  expect(await fingerprint(database)).toEqual(before);
  await swap(slug, others);
  await swap('aside', slug);
  await begin();
});

it('a member who is another person here is refused by name', async () => {
  const person = tenant.members.get('admin')?.personId;
  const stranger = other.members.get('owner')?.personId;
  const { rows } = await database
    .pool('admin')
    .query('select subject from identity.login where person_id = $1', [person]);
  const give = (to: string | undefined) =>
    lose(database, `update identity.login set person_id = '${to}' where subject = '${rows[0].subject}'`);
  await give(stranger);
  await begin();
  expect(await refused()).toMatch(new RegExp(`^import_conflict: .*${rows[0].subject}`));
  expect(await fingerprint(database)).toEqual(before);
  await give(person);
  await begin();
});

it('rows that refer to nothing are refused: with triggers off, no key has looked', async () => {
  await lose(database, `delete from identity.person where id = '${tenant.members.get('admin')?.personId}'`);
  await begin();
  const broken = directory;
  directory = place.next();
  await exportTo(directory, database, tenant);
  expect(await refused()).toMatch(/^import_incomplete: .*refer to no row of identity\.person/);
  expect(await fingerprint(database)).toEqual(before);
  await importFrom(broken, database, 'replace');
  await begin();
});
