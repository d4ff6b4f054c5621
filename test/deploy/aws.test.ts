import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/* deploy/aws is a package of its own, which this installs where it is missing: its types, its tests, and the commands of its docs, as processes. */
const home = fileURLToPath(new URL('../../deploy/aws/', import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'freehold-cdk-'));
afterAll(() => rmSync(output, { recursive: true, force: true }));

/** @returns what it printed. @throws with it, when it fails */
async function run(program: string, ...args: string[]): Promise<string> {
  // The project's own Node and npm's programs first; and nothing that could reach an account of AWS.
  const { PATH = '' } = process.env;
  // How npm reaches its registry (certificates, a proxy, settings) is the machine's to say.
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_(?!CA_BUNDLE)|CDK_|VITEST|NODE_OPTIONS)/.test(name),
  );
  const path = [join(home, 'node_modules/.bin'), dirname(process.execPath), PATH].join(delimiter);
  const child = spawn(program, args, {
    cwd: home,
    env: {
      ...Object.fromEntries(ours),
      PATH: path,
      NO_COLOR: '1',
      CDK_DISABLE_STACK_TRACE: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (printed += text));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${printed}`);
  return printed;
}

beforeAll(async () => {
  const installed = join(home, 'node_modules/.package-lock.json');
  const versions = (file: string) => {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    return packages['node_modules/aws-cdk-lib']?.version;
  };
  if (existsSync(installed) && versions(installed) === versions(join(home, 'package-lock.json'))) return;
  await run('npm', 'ci', '--ignore-scripts', '--loglevel=error');
}, 300_000);

it('passes its own types and tests: one stack in three sizes, clean under cdk-nag', {
  timeout: 600_000,
}, async () => {
  await run('tsc', '-p', '.');
  expect(await run('vitest', 'run')).toMatch(/Tests +\d+ passed/);
});

it('is synthesised without a network by the command of the docs', { timeout: 600_000 }, async () => {
  await run('cdk', 'synth', '--quiet', '-c', 'environment=production', '-o', output);
  const template = JSON.parse(readFileSync(join(output, 'freehold.template.json'), 'utf8'));
  expect(Object.keys(template.Resources).length).toBeGreaterThan(120);
  await expect(run('cdk', 'synth', '--quiet', '-c', 'environment=prod')).rejects.toThrow(
    'Say which environment',
  );
});
