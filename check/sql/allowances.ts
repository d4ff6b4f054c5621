import type { Source } from './source.ts';

/** What a comment "-- lint: allow <code>: <reason>" excuses: findings of its code in these lines. */
export interface Allowance {
  code: string;
  reason: string;
  line: number;
  from: number;
  to: number;
  used: boolean;
}

/** Outside a statement an excuse covers the next statement or --!include; inside one, its own line and the next. */
export function readAllowances(source: Source): Allowance[] {
  const lines = source.text.split('\n');
  return lines.flatMap((text, index): Allowance[] => {
    const match = /--\s*lint:\s*allow\s+([\w-]+)\s*(?::\s*(.*))?$/.exec(text);
    if (!match) return [];
    const line = index + 1;
    const { statements } = source;
    const inside = statements.some((statement) => statement.line <= line && statement.last >= line);
    const next = statements.find((statement) => statement.line > line);
    const include = lines.findIndex((later, at) => at > index && later.startsWith('--!include')) + 1;
    const includesFirst = include > 0 && (!next || include < next.line);
    const to = inside ? line + 1 : includesFirst ? include : (next?.last ?? line + 1);
    return [{ code: match[1] ?? '', reason: match[2] ?? '', line, from: line, to, used: false }];
  });
}
