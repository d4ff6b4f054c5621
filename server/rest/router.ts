import findMyWay from 'find-my-way';
import type { Contract } from './contract.ts';
import { type Operation, operationsOf } from './operations.ts';

/** An operation that was found, with the values in its path. */
export interface Found {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string | undefined>>;
}

export interface Router {
  /** `path` without the mount and the query. HEAD is found as GET. */
  find(method: string, path: string): Found | undefined;
  /** Methods that the path takes, as Allow lists them; none where nothing is. */
  allowed(path: string): readonly string[];
}

/** Finds the operations of a version by method and path (find-my-way: a radix tree, where express tries one route after the other). */
export function createRouter(contract: Contract): Router {
  const ways = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 200 });
  const methods = new Set<string>();
  for (const operation of operationsOf(contract)) {
    methods.add(operation.method);
    ways.on(operation.method, operation.path.replace(/\{(\w+)\}/g, ':$1'), () => undefined, operation);
  }
  const find: Router['find'] = (method, path) => {
    const found = ways.find((method === 'HEAD' ? 'GET' : method) as 'GET', path);
    return found ? { operation: found.store as Operation, path: found.params } : undefined;
  };
  return {
    find,
    allowed(path) {
      const own = [...methods].filter((method) => find(method, path));
      if (own.length === 0) return [];
      return [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
    },
  };
}
