/**
 * Functions as migrations wrote them, by name, the latest last: what the catalog prints of a body that it has parsed is not always printed the same
 * when it is run again, and has lost the comments.
 */
export type Sources = ReadonlyMap<string, readonly string[]>;

/** Of the texts of committed migrations, oldest first. */
export function readSources(texts: readonly string[]): Sources {
  const sources = new Map<string, string[]>();
  for (const text of texts) {
    for (const { 0: head, 1: name = '', index } of text.matchAll(
      /^create or replace (?:function|procedure) ([\w.]+)\(/gm,
    )) {
      const found = wholeStatement(text.slice(index), head.length);
      if (found) sources.set(name, [...(sources.get(name) ?? []), found]);
    }
  }
  return sources;
}

/** Up to the semicolon that ends it: behind the dollar that closes a body, behind `end` of one that the parser takes in, or the first. */
function wholeStatement(text: string, from: number): string | undefined {
  const opening = /^(?:as (\$\w*\$)|begin atomic|return\b)/m.exec(text.slice(from));
  if (!opening) return undefined;
  const begin = from + opening.index;
  const quote = opening[1];
  const end = quote
    ? text.indexOf(';', text.indexOf(quote, begin + opening[0].length) + quote.length)
    : opening[0] === 'begin atomic'
      ? text.indexOf('\nend;', begin) + '\nend'.length
      : text.indexOf(';\n', begin);
  return end > begin ? text.slice(0, end + 1) : undefined;
}
