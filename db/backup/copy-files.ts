import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';

/** What a file was copied as. */
export interface Copied {
  bytes: number;
  sha256: string;
}

const most = 1 << 20;

/**
 * Copies a file that may change meanwhile, and says what it has copied. Readable by its owner alone.
 * @returns undefined when there is none
 */
export async function copyFile(from: string, to: string): Promise<Copied | undefined> {
  const found = await stat(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return undefined;
  const source = await open(from);
  const copy = await open(to, 'wx', 0o600);
  const hash = createHash('sha256');
  // One that grows is read on; most files of a database are small, and a buffer of a megabyte for each is more than the database.
  const chunk = Buffer.allocUnsafe(Math.min(Math.max(found.size, 8_192), most));
  try {
    for (let bytes = 0; ; ) {
      const { bytesRead } = await source.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      const part = chunk.subarray(0, bytesRead);
      hash.update(part);
      await copy.writeFile(part);
      bytes += bytesRead;
    }
  } finally {
    await source.close();
    await copy.close();
  }
}

/** Works on four at a time: what waits for the disk keeps no other waiting. */
export async function fourAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}
