import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { differences, takeFingerprint } from '../../../db/backup/fingerprint.ts';
import { asTenant } from '../../support/actors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { runNode } from '../../support/process.ts';
import { createTenant, type TestTenant } from '../../support/tenants.ts';
import { asAdmin, exportPlace, lose, wrongIn } from './exported.ts';

const database = await createTestDatabase();
const copy = await createTestDatabase();
const place = exportPlace();
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await createTenant(database, { paid: true });
  await createTenant(database);
  await asTenant(database, tenant, (client) => client.query(`insert into app.project (name) values ('one')`));
});

const verifyWith = async (...args: string[]) => {
  const env = { ...database.environment, DATABASE_URL: database.urls.admin };
  const command = runNode(['db/main.ts', 'verify', ...args], { env });
  return { code: await command.closed, output: command.output() };
};

it('a database is compared with what it held: the command says what differs, and fails', async () => {
  const file = place.next();
  const first = await verifyWith('--write', file, '--amcheck');
  expect(first.output).toMatch(/ok +every page and index is sound[\s\S]*2 tenants, \d+ events/);
  expect(first.code).toBe(0);
  const print = JSON.parse(readFileSync(file, 'utf8'));
  expect(print.tenants[tenant.id].events.rows).toBeGreaterThan(3);
  // as where the last event is missing
  print.tenants[tenant.id].events.rows += 1;
  writeFileSync(file, JSON.stringify(print));
  const second = await verifyWith('--expect', file, '--json');
  expect(second.code).toBe(1);
  const { ok, findings } = JSON.parse(second.output);
  expect(ok).toBe(false);
  expect(findings.filter(({ problems }: { problems: string[] }) => problems.length > 0)).toEqual([
    { check: expect.any(String), problems: [expect.stringContaining(`events of ${tenant.id}`)] },
  ]);
});

it('a fingerprint depends on every value, and not on where rows lie', async () => {
  const before = await asAdmin(database, takeFingerprint);
  // writes every row to another place
  await lose(database, `update app.membership set name = name`, `update app.invoice set total = total`);
  expect(await asAdmin(database, takeFingerprint)).toEqual(before);
  await lose(database, `update app.invoice set total = total + 1 where tenant_id = '${tenant.id}'`);
  const after = differences(before, await asAdmin(database, takeFingerprint));
  expect(after).toEqual([
    expect.stringMatching(/^table app\.invoice: 1 rows \(\w+\) instead of 1 rows \(\w+\)$/),
    expect.stringContaining(`tenant ${tenant.id}`),
  ]);
  await lose(database, `update app.invoice set total = total - 1 where tenant_id = '${tenant.id}'`);
});

const faults: Record<string, { statement: string; check: string; line: RegExp }> = {
  'an index that was not finished': {
    statement: `update pg_index set indisvalid = false where indexrelid = 'app.api_key_pkey'::regclass`,
    check: 'every index is valid',
    line: /app\.api_key_pkey/,
  },
  'a constraint that was never validated': {
    statement: `alter table app.role add constraint role_new check (name <> 'x') not valid`,
    check: 'every constraint is validated',
    line: /role_new was never validated/,
  },
  'a trigger that somebody has disabled': {
    statement: 'alter table app.project disable trigger _900_record_update',
    check: 'every trigger is enabled',
    line: /_900_record_update is disabled/,
  },
  'a sequence that is behind': {
    statement: `select setval('platform.permission_number_seq', 1)`,
    check: 'sequences are ahead of their columns',
    line: /permission_number_seq is at 1/,
  },
  'a migration that is missing': {
    statement: `delete from graphile_migrate.migrations where filename = (select max(filename) from graphile_migrate.migrations)`,
    check: 'migrations are those of this code',
    line: /migration 0000\d\d\.sql is missing/,
  },
  'a grant that breaks a rule': {
    statement: 'grant truncate on app.project to freehold_user',
    check: 'the rules of the catalogue hold',
    line: /project/,
  },
};

it('what is wrong with the schema is found', async () => {
  expect(await wrongIn(copy)).toEqual([]);
  for (const { statement } of Object.values(faults)) await lose(copy, statement);
  const wrong = await wrongIn(copy);
  for (const [fault, { check, line }] of Object.entries(faults))
    expect([fault, wrong.find((finding) => finding.check === check)?.problems]).toEqual([
      fault,
      expect.arrayContaining([expect.stringMatching(line)]),
    ]);
});

it('half of a transaction is found: a change without its event, and an event without its change', async () => {
  expect(await wrongIn(database)).toEqual([]);
  await database.checkEvents();
  await lose(
    database,
    `update app.membership set version = version + 1 where tenant_id = '${tenant.id}'`,
    `delete from app.event where entity = 'project' and tenant_id = '${tenant.id}'`,
  );
  expect(await wrongIn(database)).toEqual([
    {
      check: 'rows and events tell the same',
      problems: [
        'membership: 1 rows have another version than their last event',
        'project: 1 rows are there without any event',
      ],
    },
  ]);
});
