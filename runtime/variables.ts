import { Resolver } from 'node:dns';
import { isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { tokenIssuers } from './token-issuers.ts';

/** Addresses that share their first bits. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

const port = z.coerce.number({ error: 'must be a port, 1 to 65535' }).int().min(1).max(65535);
const count = (min: number, max: number, unit: string) => {
  const rule = `must be ${unit}, ${min} to ${max}`;
  return z.coerce.number({ error: rule }).int(rule).min(min, rule).max(max, rule);
};
const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((value) => value === 'true' || value === '1');
const databaseUrl = z.string().superRefine((value, context) => {
  const problem = databaseUrlProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});
const smtpUrl = z.string().superRefine((value, context) => {
  const problem = smtpUrlProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});
const sender = z.string().transform((value, context) => {
  const found = parseSender(value);
  if (found) return found;
  context.addIssue({
    code: 'custom',
    message: 'must be an address such as no-reply@example.com or Freehold <no-reply@example.com>',
  });
  return z.NEVER;
});
const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL such as https://app.example.com' });
/** What is written with commas. `read` gives the value of an item, or throws what is wrong with it. */
const list = <T>(read: (item: string) => T) =>
  z.string().transform((value, context) =>
    value.split(',').flatMap((item) => {
      try {
        return [read(item.trim())];
      } catch (error) {
        context.addIssue({ code: 'custom', message: `holds "${item.trim()}", ${(error as Error).message}` });
        return [];
      }
    }),
  );

/** Every variable that Freehold reads: this list is the page about them. */
export const variables = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development'),
  DATABASE_URL: databaseUrl.optional(),
  OWNER_DATABASE_URL: databaseUrl.optional(),
  GATE_DATABASE_URL: databaseUrl.optional(),
  APP_DATABASE_URL: databaseUrl.optional(),
  // Of login freehold_app too, for the connection of each server that listens, where APP_DATABASE_URL leads through a pooler of transactions
  LISTEN_DATABASE_URL: databaseUrl.optional(),
  WORKER_DATABASE_URL: databaseUrl.optional(),
  FREEHOLD_ROLE_SECRET: z.string().min(32, 'must be at least 32 characters: openssl rand -hex 32').optional(),
  FREEHOLD_SECRET_KEY: z.base64({ error: 'must be base64: openssl rand -base64 32' }).optional(),
  FREEHOLD_FORMER_SECRET_KEYS: z.string().optional(),
  HOST: z.string().min(1, 'must be an address such as 0.0.0.0').optional(),
  PORT: port.default(5678),
  PUBLIC_URL: webUrl.optional(),
  TRUST_PROXY: count(0, 10, 'a number of proxies').default(0),
  FREEHOLD_DEVELOPMENT_KEY: z.string().optional(),
  // Whose access tokens are let in: a JSON array, see docs/identity.md
  TOKEN_ISSUERS: tokenIssuers.optional(),
  // Origins of frontends besides PUBLIC_URL, which may use its session cookie and be returned to: https://app.example.com
  APP_ORIGINS: list(originOf).default([]),
  // Documents that are trusted: a JSON object from the SHA-256 of each, in hexadecimal, to its text (docs/graphql.md)
  GRAPHQL_DOCUMENTS: z.string().min(1, 'must be the path of a file').optional(),
  // true: no other documents are run
  GRAPHQL_TRUSTED_ONLY: flag.default(false),
  // Whether the schema is told: introspection, the explorer at / and suggestions in errors; default: in development, unless only trusted documents are run
  GRAPHQL_INTROSPECTION: flag.optional(),
  // Streams of events that a server has open at a time, and those of one tenant
  EVENT_STREAMS: count(1, 100_000, 'a number of streams').default(1_000),
  EVENT_STREAMS_PER_TENANT: count(1, 100_000, 'a number of streams').default(100),
  // Without, nobody can sign in with a browser; npm start brings a stand-in for WorkOS.
  WORKOS_API_KEY: z.string().min(1, 'must not be empty').optional(),
  WORKOS_CLIENT_ID: z.string().min(1, 'must not be empty').optional(),
  WORKOS_API_URL: webUrl.default('https://api.workos.com'),
  // Claim iss of its access tokens; default: <WORKOS_API_URL>/user_management/<WORKOS_CLIENT_ID>
  WORKOS_ISSUER: z.string().min(1, 'must not be empty').optional(),
  // Of the endpoint <PUBLIC_URL>/webhooks/workos in its dashboard
  WORKOS_WEBHOOK_SECRET: z.string().min(16, 'must be at least 16 characters, as WorkOS shows it').optional(),
  // The port of the stand-in for WorkOS, in development; default: PORT + 1
  WORKOS_STAND_IN_PORT: port.optional(),
  // The port of npm start's own store of telemetry; default: PORT + 2
  TELEMETRY_STORE_PORT: port.optional(),
  // How long, and how much, it keeps: the oldest goes first.
  TELEMETRY_RETENTION_HOURS: count(1, 8_760, 'hours').default(72),
  TELEMETRY_MAX_MEGABYTES: count(10, 100_000, 'megabytes').default(500),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  // Where traces go, OTLP over HTTP with JSON: http://otel-collector:4318. Without, there are none; npm start keeps its own (docs/incidents.md).
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl.optional(),
  // otlp: lines of the log go there too
  OTEL_LOGS_EXPORTER: z.enum(['none', 'otlp'], { error: 'must be none or otlp' }).default('none'),
  // The share of traces that is kept, 0 to 1; default: 1 in development, 0.05 in production
  TRACES_RATIO: z.coerce
    .number({ error: 'must be a share, 0 to 1' })
    .min(0, 'must be a share, 0 to 1')
    .max(1, 'must be a share, 0 to 1')
    .optional(),
  // Where GET /metrics is served to Prometheus, for the inside alone. Without a port, nowhere.
  METRICS_PORT: port.optional(),
  METRICS_HOST: z.string().min(1, 'must be an address such as 0.0.0.0').default('127.0.0.1'),
  // What is deployed, such as a commit: in each line of the log and each span
  FREEHOLD_VERSION: z.string().min(1, 'must not be empty').default('development'),
  LOG_FORMAT: z.enum(['json', 'pretty'], { error: 'must be json or pretty' }).optional(),
  GATE_POOL_SIZE: count(1, 500, 'a number of connections').default(4),
  APP_POOL_SIZE: count(1, 500, 'a number of connections').default(10),
  WORKER_POOL_SIZE: count(2, 500, 'a number of connections').default(10),
  APP_STATEMENT_TIMEOUT_MS: count(100, 600_000, 'milliseconds').default(10_000),
  WORKER_STATEMENT_TIMEOUT_MS: count(100, 3_600_000, 'milliseconds').default(60_000),
  // Where the worker answers GET /livez and /readyz, for supervisors; the server does on PORT. Without, nowhere.
  HEALTH_PORT: port.optional(),
  WORKER_CONCURRENCY: count(1, 200, 'a number of jobs').default(10),
  WEBHOOK_TIMEOUT_MS: count(100, 60_000, 'milliseconds').default(15_000),
  WEBHOOK_DISABLE_AFTER_HOURS: count(1, 8_760, 'hours').default(120),
  WEBHOOK_DISABLE_AFTER_FAILURES: count(2, 10_000, 'a number of attempts').default(10),
  // Development: http, and any address and port. The settings below are without effect then.
  WEBHOOK_ALLOW_INSECURE: flag.optional(),
  // Ports that receivers may listen on.
  WEBHOOK_ALLOWED_PORTS: list(portOf).default([443, 8443]),
  // Networks that are not public and may be reached nevertheless, by every tenant: 10.20.0.0/16,fd12:3456::/32
  WEBHOOK_ALLOWED_NETWORKS: list((item) => networkOf(item, 1)).default([]),
  // Host names that may be reached wherever the system's resolver says they are, by every tenant: hooks.internal.example
  WEBHOOK_ALLOWED_HOSTS: list(hostOf).default([]),
  // Public networks that must not be reached, such as one's own: 203.0.113.0/24,2001:db8:1::/48
  WEBHOOK_DENIED_NETWORKS: list((item) => networkOf(item, 0)).default([]),
  // DNS servers for the names of receivers, instead of the system's: 192.0.2.53,[2001:db8::53]:5353
  WEBHOOK_DNS_SERVERS: list(dnsServerOf).optional(),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: sender.optional(),
  // Where requests to the REST API are counted: in each server (memory), or together in PostgreSQL or Redis
  RATE_LIMIT_STORE: z
    .enum(['memory', 'postgres', 'redis'], { error: 'must be memory, postgres or redis' })
    .default('memory'),
  // For RATE_LIMIT_STORE=redis: redis://user:password@host:6379/0, or rediss:
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must look like redis://user:password@host:6379' })
    .optional(),
  DRAIN_DELAY_MS: count(0, 120_000, 'milliseconds').optional(),
  SHUTDOWN_GRACE_MS: count(1_000, 600_000, 'milliseconds').default(25_000),
});

export type Variables = z.infer<typeof variables>;

function databaseUrlProblem(value: string): string | undefined {
  const shape = 'must look like postgres://user:password@host:5432/database';
  if (!URL.canParse(value)) return shape;
  const url = new URL(value);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return shape;
  const database = url.pathname.slice(1);
  if (!url.hostname || !url.username || database === '')
    return `${shape}; user, host and database are all needed`;
  if (['postgres', 'template0', 'template1'].includes(database)) {
    return `names the maintenance database "${database}": give Freehold one of its own, such as /freehold (it is created)`;
  }
  return undefined;
}

function portOf(item: string): number {
  const number = Number(item);
  if (/^\d+$/.test(item) && number >= 1 && number <= 65_535) return number;
  throw new Error('which is no port, 1 to 65535');
}

function originOf(item: string): string {
  const url = URL.canParse(item) ? new URL(item) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.origin === item.replace(/\/$/, '')) return url.origin;
  throw new Error('which is no origin: write it as https://app.example.com, without a path');
}

/** @param least bits that must be given: without one, a network is every address */
function networkOf(item: string, least: number): Network {
  const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
  const most = isIPv4(address) ? 32 : 128;
  const length = Number(bits ?? most);
  // isIP knows no octal, hexadecimal or shortened IPv4, which ipaddr.js reads: to it, 010.0.0.0 is 8.0.0.0.
  if (!isIP(address) || length > most) {
    throw new Error('which is no network: write it as 10.20.0.0/16 or fd12:3456::/32');
  }
  if (length < least) throw new Error('which is every address: name the networks');
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) {
    throw new Error('which is IPv4 within IPv6: write it as IPv4');
  }
  const family = isIPv4(address) ? ipaddr.IPv4 : ipaddr.IPv6;
  const network = family.networkAddressFromCIDR(`${address}/${length}`);
  if (network.toString() !== parsed.toString()) {
    throw new Error(`which goes on after its first ${length} bits: write ${network}/${length}`);
  }
  return [network, length];
}

function hostOf(item: string): string {
  const name = domainToASCII(item.replace(/\.$/, ''));
  if (isIP(name)) throw new Error('which is an address: name it in WEBHOOK_ALLOWED_NETWORKS');
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return name;
  throw new Error('which is no host name: write it without port, path and stars');
}

function dnsServerOf(item: string): string {
  try {
    new Resolver().setServers([item]);
    return item;
  } catch {
    throw new Error('which is no DNS server: write it as 192.0.2.53 or [2001:db8::53]:5353');
  }
}

/** Options of the mail library in the query could switch the verification of certificates off: none are accepted. */
function smtpUrlProblem(value: string): string | undefined {
  const shape = 'must look like smtp://user:password@host:587 or smtps://user:password@host:465';
  if (!URL.canParse(value)) return shape;
  const url = new URL(value);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') return shape;
  if (!url.hostname) return `${shape}; the host is needed`;
  if ((url.pathname !== '' && url.pathname !== '/') || url.search || url.hash)
    return `${shape}; nothing may follow the port`;
  if ((url.username === '') !== (url.password === ''))
    return `${shape}; user and password are given both or neither`;
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return `${shape}; a % in user or password is written %25`;
  }
  return undefined;
}

/** One address, with or without a name before it. */
function parseSender(value: string): { name: string; address: string } | undefined {
  const [, name = '', boxed, plain] = /^(?:([^<>"\p{Cc}]*)<([^<>]+)>|([^<>]+))$/u.exec(value.trim()) ?? [];
  const address = z.email().safeParse(boxed ?? plain);
  return address.success ? { name: name.trim(), address: address.data } : undefined;
}
