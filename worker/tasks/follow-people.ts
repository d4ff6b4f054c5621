import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import { IdentityUnavailableError, type Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';
import { addRecorded, currentWork } from '../../runtime/telemetry/work.ts';
import { goOn } from '../job.ts';

const AT_A_TIME = 500;
/** Attempts after which what somebody waits for is asked for, since its own event seems not to come. */
const PATIENCE = 3;

interface WaitingPerson {
  issuer: string;
  subject: string;
  attempts: number;
  missing: string[];
  error: string | null;
  traceparent: string | null;
}

/**
 * The task `follow_people`: makes members what the identity provider has told of people who were left to it, because they were many or something was in the way, each
 * in a transaction of its own, so that one that fails holds up no other.
 */
export function followPeople(pool: Pool, log: Logger, workos: Workos | undefined): Task {
  return async (_payload, { abortSignal }) => {
    // Who does not answer is asked no more in this run: others have to follow.
    let asked = workos;
    const ask = async (person: WaitingPerson): Promise<void> => {
      if (asked?.issuer !== person.issuer) return;
      try {
        await askFor(pool, log, asked, person);
      } catch (error) {
        if (!(error instanceof IdentityUnavailableError)) throw error;
        log.error({ err: error }, 'the identity provider could not be asked whom it told of');
        asked = undefined;
      }
    };
    for (;;) {
      const { rows } = await pool.query<WaitingPerson>('select * from identity.due_people($1)', [AT_A_TIME]);
      let done = 0;
      for (const person of rows) {
        if (abortSignal.aborted) return;
        if (await followOne(pool, log, ask, person)) done += 1;
      }
      // A full page of those that could not even be noted would come again for ever.
      if (rows.length < AT_A_TIME || done === 0) return;
    }
  };
}

async function followOne(
  pool: Pool,
  log: Logger,
  ask: (person: WaitingPerson) => Promise<void>,
  { issuer, subject, traceparent }: WaitingPerson,
): Promise<boolean> {
  try {
    const { rows } = await goOn('follow the identity provider', traceparent, (told) =>
      pool.query<WaitingPerson & { recorded: string | null }>(
        `select f.*, current_setting('freehold.recorded', true) as recorded
         from set_config('freehold.traceparent', $3, true) s cross join lateral identity.follow_person($1, $2) f`,
        [issuer, subject, told],
      ),
    );
    const waiting = rows[0];
    addRecorded(currentWork(), waiting?.recorded);
    if (!waiting?.subject) return true;
    const { attempts, missing, error } = waiting;
    log.warn(
      { issuer, subject, attempts, missing, error },
      'somebody cannot follow the identity provider yet',
    );
    if (attempts >= PATIENCE) await ask(waiting);
    return true;
  } catch (error) {
    log.error({ err: error, issuer, subject }, 'somebody could not be made to follow the identity provider');
    return false;
  }
}

/** What has to be known first. Whom the identity provider does not know either is given up. */
async function askFor(
  pool: Pool,
  log: Logger,
  workos: Workos,
  { subject, missing, attempts }: WaitingPerson,
): Promise<void> {
  for (const name of missing) {
    const [kind = '', id = ''] = name.split(/\/(.*)/s);
    const object = await workos.find(kind, id);
    if (object) {
      await pool.query('select identity.receive_object($1, $2, $3)', [
        workos.issuer,
        kind,
        JSON.stringify(object),
      ]);
    } else {
      log.warn({ subject, missing: name }, 'the identity provider does not know whom it told of');
      await pool.query('select identity.give_up_following($1, $2, $3)', [workos.issuer, subject, attempts]);
    }
  }
}
