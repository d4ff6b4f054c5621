import { expect, it } from 'vitest';
import { freePort } from '../../runtime/free-ports.ts';
import { createLogger } from '../../runtime/log.ts';
import { startHealthServer } from '../../worker/health.ts';
import { startHeartbeat } from '../../worker/heartbeat.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait.ts';

const log = createLogger({ level: 'silent', format: 'json' }, 'worker');

const database = await createTestDatabase();

it('lives while its heartbeat turns, and is ready while its beats are written', async () => {
  const port = await freePort();
  const heartbeat = await startHeartbeat({
    pool: database.pool('worker'),
    log,
    deadAfterMs: 1_500,
    poolIds: () => [],
  });
  const health = await startHealthServer(port, heartbeat);
  const ask = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return [answer.status, await answer.text()];
  };
  const becomes = (path: string, status: number): Promise<unknown> =>
    waitUntil(`${path} answers ${status}`, async () => (await ask(path))[0] === status);
  try {
    expect(await ask('/livez')).toEqual([200, 'ok\n']);
    expect(await ask('/readyz')).toEqual([200, 'ok\n']);
    expect((await ask('/'))[0]).toBe(404);

    const admin = database.pool('admin');
    // Beats fail: another start would not help, so it lives on.
    await admin.query('revoke insert, update on platform.worker_process from freehold_worker');
    await becomes('/readyz', 503);
    expect(await ask('/livez')).toEqual([200, 'ok\n']);
    await admin.query('grant insert, update on platform.worker_process to freehold_worker');
    await becomes('/readyz', 200);

    // A beat never comes back: that is a process which does nothing any more.
    const locker = await admin.connect();
    await locker.query('begin; lock table platform.worker_process in access exclusive mode');
    await becomes('/livez', 503);
    expect((await ask('/livez'))[1]).toBe('the heartbeat hangs\n');
    await locker.query('rollback');
    locker.release();
    await becomes('/livez', 200);
    await becomes('/readyz', 200);
  } finally {
    await heartbeat.stop();
    await health.stop();
  }
});

it('says whose port it cannot have', async () => {
  const port = await freePort();
  const heartbeat = { turning: () => true, beating: () => true };
  const first = await startHealthServer(port, heartbeat);
  await expect(startHealthServer(port, heartbeat)).rejects.toMatchObject({ code: 'port_taken' });
  await first.stop();
});
