import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure } from '../../runtime/failure.ts';

const count = z.int().min(1).max(10_000_000_000);

const shape = z.strictObject({
  tenants: z.int().min(1).max(100_000),
  /** Exponent of Zipf's law: 0 gives all tenants alike, 1 gives the largest of 5,000 an eighth of everything. */
  skew: z.number().min(0).max(3),
  /** Over how many days the rows are spread, until now. */
  days: z.int().min(1).max(1000),
  /** Over all tenants. Each invoice has one line. */
  rows: z.strictObject({
    member: count,
    project: count,
    invoice: count,
    event: count,
    feature_usage: count,
    report: count,
  }),
  /** Webhook deliveries, each with its attempt. */
  deliveriesPerEvent: z.number().min(0).max(1),
  /** Rows in one transaction: what a killed generation loses at most. */
  batchRows: z.int().min(100).max(5_000_000),
  traffic: z.strictObject({
    /** Transactions that begin in a second, whatever happens to the others. */
    perSecond: z.int().min(1).max(5000),
    connections: z.int().min(2).max(200),
    /** Share of the transactions that write. */
    writes: z.number().min(0).max(1),
    /** One reader after another keeps its transaction open for so long: what a strong lock has to wait for. */
    longReadMs: z.int().min(0).max(60_000),
    /** How long traffic runs before the migration, to compare with. */
    beforeSeconds: z.number().min(0.5).max(600),
  }),
  limits: z.strictObject({
    /** A table, a scan or a change of fewer rows is never a reason to complain. */
    rows: z.int().min(1),
    /** Longest time that a lock which blocks others may be held. */
    lockMs: z.number().min(0),
    /** Longest time that one of the others may wait. */
    waitMs: z.number().min(0),
    /** A statement that takes longer is called slow, which is no reason to refuse it. */
    slowMs: z.number().min(0),
    /** How often a migration is tried that does not get its lock within lock_timeout. */
    attempts: z.int().min(1).max(100),
  }),
});

/** What production looks like: how much data, how much traffic, and what is still acceptable. */
export type Profile = z.infer<typeof shape>;
export type Limits = Profile['limits'];

/**
 * @param given `small`, `full`, or the path of a JSON file of the same shape
 * @throws Failure profile_unreadable with every mistake
 */
export function readProfile(given: string): Profile {
  const known = ['small', 'full'].includes(given);
  const path = known ? new URL(`./profiles/${given}.json`, import.meta.url) : given;
  const refuse = (reason: string, cause?: unknown) =>
    new Failure(
      'profile_unreadable',
      `The profile ${given} ${reason}.`,
      'Begin with a copy of db/rehearsal/profiles/small.json; docs/rehearsal.md explains it.',
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refuse(`cannot be read: ${(error as Error).message}`, error);
  }
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: at, message }) =>
    [at.join('.'), message].filter(Boolean).join(': '),
  );
  throw refuse(`has ${mistakes.length === 1 ? 'a mistake' : 'mistakes'}: ${mistakes.join('; ')}`);
}
