import { z } from 'zod';

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
const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL such as https://app.example.com' });

/** Every variable that Freehold reads: this list is the page about them. */
export const variables = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development'),
  DATABASE_URL: databaseUrl.optional(),
  OWNER_DATABASE_URL: databaseUrl.optional(),
  GATE_DATABASE_URL: databaseUrl.optional(),
  APP_DATABASE_URL: databaseUrl.optional(),
  WORKER_DATABASE_URL: databaseUrl.optional(),
  FREEHOLD_ROLE_SECRET: z.string().min(32, 'must be at least 32 characters: openssl rand -hex 32').optional(),
  FREEHOLD_SECRET_KEY: z.base64({ error: 'must be base64: openssl rand -base64 32' }).optional(),
  FREEHOLD_FORMER_SECRET_KEYS: z.string().optional(),
  HOST: z.string().min(1, 'must be an address such as 0.0.0.0').optional(),
  PORT: port.default(5678),
  PUBLIC_URL: webUrl.optional(),
  TRUST_PROXY: count(0, 10, 'a number of proxies').default(0),
  FREEHOLD_DEVELOPMENT_KEY: z.string().optional(),
  WORKOS_API_KEY: z.string().min(1, 'must not be empty').optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty'], { error: 'must be json or pretty' }).optional(),
  GATE_POOL_SIZE: count(1, 500, 'a number of connections').default(4),
  APP_POOL_SIZE: count(1, 500, 'a number of connections').default(10),
  WORKER_POOL_SIZE: count(2, 500, 'a number of connections').default(10),
  APP_STATEMENT_TIMEOUT_MS: count(100, 600_000, 'milliseconds').default(10_000),
  WORKER_STATEMENT_TIMEOUT_MS: count(100, 3_600_000, 'milliseconds').default(60_000),
  WORKER_CONCURRENCY: count(1, 200, 'a number of jobs').default(10),
  WEBHOOK_TIMEOUT_MS: count(100, 60_000, 'milliseconds').default(15_000),
  WEBHOOK_DISABLE_AFTER_HOURS: count(1, 8_760, 'hours').default(120),
  WEBHOOK_DISABLE_AFTER_FAILURES: count(2, 10_000, 'a number of attempts').default(10),
  WEBHOOK_ALLOW_INSECURE: flag.optional(),
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
