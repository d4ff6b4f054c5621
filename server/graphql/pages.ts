import 'postgraphile/graphile-build-pg';
import {
  type ConnectionStep,
  ConstantStep,
  constant,
  type ExecutableStep,
  lambda,
  list,
  SafeError,
} from 'grafast';

/** Rows of a page when the request does not say. */
export const defaultPageSize = 50;

/** Rows of a page at most. */
export const maximumPageSize = 100;

/**
 * No list without a limit: `first` is 50 unless `first` or `last` is given, and neither may be above 100.
 * `offset` is left out: the database would read and throw away what it skips; cursors start where they
 * should.
 */
export const PagesPlugin: GraphileConfig.Plugin = {
  name: 'PagesPlugin',
  version: '1.0.0',
  after: ['PgFirstLastBeforeAfterArgsPlugin'],
  schema: {
    hooks: {
      GraphQLObjectType_fields_field_args(args, _build, { scope }) {
        if (!scope.isPgFieldConnection) return args;
        delete args.offset;
        for (const [name, reads] of [
          ['first', 'the first'],
          ['last', 'the last'],
        ] as const) {
          const arg = args[name];
          if (!arg) continue;
          arg.description = `Read ${reads} \`n\` values, at most ${maximumPageSize}. Without \`first\` and \`last\`: the first ${defaultPageSize}.`;
          // Set by the field's plan below, which sees both.
          delete arg.applyPlan;
        }
        return args;
      },
      GraphQLObjectType_fields_field(field, _build, { scope }) {
        const plan = field.plan;
        if (!scope.isPgFieldConnection || !plan) return field;
        field.plan = (parent, args, info) => {
          const $connection = plan(parent, args, info) as unknown as ConnectionStep<
            never,
            never,
            never,
            never
          >;
          // Lists of functions have no order to read backwards.
          const paginatesBackwards = info.field.args.some((arg) => arg.name === 'last');
          const $first = args.getRaw('first') as ExecutableStep;
          const $last = paginatesBackwards ? (args.getRaw('last') as ExecutableStep) : constant(undefined);
          $connection.setFirst(sizeOf($first, $last, firstOf) as never);
          if (paginatesBackwards) $connection.setLast(sizeOf($last, $first, lastOf) as never);
          return $connection as never;
        };
        return field;
      },
    },
  },
};

type Size = number | null | undefined;

/**
 * The step of one argument. What the document says literally is decided while planning, and costs a request
 * nothing.
 */
function sizeOf(
  $own: ExecutableStep,
  $other: ExecutableStep,
  decide: (own: Size, other: Size) => Size,
): ExecutableStep {
  if ($own instanceof ConstantStep && $other instanceof ConstantStep) {
    const own = $own.data as Size;
    const other = $other.data as Size;
    if (isAllowed(own)) return constant(decide(own, other));
  }
  return lambda(list([$own, $other]), ([own, other]) => decide(own as Size, other as Size), true);
}

/** The length of a page that can be read forwards only. */
export function forwardSize($first: ExecutableStep): ExecutableStep<number> {
  return sizeOf($first, constant(undefined), firstOf) as ExecutableStep<number>;
}

function firstOf(first: Size, last: Size): Size {
  return first == null && last == null ? defaultPageSize : checked('first', first);
}

function lastOf(last: Size): Size {
  return checked('last', last);
}

const isAllowed = (size: Size): boolean => size == null || (size >= 0 && size <= maximumPageSize);

function checked(name: string, size: Size): Size {
  if (isAllowed(size)) return size;
  throw new SafeError(`"${name}" must be 0 to ${maximumPageSize}.`, {
    code: 'invalid_argument',
    statusCode: 422,
  });
}
