import { administer, freeze, hold, type Mend, type Stage, subscribe } from './faults.ts';
import type { Suspect } from './finding.ts';
import type { LoadOptions } from './load.ts';

/** An incident that is made on purpose. Its page is docs/runbooks/<name>.md. */
export interface Scenario {
  /** What goes wrong, in a line. */
  title: string;
  /** The alert that has to fire, and within how many seconds of the fault. Where it says less than half of its `for`, there is none. */
  alert: string;
  withinSeconds: number;
  /** Whose trace is looked at, and what `npm run incident` must say of it: in its verdict, or in the log beneath. */
  suspect: Suspect;
  cause: { in: 'verdict' | 'log'; text: RegExp };
  /** A trace shows it only when it is over. */
  tracedOnceMended?: boolean;
  load?: Partial<Pick<LoadOptions, 'perSecond' | 'writesOfTen' | 'query'>>;
  /** How many sign-ins are begun before, one of which ends in each second. */
  signIns?: number;
  /** Variables of server and worker. */
  environment?: Readonly<Record<string, string>>;
  /** Data that there must be, before the load begins. */
  prepare?(stage: Omit<Stage, 'load'>): Promise<void>;
  inject(stage: Stage): Promise<Mend>;
}

/** A list with how many there are of it: each of the two reads all projects where no index helps. */
const countedProjects =
  'query CountedProjects { projects(first: 20, filter: {status: {equalTo: archived}}) { totalCount nodes { id name } } }';

/** A second list, with a field that bad-plugin.ts adds. */
const popularProjects =
  'query PopularProjects { projects(first: 60, filter: {status: {equalTo: archived}}) { nodes { id popularity } } }';

/** Projects as a restore writes them: without triggers, for half a million events would take minutes. */
const restoreProjects = ({ adminUrl, tenant }: Omit<Stage, 'load'>, count: number, status: string) =>
  administer(
    adminUrl,
    `set session_replication_role = replica;
     insert into app.project (tenant_id, id, name, status, version)
     select '${tenant.id}', uuidv7(), 'Project ' || n, '${status}', 1 from generate_series(1, ${count}) n;
     analyze app.project`,
  );

const heldRow = ({ projectId }: Stage): string =>
  `select from app.project where id = '${projectId}' for update`;

export const scenarios: Readonly<Record<string, Scenario>> = {
  'slow-query': {
    title: 'an index that a list needs was dropped',
    alert: 'ApiLatencyBudgetBurn',
    withinSeconds: 150,
    suspect: { kind: 'request' },
    cause: { in: 'verdict', text: /^sql: .* in `select .*__project__/ },
    load: { perSecond: 3, writesOfTen: 1, query: countedProjects },
    prepare: async (stage) => {
      await restoreProjects(stage, 900_000, 'active');
      // Fewer than a page: without the index, all are looked at for the rest of it.
      await restoreProjects(stage, 5, 'archived');
    },
    async inject({ adminUrl }) {
      const [index] = await administer<{ definition: string }>(
        adminUrl,
        `select pg_get_indexdef('app.project_by_status'::regclass) as definition`,
      );
      await administer(adminUrl, 'drop index app.project_by_status');
      return async () => {
        await administer(adminUrl, String(index?.definition));
      };
    },
  },
  'lock-contention': {
    title: 'a transaction that stays open holds a row that everybody writes',
    alert: 'ApiLatencyBudgetBurn',
    withinSeconds: 150,
    suspect: { kind: 'request' },
    cause: { in: 'verdict', text: /^sql: .* in `update "app"\."project"/ },
    // Each waits for five seconds, and all of them need a connection meanwhile: what is shown here is the lock, and not the pool.
    environment: { APP_POOL_SIZE: '60' },
    load: { perSecond: 5, writesOfTen: 9 },
    inject: (stage) => hold(stage.adminUrl, heldRow(stage)),
  },
  'pool-exhaustion': {
    title: 'a few requests hold all connections of the pool, and the others wait for one',
    alert: 'PoolExhausted',
    withinSeconds: 240,
    suspect: { kind: 'request', what: 'POST ListProjects' },
    cause: { in: 'verdict', text: /^pool wait: / },
    environment: { APP_POOL_SIZE: '2' },
    load: { perSecond: 6, writesOfTen: 5 },
    inject: (stage) => hold(stage.adminUrl, heldRow(stage)),
  },
  'hanging-receiver': {
    title: 'a receiver of webhooks accepts and never answers',
    alert: 'WebhooksFailing',
    withinSeconds: 210,
    suspect: { kind: 'job', what: 'job deliver' },
    cause: { in: 'verdict', text: /webhook receiver: .* in `POST webhook`/ },
    environment: { WEBHOOK_TIMEOUT_MS: '3000' },
    inject: (stage) => subscribe(stage, () => {}),
  },
  'n-plus-one': {
    title: 'a plugin of a new release asks PostgreSQL once for each row of a list',
    alert: 'QueriesPerRequest',
    withinSeconds: 390,
    suspect: { kind: 'request', what: 'POST PopularProjects' },
    cause: { in: 'verdict', text: /^sql: .* statements, 60 of them the same, .*`select count/ },
    environment: { NODE_OPTIONS: `--import ${new URL('./bad-plugin.ts', import.meta.url).href}` },
    prepare: async (stage) => {
      await restoreProjects(stage, 60, 'archived');
    },
    // The plugin is there from the start; the fault begins where the frontend asks for its field.
    async inject({ load }) {
      load.ask(popularProjects);
      return async () => load.ask('query ListProjects { projects(first: 20) { nodes { id name } } }');
    },
  },
  'workos-down': {
    title: 'the identity provider does not answer any more',
    alert: 'IdentityProviderFailing',
    withinSeconds: 210,
    suspect: { kind: 'request', what: 'GET /auth/callback', failed: true },
    cause: { in: 'verdict', text: /^identity provider: / },
    signIns: 240,
    inject: ({ running }) => freeze(running.workos),
  },
  'write-errors': {
    title: 'writes fail as on a full disk',
    alert: 'ApiErrorsBudgetBurn',
    withinSeconds: 90,
    suspect: { kind: 'request', failed: true },
    // What failed was quick.
    cause: { in: 'log', text: /could not extend file .*No space left on device/ },
    async inject({ adminUrl }) {
      await administer(
        adminUrl,
        `create function public.full_disk() returns trigger language plpgsql as $$
         begin raise exception using errcode = 'disk_full', message = 'could not extend file "base/1/1": No space left on device'; end $$;
         create trigger _000_full_disk before insert on app.event for each row execute function public.full_disk()`,
      );
      return async () => {
        await administer(
          adminUrl,
          'drop trigger _000_full_disk on app.event; drop function public.full_disk()',
        );
      };
    },
  },
  'worker-stopped': {
    title: 'no worker runs',
    alert: 'WorkerAbsent',
    withinSeconds: 90,
    suspect: { kind: 'request', what: 'POST RenameProject' },
    cause: { in: 'verdict', text: /after it, queue wait: .* in `wait for the dispatcher`/ },
    tracedOnceMended: true,
    prepare: async (stage) => {
      await subscribe(stage, (response) => response.writeHead(204).end());
    },
    inject: ({ running }) => freeze(running.worker),
  },
};
