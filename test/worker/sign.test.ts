import { randomBytes, verify as verifyWith } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { expect, it } from 'vitest';
import { ed25519PublicKey } from '../../runtime/sealing.ts';
import { createOpener, sign, signedHeaders, signingKey } from '../../worker/deliver/sign.ts';
import { keyring } from '../support/keyring.ts';
import { publicKeyOf } from './support/receiver.ts';

const key = (secret: string) => signingKey('v1', Buffer.from(secret.replace('whsec_', ''), 'base64'));
const now = () => Math.floor(Date.now() / 1_000);

it('signs as the vector of the specification does', () => {
  const signature = sign(
    key('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

// RFC 8032, section 7.1, test 2.
it('derives public keys as the vector of RFC 8032 does', () => {
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
  expect(ed25519PublicKey(seed).toString('hex')).toBe(
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  );
});

const bodies = ['{}', '{"name":"Grüße, 東京 🚀"}', JSON.stringify({ long: 'x'.repeat(100_000) })];

it.each([
  ['standardwebhooks', Webhook],
  ['svix', SvixWebhook],
])('is accepted by npm %s, whatever the body holds', (_, Client) => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  for (const body of bodies) {
    const headers = signedHeaders([key(secret)], 'evt_1', now(), body);
    expect(() => new Client(secret).verify(body, headers)).not.toThrow();
    expect(() => new Client(secret).verify(`${body} `, headers)).toThrow();
  }
});

it.each([
  ['standardwebhooks', Webhook],
  ['svix', SvixWebhook],
])('is accepted by npm %s under either key of a rotation, beside an ed25519 signature', (_, Client) => {
  const secrets = [1, 2].map((n) => `whsec_${Buffer.alloc(32, n).toString('base64')}`);
  const keys = [signingKey('v1a', Buffer.alloc(32, 3)), ...secrets.map(key)];
  const headers = signedHeaders(keys, 'evt_1', now(), '{}');
  for (const secret of secrets) expect(() => new Client(secret).verify('{}', headers)).not.toThrow();
  const other = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;
  expect(() => new Client(other).verify('{}', headers)).toThrow();
});

it('is verified with the public key alone in scheme v1a', () => {
  const seed = randomBytes(32);
  const publicKey = publicKeyOf(`whpk_${ed25519PublicKey(seed).toString('base64')}`);
  for (const body of bodies) {
    const headers = signedHeaders([signingKey('v1a', seed)], 'evt_1', 1_700_000_000, body);
    const [scheme, signature = ''] = (headers['webhook-signature'] as string).split(',');
    expect(scheme).toBe('v1a');
    const content = (text: string) => Buffer.from(`evt_1.1700000000.${text}`);
    const bytes = Buffer.from(signature, 'base64');
    expect(verifyWith(null, content(body), publicKey, bytes)).toBe(true);
    expect(verifyWith(null, content(`${body} `), publicKey, bytes)).toBe(false);
  }
});

it('is refused when body, id or time were changed', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const time = now();
  const headers = signedHeaders([key(secret)], 'evt_1', time, '{}');
  const webhook = new Webhook(secret);
  expect(() => webhook.verify('{ }', headers)).toThrow();
  expect(() => webhook.verify('{}', { ...headers, 'webhook-id': 'evt_2' })).toThrow();
  expect(() => webhook.verify('{}', { ...headers, 'webhook-timestamp': String(time - 1) })).toThrow();
});

it('opens each key once, and another when it was sealed anew', () => {
  const opener = createOpener(keyring);
  const seed = randomBytes(32);
  const sealed = `v1 ${keyring.seal(seed)}`;
  const opened = opener.key(sealed);
  expect(opened.scheme === 'v1' && opened.secretKey.export()).toEqual(seed);
  expect(opener.key(sealed)).toBe(opener.key(sealed));
  expect(opener.key(`v1 ${keyring.seal(seed)}`)).not.toBe(opener.key(sealed));
});
