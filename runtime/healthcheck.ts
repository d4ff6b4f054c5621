import { get } from 'node:http';

/*
 * node runtime/healthcheck.ts: whether the process of this container lives. Exits with 0 or 1, and prints why. HEALTH_PORT is the worker's,
 * PORT the server's; what each calls living is its own (server/health.ts, worker/health.ts).
 *
 * It starts a Node every few seconds beside what it asks, and therefore imports nothing but this.
 */
const port = process.env.HEALTH_PORT || process.env.PORT || '5678';
const url = `http://127.0.0.1:${port}/livez`;

const end = (code: 0 | 1, why: string): void => {
  console.log(why.trim());
  process.exit(code);
};

get(url, { signal: AbortSignal.timeout(2_500) }, (response) => {
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('end', () => end(response.statusCode === 200 ? 0 : 1, text));
}).on('error', (error) => end(1, `${url}: ${error.message}`));
