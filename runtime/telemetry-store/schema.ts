import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Of the tables below. A file of another version is begun anew: it holds days, and no one's data. */
const version = 1;

/*
 * `batch` is one request of OTLP: what is kept goes by whole batches, the oldest first, by when they came, so that no sender's clock decides
 * about it. Ids are the hexadecimal text that people paste.
 */
const tables = `
create table batch (
  id integer primary key autoincrement,
  received_ms integer not null,
  digest blob not null unique
) strict;

create table span (
  batch integer not null,
  trace_id text not null,
  span_id text not null,
  parent_span_id text,
  name text not null,
  kind integer not null,
  service text not null,
  scope text not null,
  start_ns integer not null,
  end_ns integer not null,
  status integer not null,
  status_message text not null,
  attributes text not null,
  links text not null,
  events text not null
) strict;
create unique index span_of_trace on span (trace_id, span_id);
create index span_of_batch on span (batch);

create table span_link (
  batch integer not null,
  linked_trace_id text not null,
  trace_id text not null
) strict;
create index span_link_to on span_link (linked_trace_id);
create index span_link_of_batch on span_link (batch);

create table line (
  batch integer not null,
  time_ns integer not null,
  service text not null,
  severity text not null,
  body text not null,
  trace_id text,
  span_id text,
  event text,
  request_id text,
  tenant_id text,
  duration_ms real,
  attributes text not null
) strict;
create index line_of_trace on line (trace_id) where trace_id is not null;
create index line_of_request on line (request_id) where request_id is not null;
create index call_of_tenant on line (tenant_id, time_ns) where event is not null;
create index call_by_time on line (time_ns) where event is not null;
create index line_of_batch on line (batch);

pragma user_version = ${version};
`;

/** Opens the file for writing, or begins it. One that SQLite cannot read is put aside, for a look at it: telemetry is no reason not to start. */
export function openOrBegin(file: string, warn: (line: string) => void): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  try {
    return open(file, warn);
  } catch (error) {
    const { errcode = 0 } = error as { errcode?: number };
    // SQLITE_CORRUPT and SQLITE_NOTADB
    if (errcode !== 11 && errcode !== 26) throw error;
    const aside = `${file}.unreadable`;
    renameSync(file, aside);
    removeCompanions(file);
    warn(`${file} could not be read; it is now ${aside}, and a new one was begun`);
    return open(file, warn);
  }
}

function open(file: string, warn: (line: string) => void): DatabaseSync {
  // It tells who did what: for its owner alone, as SQLite's other two files are then.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    // Takes effect before the first table alone: pages that retention frees can be given back.
    database.exec('pragma auto_vacuum = incremental');
    database.exec('pragma journal_mode = wal');
    // Nothing is lost when a process ends, whatever way; a power cut may take the last second, and telemetry is worth no fsync a batch.
    database.exec('pragma synchronous = normal');
    database.exec('pragma journal_size_limit = 16777216');
    database.exec('begin immediate');
    const found = versionOf(database);
    if (found === 0) database.exec(tables);
    database.exec('commit');
    if (found === 0 || found === version) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  rmSync(file);
  removeCompanions(file);
  warn(`${file} was kept by another version of Freehold: it was begun anew`);
  return open(file, warn);
}

/** For reading alone. @returns undefined when there is none, or none of this version */
export function openToRead(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  if (versionOf(database) === version) return database;
  database.close();
  return undefined;
}

function versionOf(database: DatabaseSync): number {
  return (database.prepare('pragma user_version').get() as { user_version: number }).user_version;
}

function removeCompanions(file: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
}
