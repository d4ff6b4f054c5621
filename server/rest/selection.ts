import type { Contract, Reference, Resource } from './contract.ts';
import type { ProblemDetail } from './problem.ts';

/** How deep what a resource refers to can be expanded. */
export const deepestExpansion = 2;

/** What of a resource is shown: its columns, and what they refer to in full. */
export interface Selection {
  readonly columns: readonly string[];
  readonly expanded: ReadonlyMap<string, Expanded>;
  /** All columns, and nothing expanded. */
  readonly whole: boolean;
}

export interface Expanded {
  readonly reference: Reference;
  readonly resource: Resource;
  readonly selection: Selection;
}

/** A tree of names: `lead.name,lead.role` is lead with name and role. */
type Names = Map<string, Names>;

/**
 * Reads `fields` and `expand`. What is wrong goes to `errors`. A field of something expanded (`lead.name`) expands it: nobody means the one without
 * the other.
 */
export function readSelection(
  contract: Contract,
  resource: Resource,
  fields: string | undefined,
  expand: string | undefined,
  errors: ProblemDetail[],
): Selection {
  const asked = { fields: namesOf(fields), expand: namesOf(expand) };
  return select(contract, resource, asked, '', deepestExpansion, errors);
}

function namesOf(list: string | undefined): Names {
  const names: Names = new Map();
  for (const path of list?.split(',') ?? []) {
    let level = names;
    for (const name of path.trim().split('.')) {
      let next = level.get(name);
      if (!next) {
        next = new Map();
        level.set(name, next);
      }
      level = next;
    }
  }
  return names;
}

function select(
  contract: Contract,
  resource: Resource,
  asked: { fields: Names; expand: Names },
  prefix: string,
  depth: number,
  errors: ProblemDetail[],
): Selection {
  const columns: string[] = [];
  const expanded = new Map<string, Expanded>();
  const refuse = (parameter: string, name: string, detail: string) =>
    errors.push({ parameter, code: 'unknown_field', detail: `${prefix}${name} ${detail}` });
  for (const name of [...asked.expand.keys(), ...asked.fields.keys()]) {
    if (expanded.has(name) || resource.columns.some((column) => column.name === name)) continue;
    const parameter = asked.expand.has(name) ? 'expand' : 'fields';
    const reference = resource.references.find((own) => own.name === name);
    const target = reference && contract.resources.get(reference.resource);
    if (!target)
      refuse(
        parameter,
        name,
        `is nothing of ${resource.name} that can be ${parameter === 'expand' ? 'expanded' : 'shown'}`,
      );
    else if (depth === 0) refuse(parameter, name, `is deeper than ${deepestExpansion} levels`);
    else {
      const within = {
        fields: asked.fields.get(name) ?? new Map(),
        expand: asked.expand.get(name) ?? new Map(),
      };
      const selection = select(contract, target, within, `${prefix}${name}.`, depth - 1, errors);
      expanded.set(name, { reference, resource: target, selection });
    }
  }
  for (const { name } of resource.columns) {
    if (asked.fields.size === 0 || asked.fields.has(name)) columns.push(name);
    if (asked.expand.has(name)) refuse('expand', name, 'is a column, which is shown as it is');
    if ((asked.fields.get(name)?.size ?? 0) > 0) refuse('fields', name, 'has no fields of its own');
  }
  const whole = columns.length === resource.columns.length && expanded.size === 0;
  return { columns, expanded, whole };
}
