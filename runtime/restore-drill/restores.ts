import { join } from 'node:path';
import { exportTenant } from '../../db/backup/export-tenant.ts';
import { differences, type Fingerprint, takeFingerprint } from '../../db/backup/fingerprint.ts';
import { importTenant } from '../../db/backup/import-tenant.ts';
import { verify } from '../../db/backup/verify.ts';
import { type Aftermath, observeAftermath } from './aftermath.ts';
import { type Entry, type Proof, prove } from './ledger.ts';
import type { Receiver } from './receiver.ts';
import { type Restored, restore, type Target } from './restored.ts';
import type { DrillTenant } from './tenants.ts';

/** One restore, and what was found. */
export interface Restore {
  to: 'the end of the archive' | 'the named point' | 'the time before the mistake';
  seconds: { files: number; log: number; verify: number };
  proof: Proof;
  /** What db verify finds that the mistake does not explain, and where it differs from the fingerprint of the point. */
  wrong: string[];
}

export interface Restores {
  /** Seconds of acknowledged work that were in no archive when the disk was gone. */
  lostSeconds: number;
  restores: Restore[];
  /** The tenant, out of the database of before the mistake and into that of after it. */
  oneTenant: { rows: number; seconds: number };
  aftermath: Aftermath;
  problems: string[];
}

interface Setting {
  directory: string;
  archive: string;
  secret: string;
  secretKey: Buffer;
  say: (line: string) => void;
  log: (text: string) => void;
}

/** What is known of the server that was lost. */
interface Lost {
  tenants: readonly DrillTenant[];
  ledger: readonly Entry[];
  receiver: Receiver;
  /** Of the named point, at which all was still. */
  expected: Fingerprint;
  quiet: number;
  mistake: { at: number; deleted: number };
  destroyed: number;
}

/** Restores to three points, one after the other, and proves each. @throws Failure */
export async function restoreAll(setting: Setting, lost: Lost): Promise<Restores> {
  const { tenants, ledger, receiver, expected, quiet, mistake, destroyed } = lost;
  const { secretKey, say, log } = setting;
  const [tenant] = tenants as [DrillTenant];
  const open: Restored[] = [];
  const restoring = async (to: Restore['to'], target: Target, point: number | undefined) => {
    say(`restoring to ${to}`);
    const { directory, archive, secret } = setting;
    const place = join(directory, `restored-${open.length + 1}`);
    const restored = await restore({
      directory: place,
      backup: join(directory, 'backup'),
      archive,
      target,
      secret,
    });
    open.push(restored);
    const proof = await prove(restored.admin, ledger, point);
    say(
      `  ${proof.promised} acknowledged transactions promised, ${proof.missing} missing, ${proof.unexpected} that should not be there`,
    );
    const seconds = { ...restored.seconds, verify: restored.verifySeconds };
    return { restored, result: { to, seconds, proof, wrong: restored.wrong } satisfies Restore };
  };
  try {
    const latest = await restoring('the end of the archive', {}, undefined);
    latest.result.wrong = withoutMistake(latest.result.wrong, mistake.deleted);
    const { lostSince } = latest.result.proof;

    const still = await restoring('the named point', { recovery_target_name: 'quiet' }, quiet);
    still.result.wrong.push(...differences(expected, await takeFingerprint(still.restored.admin)));
    await still.restored.stop();

    const before = await restoring(
      'the time before the mistake',
      { recovery_target_time: asTime(mistake.at) },
      mistake.at,
    );
    say('putting the tenant back, from the one before the mistake into the one after it');
    const { wrong, ...oneTenant } = await putBack(
      before.restored,
      latest.restored,
      tenant,
      setting.directory,
    );
    latest.result.wrong.push(...wrong);
    say('starting server and worker on the one before the mistake');
    const aftermath = await observeAftermath({ restored: before.restored, tenant, receiver, secretKey, log });
    before.result.wrong.push(...aftermathProblems(aftermath, ledger, tenant, mistake.at));

    const restores = [latest, still, before].map(({ result }) => result);
    return {
      lostSeconds: lostSince === undefined ? 0 : (destroyed - lostSince) / 1_000,
      restores,
      oneTenant,
      aftermath,
      problems: restores.flatMap(problemsOf),
    };
  } finally {
    for (const restored of open) await restored.stop();
  }
}

/** PostgreSQL reads no T and no Z here. */
const asTime = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '+00');

/** The end of the archive has the mistake. That db verify finds it, and nothing else, is a part of the proof. */
function withoutMistake(wrong: readonly string[], deleted: number): string[] {
  const mistake = `rows and events tell the same: project: ${deleted} rows are gone whose events are there`;
  return wrong.includes(mistake)
    ? wrong.filter((line) => line !== mistake)
    : [...wrong, 'db verify does not see the mistake'];
}

/** What is done when one tenant has lost something and all others go on. */
async function putBack(from: Restored, into: Restored, tenant: DrillTenant, directory: string) {
  const began = performance.now();
  const to = join(directory, 'export');
  const others = async () => {
    const { tenants } = await takeFingerprint(into.admin);
    return Object.entries(tenants).filter(([id]) => id !== tenant.id);
  };
  const before = JSON.stringify(await others());
  await exportTenant(from.admin, { tenant: tenant.slug, to, kind: 'restorable' });
  const { rows } = await importTenant(into.admin, to, 'replace');
  const seconds = (performance.now() - began) / 1_000;
  const wrong = (await verify(into.admin)).flatMap(({ check, problems }) =>
    problems.map((line) => `after the tenant was put back: ${check}: ${line}`),
  );
  if (JSON.stringify(await others()) !== before) wrong.push('putting one tenant back has changed another');
  return { rows: Object.values(rows).reduce((all, count) => all + count, 0), seconds, wrong };
}

function problemsOf({ to, proof, wrong }: Restore): string[] {
  const { promised, missing, unexpected, unknown, torn } = proof;
  const counted: [number, string][] = [
    [missing, 'acknowledged transactions are missing'],
    [unexpected, 'transactions are there that began after the point'],
    [unknown, 'events are there that nobody wrote'],
    [torn, 'projects are not what their last event says'],
    [promised === 0 ? 1 : 0, 'drill that promised nothing, and proves nothing'],
  ];
  return [...counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`), ...wrong].map(
    (line) => `${to}: ${line}`,
  );
}

function aftermathProblems(
  { projects, vanishedCursor, feedGoesOn, untold, contradicted, ghosts }: Aftermath,
  ledger: readonly Entry[],
  tenant: DrillTenant,
  at: number,
): string[] {
  const of = (fits: (entry: Entry) => boolean) =>
    new Set(ledger.filter((entry) => entry.tenant === tenant.id && fits(entry)).map(({ project }) => project))
      .size;
  // what was under way at the point may be there or not
  const [least, most] = [of(({ acknowledged }) => acknowledged < at), of(({ began }) => began <= at) + 1];
  return [
    ...(projects >= least && projects <= most
      ? []
      : [`the API counts ${projects} projects instead of ${least}`]),
    ...(vanishedCursor === 'not_found' ? [] : [`a cursor of an event that is no more: ${vanishedCursor}`]),
    ...(feedGoesOn ? [] : ['the change feed does not show what is written now']),
    ...(untold === 0 ? [] : [`no receiver was ever told of ${untold} events`]),
    ...(contradicted === 0 ? [] : [`${contradicted} messages came again with another body`]),
    ...(ghosts > 0 ? [] : ['nothing was delivered after the point, so that the drill shows nothing of it']),
  ];
}
