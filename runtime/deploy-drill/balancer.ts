import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { answersOk } from './processes.ts';

/** How often it asks /readyz, and after how many refusals it sends nothing more: DRAIN_DELAY_MS must be longer than both together. */
export const probe = { everyMs: 500, fall: 2 };

/** What HAProxy counted of the servers. */
export interface BalancerCounts {
  /** Connections that were not to be had and were tried again: nothing had been sent. */
  retries: number;
  /** Of those, at another server. */
  redispatches: number;
  /** Requests that it answered with an error of its own, or that a server did not answer whole. */
  errors: number;
  /** How often a server was taken out because of its /readyz. */
  downs: number;
}

export interface Balancer {
  url: string;
  isUp(server: string): Promise<boolean>;
  counts(): Promise<BalancerCounts>;
  stop(): Promise<void>;
}

/**
 * HAProxy as docs/deploying.md has it, before servers on these ports of loopback: HAPROXY, or the one in PATH.
 *
 * `retry-on conn-failure` alone: a connection that was not made carried nothing, so that even what must not be done twice may go elsewhere. With
 * `empty-response` or `all-retryable-errors` a POST that a dying server had done already would be sent again, and its failure would not be seen here.
 * @throws Failure no_haproxy
 */
export async function startBalancer(
  directory: string,
  ports: { own: number; figures: number; servers: Readonly<Record<string, number>> },
): Promise<Balancer> {
  const servers = Object.entries(ports.servers).map(
    ([name, port]) => `  server ${name.replace(' ', '-')} 127.0.0.1:${port} check`,
  );
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  maxconn 1000

defaults
  mode http
  timeout connect 2s
  timeout client 65s
  timeout http-keep-alive 65s
  timeout server 30s
  timeout check 5s
  retries 3
  retry-on conn-failure
  option redispatch 1

frontend api
  bind 127.0.0.1:${ports.own}
  default_backend servers

backend servers
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
  default-server inter ${probe.everyMs}ms fall ${probe.fall} rise 1
${servers.join('\n')}

listen figures
  bind 127.0.0.1:${ports.figures}
  stats enable
  stats uri /
`,
  );
  const child = spawn(process.env.HAPROXY || 'haproxy', ['-db', '-f', file], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1_000);
  });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      words += error.message;
      resolve();
    });
    child.once('close', () => resolve());
  }).then(() => {
    over = true;
  });
  const url = `http://127.0.0.1:${ports.own}`;
  const rows = async () =>
    parseFigures(await (await fetch(`http://127.0.0.1:${ports.figures}/;csv`)).text()).filter(
      ({ pxname }) => pxname === 'servers',
    );
  for (let turn = 0; !over && !(await answersOk(`${url}/livez`)); turn += 1) {
    if (turn > 200) child.kill('SIGKILL');
    await pause(50);
  }
  if (over) {
    throw new Failure(
      'no_haproxy',
      `There is no HAProxy that starts (${words.trim() || 'it did not answer'}).`,
      'Install one (Debian: .ci/programs takes it out of the package haproxy), or set HAPROXY to its file.',
    );
  }
  return {
    url,
    isUp: async (server) =>
      (await rows()).some(
        ({ svname, status }) => svname === server.replace(' ', '-') && status?.startsWith('UP'),
      ),
    async counts() {
      const own = (await rows()).filter(({ svname }) => svname !== 'BACKEND');
      const backend = (await rows()).filter(({ svname }) => svname === 'BACKEND');
      const sum = (of: typeof own, name: string) => of.reduce((total, row) => total + Number(row[name]), 0);
      return {
        retries: sum(own, 'wretr'),
        redispatches: sum(backend, 'wredis'),
        errors: sum(backend, 'econ') + sum(backend, 'eresp'),
        downs: sum(own, 'chkdown'),
      };
    },
    async stop() {
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

function parseFigures(csv: string): Record<string, string | undefined>[] {
  const [head = '', ...lines] = csv.replace(/^# /, '').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, n) => [name, values[n]]));
  });
}
