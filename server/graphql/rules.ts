import { depthLimit } from '@graphile/depth-limit';
import {
  GraphQLError,
  getNamedType,
  isIntrospectionType,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
} from 'postgraphile/graphql';
import { rewrite } from './rewrite.ts';
import { sizeOf } from './size.ts';
import { plainSubscriptions } from './subscription.ts';

/**
 * Fields of one operation that may carry an alias: an alias is how one document asks the same thing a
 * thousand times.
 */
const maximumAliases = 30;

/** Fields at the root of one operation: each takes a statement, and a connection while it runs. */
const maximumRootFields = 20;

/** Fields of one operation. The query by which explorers read the schema has 230. */
const maximumFields = 500;

/** Refuses operations with too many aliases, fields, or fields at the root, fragments counted where they are spread. */
const breadthLimit: ValidationRule = (context) => ({
  OperationDefinition(node) {
    const { fields, aliases, rootFields } = sizeOf(context.getDocument(), node);
    const refuse = (count: string): void =>
      context.reportError(
        new GraphQLError(`The operation has more than ${count}, fragments included.`, { nodes: node }),
      );
    if (rootFields > maximumRootFields) refuse(`${maximumRootFields} fields at its root`);
    if (aliases > maximumAliases) refuse(`${maximumAliases} aliases`);
    if (fields > maximumFields) refuse(`${maximumFields} fields`);
  },
});

/** The specification leaves it to execution to find out. */
const knownOperations: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    const message = `There are no operations of the kind ${node.operation}.`;
    context.reportError(new GraphQLError(message, { nodes: node }));
  },
});

const noIntrospection: ValidationRule = (context) => ({
  Field(node) {
    const [type, parent] = [context.getType(), context.getParentType()];
    // Once, and not for each field beneath.
    if (!type || !isIntrospectionType(getNamedType(type)) || (parent && isIntrospectionType(parent))) return;
    context.reportError(
      new GraphQLError('The schema is not told here.', {
        nodes: node,
        extensions: {
          code: 'introspection_disabled',
          remedy: 'Read docs/schema.graphql, or ask a server with GRAPHQL_INTROSPECTION=true.',
        },
      }),
    );
  },
});

/** The code of an operation that goes past a limit, whichever: as that of one which costs too much (execution.ts). */
const tooLarge = { code: 'too_large', remedy: 'Ask for less at once.' };

/**
 * The rules that a document must keep: the specification's and our limits. `suggests` allows introspection and "Did you
 * mean", which tell names of the schema.
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
  ].map((rule) => reporting(rule, (error) => rewrite(error, error.message, tooLarge)));
  const rules = [...specifiedRules, knownOperations, plainSubscriptions, ...limits];
  if (suggests) return rules;
  return [...rules.map((rule) => reporting(rule, withoutSuggestion)), noIntrospection];
}

/** The rule, with each of its errors as `tell` makes it. */
function reporting(rule: ValidationRule, tell: (error: GraphQLError) => GraphQLError): ValidationRule {
  return (context: ValidationContext) => {
    const retelling = Object.create(context) as ValidationContext;
    retelling.reportError = (error) => context.reportError(tell(error));
    return rule(retelling);
  };
}

/** The error without its "Did you mean ...?". */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean .*\?$/s, '');
  if (message === error.message) return error;
  return rewrite(error, message, error.extensions);
}
