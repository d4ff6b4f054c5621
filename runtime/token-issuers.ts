import { z } from 'zod';

/** Who may issue access tokens, and which of them are for us. */
export interface TokenIssuer {
  /** Claim `iss`, to the letter. */
  issuer: string;
  /** Where its keys are published (RFC 7517). */
  jwks: string;
  /** Claim `aud` must hold one of these. */
  audience?: string[] | undefined;
  /** Claim `azp` (or `client_id`) must be one of these. */
  authorizedParties?: string[] | undefined;
  /** The claim that names the organization, which is the tenant. */
  organizationClaim: string;
  algorithms: string[];
}

/** Asymmetric ones alone: the keys are public. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const names = z.array(z.string().min(1)).nonempty();
const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/;

const tokenIssuer = z
  .strictObject({
    issuer: z.url('must be a URL, as in the claim iss'),
    jwks: z
      .url('must be a URL')
      .refine((url) => url.startsWith('https://') || loopback.test(url), 'must begin with https://')
      .optional(),
    audience: names.optional(),
    authorizedParties: names.optional(),
    organizationClaim: z.string().min(1).default('org_id'),
    algorithms: z
      .array(z.enum(algorithms, `must be some of ${algorithms.join(', ')}`))
      .nonempty()
      .default(['RS256']),
  })
  .refine(
    ({ audience, authorizedParties }) => audience || authorizedParties,
    'needs audience or authorizedParties: tokens of its other applications would be accepted',
  )
  .transform((given) => ({
    ...given,
    jwks: given.jwks ?? `${given.issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
  }));

/** The variable TOKEN_ISSUERS: a JSON array. */
export const tokenIssuers = z.string().transform((text, context): TokenIssuer[] => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a JSON array of issuers: see docs/identity.md' });
    return z.NEVER;
  }
  const parsed = z.array(tokenIssuer).safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    context.addIssue({ code: 'custom', message: `${path.join('.')} ${message}`.trim() });
  }
  return z.NEVER;
});
