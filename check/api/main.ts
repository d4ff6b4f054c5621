import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Pool } from 'pg';
import { migrate } from '../../db/migrate.ts';
import { withScratchDatabase } from '../../db/scratch.ts';
import { loadConfig } from '../../runtime/config.ts';
import { explain } from '../../runtime/failure.ts';
import { describeSchema } from '../../server/graphql/server.ts';
import { type Description, readDescription } from '../../server/rest/contract.ts';
import { describeOpenApi } from '../../server/rest/openapi/document.ts';
import { brokenPromises, promisesOf, readRelease, writeRelease } from './promises.ts';

/*
 * npm run openapi: writes docs/schema.graphql, docs/openapi.json and, for each version that is served, docs/api/<version>.txt with what it promises. A version
 * that would break what it has promised is not written: it takes a new version (docs/rest-api.md), or a change of mind.
 */

async function describe(): Promise<Description & { graphql: string }> {
  return withScratchDatabase(loadConfig('migrate'), async ({ adminUrl, urls }) => {
    await migrate(urls.owner, { drafts: true });
    const admin = new Pool({ connectionString: adminUrl, max: 1 });
    const app = new Pool({ connectionString: urls.app, max: 2 });
    // Dropping a database by force ends connections, those too that end() has said good-bye to and does not await.
    for (const pool of [admin, app]) pool.on('error', () => {});
    try {
      return { ...(await readDescription(admin)), graphql: await describeSchema(app) };
    } finally {
      await Promise.all([admin.end(), app.end()]);
    }
  });
}

async function write(): Promise<void> {
  const { contracts, eventTypes, graphql } = await describe();
  writeFileSync(new URL('../../docs/schema.graphql', import.meta.url), graphql);
  for (const [n, contract] of contracts.entries()) {
    const document = describeOpenApi(contract, eventTypes);
    const file = new URL(`../../docs/api/${contract.version}.txt`, import.meta.url);
    const promises = promisesOf(document);
    const broken = existsSync(file) ? brokenPromises(readRelease(readFileSync(file, 'utf8')), promises) : [];
    if (broken.length > 0) {
      console.error(
        `Version ${contract.version} would break what it promised:\n${broken.map((line) => `  ${line}`).join('\n')}`,
      );
      console.error(
        'Serve it as it was by a schema of its own, and give api_v1 a new version: docs/rest-api.md, Versions.',
      );
      process.exitCode = 1;
      continue;
    }
    writeFileSync(file, writeRelease(promises));
    if (n === 0)
      writeFileSync(
        new URL('../../docs/openapi.json', import.meta.url),
        `${JSON.stringify(document, null, 2)}\n`,
      );
    console.log(`docs/api/${contract.version}.txt: ${promises.promises.length} promises`);
  }
}

await write().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
