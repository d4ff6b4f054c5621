import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

type Headers = Record<string, string | string[] | undefined>;

/**
 * Returns the event, if one of the keys signed it within the last five minutes.
 * @param body the bytes as they came, before anything parsed them
 * @param keys whsec_ secrets and whpk_ public keys: one, or during a rotation the old and the new
 * @throws WebhookVerificationError otherwise: answer 400
 */
export function verify(body: Buffer, headers: Headers, keys: readonly string[]): unknown {
  let refusal = new WebhookVerificationError('no key is known');
  for (const key of keys) {
    try {
      return key.startsWith('whpk_')
        ? verifyAsymmetric(body, headers, key)
        : new Webhook(key).verify(body, headers as Record<string, string>);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** v1a, which npm standardwebhooks does not know yet. Leave it out if you have a whsec_ secret alone. */
function verifyAsymmetric(body: Buffer, headers: Headers, key: string): unknown {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (name) => headers[`webhook-${name}`],
  );
  const age = Math.abs(Math.floor(Date.now() / 1000) - Number(timestamp));
  if (!id || !signatures || !(age <= 5 * 60)) {
    throw new WebhookVerificationError('a header is missing, or the time is not about now');
  }
  const x = Buffer.from(key.slice('whpk_'.length), 'base64').toString('base64url');
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  for (const signature of String(signatures).split(' ')) {
    if (!signature.startsWith('v1a,')) continue;
    if (verifyEd25519(null, signed, publicKey, Buffer.from(signature.slice('v1a,'.length), 'base64'))) {
      return JSON.parse(body.toString());
    }
  }
  throw new WebhookVerificationError('No matching signature found');
}
