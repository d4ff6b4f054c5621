import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type ValidationRule,
  validate,
} from 'postgraphile/graphql';
import { documentErrors } from './execution.ts';

/** A document that may run, or the reasons why not. */
export type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Documents kept at most. One with its plan holds 0.3 to 0.4 MB: 200 are 80 MB. */
export const maximumDocuments = 200;

/**
 * Parses and validates each document once. Keeping the node matters more than the parsing: grafast finds its
 * plan by it. Only documents that are valid are kept, so that wrong ones cannot push them out.
 */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #rules: readonly ValidationRule[];
  readonly #known = new Map<string, Prepared>();

  constructor(schema: GraphQLSchema, rules: readonly ValidationRule[]) {
    this.#schema = schema;
    this.#rules = rules;
  }

  prepare(source: string): Prepared {
    const known = this.#known.get(source);
    if (known) {
      this.#known.delete(source);
      this.#known.set(source, known);
      return known;
    }
    const prepared = this.#check(source);
    if ('document' in prepared) {
      this.#known.set(source, prepared);
      if (this.#known.size > maximumDocuments) {
        for (const oldest of this.#known.keys()) {
          this.#known.delete(oldest);
          break;
        }
      }
    }
    return prepared;
  }

  #check(source: string): Prepared {
    let document: DocumentNode;
    try {
      document = parse(source, { maxTokens: 10_000 });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: documentErrors([error]) };
      throw error;
    }
    const errors = validate(this.#schema, document, this.#rules, { maxErrors: 20 });
    return errors.length > 0 ? { errors: documentErrors(errors) } : { document };
  }
}
