import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Documents that are trusted, by the SHA-256 of their text, in lower-case hexadecimal. */
export type Manifest = ReadonlyMap<string, string>;

/** More than these are no frontend's, and their plans would fill the memory (0.3 to 0.4 MB each). */
const mostDocuments = 2_000;

/**
 * Reads the file of trusted documents, as the client preset of GraphQL Code Generator writes it: a JSON object from hashes to texts.
 * @param problems gets a line for each mistake
 */
export function readManifest(path: string, problems: string[]): Manifest {
  const documents = new Map<string, string>();
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    problems.push(`it cannot be read: ${(error as Error).message}`);
    return documents;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push('it is no JSON object from hashes to documents');
    return documents;
  }
  const entries = Object.entries(content);
  if (entries.length > mostDocuments) {
    problems.push(`it holds ${entries.length} documents; at most ${mostDocuments} are taken`);
    return documents;
  }
  for (const [id, text] of entries) {
    if (typeof text !== 'string') problems.push(`${id}: the document is no text`);
    else if (hash('sha256', text) !== id.replace(/^sha256:/, '')) {
      problems.push(
        `${id}: this is not the SHA-256 of its document, in hexadecimal (persistedDocuments: { hashAlgorithm: 'sha256' })`,
      );
    } else documents.set(hash('sha256', text), text);
  }
  return documents;
}
