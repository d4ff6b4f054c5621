import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../check/sql/lint.ts';
import { runSquawk, squawkRules } from '../../check/sql/squawk.ts';

/* squawk's rules that .squawk.toml leaves on have fixtures as ours have: an update that loses one, or reports less, is seen here. */
const folder = new URL('squawk/', import.meta.url);
const codes = squawkRules.map((rule) => rule.code).sort();
const problems = new Map<string, Problem[]>();

beforeAll(() => {
  const paths = ['caught', 'passes'].flatMap((kind) =>
    codes.map((code) => `test/check/squawk/${kind}/${code}.sql`),
  );
  for (const problem of runSquawk(paths))
    problems.set(problem.path, [...(problems.get(problem.path) ?? []), problem]);
});

describe.each(squawkRules)('squawk’s rule $code', ({ code, reason }) => {
  it('reports the lines that are marked', () => {
    const marked = readFileSync(new URL(`caught/${code}.sql`, folder), 'utf8')
      .split('\n')
      .flatMap((line, index) => (line.endsWith('-- caught') ? [index + 1] : []));
    const found = problems.get(`test/check/squawk/caught/${code}.sql`) ?? [];
    const lines = found.filter((problem) => problem.code === code).map((problem) => problem.line);
    expect(marked.length).toBeGreaterThan(0);
    expect([...new Set(lines)]).toEqual(marked);
  });

  it('accepts the other form', () => {
    expect(problems.get(`test/check/squawk/passes/${code}.sql`) ?? []).toEqual([]);
  });

  it('is explained', () => {
    expect(reason).toMatch(/\.$/);
  });
});

it('has fixtures for these rules and for no others', () => {
  const files = codes.map((code) => `${code}.sql`);
  expect(readdirSync(new URL('caught', folder)).sort()).toEqual(files);
  expect(readdirSync(new URL('passes', folder)).sort()).toEqual(files);
});
