import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client } from 'pg';
import type { Config } from '../../runtime/config.ts';
import { Failure } from '../../runtime/failure.ts';
import { readArguments } from '../cli/arguments.ts';
import { connected } from '../connect.ts';
import { openDatabase } from '../open.ts';
import { exportTenant } from './export-tenant.ts';
import { differences, type Fingerprint, takeFingerprint } from './fingerprint.ts';
import { importTenant } from './import-tenant.ts';
import { verify, verifyPages } from './verify.ts';

/** On the database of DATABASE_URL as its administrator, or on the embedded one. */
async function withAdmin<T>(config: Config, work: (client: Client) => Promise<T>): Promise<T> {
  // A copy that is looked at is left as it is: roles are not prepared in it.
  if (config.database.admin) return connected(config.database.admin, work);
  const database = await openDatabase(config, { onProgress: (line) => console.error(line) });
  try {
    return await connected(database.adminUrl, work);
  } finally {
    await database.close();
  }
}

const verifyUsage = 'npm run db verify [-- --expect FILE] [--write FILE] [--amcheck] [--json].';

const verifyOptions = {
  options: {
    amcheck: { type: 'boolean' },
    json: { type: 'boolean' },
    expect: { type: 'string' },
    write: { type: 'string' },
  },
} as const;

/** npm run db verify. Sets the exit code to 1 when something is wrong. */
export async function verifyDatabase(config: Config, args: string[]): Promise<void> {
  const { values } = readArguments(args, verifyOptions, verifyUsage);
  const expected = typeof values.expect === 'string' ? readFingerprint(values.expect) : undefined;
  const { findings, print } = await withAdmin(config, async (client) => {
    const findings = await verify(client);
    if (values.amcheck) findings.push(await verifyPages(client));
    return { findings, print: await takeFingerprint(client) };
  });
  if (expected)
    findings.push({
      check: `it holds what ${values.expect} tells`,
      problems: differences(expected, print),
    });
  if (typeof values.write === 'string')
    writeFileSync(values.write, `${JSON.stringify(print, undefined, 1)}\n`, { mode: 0o600 });
  const ok = findings.every(({ problems }) => problems.length === 0);
  if (values.json) console.log(JSON.stringify({ ok, findings, fingerprint: print }));
  else {
    for (const { check, problems } of findings) {
      console.log(`${problems.length === 0 ? 'ok   ' : 'WRONG'}  ${check}`);
      for (const line of problems.slice(0, 20)) console.log(`         ${line}`);
      if (problems.length > 20) console.log(`         and ${problems.length - 20} more`);
    }
    const tenants = Object.values(print.tenants);
    const sum = (of: (tenant: (typeof tenants)[number]) => number) =>
      tenants.reduce((all, tenant) => all + of(tenant), 0);
    console.log(
      `${tenants.length} tenants, ${sum(({ events }) => events.rows)} events, ${sum(({ rows }) => rows)} rows of tenants; migration ${print.migration.split(' ')[0]}`,
    );
  }
  if (!ok) process.exitCode = 1;
}

/** @throws Failure fingerprint_unreadable */
function readFingerprint(file: string): Fingerprint {
  try {
    const print = JSON.parse(readFileSync(file, 'utf8')) as Partial<Fingerprint>;
    if (print.tables && print.tenants && print.migration !== undefined) return print as Fingerprint;
  } catch {}
  throw new Failure(
    'fingerprint_unreadable',
    `${file} is no fingerprint.`,
    'Give a file that npm run db verify -- --write FILE has written.',
  );
}

const exportUsage = 'npm run db export-tenant -- TENANT --to DIRECTORY [--portable].';

/** npm run db export-tenant */
export async function exportOneTenant(config: Config, args: string[]): Promise<void> {
  const { values, positionals } = readArguments(
    args,
    { allowPositionals: true, options: { portable: { type: 'boolean' }, to: { type: 'string' } } },
    exportUsage,
  );
  const [tenant, ...more] = positionals;
  if (!tenant || typeof values.to !== 'string' || more.length > 0)
    throw new Failure('usage', 'Which tenant, and where to?', exportUsage);
  const to = resolve(values.to);
  const kind = values.portable ? 'portable' : 'restorable';
  const manifest = await withAdmin(config, (client) => exportTenant(client, { tenant, to, kind }));
  const sum = (of: 'rows' | 'bytes') => manifest.tables.reduce((all, table) => all + table[of], 0);
  console.log(
    `${to}: ${sum('rows')} rows of ${manifest.tables.length} tables, ${(sum('bytes') / 1e6).toFixed(1)} MB, tenant ${manifest.tenant.id} (${manifest.tenant.slug}).`,
  );
  if (kind === 'restorable')
    console.log(
      'It holds hashes of keys and sealed secrets, which FREEHOLD_SECRET_KEY opens: keep it as you keep a backup. For the customer: --portable.',
    );
}

const importUsage = 'npm run db import-tenant -- DIRECTORY [--missing | --replace].';

/** npm run db import-tenant */
export async function importOneTenant(config: Config, args: string[]): Promise<void> {
  const { values, positionals } = readArguments(
    args,
    { allowPositionals: true, options: { missing: { type: 'boolean' }, replace: { type: 'boolean' } } },
    importUsage,
  );
  const [directory, ...more] = positionals;
  if (!directory || more.length > 0 || (values.missing && values.replace))
    throw new Failure('usage', 'Which export, and how?', importUsage);
  const mode = values.replace ? 'replace' : values.missing ? 'missing' : 'absent';
  const { tenant, rows } = await withAdmin(config, (client) =>
    importTenant(client, resolve(directory), mode),
  );
  for (const [table, count] of Object.entries(rows))
    if (count > 0) console.log(`${String(count).padStart(9)}  ${table}`);
  console.log(`Tenant ${tenant.id} (${tenant.slug}) is there, whole, and nothing of another was touched.`);
}
