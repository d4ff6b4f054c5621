/**
 * Grafast reads GRAPHILE_ENV when it is loaded: in "development" it checks and formats at several times the
 * cost, and without a value it warns. Imported before anything of graphile is.
 */
process.env.GRAPHILE_ENV ??= 'production';
