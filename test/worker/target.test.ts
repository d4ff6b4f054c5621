import { afterAll, expect, it } from 'vitest';
import { post } from '../../worker/deliver/post.ts';
import { createAgent } from '../../worker/deliver/target.ts';
import { startReceiver } from './support/receiver.ts';

const receiver = await startReceiver();
const agent = createAgent(false);
afterAll(() => Promise.all([receiver.close(), agent.destroy()]));

const strict = { agent, timeoutMs: 5_000, allowInsecure: false, signal: new AbortController().signal };

it('is not sent over http', async () => {
  const outcome = await post(receiver.url, {}, '{}', strict);
  expect(outcome).toMatchObject({ succeeded: false, statusCode: null, error: 'https is required' });
});

it.each([
  '127.0.0.1',
  '[::1]',
  '10.0.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '[::ffff:10.0.0.1]',
  '[64:ff9b::a00:1]',
  '[2002:a00:1::]',
  '[fd00::1]',
  // spellings that the URL parser turns into 127.0.0.1
  '0x7f.1',
  '2130706433',
])('is not sent to %s', async (host) => {
  const outcome = await post(`https://${host}/`, {}, '{}', strict);
  expect(outcome?.error).toMatch(/is not public/);
});

it('is not sent to a name that leads to an address of ours', async () => {
  const port = new URL(receiver.url).port;
  const outcome = await post(`https://localhost:${port}/`, {}, '{}', strict);
  expect(outcome?.error).toMatch(/is not public \(loopback\)/);
  expect(receiver.requests).toHaveLength(0);
});
