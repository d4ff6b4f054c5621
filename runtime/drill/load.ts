import { setTimeout as pause } from 'node:timers/promises';
import { sendGraphql } from '../graphql.ts';

/** Requests that keep coming, however slow the answers are. */
export interface Load {
  /** What was answered since the last call of this. */
  sinceLast(): Answered;
  /** From now on the reads ask this. */
  ask(query: string): void;
  stop(): Promise<void>;
}

export interface Answered {
  count: number;
  /** Not at all, with an error, or by a status from 500 on. */
  failed: number;
  /** Took longer than what is promised: 500 ms. */
  slow: number;
}

export interface LoadOptions {
  url: string;
  apiKey: string;
  /** The project that is renamed. */
  projectId: string;
  /** Requests, without sign-ins. */
  perSecond: number;
  /** What the reads ask; default: a list. */
  query?: string;
  /** How many of ten are writes. */
  writesOfTen: number;
  /** One sign-in a second, each of them begun before. */
  signIns?: readonly (() => Promise<boolean>)[];
}

const listProjects =
  'query ListProjects { projects(first: 20, filter: {status: {equalTo: archived}}) { nodes { id name } } }';
const renameProject =
  'mutation RenameProject($id: UUID!, $name: String!) { updateProject(input: {id: $id, patch: {name: $name}}) { project { id } } }';

/** More than these wait for nothing that the first of them do not show. */
const mostAtOnce = 150;

export function startLoad(options: LoadOptions): Load {
  const { url, apiKey, projectId, perSecond, writesOfTen, signIns = [] } = options;
  let { query = listProjects } = options;
  let since: Answered = { count: 0, failed: 0, slow: 0 };
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  const one = async (work: () => Promise<boolean>): Promise<void> => {
    const began = performance.now();
    const well = await work().catch(() => false);
    since.count += 1;
    if (!well) since.failed += 1;
    if (performance.now() - began > 500) since.slow += 1;
  };
  const begin = (work: () => Promise<boolean>): void => {
    if (underWay.size >= mostAtOnce) return;
    const its = one(work);
    underWay.add(its);
    void its.finally(() => underWay.delete(its));
  };
  const steadily = async (everyMs: number, next: (turn: number) => (() => Promise<boolean>) | undefined) => {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const work = next(turn);
      if (work) begin(work);
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = [
    steadily(1_000 / perSecond, (turn) =>
      // Three of ten are the turns 0, 3 and 6, and not three in a row.
      (turn * writesOfTen) % 10 < writesOfTen
        ? () => graphql(url, apiKey, renameProject, { id: projectId, name: `Name ${turn}` })
        : () => graphql(url, apiKey, query),
    ),
    ...(signIns.length > 0 ? [steadily(1_000, (turn) => signIns[turn])] : []),
  ];
  return {
    sinceLast() {
      const told = since;
      since = { count: 0, failed: 0, slow: 0 };
      return told;
    },
    ask(other) {
      query = other;
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
      await Promise.all(underWay);
    },
  };
}

/** Whether an operation was answered without an error. */
export async function graphql(
  url: string,
  apiKey: string,
  query: string,
  variables: object = {},
): Promise<boolean> {
  const { errors } = await sendGraphql(url, apiKey, query, variables, 20_000);
  return !errors;
}
