import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../runtime/telemetry-store/store.ts';
import { runNode } from '../../support/process.ts';
import { span as otlpSpan, traces } from '../telemetry-store/otlp.ts';
import { json, startRemote, stream, streams } from './remote.ts';
import { line, span, spanId, traceId, wholeStory } from './traces.ts';

// The command as people run it, on a store as npm start leaves it.
const main = fileURLToPath(new URL('../../../runtime/incident/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'freehold-incident-'));
const tenant = '019b5c1e-0000-7000-8000-000000000001';
const evil = '\u001b[2J\u009b31m';

async function incident(...args: string[]): Promise<{ code: number | string; output: string }> {
  return incidentWith({}, ...args);
}

async function incidentWith(env: Record<string, string>, ...args: string[]) {
  const child = runNode([main, ...args], { cwd: directory, env });
  return { code: await child.closed, output: child.output() };
}

const call = (id: string, minutesAgo: number, ms: number, more = {}) =>
  line(
    0,
    {
      event: 'request',
      request_id: id,
      tenant_id: tenant,
      method: 'POST',
      operation: 'updateProject',
      route: '/graphql',
      status_code: 200,
      duration_ms: ms,
      db_ms: ms / 2,
      db_queries: 3,
      actor_type: 'user',
      user_id: 'u1',
      ...more,
    },
    { timeNs: BigInt(Date.now() - minutesAgo * 60_000) * 1_000_000n, traceId: undefined },
  );

beforeAll(() => {
  const store = openStore(join(directory, '.freehold/telemetry.db'), () => {});
  const retry = span(
    1,
    undefined,
    'retry',
    [0, 1],
    {},
    {
      traceId: 'e'.repeat(32),
      links: [{ traceId, spanId: spanId(7), attributes: {} }],
    },
  );
  store.write(Buffer.from('1'), {
    spans: [...wholeStory, retry],
    lines: [
      { ...call('request-slow-0001', 30, 2_010, { events: ['project.updated', 'user.updated'] }), traceId },
      line(
        2_955,
        { err: { type: 'WebhookError', message: `answered ${evil}500` } },
        { severity: 'error', service: 'worker', body: 'delivery failed' },
      ),
      call('request-fast-0001', 20, 12, { error_code: 'conflict' }),
      call('request-fast-0002', 90, 14),
      call('request-slow-0002', 10, 2_500, { operation: evil }),
      call('request-of-other', 5, 9_000, { tenant_id: '019b5c1e-0000-7000-8000-000000000002' }),
    ],
  });
  store.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('npm run incident', () => {
  it('shows a request: its line, its trace, the log beneath, and the traces that link to it', async () => {
    const { code, output } = await incident('--request', 'request-slow-0001');
    expect(code).toBe(0);
    const wanted = [
      'POST updateProject  200  2.01 s',
      `tenant_id    ${tenant}`,
      'events       project.updated, user.updated',
      `trace ${traceId}`,
      'sql: 1.93 s of 2.01 s (96 %) in `update project set name = $1 where id = $2`',
      '2.96 s error worker: delivery failed\n         WebhookError: answered \\u001b[2J\\u009b31m500',
      `linked to trace ${'f'.repeat(32)}: npm run incident -- --trace ${'f'.repeat(32)}`,
      `linked from trace ${'e'.repeat(32)}: npm run incident -- --trace ${'e'.repeat(32)}`,
    ];
    const found = wanted.map((text) => output.indexOf(text));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  it('answers which requests of a tenant took over two seconds in the last hour', async () => {
    const { code, output } = await incident('--tenant', tenant, '--since', '1h', '--slower-than', '2s');
    expect(code).toBe(0);
    expect(output).toContain(
      `3 requests and jobs of tenant ${tenant} in the last 1 h: p50 2.01 s, p95 2.50 s, 1 failed\n2 of them took over 2.00 s: p50 2.01 s, p95 2.50 s`,
    );
    expect([...output.matchAll(/request (request-\S+)/g)].map(([, id]) => id)).toEqual([
      'request-slow-0002',
      'request-slow-0001',
    ]);
    expect(output).toMatch(/2\.01 s {4}1\.00 s {6}3 {2}200 {6}POST updateProject {2}\/graphql/);
    expect(output).toContain(`trace ${traceId}  by user u1`);
    expect(output).toMatch(/by operation {3}55 % of the time {6}1 × {2}p95 {3}2\.50 s {2}POST \\u001b\[2J/);
  });

  it('answers over all tenants, the failed ones alone, and the slowest first', async () => {
    const ids = async (...args: string[]) =>
      [...(await incident(...args)).output.matchAll(/ {4}request (request-\S+)/g)].map(([, id]) => id);
    expect(await ids('--since', '15m')).toEqual(['request-of-other', 'request-slow-0002']);
    expect(await ids('--errors')).toEqual(['request-fast-0001']);
    expect(await ids('--since', '2h', '--slowest-first', '--limit', '2')).toEqual([
      'request-of-other',
      'request-slow-0002',
    ]);
  });

  it('has the same for machines, and lets no control character through there either', async () => {
    const trace = await incident('--trace', traceId, '--json');
    const report = JSON.parse(trace.output);
    expect(report).toMatchObject({
      traceId,
      totalMs: 3_000,
      layers: [{ layer: 'sql', ms: 1_930 }, {}, {}, {}, {}, {}, {}, {}],
    });
    expect(report.spans[4]).toMatchObject({
      name: 'pg.query',
      selfMs: 1_930,
      layer: 'sql',
      startNs: '1767225600020000000',
    });
    const calls = await incident('--tenant', tenant, '--json');
    expect(JSON.parse(calls.output)).toMatchObject({
      all: { count: 3 },
      calls: [{ what: `POST ${evil}` }, {}, {}],
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(trace.output + calls.output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('takes a whole traceparent for a trace id', async () => {
    expect((await incident('--trace', `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`)).output).toContain(
      `trace ${traceId}\n3.00 s from first to last`,
    );
  });

  it('says that there is nothing, and why that may be, with exit code 1', async () => {
    for (const args of [
      ['--request', 'request-unknown'],
      ['--trace', 'a'.repeat(32)],
    ]) {
      const { code, output } = await incident(...args);
      expect(code).toBe(1);
      expect(output).toMatch(
        /^Nothing is known of .*\.freehold\/telemetry\.db holds what came since .* UTC .*sampled/,
      );
    }
    const none = await incident('--since', '1s');
    expect([none.code, none.output]).toEqual([
      1,
      expect.stringContaining('0 requests and jobs of all tenants'),
    ]);
    expect(none.output).toContain('holds what came since');
    const { code, output } = await incident('--request', 'request-fast-0001');
    expect([code, output]).toEqual([0, expect.stringContaining('It names no trace.')]);
  });

  it('says where a store would come from when there is none, and what to do with one that is broken', async () => {
    const absent = await incident('--store', 'absent.db', '--since', '1h');
    expect([absent.code, absent.output]).toEqual([
      1,
      expect.stringContaining('npm start keeps it there, in .freehold'),
    ]);
    writeFileSync(join(directory, 'broken.db'), 'no database '.repeat(1_000));
    const broken = await incident('--store', 'broken.db', '--since', '1h');
    expect([broken.code, broken.output]).toEqual([
      1,
      expect.stringMatching(/^broken\.db cannot be read \(file is not a database\)/),
    ]);
  });

  const wrong: [string[], string][] = [
    [[], 'What is asked for?'],
    [['--tenant', 'acme'], '"acme" is no id of a tenant. Telemetry knows tenants by their ids (UUIDs) alone'],
    [['--trace', `xyz${evil}`], '"xyz\\u001b[2J\\u009b31m" is no trace id: it is 32 hexadecimal digits'],
    [['--request', 'short'], '"short" is no request id'],
    [['--since', '1w'], '"1w" is no duration for --since'],
    [['--slower-than', 'fast'], '"fast" is no duration for --slower-than'],
    [['--trace', traceId, '--tenant', tenant], 'Only one of'],
    [['--since', '1h', '--limit', '0'], '--limit must be a number'],
    [['--since', '1h', '--jaeger', 'localhost'], '"localhost" is no URL for --jaeger'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ];
  for (const [args, message] of wrong) {
    it(`explains ${JSON.stringify(args)}, with exit code 2`, async () => {
      const { code, output } = await incident(...args);
      expect([code, output.split('\n')[0]]).toEqual([2, expect.stringContaining(message)]);
      expect(output).toContain('npm run incident -- --request ID');
    });
  }

  it('reads Jaeger and Loki instead, when it is told where they are', async () => {
    const jaeger = await startRemote((_, response) =>
      json(response, 200, { result: traces([otlpSpan({ traceId, name: 'from Jaeger' })]) }),
    );
    const loki = await startRemote((_, response) =>
      json(
        response,
        200,
        streams([
          stream(
            {
              event: 'request',
              trace_id: traceId,
              request_id: 'request-loki-1',
              method: 'GET',
              operation: 'fromLoki',
              duration_ms: '3000',
            },
            [String(BigInt(Date.now()) * 1_000_000n), 'request'],
          ),
        ]),
      ),
    );
    try {
      const where = ['--jaeger', jaeger.url, '--loki', loki.url];
      const request = await incident('--request', 'request-loki-1', ...where);
      expect([request.code, request.output]).toEqual([0, expect.stringContaining('code  from Jaeger')]);
      const env = { JAEGER_URL: jaeger.url, LOKI_URL: loki.url };
      const calls = await incidentWith(env, '--since', '1h', '--slower-than', '2s');
      expect([calls.code, calls.output]).toEqual([0, expect.stringContaining('GET fromLoki')]);
      const alone = await incident('--since', '1h', '--jaeger', jaeger.url);
      expect([alone.code, alone.output]).toEqual([1, 'Loki is needed for that. Say --loki URL as well.\n']);
      expect((await incident('--trace', traceId, '--jaeger', jaeger.url)).code).toBe(0);
    } finally {
      await jaeger.close();
      await loki.close();
    }
  });
});
