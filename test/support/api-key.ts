import { hash, randomBytes } from 'node:crypto';
import { plant } from './leaks.ts';

/** An API key as app.create_api_key() makes them, which nobody knows yet. @param start hexadecimal digits with which it begins */
export function newApiKey(mode: 'test' | 'live' = 'test', start = ''): string {
  const body = `fh_${mode}_${(start + randomBytes(24).toString('hex')).slice(0, 48)}`;
  return plant(body + hash('sha256', body).slice(0, 6), 'an API key');
}
