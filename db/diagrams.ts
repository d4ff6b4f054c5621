import type { ClientBase } from 'pg';

const begin = '<!-- lifecycles: written by npm run db dump -->';
const end = '<!-- end of lifecycles -->';

interface Transition {
  entity: string;
  name: string;
  from_state: string;
  to_state: string;
  event: string;
}

/** One mermaid state diagram for each declared lifecycle, as Markdown, in order of name. Any login that reads platform. */
export async function lifecycleDiagrams(client: ClientBase): Promise<string> {
  const { rows: transitions } = await client.query<Transition>(
    'select entity, name, from_state, to_state, event from platform.transition order by entity, from_state, to_state, name',
  );
  const { rows: entities } = await client.query<{ name: string; initial: string[] }>(
    `select e.name,
       array(select jsonb_array_elements_text(case jsonb_typeof(e.declaration #> '{lifecycle,initial}')
         when 'array' then e.declaration #> '{lifecycle,initial}'
         else jsonb_build_array(e.declaration #> '{lifecycle,initial}') end)) as initial
     from platform.entity e
     where e.declaration ? 'lifecycle'
     order by e.name`,
  );
  return entities
    .map(({ name, initial }) => {
      const own = transitions.filter(
        (transition) => transition.entity === name && transition.from_state !== transition.to_state,
      );
      const left = new Set(own.map((transition) => transition.from_state));
      const final = [...new Set(own.map((transition) => transition.to_state))]
        .filter((state) => !left.has(state))
        .sort();
      return [
        `#### ${name}`,
        '',
        '```mermaid',
        'stateDiagram-v2',
        ...initial.map((state) => `  [*] --> ${state}`),
        ...own.map((t) => `  ${t.from_state} --> ${t.to_state}: ${t.name}`),
        ...final.map((state) => `  ${state} --> [*]`),
        '```',
      ].join('\n');
    })
    .join('\n\n');
}

/** A page with its section of diagrams written anew. @throws when the page has no such section */
export function withDiagrams(page: string, diagrams: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no section "${begin}" … "${end}"`);
  return `${page.slice(0, from)}${begin}\n\n${diagrams}\n\n${page.slice(to)}`;
}
