/** One measured number. `target` says what was aimed at, as text: '≤ 1.15'. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  target: string;
}

export interface BenchOptions {
  /** A short run that shows that everything works: under 20 s, its numbers mean nothing. */
  smoke: boolean;
  /** A line for people; silent with --json. */
  say: (line: string) => void;
}

/** What the number says of its target. */
function meets(figure: Figure): boolean {
  const limit = Number(/[\d.]+/.exec(figure.target)?.[0]);
  return figure.target.startsWith('≥') ? figure.value >= limit : figure.value <= limit;
}

export const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map((figure) => figure.name.length));
  return figures
    .map(
      (figure) =>
        `${figure.name.padEnd(width)}  ${String(figure.value).padStart(8)} ${figure.unit.padEnd(6)} target ${figure.target}${meets(figure) ? '' : '  MISSED'}`,
    )
    .join('\n');
}
