import { GraphQLError, type GraphQLErrorExtensions } from 'postgraphile/graphql';

/** The same error at the same place, saying something else. */
export function rewrite(
  error: GraphQLError,
  message: string,
  extensions: GraphQLErrorExtensions,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions,
  });
}
