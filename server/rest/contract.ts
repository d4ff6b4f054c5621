import type { Pool } from 'pg';

/** JSON Schema (2020-12), as the database derives it from types, checks and comments. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A column of a resource. `filter` and `sort`: an index serves it under row-level security. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: boolean;
  readonly filter: boolean;
  readonly sort: boolean;
  readonly create: boolean;
  readonly edit: boolean;
  readonly schema: JsonSchema;
}

/** What a resource refers to: `lead` by `lead_id`. `reverse`: what its rows are called beneath that resource. */
export interface Reference {
  readonly name: string;
  readonly column: string;
  readonly resource: string;
  readonly reverse: string | null;
}

export interface Resource {
  readonly name: string;
  readonly schema: string;
  /** What one of it is called: project. */
  readonly title: string;
  readonly description: string | null;
  readonly entity: string | null;
  /** Roles by command and verb. */
  readonly permissions: Readonly<Record<string, unknown>>;
  /** Changes must say which version they are of. */
  readonly if_match: boolean;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  readonly references: readonly Reference[];
  /** The columns of each constraint of the table, by its name. */
  readonly constraints: Readonly<Record<string, readonly string[] | null>>;
}

export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly description: string | null;
}

/** What a function returns: a resource, a page of one, with what stands beside it; or a value. */
export interface Returned {
  readonly resource?: string;
  readonly page?: string;
  /** Of the composite type, where it is one. */
  readonly name?: string;
  readonly description?: string;
  readonly also?: readonly { readonly name: string; readonly type: string; readonly schema: JsonSchema }[];
  readonly value?: JsonSchema;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A function of the contract, with its route. */
export interface ApiFunction {
  readonly name: string;
  readonly schema: string;
  readonly method: Method;
  /** projects/{id}/archive */
  readonly path: string;
  readonly reads: boolean;
  readonly deprecated: boolean;
  readonly description: string | null;
  readonly arguments: readonly Argument[];
  readonly returns: Returned;
}

/** One version of the contract, whole: what it does not have itself is as in the next newer one. */
export interface Contract {
  /** YYYY-MM-DD */
  readonly version: string;
  readonly deprecatedOn: string | null;
  readonly sunsetOn: string | null;
  readonly description: string | null;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly functions: readonly ApiFunction[];
}

/** A kind of event, for what receivers get. */
export interface EventType {
  readonly type: string;
  readonly entity: string;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** All that the database says of its API. */
export interface Description {
  /** Newest version first. */
  readonly contracts: readonly Contract[];
  readonly eventTypes: readonly EventType[];
}

interface Described {
  version: string;
  deprecated_on: string | null;
  sunset_on: string | null;
  description: string | null;
  resources: Resource[];
  functions: ApiFunction[];
}

/** The contract as the database describes it (platform.describe_api). As freehold_app. */
export async function readDescription(pool: Pool): Promise<Description> {
  const { rows } = await pool.query<{
    described: { versions: Described[] | null; event_types: EventType[] | null };
  }>('select platform.describe_api() as described');
  const { versions, event_types } = rows[0]?.described ?? {};
  const contracts: Contract[] = [];
  let resources: ReadonlyMap<string, Resource> = new Map();
  let functions: ReadonlyMap<string, ApiFunction> = new Map();
  for (const described of versions ?? []) {
    resources = new Map([...resources, ...described.resources.map((own) => [own.name, own] as const)]);
    functions = new Map([...functions, ...described.functions.map((own) => [routeOf(own), own] as const)]);
    contracts.push({
      version: described.version,
      deprecatedOn: described.deprecated_on,
      sunsetOn: described.sunset_on,
      description: described.description,
      resources,
      functions: [...functions.values()].map((own) => withColumns(own, resources)),
    });
  }
  if (contracts.length === 0) throw new Error('the database has no contract: run the migrations');
  return { contracts, eventTypes: event_types ?? [] };
}

const routeOf = ({ method, path }: ApiFunction): string => `${method} ${path}`;

/** An argument that is called like a column of the resource means the same, and says so. */
function withColumns(own: ApiFunction, resources: ReadonlyMap<string, Resource>): ApiFunction {
  const described = [own.path.split('/')[0] ?? '', own.returns.resource ?? ''].flatMap(
    (name) => resources.get(name)?.columns ?? [],
  );
  return {
    ...own,
    arguments: own.arguments.map((argument) => {
      const column = described.find(({ name, type }) => name === argument.name && type === argument.type);
      const schema = { ...(column?.schema ?? argument.schema) };
      if (argument.description) schema.description = argument.description;
      return { ...argument, schema: argument.required ? withoutNull(schema) : schema };
    }),
  };
}

/** A schema of what must be there, of one that may be null. */
export function withoutNull(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.type)) return schema;
  const types = schema.type.filter((type) => type !== 'null');
  return {
    ...schema,
    type: types.length === 1 ? types[0] : types,
    ...(Array.isArray(schema.enum) && { enum: schema.enum.filter((value) => value !== null) }),
  };
}
