import type { ScanToken } from 'libpg-query';
import { scanSync } from 'libpg-query';
import type { Entry, Unit } from '../routine.ts';
import type { Corpus, Finding, LintFile, Rule } from '../rule.ts';
import { statementsOf } from '../rule.ts';
import { lastName, nameParts, relationName, walk } from '../walk.ts';

export const unqualifiedName: Rule = {
  code: 'unqualified-name',
  reason:
    'A name without its schema means whatever search_path says at that moment; functions here run with an empty one.',
  safe: 'app.project, platform.tenant_id(), pg_catalog.pg_class',
  *check(file, corpus) {
    for (const entry of file.entries) {
      // in what EXECUTE runs, a name may be whole only when it runs
      for (const unit of entry.units) if (!unit.dynamic) yield* unqualifiedIn(unit, entry, corpus);
    }
  },
};

function unqualifiedIn(unit: Unit, entry: Entry, corpus: Corpus): Finding[] {
  const found: Finding[] = [];
  const report = (location: number | undefined, message: string): void => {
    found.push({
      line: location
        ? unit.lineAt(location)
        : unit === entry.units[0]
          ? entry.statement.line
          : unit.lineAt(0),
      message,
    });
  };
  const known = new Set(corpus.transitionTables);
  walk(unit.tree, { CommonTableExpr: (cte) => known.add(cte.ctename ?? '') });
  walk(unit.tree, {
    RangeVar: (relation) => {
      const name = relation.relname ?? '';
      if (relation.schemaname || relation.relpersistence === 't' || known.has(name)) return;
      report(relation.location, `relation ${name}`);
    },
    FuncCall: (call) => {
      const parts = nameParts(call.funcname);
      if (parts.length === 1 && corpus.routineNames.has(parts[0] ?? ''))
        report(call.location, `call of ${parts[0]}()`);
    },
    TypeName: (type) => {
      const parts = nameParts(type.names);
      if (parts.length === 1 && corpus.typeNames.has(parts[0] ?? ''))
        report(type.location, `type ${parts[0]}`);
    },
    ObjectWithArgs: (object) => {
      if (nameParts(object.objname).length === 1) report(undefined, `routine ${lastName(object.objname)}`);
    },
    CreateFunctionStmt: (routine) => {
      if (nameParts(routine.funcname).length === 1)
        report(undefined, `routine ${lastName(routine.funcname)}`);
    },
    CreateTrigStmt: (trigger) => {
      if (nameParts(trigger.funcname).length === 1)
        report(undefined, `trigger function ${lastName(trigger.funcname)}`);
    },
    CommentStmt: (comment) => {
      const object =
        comment.object && 'List' in comment.object ? nameParts(comment.object.List.items) : undefined;
      const parts = { OBJECT_TABLE: 2, OBJECT_VIEW: 2, OBJECT_COLUMN: 3 }[comment.objtype as string];
      if (object && parts && object.length < parts) report(undefined, `comment on ${object.join('.')}`);
    },
  });
  return found;
}

export const triggerName: Rule = {
  code: 'trigger-name',
  reason: 'Triggers fire in order of name: the number shows it.',
  safe: 'create trigger _100_guard before update on ...',
  *check(file) {
    for (const { body, line } of statementsOf(file, 'CreateTrigStmt')) {
      if (!/^_\d{3}_[a-z][a-z_]*$/.test(body.trigname ?? '')) {
        yield {
          line,
          message: `trigger ${body.trigname} on ${relationName(body.relation)} is not named _NNN_verb`,
        };
      }
    }
  },
};

export const capitals: Rule = {
  code: 'capitals',
  reason: 'House style: keywords and names are lowercase, so that SQL reads as one text.',
  safe: 'select, create table',
  // the catalog prints keywords in capitals
  kinds: ['migration', 'definition'],
  *check(file) {
    const lines = new Set<number>();
    const look = (tokens: ScanToken[], lineOf: (token: ScanToken) => number): void => {
      for (const token of tokens) {
        if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(token.text) && /[A-Z]/.test(token.text) && isWord(token))
          lines.add(lineOf(token));
      }
    };
    look(file.source.tokens, (token) => file.source.lineAt(token.start));
    for (const token of file.source.tokens) {
      const body = /^\$(\w*)\$([\s\S]*)\$\1\$$/.exec(token.text)?.[2];
      if (body === undefined) continue;
      const first = file.source.lineAt(token.start);
      const bytes = Buffer.from(body);
      look(
        tokensOf(body),
        (inner) => first + bytes.subarray(0, inner.start).toString().split('\n').length - 1,
      );
    }
    for (const line of lines) yield { line, message: 'a word in capitals' };
  },
};

function isWord(token: ScanToken): boolean {
  return token.tokenName === 'IDENT' || token.keywordName !== 'NO_KEYWORD';
}

/** A body may hold dynamic SQL with placeholders that the scanner refuses: then its style is not looked at. */
function tokensOf(body: string): ScanToken[] {
  try {
    return scanSync(body).tokens;
  } catch {
    return [];
  }
}

export const missingComment: Rule = {
  code: 'missing-comment',
  reason: 'Comments are the documentation: GraphQL, OpenAPI and the schema dump show them.',
  safe: "comment on function app.archive_project(uuid, integer) is '...'",
  *check(file, corpus) {
    for (const { line, name } of created(file)) {
      if (!/^\w+ (app|platform|identity|catalog|api_v\d+)\./.test(name) || corpus.commented.has(name))
        continue;
      yield { line, message: `no comment on ${name}` };
    }
  },
};

function* created(file: LintFile): Generator<{ line: number; name: string }> {
  for (const { body, line } of statementsOf(file, 'CreateStmt')) {
    if (!body.partbound) yield { line, name: `table ${relationName(body.relation)}` };
  }
  for (const { body, line } of statementsOf(file, 'ViewStmt'))
    yield { line, name: `view ${relationName(body.view)}` };
  for (const { body, line } of statementsOf(file, 'CreateFunctionStmt')) {
    yield { line, name: `function ${nameParts(body.funcname).join('.')}` };
  }
}
