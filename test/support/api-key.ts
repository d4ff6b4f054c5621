import { hash, randomBytes } from 'node:crypto';

/** An API key as app.create_api_key() makes them, which nobody knows yet. */
export function newApiKey(mode: 'test' | 'live' = 'test'): string {
  const body = `fh_${mode}_${randomBytes(24).toString('hex')}`;
  return body + hash('sha256', body).slice(0, 6);
}
