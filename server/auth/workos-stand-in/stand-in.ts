import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Acts, createActs } from './acts.ts';
import { createApp } from './app.ts';
import { loadState, openStateFile } from './file.ts';
import { isLoopbackName } from './loopback.ts';
import { type Seed, seed } from './seed.ts';
import { createSigner } from './tokens.ts';
import { createWebhookSender } from './webhooks.ts';
import { createWorld, type Report, type Settings } from './world.ts';

export interface StandInOptions {
  /** 0, the default: any free port. */
  port?: number;
  /** 127.0.0.1 (the default), ::1 or localhost; anything else is refused. */
  host?: string;
  /** Requests without this bearer are answered with 401, as at WorkOS. */
  apiKey: string;
  clientId: string;
  /** The `iss` of its access tokens; default: as WorkOS's, `<url>/user_management/<clientId>`, which changes with the port. */
  issuer?: string;
  /** A JSON file that keeps the state over restarts, signing key included; absent: in memory only. */
  file?: string;
  /** Where signed webhooks go, and with which secret; absent: none are sent. */
  webhooks?: { url: string; secret: string };
  /** Seconds that an access token is good for; default 300. */
  accessTokenSeconds?: number;
  /** Redirect URIs that are allowed at authorize, to the letter; default: every http(s) URI of this machine. */
  redirectUris?: readonly string[];
  /** Is told what went wrong in the background; default: the console. */
  report?: Report;
}

/** A running stand-in. */
export interface StandIn {
  /** Such as http://127.0.0.1:4100. */
  url: string;
  /** The `iss` of its access tokens. */
  issuer: string;
  /** Adds what is not there yet, by id; emits no events. */
  seed(input: Seed): void;
  /** Plays the customers' IT and identity providers; each act is `POST /stand-in/<act>` as well. */
  directory: Acts;
  /** Stops serving and writes the state. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks WorkOS's API, for development and tests: it asks nobody for a password.
 * @throws in production, and for a host that others can reach
 */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const host = options.host ?? '127.0.0.1';
  if (process.env.NODE_ENV === 'production')
    throw new Error('The WorkOS stand-in lets everybody in as anybody: it does not run in production.');
  if (!isLoopbackName(host))
    throw new Error(`The WorkOS stand-in serves this machine alone: ${host} is not a loopback host.`);
  const state = await loadState(options.file);
  const signer = await createSigner(state.key);
  const report: Report = options.report ?? ((message, error) => console.error(message, error));
  const file = openStateFile(options.file, state, report);
  const webhooks = options.webhooks && createWebhookSender(options.webhooks, report);
  // The URL is known when the port is, and the application needs the URL.
  const server = createServer();
  await listen(server, options.port ?? 0, host);
  const name = host.includes(':') ? `[${host}]` : host;
  const url = `http://${name}:${(server.address() as AddressInfo).port}`;
  const settings: Settings = {
    url,
    issuer: options.issuer ?? `${url}/user_management/${options.clientId}`,
    apiKey: options.apiKey,
    clientId: options.clientId,
    accessTokenSeconds: options.accessTokenSeconds ?? 300,
    redirectUris: options.redirectUris,
  };
  const world = createWorld(state, settings, file.save, (event) => webhooks?.send(event), report);
  const acts = createActs(world);
  server.on('request', createApp(world, signer, acts));
  file.save();
  return {
    url,
    issuer: settings.issuer,
    seed: (input) => seed(world, input),
    directory: acts,
    async close() {
      webhooks?.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await file.flush();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
