import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receiver } from '../../../runtime/telemetry-store/receiver.ts';
import { startReceiver } from '../../../runtime/telemetry-store/receiver.ts';
import type { Store } from '../../../runtime/telemetry-store/store.ts';
import { openStore } from '../../../runtime/telemetry-store/store.ts';
import { waitUntil } from '../../support/wait.ts';
import { attribute, lines, post, span, traces } from './otlp.ts';

const directory = mkdtempSync(join(tmpdir(), 'freehold-receiver-'));
let files = 0;
let file: string;
let store: Store;
let receiver: Receiver;
let reported: unknown[];
const limits = { body: 200_000, together: 500_000 };

async function listen(of: Store): Promise<void> {
  receiver = await startReceiver({
    store: of,
    port: 0,
    limits,
    report: (error) => reported.push(error),
  });
}

beforeEach(async () => {
  files += 1;
  file = join(directory, `${files}.db`);
  reported = [];
  store = openStore(file, () => {});
  await listen(store);
});
afterEach(async () => {
  await receiver.close();
  store.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const toTraces = (body: unknown, headers?: Record<string, string>) =>
  post(`${receiver.url}/v1/traces`, body, headers);

function rows(sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

describe('the receiver of OTLP', () => {
  it('answers as the specification has it', async () => {
    const { status, answer, headers } = await toTraces(traces([span()]));
    expect([status, answer, headers.get('content-type')]).toEqual([
      200,
      { partialSuccess: {} },
      'application/json',
    ]);
    expect((await toTraces({})).status).toBe(200);
    expect((await post(`${receiver.url}/v1/logs`, { resourceLogs: [] })).status).toBe(200);
  });

  it('keeps the good ones of a batch, and says how many were not, and why', async () => {
    const batch = traces([
      span({ traceId: 'xyz' }),
      span({ name: 'good', traceId: 'A'.repeat(32) }),
      span({ spanId: '0'.repeat(16) }),
      span({ startTimeUnixNano: '-1' }),
      span({ links: {} }),
    ]);
    expect((await toTraces(batch)).answer).toEqual({
      partialSuccess: {
        rejectedSpans: '4',
        errorMessage: 'traceId must be 32 hexadecimal digits, not all zero',
      },
    });
    expect(rows('select name, trace_id from span')).toEqual([{ name: 'good', trace_id: 'a'.repeat(32) }]);
    const bad = lines([{ timeUnixNano: 'now', body: { stringValue: 'x' } }]);
    expect((await post(`${receiver.url}/v1/logs`, bad)).answer).toEqual({
      partialSuccess: {
        rejectedLogRecords: '1',
        errorMessage: 'timeUnixNano must be nanoseconds since 1970',
      },
    });
  });

  it('writes once what a sender sends again', async () => {
    const batch = lines([{ timeUnixNano: '1767225600000000000', body: { stringValue: 'once' } }]);
    for (let n = 0; n < 3; n += 1) {
      expect((await post(`${receiver.url}/v1/logs`, batch)).status).toBe(200);
    }
    expect(rows('select body from line')).toEqual([{ body: 'once' }]);
  });

  const refused: [string, number, unknown, Record<string, string>, string][] = [
    ['no JSON', 400, '{"resourceSpans":', {}, 'the body is not JSON'],
    ['an array', 400, [], {}, 'the body must be an object'],
    ['text for spans', 400, traces('spans' as never), {}, 'spans must be an array'],
    [
      'a number for a resource',
      400,
      { resourceSpans: [7] },
      {},
      'an item of resourceSpans must be an object',
    ],
    ['protobuf', 415, 'x', { 'content-type': 'application/x-protobuf' }, 'http/json'],
    ['text', 415, '{}', { 'content-type': 'text/plain' }, 'application/json'],
    ['brotli', 415, '{}', { 'content-encoding': 'br' }, 'gzip'],
    ['what is not gzip', 400, '{}', { 'content-encoding': 'gzip' }, 'not gzip'],
    ['a page in a browser', 403, '{}', { origin: 'http://evil.example' }, 'browser'],
    ['more than the limit', 413, 'x'.repeat(limits.body + 1), {}, 'larger than 200000 bytes'],
    [
      'a small body that becomes a large one',
      413,
      gzipSync(Buffer.alloc(5_000_000)),
      { 'content-encoding': 'gzip' },
      'larger than 200000 bytes',
    ],
  ];
  for (const [what, status, body, headers, message] of refused) {
    it(`refuses ${what} with ${status}, in words`, async () => {
      const answer = await toTraces(body, headers);
      expect([answer.status, answer.answer.message]).toEqual([status, expect.stringContaining(message)]);
      expect(rows('select * from span')).toEqual([]);
      // and goes on
      expect((await toTraces(traces([span()]))).status).toBe(200);
    });
  }

  it('refuses other paths and methods', async () => {
    expect((await post(`${receiver.url}/v1/metrics`, {})).status).toBe(404);
    expect((await fetch(`${receiver.url}/v1/traces`)).status).toBe(405);
  });

  it('tells senders to come again when too much is on its way, and takes it then', async () => {
    const address = new URL(`${receiver.url}/v1/traces`);
    const slow = Array.from({ length: 3 }, () => {
      const one = request(address, { method: 'POST', headers: { 'content-type': 'application/json' } });
      one.on('error', () => {});
      one.write(' '.repeat(150_000));
      return one;
    });
    const large = JSON.stringify(traces([span({ name: 'x'.repeat(150_000) })]));
    const busy = await waitUntil('it is busy', async () => {
      const answer = await toTraces(large);
      return answer.status === 429 ? answer : undefined;
    });
    expect(busy.headers.get('retry-after')).toBe('1');
    for (const one of slow) {
      one.end('{}');
      const [response] = await once(one, 'response');
      expect(response.statusCode).toBe(200);
      response.resume();
    }
    await waitUntil('it is taken', async () => (await toTraces(large)).status === 200);
  });

  it('answers 503, to be sent again, when it cannot write', async () => {
    await receiver.close();
    await listen({
      ...store,
      write() {
        throw new Error('disk full');
      },
    });
    const answer = await toTraces(traces([span()]));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(reported).toMatchObject([{ message: 'disk full' }]);
  });

  it('takes names and values as they are, whatever they look like to SQL, JavaScript or a stack', async () => {
    const name = `'); drop table span; -- \u0000\u001b[2J`;
    let deep: object = { stringValue: 'bottom' };
    for (let n = 0; n < 500; n += 1) deep = { arrayValue: { values: [deep] } };
    const attributes = [
      attribute(`"key'; --`, name),
      { key: '__proto__', value: { stringValue: 'polluted' } },
      { key: 'deep', value: deep },
      { key: 'big', value: { intValue: '9223372036854775807' } },
      { key: 'odd', value: { doubleValue: 'NaN' } },
      { key: 7 },
      null,
    ];
    expect((await toTraces(traces([span({ name, attributes })], name))).answer).toEqual({
      partialSuccess: {},
    });
    const [row] = rows('select name, service, attributes from span');
    expect([row?.name, row?.service]).toEqual([name, name]);
    const kept = JSON.parse(String(row?.attributes));
    expect(kept).toMatchObject({ '"key\'; --': name, big: '9223372036854775807', odd: 'NaN' });
    expect(Object.getOwnPropertyDescriptor(kept, '__proto__')?.value).toBe('polluted');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(String(row?.attributes)).toContain('[nested too deeply]');
    expect((await toTraces(`${'['.repeat(90_000)}${']'.repeat(90_000)}`)).status).toBe(400);
  });
});
