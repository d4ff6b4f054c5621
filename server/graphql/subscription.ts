import 'postgraphile/graphile-build-pg';
import {
  type ArgumentNode,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValidationRule,
} from 'postgraphile/graphql';
import { extendSchema, gql } from 'postgraphile/utils';

/** The domain has a type called Subscription. */
export const subscriptionRoot = 'SubscriptionRoot';

/**
 * `subscription { event }`: the change feed as it grows. Its selection is that of an edge of the feed, so that a frontend reads what was and what comes with one
 * fragment; and so that it can be run as a page of the feed, as the caller, in one statement for many events (pageOf).
 */
export const SubscriptionTypePlugin: GraphileConfig.Plugin = extendSchema(
  () => ({
    typeDefs: gql`
      extend type SubscriptionRoot {
        """
        Events of the tenant as they are recorded, in the order of \`changeFeed\` and without gaps, as server-sent events (docs/graphql.md).
        Permission: event:read.
        """
        event(
          """Go on after this cursor. Without it: what happens from now on."""
          after: Cursor

          """Events of these types alone: exact types, all of an entity (\`invoice.*\`), or \`*\`."""
          types: [String!]
        ): ChangeFeedEdge!
      }
    `,
  }),
  'SubscriptionTypePlugin',
);

/**
 * Refuses what a stream of one field cannot be: fragments and directives at the root, which could leave nothing of it or more, and the names by which
 * it is asked for besides.
 */
export const plainSubscriptions: ValidationRule = (context) => {
  const subscribes = context
    .getDocument()
    .definitions.some((its) => its.kind === Kind.OPERATION_DEFINITION && its.operation === 'subscription');
  if (!subscribes) return {};
  const refuse = (message: string, node: ASTNode): void =>
    context.reportError(new GraphQLError(message, { nodes: node }));
  const refuseTaken = (node: NameNode | undefined): void => {
    if (node && taken.has(node.value)) refuse(`The name ${node.value} is taken in a subscription.`, node);
  };
  return {
    OperationDefinition(node) {
      if (node.operation !== 'subscription') return;
      const [root, ...more] = node.selectionSet.selections;
      if (root?.kind === Kind.FIELD && !root.directives?.length && more.length === 0) return;
      refuse('A subscription has one field at its root, without a fragment or a directive.', node);
    },
    VariableDefinition: ({ variable }) => refuseTaken(variable.name),
    Field: ({ alias }) => refuseTaken(alias),
  };
};

/** Events of a page at most. */
const pageSize = 50;

/** What the page is asked for besides what the client wants. */
export const names = { after: 'freeholdAfter', cursor: 'freeholdCursor', written: 'freeholdWritten' };

const taken: ReadonlySet<string> = new Set(Object.values(names));

/** A subscription as a query for one page of the feed. */
export interface FeedPage {
  readonly document: DocumentNode;
  /** The field as the client wrote it. */
  readonly field: FieldNode;
  /** By which name the client knows it. */
  readonly responseName: string;
}

const pages = new WeakMap<OperationDefinitionNode, FeedPage>();

/** Made once for each document, for grafast finds its plan by the node. */
export function pageOf(document: DocumentNode, operation: OperationDefinitionNode): FeedPage {
  let page = pages.get(operation);
  if (!page) {
    page = makePage(document, operation);
    pages.set(operation, page);
  }
  return page;
}

function makePage(document: DocumentNode, operation: OperationDefinitionNode): FeedPage {
  const field = operation.selectionSet.selections[0] as FieldNode;
  const edge: SelectionNode[] = [
    ...(field.selectionSet?.selections ?? []),
    aliased(names.cursor, 'cursor'),
    aliased(names.written, 'node', [select('occurredAt')]),
  ];
  const after = { kind: Kind.VARIABLE, name: name(names.after) } as const;
  const feed: FieldNode = {
    ...select('changeFeed', [
      select('edges', edge),
      select('pageInfo', [select('endCursor'), select('hasNextPage')]),
    ]),
    arguments: [
      argument('first', { kind: Kind.INT, value: String(pageSize) }),
      argument('after', after),
      ...(field.arguments ?? []).filter((its) => its.name.value === 'types'),
    ],
  };
  const query: OperationDefinitionNode = {
    ...operation,
    operation: 'query' as OperationDefinitionNode['operation'],
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      {
        kind: Kind.VARIABLE_DEFINITION,
        variable: after,
        type: { kind: Kind.NAMED_TYPE, name: name('Cursor') },
      },
    ],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [feed] },
  };
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return {
    document: { kind: Kind.DOCUMENT, definitions: [query, ...fragments] },
    field,
    responseName: field.alias?.value ?? field.name.value,
  };
}

const name = (value: string): NameNode => ({ kind: Kind.NAME, value });

const argument = (its: string, value: ArgumentNode['value']): ArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: name(its),
  value,
});

const select = (field: string, selections?: readonly SelectionNode[]): FieldNode => ({
  kind: Kind.FIELD,
  name: name(field),
  ...(selections && { selectionSet: { kind: Kind.SELECTION_SET, selections } }),
});

const aliased = (alias: string, field: string, selections?: readonly SelectionNode[]): FieldNode => ({
  ...select(field, selections),
  alias: name(alias),
});
