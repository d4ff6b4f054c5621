import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Variables } from './variables.ts';
import { variables } from './variables.ts';
import type { WorkosSettings } from './workos.ts';

/** The four logins of the database; see db/roles/roles.sql for what each may do. */
export const logins = ['owner', 'gate', 'app', 'worker'] as const;
export type Login = (typeof logins)[number];

/** What is being started. It decides which variables are required. */
export type Process = 'server' | 'worker' | 'migrate' | 'seed' | 'start';

const needs: Record<Process, readonly Login[]> = {
  server: ['gate', 'app'],
  worker: ['worker'],
  migrate: ['owner'],
  seed: [],
  start: [],
};

/** All that the environment says, validated. Read it once at boot and pass it on. */
export type Config = ReturnType<typeof assemble>;

export type TelemetrySettings = Config['telemetry'];

/** The environment is wrong. `problems` holds one line a mistake, each with its remedy. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Validates `env` for one process. An empty variable counts as absent, as in a compose file.
 * @param stateDirectory where development keeps what it generated (.freehold)
 * @throws ConfigError with every mistake at once
 */
export function readConfig(
  env: Record<string, string | undefined>,
  process: Process,
  stateDirectory = '.freehold',
): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = variables.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  problems.push(...unknownVariables(given));
  const key = given.FREEHOLD_SECRET_KEY;
  if (key !== undefined && Buffer.from(key, 'base64').length !== 32) {
    problems.push('FREEHOLD_SECRET_KEY must hold 32 bytes: openssl rand -base64 32');
  }
  if (formerKeys(given.FREEHOLD_FORMER_SECRET_KEYS).some((former) => former.length !== 32)) {
    problems.push('FREEHOLD_FORMER_SECRET_KEYS must hold keys of 32 bytes, separated by commas');
  }
  if (parsed.data?.RATE_LIMIT_STORE === 'redis' && !parsed.data.REDIS_URL)
    problems.push('REDIS_URL is required with RATE_LIMIT_STORE=redis: redis://user:password@host:6379');
  if (given.SMTP_URL && !given.MAIL_FROM) {
    problems.push('MAIL_FROM is required with SMTP_URL: the sender of mails, such as no-reply@example.com');
  }
  if (given.WORKOS_API_KEY && !given.WORKOS_CLIENT_ID) {
    problems.push(
      'WORKOS_CLIENT_ID is required with WORKOS_API_KEY: both are in the dashboard of WorkOS, under API Keys',
    );
  }
  if (given.NODE_ENV === 'production' && given.WORKOS_API_URL && !given.WORKOS_API_URL.startsWith('https:')) {
    problems.push('WORKOS_API_URL must begin with https:// in production');
  }
  const isTrue = (name: string): boolean => given[name] === 'true' || given[name] === '1';
  if (isTrue('GRAPHQL_TRUSTED_ONLY') && !given.GRAPHQL_DOCUMENTS) {
    problems.push(
      'GRAPHQL_DOCUMENTS is required with GRAPHQL_TRUSTED_ONLY: the file of the documents that are trusted',
    );
  }
  if (isTrue('GRAPHQL_TRUSTED_ONLY') && isTrue('GRAPHQL_INTROSPECTION')) {
    problems.push(
      'GRAPHQL_INTROSPECTION cannot be true with GRAPHQL_TRUSTED_ONLY: what asks for the schema is no trusted document',
    );
  }
  problems.push(...missingVariables(given, process));
  if (problems.length > 0 || !parsed.success) throw new ConfigError([...new Set(problems)]);
  return assemble(parsed.data, process, stateDirectory);
}

/** As readConfig, of this process's environment; prints every mistake and exits with 1 when there are some. */
export function loadConfig(kind: Process): Config {
  try {
    return readConfig(process.env, kind);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** The URL of a login, or an explanation: for the entry points, after `readConfig` has checked what the process needs. */
export function urlOf(config: Config, login: Login): string {
  const url = config.database[login];
  if (!url) throw new ConfigError([missing(login)]);
  return url;
}

function workosOf(v: Variables): WorkosSettings | undefined {
  if (!v.WORKOS_API_KEY || !v.WORKOS_CLIENT_ID) return undefined;
  const apiUrl = new URL(v.WORKOS_API_URL).origin;
  return {
    apiKey: v.WORKOS_API_KEY,
    clientId: v.WORKOS_CLIENT_ID,
    apiUrl,
    issuer: v.WORKOS_ISSUER ?? `${apiUrl}/user_management/${v.WORKOS_CLIENT_ID}`,
  };
}

function assemble(v: Variables, process: Process, stateDirectory: string) {
  const production = v.NODE_ENV === 'production';
  return {
    env: v.NODE_ENV,
    production,
    stateDirectory,
    database: {
      admin: v.DATABASE_URL,
      owner: v.OWNER_DATABASE_URL,
      gate: v.GATE_DATABASE_URL,
      app: v.APP_DATABASE_URL,
      worker: v.WORKER_DATABASE_URL,
      /** Of login app, past a pooler of transactions; absent: its own URL leads to PostgreSQL itself. */
      listen: v.LISTEN_DATABASE_URL,
      /** Seed of the logins' passwords; absent with the embedded server, which keeps its own. */
      roleSecret: v.FREEHOLD_ROLE_SECRET ?? (v.DATABASE_URL && serverOf(v.DATABASE_URL)),
      /** Passwords that the logins are given by whoever prepares the cluster: those of their URLs. */
      passwords: passwordsOf(v),
      appStatementTimeoutMs: v.APP_STATEMENT_TIMEOUT_MS,
      workerStatementTimeoutMs: v.WORKER_STATEMENT_TIMEOUT_MS,
    },
    pools: { gate: v.GATE_POOL_SIZE, app: v.APP_POOL_SIZE, worker: v.WORKER_POOL_SIZE },
    http: {
      host: v.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      port: v.PORT,
      publicUrl: (v.PUBLIC_URL ?? `http://localhost:${v.PORT}`).replace(/\/+$/, ''),
      trustProxy: v.TRUST_PROXY,
      /** An API key that the explorer sends. npm start passes the one that it seeded; never in production. */
      developmentKey: production ? undefined : v.FREEHOLD_DEVELOPMENT_KEY,
      /** Whose requests with a session cookie are believed, and where a login may return to. */
      origins: [new URL(v.PUBLIC_URL ?? `http://localhost:${v.PORT}`).origin, ...v.APP_ORIGINS],
      /** Between "not ready" and closing: longer than a load balancer's probe times its threshold. */
      drainDelayMs: v.DRAIN_DELAY_MS ?? (production ? 5_000 : 0),
    },
    graphql: {
      /** The file of trusted documents; absent: there are none. */
      documents: v.GRAPHQL_DOCUMENTS,
      trustedOnly: v.GRAPHQL_TRUSTED_ONLY,
      introspection: v.GRAPHQL_INTROSPECTION ?? (!production && !v.GRAPHQL_TRUSTED_ONLY),
    },
    streams: { most: v.EVENT_STREAMS, perTenant: v.EVENT_STREAMS_PER_TENANT },
    worker: {
      concurrency: v.WORKER_CONCURRENCY,
      /** Where supervisors ask how the worker is; absent: nowhere. */
      healthPort: v.HEALTH_PORT,
    },
    webhooks: {
      timeoutMs: v.WEBHOOK_TIMEOUT_MS,
      /** An endpoint of which nothing but failures came for so long, and so many at least, is disabled. */
      disableAfterMs: v.WEBHOOK_DISABLE_AFTER_HOURS * 3_600_000,
      leastFailures: v.WEBHOOK_DISABLE_AFTER_FAILURES,
      /** http: and private addresses are accepted as targets: never in production. */
      allowInsecure: v.WEBHOOK_ALLOW_INSECURE ?? !production,
      allowedPorts: v.WEBHOOK_ALLOWED_PORTS,
      allowedNetworks: v.WEBHOOK_ALLOWED_NETWORKS,
      allowedHosts: v.WEBHOOK_ALLOWED_HOSTS,
      deniedNetworks: v.WEBHOOK_DENIED_NETWORKS,
      /** Absent: those of the system. */
      dnsServers: v.WEBHOOK_DNS_SERVERS,
    },
    mail: {
      /** Where mails are handed over; absent: they are printed in development, and not sent in production. */
      smtpUrl: v.SMTP_URL,
      from: v.MAIL_FROM ?? { name: 'Freehold', address: 'freehold@localhost' },
    },
    rateLimits: { store: v.RATE_LIMIT_STORE, redisUrl: v.REDIS_URL },
    shutdownGraceMs: v.SHUTDOWN_GRACE_MS,
    tokenIssuers: v.TOKEN_ISSUERS ?? [],
    /** Who signs people in with a browser; absent: nobody does. npm start then brings a stand-in, on this port. */
    workos: workosOf(v),
    workosWebhookSecret: v.WORKOS_WEBHOOK_SECRET,
    workosStandInPort: v.WORKOS_STAND_IN_PORT ?? v.PORT + 1,
    telemetryStore: {
      port: v.TELEMETRY_STORE_PORT ?? v.PORT + 2,
      retentionHours: v.TELEMETRY_RETENTION_HOURS,
      maxMegabytes: v.TELEMETRY_MAX_MEGABYTES,
    },
    /** AES-256 key (32 bytes) of what must be read back, such as the secrets of webhooks. A migration needs none. */
    secretKey: v.FREEHOLD_SECRET_KEY
      ? Buffer.from(v.FREEHOLD_SECRET_KEY, 'base64')
      : process === 'migrate'
        ? Buffer.alloc(0)
        : developmentKey(stateDirectory),
    /** Keys before it, which only open what they sealed. */
    formerSecretKeys: formerKeys(v.FREEHOLD_FORMER_SECRET_KEYS),
    telemetry: {
      /** Where traces go, without a slash at the end; absent: there are none. */
      endpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, ''),
      /** Lines of the log go there too. */
      logs: v.OTEL_LOGS_EXPORTER === 'otlp',
      /** The share of traces that is kept. */
      ratio: v.TRACES_RATIO ?? (production ? 0.05 : 1),
      /** Where GET /metrics is served; absent: nowhere. */
      metrics: v.METRICS_PORT === undefined ? undefined : { host: v.METRICS_HOST, port: v.METRICS_PORT },
      version: v.FREEHOLD_VERSION,
    },
    log: {
      level: v.LOG_LEVEL,
      format: v.LOG_FORMAT ?? (!production && globalThis.process.stdout.isTTY ? 'pretty' : 'json'),
    },
  } as const;
}

/**
 * A URL without its database: logins belong to the server, so whoever works on it, on whatever database, must come to the same passwords.
 */
export function serverOf(url: string): string {
  const server = new URL(url);
  server.pathname = '';
  server.search = '';
  return server.href;
}

function passwordsOf(v: Variables): Partial<Record<Login, string>> {
  const given = {
    owner: v.OWNER_DATABASE_URL,
    gate: v.GATE_DATABASE_URL,
    app: v.APP_DATABASE_URL,
    worker: v.WORKER_DATABASE_URL,
  };
  const passwords: Partial<Record<Login, string>> = {};
  for (const login of logins) {
    const url = given[login] ? new URL(given[login]) : undefined;
    if (url?.username === `freehold_${login}` && url.password !== '')
      passwords[login] = decodeURIComponent(url.password);
  }
  return passwords;
}

/** Keys that only open what was sealed before FREEHOLD_SECRET_KEY was changed. */
function formerKeys(list = ''): Buffer[] {
  return list
    .split(',')
    .filter((key) => key.trim() !== '')
    .map((key) => Buffer.from(key, 'base64'));
}

function missingVariables(given: Record<string, string | undefined>, process: Process): string[] {
  const production = given.NODE_ENV === 'production';
  const problems: string[] = [];
  for (const login of needs[process]) {
    const name = `${login.toUpperCase()}_DATABASE_URL`;
    // Migrations find a database as npm start does: DATABASE_URL, or else the embedded server.
    if (given[name] || (process === 'migrate' && (!production || given.DATABASE_URL))) continue;
    problems.push(missing(login, production));
  }
  if (!production) return problems;
  if (process === 'start') {
    problems.push(
      'NODE_ENV is production, but npm start is for development: run server/main.ts and worker/main.ts',
    );
  }
  if (process === 'server' || process === 'worker') {
    if (!given.FREEHOLD_SECRET_KEY) {
      problems.push('FREEHOLD_SECRET_KEY is required in production: openssl rand -base64 32');
    }
    if (given.WEBHOOK_ALLOW_INSECURE === 'true' || given.WEBHOOK_ALLOW_INSECURE === '1') {
      problems.push(
        'WEBHOOK_ALLOW_INSECURE must not be true in production: webhooks could reach internal addresses',
      );
    }
  }
  if (process === 'server' && !given.PUBLIC_URL) {
    problems.push(
      'PUBLIC_URL is required in production: the URL that users open, such as https://app.example.com',
    );
  }
  return problems;
}

function missing(login: Login, production = false): string {
  const name = `${login.toUpperCase()}_DATABASE_URL`;
  return production
    ? `${name} is required in production: the URL of login freehold_${login} (never derived from DATABASE_URL there)`
    : `${name} is missing: run npm start, which sets it, or give the URL of login freehold_${login}`;
}

/** A mistyped name would otherwise be a setting silently ignored. */
function unknownVariables(given: Record<string, string | undefined>): string[] {
  const known = Object.keys(variables.shape);
  return Object.keys(given)
    .filter((name) => name.startsWith('FREEHOLD_') && !known.includes(name))
    .map(
      (name) =>
        `${name} is not a variable of Freehold: remove it, or correct its name (${known.filter((k) => k.startsWith('FREEHOLD_')).join(', ')})`,
    );
}

function developmentKey(stateDirectory: string): Buffer {
  const path = join(stateDirectory, 'secret.key');
  try {
    mkdirSync(stateDirectory, { recursive: true });
    try {
      // 'wx': of two processes that start together, one writes and both read the same.
      writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const key = Buffer.from(readFileSync(path, 'utf8'), 'base64');
    if (key.length === 32) return key;
  } catch (error) {
    throw new ConfigError([
      `${path} cannot be read or made (${(error as NodeJS.ErrnoException).code}): give the directory to this user, or set FREEHOLD_SECRET_KEY`,
    ]);
  }
  throw new ConfigError([`${path} does not hold 32 bytes: delete it, or set FREEHOLD_SECRET_KEY`]);
}
