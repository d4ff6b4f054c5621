import type { TaskList } from 'graphile-worker';
import type { DeliverOptions } from '../deliver/deliver.ts';
import { deliverTask } from '../deliver/deliver.ts';
import { exportReport } from './export-report.ts';
import { internalTask } from './internal.ts';
import { runDue } from './run-due.ts';
import { cleanUp, keepPartitions, purge } from './upkeep.ts';

/** Every task of the worker. Those that answer events have the name that the entity's declaration gives them. */
export function taskList(options: DeliverOptions): TaskList {
  const { pool, log } = options;
  return {
    deliver: deliverTask(options),
    run_due: runDue(pool, log),
    keep_partitions: keepPartitions(pool, log),
    purge: purge(pool, log),
    clean_up: cleanUp(pool),
    export_report: internalTask(pool, log, exportReport(pool)),
  };
}
