import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareCluster } from '../../db/cluster.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { withDatabase } from '../../db/urls.ts';
import { explain, Failure } from '../failure.ts';
import { deployDrill, type Outcome } from './drill.ts';
import { summary } from './summary.ts';

/*
 * npm run drill:deploy: a deployment under load, with a real HAProxy, real processes and a PostgreSQL of its own. Exits with 0 when no request failed and no delivery was
 * lost, with 1 when not, with 2 when there is no HAProxy.
 */
const usage = `npm run drill:deploy    deploys a new version under load, in a directory of its own that is thrown away

  --requests N   at least so many (20000)
  --rate N       requests a second at most (150)
  --json         for machines; what is told meanwhile goes to stderr
  --keep         leaves the directory, with the logs of all processes`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        requests: { type: 'string', default: '20000' },
        rate: { type: 'string', default: '150' },
        json: { type: 'boolean' },
        keep: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    console.error(`${explain(error)}\n\n${usage}`);
    process.exit(2);
  }
}

const values = readArguments();
const [requests, perSecond] = [Number(values.requests), Number(values.rate)];
if (values.help || !(requests > 0 && perSecond > 0)) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}
const say = values.json ? console.error : console.log;
const directory = await mkdtemp(join(tmpdir(), 'freehold-deploy-'));
// The embedded PostgreSQL of root is another user's, who has to get in.
await chmod(directory, 0o711);

async function play(): Promise<Outcome> {
  const server = await startEmbedded({
    directory: join(directory, 'postgres'),
    settings: { max_connections: '200' },
    onProgress: say,
  });
  try {
    const adminUrl = withDatabase(server.url, 'freehold');
    const urls = await prepareCluster(adminUrl, { secret: new URL(server.url).password });
    say('starting two servers, a worker, a receiver of webhooks and HAProxy');
    return await deployDrill({
      database: { adminUrl, urls },
      directory,
      requests,
      perSecond,
      connections: 32,
      projects: 5_000,
      soakSeconds: 8,
      short: false,
      say: (line) => say(`  ${line}`),
    });
  } finally {
    await server.stop();
  }
}

let outcome: Outcome | undefined;
let failure: unknown;
try {
  outcome = await play();
} catch (error) {
  failure = error;
}
if (values.keep) say(`kept: ${directory}`);
else await rm(directory, { recursive: true, force: true });
if (values.json) console.log(JSON.stringify({ ...outcome, error: failure && explain(failure) }));
else if (outcome) console.log(`\n${summary(outcome).join('\n')}`);
if (failure !== undefined) console.error(explain(failure));
process.exit(outcome?.ok ? 0 : failure instanceof Failure && failure.code === 'no_haproxy' ? 2 : 1);
