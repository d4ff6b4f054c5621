import type { Node, RangeVar, TypeName } from 'libpg-query';

type KeyOf<T> = T extends unknown ? keyof T : never;
export type Tag = KeyOf<Node>;
type Body<T extends Tag> = Extract<Node, Record<T, unknown>>[T];
export type Visitors = { [T in Tag]?: (node: Body<T>) => void };

/**
 * Visits every node of a parse tree, outermost first. The parser leaves some fields unwrapped (a table's `relation`, a column's
 * `typeName`, the grant in ALTER DEFAULT PRIVILEGES); these are recognised by their shape, so that a rule sees all of a kind.
 */
export function walk(tree: unknown, visitors: Visitors): void {
  const call = visitors as Record<string, ((node: unknown) => void) | undefined>;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (value === null || typeof value !== 'object') return;
    for (const [key, child] of Object.entries(value)) {
      if (child === null || typeof child !== 'object') continue;
      const tag = /^[A-Z]/.test(key) ? key : tagOfShape(child);
      if (tag) call[tag]?.(child);
      visit(child);
    }
  };
  visit(tree);
}

function tagOfShape(value: object): Tag | undefined {
  if ('relname' in value && 'relpersistence' in value) return 'RangeVar';
  if ('names' in value && 'typemod' in value) return 'TypeName';
  if ('grantees' in value) return 'GrantStmt';
  return undefined;
}

/** The parts of a possibly qualified name: ["app", "project"]. */
export function nameParts(nodes: Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => ('String' in node ? (node.String.sval ?? '') : ''));
}

/** The last part of a possibly qualified name. */
export function lastName(nodes: Node[] | undefined): string {
  return nameParts(nodes).at(-1) ?? '';
}

export function relationName(relation: RangeVar | undefined): string {
  return relation ? [relation.schemaname, relation.relname].filter(Boolean).join('.') : '';
}

export function typeName(type: TypeName | undefined): string {
  return nameParts(type?.names).join('.');
}

/** The text of a string constant, if that is what the node is. */
export function stringConstant(node: Node | undefined): string | undefined {
  return node && 'A_Const' in node ? node.A_Const.sval?.sval : undefined;
}
