// Runs a TypeScript entry point: node runtime/run.js runtime/start.ts [arguments]
// Plain JavaScript that any Node can read, because an old one must be told so in words. `npm run` finds the Node 24 of
// node_modules/.bin by itself; this is for those who call node directly, and for installations without it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const entry = process.argv[2];

if (major >= 24) {
  process.argv.splice(1, 2, resolve(entry));
  await import(pathToFileURL(resolve(entry)).href);
} else if (existsSync(pinned)) {
  const child = spawn(pinned, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
} else {
  console.error(
    `Freehold needs Node 24, and this is ${process.versions.node}. Run npm ci (it installs one), or use a newer Node.`,
  );
  process.exit(1);
}
