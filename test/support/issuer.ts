import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll } from 'vitest';
import type { TokenIssuer } from '../../runtime/token-issuers.ts';
import { plant } from './leaks.ts';

/** An issuer of access tokens over real HTTP, with an RSA key that it publishes. */
export interface TestIssuer {
  settings: TokenIssuer;
  /** How often its keys were fetched. */
  fetched(): number;
  /** From now on its keys cannot be had. */
  goAway(): Promise<void>;
  /** A token as it issues them; `claims` replace what is usual, and those that are undefined are left out. */
  token(claims?: Record<string, unknown>, header?: { alg?: string; kid?: string }): Promise<string>;
  /** The public key as PEM, as anybody can have it. */
  publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey'];
}

export async function startIssuer(more: Partial<TokenIssuer> = {}): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' };
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  afterAll(close);
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    settings: {
      issuer,
      jwks: `${issuer}/.well-known/jwks.json`,
      audience: ['freehold'],
      authorizedParties: ['app-1'],
      organizationClaim: 'org_id',
      algorithms: ['RS256'],
      ...more,
    },
    fetched: () => count,
    goAway: close,
    publicKey,
    token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const usual = {
        iss: issuer,
        aud: 'freehold',
        azp: 'app-1',
        org_id: 'org_1',
        sub: 'user_1',
        iat: now,
        exp: now + 300,
      };
      const payload = Object.fromEntries(
        Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
      );
      const signed = new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header });
      return signed.sign(privateKey).then((token) => plant(token, 'an access token'));
    },
  };
}
