import { escapeIdentifier } from 'pg';

export const identifier = escapeIdentifier;

/**
 * Settings of a transaction in which every value has one text, whatever the server's or the login's settings, and in which row-level security hides
 * nothing: a login that it binds is refused.
 */
export const plainText = `
  set local search_path = '';
  set local row_security = off;
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local timezone = 'UTC';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1;
  set local statement_timeout = 0;
  set local jit = off`;
