/** One measured number. `target` says what was aimed at, as text: '≤ 1.15', '0.8 to 1.2'. Without one it is for information. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  target?: string;
}

export interface BenchOptions {
  /** A short run that shows that everything works: under 20 s, its numbers mean nothing. */
  smoke: boolean;
  /** A line for people; silent with --json. */
  say: (line: string) => void;
}

/** What the number says of its target. */
function meets(value: number, target: string): boolean {
  const [limit = Number.NaN, upper] = (target.match(/[\d.]+/g) ?? []).map(Number);
  if (upper !== undefined) return value >= limit && value <= upper;
  return target.startsWith('≥') ? value >= limit : value <= limit;
}

export const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map((figure) => figure.name.length));
  return figures
    .map(({ name, value, unit, target }) => {
      const aim = target ? ` target ${target}${meets(value, target) ? '' : '  MISSED'}` : '';
      return `${name.padEnd(width)}  ${String(value).padStart(8)} ${unit.padEnd(6)}${aim}`.trimEnd();
    })
    .join('\n');
}
