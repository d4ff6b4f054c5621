import { join } from 'node:path';
import type { LoginUrls } from '../../db/urls.ts';
import { type Supervised, supervise } from '../supervise.ts';

const root = join(import.meta.dirname, '../..');

interface ProductOptions {
  urls: LoginUrls;
  secretKey: Buffer;
  /** Of the server. */
  port?: number;
  log: (text: string) => void;
}

/** A process of the product, as it runs anywhere, on this database. It is started again when it dies, as anywhere. */
export function startProcess(
  name: 'server' | 'worker',
  { urls, secretKey, port, log }: ProductOptions,
): Supervised {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return supervise({
    name,
    file: join(root, name, 'main.ts'),
    env: {
      PATH,
      HOME,
      NODE_COMPILE_CACHE,
      FREEHOLD_SECRET_KEY: secretKey.toString('base64'),
      GATE_DATABASE_URL: urls.gate,
      APP_DATABASE_URL: urls.app,
      WORKER_DATABASE_URL: urls.worker,
      PORT: port === undefined ? undefined : String(port),
      LOG_LEVEL: 'warn',
      WEBHOOK_ALLOW_INSECURE: 'true',
    },
    output: { write: log },
  });
}
