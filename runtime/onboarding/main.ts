import { parseArgs } from 'node:util';
import { z } from 'zod';
import { withAccess } from './access.ts';
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

const wanted = readOptions(process.argv.slice(2));
await withAccess(async ({ worker, workos, config, seconds, say }) => {
  const { tenant, portal } = await onboard(worker, workos, wanted, config.http.publicUrl, say);
  console.log(`
${wanted.name} is ready in ${seconds()} s: tenant ${tenant}

  For their administrator, each page good for five minutes:
${Object.entries(portal)
  .map(([intent, link]) => `  ${intent.padEnd(20)} ${link}`)
  .join('\n')}

  docs/enterprise-onboarding.md is the rest of it.`);
});
