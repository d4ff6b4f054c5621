import type { Operation } from './operations.ts';

/** Queries that one operation keeps at most, and characters of one: what is longer or rarer is worked out each time. */
const maximumPlans = 200;
const longestQuery = 500;

/** What the queries of an operation came to: the most frequent are the same again and again. */
export interface Plans<T> {
  find(operation: Operation, query: string): T | undefined;
  keep(operation: Operation, query: string, plan: T): void;
}

export function createPlans<T>(): Plans<T> {
  const plans = new WeakMap<Operation, Map<string, T>>();
  return {
    find: (operation, query) => plans.get(operation)?.get(query),
    keep(operation, query, plan) {
      if (query.length >= longestQuery) return;
      const known = plans.get(operation) ?? new Map<string, T>();
      plans.set(operation, known);
      if (known.size >= maximumPlans) known.clear();
      known.set(query, plan);
    },
  };
}
