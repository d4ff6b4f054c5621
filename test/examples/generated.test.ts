import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sourceFiles } from '../../clients/typescript/source-files.ts';

const root = new URL('../../', import.meta.url);

it('the typed clients were generated from what they describe (npm run --prefix clients/typescript generate)', () => {
  const generatedFrom = JSON.parse(
    readFileSync(new URL('clients/typescript/src/sources.json', root), 'utf8'),
  ) as Record<string, string>;
  const now = Object.fromEntries(
    sourceFiles(root).map((name) => [name, hash('sha256', readFileSync(new URL(name, root)))]),
  );
  expect(generatedFrom).toEqual(now);
});
