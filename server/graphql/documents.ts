import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type ValidationRule,
  validate,
} from 'postgraphile/graphql';
import { Failure } from '../../runtime/failure.ts';
import { documentErrors } from './execution.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** A document that may run, or the reasons why not. */
export type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** How a request names its document: by its text, or by the SHA-256 of one that is trusted. */
export interface DocumentSource {
  readonly query?: string | undefined;
  readonly documentId?: string | undefined;
  /** The request is one of Apollo's, whose clients know an answer by its message. */
  readonly apollo?: boolean | undefined;
}

export interface TrustSettings {
  /** The file of trusted documents. */
  readonly documents?: string | undefined;
  /** No others are run. */
  readonly trustedOnly: boolean;
}

/**
 * Documents kept at most, besides those that are trusted. One of a usual size holds 0.3 to 0.4 MB with its plan, and the largest that the rules allow 4 MB (measured: 20
 * connections, 480 fields): whatever a client sends, 400 MB (RSS stays at 0.9 GB through 600 such documents; unbounded it grew by 4 MB with each). What is not kept is planned again, 5 to 40 ms.
 */
const maximumDocuments = 100;

/** Parser and validator go down by recursion, and a text of 20 kB can be deeper than the stack. */
const tooDeep: Prepared = {
  errors: documentErrors([new GraphQLError('The document is nested too deeply.')]),
};

const refused = (code: string, message: string, remedy: string): Prepared => ({
  errors: [new GraphQLError(message, { extensions: { code, remedy } })],
});

const notTrusted = refused(
  'document_not_trusted',
  'This server runs trusted documents alone.',
  'Send the documentId of a document that was deployed with the server.',
);
const unknownRemedy = 'Deploy the document with the server, or send its text.';
const unknown = refused('unknown_document', 'There is no trusted document with this id.', unknownRemedy);
/** What makes Apollo's clients send the text: https://www.apollographql.com/docs/apollo-server/performance/apq */
const unknownToApollo = refused('unknown_document', 'PersistedQueryNotFound', unknownRemedy);

/**
 * Parses and validates each document once. Keeping the node matters more than the parsing: grafast finds its
 * plan by it. Only documents that are valid are kept, so that wrong ones cannot push them out.
 */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #rules: readonly ValidationRule[];
  readonly #known = new Map<string, Prepared>();
  readonly #trusted: ReadonlyMap<string, Prepared>;
  /** By their text: who sends that has sent nothing else. */
  readonly #trustedTexts: ReadonlyMap<string, Prepared>;
  readonly #trustedOnly: boolean;

  /** @throws Failure with all that is wrong with the trusted documents */
  constructor(schema: GraphQLSchema, rules: readonly ValidationRule[], trust?: TrustSettings) {
    this.#schema = schema;
    this.#rules = rules;
    this.#trustedOnly = trust?.trustedOnly ?? false;
    const problems: string[] = [];
    const manifest: Manifest = trust?.documents ? readManifest(trust.documents, problems) : new Map();
    const prepared = [...manifest].map(([id, text]) => ({ id, text, its: this.#check(text) }));
    for (const { id, its } of prepared) {
      for (const error of 'errors' in its ? its.errors : []) problems.push(`${id}: ${error.message}`);
    }
    if (problems.length > 0) {
      throw new Failure(
        'untrustworthy_documents',
        `GRAPHQL_DOCUMENTS: ${trust?.documents} has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}: ${problems.join('; ')}.`,
        'Write the file anew from documents that fit this schema.',
      );
    }
    this.#trusted = new Map(prepared.map(({ id, its }) => [id, its]));
    this.#trustedTexts = new Map(prepared.map(({ text, its }) => [text, its]));
  }

  /** How many plans are worth keeping. */
  get size(): number {
    return this.#trusted.size + (this.#trustedOnly ? 0 : maximumDocuments);
  }

  prepare({ query, documentId, apollo }: DocumentSource): Prepared {
    const trusted = documentId === undefined ? undefined : this.#trusted.get(documentId);
    if (trusted) return trusted;
    if (query === undefined) return apollo ? unknownToApollo : unknown;
    const known = this.#trustedTexts.get(query);
    if (known) return known;
    return this.#trustedOnly ? notTrusted : this.#prepareText(query);
  }

  #prepareText(source: string): Prepared {
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
      // graphql 16 throws for a variable in @skip at the root of a subscription.
      if (error instanceof GraphQLError) return { errors: documentErrors([error]) };
      if (error instanceof RangeError) return tooDeep;
      throw error;
    }
  }
}
