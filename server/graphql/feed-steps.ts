import { type PgSelectRowsStep, type PgSelectSingleStep, type PgSelectStep, TYPES } from '@dataplan/pg';
import { access, type ExecutableStep, each, lambda, listTransform, object, UnbatchedStep } from 'grafast';
import { sql } from 'postgraphile/pg-sql2';
import { cursorOf } from './feed-cursor.ts';

interface FeedParts {
  /** One row more than the page is long. */
  $select: PgSelectStep;
  /** Length of the page. */
  $size: ExecutableStep<number>;
  /** The cursor that was given. */
  $after: ExecutableStep<string | null | undefined>;
  $end: () => ExecutableStep;
  $heldSince: () => ExecutableStep;
}

/** The change feed as the fields of its type ask for it: what nobody asks for is not read. */
export class FeedStep extends UnbatchedStep<object> {
  static override $$export = { moduleName: '#feed-steps', exportName: 'FeedStep' };
  override isSyncAndSafe = true;
  readonly #parts: FeedParts;
  #page: { $page: FeedPageStep; $rows: FeedRowsStep } | undefined;

  constructor(parts: FeedParts) {
    super();
    this.#parts = parts;
  }

  get(field: string): ExecutableStep {
    switch (field) {
      case 'nodes':
        return this.page().$rows;
      case 'edges':
        return each(this.page().$rows, ($event) =>
          object({
            cursor: lambda(($event as PgSelectSingleStep).get('id'), cursorOf as never, true),
            node: $event,
          }),
        );
      case 'pageInfo': {
        const { $page } = this.page();
        return object({
          startCursor: access($page, 'startCursor'),
          endCursor: access($page, 'endCursor'),
          hasNextPage: access($page, 'hasNextPage'),
          hasPreviousPage: lambda(this.#parts.$after, (after) => after != null, true),
        });
      }
      case 'latestCursor':
        return lambda(this.#parts.$end(), (id) => (id == null ? null : cursorOf(id as string)), true);
      case 'heldBackSince':
        return this.#parts.$heldSince();
      default:
        throw new Error(`the change feed has no ${field}`);
    }
  }

  /** The page is a dependency, so that its error is the feed's own and is told once. */
  page(): { $page: FeedPageStep; $rows: FeedRowsStep } {
    this.#page ??= this.withMyLayerPlan(() => {
      const $read = this.#parts.$select.items() as PgSelectRowsStep;
      const $page = new FeedPageStep($read, this.#parts);
      this.addDependency($page);
      return { $page, $rows: new FeedRowsStep($page, $read) };
    });
    return this.#page;
  }

  override unbatchedExecute(): object {
    return {};
  }
}

interface Read {
  readonly row: unknown;
  readonly id: string;
  readonly wanted: boolean;
}

interface FeedPage {
  /** As the database sent them. */
  readonly rows: readonly unknown[];
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Makes a page of what was read. Events that are not wanted have done their part when the cursor stands behind them. */
class FeedPageStep extends UnbatchedStep<FeedPage> {
  static override $$export = { moduleName: '#feed-steps', exportName: 'FeedPageStep' };
  override isSyncAndSafe = true;
  constructor($read: PgSelectRowsStep, { $select, $size, $after }: FeedParts) {
    super();
    this.addDependency(
      listTransform({
        listStep: $read,
        itemPlanCallback: ($row) => {
          const $event = $row as PgSelectSingleStep;
          // app.change_feed keeps to itself what an event of no wanted type carries
          const wanted = sql`(${$select.alias}.data is not null)`;
          return object({ id: $event.get('id'), wanted: $event.select(wanted, TYPES.boolean) });
        },
        initialState: (): Read[] => [],
        reduceCallback: (read, row, key) => {
          read.push({ row, ...(key as Omit<Read, 'row'>) });
          return read;
        },
      }),
    );
    this.addDependency($size);
    this.addDependency($after);
  }

  override unbatchedExecute(
    _extra: unknown,
    read: readonly Read[],
    size: number,
    after: string | null | undefined,
  ): FeedPage {
    const page = read.slice(0, size);
    const [first, last] = [page.at(0), page.at(-1)];
    return {
      rows: page.filter(({ wanted }) => wanted).map(({ row }) => row),
      startCursor: first ? cursorOf(first.id) : null,
      // nothing new: readers go on from where they are
      endCursor: last ? cursorOf(last.id) : (after ?? null),
      hasNextPage: read.length > size,
    };
  }
}

/** The events of a page. */
class FeedRowsStep extends UnbatchedStep<readonly unknown[]> {
  static override $$export = { moduleName: '#feed-steps', exportName: 'FeedRowsStep' };
  override isSyncAndSafe = true;
  readonly #read: number | null;

  constructor($page: FeedPageStep, $read: PgSelectRowsStep) {
    super();
    this.addDependency($page);
    this.#read = this.addRef($read);
  }

  listItem($row: ExecutableStep): ExecutableStep {
    return (this.getRef(this.#read) as PgSelectRowsStep).listItem($row);
  }

  override unbatchedExecute(_extra: unknown, page: FeedPage): readonly unknown[] {
    return page.rows;
  }
}
