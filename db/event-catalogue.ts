import type { ClientBase } from 'pg';

/*
 * What platform knows of events, for docs/events.md: the types with their schemas, what makes them happen, and what states mean.
 */

/** A JSON Schema (2020-12) of the kind that the catalogue has: an object with described properties. */
export interface Schema extends Property {
  properties: Record<string, Property>;
  required?: string[];
}

export interface Property {
  type?: string | string[];
  format?: string;
  enum?: (string | null)[];
  const?: unknown;
  items?: Property;
  description?: string;
  examples?: unknown[];
}

export interface EventType {
  type: string;
  entity: string;
  description: string;
  schema: Schema;
  /** No change of a row causes it. */
  recorded: boolean;
  /** What makes it happen, in Markdown; the first for the example. */
  causes: string[];
  /** The state of the entity after it, where the type says so. */
  state: string | undefined;
}

export interface EntityEvents {
  entity: string;
  types: EventType[];
  /** Meaning of states, by column and state. */
  states: Record<string, Record<string, string>>;
}

interface Row {
  name: string;
  events: { created: string; updated: string; changed: { event: string; when: string }[] } | null;
  initial: string | null;
  transitions: { name: string; to_state: string; event: string; from_states: string[] }[];
  states: Record<string, Record<string, string>>;
}

/** The catalogue by entity, in order of name. Any login that reads platform. */
export async function eventCatalogue(client: ClientBase): Promise<EntityEvents[]> {
  const { rows: types } = await client.query<Omit<EventType, 'causes' | 'state'>>(
    'select type, entity, description, schema, recorded from catalog.event_type order by entity, type',
  );
  const { rows: entities } = await client.query<Row>(
    `select e.name, e.declaration -> 'events' as events,
       coalesce(e.declaration #>> '{lifecycle,initial,0}', e.declaration #>> '{lifecycle,initial}') as initial,
       (select coalesce(json_agg(t order by t.name), '[]')
        from (
          select t.name, t.to_state, t.event, array_agg(t.from_state order by t.from_state) as from_states
          from platform.transition t
          where t.entity = e.name
          group by t.name, t.to_state, t.event
        ) t) as transitions,
       (select coalesce(json_object_agg(a.attname, s.declaration), '{}')
        from pg_catalog.pg_constraint c
        join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        join platform.entity s on s.kind = 'states' and s.relation::regclass = c.confrelid
        where c.conrelid = e.relation::regclass and c.contype = 'f') as states
     from platform.entity e
     where e.kind <> 'states'`,
  );
  const known = new Map(entities.map((row) => [row.name, row]));
  const names = [...new Set(types.map(({ entity }) => entity))];
  return names.map((entity) => {
    const row = known.get(entity);
    const own = types
      .filter((type) => type.entity === entity)
      .map((type) => ({ ...type, ...happening(type, row) }));
    return { entity, types: own.sort(byHistory(row)), states: row?.states ?? {} };
  });
}

function happening(type: { type: string; recorded: boolean }, row: Row | undefined) {
  if (type.recorded || !row) {
    return { causes: ['no resource changes; it is recorded by itself'], state: undefined };
  }
  const causes: string[] = [];
  let state: string | undefined;
  if (row.events?.created === type.type) {
    causes.push('one is created');
    state = row.initial ?? undefined;
  }
  for (const { event, when } of row.events?.changed ?? []) {
    const columns = [...new Set([...when.matchAll(/\bnew\.(\w+)/g)].map(([, column]) => `\`${column}\``))];
    if (event === type.type) causes.push(`${columns.join(' or ')} changes, as described`);
  }
  for (const { name, event, from_states, to_state } of row.transitions) {
    if (event !== type.type) continue;
    causes.push(`\`${name}\`: ${listed(from_states)} → ${to_state}`);
    state = to_state;
  }
  if (row.events?.updated === type.type) causes.push('anything else of it changes');
  return { causes, state };
}

/** As they come in a life: created, what happens to it, other changes, and what changes nothing. */
function byHistory(row: Row | undefined): (a: EventType, b: EventType) => number {
  const place = ({ type, recorded }: EventType) => {
    if (recorded) return 3;
    if (type === row?.events?.created) return 0;
    return type === row?.events?.updated ? 2 : 1;
  };
  return (a, b) => place(a) - place(b) || (a.type < b.type ? -1 : 1);
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
