import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from '../support/load.ts';

/** Asks once, and reads the answer as JSON. @throws when it is no success, or tells of errors */
export async function answerOf(
  name: string,
  port: number,
  key: string,
  asked: LoadRequest,
): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}${asked.path}`, {
    method: asked.method,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    ...(asked.body !== undefined && { body: asked.body }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  const what = `${name} answered ${asked.method} ${asked.path} with ${answer.status}`;
  if (!answer.ok) throw new Error(`${what}: ${text.slice(0, 500)}`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new Error(`${what} and what is no JSON: ${text.slice(0, 500)}`);
  }
  if (typeof read === 'object' && read !== null && 'errors' in read)
    throw new Error(`${what} and errors: ${text.slice(0, 500)}`);
  return read;
}

/**
 * @param created of a row that each of them made: its id and times are its own
 * @throws when two answers to the same question differ, with the first difference
 */
export function compareAnswers(
  one: { name: string; answer: unknown },
  other: { name: string; answer: unknown },
  created: boolean,
): void {
  const found = difference(comparable(one.answer, created), comparable(other.answer, created), '');
  if (!found) return;
  const [path, ones, others] = found;
  throw new Error(
    `${one.name} and ${other.name} answer differently at ${path || 'the top'}: ${show(ones)} and ${show(others)}`,
  );
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const cursors = ['endCursor', 'next_cursor'];
const own = ['id', 'createdAt', 'updatedAt', 'created_at', 'updated_at'];

/** Times as the millisecond that JavaScript's Date keeps; cursors are of each server's own making. */
function comparable(value: unknown, created: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => comparable(each, created));
  if (typeof value === 'string' && time.test(value)) return Math.floor(Date.parse(value));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (cursors.includes(key) || (created && own.includes(key))) return [key, typeof each];
      return [key, comparable(each, created)];
    }),
  );
}

function difference(one: unknown, other: unknown, path: string): [string, unknown, unknown] | undefined {
  if (isDeepStrictEqual(one, other)) return undefined;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return [path, one, other];
  const [ones, others] = [one as Record<string, unknown>, other as Record<string, unknown>];
  for (const key of new Set([...Object.keys(ones), ...Object.keys(others)])) {
    const found = difference(ones[key], others[key], `${path}.${key}`);
    if (found) return found;
  }
  return [path, one, other];
}

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200);
