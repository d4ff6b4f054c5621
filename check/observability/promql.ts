/** What a query names: enough to hold it to the list of metrics. promtool says whether it is PromQL at all. */
export interface Named {
  /** Each selector: a metric with the labels it asks for. */
  readonly selectors: readonly { readonly metric: string; readonly matchers: readonly Matcher[] }[];
  /** Labels of by, without, on, ignoring, group_left and group_right. */
  readonly grouping: readonly string[];
}

interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

const TOKEN =
  /\s+|#[^\n]*|\[[^\]]*\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{|[a-zA-Z_:][\w:]*|[\d.]+(?:[eE][+-]?\d+)?[a-z]*|./gsy;
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan', 'start', 'end']);

/** @throws where a selector has no metric of its own, such as {__name__=~"slo:.*"}: nobody could say what it reads */
export function named(query: string): Named {
  const tokens = [...query.matchAll(TOKEN)].filter(([text]) => !/^[\s#]/.test(text));
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    const text = token?.[0] ?? '';
    const next = tokens[index + 1]?.[0];
    if (text === '{') throw new Error(`names no metric before "{": ${query}`);
    if (!token || !/^[a-zA-Z_:]/.test(text) || WORDS.has(text.toLowerCase())) continue;
    if (GROUPING.has(text)) {
      // group_left may stand without a list
      if (next !== '(') continue;
      for (index += 2; tokens[index] && tokens[index]?.[0] !== ')'; index += 1) {
        if (tokens[index]?.[0] !== ',') grouping.push(tokens[index]?.[0] ?? '');
      }
    } else if (next === '{') {
      const from = tokens[index + 1]?.index ?? 0;
      selectors.push({ metric: text, matchers: matchers(query.slice(from)) });
      while (tokens[index] && tokens[index]?.[0] !== '}') index += 1;
    } else if (next !== '(' && !GROUPING.has(next ?? '')) {
      selectors.push({ metric: text, matchers: [] });
    }
  }
  return { selectors, grouping };
}

/** The matchers of the braces that the text begins with. */
function matchers(text: string): Matcher[] {
  const found: Matcher[] = [];
  const one = /[{,]\s*(?:([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*)?/gy;
  for (let match = one.exec(text); match; match = one.exec(text)) {
    const [, label, op, value] = match;
    if (label && op && value !== undefined) found.push({ label, op, value });
  }
  return found;
}

/** Keys of log lines that a LogQL pipeline names: in filters, behind unwrap and by, and in the templates of line_format. */
export function logKeys(query: string): string[] {
  const templates = [...query.matchAll(/\{\{\s*\.(\w+)/g)].map(([, key = '']) => key);
  const bare = query.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""');
  // the first braces select the stream: its labels are those of the collector
  const pipeline = bare.replace(/\{[^}]*\}/g, '');
  const filters = [
    ...pipeline.matchAll(/(?:\||\band\b|\bor\b)\s*(\w+)\s*(?:=~|!~|!=|==|=|>=|<=|>|<)\s*(?=["\d.$])/g),
  ];
  const lists = [...pipeline.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','));
  const unwrapped = [...pipeline.matchAll(/\bunwrap\s+(\w+)/g)];
  return [
    ...templates,
    ...[...filters, ...unwrapped].map(([, key = '']) => key),
    ...lists.map((key) => key.trim()),
  ].filter((key) => key !== '' && key !== '__error__');
}
