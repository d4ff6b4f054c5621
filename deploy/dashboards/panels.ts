/*
 * The parts of a Grafana dashboard that ours consist of, so that they look alike and can be read: a title, a unit, queries.
 */
export interface Query {
  readonly expr: string;
  /** {{label}} shows its value. */
  readonly legend: string;
}

interface Look {
  /** Of 24 columns. */
  readonly width?: number;
  readonly height?: number;
  /** What a reader might misread. */
  readonly description?: string;
  readonly stacked?: boolean;
  /** From here on it is red. */
  readonly alarm?: number;
}

/** Grafana's names. */
type Unit = 's' | 'ms' | 'reqps' | 'ops' | 'short' | 'percentunit';

interface Panel {
  readonly width: number;
  readonly height: number;
  readonly json: Record<string, unknown>;
}

const prometheus = { type: 'prometheus', uid: 'prometheus' };
const loki = { type: 'loki', uid: 'loki' };

const targets = (datasource: typeof loki, queries: readonly Query[], more: object = {}) =>
  queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat: legend,
    ...more,
  }));

const thresholds = (alarm: number | undefined) => ({
  mode: 'absolute',
  steps: [{ color: 'green', value: null }, ...(alarm === undefined ? [] : [{ color: 'red', value: alarm }])],
});

function graph(
  datasource: typeof loki,
  title: string,
  unit: Unit,
  queries: readonly Query[],
  look: Look,
): Panel {
  const { width = 12, height = 8, description, stacked = false, alarm } = look;
  return {
    width,
    height,
    json: {
      type: 'timeseries',
      title,
      ...(description && { description }),
      datasource,
      fieldConfig: {
        defaults: {
          unit,
          min: 0,
          custom: {
            fillOpacity: stacked ? 30 : 0,
            stacking: { mode: stacked ? 'normal' : 'none' },
            thresholdsStyle: { mode: alarm === undefined ? 'off' : 'line' },
          },
          thresholds: thresholds(alarm),
        },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
      targets: targets(datasource, queries),
    },
  };
}

/** Curves over time. */
export const curves = (title: string, unit: Unit, queries: readonly Query[], look: Look = {}): Panel =>
  graph(prometheus, title, unit, queries, look);

/** Curves over time, of what the log says. */
export const logCurves = (title: string, unit: Unit, queries: readonly Query[], look: Look = {}): Panel =>
  graph(loki, title, unit, queries, look);

/** One number for each series, as it is now. */
export function figure(title: string, unit: Unit, queries: readonly Query[], look: Look = {}): Panel {
  const { width = 6, height = 4, description, alarm } = look;
  return {
    width,
    height,
    json: {
      type: 'stat',
      title,
      ...(description && { description }),
      datasource: prometheus,
      fieldConfig: { defaults: { unit, thresholds: thresholds(alarm) }, overrides: [] },
      options: { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'value_and_name', colorMode: 'value' },
      targets: targets(prometheus, queries),
    },
  };
}

/** The labels of what a query gives now, a row each. */
export function rows(title: string, expr: string, look: Look = {}): Panel {
  const { width = 12, height = 8, description } = look;
  return {
    width,
    height,
    json: {
      type: 'table',
      title,
      ...(description && { description }),
      datasource: prometheus,
      fieldConfig: { defaults: {}, overrides: [] },
      options: { showHeader: true },
      targets: targets(prometheus, [{ expr, legend: '' }], { instant: true, format: 'table' }),
      transformations: [{ id: 'organize', options: { excludeByName: { Time: true, Value: true } } }],
    },
  };
}

/** Lines of the log, the newest first. */
export function lines(title: string, expr: string, look: Look = {}): Panel {
  const { width = 24, height = 10, description } = look;
  return {
    width,
    height,
    json: {
      type: 'logs',
      title,
      ...(description && { description }),
      datasource: loki,
      options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending' },
      targets: targets(loki, [{ expr, legend: '' }]),
    },
  };
}

interface Variable {
  readonly name: string;
  readonly label: string;
  /** PromQL of what may be chosen; without, it is typed in. */
  readonly query?: string;
  readonly value: string;
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** What it looks back on at first: now-6h. */
  readonly from: string;
  readonly variables?: readonly Variable[];
  readonly panels: readonly Panel[];
}

/** The JSON that Grafana provisions. Panels stand from left to right, and begin a new line where they find no room. */
export function dashboardJson({ uid, title, description, from, variables = [], panels }: Dashboard): string {
  let [x, y, tallest] = [0, 0, 0];
  const placed = panels.map(({ width, height, json }, index) => {
    if (x + width > 24) [x, y, tallest] = [0, y + tallest, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    tallest = Math.max(tallest, height);
    return { id: index + 1, gridPos, ...json };
  });
  const board = {
    uid,
    title,
    description,
    tags: ['freehold'],
    schemaVersion: 41,
    editable: false,
    refresh: '30s',
    time: { from, to: 'now' },
    timezone: 'utc',
    graphTooltip: 1,
    links: [
      {
        type: 'dashboards',
        title: 'Freehold',
        tags: ['freehold'],
        asDropdown: true,
        keepTime: true,
        includeVars: false,
      },
    ],
    templating: { list: variables.map(variableJson) },
    panels: placed,
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}

function variableJson({ name, label, query, value }: Variable) {
  const common = { name, label, hide: 0, current: { text: value, value } };
  if (query === undefined)
    return { ...common, type: 'textbox', query: value, options: [{ text: value, value, selected: true }] };
  return {
    ...common,
    type: 'query',
    datasource: prometheus,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
  };
}
