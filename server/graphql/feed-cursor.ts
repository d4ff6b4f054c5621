import { SafeError } from 'grafast';

const prefix = 'feed:';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The cursor of an event in the change feed. It holds the event's id and no place: an id is good for ever, and a place would tell every tenant how
 * many transactions the whole cluster makes.
 */
export const cursorOf = (id: string): string => Buffer.from(prefix + id).toString('base64url');

/**
 * The id of the event that a cursor stands for; null for none. Whether the feed has ever shown this tenant such an event, the database decides.
 * @throws SafeError invalid_argument
 */
export function idOf(cursor: string | null | undefined): string | null {
  if (cursor == null) return null;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const id = text.slice(prefix.length);
  if (text.startsWith(prefix) && uuid.test(id)) return id;
  throw new SafeError('"after" is not a cursor of the change feed.', {
    code: 'invalid_argument',
    statusCode: 422,
  });
}
