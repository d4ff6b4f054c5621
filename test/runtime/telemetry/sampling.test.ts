import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { keeper } from '../../../runtime/telemetry/signals.ts';

const traceparent = (id: string) => `00-${id}-00f067aa0ba902b7-01`;
const ids = Array.from({ length: 20_000 }, () => traceparent(randomBytes(16).toString('hex')));

it('a share of the traces is kept, the same ones by every server of a deployment', () => {
  const [one, other] = [keeper(0.05, 'key'), keeper(0.05, 'key')];
  const kept = ids.filter(one);
  expect(kept.length / ids.length).toBeGreaterThan(0.04);
  expect(kept.length / ids.length).toBeLessThan(0.06);
  expect(ids.filter(other)).toEqual(kept);
  const begun = Array.from({ length: 20_000 }, () => one(undefined)).filter(Boolean).length;
  expect(begun / 20_000).toBeGreaterThan(0.04);
  expect(begun / 20_000).toBeLessThan(0.06);
});

it('no id that a client may choose is kept everywhere, or nowhere', () => {
  const keys = Array.from({ length: 1_000 }, (_, n) => `key ${n}`);
  for (const id of [`${'0'.repeat(31)}1`, 'f'.repeat(32), `${'f'.repeat(8)}${'0'.repeat(24)}`]) {
    const kept = keys.filter((key) => keeper(0.05, key)(traceparent(id))).length;
    expect(kept).toBeGreaterThan(20);
    expect(kept).toBeLessThan(90);
  }
});

it('all are kept where all are wanted, and none where none are', () => {
  const all = keeper(1, 'key');
  const none = keeper(0, 'key');
  for (const id of [...ids.slice(0, 100), undefined, 'nonsense', traceparent('0'.repeat(32))]) {
    expect(all(id)).toBe(true);
    expect(none(id)).toBe(false);
  }
});
