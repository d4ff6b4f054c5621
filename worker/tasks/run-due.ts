import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from '../../runtime/log.ts';
import { asSystem, isOvertaken } from '../context.ts';

interface DueRow {
  tenant_id: string;
  entity: string;
  verb: string;
  id: string;
}

const AT_A_TIME = 1_000;

/**
 * The task `run_due`: takes every row whose time has come through its verb (trials end, invitations expire ...), each in a
 * transaction of its own, so that one that fails holds up no other.
 * @throws at the end, when some failed: the job is repeated
 */
export function runDue(pool: Pool, log: Logger): Task {
  return async (_payload, { abortSignal }) => {
    let failed = 0;
    for (;;) {
      const { rows } = await pool.query<DueRow>('select * from platform.due_rows($1)', [AT_A_TIME]);
      let done = 0;
      for (const row of rows) {
        if (abortSignal.aborted) return;
        if (await runOne(pool, log, row)) done += 1;
      }
      failed = rows.length - done;
      // A full page that moved nothing would come again for ever.
      if (rows.length < AT_A_TIME || done === 0) break;
    }
    if (failed > 0) throw new Error(`${failed} due rows could not be taken further`);
  };
}

async function runOne(pool: Pool, log: Logger, row: DueRow): Promise<boolean> {
  const { tenant_id, entity, verb, id } = row;
  try {
    await asSystem(pool, tenant_id, `${verb} ${entity}: its time has come`, (client) =>
      client.query('select platform.run_due($1, $2, $3)', [entity, verb, id]),
    );
    return true;
  } catch (error) {
    if (isOvertaken(error)) return true;
    log.error({ err: error, tenant: tenant_id, entity, verb, id }, 'a due row could not be taken further');
    return false;
  }
}
