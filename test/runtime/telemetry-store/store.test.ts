import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLines, readSpans } from '../../../runtime/telemetry-store/otlp.ts';
import { keepWithin } from '../../../runtime/telemetry-store/retention.ts';
import { openToRead } from '../../../runtime/telemetry-store/schema.ts';
import { openStore } from '../../../runtime/telemetry-store/store.ts';
import { waitUntil } from '../../support/wait.ts';
import { attribute, hex, lines, span, traces } from './otlp.ts';

const directory = mkdtempSync(join(tmpdir(), 'freehold-store-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A store with a clock of its own. */
function open(name: string) {
  const file = join(directory, name);
  const clock = { ms: 1_000_000 };
  const store = openStore(
    file,
    () => {},
    () => clock.ms,
  );
  const write = (spanName: string, bytes = 10) =>
    store.write(randomBytes(16), {
      spans: readSpans(
        traces([span({ name: spanName, attributes: [attribute('filler', 'x'.repeat(bytes))] })]),
      ).records,
      lines: readLines(lines([{ timeUnixNano: '5', body: { stringValue: spanName } }])).records,
    });
  const names = () => {
    const database = openToRead(file);
    const found = ['select name from span', 'select body as name from line'].map((sql) =>
      database
        ?.prepare(`${sql} order by batch`)
        .all()
        .map(({ name }) => name),
    );
    database?.close();
    return found;
  };
  return { file, clock, store, write, names };
}

describe('retention', () => {
  it('goes by when things came, in steps of a batch, the oldest first', () => {
    const { clock, store, write, names } = open('age.db');
    for (const name of ['first', 'second', 'third']) {
      write(name);
      clock.ms += 1_000;
    }
    const all = store.size();
    expect(store.trim(1_000_000, all)).toBe(false);
    expect(store.trim(1_001_001, all)).toBe(true);
    expect(names()).toEqual([
      ['second', 'third'],
      ['second', 'third'],
    ]);
    expect(store.trim(1_001_001, all)).toBe(true);
    expect(store.trim(1_001_001, all)).toBe(false);
    expect(names()).toEqual([['third'], ['third']]);
    store.close();
  });

  it('keeps to its size while it is written, and gives the rest of the file back', async () => {
    const { file, store, write, names } = open('size.db');
    const limit = 1_000_000;
    const end = keepWithin(store, { hours: 1e6, megabytes: limit / 1e6 }, (error) => {
      throw error;
    });
    for (let n = 0; n < 60; n += 1) write(`span ${n}`, 50_000);
    expect(store.size()).toBeGreaterThan(limit * 2);
    await waitUntil('it is within its size', () => store.size() <= limit);
    end();
    const [spans = [], bodies] = names();
    expect(spans.at(-1)).toBe('span 59');
    expect(spans.length).toBeGreaterThan(10);
    expect(spans.length).toBeLessThan(20);
    expect(spans).toEqual(Array.from(spans, (_, at) => `span ${60 - spans.length + at}`));
    expect(bodies).toEqual(spans);
    store.close();
    expect(statSync(file).size).toBeLessThan(limit * 1.1);
  });
});

describe('a store', () => {
  it('keeps a span once, and knows which traces link to which', () => {
    const { file, store } = open('links.db');
    const [original, retry] = [hex(16), hex(16)];
    const one = span({ traceId: retry, links: [{ traceId: original, spanId: hex(8) }] });
    const batch = readSpans(traces([one, one])).records;
    store.write(Buffer.from('a'), { spans: batch });
    store.write(Buffer.from('b'), { spans: batch });
    const database = openToRead(file);
    expect(database?.prepare('select trace_id from span').all()).toEqual([{ trace_id: retry }]);
    expect(database?.prepare('select linked_trace_id, trace_id from span_link').all()).toEqual([
      { linked_trace_id: original, trace_id: retry },
    ]);
    database?.close();
    store.close();
  });

  it('knows nanoseconds exactly', () => {
    const { file, store } = open('time.db');
    store.write(Buffer.from('a'), {
      spans: readSpans(traces([span({ startTimeUnixNano: '1767225600000000001' })])).records,
    });
    const statement = openToRead(file)?.prepare('select start_ns from span');
    statement?.setReadBigInts(true);
    expect(statement?.get()).toEqual({ start_ns: 1767225600000000001n });
    store.close();
  });

  it('is readable by its owner alone', () => {
    const { file, store, write } = open('mode.db');
    write('work');
    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(file + suffix).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    store.close();
  });

  it('is not read where there is none', () => {
    expect(openToRead(join(directory, 'absent.db'))).toBeUndefined();
  });
});
