import { capital, participle, spoken } from './words.ts';

export interface Verb {
  name: string;
  from: string[];
  to: string;
}

export interface Lifecycle {
  /** In the order in which they were named; a new row is in the first. */
  states: string[];
  verbs: Verb[];
}

/**
 * Ways through the states, as one would tell them: "todo begin doing finish done reopen todo, todo finish done". What is wrong is added to `wrong`.
 * The state that `delete` leads to is concealed.
 */
export function readLifecycle(text: string, wrong: string[]): Lifecycle {
  const states = new Set<string>();
  const verbs = new Map<string, Verb>();
  for (const way of text.split(',')) {
    const words = way.trim().split(/\s+/);
    if (words.length < 3 || words.length % 2 === 0) {
      wrong.push(`the way "${way.trim()}" of the lifecycle is not STATE VERB STATE, or longer`);
      continue;
    }
    for (let at = 0; at + 2 < words.length; at += 2) {
      const [from = '', name = '', to = ''] = words.slice(at, at + 3);
      states.add(from).add(to);
      const verb = verbs.get(name) ?? { name, from: [], to };
      verbs.set(name, verb);
      if (verb.to !== to) wrong.push(`the verb ${name} leads to ${verb.to} and to ${to}: give each its own`);
      if (from === to) wrong.push(`the verb ${name} leads from ${from} to where it was`);
      if (!verb.from.includes(from)) verb.from.push(from);
    }
  }
  const lifecycle = { states: [...states], verbs: [...verbs.values()] };
  for (const state of lifecycle.states)
    if (!wayTo(lifecycle, state)) wrong.push(`no way leads to the state ${state}`);
  return lifecycle;
}

/** The verbs that take a new row to the state, on the shortest way. */
export function wayTo({ states, verbs }: Lifecycle, state: string): string[] | undefined {
  const ways = new Map<string, string[]>([[states[0] ?? '', []]]);
  for (const [reached, way] of ways) {
    for (const { name, from, to } of verbs) {
      if (from.includes(reached) && !ways.has(to)) ways.set(to, [...way, name]);
    }
  }
  return ways.get(state);
}

export const initialOf = ({ states }: Lifecycle): string => states[0] as string;

/** States that no request sees. */
export const concealedOf = ({ verbs }: Lifecycle): string[] =>
  verbs.filter(({ name }) => name === 'delete').map(({ to }) => to);

/** What a state means, from the verbs that lead there: "New or reopened." */
export function meaningOf({ states, verbs }: Lifecycle, state: string): string {
  const came = verbs.filter(({ to }) => to === state).map(({ name }) => spoken(participle(name)));
  return `${capital([...(state === states[0] ? ['new'] : []), ...came].join(' or '))}.`;
}

/** What the error of a refused verb tells: "finish (to done)". */
export function legalFrom({ verbs }: Lifecycle, state: string): string {
  const legal = verbs
    .filter(({ from }) => from.includes(state))
    .map(({ name, to }) => `${name} (to ${to})`)
    .sort();
  return `Legal from ${state}: ${legal.join(', ') || 'nothing, it is a final state'}.`;
}
