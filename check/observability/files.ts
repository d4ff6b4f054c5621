import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** What rules, dashboards and runbooks are held to and held against: paths within the repository, with their text. */
export function observabilityFiles(): Map<string, string> {
  const patterns = [
    'deploy/metrics.yaml',
    'deploy/prometheus/*.yaml',
    'deploy/grafana/dashboards/*.json',
    'docs/runbooks/*.md',
  ];
  const paths = globSync(patterns, { cwd: fileURLToPath(root) }).sort();
  return new Map(paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
}
