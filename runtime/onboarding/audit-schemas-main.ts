import { withAccess } from './access.ts';
import { registerAuditSchemas } from './audit-schemas.ts';

/** npm run audit:schemas, at each deployment after the migrations. */
await withAccess(async ({ worker, workos, say }) => {
  const made = await registerAuditSchemas(worker, workos);
  say(
    made === 0
      ? 'every kind of event is known to the audit log'
      : `${made} kinds of events are new to the audit log`,
  );
});
