import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain, Failure } from '../failure.ts';
import { drill, type Outcome } from './drill.ts';

/*
 * npm run drill:restore: a real PostgreSQL under load is backed up, makes an operator's mistake, and is lost with its disk; then it is restored to three points, and what writers were told is held
 * against what is there. Exits with 0 when nothing is missing and nothing is there too much, with 1 otherwise, with 2 for wrong arguments.
 */
const usage = `npm run drill:restore [-- options]

  --short             a twentieth of the load, for tests
  --transactions N    in each of five stages; default 4000
  --archive-timeout S seconds that a change may wait for its log to be archived; default 5
  --json              for machines; what is told meanwhile goes to stderr
  --keep              leaves the directory, with archive and base backup`;

const wrong = (text: string): never => {
  console.error(text);
  process.exit(2);
};

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: 'boolean' },
        transactions: { type: 'string' },
        'archive-timeout': { type: 'string' },
        json: { type: 'boolean' },
        keep: { type: 'boolean' },
      },
    });
    const number = (text: string | undefined, otherwise: number) => {
      const read = Number(text ?? otherwise);
      return Number.isInteger(read) && read > 0 ? read : wrong(usage);
    };
    return {
      transactions: number(values.transactions, values.short ? 200 : 4_000),
      archiveTimeoutSeconds: number(values['archive-timeout'], values.short ? 1 : 5),
      writers: values.short ? 3 : 8,
      tenants: values.short ? 2 : 4,
      json: values.json ?? false,
      keep: values.keep ?? false,
    };
  } catch (error) {
    return wrong(`${explain(error)}\n\n${usage}`);
  }
}

const { json, keep, ...options } = readArguments();
const say = (line: string) => (json ? console.error : console.log)(line);
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => abort.abort(new Failure('stopped', `Stopped by ${signal}.`, '')));
const began = performance.now();
const directory = await mkdtemp(join(tmpdir(), 'freehold-restore-'));
// The embedded PostgreSQL of root is another user's, who has to get in.
await chmod(directory, 0o711);
let logs = '';
let outcome: Outcome | undefined;
let failure: unknown;
try {
  outcome = await drill({
    ...options,
    directory,
    aborted: abort.signal,
    say,
    log: (text) => {
      logs = (logs + text).slice(-20_000);
    },
  });
} catch (error) {
  failure = error;
}
if (keep) say(`kept: ${directory}`);
else await rm(directory, { recursive: true, force: true });

const tookSeconds = Math.round((performance.now() - began) / 1_000);
const ok = failure === undefined && outcome?.problems.length === 0;
if (json) {
  const error = failure === undefined ? undefined : explain(failure);
  console.log(JSON.stringify({ drill: 'restore', ok, options, ...outcome, tookSeconds, error }));
} else if (outcome) console.log(`\n${summary(outcome).join('\n')}`);
if (failure !== undefined) console.error(`\n${explain(failure)}\n${json ? '' : logs.slice(-3_000)}`);
process.exit(ok ? 0 : 1);

function summary({
  backup,
  archive,
  transactions,
  deleted,
  lostSeconds,
  restores,
  oneTenant,
  aftermath,
  problems,
}: Outcome) {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const seconds = (count: number) => `${count.toFixed(1)} s`;
  return [
    `drill      ${tookSeconds} s in all, ${transactions} acknowledged transactions, ${deleted} projects deleted by mistake`,
    `backup     ${mb(backup.bytes)} in ${backup.files} files, ${seconds(backup.seconds)}, ${(backup.bytes / 1e6 / backup.seconds).toFixed(0)} MB/s under load`,
    `archive    ${archive.segments} segments of the log, ${mb(archive.bytes)}; each within ${options.archiveTimeoutSeconds} s`,
    `lost       ${seconds(lostSeconds)} of work that no archive had (RPO)`,
    ...restores.map(
      ({ to, seconds: its, proof }) =>
        `restored   to ${to} in ${seconds(its.files + its.log)} (RTO: files ${seconds(its.files)}, log ${seconds(its.log)}), proved in ${seconds(its.verify)}: ${proof.promised} promised, ${proof.missing} missing, ${proof.unexpected} too much`,
    ),
    `tenant     ${oneTenant.rows} rows of one tenant put back beside the others in ${seconds(oneTenant.seconds)}`,
    `product    answers after ${seconds(aftermath.serverSeconds)}; ${aftermath.resumed} pending deliveries made, ${aftermath.repeated} messages came twice under one id, ${aftermath.ghosts} are of events that are no more`,
    ...(problems.length === 0
      ? ['proof      nothing is missing']
      : problems.map((line) => `WRONG      ${line}`)),
  ];
}
