import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../runtime/free-ports.ts';
import { jaegerSpans } from '../../../runtime/incident/jaeger.ts';
import { lokiLines } from '../../../runtime/incident/loki.ts';
import type { Line } from '../../../runtime/telemetry-store/records.ts';
import { attribute, span as otlpSpan, traces } from '../telemetry-store/otlp.ts';
import { json, startRemote, stream, streams } from './remote.ts';
import { traceId } from './traces.ts';

type Remote = Awaited<ReturnType<typeof startRemote>>;
const running: Remote[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function remote(...[answer]: Parameters<typeof startRemote>): Promise<Remote> {
  const one = await startRemote(answer);
  running.push(one);
  return one;
}

async function collect(lines: AsyncIterable<Line>): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('the spans of Jaeger', () => {
  it('are read from its API v3, below whatever path a proxy puts before it', async () => {
    const { url, asked } = await remote((_, response) =>
      json(response, 200, {
        result: traces([otlpSpan({ traceId, name: 'work', attributes: [attribute('a', 'b')] })], 'worker'),
      }),
    );
    const spans = await jaegerSpans(`${url}/jaeger/`).trace(traceId);
    expect(spans).toMatchObject([{ traceId, name: 'work', service: 'worker', attributes: { a: 'b' } }]);
    expect(asked.map(({ pathname }) => pathname)).toEqual([`/jaeger/api/v3/traces/${traceId}`]);
    expect(await jaegerSpans(url).linkingTo(traceId)).toBeUndefined();
  });

  it('are none where it knows no such trace', async () => {
    const { url } = await remote((_, response) =>
      json(response, 404, { error: { httpCode: 404, message: 'No traces found' } }),
    );
    expect(await jaegerSpans(url).trace(traceId)).toEqual([]);
  });

  it('are not had, in words, from what is not Jaeger, or not there', async () => {
    const { url } = await remote((_, response) =>
      response.writeHead(502).end('<h1>\u001b[31mBad gateway</h1>'),
    );
    await expect(jaegerSpans(url).trace(traceId)).rejects.toThrow(
      /^Jaeger answered 502 at http.*: <h1>\\u001b\[31mBad gateway<\/h1>\. Is that Jaeger/,
    );
    await expect(jaegerSpans(`http://127.0.0.1:${await freePort()}`).trace(traceId)).rejects.toThrow(
      /^Jaeger does not answer at http:\/\/127\.0\.0\.1:\d+ \(connect ECONNREFUSED/,
    );
    const other = await remote((_, response) => json(response, 200, { result: [] }));
    await expect(jaegerSpans(other.url).trace(traceId)).rejects.toThrow("Jaeger's answer is no OTLP");
  });
});

describe('the lines of Loki', () => {
  it('are those of a trace, with text where it was text and numbers where they were numbers', async () => {
    const { url, asked } = await remote((_, response) =>
      json(
        response,
        200,
        streams([
          stream(
            {
              event: 'request',
              trace_id: traceId,
              duration_ms: '12.5',
              status_code: '200',
              db_queries: '2',
              operation: '7',
              aborted: 'false',
              severity_text: 'INFO',
            },
            ['1767225600000000002', 'request'],
          ),
          stream({ trace_id: 'not\u001b one', err_message: 'bad', detected_level: 'error' }, [
            '1767225600000000001',
            'oh',
          ]),
        ]),
      ),
    );
    const lines = await lokiLines(url, 5n).ofTrace(traceId);
    expect(lines).toMatchObject([
      { timeNs: 1767225600000000001n, body: 'oh', severity: 'error', attributes: { err_message: 'bad' } },
      {
        timeNs: 1767225600000000002n,
        service: 'server',
        severity: 'info',
        traceId,
        attributes: { duration_ms: 12.5, status_code: 200, db_queries: 2, operation: '7', aborted: false },
      },
    ]);
    expect(lines[0]?.traceId).toBeUndefined();
    const [{ pathname, searchParams } = new URL('http://none')] = asked;
    expect(pathname).toBe('/loki/api/v1/query_range');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      query: `{service_name=~".+"} | trace_id="${traceId}"`,
      start: '5',
      limit: '5000',
      direction: 'backward',
    });
  });

  it('are asked for with what cannot become a query of its own', async () => {
    const { url, asked } = await remote((_, response) => json(response, 200, streams([])));
    await lokiLines(url, 5n).ofRequest('a"} or {b="');
    expect(asked[0]?.searchParams.get('query')).toBe('{service_name=~".+"} | request_id="a\\"} or {b=\\""');
    await collect(lokiLines(url, 5n).calls({ tenantId: 't', sinceNs: 7n }));
    expect(asked[1]?.searchParams.get('query')).toBe(
      '{service_name=~".+"} | event=~"request|job" | tenant_id="t"',
    );
    expect(asked[1]?.searchParams.get('start')).toBe('7');
  });

  it('are read page by page, none twice and none left out, although many have the same time', async () => {
    // 12,000 lines, three a nanosecond: the edges of pages lie within one.
    const all = Array.from({ length: 12_000 }, (_, n) => ({
      time: 1_000_000 + Math.floor(n / 3),
      id: `id ${n}`,
    }));
    const { url, asked } = await remote((request, response) => {
      const [end, limit] = ['end', 'limit'].map((name) => Number(request.searchParams.get(name)));
      const page = all
        .filter(({ time }) => time < (end as number))
        .sort((a, b) => b.time - a.time)
        .slice(0, limit);
      json(
        response,
        200,
        streams(page.map(({ time, id }) => stream({ event: 'job', request_id: id }, [String(time), 'job']))),
      );
    });
    const lines = await collect(lokiLines(url, 0n).calls({ tenantId: undefined, sinceNs: 0n }));
    expect(new Set(lines.map((line) => line.attributes.request_id)).size).toBe(12_000);
    expect(lines).toHaveLength(12_000);
    expect(lines.every((line, n) => n === 0 || line.timeNs <= (lines[n - 1]?.timeNs ?? 0n))).toBe(true);
    expect(asked.length).toBe(3);
  });

  it('are not had, in words, from what is not Loki', async () => {
    const { url } = await remote((_, response) => json(response, 400, 'parse error at line 1'));
    await expect(lokiLines(url, 0n).ofTrace(traceId)).rejects.toThrow('Loki answered 400');
    const other = await remote((_, response) => json(response, 200, { data: { resultType: 'matrix' } }));
    await expect(lokiLines(other.url, 0n).ofTrace(traceId)).rejects.toThrow("Loki's answer holds no streams");
  });
});
