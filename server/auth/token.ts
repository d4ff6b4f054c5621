import type { JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { TokenIssuer } from '../../runtime/token-issuers.ts';
import { RefusedError } from './refused.ts';

/** What a token says whose signature and bounds were verified. The database decides whether it is anybody of ours. */
export interface VerifiedToken {
  issuer: string;
  subject: string;
  /** The issuer's name of the tenant. */
  organization: string;
  /** The issuer's name of the session, when it has one (claim `sid`): a token of a session that has ended is good no more. */
  session?: string;
  /** Seconds since 1970. */
  issued_at: number;
  expires_at: number;
}

export interface TokenVerifier {
  /**
   * @throws RefusedError ZF001 for a token that is not good, with the reason in its cause; ZF016 when the issuer's keys cannot be had, and nobody knows
   */
  verify(token: string): Promise<VerifiedToken>;
}

/** Two clocks differ a little; a token is good for so long after its end. */
const CLOCK_SKEW_SECONDS = 30;

/**
 * Verifies access tokens (RFC 9068 and what WorkOS, Auth0 and Clerk issue) with the keys that their issuer publishes. The issuer is looked up among those of
 * the configuration before anything is fetched; its algorithms are pinned, so that neither `none` nor an HMAC made with a public key is a signature.
 */
export function createTokenVerifier(issuers: readonly TokenIssuer[]): TokenVerifier {
  const known = new Map(
    issuers.map((issuer) => [
      issuer.issuer,
      { ...issuer, keys: createRemoteJWKSet(new URL(issuer.jwks), { timeoutDuration: 5_000 }) },
    ]),
  );
  return {
    async verify(token) {
      const issuer = known.get(issuerOf(token) ?? '');
      if (!issuer) throw refused('its issuer is not one of TOKEN_ISSUERS');
      return read(issuer, await claimsOf(token, issuer, issuer.keys));
    },
  };
}

/** As the token says, unverified: it decides only whose keys are asked. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

async function claimsOf(token: string, issuer: TokenIssuer, keys: JWTVerifyGetKey) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      algorithms: issuer.algorithms,
      ...(issuer.audience && { audience: issuer.audience }),
      requiredClaims: ['sub', 'iat', 'exp'],
      clockTolerance: CLOCK_SKEW_SECONDS,
    });
    return payload;
  } catch (error) {
    // Of jose's errors these are about the token; others, such as a time-out, are about the issuer.
    const ofToken = [
      errors.JWSInvalid,
      errors.JWTInvalid,
      errors.JWTClaimValidationFailed,
      errors.JWTExpired,
      errors.JWSSignatureVerificationFailed,
      errors.JOSEAlgNotAllowed,
      errors.JOSENotSupported,
      errors.JWKSNoMatchingKey,
      errors.JWKSMultipleMatchingKeys,
    ];
    if (ofToken.some((kind) => error instanceof kind)) throw refused((error as Error).message, error);
    throw new RefusedError('ZF016', { cause: error });
  }
}

function read(issuer: TokenIssuer, claims: Awaited<ReturnType<typeof claimsOf>>): VerifiedToken {
  const { azp, client_id } = claims as { azp?: unknown; client_id?: unknown };
  const party = azp ?? client_id;
  if (issuer.authorizedParties && !issuer.authorizedParties.some((allowed) => allowed === party))
    throw refused('it was issued to another application');
  // RFC 8693, section 4.1. Support acts as somebody in a browser, where an hour is all that they have, and the tenant is told why.
  if (claims.act !== undefined) throw refused('somebody else acts as its subject');
  const organization = claimOf(claims, issuer.organizationClaim);
  if (typeof organization !== 'string' || organization === '')
    throw refused(`it names no organization: its claim ${issuer.organizationClaim} is missing`);
  const { sub, iat, exp, sid } = claims as { sub: string; iat: number; exp: number; sid?: unknown };
  return {
    issuer: issuer.issuer,
    subject: sub,
    organization,
    ...(typeof sid === 'string' && { session: sid }),
    issued_at: iat,
    expires_at: exp,
  };
}

/** By its name, which may have dots (Auth0's are URLs), or else by a path of names (Clerk's `o.id`). */
function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], claims);
}

const refused = (reason: string, cause?: unknown): RefusedError =>
  new RefusedError('ZF001', { cause: new Error(`the token was refused: ${reason}`, { cause }) });
