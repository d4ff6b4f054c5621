import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, urlOf } from '../../runtime/config.ts';
import { runNode } from '../support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'freehold-config-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const url = (login: string) => `postgres://freehold_${login}:secret@db.example/freehold`;
const production = {
  NODE_ENV: 'production',
  GATE_DATABASE_URL: url('gate'),
  APP_DATABASE_URL: url('app'),
  PUBLIC_URL: 'https://app.example.com/',
  FREEHOLD_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
};

function problems(
  env: Record<string, string>,
  process: Parameters<typeof readConfig>[1] = 'server',
): readonly string[] {
  try {
    readConfig(env, process, directory);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('needs nothing in development', () => {
    const config = readConfig({}, 'start', directory);
    expect(config).toMatchObject({
      env: 'development',
      http: { host: '127.0.0.1', port: 5678, publicUrl: 'http://localhost:5678' },
      webhooks: { allowInsecure: true },
    });
  });

  it('tells the schema in development alone, and never where only trusted documents are run', () => {
    const introspection = (env: Record<string, string>) =>
      readConfig(env, 'server', directory).graphql.introspection;
    const trusted = { GRAPHQL_DOCUMENTS: 'documents.json', GRAPHQL_TRUSTED_ONLY: 'true' };
    expect(introspection(production)).toBe(false);
    expect(introspection({ ...production, GRAPHQL_INTROSPECTION: 'true' })).toBe(true);
    expect(introspection({ ...production, NODE_ENV: 'test' })).toBe(true);
    expect(introspection({ ...production, ...trusted, NODE_ENV: 'test' })).toBe(false);
    expect(problems({ ...production, GRAPHQL_TRUSTED_ONLY: 'true', GRAPHQL_INTROSPECTION: '1' })).toEqual([
      expect.stringContaining('GRAPHQL_DOCUMENTS is required'),
      expect.stringContaining('GRAPHQL_INTROSPECTION cannot be true'),
    ]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' }, 'start', directory).http.port).toBe(5678);
  });

  it('puts the local store of telemetry beside the server, with limits that can be changed', () => {
    expect(readConfig({ PORT: '6000' }, 'start', directory).telemetryStore).toEqual({
      port: 6002,
      retentionHours: 72,
      maxMegabytes: 500,
    });
    const given = {
      TELEMETRY_STORE_PORT: '7000',
      TELEMETRY_RETENTION_HOURS: '1',
      TELEMETRY_MAX_MEGABYTES: '10',
    };
    expect(readConfig(given, 'start', directory).telemetryStore).toEqual({
      port: 7000,
      retentionHours: 1,
      maxMegabytes: 10,
    });
    expect(() => readConfig({ TELEMETRY_MAX_MEGABYTES: '1' }, 'start', directory)).toThrow(
      'TELEMETRY_MAX_MEGABYTES must be megabytes, 10 to 100000',
    );
  });

  it('makes a secret key for development once, readable by its user alone', () => {
    const first = readConfig({}, 'start', directory).secretKey;
    expect(first).toHaveLength(32);
    expect(readConfig({}, 'start', directory).secretKey).toEqual(first);
    expect(statSync(join(directory, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  it('is complete in production with a URL for each login that the process uses', () => {
    const config = readConfig(production, 'server', directory);
    expect(config.http).toMatchObject({ host: '0.0.0.0', publicUrl: 'https://app.example.com' });
    expect(config.webhooks.allowInsecure).toBe(false);
    expect(urlOf(config, 'app')).toBe(production.APP_DATABASE_URL);
    expect(() => urlOf(config, 'worker')).toThrow(/WORKER_DATABASE_URL/);
  });

  it('never derives a login from DATABASE_URL in production', () => {
    const { APP_DATABASE_URL: _, ...rest } = production;
    expect(problems({ ...rest, DATABASE_URL: url('admin') })).toEqual([
      expect.stringMatching(/^APP_DATABASE_URL is required in production/),
    ]);
  });

  it('lists all mistakes at once, each naming its variable and its remedy', () => {
    const found = problems({
      NODE_ENV: 'production',
      PORT: '99999',
      LOG_LEVEL: 'loud',
      APP_DATABASE_URL: 'mysql://x',
      FREEHOLD_SECRET_KEY: 'c2hvcnQ=',
      FREEHOLD_ROLE_SECRET: 'short',
      FREEHOLD_SECRTE: 'x',
      WEBHOOK_ALLOW_INSECURE: 'true',
      WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/8,10.1.2.3/8,0.0.0.0/0',
    });
    for (const start of [
      'PORT must be',
      'LOG_LEVEL must be',
      'APP_DATABASE_URL must look like',
      'GATE_DATABASE_URL is required',
      'PUBLIC_URL is required',
      'FREEHOLD_SECRET_KEY must hold 32 bytes',
      'FREEHOLD_ROLE_SECRET must be at least 32',
      'FREEHOLD_SECRTE is not a variable of Freehold',
      'WEBHOOK_ALLOW_INSECURE must not be true',
      'WEBHOOK_ALLOWED_NETWORKS holds "10.1.2.3/8"',
      'WEBHOOK_ALLOWED_NETWORKS holds "0.0.0.0/0"',
    ]) {
      expect(found).toContainEqual(expect.stringContaining(start));
    }
    expect(found).toHaveLength(11);
  });

  it('reads whose access tokens are let in', () => {
    const { tokenIssuers } = readConfig(
      {
        TOKEN_ISSUERS: '[{"issuer": "https://acme.eu.auth0.com/", "audience": ["https://api.example.com"]}]',
      },
      'start',
      directory,
    );
    expect(tokenIssuers).toEqual([
      {
        issuer: 'https://acme.eu.auth0.com/',
        jwks: 'https://acme.eu.auth0.com/.well-known/jwks.json',
        audience: ['https://api.example.com'],
        organizationClaim: 'org_id',
        algorithms: ['RS256'],
      },
    ]);
  });

  it.each([
    ['https://issuer.example', 'must be a JSON array'],
    ['{"issuer": "https://issuer.example"}', 'expected array'],
    ['[{"issuer": "https://issuer.example"}]', '0 needs audience or authorizedParties'],
    [
      '[{"issuer": "https://issuer.example", "audience": ["a"], "jwks": "http://issuer.example/keys"}]',
      '0.jwks must begin with https://',
    ],
    [
      '[{"issuer": "https://issuer.example", "audience": ["a"], "algorithms": ["HS256"]}]',
      'must be some of RS256',
    ],
    [
      '[{"issuer": "https://issuer.example", "audience": ["a"], "algorithms": ["none"]}]',
      'must be some of RS256',
    ],
    ['[{"issuer": "https://issuer.example", "audience": ["a"], "audiences": ["b"]}]', 'audiences'],
  ])('refuses TOKEN_ISSUERS %s', (value, problem) => {
    expect(() => readConfig({ TOKEN_ISSUERS: value }, 'start', directory)).toThrow(problem);
  });

  it('reads where webhooks may go: lists with commas', () => {
    const { webhooks } = readConfig(
      {
        WEBHOOK_ALLOWED_PORTS: '443, 9443',
        WEBHOOK_ALLOWED_NETWORKS: '10.20.0.0/16, fd12:3456::/32,192.168.1.7',
        WEBHOOK_ALLOWED_HOSTS: 'Hooks.Internal.example., bücher.example',
        WEBHOOK_DENIED_NETWORKS: '203.0.113.0/24',
        WEBHOOK_DNS_SERVERS: '192.0.2.53,[2001:db8::53]:5353',
      },
      'start',
      directory,
    );
    const texts = (list: readonly (readonly [object, number])[]) =>
      list.map(([address, bits]) => `${address}/${bits}`);
    expect(webhooks.allowedPorts).toEqual([443, 9443]);
    expect(texts(webhooks.allowedNetworks)).toEqual(['10.20.0.0/16', 'fd12:3456::/32', '192.168.1.7/32']);
    expect(webhooks.allowedHosts).toEqual(['hooks.internal.example', 'xn--bcher-kva.example']);
    expect(texts(webhooks.deniedNetworks)).toEqual(['203.0.113.0/24']);
    expect(webhooks.dnsServers).toEqual(['192.0.2.53', '[2001:db8::53]:5353']);
    expect(readConfig({}, 'start', directory).webhooks).toMatchObject({
      allowedPorts: [443, 8443],
      allowedNetworks: [],
      allowedHosts: [],
      deniedNetworks: [],
      dnsServers: undefined,
    });
  });

  it.each([
    ['WEBHOOK_ALLOWED_PORTS', '443,0', 'holds "0", which is no port'],
    ['WEBHOOK_ALLOWED_PORTS', '443,', 'holds "", which is no port'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.20.3.4/16', 'goes on after its first 16 bits: write 10.20.0.0/16'],
    ['WEBHOOK_ALLOWED_NETWORKS', 'fd12::1/32', 'goes on after its first 32 bits: write fd12::/32'],
    ['WEBHOOK_ALLOWED_NETWORKS', '010.0.0.0/8', 'which is no network'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/33', 'which is no network'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10/8', 'which is no network'],
    ['WEBHOOK_ALLOWED_NETWORKS', 'fe80::1%eth0', 'which is no network'],
    ['WEBHOOK_ALLOWED_NETWORKS', '::ffff:10.0.0.0/104', 'write it as IPv4'],
    ['WEBHOOK_ALLOWED_NETWORKS', '0.0.0.0/0', 'which is every address'],
    ['WEBHOOK_ALLOWED_NETWORKS', '::/0', 'which is every address'],
    ['WEBHOOK_ALLOWED_NETWORKS', 'hooks.example', 'which is no network'],
    ['WEBHOOK_ALLOWED_HOSTS', '*.example.com', 'which is no host name'],
    ['WEBHOOK_ALLOWED_HOSTS', 'https://example.com', 'which is no host name'],
    ['WEBHOOK_ALLOWED_HOSTS', '10.0.0.1', 'which is an address: name it in WEBHOOK_ALLOWED_NETWORKS'],
    ['WEBHOOK_DNS_SERVERS', 'dns.example', 'which is no DNS server'],
  ])('refuses %s=%s', (name, value, reason) => {
    const [problem, ...more] = problems({ [name]: value }, 'start');
    expect(problem).toContain(reason);
    expect(problem).toMatch(new RegExp(`^${name} holds "`));
    expect(more).toEqual([]);
  });

  it.each([
    ['postgres://db.example/freehold', 'user, host and database'],
    ['postgres://a:b@db.example', 'user, host and database'],
    ['postgres://a:b@db.example/postgres', 'maintenance database'],
    ['not a url', 'must look like'],
  ])('refuses the database URL %s', (value, reason) => {
    expect(problems({ DATABASE_URL: value }, 'start')).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['http://mail.example', 'must look like smtp://'],
    ['smtp://', 'must look like smtp://'],
    ['smtp://me@mail.example', 'both or neither'],
    ['smtp://me:100%@mail.example', 'written %25'],
    ['smtps://me:hunter2@mail.example/?tls.rejectUnauthorized=false', 'nothing may follow the port'],
  ])('refuses the SMTP URL %s', (value, reason) => {
    expect(problems({ SMTP_URL: value, MAIL_FROM: 'a@a.example' }, 'start')).toEqual([
      expect.stringContaining(reason),
    ]);
  });

  it('needs a sender with a mail server', () => {
    expect(problems({ SMTP_URL: 'smtp://mail.example:25' }, 'start')).toEqual([
      expect.stringMatching(/^MAIL_FROM is required with SMTP_URL/),
    ]);
  });

  it.each([
    ['no-reply@example.com', { name: '', address: 'no-reply@example.com' }],
    ['Freehold <no-reply@example.com>', { name: 'Freehold', address: 'no-reply@example.com' }],
  ])('takes the sender %s', (value, from) => {
    expect(readConfig({ MAIL_FROM: value }, 'start', directory).mail.from).toEqual(from);
  });

  it.each(['nobody', 'a@a.example, b@b.example', 'A\nBcc: x@x.example <a@a.example>', '<a@a.example> b'])(
    'refuses the sender %j',
    (value) => {
      expect(problems({ MAIL_FROM: value }, 'start')).toEqual([
        expect.stringMatching(/^MAIL_FROM must be an address/),
      ]);
    },
  );

  it('comes to the same passwords of the logins for every database of a server', () => {
    const secretOf = (given: string) =>
      readConfig({ DATABASE_URL: given }, 'start', directory).database.roleSecret;
    expect(secretOf('postgres://a:b@db:5432/one?sslmode=require')).toBe(
      secretOf('postgres://a:b@db:5432/two'),
    );
    expect(secretOf('postgres://a:b@db:5432/one')).not.toBe(secretOf('postgres://a:c@db:5432/one'));
  });

  it('explains a key that cannot be read, or is none', () => {
    const own = mkdtempSync(join(tmpdir(), 'freehold-key-'));
    writeFileSync(`${own}/secret.key`, 'short');
    expect(() => readConfig({}, 'start', own)).toThrow(/does not hold 32 bytes: delete it/);
    expect(() => readConfig({}, 'start', `${own}/secret.key`)).toThrow(/cannot be read or made \(\w+\)/);
    rmSync(own, { recursive: true });
  });

  it('never repeats a value, which may be a secret', () => {
    const text = problems(
      { DATABASE_URL: 'mysql://me:hunter2@x/y', FREEHOLD_SECRET_KEY: 'hunter2' },
      'start',
    ).join();
    expect(text).not.toContain('hunter2');
  });

  it('ends a process with code 1 and the list', async () => {
    const program = `
      const { loadConfig } = await import(${JSON.stringify(new URL('../../runtime/config.ts', import.meta.url).href)});
      loadConfig('server');
      console.log('went on');`;
    const child = runNode(['--input-type=module', '-e', program], {
      cwd: directory,
      env: { PORT: 'x', LOG_LEVEL: 'y' },
    });
    expect(await child.closed).toBe(1);
    const [, count] = await child.printed(/has (\d) mistakes/);
    expect(count).toBe('4');
    expect(child.output()).not.toContain('went on');
    expect(existsSync(join(directory, '.freehold'))).toBe(false);
  });
});
