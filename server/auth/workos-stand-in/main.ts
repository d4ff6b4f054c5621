import { explain } from '../../../runtime/failure.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startStandIn } from './stand-in.ts';

const log = createLogger({ level: 'info', format: 'json' }, 'workos-stand-in');
const {
  WORKOS_STAND_IN_PORT: port,
  WORKOS_STAND_IN_FILE: file,
  WORKOS_API_KEY: apiKey = 'sk_test_stand_in',
  WORKOS_CLIENT_ID: clientId = 'client_stand_in',
  WORKOS_ISSUER: issuer,
  WORKOS_WEBHOOK_URL: url,
  WORKOS_WEBHOOK_SECRET: secret,
} = process.env;

try {
  const standIn = await startStandIn({
    port: Number(port ?? 0),
    apiKey,
    clientId,
    report: (message, err) => log.error({ err }, message),
    ...(issuer && { issuer }),
    ...(file && { file }),
    ...(url && secret && { webhooks: { url, secret } }),
  });
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'the WorkOS stand-in is stopping');
    standIn.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the WorkOS stand-in did not stop in order');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Last: who reads it may ask us to stop at once.
  log.info({ url: standIn.url, issuer: standIn.issuer }, 'the WorkOS stand-in is ready');
} catch (error) {
  log.fatal({ err: error }, explain(error));
  process.exit(1);
}
