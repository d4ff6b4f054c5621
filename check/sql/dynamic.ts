import type { Node } from 'libpg-query';
import { parseSync } from 'libpg-query';
import { lastName, stringConstant } from './walk.ts';

/** Stands in dynamic SQL for a name that only the run knows: a rule finds no such table, and takes it for old and large. */
const UNKNOWN_NAME = 'known_when_run';

/**
 * The statements that EXECUTE of a constant, of format() or of constants joined by || would run, as far as their text tells.
 * @param expression the parse tree of "select <what EXECUTE is given>"
 * @returns undefined when the text cannot be told
 */
export function readDynamic(expression: unknown): Node[] | undefined {
  const statement = (expression as { stmts?: { stmt?: Node }[] }).stmts?.[0]?.stmt;
  const target = statement && 'SelectStmt' in statement ? statement.SelectStmt.targetList?.[0] : undefined;
  const text = target && 'ResTarget' in target ? textOf(target.ResTarget.val) : undefined;
  return text === undefined ? undefined : statementsOfText(text);
}

/** The statements of a text; undefined when it is none. */
export function statementsOfText(text: string): Node[] | undefined {
  try {
    return (parseSync(text).stmts ?? []).flatMap((raw) => (raw.stmt ? [raw.stmt] : []));
  } catch {
    return undefined;
  }
}

function textOf(node: Node | undefined): string | undefined {
  const constant = stringConstant(node);
  if (constant !== undefined) return constant;
  if (!node) return undefined;
  if ('TypeCast' in node) return textOf(node.TypeCast.arg);
  if ('FuncCall' in node) {
    const name = lastName(node.FuncCall.funcname);
    if (name === 'format') return filledIn(textOf(node.FuncCall.args?.[0]));
    return name === 'quote_literal' || name === 'quote_nullable' ? `'${UNKNOWN_NAME}'` : UNKNOWN_NAME;
  }
  if ('A_Expr' in node && lastName(node.A_Expr.name) === '||') {
    const left = textOf(node.A_Expr.lexpr) ?? UNKNOWN_NAME;
    return left + (textOf(node.A_Expr.rexpr) ?? UNKNOWN_NAME);
  }
  return undefined;
}

function filledIn(template: string | undefined): string | undefined {
  return template?.replaceAll(/%(?:\d+\$)?-?\d*([sILs%])/g, (_, kind: string) =>
    kind === '%' ? '%' : kind === 'L' ? `'${UNKNOWN_NAME}'` : UNKNOWN_NAME,
  );
}
