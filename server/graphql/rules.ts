import { depthLimit } from '@graphile/depth-limit';
import {
  GraphQLError,
  Kind,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
} from 'postgraphile/graphql';
import { rewrite } from './rewrite.ts';

/**
 * Fields of one operation that may carry an alias: an alias is how one document asks the same thing a
 * thousand times.
 */
const maximumAliases = 30;

/** Fields at the root of one operation: each takes a statement, and a connection while it runs. */
const maximumRootFields = 20;

/** Refuses documents with too many aliases or root fields. */
const breadthLimit: ValidationRule = (context) => {
  let aliases = 0;
  return {
    Field(node) {
      if (node.alias && ++aliases === maximumAliases + 1) {
        context.reportError(
          new GraphQLError(`The document has more than ${maximumAliases} aliases.`, { nodes: node }),
        );
      }
    },
    OperationDefinition(node) {
      let fields = 0;
      for (const selection of node.selectionSet.selections) {
        // A fragment at the root is counted by what it holds.
        fields +=
          selection.kind === Kind.FIELD
            ? 1
            : selection.kind === Kind.INLINE_FRAGMENT
              ? selection.selectionSet.selections.length
              : (context.getFragment(selection.name.value)?.selectionSet.selections.length ?? 0);
      }
      if (fields > maximumRootFields) {
        context.reportError(
          new GraphQLError(`The operation has more than ${maximumRootFields} fields at its root.`, {
            nodes: node,
          }),
        );
      }
    },
  };
};

/**
 * The rules that a document must keep: the specification's and our limits. `suggests` allows "Did you mean",
 * which tells names of the schema.
 */
export function validationRules(suggests: boolean): ValidationRule[] {
  const limits = [
    depthLimit({
      maxDepth: 12,
      maxListDepth: 4,
      maxSelfReferentialDepth: 2,
      // What the introspection query of GraphQL.js needs, which explorers and code generators send.
      maxIntrospectionDepth: 14,
      maxDepthByFieldCoordinates: { '__Type.ofType': 9 },
      revealDetails: true,
    }),
    breadthLimit,
  ];
  const rules = [...specifiedRules, ...limits];
  return suggests ? rules : rules.map(withoutSuggestions);
}

function withoutSuggestions(rule: ValidationRule): ValidationRule {
  return (context: ValidationContext) => {
    const quiet = Object.create(context) as ValidationContext;
    quiet.reportError = (error) => context.reportError(withoutSuggestion(error));
    return rule(quiet);
  };
}

/** The error without its "Did you mean ...?". */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean .*\?$/s, '');
  if (message === error.message) return error;
  return rewrite(error, message, error.extensions);
}
