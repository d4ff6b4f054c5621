import type { Node } from 'libpg-query';
import type { Catalogue } from './catalogue.ts';
import { objectName } from './catalogue.ts';
import type { Corpus, LintFile } from './rule.ts';
import { lastName, relationName, stringConstant } from './walk.ts';

/** What the files define together. */
export function readCorpus(files: LintFile[], catalogue: Catalogue): Corpus {
  const corpus: Corpus = {
    routines: new Map(),
    routineNames: new Set(),
    typeNames: new Set(),
    transitionTables: new Set(),
    commented: new Set(),
    errorCodes: new Set(),
    catalogue,
  };
  for (const { source, entries } of files) {
    // also in dynamic SQL, which is text to the parser
    for (const match of source.text.matchAll(/\b(?:old|new)\s+table\s+as\s+(\w+)/gi))
      corpus.transitionTables.add(match[1] ?? '');
    for (const { statement, routine } of entries) {
      if (routine && routine.name !== 'do') {
        corpus.routines.set(routine.name, [...(corpus.routines.get(routine.name) ?? []), routine]);
        corpus.routineNames.add(routine.name.split('.').at(-1) ?? '');
      }
      note(corpus, statement.tree);
    }
  }
  return corpus;
}

const KINDS: Record<string, string> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_FUNCTION: 'function',
};

function note(corpus: Corpus, tree: Node): void {
  if ('CreateStmt' in tree) corpus.typeNames.add(tree.CreateStmt.relation?.relname ?? '');
  if ('ViewStmt' in tree) corpus.typeNames.add(tree.ViewStmt.view?.relname ?? '');
  if ('CreateDomainStmt' in tree) corpus.typeNames.add(lastName(tree.CreateDomainStmt.domainname));
  if ('CommentStmt' in tree) {
    const { objtype, object } = tree.CommentStmt;
    const kind = KINDS[objtype ?? ''];
    if (kind && object) corpus.commented.add(`${kind} ${objectName(object)}`);
  }
  if (!('InsertStmt' in tree) || relationName(tree.InsertStmt.relation) !== 'platform.error') return;
  const { selectStmt } = tree.InsertStmt;
  for (const row of selectStmt && 'SelectStmt' in selectStmt
    ? (selectStmt.SelectStmt.valuesLists ?? [])
    : []) {
    const first = 'List' in row ? stringConstant(row.List.items?.[0]) : undefined;
    if (first) corpus.errorCodes.add(first);
  }
}
