import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** An objective of deploy/slo.yaml, as the rules and dashboards need it. */
export interface Slo {
  /** RFC 1123: the label `slo`, and the name of its runbook. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly service: string;
  /** Share that is good, 0.995. */
  readonly target: number;
  /** Share that may be bad, 0.005. */
  readonly budget: number;
  /** Selectors of counters: good ones, and all that count. */
  readonly good: string;
  readonly total: string;
  /** With fewer in the short window of an alert, it does not fire. */
  readonly minimumRequests: number;
}

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no RFC 1123 name');
/** A counter with its matchers, and nothing around them: the rules rate and sum it over windows of theirs. */
const selector = z
  .string()
  .regex(
    /^[a-zA-Z_:][\w:]*(\{[^{}[\]]*("[^"]*"[^{}[\]"]*)*\})?$/,
    'must be a counter with its matchers, without functions',
  );
const metric = z.strictObject({
  metricSource: z.strictObject({
    type: z.literal('Prometheus'),
    spec: z.strictObject({ query: selector }),
  }),
});
const header = <K extends string>(kind: K) => ({
  apiVersion: z.literal('openslo/v1'),
  kind: z.literal(kind),
});

const minimumRequests = 'freehold.dev/minimum-requests';

const service = z.strictObject({
  ...header('Service'),
  metadata: z.strictObject({ name, displayName: z.string().min(1) }),
  spec: z.strictObject({ description: z.string().max(1050) }),
});

/** The part of OpenSLO v1 that the rules know how to compute; anything else is refused rather than ignored. */
const slo = z.strictObject({
  ...header('SLO'),
  metadata: z.strictObject({
    name,
    displayName: z.string().min(1),
    annotations: z.strictObject({ [minimumRequests]: z.string().regex(/^[1-9]\d*$/) }),
  }),
  spec: z.strictObject({
    description: z.string().max(1050),
    service: name,
    indicator: z.strictObject({
      metadata: z.strictObject({ name }),
      spec: z.strictObject({
        ratioMetric: z.strictObject({ counter: z.literal(true), good: metric, total: metric }),
      }),
    }),
    // The windows and burn rates of the alerts are those of a month.
    timeWindow: z.tuple([z.strictObject({ duration: z.literal('30d'), isRolling: z.literal(true) })]),
    budgetingMethod: z.literal('Occurrences'),
    objectives: z.tuple([z.strictObject({ displayName: z.string().min(1), target: z.number().gt(0).lt(1) })]),
  }),
});

/**
 * Reads the documents of deploy/slo.yaml.
 * @throws with the path of whatever is not as the rules need it
 */
export function readSlos(text: string): Slo[] {
  const documents = parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return parseDocument(document.toJS());
  });
  const services = new Set(
    documents.flatMap((document) => (document.kind === 'Service' ? [document.metadata.name] : [])),
  );
  const slos = documents.flatMap((document) => (document.kind === 'SLO' ? [toSlo(document)] : []));
  for (const { name: slo, service: of } of slos) {
    if (!services.has(of))
      throw new Error(`the SLO ${slo} is of the service ${of}, which no document declares`);
  }
  const names = slos.map((one) => one.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice) throw new Error(`the SLO ${twice} is declared twice`);
  return slos;
}

function parseDocument(value: unknown) {
  const parsed = z.discriminatedUnion('kind', [service, slo]).safeParse(value);
  if (parsed.success) return parsed.data;
  const of =
    (value as { metadata?: { name?: string } } | null)?.metadata?.name ?? 'a document without a name';
  throw new Error(
    `${of}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
  );
}

function toSlo({ metadata, spec }: z.infer<typeof slo>): Slo {
  const [{ target }] = spec.objectives;
  const { good, total } = spec.indicator.spec.ratioMetric;
  return {
    name: metadata.name,
    displayName: metadata.displayName,
    description: spec.description,
    service: spec.service,
    target,
    // 1 - 0.995 is 0.0050000000000000044
    budget: Number((1 - target).toPrecision(10)),
    good: good.metricSource.spec.query,
    total: total.metricSource.spec.query,
    minimumRequests: Number(metadata.annotations[minimumRequests]),
  };
}
