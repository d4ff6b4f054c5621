import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BaseBackup, takeBaseBackup } from '../../db/backup/base-backup.ts';
import { takeFingerprint } from '../../db/backup/fingerprint.ts';
import { archiveSize } from '../../db/backup/wal-archive.ts';
import { Failure } from '../failure.ts';
import { type Primary, startPrimary } from './primary.ts';
import { startProcess } from './product.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { type Restores, restoreAll } from './restores.ts';
import { createTenants, type DrillTenant } from './tenants.ts';
import { startWriters, type Writers } from './writers.ts';

export interface DrillOptions {
  /** Where all of it goes. */
  directory: string;
  tenants: number;
  writers: number;
  /** Transactions in each of the five stages. */
  transactions: number;
  archiveTimeoutSeconds: number;
  /** Ends the drill at its next stage. */
  aborted: AbortSignal;
  say: (line: string) => void;
  log: (text: string) => void;
}

export interface Outcome extends Restores {
  backup: BaseBackup;
  archive: { segments: number; bytes: number };
  transactions: number;
  /** Deleted by the operator's mistake. */
  deleted: number;
}

const secret = 'of the restore drill';

/** A disaster from its beginning to its end. @throws Failure */
export async function drill(options: DrillOptions): Promise<Outcome> {
  const { directory, archiveTimeoutSeconds, aborted, log } = options;
  const say = (line: string) => {
    aborted.throwIfAborted();
    options.say(line);
  };
  const archive = join(directory, 'archive');
  const secretKey = randomBytes(32);
  const receiver = await startReceiver();
  let primary: Primary | undefined;
  let writers: Writers | undefined;
  let worker: ReturnType<typeof startProcess> | undefined;
  try {
    say('starting PostgreSQL with an archive of its log, and migrating it');
    primary = await startPrimary({
      directory: join(directory, 'primary'),
      archive,
      archiveTimeoutSeconds,
      secret,
    });
    const { urls } = primary;
    const startWorker = () => startProcess('worker', { urls, secretKey, log });
    const tenants = await createTenants(urls, options.tenants, receiver.url, secretKey);
    worker = startWorker();
    writers = startWriters(urls, tenants, options.writers);
    await writers.more(options.transactions);
    say('taking a base backup while they write');
    const [backup] = await Promise.all([
      backUp(primary, join(directory, 'backup')),
      writers.more(options.transactions),
    ]);
    say(`${tell(backup)}; a named point, at which all is still`);
    await worker.stop(15_000);
    await writers.pause();
    const quiet = Date.now();
    const expected = await takeFingerprint(primary.admin);
    await primary.admin.query(`select pg_catalog.pg_create_restore_point('quiet')`);
    writers.resume();
    worker = startWorker();
    await writers.more(options.transactions);
    const mistake = await makeMistake(primary, writers, tenants, options.transactions, receiver);
    say('a mistake was made, and noticed too late; now the disk goes');
    const destroyed = await loseEverything(primary, writers, mistake.segment);
    await worker.stop(1_000);
    const { ledger } = writers;
    const kept = {
      backup,
      archive: archiveSize(archive),
      transactions: ledger.length,
      deleted: mistake.deleted,
    };
    const restores = await restoreAll(
      { directory, archive, secret, secretKey, say, log },
      { tenants, ledger, receiver, expected, quiet, mistake, destroyed },
    );
    return { ...kept, ...restores };
  } finally {
    await primary?.stop();
    await writers?.stop();
    await worker?.stop(1_000);
    await receiver.stop();
  }
}

const tell = ({ bytes, seconds }: BaseBackup) => `${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`;

async function backUp(primary: Primary, to: string): Promise<BaseBackup> {
  const backup = await takeBaseBackup(primary.admin, primary.data, to);
  await primary.archived(backup.stopSegment);
  return backup;
}

/** Somebody deletes all projects of the first tenant, past everything that would have refused it; the others go on. */
async function makeMistake(
  primary: Primary,
  writers: Writers,
  [tenant]: readonly DrillTenant[],
  transactions: number,
  receiver: Receiver,
): Promise<{ at: number; segment: string; deleted: number }> {
  // a target has milliseconds here, and the clock has more
  const at = Math.floor((await primary.now()).at);
  await primary.admin.query('begin; set local session_replication_role = replica');
  const { rowCount } = await primary.admin.query('delete from app.project where tenant_id = $1', [
    tenant?.id,
  ]);
  await primary.admin.query('commit');
  await writers.more(transactions);
  // receivers know of what is going to be taken back
  const { rows } = await primary.admin.query<{ id: string }>(
    `select 'evt_' || id as id from app.event where entity = 'project' order by id desc limit 1`,
  );
  await untilSomethingIs('webhooks of what is going to be lost are delivered', () =>
    receiver.seen.has(rows[0]?.id ?? ''),
  );
  return { at, segment: (await primary.now()).segment, deleted: rowCount ?? 0 };
}

/** Once the archive holds the mistake, and writers have gone on for a while. Resolves to when nothing was left. */
async function loseEverything(primary: Primary, writers: Writers, segment: string): Promise<number> {
  await primary.archived(segment);
  await writers.more(100);
  const at = Date.now();
  await primary.destroy();
  await writers.stop();
  return at;
}

/** @throws Failure not_seen */
async function untilSomethingIs(what: string, condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn === 2_400)
      throw new Failure('not_seen', `Two minutes went by before ${what}.`, 'See what the worker says.');
    await pause(50);
  }
}
