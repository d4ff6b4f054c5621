import { afterAll, expect } from 'vitest';

/*
 * What no log, no span and no metric of any test may hold: whoever makes a secret plants it here, and whoever starts a process or a server has its output watched. At the
 * end of each file, every output is searched for every secret. A setup file of the suite (vitest.config.ts).
 */
const planted = new Map<string, string>();
const outputs: (() => string)[] = [];

/** Remembers a secret, and returns it. @param what it is, for who finds it in a log */
export function plant<T extends string>(secret: T, what: string): T {
  // What is short is found by chance.
  if (secret.length >= 16) planted.set(secret, what);
  return secret;
}

/** Has an output searched when the file ends. */
export const watchOutput = (read: () => string): void => {
  outputs.push(read);
};

/** Where secrets stand in these outputs, in words. */
export function leaks(): string[] {
  return outputs.flatMap((read) => {
    const text = read();
    return [...planted].flatMap(([secret, what]) => {
      const at = text.indexOf(secret);
      return at < 0 ? [] : [`${what} in: ${text.slice(Math.max(0, at - 200), at)}[HERE]`];
    });
  });
}

afterAll(() => {
  expect(leaks()).toEqual([]);
});
