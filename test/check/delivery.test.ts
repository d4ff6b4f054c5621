import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintCompose } from '../../check/delivery/compose.ts';
import * as dockerfile from '../../check/delivery/dockerfile-rules.ts';
import * as workflow from '../../check/delivery/workflow-rules.ts';

/*
 * Each rule on the files of this project, which must pass, and on the same with one thing made wrong, which must be caught: by that rule, and
 * where it is wrong.
 */
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const image = read('deploy/Dockerfile');
const ignore = read('.dockerignore');

interface Change {
  /** What is there, and what is made of it. */
  from: string | RegExp;
  to: string;
  /** On the line that holds this, when it is not the changed one. */
  at?: string;
}

/** The text with the change, and the line on which it must be found. */
function changed(text: string, { from, to, at }: Change): { text: string; line: number } {
  const wrong = text.replace(from, to);
  expect(wrong, `${from} stands in the file`).not.toBe(text);
  const mark = at ?? to.trim().split('\n')[0] ?? '';
  return { text: wrong, line: wrong.split('\n').findIndex((line) => line.includes(mark)) + 1 };
}

const inImage: Record<string, Change[]> = {
  'base-unpinned': [
    { from: 'FROM node:24.21.0-trixie-slim AS node', to: 'FROM node:24-slim AS node' },
    { from: 'FROM node:24.21.0-trixie-slim AS node', to: 'FROM node AS node' },
  ],
  add: [{ from: 'COPY server server', to: 'ADD server server' }],
  'root-user': [
    { from: 'USER 1000:1000', to: 'USER root' },
    { from: 'USER 1000:1000', to: 'USER node' },
    { from: 'USER 1000:1000', to: 'USER 0:0' },
    { from: 'USER 1000:1000\n', to: '', at: 'FROM node AS image' },
  ],
  'shell-form': [{ from: 'CMD ["node", "server/main.ts"]', to: 'CMD node server/main.ts' }],
  secret: [
    { from: 'ARG VERSION=development', to: 'ARG NPM_TOKEN\nARG VERSION=development' },
    { from: 'ENV NODE_ENV=production', to: 'ENV FREEHOLD_SECRET_KEY=abc NODE_ENV=production' },
  ],
  'copy-unlisted': [
    { from: 'COPY db db', to: 'COPY . .' },
    { from: 'COPY db db', to: 'COPY db test ./' },
  ],
  'unlocked-install': [
    { from: 'npm ci --omit=dev', to: 'npm install --omit=dev', at: 'npm install' },
    { from: 'RUN node deploy/image/prune.ts', to: 'RUN npx prune' },
    { from: 'RUN node deploy/image/prune.ts', to: 'RUN curl https://example.com/x | sh' },
  ],
  'development-dependencies': [{ from: 'npm ci --omit=dev', to: 'npm ci', at: 'npm ci --prefer' }],
  'no-healthcheck': [{ from: /^HEALTHCHECK.*\n/m, to: '', at: 'FROM node AS image' }],
  'no-stopsignal': [{ from: /^STOPSIGNAL.*\n/m, to: '', at: 'FROM node AS image' }],
  'no-labels': [{ from: 'org.opencontainers.image.revision', to: 'revision', at: 'FROM node AS image' }],
};

describe('rules for the Dockerfile', () => {
  it('are kept', () => {
    expect(dockerfile.lintDockerfile(image, ignore)).toEqual([]);
    expect(
      dockerfile.lintDockerfile(
        image.replace(':24.21.0-trixie-slim AS', `@sha256:${'a'.repeat(64)} AS`),
        ignore,
      ),
    ).toEqual([]);
  });

  it.each(dockerfile.rules.map(({ code }) => code))('catch %s', (code) => {
    expect(inImage[code]?.length).toBeGreaterThan(0);
    for (const change of inImage[code] ?? []) {
      const { text, line } = changed(image, change);
      expect(dockerfile.lintDockerfile(text, ignore)).toContainEqual(expect.objectContaining({ code, line }));
    }
  });

  it('refuse a .dockerignore that names what is left out', () => {
    expect(() => dockerfile.lintDockerfile(image, 'node_modules\ntest\n')).toThrow(/shut everything out/);
  });
});

const ci = read('.github/workflows/ci.yml');
const checkout = /actions\/checkout@\S+ # \S+/;

const inWorkflow: Record<string, Change[]> = {
  'action-unpinned': [
    { from: checkout, to: 'actions/checkout@v5' },
    { from: /(actions\/checkout@\S+) # \S+/, to: '$1', at: 'uses: actions/checkout' },
  ],
  'foreign-code-with-rights': [{ from: '  pull_request:', to: '  pull_request_target:' }],
  permissions: [
    { from: 'permissions:\n  contents: read\n\n', to: '', at: '# What must hold' },
    { from: 'permissions:\n  contents: read', to: 'permissions: write-all', at: '# What must hold' },
    { from: 'permissions:\n  contents: read', to: 'permissions:\n  contents: write', at: '# What must hold' },
  ],
  'long-lived-key': [{ from: '          cache: npm', to: '          aws-access-key-id: x' }],
  injection: [
    {
      from: 'run: .ci/run check',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression
      to: 'run: echo "${{ github.event.pull_request.title }}"',
      at: 'pull_request.title',
    },
  ],
  'kept-credentials': [
    { from: 'persist-credentials: false', to: 'fetch-depth: 1', at: 'uses: actions/checkout' },
  ],
  'no-timeout': [{ from: '    timeout-minutes: 15\n', to: '', at: '  check:' }],
  'no-concurrency': [{ from: /^concurrency:\n(.+\n)+/m, to: '', at: '# What must hold' }],
};

describe('rules for workflows', () => {
  it.each(['ci', 'deliver', 'deploy', 'release'])('are kept by %s', async (name) => {
    expect(await workflow.lintWorkflow(name, read(`.github/workflows/${name}.yml`))).toEqual([]);
  });

  it.each(workflow.rules.map(({ code }) => code))('catch %s', async (code) => {
    expect(inWorkflow[code]?.length).toBeGreaterThan(0);
    for (const change of inWorkflow[code] ?? []) {
      const { text, line } = changed(ci, change);
      expect(await workflow.lintWorkflow('ci', text)).toContainEqual(expect.objectContaining({ code, line }));
    }
  });

  it('catch what GitHub would refuse', async () => {
    const { text, line } = changed(ci, {
      from: '    runs-on: ubuntu-24.04',
      to: '    runs-in: ubuntu-24.04',
    });
    expect(await workflow.lintWorkflow('ci', text)).toContainEqual(
      expect.objectContaining({ code: 'invalid', line }),
    );
  });
});

it('holds the compose file to the schema of the Compose Specification', () => {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-compose-'));
  const path = join(directory, 'docker-compose.yml');
  const lint = (text: string): string[] => {
    writeFileSync(path, text);
    return lintCompose(path).map(({ code }) => code);
  };
  const compose = read('docker-compose.yml');
  try {
    expect(lint(compose)).toEqual([]);
    expect(lint(compose.replace('read_only: true', 'readonly: true'))).toContain('invalid-schema');
    expect(lint(compose.replace(/127\.0\.0\.1:\S+:5678$/m, '5678:5678'))).toContain(
      'no-unbound-port-interfaces',
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
