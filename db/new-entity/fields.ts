import { capital, spoken, withArticle } from './words.ts';

/** A column that people fill in. */
export interface Field {
  name: string;
  type: keyof typeof types;
  /** Not null, without a default. */
  required: boolean;
}

interface FieldType {
  /** Of a column: what a value must be. */
  check?: (name: string) => string;
  /** The same, for people. */
  told?: string;
  /** An example for receivers of events, who see the type. */
  example?: (name: string) => string;
  /** TypeScript: two values that are well, and one that is not. */
  first: (name: string) => string;
  second: (name: string) => string;
  wrong?: string;
}

/**
 * The types that an API can take as they are. Their limits are a beginning: without one, a text has any length, a number leaves what JavaScript counts exactly,
 * and a time may be infinite, which JSON cannot say.
 */
export const types = {
  text: {
    check: (name) => `length(${name}) between 1 and 200`,
    told: '1 to 200 characters',
    example: (name) => capital(withArticle(name)),
    first: (name) => `'${capital(withArticle(name))}'`,
    second: (name) => `'Another ${spoken(name)}'`,
    wrong: `''`,
  },
  integer: {
    check: (name) => `${name} between 0 and 1000000`,
    told: '0 to 1,000,000',
    first: () => '3',
    second: () => '4',
    wrong: '-1',
  },
  bigint: {
    check: (name) => `${name} between 0 and 1000000000000`,
    told: '0 to 1,000,000,000,000',
    first: () => '4900',
    second: () => '19900',
    wrong: '-1',
  },
  boolean: { first: () => 'true', second: () => 'false' },
  date: {
    check: (name) => `${name} between '0001-01-01' and '9999-12-31'`,
    first: () => `'2026-01-31'`,
    second: () => `'2026-02-28'`,
    wrong: `'infinity'`,
  },
  timestamptz: {
    check: (name) => `${name} between '0001-01-01 00:00:00+00' and '9999-12-31 00:00:00+00'`,
    first: () => `'2026-01-31T12:00:00+00:00'`,
    second: () => `'2026-02-28T12:00:00+00:00'`,
    wrong: `'infinity'`,
  },
} satisfies Record<string, FieldType>;

export const typeOf = ({ type }: Field): FieldType => types[type];

/** title:text,due_on:date:optional. What is wrong is added to `wrong`. */
export function readFields(text: string, wrong: string[]): Field[] {
  const fields = text.split(',').flatMap((word): Field[] => {
    const [name = '', type = '', optional, ...rest] = word.trim().split(':');
    if (!Object.hasOwn(types, type) || rest.length > 0 || (optional ?? 'optional') !== 'optional') {
      wrong.push(
        `field "${word.trim()}" is not NAME:TYPE or NAME:TYPE:optional, of the types ${Object.keys(types).join(', ')}`,
      );
      return [];
    }
    return [{ name, type: type as Field['type'], required: optional === undefined }];
  });
  if (fields.length > 0 && !fields.some(({ required }) => required))
    wrong.push('every field is optional: name one that it cannot be without');
  return fields;
}
