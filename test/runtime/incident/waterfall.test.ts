import { describe, expect, it } from 'vitest';
import { duration, parseDuration, plain, plainJson, timestamp } from '../../../runtime/incident/text.ts';
import { buildTree } from '../../../runtime/incident/tree.ts';
import type { Look } from '../../../runtime/incident/waterfall.ts';
import { waterfall } from '../../../runtime/incident/waterfall.ts';
import { began, client, server, span, sql, traceId, wholeStory } from './traces.ts';

const look: Look = { width: 80, full: false, paint: (_, text) => text };
const draw = (spans: Parameters<typeof buildTree>[0], more: Partial<Look> = {}) =>
  waterfall(traceId, buildTree(spans), { ...look, ...more });

describe('a waterfall', () => {
  it('shows each span with its times, its layer, and what tells most about it', () => {
    expect(
      draw(wholeStory)
        .slice(0, 18)
        .map((line) => line.trimEnd()),
    ).toEqual([
      `trace ${traceId}`,
      '3.00 s from first to last, 7 spans of server, worker, from 2026-01-01 00:00:00.000 UTC',
      '',
      '  offset     took     self',
      '       0   2.01 s    18 ms █░░░░░░░░░       http  POST /graphql',
      '           in server · /graphql · status 200',
      '  1.0 ms   2.0 ms   2.0 ms █                  middleware  middleware - json',
      '   10 ms   1.99 s    52 ms █░░░░░░░░░         graphql  mutation updateProject',
      '   12 ms   8.0 ms   8.0 ms █                    pool wait  pg-pool.connect',
      '   20 ms   1.93 s   1.93 s ██████████           sql  pg.query',
      '           update project set name = $1 where id = $2',
      '  2.50 s   500 ms   150 ms             █░░        » job  job deliver',
      '           in worker',
      '  2.60 s   350 ms   350 ms              ██          webhook receiver  POST',
      '           to hooks.example · ERROR answered 500',
      '',
      '» began when its parent had ended',
      '',
    ]);
  });

  it('fits the width of the terminal', () => {
    const long = sql(`select ${'column, '.repeat(100)} 1`);
    const spans = Array.from({ length: 30 }, (_, n) =>
      span(n + 1, n || undefined, 'a name '.repeat(20), [n, 60], long),
    );
    for (const width of [80, 132, 200]) {
      const lines = draw(spans, { width }).slice(3, -5);
      expect(Math.max(...lines.map((line) => [...line].length))).toBe(width);
    }
  });

  it('counts what is the same in a row, unless everything is asked for', () => {
    const spans = [
      span(1, undefined, 'root', [0, 100], {}, server),
      ...Array.from({ length: 20 }, (_, n) =>
        span(n + 2, 1, 'q', [n * 5, n * 5 + 2], sql('select 1'), client),
      ),
    ];
    const lines = draw(spans);
    expect(lines.filter((line) => line.includes('sql  q'))).toHaveLength(2);
    expect(lines.find((line) => line.includes('more of the same'))).toMatch(
      /^ {3}10 ms {38}… 18 more of the same, 36 ms together$/,
    );
    expect(draw(spans, { full: true }).filter((line) => line.includes('sql  q'))).toHaveLength(20);
  });

  it('lets nothing through that a terminal would obey', () => {
    const evil = 'x\u001b[2J\u001b]0;owned\u0007\r\n\u009b31m\u202egnp.exe\u0000';
    const lines = draw([
      span(
        1,
        9,
        evil,
        [0, 1],
        { 'freehold.layer': evil, 'http.route': evil, ...sql(evil) },
        {
          service: evil,
          status: 2,
          statusMessage: evil,
          events: [{ timeNs: '1', name: 'exception', attributes: { 'exception.message': `${evil}!` } }],
        },
      ),
    ]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(lines.join('')).toContain('x\\u001b[2J');
  });
});

describe('text', () => {
  it('shows escapes instead of running them, and joins lines', () => {
    expect(plain(' a\n\tb\u001b[1m\u0085 ')).toBe('a b\\u001b[1m\\u0085');
    expect(plain('Grüße, 世界 🎉')).toBe('Grüße, 世界 🎉');
  });

  it('has harmless JSON that means the same', () => {
    const value = { 'k\u009b': '\u001b[2J\u202e\u2028', n: 12n };
    const text = plainJson(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
    expect(JSON.parse(text)).toEqual({ 'k\u009b': '\u001b[2J\u202e\u2028', n: '12' });
  });

  it('writes durations in three digits, and reads them', () => {
    const written = [
      0, 0.004, 0.42, 4.14, 9.96, 143.2, 999.4, 999.6, 2_010, 59_990, 60_000, 192_000, 3_600_000, 7_500_000,
    ];
    expect(written.map(duration)).toEqual([
      '0',
      '0.00 ms',
      '0.42 ms',
      '4.1 ms',
      '10 ms',
      '143 ms',
      '999 ms',
      '1.00 s',
      '2.01 s',
      '59.99 s',
      '1 min',
      '3 min 12 s',
      '1 h',
      '2 h 5 min',
    ]);
    expect(['250ms', '90s', '15m', '1.5h', '2d', '2 d', ' 3min '].map(parseDuration)).toEqual([
      250, 90_000, 900_000, 5_400_000, 172_800_000, 172_800_000, 180_000,
    ]);
    expect(['', '5', 'h', '-1h', '0s', '1w', '1h30m', '1e3s'].map(parseDuration)).toEqual(
      Array(8).fill(undefined),
    );
    expect(timestamp(began + 1_234_999n)).toBe('2026-01-01 00:00:00.001');
  });
});

it('names the tenant where it is not that of the span above', () => {
  const of = (tenant: string) => ({ 'freehold.tenant_id': tenant });
  const tree = buildTree([
    span(1, undefined, 'job deliver', [0, 9], of('acme')),
    span(2, 1, 'select 1', [1, 2], of('acme')),
    span(3, 1, 'POST webhook', [2, 8], of('globex')),
  ]);
  const text = waterfall(traceId, tree, look).join('\n');
  expect(text.match(/tenant \w+/g)).toEqual(['tenant acme', 'tenant globex']);
});
