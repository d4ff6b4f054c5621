import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';

/** Subtracted from the time of a listing, for clocks that differ: an event from after that time is newer than the listing. Milliseconds. */
const SKEW_MS = 60_000;
/** Of organizations in a row: then it is the identity provider, and not one of them. */
const MOST_FAILURES = 3;

/**
 * The task `sync_identity`: once a day, and first when an organization is linked, compares what the identity provider lists of it with what its events have told: those that
 * were lost, and those from before anybody listened. What is not listed is asked for by its id before it has ended, for that is final.
 */
export function syncIdentity(pool: Pool, log: Logger, workos: Workos | undefined): Task {
  return async (_payload, { abortSignal }) => {
    if (!workos) return;
    const { rows } = await pool.query<{ organization: string }>(
      'select organization from identity.organizations_to_sync($1) organization',
      [workos.issuer],
    );
    let failures = 0;
    for (const { organization } of rows) {
      if (abortSignal.aborted || failures === MOST_FAILURES) return;
      try {
        await syncOne(pool, log, workos, organization, abortSignal);
        failures = 0;
      } catch (error) {
        log.error(
          { err: error, organization },
          'an organization could not be compared with the identity provider',
        );
        failures += 1;
        // What was listed until then counts, and the next run tries again.
        await pool.query('select identity.follow_organization($1, $2)', [workos.issuer, organization]);
      }
    }
  };
}

async function syncOne(
  pool: Pool,
  log: Logger,
  workos: Workos,
  organization: string,
  signal: AbortSignal,
): Promise<void> {
  const { issuer } = workos;
  const at = new Date(Date.now() - SKEW_MS);
  const listed: Record<string, true> = {};
  for await (const objects of workos.listOrganization(organization)) {
    if (signal.aborted) return;
    for (const { kind, object } of objects) listed[`${kind}/${object.id}`] = true;
    await pool.query('select identity.receive_listing($1, $2, $3)', [issuer, JSON.stringify(objects), at]);
  }
  // Its end is told by its event: a key of another environment of WorkOS finds none either.
  const count = Object.keys(listed).length;
  if (count === 0) log.error({ organization }, 'the identity provider has no such organization');
  const unlisted = await pool.query<{ kind: string; id: string }>(
    'select kind, id from identity.unlisted_objects($1, $2, $3, $4)',
    [issuer, organization, JSON.stringify(listed), at],
  );
  let ended = 0;
  for (const { kind, id } of unlisted.rows) {
    if (signal.aborted) return;
    const object = await workos.find(kind, id);
    if (object) {
      await pool.query('select identity.receive_object($1, $2, $3)', [issuer, kind, JSON.stringify(object)]);
      continue;
    }
    await pool.query('select identity.receive_end($1, $2, $3)', [issuer, kind, id]);
    log.warn({ organization, kind, id }, 'the identity provider never told that this has ended');
    ended += 1;
  }
  await pool.query('select identity.end_sync($1, $2, $3, $4)', [
    issuer,
    organization,
    JSON.stringify(listed),
    at,
  ]);
  log.info({ organization, listed: count, ended }, 'an organization was compared with the identity provider');
}
