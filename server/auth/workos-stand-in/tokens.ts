import { Router } from 'express';
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose';
import { hashOf, newId, newSecret } from './ids.ts';
import type { Membership, Session } from './state.ts';
import type { Settings, World } from './world.ts';

const algorithm = 'RS256';

export interface Signer {
  /** The access token of a session: a JWT with WorkOS's claims. */
  accessToken(settings: Settings, session: Session, membership: Membership | undefined): Promise<string>;
  /** As it is published. */
  publicKey: JWK;
}

export async function createSigner(key: JWK): Promise<Signer> {
  const kid = await calculateJwkThumbprint(key);
  const privateKey = await importJWK(key, algorithm);
  const { kty, n, e } = key as { kty: string; n: string; e: string };
  return {
    publicKey: { kty, n, e, kid, use: 'sig', alg: algorithm },
    accessToken({ issuer, accessTokenSeconds, clientId }, session, membership) {
      const issuedAt = Math.floor(Date.now() / 1_000);
      const claims = {
        client_id: clientId,
        sid: session.id,
        ...(membership && {
          org_id: membership.organization_id,
          role: membership.role.slug,
          roles: [membership.role.slug],
        }),
        permissions: [],
        entitlements: [],
        ...(session.impersonator && { act: { sub: session.impersonator.email } }),
      };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(session.user_id)
        .setJti(newId('jti').slice('jti_'.length))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .sign(privateKey);
    },
  };
}

/** A new refresh token of a session; it is good once. */
export function newRefreshToken(world: World, session: Session): string {
  const token = newSecret();
  const id = hashOf(token);
  world.state.refreshTokens.set(id, { id, session_id: session.id, used: false });
  return token;
}

export function keyRoutes(world: World, signer: Signer): Router {
  const router = Router();
  router.get('/sso/jwks/:clientId', (request, response, next) => {
    if (request.params.clientId !== world.settings.clientId) return next();
    response.json({ keys: [signer.publicKey] });
  });
  return router;
}
