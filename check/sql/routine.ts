import type { CreateFunctionStmt, DefElem, DoStmt, Node } from 'libpg-query';
import { parsePlPgSQLSync, parseSync } from 'libpg-query';
import type { Source, Statement } from './source.ts';
import { SyntaxProblem } from './source.ts';
import { nameParts, typeName } from './walk.ts';

/** A piece of SQL with its place: a statement, or a query or expression inside a function body. */
export interface Unit {
  tree: unknown;
  lineAt(location: number | undefined): number;
  /** Set of what EXECUTE of a readable text would run. */
  dynamic?: boolean;
}

/** RAISE at level exception. `code` is absent when it is computed; `bare` is a re-raise, which keeps the first one's code. */
export interface Raise {
  line: number;
  coded: boolean;
  code?: string;
  bare: boolean;
}

/** A function, procedure or DO block, with its body taken apart. */
export interface Routine {
  /** schema.name, or "do" for an anonymous block */
  name: string;
  line: number;
  language: string;
  definer: boolean;
  volatility: string;
  trigger: boolean;
  settings: Map<string, string>;
  units: Unit[];
  raises: Raise[];
  /** What EXECUTE is given: "select <expression>". */
  dynamic: Unit[];
  /** Whether it has a loop, and whether it commits on the way. */
  loops: boolean;
  commits: boolean;
}

/** A statement with what the rules ask of it. */
export interface Entry {
  statement: Statement;
  routine: Routine | undefined;
  /** The statement itself and, of a routine, every query and expression in its body, and what EXECUTE of a readable text would run. */
  units: Unit[];
}

interface PlNode {
  [key: string]: unknown;
}

const ERROR_LEVEL = 21;
const EXECUTES = new Set(['PLpgSQL_stmt_dynexecute', 'PLpgSQL_stmt_dynfors']);
const LOOPS = new Set(
  'loop while fori fors forc foreach_a dynfors'.split(' ').map((kind) => `PLpgSQL_stmt_${kind}`),
);

/** Takes a CREATE FUNCTION or DO apart; undefined for any other statement. @throws SyntaxProblem with the line in the file */
export function readRoutine(source: Source, statement: Statement): Routine | undefined {
  const tree = statement.tree;
  if ('CreateFunctionStmt' in tree) {
    const routine = readHead(statement, tree.CreateFunctionStmt);
    if (tree.CreateFunctionStmt.sql_body)
      routine.units.push({ tree: tree.CreateFunctionStmt.sql_body, lineAt: source.lineAt });
    readBody(source, statement, routine, optionsOf(tree.CreateFunctionStmt.options).get('as'));
    return routine;
  }
  if ('DoStmt' in tree) return readBlock(source, statement, tree.DoStmt);
  return undefined;
}

/** What a function is, without its body. */
export function readHead(statement: Pick<Statement, 'line'>, tree: CreateFunctionStmt): Routine {
  const options = optionsOf(tree.options);
  return {
    name: nameParts(tree.funcname).join('.'),
    line: statement.line,
    language: stringOption(options.get('language')) ?? 'sql',
    definer: booleanOption(options.get('security')),
    volatility: stringOption(options.get('volatility')) ?? 'volatile',
    trigger: /(^|\.)(trigger|event_trigger)$/.test(typeName(tree.returnType)),
    settings: settingsOf(tree.options),
    units: [],
    raises: [],
    dynamic: [],
    loops: false,
    commits: false,
  };
}

function readBlock(source: Source, statement: Statement, tree: DoStmt): Routine {
  const options = optionsOf(tree.args);
  const routine: Routine = {
    name: 'do',
    line: statement.line,
    language: stringOption(options.get('language')) ?? 'plpgsql',
    definer: false,
    volatility: 'volatile',
    trigger: false,
    settings: new Map(),
    units: [],
    raises: [],
    dynamic: [],
    loops: false,
    commits: false,
  };
  readBody(source, statement, routine, options.get('as'));
  return routine;
}

function readBody(source: Source, statement: Statement, routine: Routine, as: DefElem | undefined): void {
  if (!as) return;
  let at = firstTokenFrom(source, as.location ?? 0);
  while (source.tokens[at] && source.tokens[at]?.tokenName !== 'SCONST') at += 1;
  const body = source.tokens[at];
  const firstLine = source.lineAt(body?.start);
  try {
    if (routine.language === 'plpgsql') {
      collect(parsePlPgSQL(statement.text), routine, firstLine, firstLine);
    } else if (routine.language === 'sql') {
      const text = stringOption(as) ?? '';
      routine.units.push({
        tree: parseSync(text),
        lineAt: (location) => firstLine + linesBefore(text, location),
      });
    }
  } catch (error) {
    if (error instanceof SyntaxProblem) throw error;
    throw new SyntaxProblem(
      `${routine.name}: ${error instanceof Error ? error.message : String(error)}`,
      firstLine,
    );
  }
}

/** By halves: a file has tens of thousands of tokens, and hundreds of functions. */
function firstTokenFrom(source: Source, start: number): number {
  let low = 0;
  let high = source.tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((source.tokens[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The parser knows no system catalog: a variable of type pg_catalog.pg_roles, say, is "does not exist" to it, while any other
 * unknown type passes. Such a name is misspelled to the same length and tried again.
 */
function parsePlPgSQL(text: string, attempts = 20): unknown {
  try {
    return parsePlPgSQLSync(text);
  } catch (error) {
    const missing = /type "pg_catalog\.(\w+)" does not exist/.exec(
      error instanceof Error ? error.message : '',
    )?.[1];
    if (!missing || attempts === 0) throw error;
    return parsePlPgSQL(text.replaceAll(`pg_catalog.${missing}`, `pg_cataloq.${missing}`), attempts - 1);
  }
}

/** Walks PL/pgSQL's own tree. Lines in it count from the body's first; an expression has its statement's. */
function collect(value: unknown, routine: Routine, firstLine: number, line: number): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, routine, firstLine, line);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value as PlNode)) {
    if (child === null || typeof child !== 'object') continue;
    const node = child as PlNode;
    const own = typeof node.lineno === 'number' ? firstLine + node.lineno - 1 : line;
    if (key === 'PLpgSQL_expr')
      routine.units.push(fragment(String(node.query), Number(node.parseMode ?? 0), own));
    if (key === 'PLpgSQL_stmt_raise' && node.elog_level === ERROR_LEVEL)
      routine.raises.push(readRaise(node, own));
    if (key === 'PLpgSQL_stmt_commit') routine.commits = true;
    if (LOOPS.has(key)) routine.loops = true;
    const executed = EXECUTES.has(key) && (node.query as { PLpgSQL_expr?: { query: string } }).PLpgSQL_expr;
    if (executed) routine.dynamic.push(fragment(executed.query, 2, own));
    collect(child, routine, firstLine, own);
  }
}

function fragment(query: string, mode: number, line: number): Unit {
  // Modes of the raw parser: 0 a statement, 2 an expression, 3 and up an assignment to a name of that many parts.
  const expression = mode >= 3 ? query.slice(query.search(/:?=/)).replace(/^:?=/, '') : query;
  const text = mode === 0 ? query : `select ${expression}`;
  try {
    return { tree: parseSync(text), lineAt: (location) => line + linesBefore(text, location) };
  } catch (error) {
    throw new SyntaxProblem(`${error instanceof Error ? error.message : error} in: ${query}`, line);
  }
}

function readRaise(node: PlNode, line: number): Raise {
  const options = (node.options ?? []) as {
    PLpgSQL_raise_option: { opt_type?: number; expr: { PLpgSQL_expr: { query: string } } };
  }[];
  const errcode = options.find((option) => (option.PLpgSQL_raise_option.opt_type ?? 0) === 0);
  const expression = errcode?.PLpgSQL_raise_option.expr.PLpgSQL_expr.query;
  const literal =
    typeof node.condname === 'string'
      ? node.condname
      : expression && /^'([^']*)'$/.exec(expression.trim())?.[1];
  const bare = node.message === undefined && node.condname === undefined && options.length === 0;
  return {
    line,
    coded: node.condname !== undefined || errcode !== undefined,
    bare,
    ...(literal ? { code: literal } : {}),
  };
}

function optionsOf(options: Node[] | undefined): Map<string, DefElem> {
  const found = new Map<string, DefElem>();
  for (const option of options ?? []) {
    if ('DefElem' in option && option.DefElem.defname !== 'set')
      found.set(option.DefElem.defname ?? '', option.DefElem);
  }
  return found;
}

function settingsOf(options: Node[] | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const option of options ?? []) {
    const argument = 'DefElem' in option && option.DefElem.defname === 'set' ? option.DefElem.arg : undefined;
    if (!argument || !('VariableSetStmt' in argument)) continue;
    const values = (argument.VariableSetStmt.args ?? []).map((value) =>
      'A_Const' in value ? (value.A_Const.sval?.sval ?? '') : '',
    );
    found.set(argument.VariableSetStmt.name ?? '', values.join(', '));
  }
  return found;
}

function stringOption(option: DefElem | undefined): string | undefined {
  const argument = option?.arg;
  if (!argument) return undefined;
  if ('String' in argument) return argument.String.sval ?? '';
  if ('List' in argument) return nameParts(argument.List.items)[0];
  return undefined;
}

function booleanOption(option: DefElem | undefined): boolean {
  const argument = option?.arg;
  return argument !== undefined && 'Boolean' in argument && argument.Boolean.boolval === true;
}

function linesBefore(text: string, location: number | undefined): number {
  return (
    Buffer.from(text)
      .subarray(0, Math.max(location ?? 0, 0))
      .toString()
      .split('\n').length - 1
  );
}
