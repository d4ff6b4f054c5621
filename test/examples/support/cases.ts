import { createPrivateKey, createPublicKey } from 'node:crypto';
import { signedHeaders, signingKey } from '../../../worker/deliver/sign.ts';

/** A message as it came to a receiver, the keys that it has, and the time there, in seconds. */
export interface Case {
  name: string;
  body: string;
  headers: Record<string, string>;
  keys: string[];
  now: number;
  verified: boolean;
  /** The keys are none: that is the receiver's mistake, and told as such. */
  misconfigured?: true;
}

const secretOf = (byte: number) => Buffer.alloc(32, byte);
const text = (secret: Buffer) => `whsec_${secret.toString('base64')}`;
const [old, fresh] = [secretOf(1), secretOf(2)];
const body = '{"type":"project.created","data":{"name":"Grüße, 東京 🚀","total":"12.50"}}';
const now = 1_767_225_600;
/** What the worker sends. */
const sent = (secret: Buffer, timestamp = now) =>
  signedHeaders([signingKey('v1', secret)], 'evt_1', timestamp, body);
const signatureOf = (secret: Buffer) => String(sent(secret)['webhook-signature']);

/** The vector of the specification's libraries for v1. */
const vector = {
  body: '{"test": 2432232314}',
  now: 1_614_265_330,
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  keys: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
};

/** The vector of its Go library for v1a: the secret key there is the seed below, and this is its public key. */
const asymmetricVector = {
  ...vector,
  headers: {
    ...vector.headers,
    'webhook-signature':
      'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
  },
  keys: [publicKeyOf(seedKey(Buffer.from('VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=', 'base64')))],
};

const good = { body, headers: sent(fresh), keys: [text(fresh)], now, verified: true };
const withHeader = (name: string, value: string) => ({ ...good.headers, [`webhook-${name}`]: value });
const without = (name: string) =>
  Object.fromEntries(Object.entries(good.headers).filter(([key]) => key !== `webhook-${name}`));
const bad = (name: string, change: Partial<Case>): Case => ({ ...good, name, ...change, verified: false });

export const cases: Case[] = [
  { name: 'the vector of the specification', ...vector, verified: true },
  { ...good, name: 'what the worker signs' },
  { ...good, name: 'names of headers in capitals', headers: capitals(good.headers) },
  { ...good, name: 'signed with old and new, by who has the old', headers: both(), keys: [text(old)] },
  { ...good, name: 'signed with old and new, by who has the new', headers: both() },
  {
    ...good,
    name: 'signed with the old, by who has both',
    headers: sent(old),
    keys: [text(fresh), text(old)],
  },
  {
    ...good,
    name: 'versions of signatures that are not known',
    headers: withHeader('signature', `v9,AAAA x ${signatureOf(fresh)}`),
  },
  { ...good, name: 'five minutes old', now: now + 300 },
  { ...good, name: 'five minutes ahead', now: now - 300 },
  bad('older than five minutes', { now: now + 301 }),
  bad('more than five minutes ahead', { now: now - 301 }),
  bad('another secret', { keys: [text(old)] }),
  bad('no secret', { keys: [] }),
  bad('a changed body', { body: body.replace('12.50', '92.50') }),
  bad('a body that was parsed and written again', { body: JSON.stringify(JSON.parse(body), null, 1) }),
  bad('another id', { headers: withHeader('id', 'evt_2') }),
  bad('another time', { headers: withHeader('timestamp', String(now + 1)) }),
  bad('a time that is no number', { headers: withHeader('timestamp', 'now') }),
  bad('no id', { headers: without('id') }),
  bad('no time', { headers: without('timestamp') }),
  bad('no signature', { headers: without('signature') }),
  bad('an empty signature', { headers: withHeader('signature', 'v1,') }),
  bad('half a signature', { headers: withHeader('signature', signatureOf(fresh).slice(0, 20)) }),
  bad('a signature without its version', { headers: withHeader('signature', signatureOf(fresh).slice(3)) }),
  bad('the signature of another version', {
    headers: withHeader('signature', signatureOf(fresh).replace('v1', 'v1a')),
  }),
  // An HMAC with an empty key is one that everybody can make.
  ...['', 'whsec_'].map((key) => ({
    ...bad(`an empty secret: "${key}"`, { headers: sent(Buffer.alloc(0)), keys: [key] }),
    misconfigured: true as const,
  })),
];

/** For languages whose standard library knows ed25519. */
export const asymmetricCases: Case[] = [
  { name: 'the vector of v1a', ...asymmetricVector, verified: true },
  { name: 'v1a beside v1', ...asymmetricVector, headers: besideV1(), verified: true },
  { name: 'v1 beside v1a', ...asymmetricVector, headers: besideV1(), keys: vector.keys, verified: true },
  {
    name: 'v1a by who has secrets too',
    ...asymmetricVector,
    keys: [text(old), ...asymmetricVector.keys],
    verified: true,
  },
  { name: 'v1a older than five minutes', ...asymmetricVector, now: vector.now + 301, verified: false },
  { name: 'v1a of a changed body', ...asymmetricVector, body: '{"test": 2432232315}', verified: false },
  {
    name: 'v1a of another key',
    ...asymmetricVector,
    keys: [publicKeyOf(seedKey(secretOf(3)))],
    verified: false,
  },
  { name: 'v1 to who has a public key', ...vector, keys: asymmetricVector.keys, verified: false },
  { name: 'v1a as v1', ...asymmetricVector, headers: asV1(), verified: false },
  {
    name: 'half of v1a',
    ...asymmetricVector,
    headers: { ...vector.headers, 'webhook-signature': 'v1a,tQ9V' },
    verified: false,
  },
];

function both() {
  return withHeader('signature', `${signatureOf(old)} ${signatureOf(fresh)}`);
}

function capitals(headers: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/\b\w/g, (letter) => letter.toUpperCase()),
      value,
    ]),
  );
}

function besideV1() {
  const signature = `${vector.headers['webhook-signature']} ${asymmetricVector.headers['webhook-signature']}`;
  return { ...vector.headers, 'webhook-signature': signature };
}

function asV1() {
  return {
    ...vector.headers,
    'webhook-signature': asymmetricVector.headers['webhook-signature'].replace('v1a', 'v1'),
  };
}

/** An ed25519 key from its 32 bytes (RFC 8410). */
function seedKey(seed: Buffer) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function publicKeyOf(key: ReturnType<typeof seedKey>): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return `whpk_${Buffer.from(String(x), 'base64url').toString('base64')}`;
}
