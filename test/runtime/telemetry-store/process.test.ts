import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../runtime/free-ports.ts';
import type { TestProcess } from '../../support/process.ts';
import { runNode } from '../../support/process.ts';
import { waitUntil } from '../../support/wait.ts';
import { hex, lines, post, span, traces } from './otlp.ts';

// The process as npm start runs it, and senders with the exporters that server and worker have.
const main = fileURLToPath(new URL('../../../runtime/telemetry-store/main.ts', import.meta.url));
const sender = fileURLToPath(new URL('sender.ts', import.meta.url));
let directory: string;
let file: string;
let port: number;
let url: string;
const started: TestProcess[] = [];

async function start(env: Record<string, string> = {}): Promise<TestProcess> {
  const child = runNode([main], {
    env: { TELEMETRY_STORE_PORT: String(port), TELEMETRY_STORE_FILE: file, ...env },
  });
  started.push(child);
  await child.printed(/is ready/);
  return child;
}

function send(count: number, env: Record<string, string> = {}): TestProcess {
  return runNode([sender, String(count)], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_SERVICE_NAME: 'server',
      ...env,
    },
  });
}

function ask<T>(sql: string, ...values: string[]): T[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all(...values) as T[];
  } finally {
    database.close();
  }
}

const count = (table: string) => ask<{ n: number }>(`select count(*) as n from ${table}`)[0]?.n;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'freehold-telemetry-'));
  file = join(directory, 'state/telemetry.db');
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.signal('SIGKILL');
    await child.closed;
  }
  rmSync(directory, { recursive: true, force: true });
});

describe('the telemetry store', () => {
  for (const compression of ['none', 'gzip']) {
    it(`keeps what OpenTelemetry's own exporters send (compression: ${compression})`, async () => {
      await start();
      const child = send(3, { OTEL_EXPORTER_OTLP_COMPRESSION: compression });
      expect(await child.closed).toBe(0);
      const [traceId = '', ...others] = child.output().trim().split('\n');
      expect(others).toHaveLength(2);
      const spans = ask<Record<string, unknown>>(
        `select name, kind, service, scope, span_id, parent_span_id, attributes
         from span where trace_id = ? order by parent_span_id is not null`,
        traceId,
      );
      expect(spans).toMatchObject([
        { name: 'POST /graphql', kind: 2, service: 'server', scope: 'test-sender', parent_span_id: null },
        { name: 'pg.query', kind: 1, parent_span_id: spans[0]?.span_id },
      ]);
      expect(JSON.parse(String(spans[0]?.attributes))).toEqual({ 'http.route': '/graphql' });
      const [line] = ask<Record<string, unknown>>(
        'select body, severity, event, request_id, duration_ms, span_id, attributes from line where trace_id = ?',
        traceId,
      );
      expect(line).toMatchObject({
        body: 'request',
        severity: 'info',
        event: 'request',
        request_id: `request-${traceId}`,
        duration_ms: 12.5,
        span_id: spans[0]?.span_id,
      });
      expect(JSON.parse(String(line?.attributes))).toMatchObject({
        list: [1, 'two'],
        nested: { a: { b: true } },
      });
    });
  }

  it('loses nothing of several senders at one time', async () => {
    await start();
    const senders = Array.from({ length: 4 }, () => send(300));
    expect(await Promise.all(senders.map((one) => one.closed))).toEqual([0, 0, 0, 0]);
    expect([count('span'), count('line')]).toEqual([2_400, 1_200]);
  });

  it('answers the requests under way when it is asked to stop, and has written them', async () => {
    const child = await start();
    const bodies = Array.from({ length: 20 }, () => traces(Array.from({ length: 100 }, () => span())));
    const answers = bodies.map((body) => post(`${url}/v1/traces`, body).catch(() => undefined));
    await answers[0];
    child.signal('SIGTERM');
    const accepted = (await Promise.all(answers)).filter((answer) => answer?.status === 200).length;
    expect(await child.closed).toBe(0);
    expect(accepted).toBeGreaterThan(0);
    // in order: nothing is left of the log
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(count('span')).toBe(accepted * 100);
  });

  it('has all that it answered for when it is killed in the middle of writing', async () => {
    const killed = await start();
    let accepted = 0;
    const sending = async (): Promise<void> => {
      for (;;) {
        const answer = await post(`${url}/v1/traces`, traces(Array.from({ length: 50 }, () => span()))).catch(
          () => undefined,
        );
        if (answer?.status !== 200) return;
        accepted += 1;
      }
    };
    const senders = [sending(), sending(), sending()];
    await waitUntil('thirty batches were answered', () => accepted >= 30);
    killed.signal('SIGKILL');
    await Promise.all(senders);
    const kept = count('span') ?? 0;
    expect(kept).toBeGreaterThanOrEqual(accepted * 50);
    // of each batch all or nothing
    expect(kept % 50).toBe(0);
    expect(ask('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    await start();
    expect((await post(`${url}/v1/traces`, traces([span()]))).status).toBe(200);
    expect(count('span')).toBe(kept + 1);
  });

  it('puts a file aside that is no database, and begins a new one', async () => {
    await start();
    started[0]?.signal('SIGTERM');
    await started[0]?.closed;
    writeFileSync(file, 'this is no database at all, but text that is long enough to look at'.repeat(100));
    const child = await start();
    expect(child.output()).toContain('could not be read');
    expect(readFileSync(`${file}.unreadable`, 'utf8')).toContain('this is no database');
    expect((await post(`${url}/v1/logs`, lines([{ timeUnixNano: '1', body: {} }]))).status).toBe(200);
    expect(count('line')).toBe(1);
  });

  it('begins anew where another version has kept its own', async () => {
    await start();
    await post(`${url}/v1/traces`, traces([span({ traceId: hex(16) })]));
    started[0]?.signal('SIGTERM');
    await started[0]?.closed;
    const database = new DatabaseSync(file);
    database.exec('pragma user_version = 99');
    database.close();
    const child = await start();
    expect(child.output()).toContain('another version of Freehold');
    expect(count('span')).toBe(0);
  });

  it('removes what is too old while it runs', async () => {
    const child = await start();
    await post(`${url}/v1/traces`, traces([span()]));
    await post(`${url}/v1/logs`, lines([{ timeUnixNano: '1', body: { stringValue: 'old' } }]));
    child.signal('SIGTERM');
    await child.closed;
    const database = new DatabaseSync(file);
    database.exec('update batch set received_ms = received_ms - 2 * 3600 * 1000');
    database.close();
    await start({ TELEMETRY_RETENTION_HOURS: '1' });
    await post(`${url}/v1/traces`, traces([span({ name: 'new' })]));
    await waitUntil('what is old is gone', () => count('span') === 1 && count('line') === 0);
    expect(ask('select name from span')).toEqual([{ name: 'new' }]);
  });

  it('says why it cannot start', async () => {
    await start();
    const second = runNode([main], {
      env: { TELEMETRY_STORE_PORT: String(port), TELEMETRY_STORE_FILE: file },
    });
    expect(await second.closed).toBe(1);
    expect(second.output()).toContain('EADDRINUSE');
  });
});
