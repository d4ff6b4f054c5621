import { depthLimit } from '@graphile/depth-limit';
import {
  type ASTNode,
  GraphQLError,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
} from 'postgraphile/graphql';
import { rewrite } from './rewrite.ts';
import { sizeOf } from './size.ts';

/**
 * Fields of one operation that may carry an alias: an alias is how one document asks the same thing a
 * thousand times.
 */
const maximumAliases = 30;

/** Fields at the root of one operation: each takes a statement, and a connection while it runs. */
const maximumRootFields = 20;

/** Fields of one operation. The query by which explorers read the schema has 230. */
const maximumFields = 500;

/** Refuses documents with too many aliases, fields, or fields at the root, and operations that the schema does not have. */
const breadthLimit: ValidationRule = (context) => {
  let aliases = 0;
  const refuse = (message: string, node: ASTNode): void =>
    context.reportError(new GraphQLError(message, { nodes: node }));
  return {
    Field(node) {
      if (node.alias && ++aliases === maximumAliases + 1)
        refuse(`The document has more than ${maximumAliases} aliases.`, node);
    },
    OperationDefinition(node) {
      if (!context.getSchema().getRootType(node.operation))
        refuse(`There are no operations of the kind ${node.operation}.`, node);
      const { fields, rootFields } = sizeOf(context.getDocument(), node);
      if (rootFields > maximumRootFields)
        refuse(`The operation has more than ${maximumRootFields} fields at its root.`, node);
      if (fields > maximumFields)
        refuse(`The operation has more than ${maximumFields} fields, fragments included.`, node);
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
