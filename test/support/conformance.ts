import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument } from '../../server/rest/openapi/document.ts';

/** An answer, as it came. */
export interface Answered {
  readonly method: string;
  /** Without the mount and the query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

interface Described {
  readonly responses: Record<string, { $ref?: string; content?: Record<string, unknown> }>;
}

/** Holds answers against an OpenAPI document. @returns what the document does not say; undefined when it says all */
export type Conforms = (answer: Answered) => string | undefined;

/** Statuses of the protocol itself, which no operation lists: nothing is there, or not for this method. */
const ofProtocol = new Set([404, 405, 400]);

export function createConformance(document: OpenApiDocument): Conforms {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('int32', true);
  ajv.addFormat('int64', true);
  ajv.addSchema(document, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const validate = (pointer: string, body: unknown): string | undefined => {
    let check = compiled.get(pointer);
    if (!check) {
      check = ajv.compile({ $ref: `api#${pointer}` });
      compiled.set(pointer, check);
    }
    return check(body) ? undefined : ajv.errorsText(check.errors);
  };
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}/?$`),
    braces: template.split('{').length,
  }));
  // what is written out comes before what is a parameter
  templates.sort((a, b) => a.braces - b.braces);
  return ({ method, path, status, contentType, body }) => {
    const found = templates.find(({ pattern }) => pattern.test(path));
    const operation =
      found && (document.paths[found.template]?.[method.toLowerCase()] as Described | undefined);
    if (!operation) {
      if (method === 'HEAD' || method === 'OPTIONS') return undefined;
      return ofProtocol.has(status)
        ? validate('/components/schemas/Problem', body)
        : `${status}: there is no such operation`;
    }
    const response = operation.responses[status];
    if (!response) return `status ${status} is not described`;
    const name = response.$ref?.split('/').at(-1);
    const shared = document.components.responses as Record<string, { content?: Record<string, unknown> }>;
    const content = name ? shared[name]?.content : response.content;
    if (!content) return body === undefined ? undefined : 'a body is not described';
    if (body === undefined) return 'the body is missing';
    const type = contentType ?? '';
    if (!(type in content)) return `content type ${type} is not described`;
    if (!/json/.test(type)) return undefined;
    const at = name
      ? `/components/responses/${name}`
      : `/paths/${escaped(found.template)}/${method.toLowerCase()}/responses/${status}`;
    return validate(`${at}/content/${escaped(type)}/schema`, body);
  };
}

const escaped = (key: string): string => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
