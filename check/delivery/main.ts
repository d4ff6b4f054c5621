import { globSync, readFileSync } from 'node:fs';
import { lintCompose } from './compose.ts';
import type { Finding } from './dockerfile-rules.ts';
import { lintDockerfile } from './dockerfile-rules.ts';
import { lintWorkflow } from './workflow-rules.ts';

/*
 * What builds and ships the product, held to rules: deploy/Dockerfile to ours, docker-compose.yml to dclint with the schema of the Compose
 * Specification, .github/workflows to GitHub's own parser and to ours.
 */

const read = (path: string): string => readFileSync(path, 'utf8');
const problems: { path: string; finding: Finding }[] = [];

for (const finding of lintDockerfile(read('deploy/Dockerfile'), read('.dockerignore')))
  problems.push({ path: 'deploy/Dockerfile', finding });

for (const finding of lintCompose('docker-compose.yml'))
  problems.push({ path: 'docker-compose.yml', finding });

const workflows = globSync('.github/workflows/*.yml').sort();
for (const path of workflows)
  for (const finding of await lintWorkflow(path, read(path))) problems.push({ path, finding });

for (const { path, finding } of problems)
  console.log(`${path}:${finding.line}: ${finding.code}: ${finding.reason}`);
console.log(`Dockerfile, compose file and ${workflows.length} workflows: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
