import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { WebhookVerificationError } from 'standardwebhooks';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { verify } from '../../examples/webhook-verification/verify.ts';
import type { Case } from './support/cases.ts';
import { asymmetricCases, cases } from './support/cases.ts';

/*
 * What docs/webhooks.md tells receivers to run, in each language that it shows. An interpreter that is not on this machine is not tested
 * here; CI installs all of them (.ci/programs) and demands them.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = join(root, 'examples/webhook-verification');
const support = join(root, 'test/examples/support');
const directory = mkdtempSync(join(tmpdir(), 'freehold-examples-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.useRealTimers());

const everything = [...cases, ...asymmetricCases];

describe('TypeScript', () => {
  it.each(everything)(
    'verifies or refuses $name',
    ({ body, headers, keys, now, verified, misconfigured }) => {
      vi.useFakeTimers({ toFake: ['Date'], now: now * 1_000 });
      // Node gives the names of headers in lower case
      const given = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const act = () => verify(Buffer.from(body), given, keys);
      if (verified) expect(act()).toEqual(JSON.parse(body));
      else expect(act).toThrow(misconfigured ? "Secret can't be empty." : WebhookVerificationError);
    },
  );
});

interface Language {
  program: string;
  args: string[];
  prepare?: () => void;
  cases: Case[];
}

const languages: Record<string, Language> = {
  // its standard library knows no ed25519
  Python: { program: 'python3', args: [join(support, 'verify.py'), examples], cases },
  Ruby: { program: 'ruby', args: [join(support, 'verify.rb'), examples], cases: everything },
  Go: {
    program: 'go',
    args: ['run', '.'],
    prepare() {
      mkdirSync(join(directory, 'webhooks'));
      cpSync(join(examples, 'verify.go'), join(directory, 'webhooks/verify.go'));
      cpSync(join(support, 'verify.go'), join(directory, 'main.go'));
      writeFileSync(join(directory, 'go.mod'), 'module example\n\ngo 1.18\n');
    },
    cases: everything,
  },
};

const here = (program: string) =>
  spawnSync(program, [program === 'go' ? 'version' : '--version']).status === 0;
const tested = Object.entries(languages).filter(([, { program }]) => process.env.CI || here(program));

for (const [language, { program, args, prepare, cases: its }] of tested) {
  it(`${language} verifies what it should, and refuses the rest`, async () => {
    prepare?.();
    const child = spawn(program, args, {
      cwd: directory,
      env: { ...process.env, GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    });
    const ended = once(child, 'close');
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    child.stdin.end(its.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const [stdout, stderr] = await output;
    await ended;
    const results = stdout.trim().split('\n');
    expect(stderr).toBe('');
    expect(its.map(({ name }, index) => [name, results[index]])).toEqual(
      its.map(({ name, verified, misconfigured }) => [name, misconfigured ? 'error' : String(verified)]),
    );
  }, 120_000);
}

it.each(['ts', 'python', 'ruby', 'go'])('docs/webhooks.md shows the file in %s as it is tested', (fence) => {
  const ending = { ts: 'ts', python: 'py', ruby: 'rb', go: 'go' }[fence];
  const doc = readFileSync(join(root, 'docs/webhooks.md'), 'utf8');
  const shown = new RegExp(`\n\`\`\`${fence}\n(.*?)\`\`\`\n`, 's').exec(doc)?.[1];
  expect(shown).toBe(readFileSync(join(examples, `verify.${ending}`), 'utf8'));
});
