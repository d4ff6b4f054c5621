import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { post } from '../../worker/deliver/post.ts';
import type { TargetPolicy } from '../../worker/deliver/target.ts';
import { createAgent } from '../../worker/deliver/target.ts';
import type { TestDns, Zone } from './support/dns.ts';
import { startDns } from './support/dns.ts';
import { authorityFile, startTlsReceiver, startTlsReceivers } from './support/tls-receiver.ts';

/*
 * Two receivers on one port of this machine: 127.0.0.2 stands for the public internet, by WEBHOOK_ALLOWED_NETWORKS; 127.0.0.1 is what must
 * not be reached. Names are answered by a name server over UDP. Every address here is this machine's own, so that a guard that fails sends nothing
 * out; address.test.ts has the others.
 */
let open: Awaited<ReturnType<typeof startTlsReceiver>>;
let inside: Awaited<ReturnType<typeof startTlsReceiver>>;
let dns: TestDns;
let zone: Zone;

beforeAll(async () => {
  setDefaultCACertificates([...getCACertificates(), readFileSync(authorityFile, 'utf8')]);
  [open, inside] = await startTlsReceivers('127.0.0.2', '127.0.0.1');
  dns = await startDns((name) => zone(name));
});
afterAll(() => Promise.all([open.close(), inside.close(), dns.close()]));
beforeEach(() => {
  zone = () => [];
  dns.questions.length = 0;
  open.requests.length = 0;
  inside.requests.length = 0;
});

const network = (text: string) => ipaddr.parseCIDR(text);

function poster(change: Partial<TargetPolicy> = {}) {
  const agent = createAgent({
    allowInsecure: false,
    allowedPorts: [443, open.port],
    allowedNetworks: [network('127.0.0.2/32')],
    allowedHosts: [],
    deniedNetworks: [],
    dnsServers: [dns.address],
    ...change,
  });
  onTestFinished(() => agent.destroy());
  const signal = new AbortController().signal;
  return (url: string, headers = {}) =>
    post(url, headers, '{}', { agent, timeoutMs: 8_000, signal }).then((outcome) => outcome?.error ?? 'sent');
}

const at = (host: string, path = '/') => `https://${host}:${open.port}${path}`;

async function untouched(connect: () => Promise<unknown>): Promise<void> {
  const before = inside.connections();
  await connect();
  expect(inside.connections()).toBe(before);
}

describe('a URL', () => {
  it.each([
    ['http://receiver.example/', 'https is required'],
    ['https://receiver.example:8443/', /^the port must be 443 or \d+$/],
    ['https://receiver.example:22/', /^the port must be 443 or \d+$/],
    ['https://user@receiver.example/', 'the URL must not hold a user or password'],
    ['https://:secret@receiver.example/', 'the URL must not hold a user or password'],
    ['https://[fe80::1%25eth0]/', 'the URL is not valid'],
    ['https://127.0.0.1%00.receiver.example/', 'the URL is not valid'],
    ['https://1.2.3.4.5/', 'the URL is not valid'],
    ['ftp://receiver.example/', expect.any(String)],
    ['file:///etc/passwd', expect.any(String)],
  ])('is refused: %s', async (url, error) => {
    expect(await poster()(url)).toEqual(error instanceof RegExp ? expect.stringMatching(error) : error);
    expect(dns.questions).toEqual([]);
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '2130706433',
    '127.0.0.1.',
    '①②⑦.⓪.⓪.①',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
  ])('is refused with an address that is not public, however written: %s', async (host) => {
    await untouched(async () => expect(await poster()(at(host))).toBe('the address is not public'));
  });

  it('is called at an address that is allowed, whose certificate names it', async () => {
    expect(await poster()(at('127.0.0.2'))).toBe('sent');
    expect(open.requests).toMatchObject([{ servername: false, headers: { host: `127.0.0.2:${open.port}` } }]);
  });
});

describe('a name', () => {
  it('is resolved once, and its certificate and Host are its own, whatever the owner sends as Host', async () => {
    zone = (name) => (name === 'receiver.example' ? ['127.0.0.2'] : []);
    expect(await poster()(at('Receiver.Example', '/hook'), { Host: 'other.example', 'x-a': '1' })).toBe(
      'sent',
    );
    expect(open.requests).toMatchObject([
      {
        servername: 'receiver.example',
        path: '/hook',
        headers: { host: `receiver.example:${open.port}`, 'x-a': '1' },
      },
    ]);
    expect(dns.questions.toSorted()).toEqual(['A receiver.example', 'AAAA receiver.example']);
  });

  it('with a dot at its end is the same name', async () => {
    zone = () => ['127.0.0.2'];
    expect(await poster()(at('receiver.example.'))).toBe('sent');
    expect(open.requests).toMatchObject([{ servername: 'receiver.example' }]);
  });

  it.each([
    ['leads inside', ['127.0.0.1']],
    ['leads outside and inside', ['127.0.0.2', '127.0.0.1']],
    ['leads inside over IPv6 alone', ['127.0.0.2', '::ffff:127.0.0.1']],
    ['leads to an address that is IPv4 to some', ['::7f00:2']],
    ['does not exist', []],
  ])('that %s is refused, with the same words', async (_, addresses) => {
    zone = () => addresses;
    const reached = open.connections();
    await untouched(async () =>
      expect(await poster()(at('receiver.example'))).toBe(
        'the host name has no address, or one that is not public',
      ),
    );
    expect(open.connections()).toBe(reached);
  });

  it('that leads outside first and inside then is looked at once for each connection, which goes where was looked', async () => {
    zone = () => (dns.questions.length <= 2 ? ['127.0.0.2'] : ['127.0.0.1']);
    await untouched(async () => {
      expect(await poster()(at('receiver.example'))).toBe('sent');
      expect(dns.questions).toHaveLength(2);
      expect(await poster()(at('receiver.example'))).toMatch(/not public/);
    });
    expect(open.requests).toHaveLength(1);
  });

  it('with several addresses is reached at one that answers', async () => {
    zone = () => ['127.0.0.3', '127.0.0.2'];
    const send = poster({ allowedNetworks: [network('127.0.0.2/31')] });
    expect(await send(at('receiver.example'))).toBe('sent');
  });

  it('is asked of the DNS alone: neither hosts file nor search domains', async () => {
    expect(await poster()(at('localhost'))).toMatch(/has no address/);
    expect(await poster()(at('intranet'))).toMatch(/has no address/);
    expect(dns.questions.filter((question) => question.startsWith('A '))).toEqual([
      'A localhost',
      'A intranet',
    ]);
  });

  it('in other letters is asked as the DNS knows it', async () => {
    await poster()(at('bücher。receiver.example'));
    expect(dns.questions).toContain('A xn--bcher-kva.receiver.example');
  });

  it('whose name server is silent fails within the time for a connection', async () => {
    zone = () => 'silence';
    expect(await poster()(at('receiver.example'))).toBe('the host name could not be resolved');
  });

  it('is refused when its certificate is for another, although the environment would not verify', async () => {
    zone = () => ['127.0.0.2'];
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    onTestFinished(() => void delete process.env.NODE_TLS_REJECT_UNAUTHORIZED);
    expect(await poster()(at('other.example'))).toBe('the certificate is for another host');
    expect(open.requests).toEqual([]);
  });
});

describe('the operator', () => {
  it('allows a name wherever the system says it is: hosts file included', async () => {
    const send = poster({ allowedNetworks: [], allowedHosts: ['localhost'] });
    // it is reached, and has no certificate for that name
    expect(await send(at('LOCALHOST.'))).toBe('the certificate is for another host');
    expect(dns.questions).toEqual([]);
    expect(await send(at('127.0.0.1'))).toBe('the address is not public');
  });

  it('denies a network that is otherwise allowed', async () => {
    zone = () => ['127.0.0.2'];
    const send = poster({ deniedNetworks: [network('127.0.0.0/30')] });
    expect(await send(at('receiver.example'))).toMatch(/not public/);
    expect(await send(at('127.0.0.2'))).toBe('the address is not public');
  });

  it('allows everything in development', async () => {
    const send = poster({ allowInsecure: true, allowedPorts: [] });
    expect(await send(`http://127.0.0.1:${open.port}/`)).toBe('the connection was cut');
    expect(await send(at('127.0.0.2'))).toBe('sent');
  });
});

it('a redirect to the inside is a failure, and is not followed', async () => {
  const port = open.port;
  const turning = await startTlsReceiver('127.0.0.2', 0, (response) =>
    response.writeHead(307, { location: `https://127.0.0.1:${port}/` }).end(),
  );
  onTestFinished(() => turning.close());
  const send = poster({ allowedPorts: [turning.port, port] });
  await untouched(async () => expect(await send(`https://127.0.0.2:${turning.port}/`)).toBe('HTTP 307'));
  expect(turning.requests).toHaveLength(1);
});
