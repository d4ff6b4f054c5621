import 'postgraphile/graphile-build-pg';
import { type PgResource, type PgSelectStep, pgSelect } from '@dataplan/pg';
import { type ExecutableStep, type FieldArgs, lambda } from 'grafast';
import { extendSchema, gql } from 'postgraphile/utils';
import { idOf } from './feed-cursor.ts';
import { FeedStep } from './feed-steps.ts';
import { forwardSize, maximumPageSize } from './pages.ts';

/**
 * `changeFeed`: the events of the tenant in an order without gaps, for those who poll. What it shows, and in which order, app.change_feed
 * decides; here its rows become a connection. PostGraphile's own connections would not do: the pages of a function are numbered, and the cursor of an
 * order by two columns makes a condition that no index serves.
 */
export const ChangeFeedPlugin: GraphileConfig.Plugin = extendSchema((build) => {
  const resource = (name: string): PgResource => {
    const found = build.input.pgRegistry.pgResources[name];
    if (!found) throw new Error(`there is no function app.${name} that freehold_user may call`);
    return found as PgResource;
  };
  const feed = resource('change_feed');
  const end = resource('change_feed_end');
  const heldSince = resource('change_feed_held_since');

  /** Calls app.change_feed. Its order is written out, so that joins to what belongs to an event cannot change it. */
  const select = (args: Record<string, ExecutableStep>): PgSelectStep => {
    const $select = pgSelect({
      resource: feed,
      identifiers: [],
      hasImplicitOrder: false,
      args: (feed.parameters ?? []).map(({ name, codec }) => ({
        step: args[name ?? ''] as ExecutableStep,
        pgCodec: codec,
      })),
    });
    for (const attribute of ['xid', 'id']) $select.orderBy({ attribute, direction: 'ASC' });
    $select.setOrderIsUnique();
    return $select;
  };

  return {
    typeDefs: gql`
      extend type Query {
        """
        Every event of the tenant, for those who poll, in an order to which nothing is ever added before a cursor: an event is shown once no transaction
        runs that could still write one before it, within milliseconds as a rule.
        """
        changeFeed(
          """Read so many events, at most ${String(maximumPageSize)}. Without it: 50."""
          first: Int

          """Go on after this cursor of the feed. Without it: from the beginning of what the plan keeps in sight."""
          after: Cursor

          """
          Show events of these types alone: exact types, all of an entity (\`invoice.*\`), or \`*\`. The page still spans \`first\` events, so it may show fewer,
          or none, although there are more.
          """
          types: [String!]
        ): ChangeFeedConnection
      }

      """A page of the change feed."""
      type ChangeFeedConnection {
        """The events, in order."""
        nodes: [Event!]!

        """The events, each with its cursor."""
        edges: [ChangeFeedEdge!]!

        """Where to go on: \`endCursor\`, which is the cursor that was given when there is nothing new."""
        pageInfo: PageInfo!

        """The cursor of now: start after it to be told only of what happens from now on. Null while the feed shows nothing."""
        latestCursor: Cursor

        """Time of the first event that waits to be shown, because an older transaction still runs; null when none does."""
        heldBackSince: Datetime
      }

      """An event in the change feed."""
      type ChangeFeedEdge {
        """Go on after this event."""
        cursor: Cursor!

        """The event."""
        node: Event!
      }
    `,
    objects: {
      Query: {
        plans: {
          changeFeed(_$root: ExecutableStep, args: FieldArgs) {
            const $after = args.getRaw('after');
            const $size = forwardSize(args.getRaw('first'));
            const $select = select({
              after: lambda($after, idOf),
              first: lambda($size, (size: number) => size + 1),
              types: args.getRaw('types'),
            });
            return new FeedStep({
              $select,
              $size,
              $after,
              $end: () => end.execute([]) as ExecutableStep,
              $heldSince: () => heldSince.execute([]) as ExecutableStep,
            });
          },
        },
      },
    },
  };
}, 'ChangeFeedPlugin');
