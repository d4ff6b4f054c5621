import type { Catalogue } from './catalogue.ts';
import type { Corpus, LintFile } from './rule.ts';
import { nameParts, relationName, stringConstant, walk } from './walk.ts';

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
  const kinds: Record<string, string> = {
    OBJECT_TABLE: 'table',
    OBJECT_VIEW: 'view',
    OBJECT_FUNCTION: 'function',
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
      walk(
        { statement: statement.tree },
        {
          CreateStmt: (table) => corpus.typeNames.add(table.relation?.relname ?? ''),
          ViewStmt: (view) => corpus.typeNames.add(view.view?.relname ?? ''),
          CreateDomainStmt: (domain) => corpus.typeNames.add(nameParts(domain.domainname).at(-1) ?? ''),
          CommentStmt: ({ objtype, object }) => {
            const kind = kinds[objtype ?? ''];
            if (!kind || !object) return;
            const name =
              'List' in object
                ? nameParts(object.List.items)
                : 'ObjectWithArgs' in object
                  ? nameParts(object.ObjectWithArgs.objname)
                  : [];
            corpus.commented.add(`${kind} ${name.join('.')}`);
          },
          InsertStmt: ({ relation, selectStmt }) => {
            if (relationName(relation) !== 'platform.error' || !selectStmt || !('SelectStmt' in selectStmt))
              return;
            for (const row of selectStmt.SelectStmt.valuesLists ?? []) {
              const first = 'List' in row ? stringConstant(row.List.items?.[0]) : undefined;
              if (first) corpus.errorCodes.add(first);
            }
          },
        },
      );
    }
  }
  return corpus;
}
