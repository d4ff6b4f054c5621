import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../check/diff.ts';

const table = (name: string, ...columns: string[]) =>
  `create table ${name} (\n${columns.map((c) => `  ${c},`).join('\n')}\n);\n`;

describe('the drift as a diff', () => {
  it('is empty for equal texts', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n')).toBe('');
  });

  it('shows what is gone with - and what is new with +, under the statement that holds it', () => {
    const before = table('app.project', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    expect(unifiedDiff(before, before.replace('  f,', '  f2,'))).toBe(
      [
        '@@ create table app.project (',
        '   c,',
        '   d,',
        '   e,',
        '-  f,',
        '+  f2,',
        '   g,',
        ' );',
        '',
      ].join('\n'),
    );
  });

  it('shows changes that are far apart as two hunks', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const changed = lines.map((line, index) => (index === 5 || index === 30 ? `${line} changed` : line));
    expect(unifiedDiff(lines.join('\n'), changed.join('\n')).match(/^@@/gm)).toHaveLength(2);
  });

  it('ends after 120 lines and says how many are left', () => {
    const text = Array.from({ length: 500 }, (_, index) => `new ${index}`).join('\n');
    const lines = unifiedDiff('', text).split('\n');
    expect(lines).toHaveLength(121);
    expect(lines.at(-1)).toBe('... and 382 more lines');
  });
});
