import type { Task, TaskList } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Workos } from '../../runtime/identity-provider.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Keyring } from '../../runtime/sealing.ts';
import type { Deployed } from '../../runtime/telemetry/line.ts';
import type { Deliveries } from '../deliver/deliver.ts';
import { observeJob } from '../job.ts';
import type { Mailer } from '../mail.ts';
import { exportReport } from './export-report.ts';
import { followGroups } from './follow-groups.ts';
import { followPeople } from './follow-people.ts';
import { internalTask } from './internal.ts';
import type { DisableRule } from './judge-endpoints.ts';
import { judgeEndpoints } from './judge-endpoints.ts';
import { notifyEndpointOwners } from './notify-endpoint-owners.ts';
import { pollIdentity } from './poll-identity.ts';
import { replayEvents } from './replay-events.ts';
import { runDue } from './run-due.ts';
import { sealAnew } from './seal-anew.ts';
import { streamAuditLog } from './stream-audit-log.ts';
import { syncIdentity } from './sync-identity.ts';
import { tellProvider } from './tell-provider.ts';
import { cleanUp, keepPartitions, purge } from './upkeep.ts';

export interface TaskListOptions {
  pool: Pool;
  log: Logger;
  deliveries: Deliveries;
  keyring: Keyring;
  /** Absent when mails cannot be sent. */
  mailer: Mailer | undefined;
  /** When an endpoint is given up. */
  rule: DisableRule;
  /** Absent when there is no identity provider. */
  workos: Workos | undefined;
  /** For each line about a job. */
  deployed: Deployed;
}

/** Tasks that answer events, and go on with their traces. */
const causal = [
  'deliver',
  'replay_events',
  'export_report',
  'follow_groups',
  'tell_provider',
  'notify_endpoint_owners',
];

/** Every task of the worker. Those that answer events have the name that the entity's declaration gives them. */
export function taskList({
  pool,
  log,
  deliveries,
  keyring,
  mailer,
  rule,
  workos,
  deployed,
}: TaskListOptions): TaskList {
  const tasks: TaskList = {
    deliver: deliveries.task,
    judge_endpoints: judgeEndpoints(pool, log, rule),
    run_due: runDue(pool, log),
    stream_audit_log: streamAuditLog(pool, log, workos),
    poll_identity: pollIdentity(pool, log, workos),
    follow_people: followPeople(pool, log, workos),
    sync_identity: syncIdentity(pool, log, workos),
    keep_partitions: keepPartitions(pool, log),
    purge: purge(pool, log),
    clean_up: cleanUp(pool),
    seal_anew: sealAnew(pool, log, keyring),
    replay_events: internalTask(pool, log, replayEvents(pool)),
    export_report: internalTask(pool, log, exportReport(pool)),
    follow_groups: internalTask(pool, log, followGroups(pool)),
    tell_provider: internalTask(pool, log, tellProvider(pool, workos)),
    notify_endpoint_owners: internalTask(pool, log, notifyEndpointOwners(pool, log, mailer)),
  };
  return Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [
      name,
      observeJob(name, task as Task, log, deployed, causal.includes(name)),
    ]),
  );
}
