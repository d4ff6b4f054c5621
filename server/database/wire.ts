/**
 * Frontend messages of the PostgreSQL protocol 3.0, written one after another into one buffer, so that a
 * request leaves in one write. pg sends a write per message, corked: five chunks and a writev, which was 15
 * to 21 % of the CPU of a request.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import pg from 'pg';

/** How pg maps a value that is neither text, number nor boolean (dates, buffers, arrays, objects). */
const prepareValue = (pg as unknown as { utils: { prepareValue(value: unknown): string | Buffer | null } })
  .utils.prepareValue;

// Shared by all connections: messages are written and copied out synchronously.
let buffer = Buffer.allocUnsafe(64 * 1024);
let offset = 0;

/** Forgets what was written and not taken, for instance because a value could not be serialised. */
export function begin(): void {
  offset = 0;
}

/** What was written since `begin`. */
export function take(): Buffer {
  const message = Buffer.allocUnsafe(offset);
  buffer.copy(message, 0, 0, offset);
  // One large value must not hold its memory for ever.
  if (buffer.length > 1024 * 1024) buffer = Buffer.allocUnsafe(64 * 1024);
  return message;
}

/** Parse: makes a prepared statement; the server infers the types of its parameters. */
export function writeParse(name: string, text: string): void {
  const start = open(0x50);
  writeZeroTerminated(name);
  writeZeroTerminated(text);
  writeInt16(0);
  close(start);
}

/** Bind of the unnamed portal, results as text. `values` as pg takes them. */
export function writeBind(statement: string, values: readonly unknown[]): void {
  const start = open(0x42);
  reserve(1);
  buffer[offset++] = 0;
  writeZeroTerminated(statement);
  const count = values.length;
  let binary = 0;
  writeInt16(count);
  const formats = offset;
  reserve(count * 2);
  buffer.fill(0, offset, offset + count * 2);
  offset += count * 2;
  writeInt16(count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value === 'string') {
      writeText(value);
      continue;
    }
    const mapped = value == null ? null : typeof value === 'object' ? prepareValue(value) : String(value);
    if (mapped === null) {
      writeInt32(-1);
    } else if (typeof mapped === 'string') {
      writeText(mapped);
    } else {
      binary++;
      buffer[formats + i * 2 + 1] = 1;
      writeInt32(mapped.length);
      writeRaw(mapped);
    }
  }
  writeInt16(0);
  close(start);
  if (binary > 0 && count > 0xffff) throw new RangeError('a statement takes at most 65535 parameters');
}

/** Bind of parameters that `encodeParameters` wrote before, followed by further texts. */
export function writeBindEncoded(
  statement: string,
  head: Buffer,
  headCount: number,
  tail: readonly string[],
): void {
  const start = open(0x42);
  reserve(1);
  buffer[offset++] = 0;
  writeZeroTerminated(statement);
  writeInt16(0);
  writeInt16(headCount + tail.length);
  writeRaw(head);
  for (const text of tail) writeText(text);
  writeInt16(0);
  close(start);
}

/**
 * The parameters of a Bind, encoded once to be sent many times. Does not disturb a message that is being
 * written.
 */
export function encodeParameters(texts: readonly string[]): Buffer {
  const start = offset;
  for (const text of texts) writeText(text);
  const bytes = Buffer.from(buffer.subarray(start, offset));
  offset = start;
  return bytes;
}

const describePortal = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);
const executeAll = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const sync = Buffer.from([0x53, 0, 0, 0, 4]);

/** Describe of the unnamed portal: the server answers with the columns. */
export function writeDescribe(): void {
  writeRaw(describePortal);
}

/** Execute of the unnamed portal, all rows. */
export function writeExecute(): void {
  writeRaw(executeAll);
}

/** Sync: ends the implicit transaction; the server answers ReadyForQuery. */
export function writeSync(): void {
  writeRaw(sync);
}

/** Close of a prepared statement. One that does not exist is not an error. */
export function writeClose(name: string): void {
  const start = open(0x43);
  reserve(1);
  buffer[offset++] = 0x53;
  writeZeroTerminated(name);
  close(start);
}

function open(code: number): number {
  reserve(5);
  buffer[offset++] = code;
  offset += 4;
  return offset - 4;
}

function close(start: number): void {
  buffer.writeInt32BE(offset - start, start);
}

function writeRaw(bytes: Buffer): void {
  reserve(bytes.length);
  bytes.copy(buffer, offset);
  offset += bytes.length;
}

function writeText(text: string): void {
  // A UTF-16 unit is at most three bytes of UTF-8: reserving those saves measuring the text first.
  reserve(4 + text.length * 3);
  const length = buffer.write(text, offset + 4);
  buffer.writeInt32BE(length, offset);
  offset += 4 + length;
}

function writeZeroTerminated(text: string): void {
  reserve(text.length * 3 + 1);
  offset += buffer.write(text, offset);
  buffer[offset++] = 0;
}

function writeInt16(value: number): void {
  reserve(2);
  buffer[offset++] = value >>> 8;
  buffer[offset++] = value & 0xff;
}

function writeInt32(value: number): void {
  reserve(4);
  offset = buffer.writeInt32BE(value, offset);
}

function reserve(bytes: number): void {
  if (offset + bytes <= buffer.length) return;
  const larger = Buffer.allocUnsafe((buffer.length + bytes) * 2);
  buffer.copy(larger, 0, 0, offset);
  buffer = larger;
}
