/*
 * Who may import whom. The arrows point down:
 *
 *   test  bench  check  examples  deploy anything below
 *   runtime/start, runtime/demo         starts all the others
 *   server      worker                  never each other: they meet in the database
 *          db
 *   runtime/config, log, failure, sealing, workos  nothing
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'server-imports-worker',
      comment: 'They are deployed apart, and meet in the database alone.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^worker/' },
    },
    {
      name: 'worker-imports-server',
      comment: 'They are deployed apart, and meet in the database alone.',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^server/' },
    },
    {
      name: 'db-imports-upwards',
      comment:
        'db/ is what both processes stand on: of our code it may use only runtime/config, log, failure, sealing and workos.',
      severity: 'error',
      from: { path: '^db/' },
      to: {
        path: '^(server|worker|runtime|test|bench|check|examples|deploy)/',
        pathNot:
          '^runtime/(variables|token-issuers|config|log|failure|sealing|identity-provider|workos|workos-objects|json-example)\\.ts$',
      },
    },
    {
      name: 'base-imports-anything',
      comment:
        'runtime/config, log, failure, sealing and workos are the floor; each line of the log tells what work it belongs to.',
      severity: 'error',
      from: {
        path: '^runtime/(variables|token-issuers|config|log|failure|sealing|identity-provider|workos|workos-objects)\\.ts$',
      },
      to: {
        path: '^(db|server|worker|test|bench|check|examples|deploy|runtime)/',
        pathNot:
          '^runtime/(variables|token-issuers|config|log|failure|sealing|identity-provider|workos|workos-objects|telemetry/(trace|work))\\.ts$',
      },
    },
    {
      name: 'process-imports-start',
      comment:
        'Server and worker run alone in production: what starts them in development is not theirs to know.',
      severity: 'error',
      from: { path: '^(server|worker)/' },
      to: {
        path: '^runtime/',
        pathNot:
          '^runtime/(variables|token-issuers|config|log|failure|sealing|identity-provider|workos|workos-objects|json-example|onboarding/audit-schemas|telemetry/[a-z]+)\\.ts$',
      },
    },
    {
      name: 'product-imports-tooling',
      comment: 'Tests, benches, checks, examples and what writes the files of deploy/ are not shipped.',
      severity: 'error',
      from: { path: '^(db|server|worker|runtime)/' },
      to: { path: '^(test|bench|check|examples|deploy)/' },
    },
    {
      name: 'product-imports-dev-dependency',
      comment:
        "npm ci --omit=dev leaves it out. db/embedded*.ts may use the embedded server, which is for development and tests; db/rehearsal reads migrations with PostgreSQL's grammar, where migrations are rehearsed; runtime/demo receives webhooks as a customer would.",
      severity: 'error',
      from: {
        path: '^(db|server|worker|runtime)/',
        pathNot: '^(db/embedded[^/]*\\.ts$|db/rehearsal/|runtime/demo/)',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'undeclared-dependency',
      comment: 'What is imported stands in package.json, or the next install may leave it out.',
      severity: 'error',
      from: { pathNot: '^node_modules/' },
      // types alone are gone at run time: the plugin of PostGraphile that declares them is its own dependency
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cycle',
      comment:
        'Files that import each other are one file in two pieces, and ESM runs them in a surprising order.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-found',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // dependency-cruiser 18 reads TypeScript through typescript < 7 or swc; the native compiler (7) offers it no API.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // bench/peers/apollo and deploy/aws have a package.json of their own
    exclude: {
      path: '^(docs|migrations|clients/typescript/src/graphql/generated|\\.freehold|bench/peers/apollo|deploy/aws)/',
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
