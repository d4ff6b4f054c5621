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

/**
 * Documents kept at most. One of a usual size holds 0.3 to 0.4 MB with its plan, and the largest that the rules allow 4 MB (measured: 20
 * connections, 480 fields): whatever a client sends, 400 MB (RSS stays at 0.9 GB through 600 such documents; unbounded it grew by 4 MB with each). What is not kept is planned again, 5 to 40 ms.
 */
export const maximumDocuments = 100;

/** Parser and validator go down by recursion, and a text of 20 kB can be deeper than the stack. */
const tooDeep: Prepared = {
  errors: documentErrors([new GraphQLError('The document is nested too deeply.')]),
};

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
      if (error instanceof RangeError) return tooDeep;
      throw error;
    }
    try {
      const errors = validate(this.#schema, document, this.#rules, { maxErrors: 20 });
      return errors.length > 0 ? { errors: documentErrors(errors) } : { document };
    } catch (error) {
      if (error instanceof RangeError) return tooDeep;
      throw error;
    }
  }
}
