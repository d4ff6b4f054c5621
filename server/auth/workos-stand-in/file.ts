import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import type { State, Tables } from './state.ts';

const tables: readonly (keyof Tables)[] = [
  'users',
  'organizations',
  'domains',
  'memberships',
  'invitations',
  'sessions',
  'refreshTokens',
  'connections',
  'directories',
  'directoryUsers',
  'directoryGroups',
  'auditSchemas',
  'auditEvents',
  'auditExports',
  'answers',
];

/** The state of a file, or a new one with a new signing key. */
export async function loadState(file: string | undefined): Promise<State> {
  const saved =
    file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  const rows = tables.map((name) => {
    const list = (saved[name] ?? []) as { id: string }[];
    return [name, new Map(list.map((row) => [row.id, row]))];
  });
  return {
    ...(Object.fromEntries(rows) as Tables),
    key: (saved.key as State['key']) ?? (await newKey()),
    events: (saved.events as State['events']) ?? [],
  };
}

async function newKey(): Promise<State['key']> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return exportJWK(privateKey);
}

export interface StateFile {
  /** The state has changed: it is written soon, many changes at once. */
  save(): void;
  /** Resolves when all that has changed is written. */
  flush(): Promise<void>;
}

/** Writes the state beside the file and then in its place, so that the file is always a whole one. */
export function openStateFile(
  file: string | undefined,
  state: State,
  report: (message: string, error: unknown) => void,
): StateFile {
  let dirty = false;
  let writing: Promise<void> | undefined;
  const write = async (path: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    while (dirty) {
      dirty = false;
      const temporary = `${path}.${process.pid}.tmp`;
      const handle = await open(temporary, 'w', 0o600);
      try {
        await handle.writeFile(serialize(state));
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    }
  };
  const start = (): void => {
    if (file === undefined || writing) return;
    writing = write(file).finally(() => {
      writing = undefined;
    });
    // Who waits in flush is told; nobody else could do anything about it.
    writing.catch((error: unknown) => report(`the state was not written to ${file}`, error));
  };
  return {
    save() {
      if (dirty) return;
      dirty = true;
      setImmediate(start);
    },
    async flush() {
      start();
      await writing;
    },
  };
}

function serialize(state: State): string {
  const rows = tables.map((name) => [name, [...state[name].values()]]);
  return JSON.stringify({ key: state.key, ...Object.fromEntries(rows), events: state.events });
}
