import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { z } from 'zod';
import { openDatabase } from '../../db/open.ts';
import type { Config } from '../config.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { explain } from '../failure.ts';
import type { Workos } from '../identity-provider.ts';
import { planStandIn } from '../stand-in.ts';
import { createWorkos } from '../workos.ts';
import { type OnboardingOptions, onboard, onboardingOptions } from './onboard.ts';

const usage = `npm run tenant:onboard -- --name <name> --owner <e-mail> [--domain <domain>] [--plan <plan>] [--slug <slug>]
  Makes a tenant with its organization at WorkOS, invites its owner, and prints the pages on which their administrator sets up single sign-on and the rest.
  Run again with the same slug, it goes on where it ended, and prints new pages: each is good for five minutes.`;

function readOptions(args: string[]): OnboardingOptions {
  try {
    const string = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { name: string, owner: string, domain: string, plan: string, slug: string },
    });
    return onboardingOptions.parse(values);
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n')
        : (error as Error).message;
    console.error(`${why}\n\n${usage}`);
    process.exit(2);
  }
}

/** Who signs people in: as configured, or in development the stand-in of a running npm start. */
function workosOf(config: Config): Workos {
  if (config.workos) return createWorkos(config.workos);
  if (config.production)
    throw new ConfigError([
      'WORKOS_API_KEY and WORKOS_CLIENT_ID are required: they are in the dashboard of WorkOS',
    ]);
  const { WORKOS_API_KEY, WORKOS_CLIENT_ID, WORKOS_ISSUER, WORKOS_API_URL } = planStandIn(config).clients;
  return createWorkos({
    apiKey: WORKOS_API_KEY as string,
    clientId: WORKOS_CLIENT_ID as string,
    issuer: WORKOS_ISSUER as string,
    apiUrl: WORKOS_API_URL as string,
  });
}

async function main(): Promise<void> {
  const began = performance.now();
  const wanted = readOptions(process.argv.slice(2));
  const config = loadConfig('seed');
  const workos = workosOf(config);
  const say = (line: string) =>
    console.log(`  ${((performance.now() - began) / 1_000).toFixed(1).padStart(4)} s  ${line}`);
  const database = config.database.worker ? undefined : await openDatabase(config, { onProgress: say });
  const worker = new Pool({ connectionString: config.database.worker ?? database?.urls.worker, max: 1 });
  try {
    const { tenant, portal } = await onboard(worker, workos, wanted, config.http.publicUrl, say);
    console.log(`
${wanted.name} is ready in ${((performance.now() - began) / 1_000).toFixed(1)} s: tenant ${tenant}

  For their administrator, each page good for five minutes:
${Object.entries(portal)
  .map(([intent, link]) => `  ${intent.padEnd(20)} ${link}`)
  .join('\n')}

  docs/enterprise-onboarding.md is the rest of it.`);
  } finally {
    await worker.end();
    await database?.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
