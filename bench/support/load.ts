import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

/** A request of HTTP. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  /** JSON; none for GET. */
  body?: string;
}

/** What a load does: sent to the process over IPC. */
export interface LoadOrder {
  port: number;
  key: string;
  /** To send in turn. */
  requests: LoadRequest[];
  connections: number;
  seconds: number;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** The first answer that was no success, or why there was none. */
  failure?: string;
}

// A process of its own, so that its work is not the server's: node bench/support/load.ts under fork().
process.on('message', (order: LoadOrder) => {
  void run(order)
    .catch((error): LoadResult => ({ requests: 0, seconds: 0, p50: 0, p99: 0, failure: String(error) }))
    .then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());

async function run({ port, key, requests, connections, seconds }: LoadOrder): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const taken: number[] = [];
  let failure: string | undefined;
  let next = 0;
  const one = async (): Promise<void> => {
    const one = requests[next++ % requests.length] as LoadRequest;
    const began = performance.now();
    const answer = await send(agent, port, key, one);
    taken.push(performance.now() - began);
    if (answer.status < 200 || answer.status > 299 || answer.text.includes('"errors"'))
      failure ??= `${answer.status} ${answer.text.slice(0, 300)}`;
  };
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - start < seconds * 1000 && !failure) await one();
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  taken.sort((a, b) => a - b);
  const at = (q: number): number => taken[Math.min(taken.length - 1, Math.floor(taken.length * q))] ?? 0;
  return {
    requests: taken.length,
    seconds: elapsed,
    p50: at(0.5),
    p99: at(0.99),
    ...(failure && { failure }),
  };
}

function send(
  agent: Agent,
  port: number,
  key: string,
  { method, path, body }: LoadRequest,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        path,
        method,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json',
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer within 20 s')));
    sent.end(body);
  });
}
