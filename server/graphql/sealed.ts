import 'postgraphile/graphile-build-pg';
import type { PgCodec, PgResourceParameter } from '@dataplan/pg';
import { constant, SafeError } from 'grafast';
import { freshKey, type Keyring } from '../../runtime/sealing.ts';
import { tokenProblem } from '../sealed-values.ts';

/** What stands for "a new key" until the statement is sent: then each statement gets one of its own. */
const fresh = 'fresh';

class UnacceptableTokenError extends SafeError {
  readonly sqlstate = 'ZF010';
}

function tokenOf(plain: string): Buffer {
  const wrong = tokenProblem(plain);
  if (wrong) throw new UnacceptableTokenError(wrong);
  return Buffer.from(plain, 'latin1');
}

/**
 * Secrets that the database keeps and cannot read, by the type that they have there:
 *
 * - `platform.sealed`: plain text in the API, encrypted before it is sent to the database.
 * - `platform.fresh_key`: no argument of the API; the server makes a key for each call.
 * - `platform.signing_secret`: opened in the answer, `whsec_` and base64 (Standard Webhooks 1.0).
 */
export function sealedPlugin(keyring: Keyring): GraphileConfig.Plugin {
  const conversions: Record<string, Partial<PgCodec>> = {
    sealed: { toPg: (plain: string) => keyring.seal(tokenOf(plain)) },
    fresh_key: { toPg: (value: string) => (value === fresh ? freshKey(keyring) : value) },
    signing_secret: { fromPg: (sealed: string) => `whsec_${keyring.open(sealed).toString('base64')}` },
  };
  const sealedCodecs = new Set<PgCodec>();
  const freshCodecs = new WeakSet<PgCodec>();
  return {
    name: 'SealedPlugin',
    version: '1.0.0',
    gather: {
      hooks: {
        pgCodecs_PgCodec(_info, { pgCodec, pgType }) {
          if (pgType.getNamespace()?.nspname !== 'platform') return;
          const conversion = conversions[pgType.typname];
          if (!conversion) return;
          Object.assign(pgCodec, conversion);
          sealedCodecs.add(pgCodec);
          if (pgType.typname === 'fresh_key') freshCodecs.add(pgCodec);
        },
      },
    },
    schema: {
      hooks: {
        init: {
          // Which makes a scalar of each domain: here the API sees plain text.
          before: ['PgCodecs'],
          callback(value, build) {
            for (const codec of sealedCodecs)
              build.setGraphQLTypeForPgCodec(codec, ['input', 'output'], 'String');
            return value;
          },
        },
        build: {
          after: ['PgCustomTypeFieldPlugin'],
          callback(build) {
            const original = build.pgGetArgDetailsFromParameters;
            if (!original) throw new Error('PgCustomTypeFieldPlugin is missing');
            const isFresh = ({ codec }: PgResourceParameter) => freshCodecs.has(codec);
            build.pgGetArgDetailsFromParameters = (
              resource,
              parameters = resource.parameters,
              offset = 0,
            ) => {
              const all = original(resource, parameters, offset);
              const made = parameters.slice(offset).filter(isFresh);
              if (made.length === 0) return all;
              const asked = original(
                resource,
                parameters.filter((parameter: PgResourceParameter) => !isFresh(parameter)),
                offset,
              );
              return {
                ...asked,
                parameterAnalysis: all.parameterAnalysis,
                makeArgs: (args, path) => [
                  ...asked.makeArgs(args, path),
                  ...made.map(({ codec, name }) => ({
                    step: constant(fresh),
                    pgCodec: codec,
                    name: name ?? '',
                  })),
                ],
              };
            };
            return build;
          },
        },
      },
    },
  };
}
