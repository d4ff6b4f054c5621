import { parseArgs } from 'node:util';
import { api } from './api/main.ts';
import { core } from './core/main.ts';
import { identity } from './identity/main.ts';
import type { BenchOptions, Figure } from './support/figures.ts';
import { table } from './support/figures.ts';
import { telemetry } from './telemetry/main.ts';
import { webhooks } from './webhooks/main.ts';

/** npm run bench -- NAME [PART …] [--json] [--smoke] */
const benches: Record<string, (options: BenchOptions, only: readonly string[]) => Promise<Figure[]>> = {
  api,
  core,
  identity,
  telemetry,
  webhooks,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name = '', ...only] = positionals;
const bench = benches[name];
if (!bench) {
  console.error(`Which bench? One of: ${Object.keys(benches).join(', ')}. Options: --json, --smoke.`);
  process.exit(2);
}
const say = (line: string): void => {
  if (!values.json) console.log(line);
};
const figures = await bench({ smoke: values.smoke, say }, only);
if (values.json) console.log(JSON.stringify({ bench: name, figures }));
else console.log(`\n${table(figures)}${values.smoke ? '\n(a smoke run: the numbers mean nothing)' : ''}`);
