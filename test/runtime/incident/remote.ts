import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that answers as Jaeger or Loki document it, with the requests that it had. */
export async function startRemote(answer: (url: URL, response: ServerResponse) => void): Promise<{
  url: string;
  asked: URL[];
  close(): Promise<void>;
}> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://remote');
    asked.push(url);
    answer(url, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** One entry of Loki: its labels and metadata in one, as query_range gives them. */
export const stream = (metadata: Record<string, string>, ...values: [string, string][]) => ({
  stream: { service_name: 'server', ...metadata },
  values,
});

export const streams = (result: unknown[]) => ({
  status: 'success',
  data: { resultType: 'streams', result, stats: {} },
});
