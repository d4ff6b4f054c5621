import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'postgraphile/graphql';

/** How large an operation is once its fragments stand where they are spread. */
export interface Size {
  /** Fields, at every depth. */
  readonly fields: number;
  /** Those of them that have an alias. */
  readonly aliases: number;
  /** Fields at the root: each takes a statement, and a connection while it runs. */
  readonly rootFields: number;
}

/**
 * Sizes an operation without expanding it: each fragment is counted once, however often and deep it is spread. Thirty fragments that
 * each spread the next one twice are a thousand million fields in 700 bytes. A fragment that spreads itself counts as nothing: another
 * rule refuses it.
 */
export function sizeOf(document: DocumentNode, operation: OperationDefinitionNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Size>();
  const ofFragment = (name: string): Size => {
    const size = known.get(name);
    if (size) return size;
    known.set(name, { fields: 0, aliases: 0, rootFields: 0 });
    const fragment = fragments.get(name);
    if (fragment) known.set(name, ofSelection(fragment.selectionSet));
    return known.get(name) as Size;
  };
  const ofSelection = (set: SelectionSetNode): Size => {
    let fields = 0;
    let aliases = 0;
    let rootFields = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet && ofSelection(selection.selectionSet);
        fields += 1 + (inner?.fields ?? 0);
        aliases += (selection.alias ? 1 : 0) + (inner?.aliases ?? 0);
        rootFields += 1;
        continue;
      }
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : ofSelection(selection.selectionSet);
      fields += inner.fields;
      aliases += inner.aliases;
      rootFields += inner.rootFields;
    }
    return { fields, aliases, rootFields };
  };
  return ofSelection(operation.selectionSet);
}
