/** What would move the cursor, change colours or turn the direction of reading: control characters and marks of direction. */
const unsafe = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text of telemetry for a terminal, in one line. It may come from anybody: a name with escape sequences shows them, and does not run them. */
export function plain(text: string): string {
  return text
    .replace(/[\t\n\r ]+/g, ' ')
    .replace(unsafe, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .trim();
}

/** JSON whose strings are as harmless: JSON.stringify leaves the C1 controls and the marks of direction as they are. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item), 2).replace(
    unsafe,
    (found) => (found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** At most `width` characters. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** 0.42 ms, 4.1 ms, 143 ms, 2.01 s, 3 min 12 s, 2 h */
export function duration(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const two = (whole: string, rest: number, unit: string) => (rest > 0 ? `${whole} ${rest} ${unit}` : whole);
  if (minutes < 60) return two(`${minutes} min`, seconds % 60, 's');
  return two(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

const units: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** 250ms, 90s, 15m, 1h, 1.5h, 2d in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)$/.exec(text.trim()) ?? [];
  const factor = units[unit];
  const ms = factor === undefined ? 0 : Number(number) * factor;
  return ms > 0 ? ms : undefined;
}

/** 96 %, or < 1 % */
export function share(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 0;
  return percent > 0 && percent < 0.5 ? '< 1 %' : `${percent.toFixed(0)} %`;
}

/** 2026-11-27 03:29:51.123 */
export function timestamp(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString().replace('T', ' ').replace('Z', '');
}
