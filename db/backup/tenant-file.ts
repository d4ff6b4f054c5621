import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../runtime/failure.ts';

/*
 * The format of an export, described for its readers in docs/backup-and-restore.md: a directory with manifest.json, one file of lines for each table, and taken.json.
 * Nothing in it but taken.json says when or where it was made, so that the same rows give the same bytes.
 */

/** A restorable export holds everything; a portable one what the tenant's people may see, and no secrets. */
export type ExportKind = 'restorable' | 'portable';

export interface Manifest {
  format: 1;
  kind: ExportKind;
  tenant: { id: string; slug: string };
  /** The last migration of the database, and a digest of the columns of all that is exported. */
  migration: { filename: string; hash: string };
  shape: string;
  tables: TableEntry[];
}

export interface TableEntry {
  table: string;
  file: string;
  columns: { name: string; type: string }[];
  rows: number;
  bytes: number;
  sha256: string;
}

export interface TableWriter {
  line(text: string): Promise<void>;
  end(): Promise<Pick<TableEntry, 'rows' | 'bytes' | 'sha256'>>;
}

export interface ExportWriter {
  table(file: string): Promise<TableWriter>;
  /** Gives it its name, when all of it is on disk. */
  finish(manifest: Manifest, taken: object): Promise<void>;
  abandon(): Promise<void>;
}

/** Readable by its owner alone. Nothing is seen at `directory` before it is whole. @throws Failure export_exists */
export async function writeExport(directory: string): Promise<ExportWriter> {
  if (await stat(directory).catch(() => undefined))
    throw new Failure('export_exists', `${directory} is there already.`, 'Name a directory that is not.');
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = join(dirname(directory), `.${basename(directory)}.${process.pid}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const create = (name: string) => open(join(unfinished, name), 'wx', 0o600);
  const writeJson = async (name: string, value: object) => {
    const file = await create(name);
    await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
    await close(file);
  };
  return {
    table: async (name) => lineWriter(await create(name)),
    async finish(manifest, taken) {
      await writeJson('manifest.json', manifest);
      await writeJson('taken.json', taken);
      await rename(unfinished, directory);
    },
    abandon: () => rm(unfinished, { recursive: true, force: true }),
  };
}

async function close(file: FileHandle): Promise<void> {
  await file.sync();
  await file.close();
}

function lineWriter(file: FileHandle): TableWriter {
  const hash = createHash('sha256');
  let [rows, bytes, buffered] = [0, 0, 0];
  let lines: string[] = [];
  const flush = async () => {
    const chunk = Buffer.from(lines.join(''));
    [lines, buffered] = [[], 0];
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk);
  };
  return {
    async line(text) {
      lines.push(`${text}\n`);
      rows += 1;
      buffered += text.length;
      if (buffered > 1_000_000) await flush();
    },
    async end() {
      await flush();
      await close(file);
      return { rows, bytes, sha256: hash.digest('hex') };
    },
  };
}

/** The manifest, after every file was held against it. @throws Failure export_missing, export_format, export_damaged */
export async function readExport(directory: string): Promise<Manifest> {
  const manifest = await readManifest(directory);
  for (const { file, sha256, bytes } of manifest.tables) {
    const hash = createHash('sha256');
    let read = 0;
    try {
      for await (const chunk of createReadStream(join(directory, file))) {
        hash.update(chunk as Buffer);
        read += (chunk as Buffer).length;
      }
    } catch (error) {
      throw damaged(directory, `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    if (read !== bytes || hash.digest('hex') !== sha256)
      throw damaged(directory, `${file} was changed or cut`);
  }
  return manifest;
}

const damaged = (directory: string, what: string) =>
  new Failure('export_damaged', `The export ${directory} is damaged: ${what}.`, 'Use another copy of it.');

async function readManifest(directory: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(directory, 'manifest.json'), 'utf8');
  } catch (error) {
    throw new Failure(
      'export_missing',
      `There is no export at ${directory}: manifest.json cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Name the directory that npm run db export-tenant has written.',
    );
  }
  const manifest = parse(text);
  if (manifest?.format === 1) return manifest;
  throw new Failure(
    'export_format',
    `The export ${directory} is of a format that this version does not read.`,
    'Use the version of Freehold that wrote it.',
  );
}

function parse(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

/** The lines of a table, some megabytes at a time. By \n alone: node:readline ends lines at U+2028 as well, which stands in names. */
export async function* linesOf(directory: string, file: string): AsyncGenerator<string[]> {
  const input = createReadStream(join(directory, file), { highWaterMark: 1 << 20, encoding: 'utf8' });
  let lines: string[] = [];
  let size = 0;
  let rest = '';
  for await (const chunk of input as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    size += chunk.length;
    if (size < 4_000_000 && lines.length < 2_000) continue;
    yield lines;
    [lines, size] = [[], 0];
  }
  if (lines.length > 0) yield lines;
}
