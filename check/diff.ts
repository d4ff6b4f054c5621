import { diff } from 'node:util';

const CONTEXT = 3;
const MOST = 120;

/**
 * Two texts as hunks of changed lines with three lines around, as `diff -u` shows them; empty when they are the same.
 * Each hunk begins with the last line before it that is not indented: of a schema dump, the statement that holds the change.
 * Cut after 120 lines: who reads more than that reads `git diff` of the rewritten file.
 */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return '';
  // 1 is a line of the first text alone, -1 one of the second alone
  const steps = diff(before.split('\n'), after.split('\n')).map(([operation, text]) => ({
    mark: operation === 0 ? ' ' : operation === 1 ? '-' : '+',
    text,
  }));
  const near = steps.map((_, index) =>
    steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((step) => step.mark !== ' '),
  );
  const lines: string[] = [];
  let heading = '';
  for (const [index, step] of steps.entries()) {
    if (near[index]) {
      if (!near[index - 1]) lines.push(`@@ ${heading}`.trimEnd());
      lines.push(`${step.mark}${step.text}`.trimEnd());
    }
    if (/^\S/.test(step.text)) heading = step.text;
  }
  const rest = lines.length - MOST;
  return rest > 0 ? [...lines.slice(0, MOST), `... and ${rest} more lines`].join('\n') : lines.join('\n');
}
