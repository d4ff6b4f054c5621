import { randomBytes } from 'node:crypto';

/** Bodies of OTLP, as its specification has them. */
export const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

export const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
});

export const span = (fields: Record<string, unknown> = {}) => ({
  traceId: hex(16),
  spanId: hex(8),
  name: 'work',
  kind: 1,
  startTimeUnixNano: '1767225600000000000',
  endTimeUnixNano: '1767225600001000000',
  ...fields,
});

export const traces = (spans: unknown[], service = 'server') => ({
  resourceSpans: [
    {
      resource: { attributes: [attribute('service.name', service)] },
      scopeSpans: [{ scope: { name: 'a-scope' }, spans }],
    },
  ],
});

export const lines = (logRecords: unknown[]) => ({
  resourceLogs: [
    { resource: { attributes: [attribute('service.name', 'server')] }, scopeLogs: [{ logRecords }] },
  ],
});

/** Sends a body, as JSON unless told otherwise. */
export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: Record<string, unknown>; headers: Headers }> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: raw ? (body as string) : JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as never, headers: response.headers };
}
