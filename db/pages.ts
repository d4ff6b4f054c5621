import { existsSync, readFileSync } from 'node:fs';
import type { ClientBase } from 'pg';
import { lifecycleDiagrams, withDiagrams } from './diagrams.ts';
import { eventsPage } from './events-page.ts';

/** A page of docs/ that follows from the catalog, in whole or in part. */
interface GeneratedPage {
  /** Path within the repository. */
  path: string;
  url: URL;
  /** As it is; empty when it does not exist. */
  present: string;
  /** As it should be. */
  text: string;
}

/** What `npm run db dump` writes beside db/schema.sql, and the drift check compares. Any login that reads platform. */
export async function generatedPages(client: ClientBase): Promise<GeneratedPage[]> {
  const architecture = read('docs/architecture.md');
  return [
    { ...architecture, text: withDiagrams(architecture.present, await lifecycleDiagrams(client)) },
    { ...read('docs/events.md'), text: await eventsPage(client) },
  ];
}

function read(path: string) {
  const url = new URL(`../${path}`, import.meta.url);
  return { path, url, present: existsSync(url) ? readFileSync(url, 'utf8') : '' };
}
