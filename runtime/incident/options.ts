import { parseArgs } from 'node:util';
import { parseDuration, plain } from './text.ts';

export const usage = `npm run incident -- --request ID              a request: its line, and its trace
npm run incident -- --trace ID                a trace, over all processes
npm run incident -- --tenant ID --since 1h    requests and jobs of a tenant; without --tenant, of all
    --slower-than 2s    only those that took longer
    --errors            only those that failed
    --slowest-first     instead of the newest first
    --limit 50          how many are listed

  --json     for machines; with everything
  --full     every span and line of a trace
  --store FILE                  another store than .freehold/telemetry.db
  --jaeger URL --loki URL       read from these instead (or JAEGER_URL, LOKI_URL)

Durations: 250ms, 90s, 15m, 1h, 2d. docs/incidents.md shows how a cause is found.`;

export interface Options {
  what:
    | { kind: 'request'; id: string }
    | { kind: 'trace'; id: string }
    | {
        kind: 'calls';
        tenantId: string | undefined;
        slowerThanMs: number | undefined;
        failedOnly: boolean;
        slowestFirst: boolean;
        limit: number;
      };
  /** How far back; for a request or a trace only where the source must be told. */
  sinceMs: number;
  json: boolean;
  full: boolean;
  store: string;
  jaeger: string | undefined;
  loki: string | undefined;
}

/** The command line is wrong. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: string[], env: Record<string, string | undefined>): Options {
  const values = parse(args);
  const given = [values.request, values.trace, values.tenant].filter((value) => value !== undefined);
  if (given.length > 1) throw new UsageError('Only one of --request, --trace and --tenant can be asked for.');
  const jaeger = urlOf('--jaeger', values.jaeger ?? env.JAEGER_URL);
  const loki = urlOf('--loki', values.loki ?? env.LOKI_URL);
  if (values.store !== undefined && (values.jaeger ?? values.loki) !== undefined) {
    throw new UsageError(
      '--store is a file, and --jaeger and --loki are instead of it: give one or the others.',
    );
  }
  return {
    what: questionOf(values),
    sinceMs: durationOf('--since', values.since) ?? (values.request || values.trace ? 72 : 1) * 3_600_000,
    json: values.json,
    full: values.full,
    store: values.store ?? '.freehold/telemetry.db',
    jaeger: values.store === undefined ? jaeger : undefined,
    loki: values.store === undefined ? loki : undefined,
  };
}

function parse(args: string[]) {
  const string = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args,
      options: {
        request: string,
        trace: string,
        tenant: string,
        since: string,
        'slower-than': string,
        errors: flag,
        'slowest-first': flag,
        limit: string,
        json: flag,
        full: flag,
        store: string,
        jaeger: string,
        loki: string,
      },
    }).values;
  } catch (error) {
    throw new UsageError(plain((error as Error).message));
  }
}

function questionOf(values: ReturnType<typeof parse>): Options['what'] {
  if (values.request !== undefined) {
    // What the server takes over from a caller's X-Request-Id, or makes itself.
    if (/^[0-9A-Za-z_.:=+/-]{8,128}$/.test(values.request)) return { kind: 'request', id: values.request };
    throw new UsageError(
      `"${plain(values.request)}" is no request id: it is in the header X-Request-Id of the answer, and in the extensions of its errors.`,
    );
  }
  if (values.trace !== undefined) {
    const id = values.trace.toLowerCase();
    // A whole traceparent is what is at hand often.
    const [, inside = id] = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(id) ?? [];
    if (/^[0-9a-f]{32}$/.test(inside)) return { kind: 'trace', id: inside };
    throw new UsageError(
      `"${plain(values.trace)}" is no trace id: it is 32 hexadecimal digits, the second part of a traceparent.`,
    );
  }
  const slowerThanMs = durationOf('--slower-than', values['slower-than']);
  if (
    values.tenant === undefined &&
    values.since === undefined &&
    slowerThanMs === undefined &&
    !values.errors
  )
    throw new UsageError(
      'What is asked for? --request, --trace, --tenant, --since, --slower-than or --errors.',
    );
  const limit = Number(values.limit ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new UsageError('--limit must be a number, 1 to 10000.');
  return {
    kind: 'calls',
    tenantId: tenantOf(values.tenant),
    slowerThanMs,
    failedOnly: values.errors,
    slowestFirst: values['slowest-first'],
    limit,
  };
}

function tenantOf(tenant: string | undefined): string | undefined {
  if (tenant === undefined) return undefined;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant)) return tenant.toLowerCase();
  throw new UsageError(
    `"${plain(tenant)}" is no id of a tenant. Telemetry knows tenants by their ids (UUIDs) alone: select id from app.tenant where slug = '…'.`,
  );
}

function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError(
    `"${plain(text)}" is no duration for ${option}: write it as 250ms, 90s, 15m, 1h or 2d.`,
  );
}

function urlOf(option: string, url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new UsageError(`"${plain(url)}" is no URL for ${option}: write it as http://localhost:16686.`);
}
