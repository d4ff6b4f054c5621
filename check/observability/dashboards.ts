interface Target {
  expr?: string;
  query?: string;
}
interface Panel {
  title?: string;
  datasource?: { uid?: string };
  targets?: Target[];
  panels?: Panel[];
}

/** The part of a Grafana dashboard that names metrics. */
export interface Board {
  readonly uid: string;
  readonly panels: Panel[];
  readonly templating?: {
    list: {
      name: string;
      type: string;
      datasource?: { uid?: string };
      query?: string | { query?: string };
    }[];
  };
}

interface BoardQuery {
  readonly title: string;
  readonly language: 'promql' | 'logql';
  readonly query: string;
}

/** Every query of a dashboard: those of its panels, and of its variables, label_values(metric{…}, label) read as a grouping by it. */
export function boardQueries(board: Board): BoardQuery[] {
  const panels = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const fromPanels = panels.flatMap((panel) =>
    (panel.targets ?? []).flatMap(({ expr }) =>
      expr === undefined
        ? []
        : [{ title: panel.title ?? 'a panel', language: languageOf(panel.datasource?.uid), query: expr }],
    ),
  );
  const variables = (board.templating?.list ?? []).flatMap(({ name, type, datasource, query }) => {
    if (type !== 'query') return [];
    const text = typeof query === 'string' ? query : (query?.query ?? '');
    const [, selector, label] = /^label_values\((.+),\s*(\w+)\)$/.exec(text) ?? [];
    const promql = selector === undefined ? text : `count by (${label}) (${selector})`;
    return [{ title: `variable ${name}`, language: languageOf(datasource?.uid), query: promql }];
  });
  return [...fromPanels, ...variables];
}

function languageOf(uid: string | undefined): BoardQuery['language'] {
  if (uid === 'loki') return 'logql';
  if (uid === 'prometheus') return 'promql';
  throw new Error(`a panel asks the datasource ${uid}: it is neither prometheus nor loki`);
}
