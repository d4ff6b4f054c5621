import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { sign, signedHeaders } from '../../worker/deliver/sign.ts';

const key = (secret: string) => Buffer.from(secret.replace('whsec_', ''), 'base64');

it('signs as the vector of the specification does', () => {
  const signature = sign(
    key('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

it('is accepted by npm standardwebhooks, whatever the body holds', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  for (const body of ['{}', '{"name":"Grüße, 東京 🚀"}', JSON.stringify({ long: 'x'.repeat(100_000) })]) {
    const headers = signedHeaders(key(secret), 'evt_1', Math.floor(Date.now() / 1_000), body);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  }
});

it('is refused when body, id or time were changed', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const now = Math.floor(Date.now() / 1_000);
  const headers = signedHeaders(key(secret), 'evt_1', now, '{}');
  const webhook = new Webhook(secret);
  expect(() => webhook.verify('{ }', headers)).toThrow();
  expect(() => webhook.verify('{}', { ...headers, 'webhook-id': 'evt_2' })).toThrow();
  expect(() => webhook.verify('{}', { ...headers, 'webhook-timestamp': String(now - 1) })).toThrow();
});
