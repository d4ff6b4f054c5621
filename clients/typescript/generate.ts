/**
 * Writes the generated parts of the clients: src/rest/schema.ts from docs/openapi.json (openapi-typescript), src/graphql/generated/ from docs/schema.graphql and
 * the documents of frontends (GraphQL Code Generator, client preset).
 *
 *   npm run generate        writes them
 *   npm run check           exits with 1 when what is written is not what would be
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { generate } from '@graphql-codegen/cli';
import openapiTS, { astToString } from 'openapi-typescript';
import { sourceFiles } from './source-files.ts';

const root = new URL('../../', import.meta.url);
const here = new URL('./', import.meta.url);
const checks = process.argv.includes('--check');

async function restSchema(): Promise<Map<URL, string>> {
  const document = JSON.parse(await readFile(new URL('docs/openapi.json', root), 'utf8'));
  // Receivers verify and parse what comes to them: no client sends it.
  delete document.webhooks;
  const nodes = await openapiTS(document, { alphabetize: true, enum: false });
  const text = `// Generated from docs/openapi.json: npm run generate.\n\n${astToString(nodes)}`;
  return new Map([[new URL('src/rest/schema.ts', here), text]]);
}

async function graphqlDocuments(): Promise<Map<URL, string>> {
  const output = 'src/graphql/generated/';
  const files: { filename: string; content: string }[] = await generate(
    {
      cwd: new URL('.', here).pathname,
      schema: new URL('docs/schema.graphql', root).pathname,
      documents: new URL('examples/frontend/*.ts', root).pathname,
      silent: true,
      generates: {
        [output]: {
          preset: 'client',
          presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
          config: {
            documentMode: 'string',
            enumsAsTypes: true,
            useTypeImports: true,
            emitLegacyCommonJSImports: false,
            importExtension: '.ts',
            strictScalars: true,
            scalars: {
              UUID: 'string',
              Datetime: 'string',
              Date: 'string',
              BigInt: 'string',
              Cursor: 'string',
              CidrAddress: 'string',
              JSON: 'unknown',
              CIDR: 'string',
            },
          },
        },
      },
    },
    false,
  );
  return new Map(files.map(({ filename, content }) => [new URL(filename, here), content]));
}

/** What it was generated from: a test of the repository sees by it that something changed, without these packages (test/examples/generated.test.ts). */
function sources(): Map<URL, string> {
  const hashes = sourceFiles(root).map((name) => [name, hash('sha256', readFileSync(new URL(name, root)))]);
  return new Map([
    [new URL('src/sources.json', here), `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`],
  ]);
}

let wrong = 0;
for (const [file, text] of [...(await restSchema()), ...(await graphqlDocuments()), ...sources()]) {
  if (!checks) {
    await writeFile(file, text);
    continue;
  }
  const written = await readFile(file, 'utf8').catch(() => '');
  if (written === text) continue;
  wrong += 1;
  console.error(`${file.pathname} is not what would be generated: npm run generate`);
}
process.exitCode = wrong > 0 ? 1 : 0;
