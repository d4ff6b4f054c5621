import type { WithPgClient } from '@dataplan/pg';
import { context, lambda, type Step } from 'grafast';
import { extendSchema, gql } from 'postgraphile/utils';

/** Project.popularity: a statement for each project. See bad-plugin.ts. */
export const onceForEachRow = extendSchema({
  typeDefs: gql`
    extend type Project {
      popularity: Int
    }
  `,
  objects: {
    Project: {
      plans: {
        popularity($project: Step & { get(name: string): Step }) {
          const $withPgClient = context().get('withPgClient') as Step<WithPgClient>;
          return lambda([$project.get('id'), $withPgClient], async ([id, withPgClient]) => {
            const { rows } = await (withPgClient as WithPgClient)(null, (client) =>
              client.query<unknown[]>({
                text: 'select count(*)::int from app.event where entity_id = $1',
                values: [id as string],
                arrayMode: true,
                name: 'popularity',
              }),
            );
            return (rows[0] as unknown[] | undefined)?.[0] ?? 0;
          });
        },
      },
    },
  },
});
