import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'postgraphile/graphql';
import { defaultPageSize, maximumPageSize } from './pages.ts';

/** Objects that one operation may ask for. A page of 100 with 50 children each is 5,100. */
export const maximumCost = 10_000;

type Variables = Readonly<Record<string, unknown>>;
type Cost = number | ((variables: Variables) => number);

/** How many objects an operation can return at most, given its variables. */
export type CostFunction = (variables: Variables) => number;

/**
 * Works out what the operations of a document cost: each object counts one, and a list as many times as its
 * page is long. Done once a document; with literal page sizes the answer is a constant.
 */
export function costOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<string, CostFunction> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const costs = new Map<string, CostFunction>();
  for (const operation of operations) {
    const root = schema.getRootType(operation.operation);
    const defaults = new Map<string, number>();
    for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
      if (defaultValue?.kind === Kind.INT) defaults.set(variable.name.value, Number(defaultValue.value));
    }
    const cost = root ? costOfSelection(operation.selectionSet, root, { schema, fragments, defaults }) : 0;
    costs.set(operation.name?.value ?? '', typeof cost === 'number' ? () => cost : cost);
  }
  return costs;
}

interface Scope {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Of the operation's variables that have one. */
  defaults: ReadonlyMap<string, number>;
}

/** What counting all rows of a list costs, in objects: the database reads them all, or their index. */
const countCost = 100;

function costOfSelection(selections: SelectionSetNode, type: GraphQLNamedType, scope: Scope): Cost {
  let total: Cost = 0;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      total = add(total, costOfField(selection, type, scope));
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition ? scope.schema.getType(selection.typeCondition.name.value) : type;
      if (on) total = add(total, costOfSelection(selection.selectionSet, on, scope));
    } else {
      const fragment = scope.fragments.get(selection.name.value);
      const on = fragment && scope.schema.getType(fragment.typeCondition.name.value);
      if (fragment && on) total = add(total, costOfSelection(fragment.selectionSet, on, scope));
    }
  }
  return total;
}

function costOfField(field: FieldNode, parent: GraphQLNamedType, scope: Scope): Cost {
  if (!field.selectionSet || !isObjectType(parent)) return 0;
  const definition = parent.getFields()[field.name.value];
  // Introspection has limits of its own (depth).
  if (!definition) return 0;
  const inner = costOfSelection(field.selectionSet, getNamedType(definition.type), scope);
  const isPage = definition.args.some((arg) => arg.name === 'first');
  if (isPage) {
    const counts = selects(field.selectionSet, 'totalCount', scope) ? countCost : 0;
    return add(1 + counts, multiply(pageSize(field, scope), inner));
  }
  // Parts of a connection that are no objects of the domain.
  const isStructure =
    parent.name.endsWith('Connection') && (field.name.value === 'edges' || field.name.value === 'pageInfo');
  return isStructure ? inner : add(1, inner);
}

/** Whether a selection asks for a field, itself or by a fragment. */
function selects(set: SelectionSetNode, name: string, scope: Scope): boolean {
  return set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === name;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : scope.fragments.get(selection.name.value);
    return inner !== undefined && selects(inner.selectionSet, name, scope);
  });
}

/** The larger of `first` and `last`; what neither says is a page as long as usual. */
function pageSize(field: FieldNode, { defaults }: Scope): Cost {
  let size: Cost | undefined;
  for (const { name, value } of field.arguments ?? []) {
    if (name.value !== 'first' && name.value !== 'last') continue;
    let given: Cost | undefined;
    if (value.kind === Kind.INT) given = bounded(Number(value.value));
    if (value.kind === Kind.VARIABLE) {
      const variable = value.name.value;
      given = (variables) => {
        const asked = variables[variable] === undefined ? defaults.get(variable) : variables[variable];
        return typeof asked === 'number' ? bounded(asked) : defaultPageSize;
      };
    }
    if (given !== undefined) size = size === undefined ? given : larger(size, given);
  }
  return size ?? defaultPageSize;
}

const bounded = (asked: number): number => Math.min(Math.max(asked, 0), maximumPageSize);

function larger(a: Cost, b: Cost): Cost {
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  return (variables) => Math.max(at(a, variables), at(b, variables));
}

function add(a: Cost, b: Cost): Cost {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return (variables) => at(a, variables) + at(b, variables);
}

function multiply(a: Cost, b: Cost): Cost {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return (variables) => at(a, variables) * at(b, variables);
}

const at = (cost: Cost, variables: Variables): number => (typeof cost === 'number' ? cost : cost(variables));
