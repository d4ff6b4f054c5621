export interface Timestamps {
  /** ISO 8601 with milliseconds. */
  created_at: string;
  updated_at: string;
}

export const now = (): string => new Date().toISOString();

/** The timestamps of what begins to be. */
export function born(): Timestamps {
  const at = now();
  return { created_at: at, updated_at: at };
}

/**
 * Changes an object in place. Its `updated_at` grows even when the clock has not moved: who receives two states
 * of an object in the wrong order tells by it which is the later.
 */
export function change<T extends { updated_at: string }>(row: T, changes: Partial<Omit<T, 'updated_at'>>): T {
  const at = Math.max(Date.now(), Date.parse(row.updated_at) + 1);
  return Object.assign(row, changes, { updated_at: new Date(at).toISOString() });
}
