import type { Keyring } from '../../runtime/sealing.ts';
import { freshKey } from '../../runtime/sealing.ts';
import { tokenProblem } from '../sealed-values.ts';
import type { ApiFunction } from './contract.ts';
import { ProblemError } from './problem.ts';
import { isMadeByServer } from './schemas.ts';
import { invalidBody } from './validate.ts';

/**
 * Seals what the database keeps and cannot read (platform.sealed), and makes the keys that a call asks for (platform.fresh_key), in `given`.
 * @throws ProblemError for a text that cannot be the value of a header
 */
export function sealArguments(
  keyring: Keyring,
  { arguments: own }: ApiFunction,
  given: Map<string, unknown>,
): void {
  for (const { name, type } of own) {
    const value = given.get(name);
    if (isMadeByServer(type)) given.set(name, freshKey(keyring));
    else if (type === 'platform.sealed' && typeof value === 'string') {
      const wrong = tokenProblem(value);
      if (wrong)
        throw new ProblemError(invalidBody([{ pointer: `/${name}`, code: 'invalid_value', detail: wrong }]));
      given.set(name, keyring.seal(Buffer.from(value, 'latin1')));
    }
  }
}

/** Whether a call returns a secret in clear, such as a new API key: the database keeps its hash alone. */
export const showsSecret = ({ returns }: ApiFunction): boolean =>
  (returns.also ?? []).some(({ name, type }) => name === 'secret' && type === 'text');

/** Opens the secrets that a call returned sealed (platform.signing_secret): they are shown this once. */
export function openSecrets(keyring: Keyring, { returns }: ApiFunction, json: string): string {
  const sealed = (returns.also ?? []).filter(({ type }) => type === 'platform.signing_secret');
  if (sealed.length === 0) return json;
  const shown = JSON.parse(json) as Record<string, unknown>;
  for (const { name } of sealed) {
    const value = shown[name];
    if (typeof value === 'string') shown[name] = `whsec_${keyring.open(value).toString('base64')}`;
  }
  return JSON.stringify(shown);
}
