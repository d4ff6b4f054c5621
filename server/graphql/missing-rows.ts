import 'postgraphile/graphile-build-pg';
import { type ObjectStep, SafeError, sideEffect } from 'grafast';

/** SQLSTATE of "not found"; its code, message and remedy are in platform.error. */
const notFoundState = 'ZF004';

/** A row that the caller does not see, or that does not exist: the caller cannot tell which. */
class RowNotFoundError extends SafeError {
  readonly sqlstate = notFoundState;

  constructor() {
    super('There is no such resource.');
  }
}

/** An update that reaches no row is an error. PostGraphile answers null, which looks like success. */
export const MissingRowsPlugin: GraphileConfig.Plugin = {
  name: 'MissingRowsPlugin',
  version: '1.0.0',
  schema: {
    hooks: {
      GraphQLObjectType_fields_field(field, _build, { scope }) {
        const plan = field.plan;
        if (!scope.isPgUpdateMutation || !plan) return field;
        field.plan = (parent, args, info) => {
          const $payload = plan(parent, args, info) as unknown as ObjectStep;
          sideEffect($payload.getStepForKey('result'), (row: unknown) => {
            if (row == null) throw new RowNotFoundError();
          });
          return $payload as never;
        };
        return field;
      },
    },
  },
};
