import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbedded } from '../../db/embedded.ts';
import { Failure } from '../../runtime/failure.ts';
import { freePort } from '../../runtime/free-ports.ts';
import { runContainer } from '../image/container.ts';
import { replay } from '../image/replay.ts';

/**
 * What a deployment does, on this machine and with the replayed image: the expanding migrations as a one-shot container, a server, its readiness,
 * a request that reads from the database, the contracting migrations, and an end in order.
 * @throws Failure
 */
export async function deployHere(clone: string, scratch: string): Promise<void> {
  // Made by the stage before; found again here.
  const image = await replay(clone, join(scratch, 'image'), join(scratch, 'layers'));
  const directory = join(scratch, 'postgres');
  mkdirSync(directory, { recursive: true });
  // root's PostgreSQL runs as an ordinary user
  chmodSync(directory, 0o755);
  const postgres = await startEmbedded({ directory });
  try {
    const at = new URL(postgres.url);
    const secret = randomBytes(16).toString('hex');
    const urls = Object.fromEntries(
      ['owner', 'gate', 'app', 'worker'].map((login) => [
        `${login.toUpperCase()}_DATABASE_URL`,
        `postgres://freehold_${login}:${secret}@127.0.0.1:${at.port}/freehold`,
      ]),
    );
    const { OWNER_DATABASE_URL = '', ...logins } = urls;
    const admin = new URL(postgres.url);
    admin.pathname = '/freehold';
    const migrating = { NODE_ENV: 'production', DATABASE_URL: admin.href, OWNER_DATABASE_URL, ...logins };
    await once('migrate --expand', ['node', 'db/main.ts', 'migrate', '--expand'], migrating);

    const port = String(await freePort());
    const server = runContainer(image, image.image.command ?? [], {
      ...logins,
      FREEHOLD_SECRET_KEY: randomBytes(32).toString('base64'),
      PUBLIC_URL: 'https://app.example.com',
      PORT: port,
      DRAIN_DELAY_MS: '0',
    });
    const deadline = Date.now() + 60_000;
    for (;;) {
      if ((await status(`http://127.0.0.1:${port}/readyz`)) === 200) break;
      if (Date.now() > deadline || server.child.exitCode !== null) {
        server.signal('SIGKILL');
        throw new Failure(
          'not_ready',
          `The new server did not become ready: ${server.output().slice(-2_000)}`,
          'Mend that.',
        );
      }
      await pause(50);
    }
    // Refused by the database, which knows no such key: server, gate and PostgreSQL are there.
    const answer = await status(`http://127.0.0.1:${port}/v1/projects`, {
      authorization: `Bearer fh_live_${'0'.repeat(40)}`,
    });
    await once('migrate', ['node', 'db/main.ts', 'migrate'], migrating);
    server.signal('SIGTERM');
    const code = await server.ended;
    if (answer !== 401 || code !== 0)
      throw new Failure(
        'bad_answer',
        `The new server answered ${answer} and ended with ${code}.`,
        'It must be 401 and 0.',
      );
  } finally {
    await postgres.stop();
  }

  async function once(name: string, command: string[], env: Record<string, string>): Promise<void> {
    const task = runContainer(image, command, env);
    const code = await task.ended;
    if (code !== 0)
      throw new Failure(
        'task_failed',
        `${name} ended with ${code}: ${task.output().slice(-2_000)}`,
        'Mend that.',
      );
  }
}

const status = (url: string, headers: Record<string, string> = {}): Promise<number> =>
  fetch(url, { headers }).then(
    (answer) => answer.status,
    () => 0,
  );
