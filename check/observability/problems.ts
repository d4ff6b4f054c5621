import { parse } from 'yaml';
import { type Contract, readContract, type Series } from './contract.ts';
import { type Board, boardQueries } from './dashboards.ts';
import { logKeys, type Named, named } from './promql.ts';

/** Paths within the repository, with their text: deploy/ and docs/runbooks/. */
export type Files = ReadonlyMap<string, string>;

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const RUNBOOKS = 'docs/runbooks/';

/**
 * Whether rules and dashboards name what there is: metrics, labels and their values (deploy/metrics.yaml), recorded series, dashboards and
 * runbooks. A query with a misspelt name is no error to Prometheus: it is an empty graph, or an alert that never fires.
 */
export function findProblems(files: Files): string[] {
  const problems: string[] = [];
  const contract = readContract(files.get('deploy/metrics.yaml') ?? '');
  const rules = rulesOf(files);
  const series = new Map([...contract.series, ...recorded(rules)]);
  const boards = [...files]
    .filter(([path]) => /^deploy\/grafana\/dashboards\/.*\.json$/.test(path))
    .map(([path, text]) => ({ path, board: JSON.parse(text) as Board }));
  const read = new Set<string>();

  const check = (where: string, query: string): void => {
    let names: Named;
    try {
      names = named(query);
    } catch (error) {
      problems.push(`${where}: ${(error as Error).message}`);
      return;
    }
    for (const { metric } of names.selectors) read.add(metric);
    problems.push(...wrongNames(names, series, query).map((problem) => `${where}: ${problem}`));
  };

  for (const { path, rule } of rules) {
    check(`${path}: ${rule.record ?? rule.alert}`, rule.expr);
    if (rule.alert !== undefined) problems.push(...alertProblems(path, rule, files, boards));
  }
  for (const { path, board } of boards) {
    for (const { title, language, query } of boardQueries(board)) {
      const where = `${path}: ${title}`;
      if (language === 'promql') check(where, query);
      else problems.push(...wrongKeys(query, contract).map((problem) => `${where}: ${problem}`));
    }
  }
  for (const { path, rule } of rules) {
    if (rule.record && !read.has(rule.record))
      problems.push(`${path}: ${rule.record} is recorded, and nothing reads it`);
  }
  return [...new Set([...problems, ...runbookProblems(rules, files)])];
}

function rulesOf(files: Files): { path: string; rule: Rule }[] {
  return [...files]
    .filter(([path]) => /^deploy\/prometheus\/.*\.yaml$/.test(path))
    .flatMap(([path, text]) => {
      const { groups } = parse(text) as { groups: { rules: Rule[] }[] };
      return groups.flatMap((group) => group.rules).map((rule) => ({ path, rule }));
    });
}

function recorded(rules: readonly { rule: Rule }[]): Map<string, Series> {
  const labels = new Map<string, Map<string, Set<string>>>();
  for (const { rule } of rules) {
    if (!rule.record) continue;
    const of = labels.get(rule.record) ?? new Map<string, Set<string>>();
    labels.set(rule.record, of);
    for (const [label, value] of Object.entries(rule.labels ?? {})) {
      of.set(label, (of.get(label) ?? new Set()).add(value));
    }
  }
  return new Map(
    [...labels].map(([name, of]) => [
      name,
      { labels: new Map([...of].map(([label, values]) => [label, [...values]])), same: false },
    ]),
  );
}

function wrongNames(names: Named, series: ReadonlyMap<string, Series>, query: string): string[] {
  const problems: string[] = [];
  const known = new Set<string>();
  for (const { metric, matchers } of names.selectors) {
    const found = series.get(metric);
    if (!found) {
      problems.push(`there is no metric ${metric} in deploy/metrics.yaml, and no rule records it`);
      continue;
    }
    for (const label of found.labels.keys()) known.add(label);
    for (const { label, op, value } of matchers) {
      const values = found.labels.get(label);
      if (!found.labels.has(label)) problems.push(`${metric} has no label ${label}`);
      else if (values) problems.push(...wrongValues(metric, label, op, value, values));
    }
    if (
      found.same &&
      new RegExp(`\\b(sum|avg)\\b[^()]*(\\([^()]*\\))?\\s*\\((\\w+\\()*${metric}\\b`).test(query)
    )
      problems.push(`${metric} is the same in every process: take max, and not sum or avg`);
  }
  const of = names.selectors.map(({ metric }) => metric).join(', ');
  for (const label of names.grouping) {
    if (!known.has(label)) problems.push(`groups by ${label}, which is no label of ${of}`);
  }
  return problems;
}

/** A matcher must be able to choose something, and each alternative that is written out must exist. */
function wrongValues(
  metric: string,
  label: string,
  op: string,
  value: string,
  values: readonly string[],
): string[] {
  if (value.includes('$')) return [];
  const missing = (text: string) => `${metric}: ${label} is never ${text}, but ${values.join(', ')}`;
  if (op === '=' || op === '!=') return values.includes(value) ? [] : [missing(`"${value}"`)];
  const alternatives = value.split('|').map((alternative) => new RegExp(`^(?:${alternative})$`));
  return alternatives
    .filter((alternative) => !values.some((one) => alternative.test(one)))
    .map((alternative) => missing(`like ${alternative.source}`));
}

function wrongKeys(query: string, contract: Contract): string[] {
  const keys = logKeys(query)
    .filter((key) => !contract.logKeys.has(key))
    .map((key) => `log lines have no key ${key} (logs.keys in deploy/metrics.yaml)`);
  const events = [...query.matchAll(/\bevent\s*=~?\s*"([^"]*)"/g)].flatMap(([, value = '']) =>
    value.split('|'),
  );
  return [
    ...keys,
    ...events
      .filter((event) => !contract.logEvents.has(event))
      .map((event) => `there is no event "${event}" in the log (logs.events in deploy/metrics.yaml)`),
  ];
}

function alertProblems(
  path: string,
  { alert, labels = {}, annotations = {} }: Rule,
  files: Files,
  boards: readonly { board: Board }[],
): string[] {
  const { summary, description, runbook_url: runbook, dashboard } = annotations;
  const problems: string[] = [];
  if (!['page', 'ticket'].includes(labels.severity ?? ''))
    problems.push('its severity is neither page nor ticket');
  if (!summary || !description) problems.push('it needs a summary and a description');
  if (!runbook) problems.push('it has no runbook_url');
  else if (!files.has(runbook)) problems.push(`its runbook ${runbook} does not exist`);
  else if (!files.get(runbook)?.includes(`\`${alert}\``))
    problems.push(`its runbook ${runbook} does not name it`);
  const uid = /^\/d\/([\w-]+)(\?|$)/.exec(dashboard ?? '')?.[1];
  if (!boards.some(({ board }) => board.uid === uid))
    problems.push(`its dashboard ${dashboard} does not exist`);
  return problems.map((problem) => `${path}: ${alert}: ${problem}`);
}

/** Each runbook is reached from an alert or from the page of one, and from the index. */
function runbookProblems(rules: readonly { rule: Rule }[], files: Files): string[] {
  const linked = new Set(rules.map(({ rule }) => rule.annotations?.runbook_url));
  const leads = (path: string) =>
    [...linked].some((page) => files.get(page ?? '')?.includes(`](${path.slice(RUNBOOKS.length)})`));
  const index = files.get(`${RUNBOOKS}README.md`) ?? '';
  return [...files.keys()]
    .filter((path) => path.startsWith(RUNBOOKS) && path !== `${RUNBOOKS}README.md`)
    .flatMap((path) => [
      ...(linked.has(path) || leads(path) ? [] : [`${path}: no alert leads here`]),
      ...(index.includes(`(${path.slice(RUNBOOKS.length)})`)
        ? []
        : [`${path}: ${RUNBOOKS}README.md does not link it`]),
    ]);
}
