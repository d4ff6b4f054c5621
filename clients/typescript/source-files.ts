import { readdirSync } from 'node:fs';

/** What the generated parts of the clients follow from, beneath the root of the repository. */
export function sourceFiles(root: URL): string[] {
  const documents = readdirSync(new URL('examples/frontend/', root))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `examples/frontend/${name}`);
  return ['docs/openapi.json', 'docs/schema.graphql', 'clients/typescript/generate.ts', ...documents.sort()];
}
