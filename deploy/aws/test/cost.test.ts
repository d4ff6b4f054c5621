import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { costTable } from '../cost.ts';

it('is what docs/deployment.md shows', () => {
  const docs = readFileSync(new URL('../../../docs/deployment.md', import.meta.url), 'utf8');
  expect(docs).toContain(costTable());
});
