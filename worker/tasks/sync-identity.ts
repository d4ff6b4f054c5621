import type { Task } from 'graphile-worker';
import type { Pool } from 'pg';
import { IdentityUnavailableError, type Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';

/** Subtracted from the time of a listing, for clocks that differ: an event from after that time is newer than the listing. Milliseconds. */
const SKEW_MS = 60_000;

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
    for (const { organization } of rows) {
      if (abortSignal.aborted) return;
      try {
        await syncOne(pool, log, workos, organization, abortSignal);
      } catch (error) {
        log.error(
          { err: error, organization },
          'an organization could not be compared with the identity provider',
        );
        // Nor will the next be; the next run tries again.
        if (error instanceof IdentityUnavailableError) return;
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
  const listed: string[] = [];
  for await (const objects of workos.listOrganization(organization)) {
    if (signal.aborted) return;
    listed.push(...objects.map(({ kind, object }) => `${kind}/${object.id}`));
    await pool.query('select identity.receive_listing($1, $2, $3)', [issuer, JSON.stringify(objects), at]);
  }
  // Its end is told by its event: a key of another environment of WorkOS finds none either.
  if (listed.length === 0) log.error({ organization }, 'the identity provider has no such organization');
  const unlisted = await pool.query<{ kind: string; id: string }>(
    'select kind, id from identity.unlisted_objects($1, $2, $3, $4)',
    [issuer, organization, listed, at],
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
  await pool.query('select identity.end_sync($1, $2, $3, $4)', [issuer, organization, listed, at]);
  log.info(
    { organization, listed: listed.length, ended },
    'an organization was compared with the identity provider',
  );
}
