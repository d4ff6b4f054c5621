import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = join(import.meta.dirname, '../peers/apollo');
const root = join(import.meta.dirname, '../..');
const stamp = join(folder, 'node_modules/.installed');

/**
 * Installs what the foreign stacks are made of, as their lock says, and writes Prisma's client, unless both were done for this lock and
 * this schema before.
 * @throws when the registry of npm cannot be reached
 */
export async function installStacks(say: (line: string) => void): Promise<void> {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'schema.prisma']) hash.update(readFileSync(join(folder, file)));
  const wanted = hash.digest('hex');
  if (contentOf(stamp) === wanted) return;
  say(
    'installing Apollo Server, Prisma, Kysely and DataLoader in bench/peers/apollo (npm ci: half a minute)',
  );
  // Scripts of packages would fetch Prisma's engine for migrations from a server of its own; none is needed here.
  const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  await run(
    'npm',
    npm,
    'The packages come from the registry of npm, which must be reachable this once; `npm run bench -- api rest` needs none of them.',
  );
  const generate = ['generate', '--schema', 'schema.prisma'];
  await run(join(folder, 'node_modules/.bin/prisma'), generate, 'It needs no network and no database.', {
    // asked for before each command, and only used by those that migrate
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    CHECKPOINT_DISABLE: '1',
  });
  writeFileSync(stamp, wanted);
}

/** TypeScript over the foreign stacks: npm run check cannot, because what they import is not installed with the product. */
export async function checkStacks(): Promise<void> {
  await run(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', '.'],
    'The peers of bench/peers/apollo have errors of types.',
  );
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function run(
  program: string,
  parameters: string[],
  hint: string,
  env: Record<string, string> = {},
): Promise<void> {
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 600_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  const ended = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(String(code ?? signal)));
  });
  if (ended === '0') return;
  throw new Error(
    `${basename(program)} ${parameters[0]} in bench/peers/apollo failed (${ended}). ${hint}\n\n${output.trim()}`,
  );
}
