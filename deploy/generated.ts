import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { queue, service } from './dashboards/processes.ts';
import { business, slo, tenant } from './dashboards/promises.ts';
import { readSlos } from './openslo.ts';
import { sloRules } from './rules.ts';

/** A file of deploy/ that follows from another. */
interface GeneratedFile {
  /** Path within the repository. */
  readonly path: string;
  /** As it is; empty when it does not exist. */
  readonly present: string;
  /** As it should be. */
  readonly text: string;
}

const read = (path: string): string => {
  const url = new URL(`../${path}`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
};

/** What `npm run slo` writes, and npm run check compares. */
export function generatedFiles(): GeneratedFile[] {
  const slos = readSlos(read('deploy/slo.yaml'));
  const boards = { service: service(), tenant: tenant(), queue: queue(), slo: slo(), business: business() };
  const files = [
    { path: 'deploy/prometheus/slo-rules.yaml', text: sloRules(slos) },
    ...Object.entries(boards).map(([name, text]) => ({
      path: `deploy/grafana/dashboards/${name}.json`,
      text,
    })),
  ];
  return files.map((file) => ({ ...file, present: read(file.path) }));
}

if (process.argv[1] === import.meta.filename) {
  for (const { path, present, text } of generatedFiles()) {
    if (present !== text) writeFileSync(new URL(`../${path}`, import.meta.url), text);
    console.log(`${path}${present === text ? ' is as it should be' : ' is written'}`);
  }
}
