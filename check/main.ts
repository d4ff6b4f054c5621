import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/*
 * npm run check [name ...]: every gate that needs no running product, as many at once as there are cores. Prints each as it ends, the
 * output of those that failed, and a table. Exits with 1 when one failed, 2 when a name is unknown.
 */
interface Gate {
  name: string;
  /** What a failure means, in a few words. */
  what: string;
  command: string[];
}

interface Result {
  gate: Gate;
  passed: boolean;
  seconds: number;
  output: string;
}

const root = join(import.meta.dirname, '..');
const folders = ['server', 'worker', 'db', 'runtime', 'check', 'test', 'bench', 'examples', 'deploy'];
const present = folders.filter((folder) => existsSync(join(root, folder)));

// The slowest first, so that the cores end together.
const gates: Gate[] = [
  {
    name: 'schema',
    what: 'migrations, db/ and db/schema.sql agree; violations()',
    command: ['node', 'check/drift.ts'],
  },
  { name: 'types', what: 'TypeScript, strict', command: ['tsc', '-p', '.'] },
  { name: 'sql', what: 'SQL lint: our rules and squawk', command: ['node', 'check/sql/main.ts'] },
  { name: 'unused', what: 'knip: unused files, exports, dependencies', command: ['knip'] },
  {
    name: 'layers',
    what: 'dependency-cruiser: who may import whom',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', ...present],
  },
  {
    name: 'slo',
    what: 'rules and dashboards are as declared, and name what exists',
    command: ['node', 'check/observability/main.ts'],
  },
  {
    name: 'delivery',
    what: "Dockerfile, compose file and workflows: our rules, dclint, GitHub's parser",
    command: ['node', 'check/delivery/main.ts'],
  },
  {
    name: 'style',
    what: 'biome: format and lint',
    command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  },
];

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !gates.some((gate) => gate.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no check "${unknown.join('", "')}". Choose from: ${gates.map((gate) => gate.name).join(', ')}.`,
    );
    process.exitCode = 2;
    return;
  }
  const chosen = names.length > 0 ? gates.filter((gate) => names.includes(gate.name)) : gates;
  const began = performance.now();
  const results = await runAll(chosen);
  for (const { gate, output } of results.filter((result) => !result.passed)) {
    console.log(`\n── ${gate.name}: ${gate.what}\n\n${stripVTControlCharacters(output).trim()}`);
  }
  console.log(table(results, (performance.now() - began) / 1000));
  process.exitCode = results.every((result) => result.passed) ? 0 : 1;
}

async function runAll(chosen: Gate[]): Promise<Result[]> {
  const waiting = [...chosen];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
      const result = await run(gate);
      results.push(result);
      const left = chosen.length - results.length;
      console.log(
        `${result.passed ? 'ok    ' : 'FAILED'} ${gate.name} (${result.seconds.toFixed(1)} s${left > 0 ? `, ${left} to go` : ''})`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  return results.sort((a, b) => chosen.indexOf(a.gate) - chosen.indexOf(b.gate));
}

async function run(gate: Gate): Promise<Result> {
  const began = performance.now();
  const [program = '', ...rest] = gate.command;
  const file = program === 'node' ? process.execPath : join(root, 'node_modules/.bin', program);
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  let output = '';
  const passed = await new Promise<boolean>((resolve) => {
    const child = spawn(file, rest, { cwd: root, env: { ...process.env, PATH: path, NO_COLOR: '1' } });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('error', (error) => {
      output += `${program} did not start: ${error.message}. Run npm ci.`;
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
  return { gate, passed, seconds: (performance.now() - began) / 1000, output };
}

function table(results: Result[], seconds: number): string {
  const rows = results.map(
    ({ gate, passed, seconds: took }) =>
      `  ${gate.name.padEnd(10)}${passed ? 'ok    ' : 'FAILED'}${took.toFixed(1).padStart(7)} s  ${gate.what}`,
  );
  const failed = results.filter((result) => !result.passed).length;
  const verdict = failed === 0 ? 'all checks passed' : `${failed} of ${results.length} checks failed`;
  return `\n${rows.join('\n')}\n\n${verdict} in ${seconds.toFixed(1)} s`;
}

await main();
