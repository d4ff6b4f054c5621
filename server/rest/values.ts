import type { Column } from './contract.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timestamp = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const bounds: Readonly<Record<string, bigint>> = {
  smallint: 32_767n,
  integer: 2_147_483_647n,
  bigint: 9_223_372_036_854_775_807n,
};

/** Characters of a text in the address at most. */
const longestText = 1_000;

/** Why a text of the address is no value of a column's type; undefined when it is one, and PostgreSQL reads it as it is. */
export function valueProblem(
  { type, schema }: Pick<Column, 'type' | 'schema'>,
  text: string,
): string | undefined {
  if (Array.isArray(schema.enum) && !schema.enum.includes(text)) {
    return `is none of ${schema.enum.filter((value) => value !== null).join(', ')}`;
  }
  switch (type) {
    case 'uuid':
      return uuid.test(text) ? undefined : 'is not a UUID';
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'is neither true nor false';
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerProblem(text, bounds[type] as bigint);
    case 'timestamp with time zone':
      return timestamp.test(text) && isDate(text)
        ? undefined
        : 'is not a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z';
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text)
        ? undefined
        : 'is not a date, such as 2026-01-31';
    default:
      if (text.length > longestText) return `has more than ${longestText} characters`;
      return text.includes('\0') ? 'holds a character that cannot be stored' : undefined;
  }
}

function integerProblem(text: string, most: bigint): string | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return 'is not a whole number';
  const value = BigInt(text);
  return value > most || value < -most - 1n ? 'is out of range' : undefined;
}

/** 2026-02-30 is none: Date would take it for 2 March. PostgreSQL knows no year 0. */
function isDate(text: string): boolean {
  const day = text.slice(0, 10);
  const time = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== day || day < '0001') return false;
  if (text.length === 10) return true;
  return !Number.isNaN(Date.parse(text.replace(/:60(?=[.Z+-])/i, ':59')));
}
