import { generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { signedHeaders, signingKey } from '../../worker/deliver/sign.ts';
import { runNode } from '../support/process.ts';
import { waitUntil } from '../support/wait.ts';

const file = 'examples/webhook-receiver/main.ts';
const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const text = (secret: Buffer) => `whsec_${secret.toString('base64')}`;
const now = () => Math.floor(Date.now() / 1_000);

async function start(env: Record<string, string>) {
  const receiver = runNode([file, '--timeout', '60'], { env });
  onTestFinished(async () => {
    receiver.signal('SIGTERM');
    expect(await receiver.ended).toBe(0);
  });
  const [, url = ''] = await receiver.printed(/"listening":"([^"]+)"/);
  const lines = () =>
    receiver
      .output()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    /** Posts as the worker does. @returns the status, and what the receiver printed */
    async post(body: object, headersOf: (text: string) => Record<string, string>) {
      const before = lines().length;
      const content = JSON.stringify(body);
      const { status } = await fetch(url, { method: 'POST', body: content, headers: headersOf(content) });
      return [status, await waitUntil('the line is there', () => lines()[before])] as const;
    },
  };
}

const event = (version: number | null, entity = 'p1') => ({
  type: 'project.updated',
  entity_id: entity,
  entity_version: version,
});
const signed = (id: string, secret: Buffer) => (body: string) =>
  signedHeaders([signingKey('v1', secret)], id, now(), body);

it('verifies, and tells duplicates and what is out of date', async () => {
  const { post } = await start({ WEBHOOK_SECRET: text(fresh) });
  const line = (duplicate: boolean, stale: boolean) => expect.objectContaining({ duplicate, stale });
  expect(await post(event(2), signed('evt_2', fresh))).toEqual([204, line(false, false)]);
  expect(await post(event(2), signed('evt_2', fresh))).toEqual([204, line(true, false)]);
  expect(await post(event(1), signed('evt_1', fresh))).toEqual([204, line(false, true)]);
  expect(await post(event(1, 'p2'), signed('evt_3', fresh))).toEqual([204, line(false, false)]);
  expect(await post(event(3), signed('evt_4', fresh))).toEqual([204, line(false, false)]);
  expect(await post(event(null), signed('evt_5', fresh))).toEqual([204, line(false, false)]);
  expect(await post(event(4), signed('evt_6', old))).toEqual([
    400,
    { refused: 'No matching signature found' },
  ]);
});

it('takes several secrets while they are rotated, and a public key', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
  const { post } = await start({
    WEBHOOK_SECRET: `${text(old)} ${text(fresh)}`,
    WEBHOOK_PUBLIC_KEY: `whpk_${raw.toString('base64')}`,
  });
  const asymmetric = (body: string) => {
    const timestamp = String(now());
    const signature = signEd25519(null, Buffer.from(`evt_3.${timestamp}.${body}`), privateKey).toString(
      'base64',
    );
    return { 'webhook-id': 'evt_3', 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` };
  };
  for (const headersOf of [signed('evt_1', old), signed('evt_2', fresh), asymmetric]) {
    expect(await post(event(1), headersOf)).toEqual([204, expect.objectContaining({ duplicate: false })]);
  }
});

it('refuses a key with a mistake in it, and does not show it', async () => {
  const short = Buffer.alloc(16, 3).toString('base64');
  const mistakes = [
    { WEBHOOK_SECRET: 'bogus' },
    { WEBHOOK_SECRET: `whsec_${short}` },
    { WEBHOOK_SECRET: `${text(fresh)} whsec_%%%` },
    { WEBHOOK_PUBLIC_KEY: `whpk_${short}` },
  ];
  await Promise.all(
    mistakes.map(async (env) => {
      const receiver = runNode([file], { env });
      expect(await receiver.closed).toBe(2);
      expect(receiver.output()).toMatch(/is no key: WEBHOOK_SECRET is whsec_ and 24 to 64 bytes in base64/);
      expect(receiver.output()).not.toContain(short);
    }),
  );
});
