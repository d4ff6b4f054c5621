import 'postgraphile/graphile-build-pg';
import { TYPES } from '@dataplan/pg';

/**
 * `2026-01-31 12:00:00.5+00` as `2026-01-31T12:00:00.5+00:00`; what is ISO 8601 already (out of JSON) stays,
 * and so do infinity and years BC.
 */
function isoTimestamp(text: string): string {
  if (text.charCodeAt(10) !== 0x20 || text.endsWith('BC')) return text;
  return `${text.slice(0, 10)}T${text.slice(11)}${/[+-]\d\d$/.test(text) ? ':00' : ''}`;
}

/**
 * Points in time as PostgreSQL writes them, made ISO 8601 here. PostGraphile has the database do that with
 * to_char(), which is 1 µs a value: of a page of 50 rows with two of them, a fifth of the database's time.
 *
 * Relies on DateStyle ISO and TimeZone UTC, which server/database/pool.ts sets for each connection. The codec
 * is changed in place, because other plugins (the filter's operators) know it by identity.
 */
export const ScalarsPlugin: GraphileConfig.Plugin = {
  name: 'ScalarsPlugin',
  version: '1.0.0',
  gather: {
    hooks: {
      pgCodecs_findPgCodec(_info, event) {
        // Transaction ids (app.event.xid) are not shown, yet PostGraphile wants to know every type it meets.
        if (!event.pgCodec && event.pgType.typname === 'xid8') event.pgCodec = TYPES.text;
      },
      pgCodecs_PgCodec(_info, { pgCodec }) {
        if (pgCodec === TYPES.timestamptz)
          Object.assign(pgCodec, { castFromPg: undefined, fromPg: isoTimestamp });
      },
    },
  },
};
